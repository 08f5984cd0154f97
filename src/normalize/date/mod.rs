//! Dates in any common format: [`read`] says what a text can mean, [`Survey`] what a whole column means.
//!
//! Where day and month cannot be told apart, both readings are kept until the column has been asked.

mod months;
mod read;
mod survey;

use crate::record::days_in_month;
use std::fmt;

pub use read::read;
pub use survey::{Style, Survey};

/// A day of the Gregorian calendar, in the years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// None where there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let days = days_in_month(i64::from(year), i64::from(month));
        ((1..=9999).contains(&year) && (1..=days).contains(&day)).then_some(Day { year, month, day })
    }

    /// The year, 1 to 9999.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u8 {
        self.day
    }

    /// `19801231`: as a number, in the order of time.
    pub fn number(self) -> u32 {
        u32::from(self.year) * 10_000 + u32::from(self.month) * 100 + u32::from(self.day)
    }

    /// Whether sources write this day where they know none: 1 January of 1, 1753, 1800, 1899, 1900, 1901 or 1970, the
    /// last days of 1899, and any day of 9999.
    pub fn is_placeholder(self) -> bool {
        let first = (self.month, self.day) == (1, 1);
        (first && matches!(self.year, 1 | 1753 | 1800 | 1899 | 1900 | 1901 | 1970))
            || matches!((self.year, self.month, self.day), (1899, 12, 30..=31) | (9999, _, _))
    }
}

/// `1980-12-31`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// What a text can mean as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// One day, whatever the column's order.
    Day(Day),
    /// Day and month could be either way round. The two differ.
    Either {
        /// Read as day, month, year.
        day_first: Day,
        /// Read as month, day, year.
        month_first: Day,
    },
    /// A year of two digits. Day and month may be either way round as well.
    Short {
        /// The year within its century, 0 to 99.
        year: u8,
        /// Month and day, read as day first (or the only way there is).
        day_first: (u8, u8),
        /// Month and day, read as month first (or the only way there is).
        month_first: (u8, u8),
    },
    /// A month without a day: `1980-12`, `Dec 1980`.
    Month {
        /// The year, 1 to 9999.
        year: u16,
        /// The month, 1 to 12.
        month: u8,
    },
    /// A year alone, 1000 to 2999.
    Year(u16),
}

impl Reading {
    /// The day in a style; none for a month or a year alone, or where the style's century has no such day.
    pub fn day(self, style: Style) -> Option<Day> {
        match self {
            Reading::Day(day) => Some(day),
            Reading::Either { day_first, month_first } => {
                Some(if style.month_first { month_first } else { day_first })
            }
            Reading::Short { year, day_first, month_first } => {
                let (month, day) = if style.month_first { month_first } else { day_first };
                Day::new(style.century(year), month, day)
            }
            Reading::Month { .. } | Reading::Year(_) => None,
        }
    }

    /// The other day that an ambiguous text may mean; none where it is not ambiguous.
    pub fn other(self, style: Style) -> Option<Day> {
        let day = self.day(style)?;
        let turned = self.day(Style { month_first: !style.month_first, ..style })?;
        (turned != day).then_some(turned)
    }

    /// The year that is certain under a style.
    pub fn year(self, style: Style) -> u16 {
        match self {
            Reading::Day(day) | Reading::Either { day_first: day, .. } => day.year,
            Reading::Short { year, .. } => style.century(year),
            Reading::Month { year, .. } | Reading::Year(year) => year,
        }
    }
}

#[cfg(test)]
mod tests;
