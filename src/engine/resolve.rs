//! Who an identifier, a record or an id stands for: one customer, several candidates, or nobody.

use super::{Engine, Published, State};
use crate::{
    customer::CustomerId,
    error::{Error, ErrorKind, Result},
    graph::{Component, MatchWeight, NONE, RecordFlags, View, contract},
    record::{Identifier, RecordKey, Timestamp},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The most candidates that an answer lists.
const MAX_CANDIDATES: usize = 16;
/// The most carriers that are looked at for candidates on a generic identifier.
pub(super) const MAX_CARRIERS: usize = 256;

/// A customer who may be meant.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The customer.
    pub id: CustomerId,
    /// The probability that it is this one.
    pub probability: f64,
}

/// Why there is no single customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// Several customers share the identifier.
    Shared,
    /// So many parties use the identifier that it tells nothing.
    Generic,
    /// The customer of that id has been divided.
    Divided,
}

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Resolution {
    /// One customer.
    One(Candidate),
    /// Several, the likeliest first; ties in the order of their ids.
    Several {
        /// At most 16 of them.
        candidates: Vec<Candidate>,
        /// Why.
        reason: Reason,
        /// Whether more were left out, or a bounded search did not look at all.
        more: bool,
    },
    /// Nobody known.
    Nobody,
}

impl Resolution {
    /// The customer, where it is one.
    pub fn customer(&self) -> Option<CustomerId> {
        match self {
            Resolution::One(candidate) => Some(candidate.id),
            _ => None,
        }
    }

    /// All who may be meant.
    pub fn candidates(&self) -> &[Candidate] {
        match self {
            Resolution::One(candidate) => std::slice::from_ref(candidate),
            Resolution::Several { candidates, .. } => candidates,
            Resolution::Nobody => &[],
        }
    }
}

/// A party by record, identifier or customer id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A record of a source.
    Record(RecordKey),
    /// An identifier.
    Identifier(Identifier),
    /// A customer.
    Customer(CustomerId),
}

impl From<RecordKey> for Reference {
    fn from(key: RecordKey) -> Self {
        Reference::Record(key)
    }
}

impl From<&RecordKey> for Reference {
    fn from(key: &RecordKey) -> Self {
        Reference::Record(key.clone())
    }
}

impl From<Identifier> for Reference {
    fn from(identifier: Identifier) -> Self {
        Reference::Identifier(identifier)
    }
}

impl From<&Identifier> for Reference {
    fn from(identifier: &Identifier) -> Self {
        Reference::Identifier(identifier.clone())
    }
}

impl From<CustomerId> for Reference {
    fn from(id: CustomerId) -> Self {
        Reference::Customer(id)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Record(key) => key.fmt(f),
            Reference::Identifier(identifier) => identifier.fmt(f),
            Reference::Customer(id) => id.fmt(f),
        }
    }
}

/// Members of a record's cluster, whether it identifies somebody, and who founded it.
pub(crate) struct Cluster {
    pub(crate) founder: u32,
    pub(crate) members: Vec<u32>,
    pub(crate) resolved: bool,
}

/// The sum of the odds of candidates, added up in the order of their size, since sums of floating point numbers
/// depend on theirs.
fn odds(candidates: &[(u32, MatchWeight)]) -> f64 {
    let mut weights: Vec<MatchWeight> = candidates.iter().map(|&(_, weight)| weight).collect();
    weights.sort_unstable();
    weights.into_iter().map(|weight| weight.bits().exp2()).sum()
}

