//! What is told of each row without its text: words made of its values, side by side.

use super::{
    bind::Comparisons,
    digest::{digest, digest_of, prefix},
    feature::{Feature, any_order},
};

/// Words of a line of memory.
pub(super) const LINE: usize = 16;

/// What a word, or two side by side, is made of.
#[derive(PartialEq)]
pub(super) enum Word {
    /// The number of a column's value.
    Symbol(usize),
    /// Of a column's text, or of a feature's part before the `@`. Two words.
    Text(usize, Option<usize>),
    /// The first characters of the same text.
    Prefix(usize, Option<usize>),
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
        if matches!(self, Word::Text(..)) { 2 } else { 1 }
    }

    fn column(&self) -> usize {
        match *self {
            Word::Symbol(column)
            | Word::Text(column, _)
            | Word::Prefix(column, _)
            | Word::Days(column, _)
            | Word::AnyOrderDate(column)
            | Word::Code(column, _)
            | Word::Nicknames(column, _)
            | Word::Words(column, _)
            | Word::Mapped(column, _) => column,
        }
    }

    /// What it is for each value of its column, 0 beyond; none where it is the value's number itself.
    fn values(&self, comparisons: &Comparisons<'_>) -> Option<Vec<u64>> {
        let features = &comparisons.features;
        let texts = |column: usize| comparisons.table.columns()[column].values().texts();
        Some(match *self {
            Word::Symbol(_) => return None,
            Word::Text(column, local) => match local.map(|feature| &features[feature]) {
                Some(Feature::LocalPart(numbers, texts)) => {
                    let made: Vec<u64> = texts.iter().map(|text| digest(text.chars())).collect();
                    numbers.iter().map(|&number| made[number as usize]).collect()
                }
                _ => texts(column).map(digest_of).collect(),
            },
            Word::Prefix(column, local) => match local.map(|feature| &features[feature]) {
                Some(Feature::LocalPart(numbers, texts)) => {
                    let made: Vec<u64> = texts.iter().map(|text| u64::from(prefix(text.chars()))).collect();
                    numbers.iter().map(|&number| made[number as usize]).collect()
                }
                _ => texts(column).map(|text| u64::from(prefix(text.chars()))).collect(),
            },
            Word::AnyOrderDate(column) => texts(column).map(any_order).collect(),
            Word::Days(_, feature) => match &features[feature] {
                Feature::Dates(dates) => {
                    dates.iter().map(|date| date.map_or(0, |(_, day)| u64::from(day) + 1)).collect()
                }
                _ => Vec::new(),
            },
            Word::Code(_, feature) => match &features[feature] {
                Feature::Code(codes) | Feature::LocalPart(codes, _) => {
                    codes.iter().map(|&code| u64::from(code)).collect()
                }
                _ => Vec::new(),
            },
            Word::Nicknames(_, feature) => match &features[feature] {
                Feature::Nicknames(groups) => groups
                    .iter()
                    .map(|groups| groups.iter().fold(0, |bits, group| bits | 1u64 << (group % 32)))
                    .collect(),
                _ => Vec::new(),
            },
            Word::Words(_, feature) => match &features[feature] {
                Feature::Words(words) => {
                    let bit = |word: u32| 1u64 << (word.wrapping_mul(0x9e37_79b1) >> 27);
                    words.iter().map(|words| words.iter().fold(0, |bits, &word| bits | bit(word))).collect()
                }
                _ => Vec::new(),
            },
            Word::Mapped(column, other) => {
                let mut checks = comparisons.bound.iter().flat_map(|bound| &bound.checks);
                let map = checks.find_map(|check| check.map_of(column, other)).unwrap_or_default();
                map.iter().map(|&symbol| u64::from(symbol)).collect()
            }
        })
    }
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
    let made: Vec<_> = words
        .iter()
        .map(|(word, at)| (word.column(), *at, word.width() > 1, word.values(comparisons)))
        .collect();
    let mut all = vec![0u32; table.len() * width + LINE];
    let first = all.as_ptr().align_offset(LINE * size_of::<u32>()).min(LINE);
    if width == 0 || table.width() == 0 {
        return (all, first);
    }
    let cells = table.cells().chunks(table.width() * ROWS);
    for (cells, rows) in cells.zip(all[first..].chunks_mut(width * ROWS)) {
        for (column, at, wide, values) in &made {
            let cells = cells.iter().skip(*column).step_by(table.width());
            let words = rows.chunks_exact_mut(width).zip(cells);
            let Some(values) = values else {
                words.for_each(|(words, &cell)| words[*at] = cell);
                continue;
            };
            for (words, &cell) in words {
                let value = values.get(cell as usize).copied().unwrap_or(0);
                words[*at] = value as u32;
                if *wide {
                    words[*at + 1] = (value >> 32) as u32;
                }
            }
        }
    }
    (all, first)
}
