//! What is told of each row without its text: words made of its values, side by side.

use super::{
    bind::Comparisons,
    check::TextOf,
    digest::{Digest, prefix},
    feature::{Feature, any_order, local_part},
};
use crate::ahead;

/// What a word, or two side by side, is made of.
#[derive(PartialEq)]
pub(super) enum Word {
    /// The number of a column's value.
    Symbol(usize),
    /// The digest of a text; two words where any has digits.
    Text(TextOf, bool),
    /// The first characters of a text.
    Prefix(TextOf),
    Days(usize, usize),
    AnyOrderDate(usize),
    Code(usize, usize),
    Nicknames(usize, usize),
    Words(usize, usize),
    Mapped(usize, usize),
}

impl Word {
    /// How many words it takes.
    pub(super) fn width(&self) -> usize {
        if matches!(self, Word::Text(_, true)) { 2 } else { 1 }
    }

    fn column(&self) -> usize {
        match *self {
            Word::Symbol(column)
            | Word::Text(TextOf { column, .. }, _)
            | Word::Prefix(TextOf { column, .. })
            | Word::Days(column, _)
            | Word::AnyOrderDate(column)
            | Word::Code(column, _)
            | Word::Nicknames(column, _)
            | Word::Words(column, _)
            | Word::Mapped(column, _) => column,
        }
    }

    /// What it is for each value of its column, 0 beyond; none where it is the value's number itself.
    fn values(&self, comparisons: &Comparisons<'_>) -> Values {
        let features = &comparisons.features;
        let texts = |column: usize| comparisons.table.columns()[column].values().texts();
        Values::One(match *self {
            Word::Symbol(_) => return Values::Number,
            Word::Text(of, true) => return Values::Two(of_texts(comparisons, of, Digest::of)),
            Word::Text(of, false) => of_texts(comparisons, of, |text| Digest::of(text).letters),
            Word::Prefix(of) => of_texts(comparisons, of, |text| prefix(text.chars())),
            Word::AnyOrderDate(column) => texts(column).map(any_order).collect(),
            Word::Days(_, feature) => match &features[feature] {
                Feature::Dates(dates) => {
                    dates.iter().map(|date| date.map_or(0, |(_, day)| day + 1)).collect()
                }
                _ => Vec::new(),
            },
            Word::Code(_, feature) => match &features[feature] {
                Feature::Code(codes) => codes.clone(),
                _ => Vec::new(),
            },
            Word::Nicknames(_, feature) => match &features[feature] {
                Feature::Nicknames(groups) => groups
                    .iter()
                    .map(|groups| groups.iter().fold(0, |bits, group| bits | 1u32 << (group % 32)))
                    .collect(),
                _ => Vec::new(),
            },
            Word::Words(_, feature) => match &features[feature] {
                Feature::Words(words) => {
                    let bit = |word: u32| 1u32 << (word.wrapping_mul(0x9e37_79b1) >> 27);
                    words.iter().map(|words| words.iter().fold(0, |bits, &word| bits | bit(word))).collect()
                }
                _ => Vec::new(),
            },
            Word::Mapped(column, other) => {
                let mut checks = comparisons.bound.iter().flat_map(|bound| &bound.checks);
                checks.find_map(|check| check.map_of(column, other)).unwrap_or_default().to_vec()
            }
        })
    }
}

/// What a word, or two, are for each value of a column.
enum Values {
    /// The value's number.
    Number,
    One(Vec<u32>),
    Two(Vec<Digest>),
}

/// What is made of each text of a column, or of what stands before its `@`.
fn of_texts<T>(comparisons: &Comparisons<'_>, of: TextOf, made: impl Fn(&str) -> T) -> Vec<T> {
    let texts = comparisons.table.columns()[of.column].values().texts();
    if of.local { texts.map(|text| made(local_part(text))).collect() } else { texts.map(made).collect() }
}

/// Whether any text of a column, or of the parts before the `@`, has digits.
pub(super) fn have_digits(comparisons: &Comparisons<'_>, of: TextOf) -> bool {
    let has = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let mut texts = comparisons.table.columns()[of.column].values().texts();
    texts.any(|text| has(if of.local { local_part(text) } else { text }))
}

/// Rows whose words are made together, one after the other.
const ROWS: usize = 128;

/// The words of all rows, `width` for each; those of a kind stand at its place. They begin at the place that is given
/// with them, where a line of memory begins. O(rows × words) and once for each distinct value its text.
pub(super) fn of_rows(
    comparisons: &Comparisons<'_>,
    words: &[(Word, usize)],
    width: usize,
) -> (Vec<u32>, usize) {
    let table = comparisons.table;
    let made: Vec<_> =
        words.iter().map(|(word, at)| (word.column(), *at, word.values(comparisons))).collect();
    let (mut all, first) = ahead::in_lines(table.len() * width);
    if width == 0 || table.width() == 0 {
        return (all, first);
    }
    let cells = table.cells().chunks(table.width() * ROWS);
    for (cells, rows) in cells.zip(all[first..].chunks_mut(width * ROWS)) {
        for (column, at, values) in &made {
            let cells = cells.iter().skip(*column).step_by(table.width());
            let rows = rows.chunks_exact_mut(width).zip(cells);
            match values {
                Values::Number => rows.for_each(|(words, &cell)| words[*at] = cell),
                Values::One(values) => rows.for_each(|(words, &cell)| {
                    words[*at] = values.get(cell as usize).copied().unwrap_or(0);
                }),
                Values::Two(values) => rows.for_each(|(words, &cell)| {
                    let digest = values.get(cell as usize).copied().unwrap_or_default();
                    (words[*at], words[*at + 1]) = (digest.letters, digest.digits);
                }),
            }
        }
    }
    (all, first)
}
