//! Two texts at a time: picks the kernel by the texts' lengths and kind and by the [`Level`].
//!
//! In: two `&str`, or two [`Prepared`]. Out: counts or scores. Short texts of one byte a code point go to the
//! byte kernels; short other text is folded to bytes first where that is exact; the rest is decoded and goes to
//! [`long`](super::long).

use super::level::Level;
use super::near::{self, Unit};
#[cfg(target_arch = "x86_64")]
use super::near_x86;
use super::prepared::{Prepared, View};
use super::ratio::{WORD, jaro_any, jaro_short, winkler};
use super::short::Short;
use super::word::{self, Places, Swar, ones};
use super::{fold, long, pair_x86};

/// What is asked of a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    Levenshtein,
    Osa,
    Damerau,
    /// The length of the longest common subsequence.
    Lcs,
}

/// Jaro or Jaro-Winkler of two texts.
#[inline]
pub(super) fn jaro<const WINKLER: bool>(level: Level, a: &str, b: &str) -> f64 {
    let level = level.or_below();
    if level == Level::Avx512
        && let Some(score) = pair_x86::jaro_tiny::<WINKLER>(a.as_bytes(), b.as_bytes())
    {
        return score;
    }
    if a.len() <= WORD && b.len() <= WORD && word::is_ascii(a.as_bytes()) && word::is_ascii(b.as_bytes()) {
        return jaro_bytes::<WINKLER>(level, a.as_bytes(), b.as_bytes());
    }
    jaro_folded::<WINKLER>(level, a, b)
}

/// [`jaro`] of texts that are not both ASCII, or of which one is longer than a word.
fn jaro_folded<const WINKLER: bool>(level: Level, a: &str, b: &str) -> f64 {
    // With AVX-512 short text was tried before.
    if level < Level::Avx512
        && let Some((a, b)) = short(level, a, b)
    {
        return jaro_bytes::<WINKLER>(level, a.bytes(), b.bytes());
    }
    let mut buffers = Buffers::new();
    match buffers.fold(level, a, b) {
        Some((a, b)) => jaro_bytes::<WINKLER>(level, a, b),
        None => jaro_chars::<WINKLER>(&chars(a), &chars(b)),
    }
}

/// A count of two texts.
#[inline]
pub(super) fn edit(level: Level, metric: Edit, a: &str, b: &str) -> usize {
    let level = level.or_below();
    if a.len() <= WORD && b.len() <= WORD && word::is_ascii(a.as_bytes()) && word::is_ascii(b.as_bytes()) {
        return edit_bytes(level, metric, a.as_bytes(), b.as_bytes());
    }
    edit_folded(level, metric, a, b)
}

fn edit_folded(level: Level, metric: Edit, a: &str, b: &str) -> usize {
    if let Some((a, b)) = short(level, a, b) {
        return edit_bytes(level, metric, a.bytes(), b.bytes());
    }
    let mut buffers = Buffers::new();
    match buffers.fold(level, a, b) {
        Some((a, b)) => edit_bytes(level, metric, a, b),
        None => edit_chars(metric, &chars(a), &chars(b)),
    }
}

/// [`jaro`] of prepared texts.
pub(super) fn jaro_prepared<const WINKLER: bool>(level: Level, a: &Prepared, b: &Prepared) -> f64 {
    let level = level.or_below();
    let mut room = [0; WORD];
    if let Some((x, y)) = alike(a, b, &mut room) {
        return jaro_bytes::<WINKLER>(level, x, y);
    }
    jaro_chars::<WINKLER>(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
}

/// [`edit`] of prepared texts.
pub(super) fn edit_prepared(level: Level, metric: Edit, a: &Prepared, b: &Prepared) -> usize {
    let level = level.or_below();
    let mut room = [0; WORD];
    if let Some((x, y)) = alike(a, b, &mut room) {
        return edit_bytes(level, metric, x, y);
    }
    edit_chars(metric, &a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
}

/// A count of two texts where it is at most `most`; of [`Edit::Lcs`] it is the insertions and deletions. `level` must be
/// one that [`Level::or_below`] gave.
pub(super) fn edit_within(level: Level, metric: Edit, a: &str, b: &str, most: usize) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if level == Level::Avx512
        && metric == Edit::Levenshtein
        && most <= 2
        && let Some(found) = near_x86::within_two::<true>(a.as_bytes(), b.as_bytes(), most)
    {
        return found;
    }
    if word::is_ascii(a.as_bytes()) && word::is_ascii(b.as_bytes()) {
        return within_bytes(level, metric, a.as_bytes(), b.as_bytes(), most);
    }
    let mut buffers = Buffers::new();
    match buffers.fold(level, a, b) {
        Some((a, b)) => within_bytes(level, metric, a, b, most),
        None => within_units(metric, &chars(a), &chars(b), most),
    }
}

/// [`edit_within`] of prepared texts.
pub(super) fn edit_within_prepared(
    level: Level,
    metric: Edit,
    a: &Prepared,
    b: &Prepared,
    most: usize,
) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut room = [0; WORD];
    if let Some((x, y)) = alike(a, b, &mut room) {
        return within_bytes(level, metric, x, y, most);
    }
    if let (View::Folded { page: 0, codes: x }, View::Folded { page: 0, codes: y }) = (a.view(), b.view()) {
        return within_bytes(level, metric, x, y, most);
    }
    within_units(metric, &a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>(), most)
}

