//! What can be told of a pair of rows without comparing text: which values are equal or missing, and by digests of the
//! values which levels are out of the question. What remains is asked of the kernels.

use super::{
    bind::{Bound, Comparisons},
    check::{Check, Measure, TextOf},
    feature::{Feature, any_order},
};
use crate::{similarity::Similarity, table::Table};

/// Columns beyond this many are compared the plain way.
const MOST_COLUMNS: usize = 64;
/// Comparisons of more levels are compared the plain way: null, these and all else are bits of a word.
pub(super) const MOST_LEVELS: usize = 30;
/// Texts from this length on are of one length in the tables of limits.
const LENGTHS: usize = 64;
/// The part of a digest that counts characters; the length stands above.
const COUNTS: u64 = (1 << 56) - 1;

/// Digests of all rows, and the tests as far as these can answer them.
pub(super) struct Sieve {
    /// The digests of each row side by side.
    words: Vec<u32>,
    width: usize,
    tests: Vec<Option<Vec<Quick>>>,
    limits: Vec<Limits>,
}

/// By the lengths of two texts: one more than the greatest difference of digests at which a test may hold.
struct Limits(Measure, Box<[u8; LENGTHS * LENGTHS]>);

/// A test as far as digests tell.
enum Quick {
    /// The kernels must say.
    Maybe,
    /// Equal values; told exactly.
    Equal(usize),
    /// Two digests of the columns must differ by less than the limit.
    Text {
        mine: (usize, usize),
        theirs: (usize, usize),
        limits: usize,
    },
    /// Equal digests that are not 0.
    Alike(usize, usize),
    /// A text of one character.
    Initial(usize, usize),
    /// Sets, as bits, that must meet.
    Meet(usize, usize),
    /// Equal codes that are not 0; told exactly.
    Code(usize, usize),
    /// Days, one more than their number, at most so far apart; told exactly.
    Days(usize, usize, u32),
    /// The value of each is that of the other in another column; told exactly.
    Swapped(usize, usize),
    All(Vec<Quick>),
    Any(Vec<Quick>),
    Not(Box<Quick>),
}

/// Whether a test holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Told {
    No,
    Maybe,
    Yes,
}

/// What a digest is made of.
#[derive(PartialEq)]
enum Digest {
    /// Of a column's text, or of a feature's part before the `@`.
    Text(usize, Option<usize>),
    Days(usize, usize),
    AnyOrderDate(usize),
    Code(usize, usize),
    Nicknames(usize, usize),
    Words(usize, usize),
    Mapped(usize, usize),
}

/// Two rows as the sieve sees them.
pub(super) struct Rows<'a> {
    cells: (&'a [u32], &'a [u32]),
    words: (&'a [u32], &'a [u32]),
    /// Columns in which both have a value, and in which the values are equal, as bits.
    present: u64,
    equal: u64,
}

/// A text's length above, and below how often characters occur: an edit changes two bits at most, an insertion one,
/// and the order of characters none. Digits count to three; letters, and all else spread over them, are odd or even.
fn digest(chars: impl Iterator<Item = char>) -> u64 {
    let (mut bits, mut length) = (0u64, 0u64);
    for c in chars {
        length += 1;
        let letter = match c {
            '0'..='9' => {
                let place = 3 * (u32::from(c) - u32::from('0'));
                let held = bits >> place & 7;
                bits |= (held << 1 | 1) << place & 7 << place;
                continue;
            }
            'a'..='z' => u32::from(c) - u32::from('a'),
            other => u32::from(other) % 26,
        };
        bits ^= 1 << (30 + letter);
    }
    bits | length.min(255) << 56
}

impl Limits {
    fn new(measure: Measure) -> Self {
        let mut table = Box::new([u8::MAX; LENGTHS * LENGTHS]);
        for (at, limit) in table.iter_mut().enumerate() {
            let (a, b) = (at / LENGTHS, at % LENGTHS);
            // The longest stand for all that are longer, and nothing is known of empty texts.
            if a == LENGTHS - 1 || b == LENGTHS - 1 || a == 0 || b == 0 {
                continue;
            }
            *limit =
                (0..=a + b).rev().find(|&apart| may(measure, a, b, apart)).map_or(0, |most| most as u8 + 1);
        }
        Limits(measure, table)
    }

    #[inline]
    fn may(&self, a: u64, b: u64) -> bool {
        let (x, y) = ((a >> 56) as usize, (b >> 56) as usize);
        let apart = ((a ^ b) & COUNTS).count_ones();
        apart < u32::from(self.1[x.min(LENGTHS - 1) * LENGTHS + y.min(LENGTHS - 1)])
    }
}

