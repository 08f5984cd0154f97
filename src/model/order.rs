//! Which comparisons to look at first, learnt from what they told of the pairs so far. What comes out of the work does not
//! depend on it, only the time.

/// After so many pairs the order is considered anew.
const LEARNT: usize = 1 << 13;

/// What a comparison has told so far, and what that took.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Told {
    /// By how much it lowered what pairs may weigh, in thousandths of a bit.
    pub(super) bits: u64,
    /// Pairs looked at, those whose texts were compared many times.
    pub(super) work: u64,
}

/// One thread's order of comparisons.
#[derive(Debug)]
pub(super) struct Order {
    comparisons: Vec<usize>,
    told: Vec<Told>,
    /// Pairs until it is considered anew.
    left: usize,
}

impl Order {
    pub(super) fn new(comparisons: usize) -> Self {
        Order {
            comparisons: (0..comparisons).collect(),
            told: vec![Told::default(); comparisons],
            left: LEARNT,
        }
    }

    /// The comparisons, the most telling first.
    #[inline]
    pub(super) fn comparisons(&self) -> &[usize] {
        &self.comparisons
    }

    /// What a comparison told, to be added to.
    #[inline]
    pub(super) fn told(&mut self, comparison: usize) -> &mut Told {
        &mut self.told[comparison]
    }

    /// Counts pairs that are done; after enough of them the comparisons are put in order, those first
    /// that told most for their work.
    pub(super) fn count(&mut self, pairs: usize) {
        self.left = self.left.saturating_sub(pairs);
        if self.left > 0 {
            return;
        }
        self.left = LEARNT;
        self.comparisons = (0..self.told.len()).collect();
        let telling = |told: Told| told.bits * 64 / (told.work + 1);
        self.comparisons.sort_by_key(|&at| std::cmp::Reverse(telling(self.told[at])));
        for told in &mut self.told {
            *told = Told { bits: told.bits / 2, work: told.work / 2 };
        }
    }
}
