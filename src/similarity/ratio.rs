//! From the counts that Jaro rests on to the score: the one place where floating point enters.

/// The longest text, in code points, that the word-sized kernels take.
pub(super) const WORD: usize = 64;

/// `RATIO[len][part]` is `part / len`, and 0 where `len` is 0.
pub(super) static RATIO: [[f64; WORD + 1]; WORD + 1] = {
    let mut table = [[0.0; WORD + 1]; WORD + 1];
    let mut len = 1;
    while len <= WORD {
        let mut part = 0;
        while part <= len {
            table[len][part] = part as f64 / len as f64;
            part += 1;
        }
        len += 1;
    }
    table
};

/// The longest texts of [`SMALL`].
pub(super) const SMALL_A: usize = 8;
pub(super) const SMALL_B: usize = 16;
/// Entries of [`SMALL`] for one pair of lengths: five halved transpositions for each of nine counts of matches.
pub(super) const SMALL_ROW: usize = 45;

/// Jaro's score of a text of up to 8 with one of up to 16, at
/// `((a_len * 17) + b_len) * 45 + matches * 5 + transposed`.
pub(super) static SMALL: [f64; (SMALL_A + 1) * (SMALL_B + 1) * SMALL_ROW] = {
    let mut table = [0.0; (SMALL_A + 1) * (SMALL_B + 1) * SMALL_ROW];
    let mut a = 0;
    while a <= SMALL_A {
        let mut b = 0;
        while b <= SMALL_B {
            let mut matches = 1;
            while matches <= a && matches <= b {
                let mut transposed = 0;
                while transposed <= matches / 2 {
                    let sum = RATIO[a][matches] + RATIO[b][matches] + RATIO[matches][matches - transposed];
                    table[(a * (SMALL_B + 1) + b) * SMALL_ROW + matches * 5 + transposed] = sum / 3.0;
                    transposed += 1;
                }
                matches += 1;
            }
            b += 1;
        }
        a += 1;
    }
    table
};

/// Jaro's score where [`SMALL`] has it.
#[inline(always)]
pub(super) fn jaro_small(a_len: usize, b_len: usize, matches: usize, transposed: usize) -> f64 {
    SMALL[((a_len * (SMALL_B + 1) + b_len) * SMALL_ROW + matches * 5 + transposed).min(SMALL.len() - 1)]
}

/// `BOOST[prefix]`: what Winkler adds for each missing part of the score.
pub(super) static BOOST: [f64; 5] = [0.0, 0.1 * 1.0, 0.1 * 2.0, 0.1 * 3.0, 0.1 * 4.0];

/// Jaro's score of lengths up to [`WORD`], with `transposed` already halved and floored.
#[inline(always)]
pub(super) fn jaro_short(a_len: usize, b_len: usize, matches: usize, transposed: usize) -> f64 {
    debug_assert!(transposed <= matches && matches <= a_len && matches <= b_len);
    let (a_len, b_len, matches) = (a_len.min(WORD), b_len.min(WORD), matches.min(WORD));
    let kept = matches.wrapping_sub(transposed).min(WORD);
    (RATIO[a_len][matches] + RATIO[b_len][matches] + RATIO[matches][kept]) / 3.0
}

/// Jaro's score of any lengths.
pub(super) fn jaro_any(a_len: usize, b_len: usize, matches: usize, transposed: usize) -> f64 {
    if a_len == 0 && b_len == 0 {
        return 1.0;
    }
    if matches == 0 {
        return 0.0;
    }
    let (a_len, b_len, kept) = (a_len as f64, b_len as f64, (matches - transposed) as f64);
    let matches = matches as f64;
    (matches / a_len + matches / b_len + kept / matches) / 3.0
}

/// Winkler's boost for a common prefix of up to four code points, given only above .7.
///
/// The comparison is made in `f64`, on a sum taken in one fixed order, as in strsim and RapidFuzz: a score that
/// is .7 as a fraction (`starr`, `storey`) can be .7000000000000001 here, and is then boosted in all of them.
#[inline(always)]
pub(super) fn winkler(jaro: f64, prefix: usize) -> f64 {
    let boosted = jaro + BOOST[prefix.min(4)] * (1.0 - jaro);
    if jaro > 0.7 { boosted } else { jaro }
}