impl Published {
    /// A view as of an input, or of now.
    pub(crate) fn with_view<T>(&self, at: Option<u32>, read: impl FnOnce(View<'_>) -> T) -> T {
        let (identity, rules) = (&self.state.identity, &*self.rules);
        match at {
            None => read(View::now(identity, rules)),
            Some(at) => {
                read(View::as_of(identity, rules, at, &|record, at| self.state.timeline.times(record, at)))
            }
        }
    }

    /// The cluster of a record; none where the record is not there.
    pub(crate) fn cluster(&self, record: u32, at: Option<u32>) -> Option<Cluster> {
        let identity = &self.state.identity;
        if at.is_some() {
            return self.with_view(at, |view| {
                let component = Component::around(&view, record)?;
                let decided = contract(&component, &view, false);
                let place = component.records.iter().position(|member| member.row == record)?;
                let founder = decided.cluster[place];
                let members = decided.cluster.iter().zip(&component.records);
                Some(Cluster {
                    founder: component.records[founder as usize].row,
                    members: members.filter(|&(&f, _)| f == founder).map(|(_, member)| member.row).collect(),
                    resolved: !decided.unresolved[place],
                })
            });
        }
        let row = &identity.records[record];
        (row.cluster != NONE).then(|| Cluster {
            founder: row.cluster,
            members: identity.members(row.cluster).collect(),
            resolved: !row.flags.has(RecordFlags::UNRESOLVED),
        })
    }

    fn founder_of(&self, record: u32, at: Option<u32>) -> Option<u32> {
        match at {
            None => self.state.customer_of(record),
            Some(_) => {
                self.cluster(record, at).filter(|cluster| cluster.resolved).map(|cluster| cluster.founder)
            }
        }
    }

    /// Who an identifier stands for.
    pub(crate) fn resolve(&self, identifier: &Identifier, at: Option<u32>) -> Resolution {
        let state = &*self.state;
        let (namespace, value) = (identifier.namespace().as_str(), identifier.value());
        let known = state.identity.find_identifier(namespace, value);
        if let (Some(row), None) = (known, at)
            && let Some(one) = self.only_customer(row)
        {
            return Resolution::One(one);
        }
        let carried = |row: &u32| self.with_view(at, |view| view.carriers(*row).next().is_some());
        let Some(row) = known.filter(carried) else {
            return match identifier.named_record() {
                Some(key) => self.resolve_record(&key, at),
                None => Resolution::Nobody,
            };
        };
        self.with_view(at, |view| {
            let weight = view.weight(row);
            let bound = if weight.is_some() { usize::MAX } else { MAX_CARRIERS };
            let mut founders: Vec<u32> = Vec::new();
            // Those from the first who is a customer on.
            let mut looked = 0;
            for cell in view.carriers(row) {
                looked += usize::from(looked > 0);
                if looked > bound {
                    break;
                }
                let Some(founder) = self.founder_of(cell.record, at) else { continue };
                looked = looked.max(1);
                if founders.last() != Some(&founder) && !founders.contains(&founder) {
                    founders.push(founder);
                }
            }
            if founders.is_empty() {
                return Resolution::Nobody;
            }
            let bits = view.rules.prior + weight.unwrap_or_default();
            if let (&[only], Some(_)) = (founders.as_slice(), weight) {
                let id = state.id_of(view.rules.policy().project, only);
                return Resolution::One(Candidate { id, probability: bits.probability() });
            }
            let reason = if weight.is_some() { Reason::Shared } else { Reason::Generic };
            let weights = founders.into_iter().map(|founder| (founder, bits)).collect();
            self.several(weights, reason, looked > bound)
        })
    }

    /// The customer of all who carry an identifier now, as it was written down; none where that is not the case.
    fn only_customer(&self, identifier: u32) -> Option<Candidate> {
        let identity = &self.state.identity;
        let row = identity.identifiers.get(identifier)?;
        if row.customer == NONE || row.carriers == 0 {
            return None;
        }
        let weight = View::now(identity, &self.rules).weight(identifier)?;
        let id = self.state.id_of(self.rules.policy().project, row.customer);
        Some(Candidate { id, probability: (self.rules.prior + weight).probability() })
    }

    /// Candidates by total weight; what is left of 1 is for nobody of them.
    pub(crate) fn several(
        &self,
        founders: Vec<(u32, MatchWeight)>,
        reason: Reason,
        more: bool,
    ) -> Resolution {
        let project = self.rules.policy().project;
        let odds = odds(&founders);
        let mut candidates: Vec<Candidate> = founders
            .into_iter()
            .map(|(founder, bits)| Candidate {
                id: self.state.id_of(project, founder),
                probability: bits.bits().exp2() / (1.0 + odds),
            })
            .collect();
        candidates.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.id.cmp(&b.id)));
        let more = more || candidates.len() > MAX_CANDIDATES;
        candidates.truncate(MAX_CANDIDATES);
        Resolution::Several { candidates, reason, more }
    }

    /// Whose a record is: its customer, or the candidates where it identifies nobody by itself.
    pub(crate) fn resolve_row(&self, record: u32, at: Option<u32>) -> Resolution {
        let project = self.rules.policy().project;
        let Some(cluster) = self.cluster(record, at) else { return Resolution::Nobody };
        if cluster.resolved {
            let id = self.state.id_of(project, cluster.founder);
            return Resolution::One(Candidate { id, probability: 1.0 });
        }
        self.candidates_of(record, at)
    }

    /// Those who share the identifiers of a record that identifies nobody.
    fn candidates_of(&self, record: u32, at: Option<u32>) -> Resolution {
        self.with_view(at, |view| {
            let mut founders: Vec<(u32, MatchWeight)> = Vec::new();
            let (mut generic, mut more) = (true, false);
            for cell in view.claims(record) {
                if view.rules.of(view.identity.identifiers[cell.identifier].namespace).fact {
                    continue;
                }
                let weight = view.weight(cell.identifier);
                generic &= weight.is_none();
                let mut seen: Vec<u32> = Vec::new();
                for (looked, carrier) in view.carriers(cell.identifier).enumerate() {
                    if looked >= MAX_CARRIERS {
                        more = true;
                        break;
                    }
                    if let Some(founder) =
                        self.founder_of(carrier.record, at).filter(|founder| !seen.contains(founder))
                    {
                        seen.push(founder);
                    }
                }
                for founder in seen {
                    let weight = weight.unwrap_or_default();
                    match founders.iter_mut().find(|(known, _)| *known == founder) {
                        Some((_, bits)) => *bits += weight,
                        None => founders.push((founder, view.rules.prior + weight)),
                    }
                }
            }
            if founders.is_empty() {
                return Resolution::Nobody;
            }
            self.several(founders, if generic { Reason::Generic } else { Reason::Shared }, more)
        })
    }

    fn resolve_record(&self, key: &RecordKey, at: Option<u32>) -> Resolution {
        match self.state.identity.find_record(&key.source, &key.id) {
            Some(record) => self.resolve_row(record, at),
            None => Resolution::Nobody,
        }
    }

    /// Whom an id stands for, also where its founding record went.
    pub(crate) fn resolve_id(&self, id: CustomerId, at: Option<u32>) -> Resolution {
        let project = self.rules.policy().project;
        let Some(founder) = self.state.founder(project, id) else { return Resolution::Nobody };
        let records = if self.with_view(at, |view| view.record(founder).is_some()) {
            return self.resolve_row(founder, at);
        } else {
            self.with_view(at, |view| successors(&self.state, founder, at, |row| view.record(row).is_some()))
        };
        let mut founders: Vec<u32> =
            records.into_iter().filter_map(|record| self.founder_of(record, at)).collect();
        founders.sort_unstable();
        founders.dedup();
        match founders.as_slice() {
            [] => Resolution::Nobody,
            &[only] => Resolution::One(Candidate { id: self.state.id_of(project, only), probability: 1.0 }),
            // Each is a part of what the id stood for; none is likelier.
            several => self.several(
                several.iter().map(|&founder| (founder, MatchWeight::from_bits(20.0))).collect(),
                Reason::Divided,
                false,
            ),
        }
    }
}

