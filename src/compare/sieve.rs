//! What can be told of a pair of rows without comparing text: which values are equal or missing, and by digests of the
//! values which levels are out of the question. What remains is asked of the kernels.
//!
//! A comparison's tests are made of facts, each a bit or a few that one loop over a chunk of pairs finds; a table says
//! for all bits together which levels are possible.

use super::{
    bind::{Bound, Comparisons},
    check::{Check, Measure, TextOf},
    digest::{BOUNDS, Limits, PREFIX, common_prefix, length},
    words::{self, LINE, Word},
};
use crate::{
    ahead::touch,
    similarity::{Work, compiled},
};

/// Comparisons of more levels are compared the plain way: null, these and all else are bits of a word.
const MOST_LEVELS: usize = 30;
/// First characters are kept for similarities below this: they take a word a row.
const PREFIX_BELOW: f64 = 0.85;
/// Facts beyond so many are not known: the table has a place for all that these may be.
const MOST_FACTS: usize = 12;

/// What is told of all rows, and the comparisons' tests as far as that can answer them.
pub(super) struct Sieve {
    /// The words of each row side by side, from a place that is the beginning of a line of memory.
    words: Vec<u32>,
    width: usize,
    first: usize,
    /// For each column of the table the word that is its value's number; it is there for all columns.
    symbols: Vec<usize>,
    tests: Vec<Option<Tests>>,
}

/// The tests of one comparison.
struct Tests {
    /// The words that are the symbols of its columns.
    columns: Vec<usize>,
    /// Whether equal values of its one column are in the first level.
    equal: bool,
    /// Facts, each with the place of its first bit.
    facts: Vec<(u32, Fact)>,
    /// The possible levels by the facts' bits.
    levels: Vec<u32>,
}

/// What is told of two rows. Each is false where a value is missing.
enum Fact {
    /// Equal words: values or codes.
    Equal(usize),
    /// The bounds that the digests of two texts do not exclude, and their first characters, where these are there.
    Text(usize, Option<usize>, Limits),
    /// The same, of one text and the other row's other text, both ways.
    Crossed((usize, usize), (usize, usize), Limits),
    /// A text of one character.
    Initial(usize),
    /// Sets, as bits, that meet.
    Meet(usize),
    /// Days, one more than their number, at most so far apart.
    Days(usize, u32),
    /// Each row's own word is the symbol of the other row's other column.
    Swapped(usize, usize),
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
    Text(usize, Option<usize>, Measure),
    Crossed((usize, usize), (usize, usize), Measure),
    Initial(usize),
    Meet(usize),
    Days(usize, u32),
    Swapped(usize, usize),
}

/// The words of one row.
#[derive(Clone, Copy)]
struct Row<'a> {
    words: &'a [u32],
    from: usize,
}

impl Row<'_> {
    #[inline(always)]
    fn word(self, at: usize) -> u32 {
        self.words[self.from + at]
    }

    #[inline(always)]
    fn lacks(self, at: usize) -> bool {
        self.word(at) == 0
    }

    #[inline(always)]
    fn digest(self, at: usize) -> u64 {
        // One read of both words.
        let words = self.words[self.from + at..].first_chunk::<2>();
        words.map_or(0, |words| u64::from(words[0]) | u64::from(words[1]) << 32)
    }
}

/// Collects words while tests are read.
#[derive(Default)]
struct Maker {
    words: Vec<(Word, usize)>,
    width: usize,
    asked: Vec<Ask>,
}

