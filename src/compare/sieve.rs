//! What can be told of a pair of rows without comparing text: which values are equal or missing, and by digests of the
//! values which levels are out of the question. What remains is asked of the kernels.
//!
//! A comparison's tests are made of [facts](Fact), each a bit or a few that one loop over the pairs finds; a table says
//! for all bits together which levels are possible.

use super::{
    bind::{Bound, Comparisons},
    check::{Check, Measure, TextOf},
    digest::Limit,
    lanes::{Fact, Lanes, Text, Words},
    words::{self, Rows, Word},
};
use crate::{
    ahead::LINE,
    similarity::{Work, compiled},
};

/// Comparisons of more levels are compared the plain way: null, these and all else are bits of a word.
const MOST_LEVELS: usize = 30;
/// Facts beyond so many are not known: the table has a place for all that these may be.
const MOST_FACTS: usize = 12;

/// What is told of all rows, and the comparisons' tests as far as that can answer them.
pub(super) struct Sieve {
    rows: Rows,
    width: usize,
    /// For each column of the table the word that is its value's number; it is there for all columns.
    symbols: Vec<usize>,
    tests: Vec<Option<Tests>>,
}

/// The tests of one comparison.
struct Tests {
    /// The words that are the symbols of its columns.
    columns: Vec<usize>,
    /// Facts, each with the place of its first bit.
    facts: Vec<(u32, Fact)>,
    /// The possible levels by the facts' bits.
    levels: Vec<u32>,
}

/// A test as facts by their numbers.
enum Told {
    /// The kernels must say.
    Maybe,
    /// What the fact says.
    Exactly(usize),
    /// No where the fact is not so; else the kernels must say.
    Perhaps(usize),
    All(Vec<Told>),
    Any(Vec<Told>),
    Not(Box<Told>),
}

/// Whether a test holds, by what is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Answer {
    No,
    Maybe,
    Yes,
}

/// What a test asks of two rows, before bounds of one text are put together.
#[derive(PartialEq, Clone, Copy)]
enum Ask {
    Equal(usize),
    Text(Text, Limit),
    Crossed(Text, Text, Limit),
    Initial(Text),
    Meet(usize),
    Days(usize, u32),
    Swapped(usize, usize),
}

/// Collects words while tests are read.
struct Maker<'a> {
    comparisons: &'a Comparisons<'a>,
    words: Vec<Word>,
    /// Where each word is in a row, once all are known.
    places: Vec<usize>,
    asked: Vec<Ask>,
}

impl<'a> Maker<'a> {
    fn new(comparisons: &'a Comparisons<'a>) -> Self {
        Maker { comparisons, words: Vec::new(), places: Vec::new(), asked: Vec::new() }
    }

    fn place(&mut self, word: Word) -> usize {
        let at = self.words.iter().position(|own| *own == word).unwrap_or_else(|| {
            self.words.push(word);
            self.words.len() - 1
        });
        self.places.get(at).copied().unwrap_or_default()
    }

    /// The number of a fact, where there is room for it.
    fn ask(&mut self, ask: Ask) -> Option<usize> {
        if let Some(at) = self.asked.iter().position(|known| *known == ask) {
            return Some(at);
        }
        (self.asked.len() < MOST_FACTS).then(|| {
            self.asked.push(ask);
            self.asked.len() - 1
        })
    }

    fn exactly(&mut self, ask: Ask) -> Told {
        self.ask(ask).map_or(Told::Maybe, Told::Exactly)
    }

    fn perhaps(&mut self, ask: Ask) -> Told {
        self.ask(ask).map_or(Told::Maybe, Told::Perhaps)
    }

    /// The words of a text; its first characters only where they may tell something.
    fn text(&mut self, of: TextOf, measure: Option<Measure>) -> Text {
        let known = self.words.iter().find_map(|word| match *word {
            Word::Text(own, with_digits) if own == of => Some(with_digits),
            _ => None,
        });
        let with_digits = known.unwrap_or_else(|| words::have_digits(self.comparisons, of));
        let letters = self.place(Word::Text(of, with_digits));
        let counts = matches!(measure, Some(Measure::JaroWinkler(_)));
        Text {
            letters,
            digits: with_digits.then_some(letters + 1),
            prefix: counts.then(|| self.place(Word::Prefix(of))),
        }
    }

