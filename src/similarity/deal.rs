//! Deals pairs of texts into groups of 64, which a task compares at once.
//!
//! Short text, most of what customers have, stays in the order it came in: 64 pairs are read, ASCII without a branch,
//! compared as they stand, and answered in place, if enough of them are of like length. Other pairs are put into bins by the
//! lengths of both texts, and a bin is compared when it is full; what cannot be folded to a byte a character, and what is
//! too long for its level, is answered one by one.
#![allow(unsafe_code)]

use super::fold;
use super::level::{Level, Supported};
use super::pairs::Text;
use super::ratio::WORD;
use super::short::Short;
use super::simd::{GROUP, Lines, PairGroup, Row};
use super::word::ones;

/// What is done with pairs of texts `T` to answer each with an `O`.
pub(super) trait Task<T: ?Sized, O> {
    /// Of pairs of longer texts, up to which length of the shorter one they are worth putting side by side.
    fn together(&self) -> usize;
    /// The answer to a pair that is not within the cut-off.
    const HIDDEN: O;
    /// Whether there is a cut-off.
    fn cuts(&self) -> bool;
    /// Whether the lengths alone rule out that a pair is within the cut-off.
    fn hides(&self, a_len: usize, b_len: usize) -> bool;
    /// Answers one pair by itself.
    fn one(&self, a: &T, b: &T) -> O;
    /// Answers the first lanes of a group, as many as `out` has.
    fn group(&self, group: &PairGroup, out: &mut [O]);
}

/// Upper bounds of the lengths that share a bin.
const BOUNDS: [usize; 4] = [8, 16, 32, 64];
/// A bin for each pair of bounds, the shorter one first.
const BINS: usize = BOUNDS.len() * (BOUNDS.len() + 1) / 2;
/// Lengths of short pairs that are compared as they stand, the cheapest first: up to which the shorter text has, and
/// the longer one.
const SHORT: [(u8, u8); 3] = [(8, 8), (8, 16), (16, 16)];
/// Of the lanes of a group, which cost the same however many are of use, so many must be.
const ENOUGH: usize = GROUP * 5 / 8;
/// A length that is of no short text.
const LONG: u8 = 255;
/// Groups after which it is tried again whether pairs are of short texts.
const MOST_PAUSE: u32 = 15;
/// Pairs that are dealt at a time: numbers of pairs have 32 bits.
const PAIRS: usize = 1 << 30;

/// Which of [`BOUNDS`] a text of up to 64 falls under.
fn bound(len: usize) -> usize {
    usize::from(len > 8) + usize::from(len > 16) + usize::from(len > 32)
}

/// The lanes whose bit is set.
fn lanes(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lane = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (lane < GROUP).then_some(lane)
    })
}

/// The bin of pairs whose texts fall under two bounds.
fn place(shorter: usize, longer: usize) -> usize {
    longer * (longer + 1) / 2 + shorter
}

/// The room for dealing.
#[derive(Clone)]
pub(super) struct Dealer {
    level: Level,
    /// Pairs that are compared as they stand.
    short: Box<PairGroup>,
    /// All others.
    bins: Box<[Bin; BINS]>,
}

/// Pairs that wait for their group to fill.
#[derive(Clone)]
struct Bin {
    group: PairGroup,
    indices: [u32; GROUP],
    used: usize,
}

fn empty(a: usize, b: usize) -> PairGroup {
    PairGroup {
        a: Lines::new(a),
        b: Lines::new(b),
        a_lens: Row::splat(0),
        b_lens: Row::splat(0),
        most: (0, 0),
    }
}

impl Dealer {
    pub(super) fn new(level: Level) -> Self {
        let mut bounds =
            (0..BOUNDS.len()).flat_map(|longer| (0..=longer).map(move |shorter| (shorter, longer)));
        let bins = std::array::from_fn(|_| {
            let (a, b) = bounds.next().unwrap_or((BOUNDS.len() - 1, BOUNDS.len() - 1));
            Bin { group: empty(BOUNDS[a], BOUNDS[b]), indices: [0; GROUP], used: 0 }
        });
        Self { level: level.or_below(), short: Box::new(empty(BOUNDS[1], BOUNDS[1])), bins: Box::new(bins) }
    }

    pub(super) fn level(&self) -> Level {
        self.level
    }

    /// Answers all pairs, in their order.
    pub(super) fn deal<T: Text + ?Sized, O: Copy>(
        &mut self,
        pairs: &[(&T, &T)],
        out: &mut [O],
        task: &impl Task<T, O>,
    ) {
        self.deal_by(PAIRS, pairs, out, task);
    }

