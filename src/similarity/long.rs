//! Texts of any length: the path that is taken when a word does not hold the first text.
//!
//! Memory is linear in the lengths everywhere, whatever the metric.

use super::near::{self, Unit, trimmed};
use super::word::{Key, Places, ones};

/// Jaro's matches and characters out of order (not halved), in O(n log n).
///
/// Only equal characters can be matched, and both texts' windows move upwards, so each character is settled by
/// itself: walk its positions in both texts in order, match them where they are within reach, and otherwise
/// leave the one that stands lower. That is what searching the lowest free position gives, in either direction.
pub(super) fn jaro(a: &[char], b: &[char]) -> (usize, usize) {
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let sorted = |text: &[char]| {
        let mut positions: Vec<(char, usize)> = text.iter().copied().zip(0..).collect();
        positions.sort_unstable();
        positions
    };
    let (in_a, in_b) = (sorted(a), sorted(b));
    let (mut a_taken, mut b_taken) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while let (Some(&(c, p)), Some(&(d, q))) = (in_a.get(i), in_b.get(j)) {
        if c == d && p.abs_diff(q) <= reach {
            a_taken.push(p);
            b_taken.push(q);
            (i, j) = (i + 1, j + 1);
        } else if (c, p) < (d, q) {
            i += 1;
        } else {
            j += 1;
        }
    }
    a_taken.sort_unstable();
    b_taken.sort_unstable();
    let missed = a_taken.iter().zip(&b_taken).filter(|(p, q)| a[**p] != b[**q]).count();
    (a_taken.len(), missed)
}

/// Levenshtein in O(n m / 64): strips of 64 rows, each handing the changes along its last row to the next.
pub(super) fn levenshtein<T: Unit + Key>(a: &[T], b: &[T]) -> usize {
    let (a, b) = trimmed(a, b);
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if a.is_empty() {
        return b.len();
    }
    // Along a row the distance changes by -1, 0 or 1 from column to column; above the first row always by 1.
    let mut changes = vec![1i8; b.len()];
    for strip in a.chunks(64) {
        let places = Places::new(strip);
        let (mut plus, mut minus) = (u64::MAX, 0u64);
        let last = strip.len() - 1;
        for (&c, change) in b.iter().zip(&mut changes) {
            let at = places.of(c);
            let (rise, fall) = (u64::from(*change > 0), u64::from(*change < 0));
            let x = at | minus;
            let hit = at | fall;
            let zero = ((hit & plus).wrapping_add(plus) ^ plus) | hit;
            let up = minus | !(zero | plus);
            let down = plus & zero;
            *change = ((up >> last) & 1) as i8 - ((down >> last) & 1) as i8;
            let up = (up << 1) | rise;
            let down = (down << 1) | fall;
            plus = down | !(x | up);
            minus = up & x;
        }
    }
    let along: isize = changes.iter().map(|change| isize::from(*change)).sum();
    a.len().saturating_add_signed(along)
}

/// Levenshtein where it is at most `most`, in O(most n) and memory O(most), or by [`levenshtein`] where that is
/// less.
pub(super) fn levenshtein_within<T: Unit + Key>(a: &[T], b: &[T], most: usize) -> Option<usize> {
    if most > 32 && a.len().min(b.len()) / 64 < most / 4 {
        if a.len().abs_diff(b.len()) > most {
            return None;
        }
        return Some(levenshtein(a, b)).filter(|distance| *distance <= most);
    }
    near::within::<T, { near::LEVENSHTEIN }>(a, b, most)
}

/// Optimal string alignment in O(n m), three rows of memory.
pub(super) fn osa(a: &[char], b: &[char]) -> usize {
    let (a, b) = trimmed(a, b);
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut before = vec![0; b.len() + 1];
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let mut least = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            least = least.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row[j] = least;
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above[b.len()]
}

/// Damerau-Levenshtein in O(n m) and linear memory (Zhao and Sahni 2019).
pub(super) fn damerau<T: Unit>(a: &[T], b: &[T]) -> usize {
    damerau_within(a, b, usize::MAX).unwrap_or(usize::MAX)
}

/// [`damerau`] where it is at most `most`, in O(most n): a place further than that from the diagonal is more edits
/// away, whichever way leads through it.
pub(super) fn damerau_within<T: Unit>(a: &[T], b: &[T], most: usize) -> Option<usize> {
    let (a, b) = trimmed(a, b);
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    if a.is_empty() || b.is_empty() {
        return Some(a.len().max(b.len()));
    }
    let most = most.min(a.len().max(b.len()));
    let far = a.len() + b.len() + 1;
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut above = vec![far; b.len() + 1];
    let mut before = vec![far; b.len() + 1];
    // The last row, counted from 1, that has the column's character.
    let mut last: Vec<Option<usize>> = vec![None; b.len() + 1];
    for i in 1..=a.len() {
        std::mem::swap(&mut row, &mut above);
        let mut column = None;
        let mut open = far;
        let (first, end) = (i.saturating_sub(most).max(1), b.len().min(i.saturating_add(most)));
        // `row` holds what was two rows above. What it or `above` hold outside their bands is beyond `most`.
        let mut corner = row[first - 1];
        row[first - 1] = if first == 1 { i } else { far };
        if end == i + most {
            above[end] = far;
        }
        let mut least_of_row = row[first - 1];
        for j in first..=end {
            let same = a[i - 1] == b[j - 1];
            let mut least = above[j - 1] + usize::from(!same);
            least = least.min(above[j] + 1).min(row[j - 1] + 1);
            if same {
                column = Some(j);
                before[j] = if j >= 2 { above[j - 2] } else { far };
                last[j] = Some(i);
                open = corner;
            } else if let (Some(k), Some(l)) = (last[j], column) {
                if j - l == 1 {
                    least = least.min(before[j] + (i - k));
                } else if i - k == 1 {
                    least = least.min(open + (j - l));
                }
            }
            corner = row[j];
            row[j] = least;
            least_of_row = least_of_row.min(least);
        }
        // What a swap reaches back past could have been left out instead, so that no row is jumped over.
        if least_of_row > most {
            return None;
        }
    }
    Some(row[b.len()]).filter(|distance| *distance <= most)
}

/// The length of the longest common subsequence in O(n m / 64), in strips of 64 rows.
pub(super) fn lcs(a: &[char], b: &[char]) -> usize {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut carries = vec![false; b.len()];
    let mut length = 0;
    for strip in a.chunks(64) {
        let places = Places::new(strip);
        let full = ones(strip.len());
        let mut open = u64::MAX;
        for (&c, carry) in b.iter().zip(&mut carries) {
            let hit = open & places.of(c);
            let (sum, over) = open.overflowing_add(hit);
            let (sum, over_again) = sum.overflowing_add(u64::from(*carry));
            *carry = over || over_again;
            open = sum | (open - hit);
        }
        length += (!open & full).count_ones() as usize;
    }
    length
}
