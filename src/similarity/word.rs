//! Pairs whose first text has at most 64 code points: positions are the bits of one word.
//!
//! Every function takes the two lengths and `places(j)`, the positions of the first text at which the second
//! text's character j stands, so that how characters are found is the caller's affair. Sources as in the batch
//! kernels: Myers 1999, Hyyrö 2003 and 2004. O(length of the second text).

/// `(1 << count) - 1` in a word.
#[inline(always)]
pub(super) const fn ones(count: usize) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}

/// Which positions of the first and of the second text Jaro matches; both texts of at most 64.
#[inline(always)]
pub(super) fn jaro_matches(a_len: usize, b_len: usize, places: impl Fn(usize) -> u64) -> (u64, u64) {
    let reach = (a_len.max(b_len) / 2).saturating_sub(1);
    let (mut a_taken, mut b_taken) = (0u64, 0u64);
    let mut window = ones(reach + 1);
    for j in 0..b_len {
        let free = places(j) & window & !a_taken;
        a_taken |= free & free.wrapping_neg();
        b_taken |= u64::from(free != 0) << (j & 63);
        window = (window << 1) | u64::from(j < reach);
    }
    (a_taken, b_taken)
}

/// How many of the matched characters stand out of order, not halved.
#[inline(always)]
pub(super) fn jaro_missed(a_taken: u64, b_taken: u64, places: impl Fn(usize) -> u64) -> usize {
    let (mut a, mut b, mut missed) = (a_taken, b_taken, 0);
    while b != 0 {
        let first = a & a.wrapping_neg();
        missed += usize::from(places(b.trailing_zeros() as usize) & first == 0);
        a &= a.wrapping_sub(1);
        b &= b.wrapping_sub(1);
    }
    missed
}

/// Levenshtein, or optimal string alignment, of a first text that is not empty.
#[inline(always)]
pub(super) fn edit<const OSA: bool>(a_len: usize, b_len: usize, places: impl Fn(usize) -> u64) -> usize {
    let (mut plus, mut minus) = (u64::MAX, 0u64);
    let (mut diagonal, mut before) = (u64::MAX, 0u64);
    for j in 0..b_len {
        let at = places(j);
        let x = at | minus;
        let mut zero = ((x & plus).wrapping_add(plus) ^ plus) | x;
        if OSA {
            zero |= ((!diagonal & at) << 1) & before;
            diagonal = zero;
            before = at;
        }
        let up = ((minus | !(zero | plus)) << 1) | 1;
        let down = (plus & zero) << 1;
        plus = down | !(zero | up);
        minus = up & zero;
    }
    let full = ones(a_len);
    b_len + (plus & full).count_ones() as usize - (minus & full).count_ones() as usize
}

/// The length of the longest common subsequence.
#[inline(always)]
pub(super) fn lcs(a_len: usize, b_len: usize, places: impl Fn(usize) -> u64) -> usize {
    let mut open = u64::MAX;
    for j in 0..b_len {
        let hit = open & places(j);
        open = open.wrapping_add(hit) | (open - hit);
    }
    (!open & ones(a_len)).count_ones() as usize
}

/// How many characters both texts have, whatever their order: each is counted as often as the text has it that
/// has it less often.
#[inline(always)]
pub(super) fn common(b_len: usize, places: impl Fn(usize) -> u64) -> usize {
    let mut taken = 0u64;
    for j in 0..b_len {
        let free = places(j) & !taken;
        taken |= free & free.wrapping_neg();
    }
    taken.count_ones() as usize
}

/// Whether no byte has its top bit.
#[inline(always)]
pub(super) fn is_ascii(text: &[u8]) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // Words that overlap, so that few lengths differ in how many there are.
    let word = |at: usize| text.get(at..at + 8).map_or(0, read8);
    let len = text.len();
    let all = match len {
        0..8 => read8(text),
        8..=16 => word(0) | word(len - 8),
        17..=32 => word(0) | word(8) | word(len - 16) | word(len - 8),
        _ => text.chunks_exact(8).fold(word(len - 8), |all, part| all | read8(part)),
    };
    all & HIGH == 0
}

