//! Texts that must be near: distances up to a cut-off, in time that the cut-off bounds.
//!
//! For each number of edits, how far along the first text each diagonal can be followed; equal characters cost
//! nothing and are skipped eight at a time. With a cut-off k that is O(k n) steps and O(k) memory, and unlike texts
//! end after some k² steps whatever their lengths. Source: Ukkonen 1985, Landau and Vishkin 1989.

use super::word::read8;

/// A unit of text with a fast way to skip what is equal.
pub(super) trait Unit: Copy + Eq {
    /// How many units two slices begin alike with.
    fn common_start(a: &[Self], b: &[Self]) -> usize;
    /// How many units two slices end alike with.
    fn common_end(a: &[Self], b: &[Self]) -> usize;
}

impl Unit for char {
    fn common_start(a: &[Self], b: &[Self]) -> usize {
        a.iter().zip(b).take_while(|(x, y)| x == y).count()
    }

    fn common_end(a: &[Self], b: &[Self]) -> usize {
        a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count()
    }
}

impl Unit for u8 {
    #[inline(always)]
    fn common_start(a: &[Self], b: &[Self]) -> usize {
        let len = a.len().min(b.len());
        let mut at = 0;
        while at < len {
            let differ = read8(&a[at..]) ^ read8(&b[at..]);
            if differ != 0 {
                return len.min(at + differ.trailing_zeros() as usize / 8);
            }
            at += 8;
        }
        len
    }

    #[inline(always)]
    fn common_end(a: &[Self], b: &[Self]) -> usize {
        let len = a.len().min(b.len());
        let mut at = 0;
        while let (Some(x), Some(y)) = (a[..a.len() - at].last_chunk(), b[..b.len() - at].last_chunk()) {
            let differ = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
            if differ != 0 {
                return at + differ.leading_zeros() as usize / 8;
            }
            at += 8;
        }
        while at < len && a[a.len() - 1 - at] == b[b.len() - 1 - at] {
            at += 1;
        }
        at
    }
}

/// Without what both begin and end with; the distances on edits do not change by it.
#[inline(always)]
pub(super) fn trimmed<'a, T: Unit>(a: &'a [T], b: &'a [T]) -> (&'a [T], &'a [T]) {
    let start = T::common_start(a, b);
    let (a, b) = (&a[start..], &b[start..]);
    let end = T::common_end(a, b);
    (&a[..a.len() - end], &b[..b.len() - end])
}

/// What may be done to a text at the price of one.
pub(super) const LEVENSHTEIN: u8 = 0;
/// Also swaps of neighbours.
pub(super) const OSA: u8 = 1;
/// Insertions and deletions alone.
pub(super) const INDEL: u8 = 2;

/// The cut-off up to which the diagonals stand on the stack.
const FEW: usize = 8;

/// The distance of two texts where it is at most `most`.
#[inline]
pub(super) fn within<T: Unit, const METRIC: u8>(a: &[T], b: &[T], most: usize) -> Option<usize> {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() - a.len() > most {
        return None;
    }
    // No distance is greater than this.
    let most = most.min(a.len() + b.len());
    if most <= FEW {
        diagonals::<T, METRIC>(a, b, most, &mut [NONE; 2 * FEW + 3])
    } else {
        diagonals::<T, METRIC>(a, b, most, &mut vec![NONE; 2 * most + 3])
    }
}

/// The longest texts of [`within_two`].
pub(super) const PADDED: usize = 32;

/// A text of up to [`PADDED`] bytes with room to read eight bytes from two places after its end; what is there is of no
/// account.
#[inline(always)]
fn padded(text: &[u8]) -> [u8; PADDED + 16] {
    let mut room = [0; PADDED + 16];
    let len = text.len().min(PADDED);
    // Copies of fixed size that overlap.
    if let (Some(first), Some(last)) = (text.first_chunk::<16>(), text.last_chunk::<16>()) {
        room[..16].copy_from_slice(first);
        room[len - 16..len].copy_from_slice(last);
    } else if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        room[..8].copy_from_slice(first);
        room[len - 8..len].copy_from_slice(last);
    } else {
        room[..8].copy_from_slice(&read8(text).to_le_bytes());
    }
    room
}

