//! A point in time as microseconds, read and written as RFC 3339.

use crate::error::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// A point in time: microseconds since 1970-01-01T00:00:00Z, between the years 1 and 9999.
///
/// ```
/// use stitchline::Timestamp;
///
/// let at: Timestamp = "2026-03-01T10:02:00Z".parse()?;
/// assert_eq!(at.to_string(), "2026-03-01T10:02:00Z");
/// assert_eq!(at, "2026-03-01T12:02:00+02:00".parse()?);
/// assert!("9999999-01-01T00:00:00Z".parse::<Timestamp>().is_err());
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Timestamp = Timestamp(-62_135_596_800_000_000);
    /// 1970-01-01T00:00:00Z: when records count as observed that do not say when. So every dated version of such a
    /// record replaces it, and profiles show no time for it.
    pub const UNDATED: Timestamp = Timestamp(0);
    /// 9999-12-30T22:00:00Z, the latest that every offset can show. What is read of the last hours of that year, which
    /// sources write for "for ever", counts as this.
    pub const MAX: Timestamp = Timestamp(253_402_207_200_000_000);

    /// From microseconds since 1970, or an error outside [`MIN`](Self::MIN)..=[`MAX`](Self::MAX).
    pub fn from_micros(micros: i64) -> Result<Self> {
        let at = Timestamp(micros);
        if (Self::MIN..=Self::MAX).contains(&at) {
            Ok(at)
        } else {
            Err(Error::invalid("time is outside the years 1 to 9999"))
        }
    }

    /// From milliseconds since 1970.
    pub fn from_millis(millis: i64) -> Result<Self> {
        millis
            .checked_mul(1000)
            .ok_or_else(|| Error::invalid("time is outside the years 1 to 9999"))
            .and_then(Self::from_micros)
    }

    /// The present, by the system's clock.
    pub fn now() -> Self {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// This time, unless it is [`UNDATED`](Self::UNDATED).
    pub fn dated(self) -> Option<Timestamp> {
        (self != Self::UNDATED).then_some(self)
    }

    /// This time moved by so many microseconds, held within the range.
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Self {
        Timestamp(self.0.saturating_add(micros)).clamp(Self::MIN, Self::MAX)
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    /// RFC 3339; a space for the `T` is taken, a missing offset means UTC, and a date alone its midnight.
    fn from_str(text: &str) -> Result<Self> {
        if let Some(at) = parse_common(text.as_bytes()) {
            return Ok(at);
        }
        let fault =
            || Error::invalid("not a time of the form 2026-03-01T10:02:00Z, within the years 1 to 9999");
        if text.len() > 64 {
            return Err(fault());
        }
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Self::from_micros(at.as_microsecond());
        }
        let civil: jiff::civil::DateTime = text.parse().map_err(|_| fault())?;
        if civil >= jiff::civil::datetime(9999, 12, 30, 22, 0, 0, 0) {
            return Ok(Self::MAX);
        }
        let at = civil.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| fault())?;
        Self::from_micros(at.timestamp().as_microsecond())
    }
}

/// The form nearly all sources send, `YYYY-MM-DDThh:mm:ss[.fraction]Z`, without the general parser.
fn parse_common(text: &[u8]) -> Option<Timestamp> {
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        text.get(range)?
            .iter()
            .try_fold(0i64, |sum, &b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
    };
    let sign = |at: usize, byte: u8| (text.get(at) == Some(&byte)).then_some(());
    sign(4, b'-')?;
    sign(7, b'-')?;
    sign(10, b'T')?;
    sign(13, b':')?;
    sign(16, b':')?;
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let mut micros = 0;
    let mut end = 19;
    if text.get(19) == Some(&b'.') {
        let digits = text[20..].iter().take_while(|b| b.is_ascii_digit()).count();
        if !(1..=6).contains(&digits) {
            return None;
        }
        end = 20 + digits;
        micros = number(20..end)? * 10i64.pow(6 - digits as u32);
    }
    sign(end, b'Z')?;
    let days = i64::from(days_in_month(year, month));
    if text.len() != end + 1 || day < 1 || day > days || hour > 23 || minute > 59 || second > 59 || year < 1 {
        return None;
    }
    // Days from a civil date: H. Hinnant, "chrono-compatible low-level date algorithms".
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let date = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let micros = ((date * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + micros;
    Timestamp::from_micros(micros.min(Timestamp::MAX.0)).ok()
}

/// The days of a month of the Gregorian calendar; 0 where there is no such month.
pub(crate) fn days_in_month(year: i64, month: i64) -> u8 {
    match month {
        2 => 28 + u8::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(at) => at.fmt(f),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return Timestamp::from_micros(i64::deserialize(deserializer)?).map_err(de::Error::custom);
        }
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 time")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_forms_that_sources_send() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().micros();
        assert_eq!(at("1970-01-01T00:00:00Z"), 0);
        assert_eq!(at("1970-01-01T00:00:00.5Z"), 500_000);
        assert_eq!(at("1970-01-01 00:00:01Z"), 1_000_000);
        assert_eq!(at("1970-01-01T01:00:00+01:00"), 0);
        assert_eq!(at("1970-01-02"), 86_400_000_000);
        assert_eq!(at("2024-02-29T23:59:59Z"), 1_709_251_199_000_000);
        for last in ["9999-12-31", "9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59"] {
            assert_eq!(at(last), Timestamp::MAX.micros(), "{last}");
        }
        assert_eq!(at("9999-12-30"), Timestamp::MAX.micros() - 22 * 3_600_000_000);
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "now",
            "2023-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "9999999-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
        assert!(Timestamp::from_millis(i64::MAX).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(micros in Timestamp::MIN.0..=Timestamp::MAX.0) {
            let at = Timestamp(micros);
            prop_assert_eq!(at.to_string().parse::<Timestamp>().unwrap(), at);
        }

        #[test]
        fn the_fast_form_equals_the_general_parser(text in "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?Z") {
            let fast = parse_common(text.as_bytes());
            let general = text.parse::<jiff::Timestamp>().ok().map(|t| Timestamp(t.as_microsecond()));
            prop_assert_eq!(fast, general);
        }
    }
}