impl Maker {
    fn place(&mut self, word: Word) -> usize {
        if let Some((_, at)) = self.words.iter().find(|(own, _)| *own == word) {
            return *at;
        }
        let at = self.width;
        self.width += word.width();
        self.words.push((word, at));
        at
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

    fn text(&mut self, of: &TextOf) -> usize {
        self.place(Word::Text(of.column, of.local.then_some(of.feature)))
    }

    /// A text and its first characters.
    fn with_prefix(&mut self, of: &TextOf) -> (usize, usize) {
        (self.text(of), self.place(Word::Prefix(of.column, of.local.then_some(of.feature))))
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
                let (at, prefix) = match measure {
                    // Above that the digests alone tell much.
                    Measure::JaroWinkler(least) if least.get() < PREFIX_BELOW => {
                        let (at, prefix) = self.with_prefix(of);
                        (at, Some(prefix))
                    }
                    _ => (self.text(of), None),
                };
                self.perhaps(Ask::Text(at, prefix, *measure))
            }
            Check::SwappedText(mine, theirs, least) => {
                let (mine, theirs) = (self.with_prefix(mine), self.with_prefix(theirs));
                self.perhaps(Ask::Crossed(mine, theirs, Measure::JaroWinkler(*least)))
            }
            Check::Code(column, feature) | Check::LocalPart(column, feature) => {
                self.equal(Word::Code(*column, *feature))
            }
            Check::Initial(column, _) => {
                let at = self.place(Word::Text(*column, None));
                self.perhaps(Ask::Initial(at))
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

    fn tests(&mut self, bound: &Bound) -> Option<Tests> {
        if bound.checks.len() > MOST_LEVELS {
            return None;
        }
        let columns: Vec<usize> =
            bound.columns.iter().map(|&column| self.place(Word::Symbol(column))).collect();
        self.asked.clear();
        let mut told: Vec<Told> = bound.checks.iter().map(|check| self.told(check)).collect();
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
        let equal = bound.equal && columns.len() == 1;
        Some(Tests { columns, equal, facts, levels })
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
            Ask::Text(text, ..) => {
                let same = asked.iter().enumerate().skip(at).filter_map(|(at, ask)| match ask {
                    Ask::Text(own, prefix, bound) if *own == text => Some((at, *prefix, *bound)),
                    _ => None,
                });
                let same: Vec<(usize, Option<usize>, Measure)> = same.take(BOUNDS).collect();
                same[1..].iter().for_each(|(at, ..)| take(*at));
                let bounds: Vec<Measure> = same.iter().map(|(.., bound)| *bound).collect();
                Fact::Text(text, same.iter().find_map(|(_, prefix, _)| *prefix), Limits::new(&bounds))
            }
            Ask::Crossed(mine, theirs, bound) => Fact::Crossed(mine, theirs, Limits::new(&[bound])),
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
        let mut maker = Maker::default();
        let tests = comparisons.bound.iter().map(|bound| maker.tests(bound)).collect();
        let columns = 0..comparisons.table.width();
        let symbols = columns.map(|column| maker.place(Word::Symbol(column))).collect();
        // Whole lines for each row, where that takes hardly more memory.
        let lines = maker.width.next_multiple_of(LINE);
        let width = if lines - maker.width <= maker.width / 8 { lines } else { maker.width };
        let (words, first) = words::of_rows(comparisons, &maker.words, width);
        Sieve { words, width, first, symbols, tests }
    }

    /// Whether a comparison can be asked for at all.
    pub(super) fn knows(&self, comparison: usize) -> bool {
        self.tests[comparison].is_some()
    }

    /// Where the words of rows begin: pairs as [`Sieve::possible`] takes them.
    #[inline]
    pub(super) fn places(&self, (a, b): (u32, u32)) -> (usize, usize) {
        (self.first + a as usize * self.width, self.first + b as usize * self.width)
    }

    /// Reads ahead what will be told of these pairs.
    pub(super) fn touch(&self, pairs: &[(usize, usize)]) {
        let lines = |&(a, b): &(usize, usize)| {
            let lines = (0..self.width).step_by(LINE);
            lines.map(move |line| self.words[a + line] ^ self.words[b + line]).fold(0, |all, word| all ^ word)
        };
        touch(pairs.iter().map(lines));
    }

    /// The numbers of two rows' values in a column, for the places of their words.
    #[inline]
    pub(super) fn symbols(&self, column: usize, (a, b): (usize, usize)) -> (u32, u32) {
        let word = self.symbols[column];
        (self.words[a + word], self.words[b + word])
    }

    /// About how much work a comparison is.
    pub(super) fn effort(&self, comparison: usize) -> usize {
        self.tests[comparison].as_ref().map_or(0, |tests| tests.facts.len())
    }

    /// The levels that pairs of rows may have in a comparison, as bits; one bit alone is the answer. All bits where
    /// nothing is known. Fastest where the words of all pairs are in the processor's first cache.
    pub(super) fn possible(&self, comparison: usize, pairs: &[(usize, usize)], levels: &mut [u32]) {
        match &self.tests[comparison] {
            Some(tests) if tests.equal => {
                pairs.chunks(AT_ONCE).zip(levels.chunks_mut(AT_ONCE)).for_each(|(pairs, levels)| {
                    compiled(Simple { words: &self.words, tests, pairs, levels });
                });
            }
            Some(tests) => compiled(Possible { words: &self.words, tests, pairs, levels }),
            None => levels.fill(u32::MAX),
        }
    }
}

/// Pairs of which those are put aside together that need no fact.
const AT_ONCE: usize = 128;

/// As [`Possible`], for at most [`AT_ONCE`] pairs and tests of one column of which equal values pass the first: pairs of
/// equal or missing values are told by these alone.
struct Simple<'a> {
    words: &'a [u32],
    tests: &'a Tests,
    pairs: &'a [(usize, usize)],
    levels: &'a mut [u32],
}

impl Work for Simple<'_> {
    #[inline(always)]
    fn run(self) {
        let Simple { words, tests, pairs, levels } = self;
        let column = tests.columns[0];
        let (mut open, mut places, mut count) = ([0u8; AT_ONCE], [(0usize, 0usize); AT_ONCE], 0usize);
        for (at, (level, &(a, b))) in levels.iter_mut().zip(pairs).enumerate() {
            let (x, y) = (words[a + column], words[b + column]);
            let (missing, equal) = ((x == 0) | (y == 0), x == y);
            *level = if missing { 1 } else { 2 };
            open[count % AT_ONCE] = at as u8;
            places[count % AT_ONCE] = (a, b);
            count += usize::from(!(missing | equal));
        }
        let mut found = [0u32; AT_ONCE];
        let mut rest = Possible { words, tests, pairs: &places[..count], levels: &mut found[..count] };
        let told = |fact: &Fact| matches!(*fact, Fact::Equal(word) if word == column);
        // Not by `for_each`: what is called there is compiled without the instructions.
        for (place, fact) in &tests.facts {
            if !told(fact) {
                rest.find(fact, *place);
            }
        }
        for (&at, &found) in open[..count].iter().zip(&found) {
            levels[at as usize] = tests.levels[found as usize];
        }
    }
}

