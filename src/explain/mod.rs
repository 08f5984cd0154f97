//! Why two records are one customer, or are not: the evidence, its weakest link, what would part them, what was
//! refused, and what would change the answer.
//!
//! ```
//! use stitchline::{Engine, Identifier, Policy, Record};
//!
//! let engine = Engine::in_memory(Policy::default())?;
//! let landline = Identifier::phone("+44 20 7946 0188")?;
//! for (id, given, contact) in [("1", "Bob", "C-1"), ("2", "Carol", "C-2")] {
//!     engine.ingest(
//!         Record::new("crm", id, "2026-01-09T10:30:00Z".parse()?)
//!             .identified_by(landline.clone())
//!             .identified_by(Identifier::crm(contact)?)
//!             .identified_by(Identifier::name(given, "Stone").expect("a name")),
//!     )?;
//! }
//! let why = engine.explain(stitchline::RecordKey::new("crm", "1"), stitchline::RecordKey::new("crm", "2"))?;
//! assert!(!why.is_same());
//! assert_eq!(why.refusals[0].evidence.to_string(), "phone:+442079460188");
//! println!("{why}");
//! # Ok::<(), stitchline::Error>(())
//! ```

mod cut;
mod evidence;
mod path;
mod refusal;
#[cfg(test)]
mod tests;
mod why;
mod words;

use crate::{
    customer::CustomerId,
    engine::{Candidate, Engine, Published, Reference, Resolution},
    error::{Error, ErrorKind, Result},
    graph::MatchWeight,
    record::{Identifier, Namespace, RecordKey, Timestamp, Verdict},
};
use evidence::Case;
use serde::Serialize;
use std::collections::HashSet;

/// Why two records are one customer, or are not. `Display` tells it in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// One record.
    pub a: RecordKey,
    /// The other record.
    pub b: RecordKey,
    /// The answer.
    pub verdict: Conclusion,
    /// Whose the first record may be, where it identifies nobody by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates_a: Vec<Candidate>,
    /// Whose the second record may be, where it identifies nobody by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates_b: Vec<Candidate>,
    /// How evidence leads from one to the other, where they are one customer: of all ways the one whose weakest
    /// evidence is strongest, then the shortest.
    pub path: Vec<Step>,
    /// The step that is least sure, a place in `path`.
    pub weakest: Option<usize>,
    /// Evidence without which nothing would lead from one to the other, each by itself.
    pub bridges: Vec<EvidenceRef>,
    /// The smallest set of evidence without which nothing would lead from one to the other.
    pub smallest_cut: Vec<EvidenceRef>,
    /// Whether the two are indeed parted without that set: decided anew, since other evidence, refused so far, may be
    /// applied then.
    pub cut_parts: bool,
    /// What was refused between the two, first; then what was refused between either and others.
    pub refusals: Vec<Refusal>,
    /// What the two records have in common, and where they differ.
    pub for_and_against: Vec<Compared>,
    /// What would lead to another answer.
    pub what_would_change: Vec<Suggestion>,
}

impl Explanation {
    /// Whether the two are one customer.
    pub fn is_same(&self) -> bool {
        matches!(self.verdict, Conclusion::SameCustomer { .. })
    }
}

/// One customer or two.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Conclusion {
    /// One customer.
    SameCustomer {
        /// The id; none where the records belong together and identify nobody.
        id: Option<CustomerId>,
        /// The probability: that of the least sure step.
        probability: f64,
    },
    /// Not one customer.
    DifferentCustomers {
        /// The customer of the first record; none where it identifies nobody.
        a: Option<CustomerId>,
        /// The customer of the second record; none where it identifies nobody.
        b: Option<CustomerId>,
    },
}

/// What a person said of two records.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Word {
    /// One record.
    pub a: RecordKey,
    /// The other record.
    pub b: RecordKey,
    /// What was said.
    pub verdict: Verdict,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "evidence", rename_all = "snake_case")]
pub enum EvidenceRef {
    /// A shared identifier.
    Identifier {
        /// The identifier.
        identifier: Identifier,
    },
    /// A person's word.
    Word(Word),
}

/// One step from a record to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// From this record.
    pub from: RecordKey,
    /// To this record.
    pub to: RecordKey,
    /// What both have.
    #[serde(flatten)]
    pub evidence: EvidenceRef,
    /// What it weighs; none for a person's word.
    pub weight: Option<MatchWeight>,
    /// How many different parties have it, as far as their values tell.
    pub parties: u32,
    /// Whether both used it while authenticated.
    pub authenticated: bool,
    /// The total weight on which the two records came together, prior and all other evidence included; none for a
    /// person's word.
    pub total: Option<MatchWeight>,
    /// The probability that goes with it.
    pub probability: f64,
}

/// Evidence that was not applied.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    /// The evidence.
    #[serde(flatten)]
    pub evidence: EvidenceRef,
    /// The founding record of one side, as the sides were when it was refused.
    pub left: RecordKey,
    /// The founding record of the other side.
    pub right: RecordKey,
    /// What refused it.
    pub guard: Guard,
    /// What else would have refused it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Guard>,
    /// The total weight between the two sides, where it was asked for.
    pub total: Option<MatchWeight>,
    /// Whether a person should look at it.
    pub band: Band,
    /// What would let it through.
    pub would_change: String,
}

