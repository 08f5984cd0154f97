//! One text against many: a block of texts laid side by side, so that one pass compares a text with 64 of them.
//!
//! A block gives each character a code of its own (1 to 254, in order of appearance) and sorts its members by
//! length. 64 members make a group, whose row j holds the codes of their characters at j. A text compared with
//! the block chooses the lane width by *its* length alone: up to 8 characters all 64 members fit in one AVX-512
//! vector, up to 16 half of them, and so on. A block of up to 31 different characters keeps the pattern table in
//! registers. What does not fit (members or texts of more than 64 code points, or a 255th character) goes one by
//! one to the path for pairs.

use std::collections::HashMap;

use super::level::Level;
use super::pair::{self, Edit};
use super::prepared::Prepared;
use super::ratio::{WORD, jaro_short, winkler};
use super::score::{Distance, Similarity};
use super::simd::{self, ABSENT, Count, GROUP, Group, Need, Pattern, Row};

/// Texts made ready to be compared, all at once, with one text after another.
///
/// Building is linear in the number of characters. About 37 bytes for each member, and one for each of its
/// characters ([`Block::heap_bytes`]). Answers are written in the order in which the members were given.
///
/// # Example
/// ```
/// use stitchline::similarity::{Block, Distance, Prepared, Similarity, jaro_winkler};
///
/// let names = ["anna", "hannah", "joanna"];
/// let block: Block = names.iter().map(|name| Prepared::new(name)).collect();
/// let query = Prepared::new("anne");
///
/// let mut scores = [Similarity::ZERO; 3];
/// block.jaro_winkler(&query, None, &mut scores);
/// assert_eq!(scores[0], jaro_winkler("anne", "anna"));
///
/// let mut distances = [Distance::ZERO; 3];
/// block.levenshtein(&query, Some(Distance::new(2)), &mut distances);
/// assert_eq!(distances, [Distance::new(1), Distance::BEYOND, Distance::BEYOND]);
/// ```
#[derive(Clone, Debug)]
pub struct Block {
    level: Level,
    members: Vec<Prepared>,
    alphabet: Alphabet,
    rows: Vec<Row>,
    groups: Vec<Group>,
    /// For each place of a group, the member that stands there.
    order: Vec<u32>,
    /// Members that the groups cannot hold.
    cold: Vec<u32>,
}

/// Codes of the characters of a block.
#[derive(Clone, Debug)]
struct Alphabet {
    ascii: [u8; 128],
    other: HashMap<char, u8>,
    used: u8,
}

impl Alphabet {
    fn new() -> Self {
        Self { ascii: [ABSENT; 128], other: HashMap::new(), used: 0 }
    }

    fn get(&self, c: char) -> u8 {
        match self.ascii.get(c as usize) {
            Some(code) => *code,
            None => self.other.get(&c).copied().unwrap_or(ABSENT),
        }
    }

    fn get_or_add(&mut self, c: char) -> u8 {
        let known = self.get(c);
        if known != ABSENT || self.used + 1 == ABSENT {
            return known;
        }
        self.used += 1;
        match self.ascii.get_mut(c as usize) {
            Some(code) => *code = self.used,
            None => {
                self.other.insert(c, self.used);
            }
        }
        self.used
    }

    /// One more than the greatest code; 0 is no character.
    fn size(&self) -> usize {
        usize::from(self.used) + 1
    }
}

impl FromIterator<Prepared> for Block {
    fn from_iter<I: IntoIterator<Item = Prepared>>(members: I) -> Self {
        Self::at(Level::active(), members)
    }
}