/// A cut-off up to which following diagonals beats finishing.
const NEAR: usize = 4;

#[inline]
fn within_bytes(level: Level, metric: Edit, a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    if metric == Edit::Levenshtein && most <= 2 {
        #[cfg(target_arch = "x86_64")]
        if level == Level::Avx512
            && let Some(found) = near_x86::within_two::<false>(a, b, most)
        {
            return found;
        }
        if a.len().max(b.len()) <= near::PADDED {
            return near::within_two(a, b, most);
        }
    }
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    if a.len() <= WORD && b.len() <= WORD && (most > NEAR || metric == Edit::Damerau) {
        let count = edit_bytes(level, metric, a, b);
        let distance = if metric == Edit::Lcs { a.len() + b.len() - 2 * count } else { count };
        return Some(distance).filter(|distance| *distance <= most);
    }
    within_units(metric, a, b, most)
}

#[inline(never)]
fn within_units<T: Unit + word::Key>(metric: Edit, a: &[T], b: &[T], most: usize) -> Option<usize> {
    match metric {
        Edit::Levenshtein => long::levenshtein_within(a, b, most),
        Edit::Osa => near::within::<T, { near::OSA }>(a, b, most),
        Edit::Lcs => near::within::<T, { near::INDEL }>(a, b, most),
        Edit::Damerau => long::damerau_within(a, b, most),
    }
}

/// The distance of two prepared texts; of [`Edit::Lcs`] it is the insertions and deletions.
pub(super) fn distance_prepared(level: Level, metric: Edit, a: &Prepared, b: &Prepared) -> usize {
    let count = edit_prepared(level, metric, a, b);
    if metric == Edit::Lcs { a.len() + b.len() - 2 * count } else { count }
}

/// Two short prepared texts as bytes that are equal where their code points are; the second one's may stand in
/// `room`.
fn alike<'a>(a: &'a Prepared, b: &'a Prepared, room: &'a mut [u8; WORD]) -> Option<(&'a [u8], &'a [u8])> {
    let (View::Folded { page: p, codes: x }, View::Folded { page: q, codes: y }) = (a.view(), b.view())
    else {
        return None;
    };
    if x.len() > WORD || y.len() > WORD || fold::overlap(p, q) {
        return None;
    }
    if !fold::apart(p, q) {
        return Some((x, y));
    }
    let hidden = &mut room[..y.len()];
    hidden.copy_from_slice(y);
    fold::hide(hidden);
    Some((x, hidden))
}

pub(super) fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// A folded text of up to 16.
struct Folded([u8; 16], usize);

impl Folded {
    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        &self.0[..self.1.min(16)]
    }
}

/// As [`Buffers::fold`], of short texts and in registers.
#[inline(always)]
fn short(level: Level, a: &str, b: &str) -> Option<(Folded, Folded)> {
    let (x, y) = (Short::folded(level, a.as_bytes())?, Short::folded(level, b.as_bytes())?);
    let second = y.as_second(x);
    (!fold::overlap(x.page, y.page))
        .then(|| (Folded(Short::bytes(x.words), x.len), Folded(Short::bytes(second), y.len)))
}