    /// [`Self::deal`], so many pairs at a time.
    fn deal_by<T: Text + ?Sized, O: Copy>(
        &mut self,
        most: usize,
        pairs: &[(&T, &T)],
        out: &mut [O],
        task: &impl Task<T, O>,
    ) {
        // A call that did not come to its end may have left some.
        self.bins.iter_mut().for_each(|bin| bin.used = 0);
        for (pairs, out) in pairs.chunks(most).zip(out.chunks_mut(most)) {
            // After groups of which none was of short texts, some are not tried at all.
            let (mut pause, mut paused) = (0, 0);
            for from in (0..pairs.len()).step_by(GROUP) {
                let few = pairs.len() - from < ENOUGH;
                if few || paused < pause {
                    paused += 1;
                    for index in from..pairs.len().min(from + GROUP) {
                        self.put(pairs, index, out, task);
                    }
                } else {
                    paused = 0;
                    pause = if self.deal_group(pairs, from, out, task) {
                        0
                    } else {
                        (2 * pause + 1).min(MOST_PAUSE)
                    };
                }
            }
            for bin in self.bins.iter_mut() {
                bin.compare(out, task);
            }
        }
    }

    /// Answers up to 64 pairs from one on, or puts them into bins; says whether any were answered as they stand.
    fn deal_group<T: Text + ?Sized, O: Copy, K: Task<T, O>>(
        &mut self,
        pairs: &[(&T, &T)],
        from: usize,
        out: &mut [O],
        task: &K,
    ) -> bool {
        let here = &pairs[from..pairs.len().min(from + GROUP)];
        let group = &mut *self.short;
        if !read(self.level, here, group) {
            read_folded(self.level, here, group);
        }
        let mut hidden = 0;
        if task.cuts() {
            for lane in 0..here.len() {
                let (a_len, b_len) = (group.a_lens.0[lane], group.b_lens.0[lane]);
                // Longer texts, other text and empty text are looked at when they are put into bins.
                let short = (1..=16).contains(&a_len) && (1..=16).contains(&b_len);
                if short && task.hides(usize::from(a_len), usize::from(b_len)) {
                    group.a_lens.0[lane] = LONG;
                    hidden |= 1 << lane;
                }
            }
        }
        let taken = choose(self.level, group);
        if taken.is_some() {
            // What is answered of the others here is answered once more below.
            task.group(group, &mut out[from..from + here.len()]);
        }
        for lane in lanes(hidden) {
            out[from + lane] = K::HIDDEN;
        }
        for lane in lanes(ones(here.len()) & !(hidden | taken.unwrap_or(0))) {
            self.put(pairs, from + lane, out, task);
        }
        taken.is_some()
    }

    /// Puts a pair of any texts into its bin, or answers it where it has none.
    #[inline(never)]
    fn put<T: Text + ?Sized, O: Copy, K: Task<T, O>>(
        &mut self,
        pairs: &[(&T, &T)],
        index: usize,
        out: &mut [O],
        task: &K,
    ) {
        let (level, (a, b)) = (Supported::known(self.level), pairs[index]);
        if a.size().min(b.size()) > task.together() {
            out[index] = task.one(a, b);
            return;
        }
        let short = a.short_folded(level).and_then(|x| Some((x, b.short_folded(level)?)));
        let bin = if let Some((x, y)) = short.filter(|(x, y)| !fold::overlap(x.page, y.page)) {
            if task.hides(x.len, y.len) {
                out[index] = K::HIDDEN;
                return;
            }
            let (x, y) = Short::in_order(x, y);
            let bin = &mut self.bins[usize::from(x.len > 8) + usize::from(y.len > 8)];
            bin.group.a.put_short(bin.used, x.words);
            bin.group.b.put_short(bin.used, y.as_second(x));
            bin.note(index, x.len, y.len);
            bin
        } else {
            let (mut a_buffer, mut b_buffer) = ([0; WORD], [0; WORD]);
            let folded = a.folded(level, &mut a_buffer).zip(b.folded(level, &mut b_buffer));
            let folded = folded.filter(|((x, p), (y, q))| {
                (1..=task.together()).contains(&x.len().min(y.len())) && !fold::overlap(*p, *q)
            });
            let Some(((x, p), (y, q))) = folded else {
                out[index] = task.one(a, b);
                return;
            };
            if task.hides(x.len(), y.len()) {
                out[index] = K::HIDDEN;
                return;
            }
            let (x, y) = if x.len() <= y.len() { (x, y) } else { (y, x) };
            let bin = &mut self.bins[place(bound(x.len()), bound(y.len()))];
            bin.group.a.put(bin.used, x);
            if fold::apart(p, q) {
                // Characters of differing pages never match.
                let mut other = [0; WORD];
                let other = &mut other[..y.len()];
                other.copy_from_slice(y);
                fold::hide(other);
                bin.group.b.put(bin.used, other);
            } else {
                bin.group.b.put(bin.used, y);
            }
            bin.note(index, x.len(), y.len());
            bin
        };
        if bin.used == GROUP {
            bin.compare(out, task);
        }
    }
}