impl Block {
    /// A block that is compared with the instructions of one level, or of the highest supported one below it.
    pub fn at(level: Level, members: impl IntoIterator<Item = Prepared>) -> Self {
        let mut members: Vec<Prepared> = members.into_iter().collect();
        // What they came from may have lent its room.
        members.shrink_to_fit();
        let mut alphabet = Alphabet::new();
        let mut codes = Vec::with_capacity(members.iter().map(Prepared::len).sum());
        let (mut warm, mut cold) = (Vec::with_capacity(members.len()), Vec::new());
        for (member, index) in members.iter().zip(0u32..) {
            let start = codes.len();
            if member.len() <= WORD {
                codes.extend(member.chars().map(|c| alphabet.get_or_add(c)));
            }
            if member.len() > WORD || codes[start..].contains(&ABSENT) {
                codes.truncate(start);
                cold.push(index);
            } else {
                warm.push((member.len(), index, start));
            }
        }
        warm.sort_unstable();
        let mut block = Self {
            level: level.or_below(),
            members,
            alphabet,
            rows: Vec::new(),
            groups: Vec::with_capacity(warm.len().div_ceil(GROUP)),
            order: warm.iter().map(|(_, index, _)| *index).collect(),
            cold,
        };
        for group in warm.chunks(GROUP) {
            let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
            let mut span = Group {
                first_row: block.rows.len(),
                longest: last.0,
                shortest: first.0,
                used: group.len(),
                lens: Row::splat(last.0 as u8),
            };
            block.rows.resize(span.first_row + last.0, Row::splat(0));
            let rows = &mut block.rows[span.first_row..];
            for (lane, (len, _, start)) in group.iter().enumerate() {
                span.lens.0[lane] = *len as u8;
                for (row, code) in rows.iter_mut().zip(&codes[*start..start + len]) {
                    row.0[lane] = *code;
                }
            }
            block.groups.push(span);
        }
        block
    }

    /// The number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Bytes held outside the value itself, those of its members among them: some 37 a member and one for each of its
    /// characters, where members are short.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let members: usize = self.members.iter().map(Prepared::heap_bytes).sum();
        members
            + self.members.capacity() * size_of::<Prepared>()
            + self.rows.capacity() * size_of::<Row>()
            + self.groups.capacity() * size_of::<Group>()
            + (self.order.capacity() + self.cold.capacity()) * size_of::<u32>()
            + self.alphabet.other.capacity() * size_of::<(char, u8)>()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members, in the order given.
    #[must_use]
    pub fn members(&self) -> &[Prepared] {
        &self.members
    }

    /// [`jaro`](super::jaro()) of `text` with every member, to `out`; below `cutoff` it is
    /// [`Similarity::ZERO`], and pairs that cannot reach it are not finished.
    ///
    /// # Panics
    /// Where `out` has another length than the block.
    pub fn jaro(&self, text: &Prepared, cutoff: Option<Similarity>, out: &mut [Similarity]) {
        self.similarities::<false>(text, cutoff, out);
    }

    /// [`jaro_winkler`](super::jaro_winkler()) of `text` with every member, to `out`; below `cutoff` it is
    /// [`Similarity::ZERO`], and pairs that cannot reach it are not finished.
    ///
    /// # Panics
    /// Where `out` has another length than the block.
    pub fn jaro_winkler(&self, text: &Prepared, cutoff: Option<Similarity>, out: &mut [Similarity]) {
        self.similarities::<true>(text, cutoff, out);
    }

    /// [`levenshtein`](super::levenshtein()) of `text` with every member, to `out`; above `cutoff` it is
    /// [`Distance::BEYOND`], and members whose length alone rules them out are not looked at.
    ///
    /// # Panics
    /// Where `out` has another length than the block.
    pub fn levenshtein(&self, text: &Prepared, cutoff: Option<Distance>, out: &mut [Distance]) {
        self.distances(Count::Levenshtein, Edit::Levenshtein, text, cutoff, out);
    }

    /// [`osa`](super::osa()) of `text` with every member, as [`Block::levenshtein`].
    ///
    /// # Panics
    /// Where `out` has another length than the block.
    pub fn osa(&self, text: &Prepared, cutoff: Option<Distance>, out: &mut [Distance]) {
        self.distances(Count::Osa, Edit::Osa, text, cutoff, out);
    }

    /// [`damerau_levenshtein`](super::damerau_levenshtein()) of `text` with every member, as
    /// [`Block::levenshtein`].
    ///
    /// # Panics
    /// Where `out` has another length than the block.
    pub fn damerau_levenshtein(&self, text: &Prepared, cutoff: Option<Distance>, out: &mut [Distance]) {
        self.distances(Count::Damerau, Edit::Damerau, text, cutoff, out);
    }

    /// [`indel`](super::indel()) of `text` with every member, as [`Block::levenshtein`].
    ///
    /// # Panics
    /// Where `out` has another length than the block.
    pub fn indel(&self, text: &Prepared, cutoff: Option<Distance>, out: &mut [Distance]) {
        self.distances(Count::Lcs, Edit::Lcs, text, cutoff, out);
    }

    fn pattern(&self, text: &Prepared) -> Option<Pattern> {
        let short = text.len() <= WORD;
        short.then(|| Pattern::new(self.alphabet.size(), text.chars().map(|c| self.alphabet.get(c))))
    }