    fn equal(&mut self, word: Word) -> Told {
        let at = self.place(word);
        self.exactly(Ask::Equal(at))
    }

    fn meet(&mut self, word: Word) -> Told {
        let at = self.place(word);
        self.perhaps(Ask::Meet(at))
    }

    fn told(&mut self, check: &Check) -> Told {
        match check {
            Check::Equal(column) => self.equal(Word::Symbol(*column)),
            Check::Text(measure, of) => {
                let text = self.text(*of, Some(*measure));
                self.perhaps(Ask::Text(text, Limit::of(*measure)))
            }
            Check::SwappedText(mine, theirs, least) => {
                let measure = Measure::JaroWinkler(*least);
                let (mine, theirs) = (self.text(*mine, Some(measure)), self.text(*theirs, Some(measure)));
                self.perhaps(Ask::Crossed(mine, theirs, Limit::of(measure)))
            }
            Check::Code(column, feature) => self.equal(Word::Code(*column, *feature)),
            Check::Initial(column) => {
                let text = self.text(TextOf { column: *column, local: false }, None);
                self.perhaps(Ask::Initial(text))
            }
            Check::Nickname(column, feature) => self.meet(Word::Nicknames(*column, *feature)),
            Check::OtherName(column, feature) => {
                let word = self.place(Word::Nicknames(*column, *feature));
                // Words at any distance, and none of them missing.
                let known = self.exactly(Ask::Days(word, u32::MAX));
                Told::All(vec![known, Told::Not(Box::new(self.perhaps(Ask::Meet(word))))])
            }
            Check::SharedWords(column, feature, least) if *least > 0 => {
                self.meet(Word::Words(*column, *feature))
            }
            Check::WordOverlap(column, feature, least) if *least > 0.0 => {
                self.meet(Word::Words(*column, *feature))
            }
            Check::Days(column, feature, most) => {
                let at = self.place(Word::Days(*column, *feature));
                self.exactly(Ask::Days(at, *most))
            }
            Check::DayMonthSwapped(column, _) => {
                let at = self.place(Word::AnyOrderDate(*column));
                self.perhaps(Ask::Equal(at))
            }
            Check::Swapped(column, other, _) => {
                let (mapped, other) =
                    (self.place(Word::Mapped(*column, *other)), self.place(Word::Symbol(*other)));
                self.exactly(Ask::Swapped(mapped, other))
            }
            Check::All(checks) => Told::All(checks.iter().map(|check| self.told(check)).collect()),
            Check::Any(checks) => Told::Any(checks.iter().map(|check| self.told(check)).collect()),
            Check::Not(check) => Told::Not(Box::new(self.told(check))),
            Check::SharedWords(..)
            | Check::WordOverlap(..)
            | Check::Difference(..)
            | Check::RelativeDifference(..)
            | Check::Kilometres(..)
            | Check::Bigrams(..)
            | Check::Words(..)
            | Check::WordOf(..)
            | Check::AnyValue(..)
            | Check::Custom(_) => Told::Maybe,
        }
    }

    /// The tests of a comparison, and the words that are the symbols of its columns.
    fn read(&mut self, bound: &Bound) -> (Vec<Told>, Vec<usize>) {
        let columns = bound.columns.iter().map(|&column| self.place(Word::Symbol(column))).collect();
        self.asked.clear();
        (bound.checks.iter().map(|check| self.told(check)).collect(), columns)
    }

