//! One text to what it can mean as a date.

use super::{Day, Reading, months};
use crate::normalize::fold;
use smallvec::SmallVec;

/// A number or a month's name.
#[derive(Debug, Clone, Copy)]
enum Part {
    Number { value: u32, digits: u8 },
    Month(u8),
}

/// Longest text that is looked at, in bytes.
const MOST_BYTES: usize = 64;

/// What a text can mean as a date; none where it is no date. O(1).
///
/// Takes ISO 8601 (`1980-12-31`, also with a time behind it), compact (`19801231`, `31121980`), separated by `/ . -`
/// or spaces in the orders year-month-day, day-month-year and month-day-year, with names of months in English,
/// German, French, Spanish, Italian, Portuguese, Dutch, Polish and the Scandinavian languages (whole or cut, `31st of
/// December 1980`, `Dec 31, 1980`), years of two digits, a month (`1980-12`) and a year (`1980`) alone. Behind a year
/// the month comes first, unless only the other order is a day.
///
/// ```
/// use stitchline::normalize::date::{Reading, Style, read};
///
/// let style = Style::default();
/// let iso = |raw: &str| read(raw).and_then(|reading| reading.day(style)).map(|day| day.to_string());
/// for raw in ["1980-12-31T10:00:00Z", "19801231", "31/12/1980", "12/31/1980", "31. Dezember 1980", "Dec 31st, 1980"] {
///     assert_eq!(iso(raw).as_deref(), Some("1980-12-31"));
/// }
/// assert!(matches!(read("12/11/1978"), Some(Reading::Either { .. })));
/// assert_eq!(read("1980-02-30"), None);
/// ```
pub fn read(raw: &str) -> Option<Reading> {
    let text = raw.trim();
    if text.is_empty() || text.len() > MOST_BYTES {
        return None;
    }
    let parts = parts(text)?;
    match parts[..] {
        [Part::Number { value, digits: 8 }] => compact(value),
        [Part::Number { value, digits: 4 }] => {
            (1000..3000).contains(&value).then_some(Reading::Year(value as u16))
        }
        [Part::Number { value: year, digits: 4 }, Part::Number { value: month, .. }]
        | [Part::Number { value: month, .. }, Part::Number { value: year, digits: 4 }] => {
            month_of(year, u8::try_from(month).ok()?)
        }
        [Part::Month(month), Part::Number { value: year, digits: 4 }]
        | [Part::Number { value: year, digits: 4 }, Part::Month(month)] => month_of(year, month),
        [a, b, c] => three(a, b, c),
        _ => None,
    }
}

fn month_of(year: u32, month: u8) -> Option<Reading> {
    let year = u16::try_from(year).ok()?;
    Day::new(year, month, 1).map(|_| Reading::Month { year, month })
}

/// Numbers and names of months, up to where a time begins; none where there is any other word.
fn parts(text: &str) -> Option<SmallVec<[Part; 4]>> {
    let mut parts = SmallVec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let b = bytes[at];
        let begin = at;
        if b.is_ascii_digit() {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            if bytes.get(at) == Some(&b':') {
                return Some(parts);
            }
            let digits = u8::try_from(at - begin).ok().filter(|digits| *digits <= 8)?;
            parts.push(Part::Number { value: text[begin..at].parse().ok()?, digits });
        } else if b.is_ascii_alphabetic() || b >= 128 {
            let rest = &text[at..];
            let len = rest.find(|c: char| !c.is_alphabetic() && !is_mark(c)).unwrap_or(rest.len());
            if len == 0 {
                return None;
            }
            at += len;
            let written = &text[begin..at];
            if written.eq_ignore_ascii_case("t") && parts.len() >= 3 {
                return Some(parts);
            }
            let word = fold::tight(written);
            if let Some(month) = months::month(&word) {
                parts.push(Part::Month(month));
            } else if !is_filler(&word) {
                return None;
            }
        } else if matches!(b, b'-' | b'/' | b'.' | b',' | b' ' | b'_' | b'\\' | b'\'' | b'\t') {
            at += 1;
        } else {
            return None;
        }
        if parts.len() == 3 && bytes.get(at).is_some_and(|b| matches!(b, b'T' | b' ' | b't')) {
            // A time may follow; nothing else may.
            let rest = text[at..].trim_start_matches(['T', 't', ' ', ',']);
            let time = rest.bytes().all(|b| b.is_ascii_digit() || b":.+-ZzAaPpMm UTCutc".contains(&b));
            return (rest.is_empty() || (time && rest.contains(':'))).then_some(parts);
        }
    }
    Some(parts)
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Words between the parts of a date, and days of the week.
fn is_filler(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "am",
        "de",
        "den",
        "der",
        "del",
        "di",
        "du",
        "le",
        "nd",
        "o",
        "of",
        "rd",
        "st",
        "th",
        "the",
        "er",
        "em",
        "dnia",
        "r",
        "mon",
        "monday",
        "tue",
        "tues",
        "tuesday",
        "wed",
        "wednesday",
        "thu",
        "thur",
        "thurs",
        "thursday",
        "fri",
        "friday",
        "sat",
        "saturday",
        "sun",
        "sunday",
    ];
    WORDS.contains(&word)
}

