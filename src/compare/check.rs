//! Tests tied to columns and their features, asked of one pair at a time: the plain form of every comparison.

use super::{
    Test,
    bind::CustomTest,
    feature::{self, Feature, Need, local_part},
    lists::OfValues,
    names::names_alike,
};
use crate::{
    error::{Error, Result},
    similarity::{
        Similarity, damerau_levenshtein, jaro, jaro_winkler, levenshtein, monge_elkan_both, osa,
        token_set_ratio, token_sort_ratio,
    },
    table::Table,
};
use foldhash::fast::FixedState;
use std::{collections::HashMap, sync::Arc};

/// A test with its columns and features as places.
pub(super) enum Check {
    Equal(usize),
    /// A measure of two texts against a bound.
    Text(Measure, TextOf),
    /// Equal codes of a feature.
    Code(usize, usize),
    SharedWords(usize, usize, u32),
    WordOverlap(usize, usize, f64),
    Initial(usize),
    Nickname(usize, usize),
    OtherName(usize, usize),
    Days(usize, usize, u32),
    DayMonthSwapped(usize, usize),
    Difference(usize, usize, f64),
    RelativeDifference(usize, usize, f64),
    Kilometres(usize, usize, f64),
    Bigrams(usize, usize, f64),
    Words(WordMeasure, usize, f64),
    /// Two columns, and for each value of the first its number in the second, and the other way round.
    Swapped(usize, usize, Vec<u32>),
    SwappedText(TextOf, TextOf, Similarity),
    /// Two columns, the words of the second, and for each value of the first its number among them.
    WordOf(usize, usize, usize, Vec<u32>),
    /// The values of lists, and what must hold of any two.
    AnyValue(usize, usize, OfValues),
    All(Vec<Check>),
    Any(Vec<Check>),
    Not(Box<Check>),
    Custom(Arc<dyn CustomTest>),
}

/// Which text of a row: a column's value, all of it or what stands before its first `@`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextOf {
    pub(super) column: usize,
    pub(super) local: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Measure {
    JaroWinkler(Similarity),
    Jaro(Similarity),
    Levenshtein(u32),
    Osa(u32),
    DamerauLevenshtein(u32),
    LevenshteinSimilarity(Similarity),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WordMeasure {
    Sort,
    Set,
    MongeElkan,
    Names,
}

impl Measure {
    pub(super) fn holds(self, a: &str, b: &str) -> bool {
        match self {
            Measure::JaroWinkler(least) => jaro_winkler(a, b) >= least,
            Measure::Jaro(least) => jaro(a, b) >= least,
            Measure::Levenshtein(most) => levenshtein(a, b).get() <= most,
            Measure::Osa(most) => osa(a, b).get() <= most,
            Measure::DamerauLevenshtein(most) => damerau_levenshtein(a, b).get() <= most,
            Measure::LevenshteinSimilarity(least) => similar_enough(a, b, levenshtein(a, b).get(), least),
        }
    }
}

/// Whether texts of this Levenshtein distance are so similar by the longer one's characters.
pub(super) fn similar_enough(a: &str, b: &str, distance: u32, least: Similarity) -> bool {
    let longest = a.chars().count().max(b.chars().count());
    longest == 0 || 1.0 - f64::from(distance) / longest as f64 >= least.get()
}

/// Collects the features that tests need.
pub(super) struct Binder<'a> {
    pub(super) table: &'a Table,
    pub(super) features: Vec<(usize, Need, Feature)>,
    pub(super) customs: &'a [(String, Arc<dyn CustomTest>)],
}