/// Levenshtein of two texts of up to [`PADDED`] bytes where it is at most `most`, which is 2 or less.
#[inline]
pub(super) fn within_two(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let (len, last) = (a.len(), b.len() - a.len());
    if last > most {
        return None;
    }
    let (a, b) = (padded(a), padded(b));
    let word = |text: &[u8; PADDED + 16], at: usize| {
        text.get(at..at + 8).and_then(|part| part.try_into().ok()).map_or(0, u64::from_le_bytes)
    };
    decide(len, last, most, |i, j, end| {
        let mut at = 0;
        loop {
            let differ = word(&a, i + at) ^ word(&b, j + at);
            if differ != 0 {
                return end.min(i + at + differ.trailing_zeros() as usize / 8);
            }
            at += 8;
            if i + at >= end {
                return end;
            }
        }
    })
}

/// [`diagonals`] for up to two edits without its loops, since which diagonals count cannot be foretold and costs more
/// than following one too many.
///
/// The first text has `len` characters, the second `last` more, which is at most `most`. `follow` goes from the places i
/// and j of the texts to where the run of equal characters or the first text ends. The second text is passed by two
/// characters at most, on diagonals that it ends on before the first one does.
#[inline(always)]
pub(super) fn decide(
    len: usize,
    last: usize,
    most: usize,
    follow: impl Fn(usize, usize, usize) -> usize,
) -> Option<usize> {
    let none = follow(0, 0, len);
    if none == len && last == 0 {
        return Some(0);
    }
    if most == 0 {
        return None;
    }
    // Where a deletion, a substitution and an insertion lead. What has no place here is 0, which leads nowhere. On the
    // diagonal above, the second text of equal length ends one sooner.
    let up = if last == 0 { len - 1 } else { len };
    let one =
        [0, follow(none + 1, none, len), follow(none + 1, none + 1, len), follow(none, none + 1, up), 0, 0];
    if last < 2 && one[2 + last] == len {
        return Some(1);
    }
    if most == 1 {
        return None;
    }
    let aside = one[1 + last].max(one[3 + last] + usize::from(last < 1));
    let start = aside.max(one[2 + last] + usize::from(last < 2));
    (follow(start, start + last, len) == len).then_some(2)
}

/// A diagonal that has not been reached; far enough below 0 that a few steps do not matter.
const NONE: isize = isize::MIN / 2;