    fn similarities<const WINKLER: bool>(
        &self,
        text: &Prepared,
        cutoff: Option<Similarity>,
        out: &mut [Similarity],
    ) {
        assert_eq!(out.len(), self.len(), "the slice must be as long as the block");
        let cutoff = cutoff.unwrap_or(Similarity::ZERO);
        let kept = |score: f64| if score < cutoff.get() { Similarity::ZERO } else { Similarity::of(score) };
        let one = |index: u32, out: &mut [Similarity]| {
            let score = pair::jaro_prepared::<WINKLER>(self.level, text, &self.members[index as usize]);
            out[index as usize] = kept(score);
        };
        self.cold.iter().for_each(|index| one(*index, out));
        let Some(pattern) = self.pattern(text).filter(|pattern| pattern.len > 0) else {
            self.order.iter().for_each(|index| one(*index, out));
            return;
        };
        let need = (cutoff > Similarity::ZERO).then(|| self.need::<WINKLER>(pattern.len, cutoff.get()));
        simd::many_jaro(
            self.level,
            WINKLER,
            &pattern,
            &self.rows,
            &self.groups,
            need.as_ref(),
            &mut |group, scores| {
                let places = self.order[group * GROUP..].iter().zip(scores);
                if need.is_none() {
                    places.for_each(|(index, score)| out[*index as usize] = Similarity::of(*score));
                } else {
                    places.for_each(|(index, score)| out[*index as usize] = kept(*score));
                }
            },
        );
    }

    /// The least matches with which a score can reach the cut-off, for each length that the groups have: all
    /// matches in order, and for Winkler four equal first characters.
    fn need<const WINKLER: bool>(&self, len: usize, cutoff: f64) -> Need {
        let mut need = [0; WORD + 1];
        let lens =
            self.groups.first().map_or(0, |g| g.shortest)..=self.groups.last().map_or(0, |g| g.longest);
        for other in lens.filter(|other| *other > 0) {
            let best = |matches: usize| {
                let jaro = jaro_short(len, other, matches, 0);
                if WINKLER { winkler(jaro, 4) } else { jaro }
            };
            let most = len.min(other);
            need[other] = (0..=most).find(|matches| best(*matches) >= cutoff).unwrap_or(WORD + 1) as u8;
        }
        need
    }

    fn distances(
        &self,
        metric: Count,
        alone: Edit,
        text: &Prepared,
        cutoff: Option<Distance>,
        out: &mut [Distance],
    ) {
        assert_eq!(out.len(), self.len(), "the slice must be as long as the block");
        let most = cutoff.unwrap_or(Distance::BEYOND);
        let kept = |distance: Distance| if distance > most { Distance::BEYOND } else { distance };
        let len = text.len();
        let one = |index: u32, out: &mut [Distance]| {
            let member = &self.members[index as usize];
            out[index as usize] = match cutoff {
                None => Distance::of(pair::distance_prepared(self.level, alone, text, member)),
                Some(most) => {
                    pair::edit_within_prepared(self.level, alone, text, member, most.get() as usize)
                        .map_or(Distance::BEYOND, Distance::of)
                }
            };
        };
        self.cold.iter().for_each(|index| one(*index, out));
        let Some(pattern) = self.pattern(text).filter(|pattern| pattern.len > 0) else {
            self.order.iter().for_each(|index| one(*index, out));
            return;
        };
        // Members whose length differs by more than the cut-off stand in groups at both ends.
        let reach = most.get() as usize;
        let start = self.groups.partition_point(|group| group.longest + reach < len);
        let end = self.groups.partition_point(|group| group.shortest <= len.saturating_add(reach)).max(start);
        let places = |groups: std::ops::Range<usize>| {
            let to = (groups.end * GROUP).min(self.order.len());
            self.order[(groups.start * GROUP).min(to)..to].iter()
        };
        places(0..start).for_each(|index| out[*index as usize] = Distance::BEYOND);
        places(end..self.groups.len()).for_each(|index| out[*index as usize] = Distance::BEYOND);
        let groups = &self.groups[start..end];
        simd::many_count(self.level, metric, &pattern, &self.rows, groups, &mut |group, counts| {
            let lens = &groups[group].lens.0;
            for ((index, count), other) in places(start + group..start + group + 1).zip(counts).zip(lens) {
                let count = u32::from(*count);
                let count =
                    if metric == Count::Lcs { (len as u32 + u32::from(*other)) - 2 * count } else { count };
                out[*index as usize] = kept(Distance::new(count));
            }
        });
    }
}