impl Binder<'_> {
    fn feature(&mut self, column: usize, need: Need) -> usize {
        if let Some(at) = self.features.iter().position(|(c, n, _)| (*c, *n) == (column, need)) {
            return at;
        }
        self.features.push((column, need, Feature::of(self.table.columns()[column].values(), need)));
        self.features.len() - 1
    }

    pub(super) fn check(&mut self, test: &Test, column: usize) -> Result<Check> {
        let share = |value: f64| {
            Similarity::new(value).ok_or_else(|| {
                Error::invalid(format!("{value} is no bound of similarity: 0 to 1 is expected"))
            })
        };
        let least = |value: f64| {
            if value.is_finite() && value >= 0.0 {
                Ok(value)
            } else {
                Err(Error::invalid(format!("{value} is no bound: a number of at least 0 is expected")))
            }
        };
        let text = TextOf { column, local: false };
        Ok(match test {
            Test::Exact => Check::Equal(column),
            Test::JaroWinkler(bound) => Check::Text(Measure::JaroWinkler(share(*bound)?), text),
            Test::Jaro(bound) => Check::Text(Measure::Jaro(share(*bound)?), text),
            Test::Levenshtein(most) => Check::Text(Measure::Levenshtein(*most), text),
            Test::Osa(most) => Check::Text(Measure::Osa(*most), text),
            Test::DamerauLevenshtein(most) => Check::Text(Measure::DamerauLevenshtein(*most), text),
            Test::LevenshteinSimilarity(bound) => {
                Check::Text(Measure::LevenshteinSimilarity(share(*bound)?), text)
            }
            Test::TokenSort(bound) => Check::Words(WordMeasure::Sort, column, share(*bound)?.get()),
            Test::TokenSet(bound) => Check::Words(WordMeasure::Set, column, share(*bound)?.get()),
            Test::MongeElkan(bound) => Check::Words(WordMeasure::MongeElkan, column, share(*bound)?.get()),
            Test::NamesAlike(bound) => Check::Words(WordMeasure::Names, column, share(*bound)?.get()),
            Test::BigramJaccard(bound) => {
                Check::Bigrams(column, self.feature(column, Need::Bigrams), share(*bound)?.get())
            }
            Test::SharedWords(count) => Check::SharedWords(column, self.feature(column, Need::Words), *count),
            Test::WordOverlap(bound) => {
                Check::WordOverlap(column, self.feature(column, Need::Words), share(*bound)?.get())
            }
            Test::Prefix(count) => Check::Code(column, self.feature(column, Need::Prefix(*count))),
            Test::Suffix(count) => Check::Code(column, self.feature(column, Need::Suffix(*count))),
            Test::Initial => Check::Initial(column),
            Test::Nickname => Check::Nickname(column, self.feature(column, Need::Nicknames)),
            Test::OtherName => Check::OtherName(column, self.feature(column, Need::Nicknames)),
            Test::Soundex => Check::Code(column, self.feature(column, Need::Soundex)),
            Test::Metaphone => Check::Code(column, self.feature(column, Need::Metaphone)),
            Test::SameLocalPart => Check::Code(column, self.feature(column, Need::LocalPart)),
            Test::LocalPartJaroWinkler(bound) => {
                Check::Text(Measure::JaroWinkler(share(*bound)?), TextOf { column, local: true })
            }
            Test::Days(most) => Check::Days(column, self.feature(column, Need::Days), *most),
            Test::DayMonthSwapped => Check::DayMonthSwapped(column, self.feature(column, Need::Days)),
            Test::Difference(most) => {
                Check::Difference(column, self.feature(column, Need::Number), least(*most)?)
            }
            Test::RelativeDifference(most) => {
                Check::RelativeDifference(column, self.feature(column, Need::Number), least(*most)?)
            }
            Test::Kilometres(most) => {
                Check::Kilometres(column, self.feature(column, Need::Place), least(*most)?)
            }
            Test::Swapped(other) => {
                let other = self.table.column_of(other)?;
                let (from, to) = (&self.table.columns()[column], &self.table.columns()[other]);
                let known: HashMap<&str, u32, FixedState> = to.values().texts().zip(0..).collect();
                let map = from.values().texts().map(|text| known.get(text).copied().unwrap_or(0)).collect();
                Check::Swapped(column, other, map)
            }
            Test::SwappedJaroWinkler(other, bound) => {
                let theirs = TextOf { column: self.table.column_of(other)?, local: false };
                Check::SwappedText(text, theirs, share(*bound)?)
            }
            Test::WordOf(other) => {
                let other = self.table.column_of(other)?;
                let feature = self.feature(other, Need::Words);
                let (known, _) = feature::each_word(self.table.columns()[other].values());
                let texts = self.table.columns()[column].values().texts();
                let map = texts.map(|text| known.find(text).unwrap_or(0)).collect();
                Check::WordOf(column, other, feature, map)
            }
            Test::AnyValue(test) => {
                let (known, _) = feature::each_word(self.table.columns()[column].values());
                let of_values = OfValues::of(test, known)?;
                Check::AnyValue(column, self.feature(column, Need::Words), of_values)
            }
            Test::On(other, test) => {
                let other = self.table.column_of(other)?;
                self.check(test, other)?
            }
            Test::All(tests) => {
                let mut checks: Vec<Check> =
                    tests.iter().map(|test| self.check(test, column)).collect::<Result<_>>()?;
                // All must hold, in whatever order; equality is soon asked.
                checks.sort_by_key(|check| !matches!(check, Check::Equal(_)));
                Check::All(checks)
            }
            Test::Any(tests) => {
                Check::Any(tests.iter().map(|test| self.check(test, column)).collect::<Result<_>>()?)
            }
            Test::Not(test) => Check::Not(Box::new(self.check(test, column)?)),
            Test::Custom(name) => {
                let known = self.customs.iter().find(|(own, _)| own == name);
                let custom = known.ok_or_else(|| {
                    Error::invalid(format!("no test is given in code under the name `{name}`"))
                })?;
                Check::Custom(Arc::clone(&custom.1))
            }
        })
    }
}