/// What is to become of refused evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Its total reaches the policy's `review_bits`: a person should look at it.
    Review,
    /// It is settled.
    Refused,
}

/// What refused evidence, and on what grounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "guard", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Guard {
    /// Somebody said that they are different.
    Different {
        /// One of the two records that this was said of.
        a: RecordKey,
        /// The other.
        b: RecordKey,
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
        /// Why.
        note: Option<String>,
    },
    /// One is a person, the other an organisation.
    PersonAndOrganisation,
    /// Together they would have more values of a namespace than one customer can have.
    Exclusive {
        /// The namespace.
        namespace: Namespace,
        /// The values of both.
        values: Vec<String>,
        /// How many different ones would count.
        count: u32,
        /// How many there can be.
        most: u32,
        /// Within how many days; ever, where not given.
        within_days: Option<u32>,
    },
    /// The total weight is too small.
    Weight {
        /// The total.
        total: MatchWeight,
        /// What links.
        needed: MatchWeight,
        /// Facts that speak against.
        against: Vec<Conflict>,
    },
    /// So many parties have the identifier that it joins nobody.
    Generic {
        /// How many.
        parties: u32,
        /// How many there can be.
        limit: u32,
    },
    /// The identifier is a mailbox of a function.
    Function,
    /// The policy gives the namespace no weight.
    NeverJoins,
    /// It fits several that are kept apart.
    Ambiguous {
        /// Their founding records.
        among: Vec<RecordKey>,
    },
}

/// A fact on which two sides differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// Which fact.
    pub namespace: Namespace,
    /// What one side shows.
    pub left: Vec<String>,
    /// What the other side shows.
    pub right: Vec<String>,
    /// What it weighs, below 0.
    pub weight: MatchWeight,
}

/// What speaks for or against two records by themselves.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "point", rename_all = "snake_case")]
pub enum Compared {
    /// Somebody said so.
    Said(Word),
    /// Both carry it.
    Shared {
        /// The identifier.
        identifier: Identifier,
        /// What it weighs; none where it joins nobody.
        weight: Option<MatchWeight>,
        /// How many different parties have it.
        parties: u32,
        /// Whether both used it while authenticated.
        authenticated: bool,
    },
    /// Both state the same fact.
    Agrees {
        /// The fact.
        fact: Identifier,
    },
    /// They state different facts, or have different ids where a customer has one.
    Contradicts {
        /// The fact or the kind of id.
        namespace: Namespace,
        /// What the first record states.
        a: Vec<String>,
        /// What the second record states.
        b: Vec<String>,
        /// What it weighs, below 0; none for an id, of which no weight makes up.
        weight: Option<MatchWeight>,
    },
}

/// What would lead to another answer. `Display` says it in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Suggestion {
    /// Say that they are the same.
    SaySame,
    /// Say that they are different.
    SayDifferent,
    /// Take back the word "different".
    WithdrawDifferent {
        /// One of the two records that it was said of.
        a: RecordKey,
        /// The other.
        b: RecordKey,
        /// Whose word.
        by: String,
        /// Of when.
        at: Timestamp,
    },
    /// More evidence of that weight.
    MoreEvidence {
        /// How much.
        bits: MatchWeight,
    },
    /// An identifier that only one customer has.
    AnotherIdentifier,
    /// Take this evidence away.
    Remove {
        /// All of it.
        all: Vec<EvidenceRef>,
    },
    /// Correct a fact where it is wrong.
    CorrectFact {
        /// Which.
        namespace: Namespace,
    },
    /// Correct what is a person and what an organisation.
    CorrectKind,
    /// Let a customer have more values.
    AllowMore {
        /// Of this namespace.
        namespace: Namespace,
        /// At least so many.
        most: u32,
    },
    /// All of these together, since several guards object.
    All {
        /// One for each guard.
        of: Vec<Suggestion>,
    },
    /// Let more parties share an identifier.
    RaiseLimit {
        /// Of this namespace.
        namespace: Namespace,
        /// At least so many.
        limit: u32,
    },
}

impl Engine {
    /// Why two parties are one customer, or are not.
    ///
    /// An identifier stands for the first record that carries it, a customer for its founding record. The answer shows
    /// identifiers and facts of both.
    ///
    /// Time: that of deciding the components of both anew.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] with field `a` or `b` where there is no such party, or where the store cannot be read.
    pub fn explain(&self, a: impl Into<Reference>, b: impl Into<Reference>) -> Result<Explanation> {
        let snapshot = self.snapshot();
        let row = |reference: &Reference, field: &str| {
            self.row_of(&snapshot.state, reference).ok_or_else(|| unknown(reference).in_field(field))
        };
        let (a, b) = (row(&a.into(), "a")?, row(&b.into(), "b")?);
        self.explain_rows(&snapshot, a, b, None)
    }

