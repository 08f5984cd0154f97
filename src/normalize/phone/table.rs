//! Reads `metadata.bin`, the compiled form of libphonenumber's metadata.
//!
//! `tools/phone_metadata.py` writes the file and documents its layout; the offsets below
//! must agree with it.  All accessors read the file in place, nothing is unpacked.

use super::{PhoneKind, Region};

static TABLE: &[u8] = include_bytes!("metadata.bin");

const REGION_INDEX: usize = 1000;
const LABELS: usize = REGION_INDEX + 676;
const CALLINGS: usize = LABELS + 512;
const REGIONS: usize = CALLINGS + 255 * 4;
const NO_LETTERS: usize = REGIONS + 255 * 32;
const NODES: usize = NO_LETTERS + 384 * 8;

/// An index entry that points nowhere.
const NONE: u8 = 0xFF;

#[inline(always)]
fn bytes_at<const N: usize>(at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&TABLE[at..at + N]);
    bytes
}

#[inline(always)]
fn u16_at(at: usize) -> u16 {
    u16::from_le_bytes(bytes_at(at))
}

#[inline(always)]
fn u32_at(at: usize) -> u32 {
    u32::from_le_bytes(bytes_at(at))
}

/// Whether a character is a letter or a number by its general category.  Besides these,
/// [`char::is_alphanumeric`] takes marks and circled letters, among them some emoji.
pub(super) fn is_alphanumeric(c: char) -> bool {
    let code = u32::from(c);
    let mut ranges = (0..384).map(|index| NO_LETTERS + 8 * index);
    c.is_alphanumeric() && (c.is_ascii() || !ranges.any(|at| u32_at(at) <= code && code <= u32_at(at + 4)))
}

/// A state of one of the automata, which read ASCII digits.
#[derive(Clone, Copy)]
struct Node(u16);

impl Node {
    /// The ten class nibbles in bits 0 to 39, the label in bits 40 to 47.
    #[inline]
    fn header(self) -> u64 {
        u64::from_le_bytes(bytes_at(NODES + 2 * usize::from(self.0)))
    }

    #[inline]
    fn label(self) -> u8 {
        (self.header() >> 40) as u8
    }

    /// The next state and how many of the digits, of which there is at least one, it took.
    #[inline]
    fn advance(self, rest: &[u8]) -> Option<(Node, usize)> {
        let header = self.header();
        // Most numbers end in a few digits of any value, which are one step.
        if header & 0xF == 0xF {
            let count = (header >> 4 & 0xF) as usize;
            return (count <= rest.len()).then_some((Node((header >> 48) as u16), count));
        }
        match header >> (4 * u32::from(rest[0] & 0xF)) & 0xF {
            0 => None,
            class => Some((Node(u16_at(NODES + 2 * usize::from(self.0) + 4 + 2 * class as usize)), 1)),
        }
    }

    /// The label behind all of `digits`, 0 when they are not accepted.
    #[inline]
    fn accept(self, digits: &[u8]) -> u8 {
        let (mut node, mut at) = (self, 0);
        while at < digits.len() {
            let Some((next, count)) = node.advance(&digits[at..]) else { return 0 };
            (node, at) = (next, at + count);
        }
        node.label()
    }

    /// Length of the longest accepted prefix of `digits` whose label passes `take`, and what
    /// `take` made of it.
    #[inline]
    fn longest<T>(self, digits: &[u8], take: impl Fn(u8, usize) -> Option<T>) -> Option<(usize, T)> {
        let (mut node, mut at) = (self, 0);
        let mut best = None;
        loop {
            let label = node.label();
            if label != 0
                && let Some(found) = take(label, at)
            {
                best = Some((at, found));
            }
            if at == digits.len() {
                return best;
            }
            let Some((next, count)) = node.advance(&digits[at..]) else { return best };
            (node, at) = (next, at + count);
        }
    }
}

/// A calling code such as 44, with the regions that share it.
#[derive(Clone, Copy)]
pub(super) struct Calling {
    at: usize,
}