    fn tests(&mut self, bound: &Bound) -> Option<Tests> {
        if bound.checks.len() > MOST_LEVELS {
            return None;
        }
        let (mut told, columns) = self.read(bound);
        // Values that are equal are so by the first test, whatever it is.
        if let (true, Some(first), Some(&at)) = (bound.equal, told.first_mut(), columns.first()) {
            let equal = self.exactly(Ask::Equal(at));
            let own = std::mem::replace(first, Told::Maybe);
            *first = Told::Any(vec![equal, own]);
        }
        let (facts, bits) = facts(&self.asked);
        let levels = (0..1u32 << self.asked.len())
            .map(|found| {
                let answers = told.iter().map(|test| test.answer(&|fact| found >> bits[fact] & 1 != 0));
                let mut levels = 0;
                for (at, answer) in answers.enumerate() {
                    levels |= u32::from(answer != Answer::No) << (at + 1);
                    if answer == Answer::Yes {
                        return levels;
                    }
                }
                levels | 2 << told.len()
            })
            .collect();
        Some(Tests { columns, facts, levels })
    }
}

/// The facts that answer what is asked, bounds of one text together; and the place of each answer's bit.
fn facts(asked: &[Ask]) -> (Vec<(u32, Fact)>, Vec<u32>) {
    let mut facts = Vec::new();
    let mut bits = vec![u32::MAX; asked.len()];
    let mut next = 0;
    for (at, ask) in asked.iter().enumerate() {
        if bits[at] != u32::MAX {
            continue;
        }
        let first = next;
        let mut take = |at: usize| {
            bits[at] = next;
            next += 1;
        };
        take(at);
        let fact = match *ask {
            Ask::Equal(word) => Fact::Equal(word),
            Ask::Text(text, _) => {
                let same = asked.iter().enumerate().skip(at).filter_map(|(at, ask)| match ask {
                    Ask::Text(own, limit) if own.letters == text.letters => Some((at, own.prefix, *limit)),
                    _ => None,
                });
                let same: Vec<(usize, Option<usize>, Limit)> = same.collect();
                same[1..].iter().for_each(|(at, ..)| take(*at));
                let prefix = same.iter().find_map(|(_, prefix, _)| *prefix);
                Fact::Text(Text { prefix, ..text }, same.iter().map(|(.., limit)| *limit).collect())
            }
            Ask::Crossed(mine, theirs, limit) => Fact::Crossed(mine, theirs, limit),
            Ask::Initial(text) => Fact::Initial(text),
            Ask::Meet(word) => Fact::Meet(word),
            Ask::Days(word, most) => Fact::Days(word, most),
            Ask::Swapped(word, other) => Fact::Swapped(word, other),
        };
        facts.push((first, fact));
    }
    (facts, bits)
}

impl Told {
    fn answer(&self, found: &impl Fn(usize) -> bool) -> Answer {
        match self {
            Told::Maybe => Answer::Maybe,
            Told::Exactly(fact) => {
                if found(*fact) {
                    Answer::Yes
                } else {
                    Answer::No
                }
            }
            Told::Perhaps(fact) => {
                if found(*fact) {
                    Answer::Maybe
                } else {
                    Answer::No
                }
            }
            Told::All(tests) => tests.iter().map(|test| test.answer(found)).min().unwrap_or(Answer::Yes),
            Told::Any(tests) => tests.iter().map(|test| test.answer(found)).max().unwrap_or(Answer::No),
            Told::Not(test) => match test.answer(found) {
                Answer::No => Answer::Yes,
                Answer::Maybe => Answer::Maybe,
                Answer::Yes => Answer::No,
            },
        }
    }
}

impl Sieve {
    /// Makes the words: O(rows × words) and once for each distinct value its text.
    pub(super) fn new(comparisons: &Comparisons<'_>) -> Self {
        let mut maker = Maker::new(comparisons);
        // Once to see which words there are, and once more when each has its place.
        for bound in comparisons.bound.iter().filter(|bound| bound.checks.len() <= MOST_LEVELS) {
            maker.read(bound);
        }
        let columns = comparisons.table.width();
        maker.places = words::placed(&mut maker.words, columns);
        let tests = comparisons.bound.iter().map(|bound| maker.tests(bound)).collect();
        let symbols = (0..columns).map(|column| maker.place(Word::Symbol(column))).collect();
        let words: usize = maker.words.iter().map(Word::width).sum();
        let fours = words.next_multiple_of(4);
        // Whole lines for each row, where that takes hardly more memory.
        let lines = words.next_multiple_of(LINE);
        let width = if lines - fours <= fours / 8 { lines } else { fours };
        Sieve { rows: Rows::new(comparisons, &maker.words, &maker.places, width), width, symbols, tests }
    }

