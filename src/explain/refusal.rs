//! Evidence that was not applied: which guard refused it, on what grounds, and what would let it through.

use super::{
    Band, Conflict, EvidenceRef, Guard, Refusal, Suggestion,
    evidence::{Case, identifier, namespace, parties_on},
};
use crate::{
    error::Result,
    graph::{self, Decision, MatchWeight, RecordFlags, Symbol, View},
    record::{RecordKey, Verdict},
};
use std::collections::HashSet;

/// The most values of a namespace that a refusal lists.
const MAX_VALUES: usize = 16;
/// The most members of a cluster whose identifiers are compared with another cluster's.
const MAX_MEMBERS: usize = 256;

impl Case<'_> {
    /// The refusals among those that `keep` picks, in the order of the decisions. What was joined later on other
    /// evidence is no refusal.
    pub(super) fn refusals(&self, keep: impl Fn(&Decision) -> bool) -> Result<Vec<Refusal>> {
        let mut found: Vec<Refusal> = Vec::new();
        let mut members: Vec<Vec<u32>> =
            (0..self.component.records.len() as u32).map(|record| vec![record]).collect();
        for decision in &self.decided.decisions {
            let (left, right) = (decision.left, decision.right);
            match &decision.refused {
                None => {
                    let moved = std::mem::take(&mut members[left.max(right) as usize]);
                    members[left.min(right) as usize].extend(moved);
                }
                Some(guard) if self.cluster(left) != self.cluster(right) && keep(decision) => {
                    let refusal = self.refusal(decision, guard, &members)?;
                    if !found.contains(&refusal) {
                        found.push(refusal);
                    }
                }
                Some(_) => {}
            }
        }
        Ok(found)
    }

    fn refusal(&self, decision: &Decision, guard: &graph::Guard, members: &[Vec<u32>]) -> Result<Refusal> {
        let first = self.guard(decision, guard, members)?;
        let also = decision.also.iter().map(|guard| self.guard(decision, guard, members));
        let guards = (first, also.collect::<Result<Vec<Guard>>>()?);
        let evidence = self.evidence(decision.evidence)?;
        let keys = (self.key(decision.left), self.key(decision.right));
        Ok(refusal(&self.view, evidence, keys, guards, decision.total))
    }

    /// A guard in words and values.
    fn guard(&self, decision: &Decision, guard: &graph::Guard, members: &[Vec<u32>]) -> Result<Guard> {
        let rules = self.view.rules;
        let (left, right) = (&members[decision.left as usize], &members[decision.right as usize]);
        Ok(match guard {
            graph::Guard::Different(place) => {
                let (a, b) = self.component.different[*place as usize];
                let word = self.word(a, b, Verdict::Different)?;
                Guard::Different { a: word.a, b: word.b, by: word.by, at: word.at, note: word.note }
            }
            graph::Guard::Kind => Guard::PersonAndOrganisation,
            graph::Guard::Exclusive(symbol, count) => {
                let exclusive = rules.of(*symbol).exclusive;
                let mut values = self.values(left, *symbol);
                values.extend(self.values(right, *symbol));
                values.sort();
                values.dedup();
                values.truncate(MAX_VALUES);
                Guard::Exclusive {
                    namespace: namespace(&self.view, *symbol),
                    values,
                    count: *count,
                    most: exclusive.map_or(0, |exclusive| exclusive.most),
                    within_days: exclusive.and_then(|exclusive| exclusive.within_days),
                }
            }
            graph::Guard::Weight(total, against) => Guard::Weight {
                total: *total,
                needed: rules.link,
                against: against
                    .iter()
                    .map(|&fact| Conflict {
                        namespace: namespace(&self.view, fact),
                        left: self.values(left, fact),
                        right: self.values(right, fact),
                        weight: MatchWeight::ZERO - rules.of(fact).contradiction,
                    })
                    .collect(),
            },
            graph::Guard::Generic(parties) => {
                Guard::Generic { parties: *parties, limit: self.limit(decision) }
            }
            graph::Guard::Ambiguous => {
                let same = |other: &&Decision| {
                    other.evidence == decision.evidence
                        && other.right == decision.right
                        && other.refused == Some(graph::Guard::Ambiguous)
                };
                let others = self.decided.decisions.iter().filter(same);
                Guard::Ambiguous { among: others.map(|other| self.key(other.left)).collect() }
            }
        })
    }

    fn limit(&self, decision: &Decision) -> u32 {
        match decision.evidence {
            graph::Evidence::Same(_) => 0,
            graph::Evidence::Shared(place) => {
                self.view.rules.of(self.component.shared[place as usize].namespace).sharing_limit
            }
        }
    }

    /// The values of a namespace that records of the component show.
    fn values(&self, places: &[u32], symbol: Symbol) -> Vec<String> {
        let identity = self.view.identity;
        let shown = places.iter().flat_map(|&place| &self.component.records[place as usize].shows);
        let mut values: Vec<String> = shown
            .filter(|&&(namespace, _)| namespace == symbol)
            .map(|&(_, row)| identity.texts.get(identity.identifiers[row].value).to_owned())
            .collect();
        values.sort();
        values.dedup();
        values.truncate(MAX_VALUES);
        values
    }
}