impl Calling {
    /// The calling code that `digits` begin with, and its length.
    pub(super) fn of_prefix(digits: &[u8]) -> Option<(Calling, usize)> {
        let mut code = 0;
        for (index, &digit) in digits.iter().take(3).enumerate() {
            code = code * 10 + usize::from(digit & 0xF);
            // No calling code begins with 0.
            if code == 0 {
                return None;
            }
            if TABLE[code] != NONE {
                return Some((Calling { at: CALLINGS + 4 * usize::from(TABLE[code]) }, index + 1));
            }
        }
        None
    }

    /// The plan that governs parsing: that of the main region.
    pub(super) fn main(self) -> Plan {
        self.slot(0)
    }

    fn slot(self, slot: u8) -> Plan {
        Plan { at: REGIONS + 32 * (usize::from(TABLE[self.at + 2]) + usize::from(slot)) }
    }

    /// Region and kind of a national number; `None` when no region accepts it.
    #[inline]
    pub(super) fn classify(self, national: &[u8]) -> Option<(Option<Region>, PhoneKind)> {
        let label = Node(u16_at(self.at)).accept(national);
        if label == 0 {
            return None;
        }
        let at = LABELS + 2 * usize::from(label);
        Some((self.slot(TABLE[at]).region(), kind(TABLE[at + 1])))
    }
}

fn kind(code: u8) -> PhoneKind {
    match code {
        0 => PhoneKind::PremiumRate,
        1 => PhoneKind::TollFree,
        2 => PhoneKind::SharedCost,
        3 => PhoneKind::Voip,
        4 => PhoneKind::Personal,
        5 => PhoneKind::Pager,
        6 => PhoneKind::Uan,
        7 => PhoneKind::Voicemail,
        8 => PhoneKind::FixedLine,
        9 => PhoneKind::Mobile,
        10 => PhoneKind::FixedOrMobile,
        _ => PhoneKind::Unknown,
    }
}

/// How the length of a national number compares with what its plan knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Length {
    Possible,
    LocalOnly,
    TooShort,
    TooLong,
    /// Between possible lengths.
    Gap,
}

/// What to do with a national prefix, see [`Plan::national_prefix`].
pub(super) enum PrefixRule {
    /// Drop the first `end` digits.
    Strip { end: usize },
    /// Put the digits `lead` and then `start..stop` of the number in place of the first `end` digits.
    Replace { lead: &'static [u8], start: usize, stop: usize, end: usize },
}

/// The numbering plan of a region.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    at: usize,
}

impl Plan {
    /// The plan of a region, `None` for one without telephones of its own.
    pub(super) fn of_region(region: Region) -> Option<Plan> {
        let [first, second] = region.0;
        let index = 26 * usize::from(first - b'A') + usize::from(second - b'A');
        match TABLE[REGION_INDEX + index] {
            NONE => None,
            record => Some(Plan { at: REGIONS + 32 * usize::from(record) }),
        }
    }

    /// `None` for the plans of services without a country, such as +800.
    fn region(self) -> Option<Region> {
        match [TABLE[self.at], TABLE[self.at + 1]] {
            [0, 0] => None,
            code => Some(Region(code)),
        }
    }

    /// The calling code with all regions that share it.
    pub(super) fn calling(self) -> Option<Calling> {
        match TABLE.get(usize::from(self.calling_code())) {
            None | Some(&NONE) => None,
            Some(&record) => Some(Calling { at: CALLINGS + 4 * usize::from(record) }),
        }
    }

    /// Its calling code as a number.
    pub(super) fn calling_code(self) -> u16 {
        u16_at(self.at + 2)
    }

    /// Whether the general description, the union of all kinds roughly, accepts the number.
    #[inline]
    pub(super) fn describes(self, national: &[u8]) -> bool {
        Node(u16_at(self.at + 4)).accept(national) != 0
    }

    /// Length of the international dialling prefix that `digits` begin with.
    #[inline]
    pub(super) fn international_prefix(self, digits: &[u8]) -> Option<usize> {
        Node(u16_at(self.at + 6)).longest(digits, |_, _| Some(())).map(|(end, ())| end)
    }