/// What checks are asked with: the table's rows and the features.
pub(super) struct Ask<'a> {
    pub(super) table: &'a Table,
    pub(super) features: &'a [Feature],
}

impl Check {
    /// Whether it certainly holds where both rows have the same value in `column`.
    pub(super) fn holds_of_equals(&self, column: usize) -> bool {
        match self {
            Check::Equal(own) | Check::Words(_, own, _) => *own == column,
            Check::Text(_, text) => text.column == column && !text.local,
            Check::Any(checks) => checks.iter().any(|check| check.holds_of_equals(column)),
            Check::All(checks) => checks.iter().all(|check| check.holds_of_equals(column)),
            _ => false,
        }
    }

    /// Whether the answer depends on nothing but the two values of `column`.
    pub(super) fn only_of(&self, column: usize) -> bool {
        match self {
            Check::Equal(own) | Check::Words(_, own, _) => *own == column,
            Check::Text(_, text) => text.column == column,
            Check::Code(own, _)
            | Check::SharedWords(own, ..)
            | Check::WordOverlap(own, ..)
            | Check::Initial(own)
            | Check::Nickname(own, _)
            | Check::OtherName(own, _)
            | Check::Days(own, ..)
            | Check::DayMonthSwapped(own, _)
            | Check::Difference(own, ..)
            | Check::RelativeDifference(own, ..)
            | Check::Kilometres(own, ..)
            | Check::Bigrams(own, ..)
            | Check::AnyValue(own, ..) => *own == column,
            Check::Any(checks) | Check::All(checks) => checks.iter().all(|check| check.only_of(column)),
            Check::Not(check) => check.only_of(column),
            Check::Swapped(..) | Check::SwappedText(..) | Check::WordOf(..) | Check::Custom(_) => false,
        }
    }

    /// Calls `found` with each column whose text is compared.
    pub(super) fn each_text(&self, found: &mut impl FnMut(usize)) {
        match self {
            Check::Text(_, of) => found(of.column),
            Check::SwappedText(mine, theirs, _) => {
                found(mine.column);
                found(theirs.column);
            }
            Check::All(checks) | Check::Any(checks) => checks.iter().for_each(|check| check.each_text(found)),
            Check::Not(check) => check.each_text(found),
            _ => {}
        }
    }

    /// The map of a test of swapped values of these columns, wherever in it that stands.
    pub(super) fn map_of(&self, mine: usize, theirs: usize) -> Option<&[u32]> {
        match self {
            Check::Swapped(column, other, map) => ((*column, *other) == (mine, theirs)).then_some(&map[..]),
            Check::All(checks) | Check::Any(checks) => {
                checks.iter().find_map(|check| check.map_of(mine, theirs))
            }
            Check::Not(check) => check.map_of(mine, theirs),
            _ => None,
        }
    }

