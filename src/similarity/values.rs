//! Comparators of values that are not text: numbers, calendar dates and places on the earth.

use std::fmt;

use super::score::Similarity;
use crate::record::days_in_month;

/// A number, date or place that cannot be compared; the message says what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidValue {
    /// A number is NaN or infinite.
    NotFinite,
    /// A tolerance is not above 0.
    Tolerance,
    /// There is no such day.
    Date,
    /// A latitude is outside -90 to 90 or a longitude outside -180 to 180 degrees.
    Place,
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFinite => "the number is not finite",
            Self::Tolerance => "the tolerance must be above 0",
            Self::Date => "there is no such day in the calendar",
            Self::Place => "a latitude is -90 to 90 and a longitude -180 to 180 degrees",
        })
    }
}

impl std::error::Error for InvalidValue {}

/// 1 where two numbers are equal, falling evenly to 0 where they are `tolerance` apart. O(1).
///
/// # Errors
/// Where a number is not finite or the tolerance is not above 0.
///
/// # Example
/// ```
/// use stitchline::similarity::numeric_similarity;
///
/// assert_eq!(numeric_similarity(100.0, 105.0, 10.0).unwrap().get(), 0.5);
/// assert!(numeric_similarity(f64::NAN, 1.0, 1.0).is_err());
/// ```
pub fn numeric_similarity(a: f64, b: f64, tolerance: f64) -> Result<Similarity, InvalidValue> {
    if !a.is_finite() || !b.is_finite() {
        return Err(InvalidValue::NotFinite);
    }
    if tolerance.is_nan() || tolerance <= 0.0 {
        return Err(InvalidValue::Tolerance);
    }
    // The difference of finite numbers may be infinite, and so may the tolerance; their ratio is then no number.
    let share = (a - b).abs() / tolerance;
    let share = if share.is_nan() { 0.0 } else { share };
    Ok(Similarity::of((1.0 - share).clamp(0.0, 1.0)))
}

/// A day of the Gregorian calendar.
///
/// # Example
/// ```
/// use stitchline::similarity::{CalendarDate, DateAgreement};
///
/// let date = |year, month, day| CalendarDate::new(year, month, day).unwrap();
/// assert_eq!(date(1984, 2, 3).agreement(date(1984, 3, 2)), DateAgreement::DayAndMonthSwapped);
/// assert_eq!(date(1984, 2, 3).agreement(date(1984, 2, 8)), DateAgreement::OneDigit);
/// assert_eq!(date(1984, 5, 12).agreement(date(1984, 5, 21)), DateAgreement::TwoDigitsSwapped);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarDate {
    year: u16,
    month: u8,
    day: u8,
}

/// How two dates agree, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DateAgreement {
    /// The same day.
    Same,
    /// The same but for day and month in each other's place.
    DayAndMonthSwapped,
    /// One digit of the eight of year, month and day differs.
    OneDigit,
    /// Two neighbouring digits are in each other's place.
    TwoDigitsSwapped,
    /// None of these; how many days lie between.
    Days(u32),
}

