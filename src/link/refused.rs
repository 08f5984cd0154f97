//! Why links were refused, in the words of the live engine's refusals.

use super::run::Linked;
use crate::{
    cluster::{Objection, Refusal},
    weight::MatchWeight,
};

impl Linked {
    /// The refusal of a link between two rows, where it was refused. O(refusals).
    ///
    /// ```
    /// use stitchline::{link::Dedupe, table::RawTable};
    ///
    /// let mut rows = RawTable::new(["name", "email", "passport number"])?;
    /// for (id, name, email, passport) in [
    ///     ("1", "Ann Lee", "ann.lee@example.com", "533401372"),
    ///     ("2", "Ann Lee", "ann.lee@example.com", ""),
    ///     ("3", "Bob Stone", "bob@example.com", "401177520"),
    /// ] {
    ///     rows.push("crm", id, &[name, email, passport])?;
    /// }
    /// let linked = Dedupe::of(rows).run()?;
    /// assert!(linked.refusal(0, 1).is_none());
    /// for refusal in &linked.refused {
    ///     let (a, b) = (refusal.edge.a, refusal.edge.b);
    ///     println!("{} and {}: {}", linked.name(a), linked.name(b), linked.refused_since(refusal));
    /// }
    /// # Ok::<(), stitchline::Error>(())
    /// ```
    pub fn refusal(&self, a: u32, b: u32) -> Option<&Refusal> {
        let pair = (a.min(b), a.max(b));
        self.refused.iter().find(|refusal| (refusal.edge.a, refusal.edge.b) == pair)
    }

    /// Why a link was refused, in words. It shows ids and no values.
    pub fn refused_since(&self, refusal: &Refusal) -> String {
        let (a, b) = refusal.by.rows();
        let (left, right) = (self.name(a), self.name(b));
        match refusal.by {
            Objection::Guard { by, .. } => {
                let name = self.comparison_name(by);
                format!(
                    "together they would have several values of {name} ({left} and {right}); one customer has at most 1"
                )
            }
            Objection::OnePerSource { .. } => format!(
                "together they would have several rows of {} ({left} and {right}); one customer has at most 1",
                self.table.source(a)
            ),
            Objection::Evidence { total, needed, against, .. } if against == MatchWeight::ZERO => {
                format!("{total}, where {needed} are needed to join more than two rows")
            }
            Objection::Evidence { total, needed, against, .. } => {
                format!(
                    "in all {total}, where {needed} are needed; most against it: {left} and {right}, {against}"
                )
            }
            Objection::Unsaid { total, needed, by, .. } => {
                let name = self.comparison_name(by);
                format!(
                    "in all {total}, where {needed} are needed; the two say nothing of {name}, in which {left} and {right} differ"
                )
            }
            Objection::Rival { total, needed, by, .. } => {
                let name = self.comparison_name(by);
                format!(
                    "in all {total}, where {needed} are needed; {left} and {right} are linked as well, and lead to another customer, who differs in {name}"
                )
            }
        }
    }

    fn comparison_name(&self, at: usize) -> &str {
        self.model.comparisons.get(at).map_or("", |own| own.comparison.name.as_str())
    }
}