/// `furthest` has room for the diagonals from `-most` to `most` and one on each side, all [`NONE`]. On diagonal d a
/// place i of the first text lies beside i + d of the second, so the end of both is on `b.len() - a.len()`.
#[inline(always)]
fn diagonals<T: Unit, const METRIC: u8>(
    a: &[T],
    b: &[T],
    most: usize,
    furthest: &mut [isize],
) -> Option<usize> {
    let (n, m, most) = (a.len() as isize, b.len() as isize, most as isize);
    let last = m - n;
    let slot = |diagonal: isize| (diagonal + most + 1) as usize;
    for edits in 0..=most {
        // A diagonal further away than the edits that are left cannot come back to the last one.
        let low = (-edits).max(last - (most - edits));
        let high = edits.min(last + (most - edits));
        let mut below = furthest[slot(low) - 1];
        for diagonal in low..=high {
            let here = furthest[slot(diagonal)];
            // An insertion comes from the diagonal below, a deletion from the one above, the rest stays on it.
            let mut start = below.max(furthest[slot(diagonal) + 1] + 1);
            if METRIC != INDEL {
                start = start.max(here + 1);
            }
            if METRIC == OSA && here >= 0 {
                let (i, j) = (here as usize, (here + diagonal) as usize);
                // From an earlier place a swap leads no further than a substitution does from here.
                if let (Some([p, q]), Some([r, s])) = (a.get(i..i + 2), b.get(j..j + 2))
                    && p == s
                    && q == r
                {
                    start = start.max(here + 2);
                }
            }
            if edits == 0 {
                start = 0;
            }
            start = start.min(n).min(m - diagonal);
            below = here;
            if start >= 0 && start + diagonal >= 0 {
                let (i, j) = (start as usize, (start + diagonal) as usize);
                furthest[slot(diagonal)] = start + T::common_start(&a[i..], &b[j..]) as isize;
            }
        }
        if furthest[slot(last)] == n {
            return Some(edits as usize);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::long;
    #[cfg(target_arch = "x86_64")]
    use super::super::{level::Level, near_x86};
    use super::*;
    use proptest::prelude::*;

    fn text(most: usize) -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(b'a'..b'd', 0..most),
            prop::collection::vec(prop::sample::select(vec![0u8, 1, 0x7F, 0x80, 0xFF]), 0..most),
        ]
    }

    /// Texts that are near more often than not.
    fn pair() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
        let edits = prop::collection::vec((any::<prop::sample::Index>(), 0u8..4), 0..5);
        (text(70), text(70), edits, 0..4).prop_map(|(a, b, edits, far)| {
            if far == 0 {
                return (a, b);
            }
            let mut near = a.clone();
            for (at, kind) in edits {
                let at = at.index(near.len() + 1);
                match kind {
                    0 => near.insert(at, b'b'),
                    1 if at < near.len() => drop(near.remove(at)),
                    2 if at + 1 < near.len() => near.swap(at, at + 1),
                    _ if at < near.len() => near[at] = b'c',
                    _ => {}
                }
            }
            (a, near)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 6_000, ..ProptestConfig::default() })]

        #[test]
        fn a_cut_off_only_hides((a, b) in pair(), most in prop_oneof![0usize..4, 0usize..30]) {
            let wide = |text: &[u8]| text.iter().map(|c| char::from(*c)).collect::<Vec<char>>();
            let (x, y) = (wide(&a), wide(&b));
            let kept = |distance: usize| Some(distance).filter(|distance| *distance <= most);
            prop_assert_eq!(within::<_, LEVENSHTEIN>(&a, &b, most), kept(long::levenshtein(&x, &y)));
            if most <= 2 && a.len().max(b.len()) <= PADDED {
                prop_assert_eq!(within_two(&a, &b, most), kept(long::levenshtein(&x, &y)));
            }
            #[cfg(target_arch = "x86_64")]
            if most <= 2 && Level::Avx512.is_supported() {
                let ascii = a.iter().chain(&b).all(u8::is_ascii);
                for (found, asked) in [
                    (near_x86::within_two::<false>(&a, &b, most), true),
                    (near_x86::within_two::<true>(&a, &b, most), ascii),
                ] {
                    let fits = asked && a.len().max(b.len()) <= 64;
                    prop_assert_eq!(found, fits.then(|| kept(long::levenshtein(&x, &y))));
                }
            }
            prop_assert_eq!(within::<_, OSA>(&a, &b, most), kept(long::osa(&x, &y)));
            let indel = a.len() + b.len() - 2 * long::lcs(&x, &y);
            prop_assert_eq!(within::<_, INDEL>(&a, &b, most), kept(indel));
            prop_assert_eq!(within::<_, INDEL>(&x, &y, most), kept(indel));
            prop_assert_eq!(within::<_, OSA>(&y, &x, most), kept(long::osa(&x, &y)));
        }

        #[test]
        fn ends_are_found(a in text(30), b in text(30)) {
            let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
            let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
            prop_assert_eq!(u8::common_start(&a, &b), start);
            prop_assert_eq!(u8::common_end(&a, &b), end);
        }
    }
}
