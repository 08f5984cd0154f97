//! What the dates of a column have in common: which of day and month stands first, and the century of short years.

use super::{Reading, read};

/// How the ambiguous dates of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Style {
    /// Month before day (`12/31/1980`).
    pub month_first: bool,
    /// The latest year that a year of two digits can mean; the earliest is 99 years before.
    pub latest: u16,
}

impl Default for Style {
    /// Day before month, short years up to 2029.
    fn default() -> Self {
        Style { month_first: false, latest: 2029 }
    }
}

impl Style {
    /// The year that two digits mean.
    pub fn century(self, short: u8) -> u16 {
        let (latest, short) = (self.latest.clamp(100, 9999), u16::from(short) % 100);
        let year = latest / 100 * 100 + short;
        if year > latest { year - 100 } else { year }
    }
}

/// Counts what a column's dates show, value by value; the order of values does not count.
///
/// ```
/// use stitchline::normalize::date::{Survey, read};
///
/// let mut survey = Survey::default();
/// for raw in ["12/31/1980", "02/03/1985", "11/25/1999"] {
///     survey.add(raw);
/// }
/// let style = survey.style();
/// assert!(style.month_first);
/// assert_eq!(read("02/03/1985").unwrap().day(style).unwrap().to_string(), "1985-02-03");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Survey {
    day_first: u64,
    month_first: u64,
    ambiguous: u64,
    dates: u64,
    other: u64,
    latest: u16,
}

impl Survey {
    /// Looks at one value. Empty text counts for nothing.
    pub fn add(&mut self, raw: &str) {
        if raw.trim().is_empty() {
            return;
        }
        let Some(reading) = read(raw) else {
            self.other += 1;
            return;
        };
        self.dates += 1;
        match reading {
            Reading::Day(day) => {
                if !day.is_placeholder() {
                    self.latest = self.latest.max(day.year());
                }
                match order(raw) {
                    Some(true) => self.month_first += 1,
                    Some(false) => self.day_first += 1,
                    None => {}
                }
            }
            Reading::Either { day_first, .. } => {
                self.ambiguous += 1;
                self.latest = self.latest.max(day_first.year());
            }
            Reading::Short { day_first, month_first, .. } => match order(raw) {
                _ if day_first != month_first => self.ambiguous += 1,
                Some(true) => self.month_first += 1,
                Some(false) => self.day_first += 1,
                None => {}
            },
            Reading::Month { .. } | Reading::Year(_) => {}
        }
    }

    /// Adds what another survey saw, of another part of the column.
    pub fn merge(&mut self, other: &Survey) {
        self.day_first += other.day_first;
        self.month_first += other.month_first;
        self.ambiguous += other.ambiguous;
        self.dates += other.dates;
        self.other += other.other;
        self.latest = self.latest.max(other.latest);
    }

    /// The column's style: the order that more of the values show that have only one; day first where none has. Short
    /// years reach up to the latest year written in full, and to 2029 where there is none.
    pub fn style(&self) -> Style {
        let latest = if (1950..2200).contains(&self.latest) { self.latest } else { Style::default().latest };
        Style { month_first: self.month_first > self.day_first, latest }
    }

    /// Whether more than one date in twenty is written with day and month as figures before the year, so that their order counts.
    pub(crate) fn is_of_orders(&self) -> bool {
        (self.day_first + self.month_first + self.ambiguous) * 20 > self.dates
    }

    /// Values that could be read as dates, and values that could not.
    pub fn counts(&self) -> (u64, u64) {
        (self.dates, self.other)
    }

    /// Values whose day and month the style had to decide.
    pub fn ambiguous(&self) -> u64 {
        self.ambiguous
    }

    /// Whether values contradict each other about which of day and month stands first.
    pub fn is_mixed(&self) -> bool {
        self.day_first.min(self.month_first) > 0
    }
}

/// Whether a date that can be read in one way only shows the month first (true) or the day first; none where it does
/// not show an order, as with a month's name or the year in front.
fn order(raw: &str) -> Option<bool> {
    let mut numbers = raw.trim().split(|c: char| !c.is_ascii_digit());
    let (first, second) = (numbers.next()?, numbers.next()?);
    let number = |text: &str| (1..=2).contains(&text.len()).then(|| text.parse::<u8>().ok()).flatten();
    match (number(first)?, number(second)?) {
        (13.., 1..=12) => Some(false),
        (1..=12, 13..) => Some(true),
        _ => None,
    }
}