    /// Whether a comparison can be asked for at all.
    pub(super) fn knows(&self, comparison: usize) -> bool {
        self.tests[comparison].is_some()
    }

    /// Where the words of two rows begin.
    #[inline]
    pub(super) fn places(&self, (a, b): (u32, u32)) -> (usize, usize) {
        (self.rows.place(a), self.rows.place(b))
    }

    /// Reads ahead the words of these pairs, without waiting for them.
    pub(super) fn fetch(&self, pairs: &[(usize, usize)]) {
        // Pairs come row by row.
        let mut last = None;
        for &(a, b) in pairs {
            if last.replace(a) != Some(a) {
                self.rows.fetch(a);
            }
            self.rows.fetch(b);
        }
    }

    /// The words of at most `N` pairs of rows, as [`Sieve::possible`] takes them.
    pub(super) fn deal<const N: usize>(&self, pairs: &[(usize, usize)], lanes: &mut Lanes<N>) {
        lanes.deal(|place| self.rows.at(place), self.width, pairs);
    }

    /// The numbers of two rows' values in a column, for the places of their words.
    #[inline]
    pub(super) fn symbols(&self, column: usize, (a, b): (usize, usize)) -> (u32, u32) {
        let word = self.symbols[column];
        (self.rows.word(a, word), self.rows.word(b, word))
    }

    /// [`Sieve::symbols`] of pairs whose words are dealt.
    #[inline]
    pub(super) fn symbols_of<'l, const N: usize>(
        &self,
        column: usize,
        lanes: &'l Lanes<N>,
    ) -> (&'l [u32; N], &'l [u32; N]) {
        lanes.of(self.symbols[column])
    }

    /// The levels that pairs of rows may have in a comparison, as bits; one bit alone is the answer. All bits where
    /// nothing is known.
    pub(super) fn possible<const N: usize>(
        &self,
        comparison: usize,
        pairs: &impl Words<N>,
        levels: &mut [u32; N],
    ) {
        match &self.tests[comparison] {
            Some(tests) => compiled(Possible { pairs, tests, levels }),
            None => levels.fill(u32::MAX),
        }
    }

    /// [`Sieve::possible`] of one pair.
    pub(super) fn possible_of(&self, comparison: usize, pair: (u32, u32)) -> u32 {
        let (a, b) = self.places(pair);
        let mut levels = [0];
        self.possible(comparison, &(self.rows.at(a), self.rows.at(b)), &mut levels);
        levels[0]
    }
}

/// Which levels are possible.
struct Possible<'a, W, const N: usize> {
    pairs: &'a W,
    tests: &'a Tests,
    levels: &'a mut [u32; N],
}

impl<W: Words<N>, const N: usize> Work for Possible<'_, W, N> {
    #[inline(always)]
    fn run(self) {
        let Possible { pairs, tests, levels } = self;
        levels.fill(0);
        // Not by `for_each`: what is called there is compiled without the instructions.
        for (place, fact) in &tests.facts {
            fact.find(pairs, *place, levels);
        }
        // All bits are set while either row lacks a value in each column so far.
        let mut missing = [u32::MAX; N];
        for &column in &tests.columns {
            let (x, y) = pairs.of(column);
            for at in 0..N {
                missing[at] &= u32::from((x[at] == 0) | (y[at] == 0)).wrapping_neg();
            }
        }
        for (levels, missing) in levels.iter_mut().zip(missing) {
            let known = tests.levels.get(*levels as usize).copied().unwrap_or(u32::MAX);
            *levels = if missing == 0 { known } else { 1 };
        }
    }
}

#[cfg(test)]
mod tests;