    pub(super) fn holds(&self, ask: &Ask<'_>, a: u32, b: u32) -> bool {
        let values = |column: usize| {
            let pair = (ask.table.symbol(a, column), ask.table.symbol(b, column));
            (pair.0 != 0 && pair.1 != 0).then_some((pair.0 as usize, pair.1 as usize))
        };
        match self {
            Check::Equal(column) => values(*column).is_some_and(|(x, y)| x == y),
            Check::Text(measure, text) => values(text.column)
                .is_some_and(|(x, y)| ask.texts(*text, x, y).is_some_and(|(x, y)| measure.holds(x, y))),
            Check::Code(column, feature) => {
                values(*column).is_some_and(|(x, y)| match &ask.features[*feature] {
                    Feature::Code(codes) => codes[x] != 0 && codes[x] == codes[y],
                    _ => false,
                })
            }
            Check::SharedWords(column, feature, count) => values(*column).is_some_and(|(x, y)| {
                ask.words(*feature, x, y).is_some_and(|(x, y)| shared(x, y) >= *count as usize)
            }),
            Check::WordOverlap(column, feature, least) => values(*column).is_some_and(|(x, y)| {
                ask.words(*feature, x, y).is_some_and(|(x, y)| {
                    let fewer = x.len().min(y.len()).max(1);
                    shared(x, y) as f64 / fewer as f64 >= *least
                })
            }),
            Check::Initial(column) => values(*column).is_some_and(|(x, y)| {
                let texts = ask.texts(TextOf { column: *column, local: false }, x, y);
                texts.is_some_and(|(x, y)| {
                    let (mut x, mut y) = (x.chars(), y.chars());
                    x.next() == y.next() && (x.next().is_none() || y.next().is_none())
                })
            }),
            Check::Nickname(column, feature) => {
                values(*column).is_some_and(|(x, y)| match &ask.features[*feature] {
                    Feature::Nicknames(groups) => groups[x].iter().any(|group| groups[y].contains(group)),
                    _ => false,
                })
            }
            Check::OtherName(column, feature) => {
                values(*column).is_some_and(|(x, y)| match &ask.features[*feature] {
                    Feature::Nicknames(groups) => {
                        let known = !groups[x].is_empty() && !groups[y].is_empty();
                        known && !groups[x].iter().any(|group| groups[y].contains(group))
                    }
                    _ => false,
                })
            }
            Check::Days(column, feature, most) => values(*column).is_some_and(|(x, y)| {
                ask.dates(*feature, x, y).is_some_and(|((_, x), (_, y))| x.abs_diff(y) <= *most)
            }),
            Check::DayMonthSwapped(column, feature) => values(*column).is_some_and(|(x, y)| {
                ask.dates(*feature, x, y).is_some_and(|((x, _), (y, _))| x.is_swapped(y))
            }),
            Check::Difference(column, feature, most) => values(*column).is_some_and(|(x, y)| {
                ask.numbers(*feature, x, y).is_some_and(|(x, y)| (x - y).abs() <= *most)
            }),
            Check::RelativeDifference(column, feature, most) => values(*column).is_some_and(|(x, y)| {
                ask.numbers(*feature, x, y)
                    .is_some_and(|(x, y)| (x - y).abs() <= *most * x.abs().max(y.abs()))
            }),
            Check::Kilometres(column, feature, most) => {
                values(*column).is_some_and(|(x, y)| match &ask.features[*feature] {
                    Feature::Places(places) => {
                        places[x].zip(places[y]).is_some_and(|(x, y)| x.kilometres_to(y) <= *most)
                    }
                    _ => false,
                })
            }
            Check::Bigrams(column, feature, least) => {
                values(*column).is_some_and(|(x, y)| match &ask.features[*feature] {
                    Feature::Bigrams(grams) => grams[x]
                        .as_ref()
                        .zip(grams[y].as_ref())
                        .is_some_and(|(x, y)| x.jaccard(y).get() >= *least),
                    _ => false,
                })
            }
            Check::Words(measure, column, least) => values(*column).is_some_and(|_| {
                let (x, y) = (ask.table.text(a, *column), ask.table.text(b, *column));
                let score = match measure {
                    WordMeasure::Sort => token_sort_ratio(x, y),
                    WordMeasure::Set => token_set_ratio(x, y),
                    WordMeasure::Names => names_alike(x, y),
                    WordMeasure::MongeElkan => monge_elkan_both(x, y, jaro_winkler),
                };
                score.get() >= *least
            }),
            Check::Swapped(column, other, map) => {
                let crossed = |one: u32, two: u32| {
                    let (mine, theirs) = (ask.table.symbol(one, *column), ask.table.symbol(two, *other));
                    mine != 0 && theirs != 0 && map[mine as usize] == theirs
                };
                crossed(a, b) && crossed(b, a)
            }
            Check::SwappedText(mine, theirs, least) => {
                let crossed = |one: u32, two: u32| {
                    let (x, y) = (ask.table.text(one, mine.column), ask.table.text(two, theirs.column));
                    !x.is_empty() && !y.is_empty() && jaro_winkler(x, y) >= *least
                };
                crossed(a, b) && crossed(b, a)
            }
            Check::WordOf(column, other, feature, map) => {
                let word = |one: u32, two: u32| {
                    let (mine, theirs) = (ask.table.symbol(one, *column), ask.table.symbol(two, *other));
                    let number = map[mine as usize];
                    let words = ask.words(*feature, theirs as usize, theirs as usize);
                    number != 0 && words.is_some_and(|(words, _)| words.binary_search(&number).is_ok())
                };
                word(a, b) || word(b, a)
            }
            Check::AnyValue(column, feature, test) => values(*column)
                .is_some_and(|(x, y)| ask.words(*feature, x, y).is_some_and(|(x, y)| test.holds(x, y))),
            Check::All(checks) => checks.iter().all(|check| check.holds(ask, a, b)),
            Check::Any(checks) => checks.iter().any(|check| check.holds(ask, a, b)),
            Check::Not(check) => !check.holds(ask, a, b),
            Check::Custom(custom) => custom.holds(ask.table, a, b),
        }
    }
}

