//! Disjoint sets of rows (Tarjan 1975): union by size, paths halved.

pub(super) struct Union {
    parent: Vec<u32>,
    size: Vec<u32>,
}

impl Union {
    pub(super) fn new(rows: usize) -> Self {
        Union { parent: (0..rows as u32).collect(), size: vec![1; rows] }
    }

    /// So many rows, each by itself.
    pub(super) fn reset(&mut self, rows: usize) {
        self.parent.clear();
        self.parent.extend(0..rows as u32);
        self.size.clear();
        self.size.resize(rows, 1);
    }

    #[inline]
    pub(super) fn root(&mut self, row: u32) -> u32 {
        let mut row = row;
        while self.parent[row as usize] != row {
            let above = self.parent[self.parent[row as usize] as usize];
            self.parent[row as usize] = above;
            row = above;
        }
        row
    }

    /// The rows of a root's set.
    #[inline]
    pub(super) fn size(&self, root: u32) -> usize {
        self.size[root as usize] as usize
    }

    /// Joins two roots; gives the one that stays.
    #[inline]
    pub(super) fn join(&mut self, a: u32, b: u32) -> u32 {
        let (keep, give) = if self.size[a as usize] >= self.size[b as usize] { (a, b) } else { (b, a) };
        self.parent[give as usize] = keep;
        self.size[keep as usize] += self.size[give as usize];
        keep
    }

    /// For each row, the least row of its set.
    pub(super) fn least(mut self) -> Vec<u32> {
        let mut found = Vec::with_capacity(self.parent.len());
        self.each_least(&mut Vec::new(), |_, least| found.push(least));
        found
    }

    /// Calls `found` with each row and the least row of its set, in order. `least` is room that this takes.
    pub(super) fn each_least(&mut self, least: &mut Vec<u32>, mut found: impl FnMut(u32, u32)) {
        let rows = self.parent.len();
        least.clear();
        least.resize(rows, u32::MAX);
        for row in 0..rows as u32 {
            let least = &mut least[self.root(row) as usize];
            // Rows come in order, so the first one met is the least.
            *least = (*least).min(row);
            found(row, *least);
        }
    }
}