    /// Why two parties were one customer, or were not, as known at that time.
    ///
    /// # Errors
    /// As [`Engine::explain`].
    pub fn explain_as_of(
        &self,
        a: impl Into<Reference>,
        b: impl Into<Reference>,
        at: Timestamp,
    ) -> Result<Explanation> {
        let snapshot = self.snapshot();
        let (a, b) = (a.into(), b.into());
        let at = self.input_as_of(&snapshot.state, at)?.ok_or_else(|| unknown(&a).in_field("a"))?;
        let row = |reference: &Reference, field: &str| {
            row_as_of(&snapshot, reference, at).ok_or_else(|| unknown(reference).in_field(field))
        };
        let (a, b) = (row(&a, "a")?, row(&b, "b")?);
        self.explain_rows(&snapshot, a, b, Some(at))
    }

    /// Evidence between customers that guards refused, at most `limit` pieces: by the earliest record (observed, source, id)
    /// on whose customer or candidates something was refused, so in the same order whatever came first.
    ///
    /// Identifiers that are generic by themselves join nobody anywhere and are not listed.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn refusals(&self, limit: usize) -> Result<Vec<Refusal>> {
        self.snapshot().with_view(None, |view| {
            let mut found = Vec::new();
            let mut seen: HashSet<u32> = HashSet::new();
            for row in refusal::refused_rows(&view) {
                if found.len() >= limit {
                    break;
                }
                if seen.contains(&row) {
                    continue;
                }
                let Some(case) = Case::around(self, view, row) else { continue };
                seen.extend(case.component.records.iter().map(|member| member.row));
                found.extend(case.refusals(|_| true)?);
            }
            found.truncate(limit);
            Ok(found)
        })
    }

    fn explain_rows(&self, snapshot: &Published, a: u32, b: u32, at: Option<u32>) -> Result<Explanation> {
        snapshot.with_view(at, |view| {
            let gone = || Error::new(ErrorKind::NotFound, "there is no such record");
            let case = Case::around(self, view, a).ok_or_else(|| gone().in_field("a"))?;
            let from = case.place(a).ok_or_else(|| gone().in_field("a"))?;
            let there = case.place(b);
            let mut why = Explanation {
                a: view.identity.key(a),
                b: view.identity.key(b),
                verdict: Conclusion::DifferentCustomers { a: None, b: None },
                candidates_a: Vec::new(),
                candidates_b: Vec::new(),
                path: Vec::new(),
                weakest: None,
                bridges: Vec::new(),
                smallest_cut: Vec::new(),
                cut_parts: false,
                refusals: Vec::new(),
                for_and_against: evidence::compare(self, &view, a, b)?,
                what_would_change: Vec::new(),
            };
            match there.filter(|&to| case.cluster(from) == case.cluster(to)) {
                Some(to) => {
                    why.same(&case, from, to)?;
                    let id = snapshot.resolve_row(a, at);
                    if let Conclusion::SameCustomer { id: own, .. } = &mut why.verdict {
                        *own = id.customer();
                    }
                    why.candidates_a = why::candidates(&id);
                }
                None => {
                    let (left, right) = (snapshot.resolve_row(a, at), snapshot.resolve_row(b, at));
                    why.verdict = Conclusion::DifferentCustomers { a: left.customer(), b: right.customer() };
                    (why.candidates_a, why.candidates_b) = (why::candidates(&left), why::candidates(&right));
                    let other = match there {
                        Some(_) => None,
                        None => Some(Case::around(self, view, b).ok_or_else(|| gone().in_field("b"))?),
                    };
                    let beside = other.as_ref().unwrap_or(&case);
                    let to = beside.place(b).ok_or_else(|| gone().in_field("b"))?;
                    why.different((&case, from), (beside, to), &view)?;
                }
            }
            Ok(why)
        })
    }
}

fn unknown(reference: &Reference) -> Error {
    let what = match reference {
        Reference::Record(_) => "there is no such record",
        Reference::Identifier(_) => "no record carries this identifier",
        Reference::Customer(_) => "no customer has this id",
    };
    Error::new(ErrorKind::NotFound, what)
}

/// The record that a reference stood for after an input.
fn row_as_of(snapshot: &Published, reference: &Reference, at: u32) -> Option<u32> {
    let identity = &snapshot.state.identity;
    snapshot.with_view(Some(at), |view| match reference {
        Reference::Record(key) => {
            identity.find_record(&key.source, &key.id).filter(|&row| view.record(row).is_some())
        }
        Reference::Identifier(own) => {
            let row = identity.find_identifier(own.namespace().as_str(), own.value())?;
            let carriers = view.carriers(row).map(|cell| cell.record);
            carriers.min_by_key(|&record| {
                (view.record(record).map_or(i64::MAX, |seen| seen.observed), identity.key(record))
            })
        }
        Reference::Customer(id) => {
            let project = view.rules.policy().project;
            match snapshot.resolve_id(*id, Some(at)) {
                Resolution::Nobody => None,
                found => {
                    let first = found.candidates().first()?.id;
                    let founder = snapshot.state.founder(project, *id);
                    founder
                        .filter(|&row| found.customer().is_none() && view.record(row).is_some())
                        .or_else(|| snapshot.state.founder(project, first))
                }
            }
        }
    })
}