impl Bin {
    /// Writes down whose texts were put at the next lane, and how long they are.
    #[inline(always)]
    fn note(&mut self, index: usize, a_len: usize, b_len: usize) {
        let lane = self.used % GROUP;
        self.group.a_lens.0[lane] = a_len as u8;
        self.group.b_lens.0[lane] = b_len as u8;
        self.indices[lane] = index as u32;
        self.used = lane + 1;
    }

    fn compare<T: ?Sized, O: Copy>(&mut self, out: &mut [O], task: &impl Task<T, O>) {
        let used = std::mem::take(&mut self.used);
        let Some(first) = self.indices[..used].first() else { return };
        let longest = |lens: &mut Row| {
            lens.0[used..].fill(0);
            lens.0.iter().fold(0, |most, len| (*len).max(most)).into()
        };
        self.group.most = (longest(&mut self.group.a_lens), longest(&mut self.group.b_lens));
        let mut answers = [out[*first as usize]; GROUP];
        task.group(&self.group, &mut answers[..used]);
        for (index, answer) in self.indices[..used].iter().zip(answers) {
            out[*index as usize] = answer;
        }
    }
}

/// Compiles a function for the instructions of the level, and calls it.
macro_rules! at_level {
    ($level:expr, $call:ident<$($t:ident: $bound:path)?>($($arg:ident: $type:ty),*) -> $out:ty) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512cd,avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
        fn wide$(<$t: $bound + ?Sized>)?($($arg: $type),*) -> $out {
            $call(Level::Avx512, $($arg),*)
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
        fn middle$(<$t: $bound + ?Sized>)?($($arg: $type),*) -> $out {
            $call(Level::Avx2, $($arg),*)
        }
        match $level {
            // SAFETY: the level is one that the processor has.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { wide($($arg),*) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { middle($($arg),*) },
            level => $call(level, $($arg),*),
        }
    }};
}

/// Reads the first 16 bytes of both texts of up to 64 pairs; says whether all are surely ASCII or folded. What is no
/// short text has a length above 16.
fn read<T: Text + ?Sized>(level: Level, pairs: &[(&T, &T)], group: &mut PairGroup) -> bool {
    at_level!(level, read_at<T: Text>(pairs: &[(&T, &T)], group: &mut PairGroup) -> bool)
}

#[inline(always)]
fn read_at<T: Text + ?Sized>(level: Level, pairs: &[(&T, &T)], group: &mut PairGroup) -> bool {
    let level = Supported::known(level);
    let mut pages = 0;
    // By eights, so that the places of lanes are known when this is compiled.
    let (eights, rest) = pairs.as_chunks::<8>();
    for (k, eight) in eights.iter().enumerate().take(GROUP / 8) {
        for (r, (a, b)) in eight.iter().enumerate() {
            let (x, y) = (a.short(level), b.short(level));
            set(group, 8 * k + r, x, y);
            pages |= x.page | y.page;
        }
    }
    for (r, (a, b)) in rest.iter().enumerate() {
        let (x, y) = (a.short(level), b.short(level));
        set(group, 8 * eights.len() + r, x, y);
        pages |= x.page | y.page;
    }
    group.a_lens.0[pairs.len()..].fill(0);
    group.b_lens.0[pairs.len()..].fill(0);
    if !T::FOLDED {
        return group.is_plain();
    }
    if pages != 0 {
        // Codes of two pages that are not ASCII cannot be compared as they stand.
        for (len, (a, b)) in group.a_lens.0.iter_mut().zip(pairs) {
            if fold::apart(a.short(level).page, b.short(level).page) {
                *len = LONG;
            }
        }
    }
    true
}