    /// The national (or carrier) prefix that `digits` begin with.
    #[inline]
    pub(super) fn national_prefix(self, digits: &[u8]) -> Option<PrefixRule> {
        let root = Node(u16_at(self.at + 8));
        let (end, action) = root.longest(digits, |label, at| {
            // Bits are in the order of preference.
            (0..4).filter(|bit| label >> bit & 1 != 0).find_map(|bit| {
                let action = TABLE[self.at + 20 + bit];
                (action & 0x80 == 0 || at == digits.len()).then_some(action)
            })
        })?;
        if action & 0x40 == 0 {
            return Some(PrefixRule::Strip { end });
        }
        let count = usize::from(TABLE[self.at + 24]);
        Some(PrefixRule::Replace {
            lead: &TABLE[self.at + 25..self.at + 25 + count],
            start: usize::from(action & 7),
            stop: end - usize::from(action >> 3 & 3),
            end,
        })
    }

    /// Compares the number of digits with the possible lengths.
    #[inline]
    pub(super) fn length(self, digits: usize) -> Length {
        let possible = u32_at(self.at + 12);
        let bit = if digits < 32 { 1 << digits } else { 0 };
        if u32_at(self.at + 16) & bit != 0 {
            Length::LocalOnly
        } else if possible & bit != 0 {
            Length::Possible
        } else if digits < possible.trailing_zeros() as usize {
            Length::TooShort
        } else if digits >= 32 - possible.leading_zeros() as usize {
            Length::TooLong
        } else {
            Length::Gap
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_table_nodes_are_in_range() {
        // Every root, then every child: no input can leave the table.
        let mut seen = vec![false; (TABLE.len() - NODES) / 2];
        let mut stack: Vec<u16> = Vec::new();
        for (code, &record) in TABLE[..REGION_INDEX].iter().enumerate().filter(|(_, record)| **record != NONE)
        {
            let calling = Calling { at: CALLINGS + 4 * usize::from(record) };
            stack.push(u16_at(calling.at));
            for slot in 0..TABLE[calling.at + 3] {
                let plan = calling.slot(slot);
                assert_eq!(usize::from(plan.calling_code()), code);
                assert_ne!(u32_at(plan.at + 12), 0);
                stack.extend([4, 6, 8].map(|field| u16_at(plan.at + field)));
            }
        }
        while let Some(number) = stack.pop() {
            if std::mem::replace(&mut seen[usize::from(number)], true) {
                continue;
            }
            for digit in b'0'..=b'9' {
                stack.extend(Node(number).advance(&[digit; 15]).map(|(node, _)| node.0));
            }
        }
        assert!(seen.iter().filter(|seen| **seen).count() > 5000);
    }

    #[test]
    fn phone_table_knows_letters() {
        for c in ['a', '7', 'é', 'ß', '中', 'ท', '²', 'Ⅷ', 'ª', 'ﬁ'] {
            assert!(is_alphanumeric(c), "{c}");
        }
        for c in ['_', '-', '\u{301}', '\u{E35}', '\u{94D}', '\u{903}', 'Ⓐ', '🅰', '€', '\u{10FFFF}'] {
            assert!(!is_alphanumeric(c), "{c:?}");
        }
    }

    #[test]
    fn phone_table_looks_up_calling_codes() {
        let code =
            |digits: &str| Calling::of_prefix(digits.as_bytes()).map(|(c, n)| (c.main().calling_code(), n));
        assert_eq!(code("442"), Some((44, 2)));
        assert_eq!(code("12"), Some((1, 1)));
        assert_eq!(code("262"), Some((262, 3)));
        assert_eq!(code("26"), None);
        assert_eq!(code("044"), None);
        assert_eq!(code("999"), None);
        assert_eq!(code(""), None);
    }

    #[test]
    fn phone_table_compares_lengths() {
        let us = Plan::of_region(Region(*b"US")).unwrap();
        assert_eq!(us.length(10), Length::Possible);
        assert_eq!(us.length(7), Length::LocalOnly);
        assert_eq!(us.length(3), Length::TooShort);
        assert_eq!(us.length(11), Length::TooLong);
        assert_eq!(us.length(40), Length::TooLong);
        let gb = Plan::of_region(Region(*b"GB")).unwrap();
        assert_eq!(gb.length(8), Length::LocalOnly);
        let unknown = Plan::of_region(Region(*b"ZZ"));
        assert!(unknown.is_none());
    }
}
