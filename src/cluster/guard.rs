//! What keeps clusters apart beside the weights of pairs, and what refused a link.

use super::Edge;
use crate::weight::MatchWeight;

/// What is known of rows beside the weights of pairs: what keeps two apart whatever else speaks for them, as two passports'
/// numbers do, and what a link leaves unsaid. `()` knows nothing, and so does each method that is not
/// written.
pub trait Guard {
    /// The place of a row in the order of keys: of equal edges those of the first rows are followed first, and a cluster is
    /// told by its first row.
    fn rank(&self, row: u32) -> u32 {
        row
    }

    /// Whether the row has a value that may keep it apart from others.
    fn has(&self, _row: u32) -> bool {
        false
    }

    /// Whether all such values of two rows are the same.
    fn same(&self, _a: u32, _b: u32) -> bool {
        true
    }

    /// What keeps two rows from ever being of one customer, by a number of the guard's own; none where nothing does.
    fn parts(&self, _a: u32, _b: u32) -> Option<usize> {
        None
    }

    /// What speaks against a join where the two linked rows say nothing and other rows of their clusters, `own` and
    /// `others`, do; none where that is no more than `spare`, which is what the link can lose.
    fn unsaid(
        &self,
        _link: (u32, u32),
        _own: &[u32],
        _others: &[u32],
        _spare: MatchWeight,
    ) -> Option<Unsaid> {
        None
    }
}

/// What speaks against a join that its link leaves unsaid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsaid {
    /// How much in all, below 0.
    pub weight: MatchWeight,
    /// What of it says most, by a number of the guard's own.
    pub by: usize,
    /// A row of the one cluster that says it.
    pub a: u32,
    /// A row of the other.
    pub b: u32,
}

impl Guard for () {}

/// A link that did not join its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The link.
    pub edge: Edge,
    /// What refused it.
    pub by: Objection,
}

/// What refuses a link. Rows are those of the two clusters at the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Objection {
    /// The guard parts two rows, by the number that it gave.
    Guard {
        /// What parts them.
        by: usize,
        /// A row of the one cluster.
        a: u32,
        /// A row of the other.
        b: u32,
    },
    /// A cluster has one row of each source, and these are of one.
    OnePerSource {
        /// A row of the one cluster.
        a: u32,
        /// A row of the other.
        b: u32,
    },
    /// What speaks against between the clusters' rows outweighs the link.
    Evidence {
        /// The link's weight less what speaks against, rounded; before that it is below what is needed.
        total: MatchWeight,
        /// What is needed.
        needed: MatchWeight,
        /// The row of the one cluster of the pair that speaks against it most.
        a: u32,
        /// The row of the other.
        b: u32,
        /// How much that pair speaks against it: its weight less the prior; 0 where none does.
        against: MatchWeight,
    },
    /// What the link leaves unsaid, and other rows of the clusters say, outweighs it.
    Unsaid {
        /// The link's weight less what it leaves unsaid.
        total: MatchWeight,
        /// What is needed.
        needed: MatchWeight,
        /// What the link says nothing of.
        by: usize,
        /// A row of the one cluster that says it.
        a: u32,
        /// A row of the other.
        b: u32,
    },
    /// One of the link's rows is linked with another cluster as well, and is of one of the two at most.
    Rival {
        /// What is left of the link's weight.
        total: MatchWeight,
        /// What is needed.
        needed: MatchWeight,
        /// In what the two clusters differ, by the number of the guard's own.
        by: usize,
        /// A row of the strongest of the other links.
        a: u32,
        /// The other row of that link.
        b: u32,
    },
}

impl Refusal {
    /// The same with other names of rows, the edge's lesser first.
    pub(crate) fn of_rows(self, row: impl Fn(u32) -> u32) -> Self {
        let (a, b) = (row(self.edge.a), row(self.edge.b));
        Refusal { edge: Edge { a: a.min(b), b: a.max(b), ..self.edge }, by: self.by.of_rows(row) }
    }
}

impl Objection {
    /// The rows that object.
    pub fn rows(&self) -> (u32, u32) {
        match *self {
            Objection::Guard { a, b, .. }
            | Objection::OnePerSource { a, b }
            | Objection::Evidence { a, b, .. }
            | Objection::Unsaid { a, b, .. }
            | Objection::Rival { a, b, .. } => (a.min(b), a.max(b)),
        }
    }

    /// The same with its rows called otherwise.
    pub(crate) fn of_rows(mut self, row: impl Fn(u32) -> u32) -> Self {
        match &mut self {
            Objection::Guard { a, b, .. }
            | Objection::OnePerSource { a, b }
            | Objection::Evidence { a, b, .. }
            | Objection::Unsaid { a, b, .. }
            | Objection::Rival { a, b, .. } => (*a, *b) = (row(*a), row(*b)),
        }
        self
    }
}

/// Of each row a day of birth, 0 where it has none; different ones speak against by four bits.
#[cfg(test)]
pub(crate) struct Born(pub(crate) Vec<u32>);

#[cfg(test)]
impl Born {
    /// The least that any of these pairs says against; none where one speaks for, or none has both days.
    pub(super) fn least(&self, own: &[u32], others: &[u32]) -> Option<(i32, u32, u32)> {
        let born = |row: u32| self.0[row as usize];
        let pairs = own.iter().flat_map(|&x| others.iter().map(move |&y| (x.min(y), x.max(y))));
        let said: Vec<(u32, u32)> = pairs.filter(|&(x, y)| born(x) > 0 && born(y) > 0).collect();
        let equal = said.iter().any(|&(x, y)| born(x) == born(y));
        said.into_iter().max().filter(|_| !equal).map(|(x, y)| (-4000, x, y))
    }
}

#[cfg(test)]
impl Guard for Born {
    fn unsaid(&self, link: (u32, u32), own: &[u32], others: &[u32], spare: MatchWeight) -> Option<Unsaid> {
        if self.0[link.0 as usize] > 0 && self.0[link.1 as usize] > 0 {
            return None;
        }
        let (weight, a, b) = self.least(own, others).filter(|least| -least.0 > spare.thousandths())?;
        Some(Unsaid { weight: MatchWeight::of_thousandths(weight), by: 3, a, b })
    }
}