fn refusal(
    view: &View<'_>,
    evidence: EvidenceRef,
    (left, right): (RecordKey, RecordKey),
    (guard, also): (Guard, Vec<Guard>),
    total: Option<MatchWeight>,
) -> Refusal {
    let said = |guard: &Guard| matches!(guard, Guard::Different { .. });
    let person_said = said(&guard) || also.iter().any(said);
    let review = !person_said && total.is_some_and(|total| total >= view.rules.review);
    let changes = suggestions(&evidence, &guard, &also);
    let would_change = changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; or ");
    let band = if review { Band::Review } else { Band::Refused };
    Refusal { evidence, left, right, guard, also, total, band, would_change }
}

/// Identifiers that both sides carry and that join nobody, whoever carries them.
pub(super) fn idle(
    view: &View<'_>,
    (left, right): (&[u32], &[u32]),
    keys: (&RecordKey, &RecordKey),
) -> Vec<Refusal> {
    let carried = |rows: &[u32]| -> HashSet<u32> {
        let claims = rows.iter().take(MAX_MEMBERS).flat_map(|&row| view.claims(row));
        claims.map(|cell| cell.identifier).collect()
    };
    let mut both: Vec<(crate::Identifier, u32)> = carried(left)
        .intersection(&carried(right))
        .filter(|&&row| !view.rules.of(view.identity.identifiers[row].namespace).fact)
        .filter(|&&row| view.weight(row).is_none())
        .map(|&row| (identifier(view, row), row))
        .collect();
    both.sort();
    let refused = both.into_iter().map(|(identifier, row)| {
        let held = &view.identity.identifiers[row];
        let rule = view.rules.of(held.namespace);
        let guard = if held.role {
            Guard::Function
        } else if rule.weight == MatchWeight::ZERO {
            Guard::NeverJoins
        } else {
            Guard::Generic { parties: parties_on(view, row), limit: rule.sharing_limit }
        };
        let keys = (keys.0.clone(), keys.1.clone());
        refusal(view, EvidenceRef::Identifier { identifier }, keys, (guard, Vec::new()), None)
    });
    refused.collect()
}

/// What would let the evidence through, past all guards that object.
pub(super) fn suggestions(evidence: &EvidenceRef, guard: &Guard, also: &[Guard]) -> Vec<Suggestion> {
    let alone = past(evidence, guard);
    if also.is_empty() {
        return alone;
    }
    // A word "same" outweighs all guards but the word "different", which is to be taken back first.
    let all: Vec<&Guard> = std::iter::once(guard).chain(also).collect();
    let first = |guard: &&Guard| past(evidence, guard).into_iter().find(|one| *one != Suggestion::SaySame);
    let each: Vec<Suggestion> = all.iter().filter_map(first).collect();
    let withdraw = |one: &&Suggestion| matches!(one, Suggestion::WithdrawDifferent { .. });
    let say_same = match each.iter().find(withdraw) {
        Some(word) => Suggestion::All { of: vec![word.clone(), Suggestion::SaySame] },
        None => Suggestion::SaySame,
    };
    vec![say_same, Suggestion::All { of: each }]
}

/// What would let the evidence past one guard.
fn past(evidence: &EvidenceRef, guard: &Guard) -> Vec<Suggestion> {
    let namespace = match evidence {
        EvidenceRef::Identifier { identifier } => Some(identifier.namespace().clone()),
        EvidenceRef::Word(_) => None,
    };
    match guard {
        Guard::Different { a, b, by, at, .. } => {
            let (a, b, by) = (a.clone(), b.clone(), by.clone());
            vec![Suggestion::WithdrawDifferent { a, b, by, at: *at }]
        }
        Guard::PersonAndOrganisation => vec![Suggestion::CorrectKind, Suggestion::SaySame],
        Guard::Exclusive { namespace, count, .. } => {
            vec![Suggestion::SaySame, Suggestion::AllowMore { namespace: namespace.clone(), most: *count }]
        }
        Guard::Weight { total, needed, against } => {
            let mut found = vec![Suggestion::SaySame, Suggestion::MoreEvidence { bits: *needed - *total }];
            found.extend(
                against.iter().map(|fact| Suggestion::CorrectFact { namespace: fact.namespace.clone() }),
            );
            found
        }
        Guard::Generic { parties, .. } => {
            let raise = namespace.map(|namespace| Suggestion::RaiseLimit { namespace, limit: *parties });
            [Some(Suggestion::AnotherIdentifier), Some(Suggestion::SaySame), raise]
                .into_iter()
                .flatten()
                .collect()
        }
        Guard::Function | Guard::NeverJoins | Guard::Ambiguous { .. } => {
            vec![Suggestion::AnotherIdentifier, Suggestion::SaySame]
        }
    }
}

/// The records on whose components something was refused, in the order of records.
pub(super) fn refused_rows(view: &View<'_>) -> Vec<u32> {
    let records = &view.identity.records;
    let refused = |row: &u32| records[*row].flags.has(RecordFlags::REFUSED);
    let mut rows: Vec<u32> = (0..records.len() as u32).filter(refused).collect();
    rows.sort_unstable_by(|&a, &b| view.identity.order(a, b));
    rows
}