/// Whether texts of these lengths whose bags of characters are at least so far apart may pass.
fn may(measure: Measure, a: usize, b: usize, apart: usize) -> bool {
    let (longest, longer) = (a.max(b), a.abs_diff(b));
    let edits = |most: usize| longer <= most && apart <= 2 * most - longer;
    let alike = |least: Similarity, prefix: f64| {
        let common = ((a + b).saturating_sub(apart) / 2).min(a).min(b) as f64;
        let jaro = (common / a as f64 + common / b as f64 + 1.0) / 3.0;
        common > 0.0 && jaro + prefix * (1.0 - jaro) >= least.get() - 1e-9 || least == Similarity::ZERO
    };
    match measure {
        Measure::Levenshtein(most) | Measure::Osa(most) | Measure::DamerauLevenshtein(most) => {
            edits(most as usize)
        }
        Measure::LevenshteinSimilarity(least) => (0..=longest)
            .rev()
            .find(|&most| 1.0 - most as f64 / longest as f64 >= least.get())
            .is_some_and(edits),
        Measure::Jaro(least) => alike(least, 0.0),
        // The first four characters count more, a tenth each.
        Measure::JaroWinkler(least) => alike(least, 0.4),
    }
}

/// Collects digests while tests are read.
struct Maker<'a, 'b> {
    comparisons: &'a Comparisons<'b>,
    digests: Vec<(Digest, usize)>,
    width: usize,
    limits: Vec<Limits>,
}

impl Maker<'_, '_> {
    fn place(&mut self, digest: Digest) -> usize {
        if let Some((_, at)) = self.digests.iter().find(|(own, _)| *own == digest) {
            return *at;
        }
        let at = self.width;
        self.width += if matches!(digest, Digest::Text(..)) { 2 } else { 1 };
        self.digests.push((digest, at));
        at
    }

    fn limits(&mut self, measure: Measure) -> usize {
        if let Some(at) = self.limits.iter().position(|limits| limits.0 == measure) {
            return at;
        }
        self.limits.push(Limits::new(measure));
        self.limits.len() - 1
    }

    fn quick(&mut self, check: &Check) -> Quick {
        let text = |of: &TextOf| Digest::Text(of.column, of.local.then_some(of.feature));
        match check {
            Check::Equal(column) => Quick::Equal(*column),
            Check::Text(measure, of) => {
                let mine = (of.column, self.place(text(of)));
                Quick::Text { mine, theirs: mine, limits: self.limits(*measure) }
            }
            Check::SwappedText(mine, theirs, least) => Quick::Text {
                mine: (mine.column, self.place(text(mine))),
                theirs: (theirs.column, self.place(text(theirs))),
                limits: self.limits(Measure::JaroWinkler(*least)),
            },
            Check::Code(column, feature) | Check::LocalPart(column, feature) => {
                Quick::Code(*column, self.place(Digest::Code(*column, *feature)))
            }
            Check::Initial(column, _) => Quick::Initial(*column, self.place(Digest::Text(*column, None))),
            Check::Nickname(column, feature) => {
                Quick::Meet(*column, self.place(Digest::Nicknames(*column, *feature)))
            }
            Check::SharedWords(column, feature, least) if *least > 0 => {
                Quick::Meet(*column, self.place(Digest::Words(*column, *feature)))
            }
            Check::WordOverlap(column, feature, least) if *least > 0.0 => {
                Quick::Meet(*column, self.place(Digest::Words(*column, *feature)))
            }
            Check::Days(column, feature, most) => {
                Quick::Days(*column, self.place(Digest::Days(*column, *feature)), *most)
            }
            Check::DayMonthSwapped(column, _) => {
                Quick::Alike(*column, self.place(Digest::AnyOrderDate(*column)))
            }
            Check::Swapped(column, other, _) => {
                Quick::Swapped(*other, self.place(Digest::Mapped(*column, *other)))
            }
            Check::All(checks) => Quick::All(checks.iter().map(|check| self.quick(check)).collect()),
            Check::Any(checks) => Quick::Any(checks.iter().map(|check| self.quick(check)).collect()),
            Check::Not(check) => Quick::Not(Box::new(self.quick(check))),
            Check::SharedWords(..)
            | Check::WordOverlap(..)
            | Check::Difference(..)
            | Check::RelativeDifference(..)
            | Check::Kilometres(..)
            | Check::Bigrams(..)
            | Check::Words(..)
            | Check::Custom(_) => Quick::Maybe,
        }
    }

