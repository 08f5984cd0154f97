//! Which of many keys are equal, without sorting them: keys are parted by their upper bits, and within a part, which
//! fits the caches, each is looked for among those before it.

use super::values::pair_count;

/// Bits by which keys are parted: few enough that all places that are written to stay in the caches.
const BITS: u32 = 9;

/// Two equal keys and more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) key: u32,
    /// Where the places of its keys begin among all.
    from: u32,
    /// How many they are.
    pub(super) size: u32,
}

/// The places of equal keys.
#[derive(Debug, Default)]
pub(super) struct Alike {
    /// In no order that means anything.
    pub(super) groups: Vec<Group>,
    /// The places of the keys of each group, in their order.
    places: Vec<u32>,
    /// Keys with their places, by their upper bits.
    parted: Vec<(u32, u32)>,
    part: Part,
}

/// Room for what is known of the keys of a part.
#[derive(Debug, Default)]
struct Part {
    /// The numbers of the different keys, from 1 on; 0 is free.
    slots: Vec<u32>,
    /// Of each of the part's keys, this number.
    numbers: Vec<u32>,
    /// By this number, the key, and how many it is; then where the next of its places goes.
    known: Vec<(u32, u32)>,
}

impl Alike {
    /// Finds the equal ones among keys that are hashes, each with its place; places ascend, and a key of 0 is none. The number
    /// of pairs of equal ones is given, or some more than `most`, where no more is looked at. O(keys).
    pub(super) fn find(&mut self, keys: impl Iterator<Item = (u32, u32)> + Clone, most: u64) -> u64 {
        self.keep(0);
        self.find_more(keys, most)
    }

    /// [`Alike::find`] that adds to what was found before.
    pub(super) fn find_more(&mut self, keys: impl Iterator<Item = (u32, u32)> + Clone, most: u64) -> u64 {
        // What has no key stands behind all parts.
        const PARTS: usize = 1 << BITS;
        let mut ends = [0u32; PARTS + 1];
        let part = |key: u32| if key == 0 { PARTS } else { (key >> (32 - BITS)) as usize };
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
        let (mut pairs, mut from) = (0, 0);
        for &end in &ends[..PARTS] {
            pairs += self.find_in(from as usize..end as usize);
            from = end;
            if pairs > most {
                break;
            }
        }
        pairs
    }

    /// Finds the equal ones in a part; gives the number of their pairs. Whether a key is new or was met is no branch, since
    /// nobody could foretell it.
    fn find_in(&mut self, part: std::ops::Range<usize>) -> u64 {
        let Alike { groups, places, parted, part: Part { slots, numbers, known } } = self;
        let part = &parted[part];
        slots.clear();
        slots.resize((part.len() * 2).next_power_of_two(), 0);
        if known.len() <= part.len() {
            numbers.resize(part.len(), 0);
            known.resize(part.len() + 1, (0, 0));
        }
        let (slots, numbers, known) =
            (&mut slots[..], &mut numbers[..part.len()], &mut known[..part.len() + 1]);
        known.fill((0, 0));
        let mut count = 0u32;
        for (&(key, _), number) in part.iter().zip(&mut *numbers) {
            let mut at = key as usize & (slots.len() - 1);
            // What is free is told as if it were the key, so that one question ends the search.
            known[0].0 = key;
            while known[slots[at] as usize].0 != key {
                at = (at + 1) & (slots.len() - 1);
            }
            let fresh = slots[at] == 0;
            count += u32::from(fresh);
            *number = if fresh { count } else { slots[at] };
            slots[at] = *number;
            let known = &mut known[*number as usize];
            *known = (key, known.1 + 1);
        }
        // Places of keys that are alone go to one that is not looked at.
        let nowhere = places.len() as u32;
        let (mut pairs, mut end, mut found) = (0, nowhere + 1, groups.len());
        groups.resize(found + count as usize, Group { key: 0, from: 0, size: 0 });
        for (key, count) in &mut known[1..=count as usize] {
            let size = *count;
            groups[found] = Group { key: *key, from: end, size };
            pairs += pair_count(u64::from(size));
            *count = if size > 1 { end } else { nowhere };
            end += if size > 1 { size } else { 0 };
            found += usize::from(size > 1);
        }
        groups.truncate(found);
        places.resize(end as usize, 0);
        for (&number, &(_, place)) in numbers.iter().zip(part) {
            let next = &mut known[number as usize].1;
            places[*next as usize] = place;
            *next += u32::from(*next != nowhere);
        }
        pairs
    }

    /// The places of the keys of a group, in their order.
    #[inline]
    pub(super) fn places(&self, group: &Group) -> &[u32] {
        &self.places[group.from as usize..][..group.size as usize]
    }

    /// Keeps so many groups, those found first.
    pub(super) fn keep(&mut self, groups: usize) {
        self.groups.truncate(groups);
        let end = self.groups.last().map_or(0, |last| last.from + last.size);
        self.places.truncate(end as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn equals_a_plain_map(
            keys in prop::collection::vec(
                prop_oneof![0u32..6, any::<u32>(), (0u32..40).prop_map(|key| key << 13), Just(7)], 0..400,
            ),
            most in 0u64..300,
        ) {
            let keys = || keys.iter().copied().zip(0u32..);
            let mut expected: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            keys().filter(|(key, _)| *key != 0).for_each(|(key, place)| expected.entry(key).or_default().push(place));
            expected.retain(|_, places| places.len() > 1);
            let pairs: u64 = expected.values().map(|own| (own.len() * (own.len() - 1) / 2) as u64).sum();
            let mut alike = Alike::default();
            // What was found before is forgotten, but where more is asked for.
            alike.find(keys().skip(3), u64::MAX);
            prop_assert_eq!(alike.find(keys(), u64::MAX), pairs);
            for again in [false, true] {
                let groups = alike.groups.iter().map(|group| (group.key, alike.places(group).to_vec()));
                let mut found: Vec<(u32, Vec<u32>)> = groups.collect();
                found.sort();
                let twice = || expected.clone().into_iter().flat_map(|own| [own.clone(), own]);
                prop_assert_eq!(found, if again { twice().collect::<Vec<_>>() } else { expected.clone().into_iter().collect() });
                alike.find_more(keys(), u64::MAX);
                alike.keep(if again { 1 } else { usize::MAX });
            }
            prop_assert_eq!(alike.groups.len(), expected.len().min(1));
            let some = alike.find(keys(), most);
            prop_assert!(some == pairs || (some > most && some < pairs));
        }
    }
}