/// Which levels are possible, for the places of the words of pairs.
struct Possible<'a> {
    words: &'a [u32],
    tests: &'a Tests,
    pairs: &'a [(usize, usize)],
    levels: &'a mut [u32],
}

/// For each pair, what becomes of its bits by the words of its rows. No closure, so that it is compiled where it stands.
macro_rules! each {
    ($own:ident, |$found:ident, $a:ident, $b:ident| $bits:expr) => {
        for (bits, &(a, b)) in $own.levels.iter_mut().zip($own.pairs) {
            let ($found, $a, $b) =
                (*bits, Row { words: $own.words, from: a }, Row { words: $own.words, from: b });
            *bits = $bits;
        }
    };
}

impl Work for Possible<'_> {
    #[inline(always)]
    fn run(mut self) {
        self.levels.fill(0);
        let tests = self.tests;
        for (place, fact) in &tests.facts {
            self.find(fact, *place);
        }
        let known = &tests.levels[..];
        if let [at] = tests.columns[..] {
            each!(self, |found, a, b| if a.lacks(at) | b.lacks(at) { 1 } else { known[found as usize] });
        } else {
            let missing = |a: Row<'_>, b: Row<'_>| tests.columns.iter().all(|&at| a.lacks(at) | b.lacks(at));
            each!(self, |found, a, b| if missing(a, b) { 1 } else { known[found as usize] });
        }
    }
}

impl Possible<'_> {
    /// Sets the bits of a fact. Without branches: answers are as good as random.
    #[inline(always)]
    fn find(&mut self, fact: &Fact, place: u32) {
        match *fact {
            Fact::Equal(at) => {
                each!(self, |found, a, b| {
                    let (x, y) = (a.word(at), b.word(at));
                    found | u32::from((x == y) & (x != 0)) << place
                });
            }
            Fact::Text(at, None, ref limits) => {
                each!(self, |found, a, b| found | limits.may(a.digest(at), b.digest(at), PREFIX) << place);
            }
            Fact::Text(at, Some(prefix), ref limits) => {
                each!(self, |found, a, b| {
                    let common = common_prefix(a.word(prefix), b.word(prefix));
                    found | limits.may(a.digest(at), b.digest(at), common) << place
                });
            }
            Fact::Crossed(mine, theirs, ref limits) => {
                each!(self, |found, a, b| {
                    let here = common_prefix(a.word(mine.1), b.word(theirs.1));
                    let there = common_prefix(b.word(mine.1), a.word(theirs.1));
                    let one = limits.may(a.digest(mine.0), b.digest(theirs.0), here);
                    let two = limits.may(b.digest(mine.0), a.digest(theirs.0), there);
                    found | (one & two) << place
                });
            }
            Fact::Initial(at) => {
                each!(self, |found, a, b| {
                    let (x, y) = (length(a.digest(at)), length(b.digest(at)));
                    found | u32::from(x.min(y) == 1) << place
                });
            }
            Fact::Meet(at) => {
                each!(self, |found, a, b| found | u32::from(a.word(at) & b.word(at) != 0) << place);
            }
            Fact::Days(at, most) => {
                each!(self, |found, a, b| {
                    let (x, y) = (a.word(at), b.word(at));
                    found | u32::from((x != 0) & (y != 0) & (x.abs_diff(y) <= most)) << place
                });
            }
            Fact::Swapped(mapped, other) => {
                each!(self, |found, a, b| {
                    let (x, y) = (a.word(other), b.word(other));
                    let both = (a.word(mapped) == y) & (b.word(mapped) == x);
                    found | u32::from((x != 0) & (y != 0) & both) << place
                });
            }
        }
    }
}