    /// What a digest is for each value of its column.
    fn values(&self, digest: &Digest) -> (usize, Vec<u64>) {
        let features = &self.comparisons.features;
        let texts = |column: usize| self.comparisons.table.columns()[column].values().texts();
        match digest {
            Digest::Text(column, local) => {
                let made = match local.map(|feature| &features[feature]) {
                    Some(Feature::LocalPart(numbers, texts)) => {
                        let made: Vec<u64> = texts.iter().map(|text| self::digest(text.chars())).collect();
                        numbers.iter().map(|&number| made[number as usize]).collect()
                    }
                    _ => texts(*column).map(|text| self::digest(text.chars())).collect(),
                };
                (*column, made)
            }
            Digest::Days(column, feature) => {
                let made = match &features[*feature] {
                    Feature::Dates(dates) => {
                        dates.iter().map(|date| date.map_or(0, |(_, day)| u64::from(day) + 1)).collect()
                    }
                    _ => Vec::new(),
                };
                (*column, made)
            }
            Digest::AnyOrderDate(column) => (*column, texts(*column).map(any_order).collect()),
            Digest::Code(column, feature) => {
                let made = match &features[*feature] {
                    Feature::Code(codes) | Feature::LocalPart(codes, _) => {
                        codes.iter().map(|&c| u64::from(c)).collect()
                    }
                    _ => Vec::new(),
                };
                (*column, made)
            }
            Digest::Nicknames(column, feature) => {
                let made = match &features[*feature] {
                    Feature::Nicknames(groups) => groups
                        .iter()
                        .map(|groups| groups.iter().fold(0, |bits, group| bits | 1u64 << (group % 32)))
                        .collect(),
                    _ => Vec::new(),
                };
                (*column, made)
            }
            Digest::Words(column, feature) => {
                let made = match &features[*feature] {
                    Feature::Words(words) => words
                        .iter()
                        .map(|words| {
                            words
                                .iter()
                                .fold(0, |bits, word| bits | 1u64 << (word.wrapping_mul(0x9e37_79b1) >> 27))
                        })
                        .collect(),
                    _ => Vec::new(),
                };
                (*column, made)
            }
            Digest::Mapped(column, other) => {
                let map = self
                    .comparisons
                    .bound
                    .iter()
                    .flat_map(|bound| &bound.checks)
                    .find_map(|c| c.map_of(*column, *other));
                (*column, map.map_or(Vec::new(), |map| map.iter().map(|&symbol| u64::from(symbol)).collect()))
            }
        }
    }
}

impl Sieve {
    /// Makes the digests: O(rows × digests) and once for each distinct value its text.
    pub(super) fn new(comparisons: &Comparisons<'_>) -> Self {
        let mut maker = Maker { comparisons, digests: Vec::new(), width: 0, limits: Vec::new() };
        let few = comparisons.table.width() <= MOST_COLUMNS;
        let tests = comparisons
            .bound
            .iter()
            .map(|bound| {
                let fits = few && bound.checks.len() <= MOST_LEVELS;
                fits.then(|| bound.checks.iter().map(|check| maker.quick(check)).collect())
            })
            .collect();
        let (table, width) = (comparisons.table, maker.width);
        let made: Vec<(usize, usize, bool, Vec<u64>)> = maker
            .digests
            .iter()
            .map(|(digest, at)| {
                let (column, values) = maker.values(digest);
                (column, *at, matches!(digest, Digest::Text(..)), values)
            })
            .collect();
        let mut words = vec![0u32; table.len() * width];
        if width > 0 && table.width() > 0 {
            for (cells, words) in table.cells().chunks_exact(table.width()).zip(words.chunks_exact_mut(width))
            {
                for (column, at, wide, values) in &made {
                    let value = values.get(cells[*column] as usize).copied().unwrap_or(0);
                    words[*at] = value as u32;
                    if *wide {
                        words[*at + 1] = (value >> 32) as u32;
                    }
                }
            }
        }
        Sieve { words, width, tests, limits: maker.limits }
    }

    /// Whether a comparison can be asked for at all.
    pub(super) fn knows(&self, comparison: usize) -> bool {
        self.tests[comparison].is_some()
    }

    #[inline]
    pub(super) fn rows<'a>(&'a self, table: &'a Table, a: u32, b: u32, seen: (u64, u64)) -> Rows<'a> {
        let words = |row: u32| &self.words[row as usize * self.width..][..self.width];
        Rows {
            cells: (table.row(a), table.row(b)),
            words: (words(a), words(b)),
            present: seen.0,
            equal: seen.1,
        }
    }

    /// The levels that two rows may have in a comparison, as bits. One bit alone is the answer.
    #[inline]
    pub(super) fn possible(&self, comparison: usize, bound: &Bound, rows: &Rows<'_>) -> u32 {
        let Some(tests) = &self.tests[comparison] else { return u32::MAX };
        if rows.present & bound.bits == 0 {
            return 1;
        }
        if bound.equal && rows.equal & bound.bits != 0 {
            return 2;
        }
        let mut levels = 0;
        for (at, test) in tests.iter().enumerate() {
            match self.told(test, rows) {
                Told::No => {}
                Told::Maybe => levels |= 2 << at,
                Told::Yes => return levels | 2 << at,
            }
        }
        levels | 2 << tests.len()
    }

