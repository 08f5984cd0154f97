//! Which of many keys are equal, without sorting them: keys are parted by their upper bits, and within a part, which
//! fits the caches, each is looked for among those before it.

/// Bits by which keys are parted: few enough that all places that are written to stay in the caches.
const BITS: u32 = 8;

/// What is known of a key by its place among all.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Member {
    /// How many keys are equal to this one, which is the first of them; 1 for the others, and 0 for one that is alone.
    pub(super) size: u32,
    /// The place of the first that is equal; of the first one itself, the key.
    pub(super) link: u32,
}

/// Keys by their places, with those that are equal found.
#[derive(Debug, Default)]
pub(super) struct Alike {
    pub(super) members: Vec<Member>,
    /// Keys with their places, by their upper bits.
    parted: Vec<(u32, u32)>,
    /// Of a part, each different key in the upper half, and its first place.
    slots: Vec<u64>,
}

impl Alike {
    /// Finds the equal ones among keys that are hashes; 0 is none. The number of pairs of equal ones is given, or as much of
    /// it as is more than `most`, where no more is looked at. O(keys).
    pub(super) fn find(&mut self, keys: &[u32], most: u64) -> u64 {
        self.members.clear();
        self.members.resize(keys.len(), Member::default());
        self.find_among((0u32..).zip(keys).map(|(place, &key)| (key, place)), most)
    }

    /// [`Alike::find`] among some keys with their places, in the order of these, of which nothing is known yet.
    pub(super) fn find_among(
        &mut self,
        keys: impl Iterator<Item = (u32, u32)> + Clone,
        most: u64,
    ) -> u64 {
        let mut ends = [0u32; 1 << BITS];
        let part = |key: u32| (key >> (32 - BITS)) as usize;
        keys.clone().for_each(|(key, _)| ends[part(key)] += 1);
        let mut sum = 0;
        ends.iter_mut().for_each(|end| sum += std::mem::replace(end, sum));
        if self.parted.len() < sum as usize {
            self.parted.resize(sum as usize, (0, 0));
        }
        for (key, place) in keys {
            let at = &mut ends[part(key)];
            self.parted[*at as usize] = (key, place);
            *at += 1;
        }
        let Alike { members, parted, slots } = self;
        let (mut pairs, mut from) = (0, 0);
        for end in ends {
            pairs += find_in(&parted[from..end as usize], members, slots);
            from = end as usize;
            if pairs > most {
                break;
            }
        }
        pairs
    }
}

/// Finds the equal ones in a part; gives the number of their pairs.
fn find_in(part: &[(u32, u32)], members: &mut [Member], slots: &mut Vec<u64>) -> u64 {
    let size = (part.len() * 2).next_power_of_two();
    slots.clear();
    slots.resize(size, 0);
    let slots = &mut slots[..];
    let mut pairs = 0;
    for &(key, place) in part.iter().filter(|(key, _)| *key != 0) {
        let mut at = key as usize & (slots.len() - 1);
        loop {
            let held = slots[at];
            if held == 0 {
                slots[at] = u64::from(key) << 32 | u64::from(place);
                break;
            }
            if (held >> 32) as u32 == key {
                let first = &mut members[held as u32 as usize];
                let before = first.size.max(1);
                *first = Member { size: before + 1, link: key };
                pairs += u64::from(before);
                members[place as usize] = Member { size: 1, link: held as u32 };
                break;
            }
            at = (at + 1) & (slots.len() - 1);
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn equals_a_plain_map(
            keys in prop::collection::vec(
                prop_oneof![0u32..6, any::<u32>(), (0u32..40).prop_map(|key| key << 13), Just(7)], 0..400,
            ),
            most in 0u64..300,
        ) {
            let mut places: HashMap<u32, Vec<u32>> = HashMap::new();
            for (&key, place) in keys.iter().zip(0..).filter(|(key, _)| **key != 0) {
                places.entry(key).or_default().push(place);
            }
            let pairs: u64 = places.values().map(|own| (own.len() * (own.len() - 1) / 2) as u64).sum();
            let mut alike = Alike::default();
            // What was found before is forgotten.
            alike.find(&keys[..keys.len() / 2], u64::MAX);
            prop_assert_eq!(alike.find(&keys, u64::MAX), pairs);
            for (place, (&key, member)) in (0u32..).zip(keys.iter().zip(&alike.members)) {
                let own = places.get(&key).map_or(&[][..], Vec::as_slice);
                let expected = match own {
                    [] | [_] => (0, 0),
                    [first, ..] if *first == place => (own.len() as u32, key),
                    [first, ..] => (1, *first),
                };
                prop_assert_eq!((member.size, member.link), expected);
            }
            let some = alike.find(&keys, most);
            prop_assert!(some == pairs || (some > most && some < pairs));
        }
    }
}