impl CalendarDate {
    /// A day; years 1 to 9999.
    ///
    /// # Errors
    /// Where there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, InvalidValue> {
        let days = days_in_month(i64::from(year), i64::from(month));
        if (1..=9999).contains(&year) && (1..=days).contains(&day) {
            Ok(Self { year, month, day })
        } else {
            Err(InvalidValue::Date)
        }
    }

    /// Days since 1 March of the year 0, as a number to subtract from another date's.
    #[must_use]
    pub fn day_number(self) -> u32 {
        self.days()
    }

    /// Counting years from March puts the leap day last.
    fn days(self) -> u32 {
        let (month, year) = (u32::from(self.month), u32::from(self.year));
        let (month, year) = if month > 2 { (month - 3, year) } else { (month + 9, year - 1) };
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + u32::from(self.day) - 1
    }

    /// Whether the year is the same and day and month are in each other's place.
    #[must_use]
    #[inline]
    pub fn is_swapped(self, other: Self) -> bool {
        self != other && (self.year, self.month, self.day) == (other.year, other.day, other.month)
    }

    /// Days between two dates, whichever comes first.
    #[must_use]
    pub fn days_between(self, other: Self) -> u32 {
        self.days().abs_diff(other.days())
    }

    fn digits(self) -> [u8; 8] {
        let digit = |number: u16, unit: u16| (number / unit % 10) as u8;
        let (y, m, d) = (self.year, u16::from(self.month), u16::from(self.day));
        [
            digit(y, 1000),
            digit(y, 100),
            digit(y, 10),
            digit(y, 1),
            m as u8 / 10,
            m as u8 % 10,
            d as u8 / 10,
            d as u8 % 10,
        ]
    }

    /// How two dates agree. O(1).
    #[must_use]
    pub fn agreement(self, other: Self) -> DateAgreement {
        if self == other {
            return DateAgreement::Same;
        }
        if (self.year, self.month, self.day) == (other.year, other.day, other.month) {
            return DateAgreement::DayAndMonthSwapped;
        }
        let (a, b) = (self.digits(), other.digits());
        let differing: Vec<usize> = (0..8).filter(|i| a[*i] != b[*i]).collect();
        match differing[..] {
            [_] => DateAgreement::OneDigit,
            [i, j] if j == i + 1 && a[i] == b[j] && a[j] == b[i] => DateAgreement::TwoDigitsSwapped,
            _ => DateAgreement::Days(self.days_between(other)),
        }
    }

    /// 1 for the same day, .9 for day and month swapped, .8 for a typing error, else falling evenly to 0 where the
    /// dates are `tolerance` days apart, whichever of these is most. O(1).
    ///
    /// # Example
    /// ```
    /// use stitchline::similarity::CalendarDate;
    ///
    /// let (a, b) = (CalendarDate::new(1999, 12, 31).unwrap(), CalendarDate::new(2000, 1, 2).unwrap());
    /// assert_eq!(a.similarity(b, 4).get(), 0.5);
    /// assert_eq!(a.similarity(b, 0).get(), 0.0);
    /// ```
    #[must_use]
    pub fn similarity(self, other: Self, tolerance: u32) -> Similarity {
        let near = 1.0 - f64::from(self.days_between(other)) / f64::from(tolerance.max(1));
        let alike: f64 = match self.agreement(other) {
            DateAgreement::Same => 1.0,
            DateAgreement::DayAndMonthSwapped => 0.9,
            DateAgreement::OneDigit | DateAgreement::TwoDigitsSwapped => 0.8,
            DateAgreement::Days(_) => 0.0,
        };
        Similarity::of(alike.max(near))
    }
}

/// A place on the earth, in degrees.
///
/// # Example
/// ```
/// use stitchline::similarity::Place;
///
/// let (london, paris) = (Place::new(51.5074, -0.1278).unwrap(), Place::new(48.8566, 2.3522).unwrap());
/// assert_eq!(london.kilometres_to(paris).round(), 344.0);
/// assert!(Place::new(91.0, 0.0).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    latitude: f64,
    longitude: f64,
}

/// The earth's mean radius, in kilometres.
const RADIUS: f64 = 6371.0088;

impl Place {
    /// A place by latitude (-90 to 90) and longitude (-180 to 180).
    ///
    /// # Errors
    /// Where either is outside its range or no number.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, InvalidValue> {
        if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) {
            Ok(Self { latitude, longitude })
        } else {
            Err(InvalidValue::Place)
        }
    }

    /// Kilometres along a great circle of a sphere of the earth's mean radius; off by up to half a percent.
    /// O(1). Source: the haversine formula, Sinnott 1984.
    #[must_use]
    pub fn kilometres_to(self, other: Self) -> f64 {
        let (a, b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half = |from: f64, to: f64| ((to - from) / 2.0).sin().powi(2);
        let across = half(self.longitude.to_radians(), other.longitude.to_radians());
        let chord = half(a, b) + a.cos() * b.cos() * across;
        2.0 * RADIUS * chord.clamp(0.0, 1.0).sqrt().asin()
    }
}
