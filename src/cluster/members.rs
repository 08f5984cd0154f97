//! The rows of each cluster, as rings: each row names the next one.

pub(super) struct Members(Vec<u32>);

impl Members {
    /// Each row by itself.
    pub(super) fn new(rows: usize) -> Self {
        Members((0..rows as u32).collect())
    }

    /// So many rows, each by itself.
    pub(super) fn reset(&mut self, rows: usize) {
        self.0.clear();
        self.0.extend(0..rows as u32);
    }

    /// The next row of a row's cluster.
    #[inline]
    pub(super) fn next(&self, row: u32) -> u32 {
        self.0[row as usize]
    }

    /// Makes the clusters of two rows one; they must be different ones.
    #[inline]
    pub(super) fn join(&mut self, a: u32, b: u32) {
        self.0.swap(a as usize, b as usize);
    }

    /// The rows of a row's cluster, to `out`; where there are more than `most`, so many in order of rows at even distances.
    pub(super) fn spread(&self, row: u32, most: usize, out: &mut Vec<u32>) {
        out.clear();
        out.push(row);
        let mut next = self.next(row);
        while next != row {
            out.push(next);
            next = self.next(next);
        }
        let count = out.len();
        if count > most {
            out.sort_unstable();
            (0..most).for_each(|at| out[at] = out[at * count / most]);
            out.truncate(most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_lists_of_rows(joins in prop::collection::vec((0u32..12, 0u32..12), 0..12), most in 1usize..6) {
            let mut lists: Vec<Vec<u32>> = (0..12).map(|row| vec![row]).collect();
            let mut members = Members::new(12);
            for (a, b) in joins {
                let place = |row: u32| lists.iter().position(|list| list.contains(&row)).unwrap();
                let (x, y) = (place(a), place(b));
                if x != y {
                    members.join(a, b);
                    let more = std::mem::take(&mut lists[y]);
                    lists[x].extend(more);
                    lists[x].sort_unstable();
                }
            }
            for list in lists.iter().filter(|list| !list.is_empty()) {
                let mut found = Vec::new();
                members.spread(list[0], usize::MAX, &mut found);
                found.sort_unstable();
                prop_assert_eq!(&found, list);
                members.spread(*list.last().unwrap(), most, &mut found);
                let expected: Vec<u32> = match list.len() > most {
                    true => (0..most).map(|at| list[at * list.len() / most]).collect(),
                    false => list.clone(),
                };
                found.sort_unstable();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
