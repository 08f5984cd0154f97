//! Dates and times: days and seconds since 1970 in, the texts of the file formats out.

use serde::{Serialize, Serializer};
use std::fmt;

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;
/// The first moment of the generated history: 2019-01-01T00:00:00Z.
pub(crate) const BEGIN: i64 = 1_546_300_800;
/// The end of the generated history: 2026-01-01T00:00:00Z.
pub(crate) const END: i64 = 1_767_225_600;

/// A moment: whole seconds since 1970-01-01T00:00:00Z. Displayed and serialised as RFC 3339 text.
///
/// # Example
/// ```
/// assert_eq!(stitchline_generate::Stamp(1_546_300_800).to_string(), "2019-01-01T00:00:00Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub i64);

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = Date::from_days(self.0.div_euclid(DAY));
        let s = self.0.rem_euclid(DAY);
        write!(f, "{date}T{:02}:{:02}:{:02}Z", s / 3600, s / 60 % 60, s % 60)
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A calendar date. Displayed as `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// The year.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Date {
    /// The date so many days after 1970-01-01 (Howard Hinnant's `civil_from_days`).
    pub(crate) fn from_days(days: i64) -> Self {
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i64::from(month <= 2);
        Self { year: year as i32, month: month as u8, day: (doy - (153 * mp + 2) / 5 + 1) as u8 }
    }

    /// The date as tills of this country print it.
    pub(crate) fn local(self, country: crate::Country) -> String {
        let Date { year, month, day } = self;
        match country {
            crate::Country::Us => format!("{month:02}/{day:02}/{year:04}"),
            crate::Country::De => format!("{day:02}.{month:02}.{year:04}"),
            _ => format!("{day:02}/{month:02}/{year:04}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        assert_eq!(Date::from_days(0).to_string(), "1970-01-01");
        assert_eq!(Date::from_days(-1).to_string(), "1969-12-31");
        assert_eq!(Date::from_days(11_016).to_string(), "2000-02-29");
        assert_eq!(Stamp(BEGIN).to_string(), "2019-01-01T00:00:00Z");
        assert_eq!(Stamp(END - 1).to_string(), "2025-12-31T23:59:59Z");
    }

    #[test]
    fn tills_print_local_dates() {
        let d = Date { year: 1985, month: 3, day: 9 };
        assert_eq!(d.local(crate::Country::Us), "03/09/1985");
        assert_eq!(d.local(crate::Country::De), "09.03.1985");
        assert_eq!(d.local(crate::Country::Gb), "09/03/1985");
    }
}