/// Folds what [`read`] has read and is not ASCII.
fn read_folded<T: Text + ?Sized>(level: Level, pairs: &[(&T, &T)], group: &mut PairGroup) {
    at_level!(level, read_folded_at<T: Text>(pairs: &[(&T, &T)], group: &mut PairGroup) -> ());
}

#[inline(always)]
fn read_folded_at<T: Text + ?Sized>(level: Level, pairs: &[(&T, &T)], group: &mut PairGroup) {
    let level = Supported::known(level);
    for (lane, (a, b)) in pairs.iter().enumerate().take(GROUP) {
        if group.is_plain_at(lane) {
            continue;
        }
        match (a.short_folded(level), b.short_folded(level)) {
            (Some(x), Some(y)) if !fold::apart(x.page, y.page) => set(group, lane, x, y),
            _ => group.a_lens.0[lane] = LONG,
        }
    }
}

/// Puts two texts at a lane.
#[inline(always)]
fn set(group: &mut PairGroup, lane: usize, x: Short, y: Short) {
    group.a.put_short(lane, x.words);
    group.b.put_short(lane, y.words);
    group.a_lens.0[lane % GROUP] = x.len as u8;
    group.b_lens.0[lane % GROUP] = y.len as u8;
}

/// Leaves those pairs in the group that are worth comparing as they stand, and says which; `None` if too few are.
fn choose(level: Level, group: &mut PairGroup) -> Option<u64> {
    at_level!(level, choose_at<>(group: &mut PairGroup) -> Option<u64>)
}

#[inline(always)]
fn choose_at(_: Level, group: &mut PairGroup) -> Option<u64> {
    let (a_lens, b_lens) = (&mut group.a_lens.0, &mut group.b_lens.0);
    let mut fits = [0; GROUP];
    for (kind, most) in SHORT.into_iter().enumerate() {
        let mut count = 0;
        for (fit, (a, b)) in fits.iter_mut().zip(a_lens.iter().zip(b_lens.iter())) {
            let (shorter, longer) = ((*a).min(*b), (*a).max(*b));
            // Empty texts are left out too.
            *fit = u8::from(shorter.wrapping_sub(1) < most.0) & u8::from(longer <= most.1);
            count += *fit;
        }
        if usize::from(count) < ENOUGH {
            continue;
        }
        let mut taken = 0;
        for ((lane, fit), (a, b)) in fits.iter().enumerate().zip(a_lens.iter_mut().zip(b_lens.iter_mut())) {
            *a &= fit.wrapping_neg();
            *b &= fit.wrapping_neg();
            taken |= u64::from(*fit) << lane;
        }
        if kind > 0 {
            group.order();
        }
        group.most = (usize::from(most.0), usize::from(most.1));
        return Some(taken);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds the lengths up, so that it tells which pair is answered.
    struct Sum;

    impl Task<str, usize> for Sum {
        const HIDDEN: usize = usize::MAX;

        fn together(&self) -> usize {
            WORD
        }

        fn cuts(&self) -> bool {
            true
        }

        fn hides(&self, a_len: usize, b_len: usize) -> bool {
            a_len + b_len == 5
        }

        fn one(&self, a: &str, b: &str) -> usize {
            a.len() + b.len()
        }

        fn group(&self, group: &PairGroup, out: &mut [usize]) {
            for (lane, out) in out.iter_mut().enumerate() {
                *out = usize::from(group.a_lens.0[lane]) + usize::from(group.b_lens.0[lane]);
            }
        }
    }

    #[test]
    fn every_pair_is_answered_whatever_their_number_and_where_they_are_parted() {
        let text = "a".repeat(101);
        for level in Level::supported() {
            let mut dealer = Dealer::new(level);
            for (pairs, longest) in
                [(0, 3), (1, 9), (63, 9), (64, 9), (65, 12), (500, 9), (500, 20), (700, 100)]
            {
                let pairs: Vec<_> = (0..pairs)
                    .map(|i| (&text[..1 + i * 7 % longest], &text[..1 + i * 3 % (longest + 1)]))
                    .collect();
                let want: Vec<_> = pairs
                    .iter()
                    .map(|(a, b)| if Sum.hides(a.len(), b.len()) { Sum::HIDDEN } else { Sum.one(a, b) })
                    .collect();
                for most in [1, 39, 64, 100, 128, PAIRS] {
                    let mut out = vec![0; pairs.len()];
                    dealer.deal_by(most, &pairs, &mut out, &Sum);
                    assert_eq!(out, want, "{level} {most}");
                }
            }
        }
    }
}
