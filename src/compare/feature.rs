//! What tests need of a column's values beyond their equality, worked out once for each distinct value.

use crate::{
    normalize::nickname,
    similarity::{CalendarDate, Place, Prepared, QGrams, metaphone, soundex},
    table::{Column, Dictionary},
};

/// What can be asked of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    Text,
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
    /// Each text, and which characters it has an odd number of.
    Text(Vec<Prepared>, Vec<u64>),
    /// A number for equal parts (0 for none), and the text.
    LocalPart(Vec<u32>, Vec<Prepared>),
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
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    CalendarDate::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A bit for each character that occurs an odd number of times. An edit changes two of them at most, so texts that
/// differ in more than 2 k bits are more than k edits apart.
fn parities(text: &str) -> u64 {
    text.chars().fold(0, |bits, c| {
        let place = match c {
            '0'..='9' => u32::from(c) - u32::from('0'),
            'a'..='z' => 10 + u32::from(c) - u32::from('a'),
            other => 36 + u32::from(other) % 28,
        };
        bits ^ (1 << place)
    })
}

fn codes(column: &Column, code: impl Fn(&str) -> String) -> Feature {
    let mut known = Dictionary::new();
    // A dictionary of codes is smaller than that of the values, so it cannot be full.
    Feature::Code(column.values().texts().map(|text| known.intern(&code(text)).unwrap_or(0)).collect())
}

impl Feature {
    pub(super) fn of(column: &Column, need: Need) -> Self {
        let texts = column.values().texts();
        match need {
            Need::Text => Feature::Text(
                texts.map(Prepared::new).collect(),
                column.values().texts().map(parities).collect(),
            ),
            Need::Nicknames => {
                let first = |text: &'_ str| nickname::groups(text.split(' ').next().unwrap_or_default());
                Feature::Nicknames(texts.map(first).collect())
            }
            Need::LocalPart => {
                let mut known = Dictionary::new();
                let local =
                    |text: &str| text.rsplit_once('@').map_or(String::new(), |(local, _)| local.to_owned());
                let numbers = texts.map(|text| known.intern(&local(text)).unwrap_or(0)).collect();
                Feature::LocalPart(numbers, known.texts().map(Prepared::new).collect())
            }
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
            Need::Words => {
                let mut known = Dictionary::new();
                let words = |text: &str| {
                    let mut words: Vec<u32> =
                        text.split_whitespace().map(|word| known.intern(word).unwrap_or(0)).collect();
                    words.sort_unstable();
                    words.dedup();
                    words.into_boxed_slice()
                };
                Feature::Words(texts.map(words).collect())
            }
            Need::Soundex => codes(column, soundex),
            Need::Metaphone => codes(column, metaphone),
            Need::Suffix(count) => codes(column, |text| {
                let from = text.char_indices().rev().nth((count as usize).saturating_sub(1));
                from.filter(|_| count > 0).map_or(String::new(), |(at, _)| text[at..].to_owned())
            }),
            Need::Prefix(count) => codes(column, |text| {
                let prefix: String = text.chars().take(count as usize).collect();
                if prefix.chars().count() == count as usize { prefix } else { String::new() }
            }),
        }
    }
}
