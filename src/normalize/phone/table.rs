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
const NODES: usize = REGIONS + 255 * 32;

/// An index entry that points nowhere.
const NONE: u8 = 0xFF;

fn u16_at(at: usize) -> u16 {
    u16::from_le_bytes([TABLE[at], TABLE[at + 1]])
}

fn u32_at(at: usize) -> u32 {
    u32::from_le_bytes([TABLE[at], TABLE[at + 1], TABLE[at + 2], TABLE[at + 3]])
}

/// A state of one of the automata.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Node(u16);

impl Node {
    /// No input is accepted from here.
    const DEAD: Node = Node(0);

    /// The ten class nibbles in bits 0 to 39, the label in bits 40 to 47.
    #[inline]
    fn header(self) -> u64 {
        let at = NODES + 2 * usize::from(self.0);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&TABLE[at..at + 8]);
        u64::from_le_bytes(bytes)
    }

    #[inline]
    fn label(self) -> u8 {
        (self.header() >> 40) as u8
    }

    #[inline]
    fn step(self, digit: u8) -> Node {
        match (self.header() >> (4 * u32::from(digit))) & 0xF {
            0 => Node::DEAD,
            class => Node(u16_at(NODES + 2 * usize::from(self.0) + 4 + 2 * class as usize)),
        }
    }

    /// The label behind all of `digits`, 0 when they are not accepted.
    #[inline]
    fn accept(self, digits: &[u8]) -> u8 {
        let mut node = self;
        for &digit in digits {
            node = node.step(digit);
            if node == Node::DEAD {
                return 0;
            }
        }
        node.label()
    }

    /// Length of the longest accepted prefix of `digits` whose label passes `take`, and what
    /// `take` made of it.
    #[inline]
    fn longest<T>(self, digits: &[u8], take: impl Fn(u8, usize) -> Option<T>) -> Option<(usize, T)> {
        let mut node = self;
        let mut best = None;
        for at in 0..=digits.len() {
            let label = node.label();
            if label != 0
                && let Some(found) = take(label, at)
            {
                best = Some((at, found));
            }
            let Some(&digit) = digits.get(at) else { break };
            node = node.step(digit);
            if node == Node::DEAD {
                break;
            }
        }
        best
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
            code = code * 10 + usize::from(digit);
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
    /// Put `digits` and then `start..stop` of the number in place of the first `end` digits.
    Replace { digits: &'static [u8], start: usize, stop: usize, end: usize },
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
            digits: &TABLE[self.at + 25..self.at + 25 + count],
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
        for code in 0..1000 {
            if TABLE[code] != NONE {
                let at = CALLINGS + 4 * usize::from(TABLE[code]);
                stack.push(u16_at(at));
                for slot in 0..TABLE[at + 3] {
                    let plan = Calling { at }.slot(slot);
                    assert_eq!(usize::from(plan.calling_code()), code);
                    stack.extend([4, 6, 8].map(|field| u16_at(plan.at + field)));
                    assert_ne!(u32_at(plan.at + 12), 0);
                }
            }
        }
        while let Some(number) = stack.pop() {
            if std::mem::replace(&mut seen[usize::from(number)], true) {
                continue;
            }
            stack.extend((0..10).map(|digit| Node(number).step(digit).0));
        }
        assert!(seen.iter().filter(|seen| **seen).count() > 5000);
    }

    #[test]
    fn phone_table_looks_up_calling_codes() {
        let code = |digits: &[u8]| Calling::of_prefix(digits).map(|(c, n)| (c.main().calling_code(), n));
        assert_eq!(code(&[4, 4, 2]), Some((44, 2)));
        assert_eq!(code(&[1, 2]), Some((1, 1)));
        assert_eq!(code(&[2, 6, 2]), Some((262, 3)));
        assert_eq!(code(&[2, 6]), None);
        assert_eq!(code(&[0, 4, 4]), None);
        assert_eq!(code(&[9, 9, 9]), None);
        assert_eq!(code(&[]), None);
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