/// Room for two texts of up to 64 folded to one byte a code point.
struct Buffers {
    a: [u8; WORD],
    b: [u8; WORD],
}

impl Buffers {
    fn new() -> Self {
        Self { a: [0; WORD], b: [0; WORD] }
    }

    /// Both texts as bytes that are equal where the code points are; `None` where a text is too long or of
    /// several pages. Characters of differing pages never match, so the second text's are replaced by a code
    /// that the first does not have.
    #[inline(always)]
    fn fold(&mut self, level: Level, a: &str, b: &str) -> Option<(&[u8], &[u8])> {
        let (a_len, p) = fold::fold_into(level, a, &mut self.a)?;
        let (b_len, q) = fold::fold_into(level, b, &mut self.b)?;
        if fold::overlap(p, q) {
            return None;
        }
        if fold::apart(p, q) {
            fold::hide(&mut self.b[..b_len]);
        }
        Some((&self.a[..a_len], &self.b[..b_len]))
    }
}

#[inline(always)]
fn jaro_bytes<const WINKLER: bool>(level: Level, a: &[u8], b: &[u8]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return if a.len() == b.len() { 1.0 } else { 0.0 };
    }
    match level {
        Level::Portable => jaro_bytes_portable::<WINKLER>(a, b),
        level => pair_x86::jaro::<WINKLER>(level, a, b),
    }
}

fn jaro_bytes_portable<const WINKLER: bool>(a: &[u8], b: &[u8]) -> f64 {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    match a.len() {
        0..=8 => {
            let places = Swar::<1>::new(a);
            let full = ones(a.len());
            jaro_by::<WINKLER>(a, b, |j| places.of(b[j]) & full)
        }
        9..=16 => {
            let places = Swar::<2>::new(a);
            let full = ones(a.len());
            jaro_by::<WINKLER>(a, b, |j| places.of(b[j]) & full)
        }
        _ => {
            let table = table(a);
            jaro_by::<WINKLER>(a, b, |j| table[usize::from(b[j])])
        }
    }
}

/// Jaro of two texts of up to 64 bytes, neither empty.
#[inline(always)]
pub(super) fn jaro_by<const WINKLER: bool>(a: &[u8], b: &[u8], places: impl Fn(usize) -> u64) -> f64 {
    let (a_taken, b_taken) = word::jaro_matches(a.len(), b.len(), &places);
    let missed = word::jaro_missed(a_taken, b_taken, &places);
    let jaro = jaro_short(a.len(), b.len(), a_taken.count_ones() as usize, missed / 2);
    if WINKLER { winkler(jaro, prefix(a, b)) } else { jaro }
}

/// How many of the first four are equal, up to the first that is not.
#[inline(always)]
pub(super) fn prefix<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count()
}

fn table(text: &[u8]) -> [u64; 256] {
    let mut table = [0; 256];
    for (i, &byte) in text.iter().enumerate() {
        table[usize::from(byte)] |= 1 << (i & 63);
    }
    table
}

#[inline(always)]
fn edit_bytes(level: Level, metric: Edit, a: &[u8], b: &[u8]) -> usize {
    // Each character of the second text is a step that waits for the one before, so it is the shorter one.
    let (a, b) = if a.len() < b.len() { (b, a) } else { (a, b) };
    let (x, y) = if a.len() > TRIMMED { near::trimmed(a, b) } else { (a, b) };
    let alike = if metric == Edit::Lcs { a.len() - x.len() } else { 0 };
    if y.is_empty() {
        return if metric == Edit::Lcs { alike } else { x.len() };
    }
    let counted = match level {
        Level::Portable => edit_bytes_portable(metric, x, y),
        level => pair_x86::edit(level, metric, x, y),
    };
    match metric {
        Edit::Damerau if counted.needs_rows => damerau_short(x, y),
        _ => alike + counted.count,
    }
}

/// Texts up to this length are not worth looking for what they begin and end with alike.
const TRIMMED: usize = 8;

fn edit_bytes_portable(metric: Edit, a: &[u8], b: &[u8]) -> Counted {
    match a.len() {
        0..=8 => {
            let places = Swar::<1>::new(a);
            let full = ones(a.len());
            edit_by(metric, a.len(), b.len(), |j| places.of(b[j]) & full)
        }
        9..=16 => {
            let places = Swar::<2>::new(a);
            let full = ones(a.len());
            edit_by(metric, a.len(), b.len(), |j| places.of(b[j]) & full)
        }
        _ => {
            let table = table(a);
            edit_by(metric, a.len(), b.len(), |j| table[usize::from(b[j])])
        }
    }
}