/// The records, there now or after input `at`, that were one customer with a record that had gone by then, and those
/// for whom they went in turn.
fn successors(state: &State, gone: u32, at: Option<u32>, is_there: impl Fn(u32) -> bool) -> Vec<u32> {
    let mut found = Vec::new();
    let mut open = vec![gone];
    let mut seen = std::collections::HashSet::from([gone]);
    while let Some(record) = open.pop() {
        let times = state.redirects.get(&record).into_iter().flatten();
        for &next in times.filter(|(went, _)| at.is_none_or(|at| *went <= at)).flat_map(|(_, to)| to) {
            if seen.insert(next) {
                if is_there(next) { found.push(next) } else { open.push(next) }
            }
        }
    }
    found.sort_unstable();
    found
}

impl Engine {
    /// Who has that identifier.
    ///
    /// Time: a few look-ups; where the carriers are not all of one customer, one for each of them.
    ///
    /// # Errors
    /// None at present; stores that are shared may fail.
    pub fn resolve(&self, identifier: &Identifier) -> Result<Resolution> {
        Ok(self.snapshot().resolve(identifier, None))
    }

    /// Who had that identifier as known at that time.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn resolve_as_of(&self, identifier: &Identifier, at: Timestamp) -> Result<Resolution> {
        let snapshot = self.snapshot();
        let Some(at) = self.input_as_of(&snapshot.state, at)? else { return Ok(Resolution::Nobody) };
        Ok(snapshot.resolve(identifier, Some(at)))
    }

    /// Who has all those identifiers together, as a caller whose number is shown and who states an account number.
    ///
    /// The evidence of the identifiers is added up for each customer; one customer is the answer where its total
    /// reaches the link threshold and no other one's does.
    ///
    /// # Errors
    /// As [`Engine::resolve`].
    pub fn resolve_all(&self, identifiers: &[Identifier]) -> Result<Resolution> {
        let snapshot = self.snapshot();
        Ok(snapshot.with_view(None, |view| {
            let mut totals: Vec<(u32, MatchWeight)> = Vec::new();
            for identifier in identifiers.iter().filter(|identifier| !identifier.is_fact()) {
                let (namespace, value) = (identifier.namespace().as_str(), identifier.value());
                let Some(row) = snapshot.state.identity.find_identifier(namespace, value) else { continue };
                let Some(weight) = view.weight(row) else { continue };
                let mut founders: Vec<u32> =
                    view.carriers(row).filter_map(|cell| snapshot.state.customer_of(cell.record)).collect();
                founders.sort_unstable();
                founders.dedup();
                for founder in founders {
                    match totals.iter_mut().find(|(known, _)| *known == founder) {
                        Some((_, total)) => *total += weight,
                        None => totals.push((founder, view.rules.prior + weight)),
                    }
                }
            }
            let best = totals.iter().map(|&(_, total)| total).max();
            let leaders: Vec<u32> =
                totals.iter().filter(|&&(_, t)| Some(t) == best).map(|&(f, _)| f).collect();
            match (leaders.as_slice(), best) {
                (&[only], Some(total)) if total >= view.rules.link => {
                    let id = snapshot.state.id_of(view.rules.policy().project, only);
                    let odds = odds(&totals);
                    Resolution::One(Candidate { id, probability: total.bits().exp2() / (1.0 + odds) })
                }
                ([], _) => match identifiers {
                    [only] => snapshot.resolve(only, None),
                    _ => Resolution::Nobody,
                },
                _ => snapshot.several(totals, Reason::Shared, false),
            }
        }))
    }

    /// Whom a customer id stands for, whenever it was handed out.
    ///
    /// # Errors
    /// As [`Engine::resolve`].
    pub fn customer(&self, id: CustomerId) -> Result<Resolution> {
        Ok(self.snapshot().resolve_id(id, None))
    }

    /// Whom a customer id stood for, as known at that time.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn customer_as_of(&self, id: CustomerId, at: Timestamp) -> Result<Resolution> {
        let snapshot = self.snapshot();
        let Some(at) = self.input_as_of(&snapshot.state, at)? else { return Ok(Resolution::Nobody) };
        Ok(snapshot.resolve_id(id, Some(at)))
    }

    /// Whose a record is.
    ///
    /// # Errors
    /// As [`Engine::resolve`].
    pub fn customer_of(&self, key: &RecordKey) -> Result<Resolution> {
        Ok(self.snapshot().resolve_record(key, None))
    }

    /// Whose a record was, as known at that time.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn customer_of_as_of(&self, key: &RecordKey, at: Timestamp) -> Result<Resolution> {
        let snapshot = self.snapshot();
        let Some(at) = self.input_as_of(&snapshot.state, at)? else { return Ok(Resolution::Nobody) };
        Ok(snapshot.resolve_record(key, Some(at)))
    }

    /// Whom a reference stands for.
    ///
    /// # Errors
    /// As [`Engine::resolve`].
    pub fn who(&self, reference: &Reference) -> Result<Resolution> {
        match reference {
            Reference::Record(key) => self.customer_of(key),
            Reference::Identifier(identifier) => self.resolve(identifier),
            Reference::Customer(id) => self.customer(*id),
        }
    }

    /// The record that a reference stands for: itself, the first that carries the identifier, or the customer's
    /// founding record.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is none.
    pub(crate) fn record_of(&self, reference: &Reference) -> Result<RecordKey> {
        let state = self.snapshot().state;
        let row = self.row_of(&state, reference);
        row.map(|row| state.identity.key(row)).ok_or_else(|| {
            let what = match reference {
                Reference::Record(_) => "there is no such record",
                Reference::Identifier(_) => "no record carries this identifier",
                Reference::Customer(_) => "no customer has this id",
            };
            Error::new(ErrorKind::NotFound, what)
        })
    }

    pub(crate) fn row_of(&self, state: &State, reference: &Reference) -> Option<u32> {
        let identity = &state.identity;
        match reference {
            Reference::Record(key) => {
                identity.find_record(&key.source, &key.id).filter(|&row| identity.is_present(row))
            }
            Reference::Identifier(identifier) => {
                let row = identity.find_identifier(identifier.namespace().as_str(), identifier.value())?;
                identity.carriers(row).min_by(|&a, &b| identity.order(a, b))
            }
            Reference::Customer(id) => {
                let founder = state.founder(self.policy().project, *id)?;
                let here = if identity.is_present(founder) {
                    Some(founder)
                } else {
                    successors(state, founder, None, |row| identity.is_present(row)).first().copied()
                };
                here.and_then(|record| state.customer_of(record).or(Some(record)))
            }
        }
    }
}

impl FromStr for Reference {
    type Err = Error;

    /// A customer id, `namespace:value` (canonical), or `source/id`.
    fn from_str(text: &str) -> Result<Self> {
        if let Ok(id) = text.parse() {
            return Ok(Reference::Customer(id));
        }
        let namespace =
            text.split_once(':').and_then(|(name, value)| Some((crate::Namespace::new(name)?, value)));
        if let Some((namespace, value)) = namespace {
            return Normalized(&namespace, value).try_into();
        }
        match text.split_once('/') {
            Some((source, id)) if !source.is_empty() && !id.is_empty() => {
                Ok(Reference::Record(RecordKey::new(source, id)))
            }
            _ => Err(Error::invalid("is no customer id, no namespace:value and no source/id")),
        }
    }
}

struct Normalized<'a>(&'a crate::Namespace, &'a str);

impl TryFrom<Normalized<'_>> for Reference {
    type Error = Error;

    fn try_from(raw: Normalized<'_>) -> Result<Self> {
        crate::Normalizer::default().identifier(raw.0, raw.1, None).map(Reference::Identifier)
    }
}