/// A unit of text as a number.
pub(super) trait Key: Copy {
    fn key(self) -> u32;
}

impl Key for char {
    #[inline(always)]
    fn key(self) -> u32 {
        self.into()
    }
}

impl Key for u8 {
    #[inline(always)]
    fn key(self) -> u32 {
        self.into()
    }
}

/// Where each of up to 64 characters stands: a small open-addressed table.
pub(super) struct Places {
    keys: [u32; 128],
    bits: [u64; 128],
}

const FREE: u32 = u32::MAX;

impl Places {
    pub(super) fn new<T: Key>(text: &[T]) -> Self {
        let mut table = Self { keys: [FREE; 128], bits: [0; 128] };
        for (i, &c) in text.iter().take(64).enumerate() {
            let slot = table.slot(c);
            table.keys[slot] = c.key();
            table.bits[slot] |= 1 << i;
        }
        table
    }

    /// At most 64 of the 128 slots are taken, so that the search ends.
    fn slot(&self, c: impl Key) -> usize {
        let key = c.key();
        let mut slot = (key.wrapping_mul(0x9E37_79B1) >> 25) as usize;
        while self.keys[slot] != key && self.keys[slot] != FREE {
            slot = (slot + 1) & 127;
        }
        slot
    }

    pub(super) fn of(&self, c: impl Key) -> u64 {
        self.bits[self.slot(c)]
    }
}

/// Positions of a byte among up to `8 * N` bytes, by arithmetic on words.
pub(super) struct Swar<const N: usize>([u64; N]);

impl<const N: usize> Swar<N> {
    #[inline(always)]
    pub(super) fn new(text: &[u8]) -> Self {
        Self(std::array::from_fn(|i| read8(text.get(8 * i..).unwrap_or(&[]))))
    }

    /// Positions at or after the text's end may be set where `byte` is 0.
    #[inline(always)]
    pub(super) fn of(&self, byte: u8) -> u64 {
        const LOW: u64 = 0x0101_0101_0101_0101;
        let mut bits = 0;
        for (i, word) in self.0.iter().enumerate() {
            let differ = word ^ (LOW * u64::from(byte));
            // The high bit of a byte is set where the byte is not 0, without carries between bytes.
            let differ = ((differ & (LOW * 0x7F)) + LOW * 0x7F) | differ;
            let equal = (!differ >> 7) & LOW;
            bits |= (equal.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
        }
        bits
    }
}

/// The first up to 8 bytes as a little-endian word.
#[inline(always)]
pub(super) fn read8(text: &[u8]) -> u64 {
    fn four(text: &[u8], at: usize) -> u64 {
        text.get(at..at + 4).map_or(0, |b| u64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])))
    }
    let len = text.len();
    if let Some(b) = text.get(..8) {
        return u64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]);
    }
    if len >= 4 {
        return four(text, 0) | (four(text, len - 4) << (8 * (len - 4)));
    }
    match text {
        [] => 0,
        [a] => u64::from(*a),
        [a, b] => u64::from(*a) | u64::from(*b) << 8,
        [a, b, c, ..] => u64::from(*a) | u64::from(*b) << 8 | u64::from(*c) << 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swar_finds_every_position_and_no_other() {
        for len in 0..=16 {
            let text: Vec<u8> = (0..len).map(|i| [0x7F, 0x80, 0xFF, 1, 0][i % 5]).collect();
            let swar = Swar::<2>::new(&text);
            for byte in 0..=255u8 {
                let want =
                    text.iter().enumerate().filter(|(_, b)| **b == byte).fold(0, |m, (i, _)| m | 1 << i);
                assert_eq!(swar.of(byte) & ones(len), want);
            }
        }
    }
}