impl<'a> Ask<'a> {
    /// Reads ahead the texts of a column's values.
    pub(super) fn fetch_texts<S: Iterator<Item = u32>>(&self, column: usize, symbols: impl Fn() -> S) {
        let values = self.table.columns()[column].values();
        symbols().for_each(|symbol| values.fetch_place(symbol));
        symbols().for_each(|symbol| values.fetch_text(symbol));
    }

    /// The texts of two values; none where either is empty.
    #[inline]
    pub(super) fn texts(&self, of: TextOf, x: usize, y: usize) -> Option<(&'a str, &'a str)> {
        let values = self.table.columns()[of.column].values();
        let text = |value: usize| {
            let text = values.text(value as u32);
            if of.local { local_part(text) } else { text }
        };
        let (x, y) = (text(x), text(y));
        (!x.is_empty() && !y.is_empty()).then_some((x, y))
    }

    fn words(&self, feature: usize, x: usize, y: usize) -> Option<(&'a [u32], &'a [u32])> {
        match &self.features[feature] {
            Feature::Words(words) => Some((&words[x], &words[y])),
            _ => None,
        }
    }

    #[allow(clippy::type_complexity)]
    fn dates(
        &self,
        feature: usize,
        x: usize,
        y: usize,
    ) -> Option<((crate::similarity::CalendarDate, u32), (crate::similarity::CalendarDate, u32))> {
        match &self.features[feature] {
            Feature::Dates(dates) => dates[x].zip(dates[y]),
            _ => None,
        }
    }

    fn numbers(&self, feature: usize, x: usize, y: usize) -> Option<(f64, f64)> {
        match &self.features[feature] {
            Feature::Numbers(numbers) if numbers[x].is_finite() && numbers[y].is_finite() => {
                Some((numbers[x], numbers[y]))
            }
            _ => None,
        }
    }
}

/// How many numbers two sorted lists have in common.
fn shared(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        shared += usize::from(a[i] == b[j]);
        let (x, y) = (a[i], b[j]);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    shared
}
