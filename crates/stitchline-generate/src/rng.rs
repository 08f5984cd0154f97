//! The random numbers: a seed and a name in, the same sequence out on every machine.
//!
//! The generator is xoshiro256++ seeded with SplitMix64. Nothing here calls a mathematical function whose
//! last bit differs between platforms: the logarithm is a fixed series of IEEE operations.

/// A small seedable generator of random numbers (xoshiro256++).
#[derive(Debug, Clone)]
pub(crate) struct Rng {
    state: [u64; 4],
}

/// One step of SplitMix64: a well mixed 64-bit value from any 64-bit value.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A 64-bit fingerprint of a text (FNV-1a, then mixed).
pub(crate) fn fingerprint(text: &str) -> u64 {
    let mut h = 0xCBF2_9CE4_8422_2325_u64;
    for b in text.bytes() {
        h = (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    mix(h)
}

impl Rng {
    /// The sequence that belongs to `seed`, an `index` (a household's number, say) and a `purpose`.
    ///
    /// Sequences of different purposes are independent, so asking for more web events changes no record.
    pub(crate) fn stream(seed: u64, index: u64, purpose: u64) -> Self {
        let mut s = mix(seed ^ mix(index ^ mix(purpose)));
        let mut state = [0; 4];
        for word in &mut state {
            s = s.wrapping_add(0x9E37_79B9_7F4A_7C15);
            *word = mix(s);
        }
        Self { state }
    }

    /// The next 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// A number in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A number in `[0, n)`; `n` must not be 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// A number in `[low, high)`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).max(1) as u64) as i64
    }

    /// A position in a list of `len` entries.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// A position in a list of `len` entries, the first ones more likely (exponent 1.5).
    pub(crate) fn early_index(&mut self, len: usize) -> usize {
        let u = self.unit();
        ((u * u.sqrt() * len as f64) as usize).min(len.saturating_sub(1))
    }

    /// One of the entries.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.index(list.len())]
    }

    /// A number with the exponential distribution of this mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -ln(1.0 - self.unit()) * mean
    }

    /// A number with nearly the normal distribution (the sum of twelve uniform ones).
    pub(crate) fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| self.unit()).sum();
        mean + (sum - 6.0) * deviation
    }

    /// A random identifier in the form of a version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let (a, b) = (self.bits(), self.bits());
        let (high, low) = ((a & !0xF000) | 0x4000, (b & !(0b11 << 62)) | (0b10 << 62));
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0xFFFF,
            low >> 48,
            low & 0xFFFF_FFFF_FFFF
        )
    }
}

/// The natural logarithm of a positive normal number, by IEEE additions, products and quotients alone.
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) as i64 - 1023) as f64;
    let mantissa = f64::from_bits((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    for k in (0..12).rev() {
        sum = sum * square + 1.0 / f64::from(2 * k + 1);
    }
    2.0 * s * sum + exponent * std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_fixed_for_ever() {
        let mut a = Rng::stream(1, 2, 3);
        let mut b = Rng::stream(1, 2, 3);
        let first: Vec<u64> = (0..4).map(|_| a.bits()).collect();
        assert_eq!(first, (0..4).map(|_| b.bits()).collect::<Vec<_>>());
        assert_eq!(mix(0), 0xE220_A839_7B1D_CDAF, "the published first value of SplitMix64");
        assert_ne!(Rng::stream(1, 2, 4).bits(), first[0]);
    }

    #[test]
    fn the_logarithm_is_accurate() {
        for x in [1e-300, 1e-9, 0.1, 0.5, 0.999, 1.0, 1.5, 2.0, 1e12] {
            assert!((ln(x) - f64::ln(x)).abs() <= 1e-12 * f64::ln(x).abs().max(1.0), "{x}");
        }
    }

    #[test]
    fn the_distributions_have_their_means() {
        let mut r = Rng::stream(7, 0, 0);
        let n = 40_000;
        let mean = |f: &mut dyn FnMut() -> f64| (0..n).map(|_| f()).sum::<f64>() / f64::from(n);
        assert!((mean(&mut || r.exponential(3.0)) - 3.0).abs() < 0.1);
        assert!((mean(&mut || r.normal(5.0, 2.0)) - 5.0).abs() < 0.1);
        assert!((mean(&mut || r.below(11) as f64) - 5.0).abs() < 0.1);
    }

    #[test]
    fn uuids_are_well_formed() {
        let id = Rng::stream(1, 1, 1).uuid();
        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "4");
        assert!("89ab".contains(&id[19..20]));
    }
}
