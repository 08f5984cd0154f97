//! Putting an explanation together: what makes two records one customer, or keeps them apart.

use super::{
    Conclusion, EvidenceRef, Explanation, Step, Suggestion, cut,
    evidence::{self, Case},
    refusal,
};
use crate::{
    engine::{Candidate, Resolution},
    error::Result,
    graph::{MatchWeight, View},
    record::Verdict,
};

/// The most refusals that an explanation lists beside those between the two.
const MAX_AROUND: usize = 32;

impl Explanation {
    /// What makes them one customer.
    pub(super) fn same(&mut self, case: &Case<'_>, a: u32, b: u32) -> Result<()> {
        let cluster = case.cluster(a);
        let links = case.links(cluster);
        let hops = links.widest(a, b).unwrap_or_default();
        self.path = hops.iter().map(|&hop| case.step(&links, hop)).collect::<Result<_>>()?;
        let least = |x: &(usize, &Step), y: &(usize, &Step)| {
            let weight = |step: &Step| step.weight.map_or(f64::INFINITY, MatchWeight::bits);
            let by_probability = x.1.probability.total_cmp(&y.1.probability);
            by_probability.then_with(|| weight(x.1).total_cmp(&weight(y.1)))
        };
        self.weakest = self.path.iter().enumerate().min_by(least).map(|(at, _)| at);
        let probability = self.weakest.map_or(1.0, |at| self.path[at].probability);
        self.verdict = Conclusion::SameCustomer { id: None, probability };
        let name = |places: Vec<usize>| -> Result<Vec<EvidenceRef>> {
            places.into_iter().map(|at| case.evidence(links.evidence[at].evidence)).collect()
        };
        self.bridges = name(cut::bridges(&links, &hops))?;
        let cut = cut::smallest_cut(&links, a, b);
        self.cut_parts = !cut.is_empty() && case.parts(&links, &cut, a, b);
        self.smallest_cut = name(cut)?;
        self.refusals = case.refusals(|d| [d.left, d.right].iter().any(|&at| case.cluster(at) == cluster))?;
        self.refusals.truncate(MAX_AROUND);
        if a != b {
            self.what_would_change.push(Suggestion::SayDifferent);
            if self.cut_parts {
                self.what_would_change.push(Suggestion::Remove { all: self.smallest_cut.clone() });
            }
        }
        Ok(())
    }

    /// What keeps them apart.
    pub(super) fn different(
        &mut self,
        (case, a): (&Case<'_>, u32),
        (beside, b): (&Case<'_>, u32),
        view: &View<'_>,
    ) -> Result<()> {
        let together = std::ptr::eq(case, beside);
        let (left, right) = (case.cluster(a), beside.cluster(b));
        let between = |d: &crate::graph::Decision| {
            let ends = (case.cluster(d.left), case.cluster(d.right));
            together && (ends == (left, right) || ends == (right, left))
        };
        self.refusals = case.refusals(between)?;
        let rows = (case.members(left).collect::<Vec<_>>(), beside.members(right).collect::<Vec<_>>());
        let keys = (case.key(left), beside.key(right));
        self.refusals.extend(refusal::idle(view, (&rows.0, &rows.1), (&keys.0, &keys.1)));
        for refusal in &self.refusals {
            for suggestion in refusal::suggestions(&refusal.evidence, &refusal.guard, &refusal.also) {
                if !self.what_would_change.contains(&suggestion) {
                    self.what_would_change.push(suggestion);
                }
            }
        }
        // A word "different" between them counts also where no evidence was there to refuse.
        let mut words = Vec::new();
        for &row in &rows.0 {
            for (other, said, _) in view.assertions(row) {
                if said == Verdict::Different && rows.1.contains(&other) {
                    words.push(evidence::word(case.engine, view, row, other, said)?);
                }
            }
        }
        // Rows are in the order in which they came.
        words.sort_by(|one, next| (&one.a, &one.b).cmp(&(&next.a, &next.b)));
        for word in words {
            let suggestion = Suggestion::WithdrawDifferent { a: word.a, b: word.b, by: word.by, at: word.at };
            if !self.what_would_change.contains(&suggestion) {
                self.what_would_change.push(suggestion);
            }
        }
        let word = |s: &Suggestion| matches!(s, Suggestion::WithdrawDifferent { .. });
        let parted = |s: &Suggestion| match s {
            Suggestion::All { of } => of.iter().any(word),
            one => word(one),
        };
        if self.what_would_change.iter().any(parted) {
            self.what_would_change.retain(|suggestion| *suggestion != Suggestion::SaySame);
        } else if self.what_would_change.is_empty() {
            let bits = view.rules.link - view.rules.prior;
            self.what_would_change = vec![Suggestion::MoreEvidence { bits }, Suggestion::SaySame];
        }
        let mut around = case.refusals(|d| {
            let ends = [case.cluster(d.left), case.cluster(d.right)];
            !between(d) && (ends.contains(&left) || together && ends.contains(&right))
        })?;
        if !together {
            around.extend(
                beside.refusals(|d| [d.left, d.right].iter().any(|&at| beside.cluster(at) == right))?,
            );
        }
        around.truncate(MAX_AROUND);
        self.refusals.extend(around);
        Ok(())
    }
}

pub(super) fn candidates(resolution: &Resolution) -> Vec<Candidate> {
    match resolution {
        Resolution::Several { candidates, .. } => candidates.clone(),
        _ => Vec::new(),
    }
}
