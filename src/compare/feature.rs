//! What tests need of a column's values beyond their equality, worked out once for each distinct value.

use crate::{
    normalize::nickname,
    similarity::{CalendarDate, Place, QGrams, metaphone, soundex},
    table::Dictionary,
};

/// What can be asked of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    LocalPart,
    Days,
    Number,
    Place,
    Bigrams,
    Words,
    Nicknames,
    Soundex,
    Metaphone,
    Prefix(u32),
    Suffix(u32),
}

/// The answers, by number of the value.
#[derive(Debug)]
pub(super) enum Feature {
    Dates(Vec<Option<(CalendarDate, u32)>>),
    Numbers(Vec<f64>),
    Places(Vec<Option<Place>>),
    Bigrams(Vec<Option<QGrams>>),
    /// The groups of names of the first word.
    Nicknames(Vec<&'static [u16]>),
    /// Sorted numbers of words.
    Words(Vec<Box<[u32]>>),
    /// A number for equal codes, 0 for none.
    Code(Vec<u32>),
}

/// A day out of `1980-12-31`.
pub(crate) fn date(text: &str) -> Option<CalendarDate> {
    let (year, month, day) = parts(text)?;
    CalendarDate::new(year, month, day).ok()
}

fn parts(text: &str) -> Option<(u16, u8, u8)> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

/// A number that days have in common of which month and day are swapped; 0 for what is no day.
pub(super) fn any_order(text: &str) -> u32 {
    parts(text).filter(|_| date(text).is_some()).map_or(0, |(year, month, day)| {
        (u32::from(year) << 10 | u32::from(month.min(day)) << 5 | u32::from(month.max(day))) + 1
    })
}

fn codes(values: &Dictionary, code: impl Fn(&str) -> String) -> Feature {
    let mut known = Dictionary::new();
    // A dictionary of codes is smaller than that of the values, so it cannot be full.
    Feature::Code(values.texts().map(|text| known.intern(&code(text)).unwrap_or(0)).collect())
}

/// What stands before the first `@`, or all where there is none.
#[inline]
pub(super) fn local_part(text: &str) -> &str {
    &text[..text.bytes().position(|byte| byte == b'@').unwrap_or(text.len())]
}

/// The words of values, and those of each value by their numbers, in order and each once.
pub(crate) fn each_word(values: &Dictionary) -> (Dictionary, Vec<Box<[u32]>>) {
    let mut known = Dictionary::new();
    let words = |text: &str| {
        // As of codes.
        let numbers = text.split_whitespace().map(|word| known.intern(word).unwrap_or(0));
        let mut words: Vec<u32> = numbers.collect();
        words.sort_unstable();
        words.dedup();
        words.into_boxed_slice()
    };
    let lists = values.texts().map(words).collect();
    (known, lists)
}

/// Texts whose numbers are asked for together.
const TOGETHER: usize = 1024;

/// [`codes`] that are pieces of the values.
fn pieces(values: &Dictionary, piece: impl Fn(&str) -> &str) -> Feature {
    let (mut known, mut numbers) = (Dictionary::with_room(values.len(), 0), Vec::with_capacity(values.len()));
    let mut texts = values.texts().map(piece).peekable();
    while texts.peek().is_some() {
        let some: Vec<&str> = texts.by_ref().take(TOGETHER).collect();
        // As of codes.
        if known.intern_all(&some, &mut numbers).is_err() {
            numbers.resize(numbers.len().next_multiple_of(TOGETHER), 0);
        }
    }
    Feature::Code(numbers)
}

impl Feature {
    pub(super) fn of(values: &Dictionary, need: Need) -> Self {
        let texts = values.texts();
        match need {
            Need::Nicknames => {
                let first = |text: &'_ str| nickname::groups(text.split(' ').next().unwrap_or_default());
                Feature::Nicknames(texts.map(first).collect())
            }
            Need::LocalPart => pieces(values, local_part),
            Need::Days => {
                Feature::Dates(texts.map(|text| date(text).map(|date| (date, date.day_number()))).collect())
            }
            Need::Number => Feature::Numbers(texts.map(|text| text.parse().unwrap_or(f64::NAN)).collect()),
            Need::Place => Feature::Places(
                texts
                    .map(|text| {
                        let mut parts = text.split([' ', ',']).filter_map(|part| part.parse().ok());
                        Place::new(parts.next()?, parts.next()?).ok()
                    })
                    .collect(),
            ),
            Need::Bigrams => Feature::Bigrams(texts.map(|text| QGrams::new(text, 2).ok()).collect()),
            Need::Words => Feature::Words(each_word(values).1),
            Need::Soundex => codes(values, soundex),
            Need::Metaphone => codes(values, metaphone),
            Need::Suffix(0) | Need::Prefix(0) => pieces(values, |_| ""),
            Need::Suffix(count) => pieces(values, |text| {
                let from = text.char_indices().rev().nth(count as usize - 1);
                from.map_or("", |(at, _)| &text[at..])
            }),
            Need::Prefix(count) => pieces(values, |text| {
                let mut ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
                ends.nth(count as usize - 1).map_or("", |end| &text[..end])
            }),
        }
    }
}