    fn told(&self, test: &Quick, rows: &Rows<'_>) -> Told {
        let exactly = |holds: bool| if holds { Told::Yes } else { Told::No };
        let perhaps = |may: bool| if may { Told::Maybe } else { Told::No };
        let both = |column: usize| rows.present >> column & 1 != 0;
        match test {
            Quick::Maybe => Told::Maybe,
            Quick::Equal(column) => exactly(rows.equal >> column & 1 != 0),
            Quick::Text { mine, theirs, limits } => {
                let limits = &self.limits[*limits];
                if mine == theirs {
                    return perhaps(
                        both(mine.0) && limits.may(wide(rows.words.0, mine.1), wide(rows.words.1, mine.1)),
                    );
                }
                let all = rows.cells.0[mine.0] != 0
                    && rows.cells.1[mine.0] != 0
                    && rows.cells.0[theirs.0] != 0
                    && rows.cells.1[theirs.0] != 0;
                perhaps(
                    all && limits.may(wide(rows.words.0, mine.1), wide(rows.words.1, theirs.1))
                        && limits.may(wide(rows.words.1, mine.1), wide(rows.words.0, theirs.1)),
                )
            }
            Quick::Alike(column, at) => {
                perhaps(both(*column) && rows.words.0[*at] != 0 && rows.words.0[*at] == rows.words.1[*at])
            }
            Quick::Initial(column, at) => {
                let one = |words: &[u32]| words[*at + 1] >> 24 == 1;
                perhaps(both(*column) && (one(rows.words.0) || one(rows.words.1)))
            }
            Quick::Meet(column, at) => perhaps(both(*column) && rows.words.0[*at] & rows.words.1[*at] != 0),
            Quick::Code(column, at) => {
                let (x, y) = (rows.words.0[*at], rows.words.1[*at]);
                exactly(both(*column) && x != 0 && x == y)
            }
            Quick::Days(column, at, most) => {
                let (x, y) = (rows.words.0[*at], rows.words.1[*at]);
                exactly(both(*column) && x != 0 && y != 0 && x.abs_diff(y) <= *most)
            }
            Quick::Swapped(other, at) => {
                let (x, y) = (rows.cells.0[*other], rows.cells.1[*other]);
                exactly(x != 0 && y != 0 && rows.words.0[*at] == y && rows.words.1[*at] == x)
            }
            Quick::All(tests) => {
                let mut all = Told::Yes;
                for test in tests {
                    match self.told(test, rows) {
                        Told::No => return Told::No,
                        Told::Maybe => all = Told::Maybe,
                        Told::Yes => {}
                    }
                }
                all
            }
            Quick::Any(tests) => {
                let mut any = Told::No;
                for test in tests {
                    match self.told(test, rows) {
                        Told::Yes => return Told::Yes,
                        Told::Maybe => any = Told::Maybe,
                        Told::No => {}
                    }
                }
                any
            }
            Quick::Not(test) => match self.told(test, rows) {
                Told::No => Told::Yes,
                Told::Maybe => Told::Maybe,
                Told::Yes => Told::No,
            },
        }
    }
}

#[inline]
fn wide(words: &[u32], at: usize) -> u64 {
    u64::from(words[at]) | u64::from(words[at + 1]) << 32
}

/// The columns in which two rows both have a value, and in which the values are equal, as bits.
#[inline]
pub(super) fn seen(a: &[u32], b: &[u32]) -> (u64, u64) {
    let (mut present, mut equal) = (0, 0);
    for (at, (&x, &y)) in a.iter().zip(b).enumerate().take(MOST_COLUMNS) {
        let both = x != 0 && y != 0;
        present |= u64::from(both) << at;
        equal |= u64::from(both && x == y) << at;
    }
    (present, equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similarity::Prepared;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_that_passes_is_sorted_out(a in "[a-c0-2é ]{1,9}", b in "[a-c0-2é ]{1,9}", share in 0.0f64..=1.0) {
            let least = Similarity::new(share).unwrap();
            let (x, y) = (Prepared::new(&a), Prepared::new(&b));
            let measures = [
                Measure::Levenshtein(1), Measure::Osa(2), Measure::DamerauLevenshtein(3), Measure::Jaro(least),
                Measure::JaroWinkler(least), Measure::LevenshteinSimilarity(least),
            ];
            for measure in measures {
                let limits = Limits::new(measure);
                let may = limits.may(digest(a.chars()), digest(b.chars()));
                prop_assert!(may || !measure.holds(&x, &y), "{measure:?}");
            }
        }
    }

    #[test]
    fn what_is_far_apart_is_sorted_out() {
        let limits = Limits::new(Measure::DamerauLevenshtein(2));
        assert!(!limits.may(digest("07495711850".chars()), digest("07593282894".chars())));
        assert!(limits.may(digest("07495711850".chars()), digest("07495711805".chars())));
    }
}