/// Eight digits: year first where that is a day of 1000 to 2999, else day or month first.
fn compact(value: u32) -> Option<Reading> {
    let (year, month, day) = (value / 10_000, value / 100 % 100, value % 100);
    if (1000..3000).contains(&year)
        && let Some(day) = Day::new(year as u16, month as u8, day as u8)
    {
        return Some(Reading::Day(day));
    }
    let (first, second, year) = (value / 1_000_000, value / 10_000 % 100, value % 10_000);
    (1000..3000).contains(&year).then(|| either(first as u8, second as u8, year as u16)).flatten()
}

fn three(a: Part, b: Part, c: Part) -> Option<Reading> {
    use Part::{Month, Number};
    let small = |value: u32| u8::try_from(value).ok();
    let year = |value: u32, digits: u8| (digits >= 3).then(|| u16::try_from(value).ok()).flatten();
    let short = |value: u32, digits: u8| (digits == 2).then_some(value as u8);
    match (a, b, c) {
        (Number { value: y, digits }, Number { value: m, .. }, Number { value: d, .. }) if digits >= 3 => {
            // Year first: month before day unless only the other way is a day.
            let (y, m, d) = (year(y, digits)?, small(m)?, small(d)?);
            Day::new(y, m, d).or_else(|| Day::new(y, d, m)).map(Reading::Day)
        }
        (Number { value: a, digits: la }, Number { value: b, digits: lb }, Number { value: y, digits }) => {
            if la > 2 || lb > 2 {
                return None;
            }
            let (a, b) = (small(a)?, small(b)?);
            match (year(y, digits), short(y, digits)) {
                (Some(y), _) => either(a, b, y),
                (None, Some(y)) => short_either(a, b, y),
                (None, None) => None,
            }
        }
        (Number { value: d, .. }, Month(m), Number { value: y, digits })
        | (Month(m), Number { value: d, .. }, Number { value: y, digits }) => {
            if let Some(full) = year(y, digits) {
                return Day::new(full, m, small(d)?).map(Reading::Day);
            }
            // 1980 December 31: the year may stand first.
            if d > 31 {
                return Day::new(u16::try_from(d).ok()?, m, small(y)?).map(Reading::Day);
            }
            let (y, d) = (short(y, digits)?, small(d)?);
            Day::new(2000, m, d).map(|_| Reading::Short { year: y, day_first: (m, d), month_first: (m, d) })
        }
        _ => None,
    }
}

fn either(first: u8, second: u8, year: u16) -> Option<Reading> {
    match (Day::new(year, second, first), Day::new(year, first, second)) {
        (Some(day_first), Some(month_first)) if day_first != month_first => {
            Some(Reading::Either { day_first, month_first })
        }
        (Some(day), _) | (None, Some(day)) => Some(Reading::Day(day)),
        (None, None) => None,
    }
}

fn short_either(first: u8, second: u8, year: u8) -> Option<Reading> {
    // 2000 is a leap year: whether the day exists is decided with the century.
    let fits = |month: u8, day: u8| Day::new(2000, month, day).map(|_| (month, day));
    let (a, b) = (fits(second, first), fits(first, second));
    let (day_first, month_first) = (a.or(b)?, b.or(a)?);
    Some(Reading::Short { year, day_first, month_first })
}
