//! Pairs of which an edge says already that they do not speak against a join.

use super::Edge;
use crate::weight::MatchWeight;

/// A set of pairs, by open addressing.
#[derive(Default)]
pub(super) struct Known {
    slots: Vec<u64>,
}

#[inline]
fn packed(a: u32, b: u32) -> u64 {
    u64::from(a) << 32 | u64::from(b)
}

impl Known {
    /// Holds the pairs of edges of at least the weight `prior`, and no others. O(edges).
    pub(super) fn fill(&mut self, edges: &[Edge], prior: MatchWeight) {
        self.slots.clear();
        self.slots.resize((edges.len() * 3 / 2).next_power_of_two().max(2), 0);
        for edge in edges.iter().filter(|edge| edge.weight >= prior && edge.a < edge.b) {
            let pair = packed(edge.a, edge.b);
            let slot = self.slot(pair);
            self.slots[slot] = pair;
        }
    }

    /// Whether there is an edge of two rows, the lesser first.
    #[inline]
    pub(super) fn has(&self, a: u32, b: u32) -> bool {
        let pair = packed(a, b);
        pair != 0 && self.slots[self.slot(pair)] == pair
    }

    #[inline]
    fn place(&self, pair: u64) -> usize {
        let hash = pair.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash ^ hash >> 32) as usize & (self.slots.len() - 1)
    }

    /// Where a pair is, or the free slot where it would go. A pair is never 0, since its second row is the greater.
    #[inline]
    fn slot(&self, pair: u64) -> usize {
        let mut slot = self.place(pair);
        while self.slots[slot] != 0 && self.slots[slot] != pair {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn holds_the_edges_that_do_not_speak_against(
            edges in prop::collection::vec((-3i32..3, 0u32..9, 0u32..9), 0..60),
        ) {
            let edges: Vec<Edge> = edges
                .into_iter()
                .filter(|(_, a, b)| a != b)
                .map(|(weight, a, b)| Edge { weight: MatchWeight::of_thousandths(weight), a: a.min(b), b: a.max(b) })
                .collect();
            let mut known = Known::default();
            known.fill(&[Edge { weight: MatchWeight::ZERO, a: 7, b: 9 }; 5], MatchWeight::ZERO);
            known.fill(&edges, MatchWeight::ZERO);
            for a in 0..10 {
                for b in a..10 {
                    let expected = edges.iter().any(|e| (e.a, e.b) == (a, b) && e.weight >= MatchWeight::ZERO);
                    prop_assert_eq!(known.has(a, b), expected);
                }
            }
        }
    }
}