/// What is worked on bits. For [`Edit::Damerau`] that is optimal string alignment, and whether the unrestricted
/// form may be less.
pub(super) struct Counted {
    pub(super) count: usize,
    needs_rows: bool,
}

/// A count of two texts, the first of 1 to 64 characters.
///
/// The unrestricted form is less than the restricted one only by a swap of characters that stand apart in one
/// text. Such a swap costs 2 at least, and of its price one does nothing for the characters that one text has more
/// of than the other: so the restricted form is then 3 at least, and 2 above the number of those.
#[inline(always)]
pub(super) fn edit_by(metric: Edit, a_len: usize, b_len: usize, places: impl Fn(usize) -> u64) -> Counted {
    let count = match metric {
        Edit::Osa => word::edit::<true>(a_len, b_len, places),
        Edit::Lcs => word::lcs(a_len, b_len, places),
        Edit::Levenshtein => word::edit::<false>(a_len, b_len, places),
        Edit::Damerau => {
            let count = word::edit::<true>(a_len, b_len, &places);
            let apart = |common: usize| a_len.max(b_len) - common;
            let needs_rows = count >= 3 && count >= apart(word::common(b_len, places)) + 2;
            return Counted { count, needs_rows };
        }
    };
    Counted { count, needs_rows: false }
}

/// Damerau-Levenshtein of two short texts, with the rows on the stack.
fn damerau_short(a: &[u8], b: &[u8]) -> usize {
    const FAR: u8 = 100;
    const NONE: u8 = u8::MAX;
    let mut row: [u8; WORD + 1] = std::array::from_fn(|j| j as u8);
    let (mut above, mut before, mut last) = ([FAR; WORD + 1], [FAR; WORD + 1], [NONE; WORD + 1]);
    for (i, &x) in (1u8..).zip(a) {
        std::mem::swap(&mut row, &mut above);
        let (mut column, mut open, mut corner) = (NONE, FAR, row[0]);
        let mut left = i;
        row[0] = i;
        for (j, &y) in (1u8..).zip(b) {
            let at = usize::from(j);
            let same = x == y;
            let mut least = (above[at - 1] + u8::from(!same)).min(above[at] + 1).min(left + 1);
            if same {
                column = j;
                before[at] = if j >= 2 { above[at - 2] } else { FAR };
                last[at] = i;
                open = corner;
            } else if column.wrapping_add(1) == j {
                least = least.min(before[at] + i.wrapping_sub(last[at]));
            } else if last[at].wrapping_add(1) == i {
                least = least.min(open + j.wrapping_sub(column));
            }
            corner = row[at];
            row[at] = least;
            left = least;
        }
    }
    usize::from(row[b.len().min(WORD)])
}

fn jaro_chars<const WINKLER: bool>(a: &[char], b: &[char]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return if a.len() == b.len() { 1.0 } else { 0.0 };
    }
    let (matches, missed) = if a.len() <= WORD && b.len() <= WORD {
        let table = Places::new(a);
        let places = |j: usize| table.of(b[j]);
        let (a_taken, b_taken) = word::jaro_matches(a.len(), b.len(), places);
        (a_taken.count_ones() as usize, word::jaro_missed(a_taken, b_taken, places))
    } else {
        long::jaro(a, b)
    };
    let jaro = jaro_any(a.len(), b.len(), matches, missed / 2);
    if WINKLER { winkler(jaro, prefix(a, b)) } else { jaro }
}

fn edit_chars(metric: Edit, a: &[char], b: &[char]) -> usize {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if a.is_empty() {
        return if metric == Edit::Lcs { 0 } else { b.len() };
    }
    match metric {
        Edit::Damerau => long::damerau(a, b),
        _ if a.len() <= WORD => {
            let table = Places::new(a);
            edit_by(metric, a.len(), b.len(), |j| table.of(b[j])).count
        }
        Edit::Osa => long::osa(a, b),
        Edit::Lcs => long::lcs(a, b),
        Edit::Levenshtein => long::levenshtein(a, b),
    }
}
