//! Erasing a person: what is theirs goes, from the log too, and marks are left by which it is recognised and not taken
//! again.

use super::{
    Engine,
    apply::ARRIVAL,
    log::{self, Entry, Erased, Mark, Receipt},
    marks::{MarkKey, Marks},
    resolve::{Reference, Resolution},
    state::State,
    writer::{Published, lock},
};
use crate::{
    error::{Error, ErrorKind, Result},
    graph::{NONE, RecordFlags},
    record::{Identifier, Input, InteractionKey, Namespace, RecordKey, Timestamp, check_key},
    store::Table,
};
use serde::Serialize;
use std::{
    collections::{BTreeSet, HashSet},
    ops::ControlFlow,
};
use uuid::Uuid;

/// Marks in one entry of the log, which may be 1 MiB.
const MARKS_IN_ENTRY: usize = 50_000;
/// The most inputs of others that are named.
const MAX_NAMED: usize = 1000;
/// Shorter values are not searched for in the inputs of others: they would be found by chance.
const LEAST_MENTION: usize = 6;

/// What [`Engine::erase`] did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// The receipt, which stays in the database.
    pub receipt: Receipt,
    /// Inputs of others that stay and hold one of the identifiers as text: what they are, source and id; at most
    /// 1,000. They are told here and nowhere else, for a person to judge.
    pub mentioned_in: Vec<String>,
}

impl Engine {
    /// Erases a person: their records with all versions, their interactions, and what was said of them, from the log,
    /// the checkpoint and memory. No byte of an identifier that only they have is left in the store.
    ///
    /// Marks stay behind: hashes under a key that never leaves the database. By them, an input of an erased record
    /// or interaction, or with an identifier that only they had, is recognised and not taken
    /// ([`Outcome::Erased`](super::Outcome::Erased)), as long as its time is not later than the erasure. What comes
    /// later is taken: it is news of somebody who came back.
    ///
    /// An interaction in which others took part goes as a whole. An identifier that another customer has too stays
    /// with them. Calls that are nobody's go where they show an identifier that only the person has.
    ///
    /// The whole log is read twice and written once, and decided anew from what is left; writers wait, readers do not.
    /// On disk a new file takes the place of the old one. Copies of the file and blocks that the disk has not used
    /// again are outside of the library's reach.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where the reference is nobody, [`ErrorKind::InvalidInput`] where it may be several
    /// customers; nothing has changed then. [`ErrorKind::Storage`] where the store failed; where the erasure had been
    /// decided by then, the next opening finishes it.
    pub fn erase(&self, who: impl Into<Reference>, by: &str) -> Result<Erasure> {
        check_key("by", by)?;
        let shared = self.shared();
        let mut writer = lock(&shared.writer);
        writer.check()?;
        let snapshot = shared.snapshot();
        let state = &*snapshot.state;
        let (customer, rows) = person(&snapshot, &who.into())?;
        let key = match state.marks.key {
            key if key == MarkKey::default() => MarkKey::random(),
            key => key,
        };
        let mut plan = Plan::of(state, key, &rows);
        let mut found = Found::default();
        self.search(state, &mut plan, &mut found)?;
        let marks: Vec<Mark> = plan.marks.until.keys().copied().collect();
        let receipt = Receipt {
            id: Uuid::from_bytes(key.mark(marks.iter().map(|mark| &mark[..]))),
            at: Timestamp::now(),
            by: by.to_owned(),
            customer: customer.map(|founder| state.id_of(snapshot.rules.policy().project, founder)),
            records: found.records.len() as u64,
            interactions: found.interactions.len() as u64,
            inputs: found.inputs,
            identifiers: plan.alone.len() as u64,
            marks: marks.len() as u64,
            mentions: found.mentions,
        };
        let at = Timestamp::from_micros(found.latest.max(receipt.at.micros()))?;
        let records = found.records.into_iter().map(|key| Input::DeleteRecord { key, at });
        let interactions = found.interactions.into_iter().map(|key| Input::DeleteInteraction { key, at });
        let mut erased: Vec<Erased> = marks
            .chunks(MARKS_IN_ENTRY)
            .map(|marks| Erased { until: at.micros(), marks: marks.to_vec(), receipt: None })
            .collect();
        if let Some(last) = erased.last_mut() {
            last.receipt = Some(receipt.clone());
        }
        // First as any deletion, so that the feed tells of it and ids of others lead on; then out of the log.
        shared.commit_erased(&mut writer, records.chain(interactions).collect(), (key, erased))?;
        shared.finish_erasing(&mut writer)?;
        Ok(Erasure { receipt, mentioned_in: found.mentioned_in })
    }

    /// The records that [`Engine::erase`] would erase with all their versions, in their order; nothing is changed.
    ///
    /// # Errors
    /// As [`Engine::erase`] where the reference is nobody or may be several customers.
    pub fn erasure_of(&self, who: impl Into<Reference>) -> Result<Vec<RecordKey>> {
        let snapshot = self.snapshot();
        let identity = &snapshot.state.identity;
        let (_, mut rows) = person(&snapshot, &who.into())?;
        rows.sort_unstable_by(|&a, &b| identity.order(a, b));
        Ok(rows.into_iter().map(|row| identity.key(row)).collect())
    }

    /// The receipts of all erasures, in the order in which they were made.
    pub fn receipts(&self) -> Vec<Receipt> {
        self.snapshot().state.marks.receipts.clone()
    }

    /// Looks through the log for what the plan covers, and for its values in what it does not cover.
    fn search(&self, state: &State, plan: &mut Plan, found: &mut Found) -> Result<()> {
        let values = Patterns::of(plan.alone.iter().map(|one| one.value().as_bytes()));
        let mut keys: Vec<Mark> = Vec::new();
        self.store().scan(Table::Inputs, 0, &mut |number, entry| {
            let content = entry.get(ARRIVAL..).unwrap_or_default();
            let Entry::Input(input) = log::decode(content)? else { return Ok(ControlFlow::Continue(())) };
            if !plan.marks.cover(&input) {
                if values.are_in(content) {
                    found.mentions += 1;
                    if found.mentioned_in.len() < MAX_NAMED {
                        found.mentioned_in.push(named(&input));
                    }
                }
                return Ok(ControlFlow::Continue(()));
            }
            found.inputs += 1;
            found.latest = found.latest.max(time(&input).micros());
            match *input {
                Input::Record(record) => {
                    let row = state.identity.find_record(&record.key.source, &record.key.id);
                    let held = row.map(|row| &state.identity.records[row]);
                    if held.is_some_and(|held| {
                        u64::from(held.from) == number && held.flags.has(RecordFlags::STATED)
                    }) {
                        keys.push(plan.marks.key.of_record(&record.key));
                        found.records.insert(record.key);
                    }
                }
                Input::Interaction(one) => {
                    let row = state.timeline.find(&state.identity, &one.key.source, &one.key.id);
                    let held = row.filter(|&row| state.timeline.holds(row, None));
                    if held.is_some_and(|row| u64::from(state.timeline.rows[row].from) == number) {
                        keys.push(plan.marks.key.of_interaction(&one.key.source, &one.key.id));
                        found.interactions.insert(one.key);
                    }
                }
                _ => {}
            }
            Ok(ControlFlow::Continue(()))
        })?;
        // What goes is recognised by its key as well, so that its deletions leave the log with it.
        plan.marks.until.extend(keys.into_iter().map(|mark| (mark, i64::MAX)));
        Ok(())
    }
}

/// What the search found.
#[derive(Default)]
struct Found {
    records: BTreeSet<RecordKey>,
    interactions: BTreeSet<InteractionKey>,
    inputs: u64,
    latest: i64,
    mentions: u64,
    mentioned_in: Vec<String>,
}

/// The founding record of the person's customer, and the records that are theirs.
fn person(snapshot: &Published, who: &Reference) -> Result<(Option<u32>, Vec<u32>)> {
    let state = &*snapshot.state;
    let identity = &state.identity;
    let project = snapshot.rules.policy().project;
    let nobody = || Error::new(ErrorKind::NotFound, "nobody known is meant");
    let members = |answer: Resolution, gone: Vec<u32>| match answer {
        Resolution::One(one) => {
            let founder = state.founder(project, one.id).ok_or_else(nobody)?;
            Ok((Some(founder), identity.members(founder).collect()))
        }
        Resolution::Several { .. } => Err(Error::invalid(
            "may be several customers: name the one to erase by customer id or by one of its records",
        )),
        // Nobody's any more; what was deleted may still be in the log.
        Resolution::Nobody if gone.is_empty() => Err(nobody()),
        Resolution::Nobody => Ok((None, gone)),
    };
    match who {
        Reference::Customer(id) => {
            let gone = state.founder(project, *id).filter(|&row| !identity.is_present(row));
            members(snapshot.resolve_id(*id, None), gone.into_iter().collect())
        }
        Reference::Record(key) => {
            let row = identity.find_record(&key.source, &key.id).ok_or_else(nobody)?;
            match state.customer_of(row) {
                Some(founder) => Ok((Some(founder), identity.members(founder).collect())),
                None => Ok((None, vec![row])),
            }
        }
        Reference::Identifier(one) => {
            let row = identity.find_identifier(one.namespace().as_str(), one.value());
            let mut gone: Vec<u32> = row
                .into_iter()
                .flat_map(|row| identity.cells_of(row))
                .map(|cell| cell.record)
                .filter(|&record| state.customer_of(record).is_none())
                .collect();
            gone.sort_unstable();
            gone.dedup();
            members(snapshot.resolve(one, None), gone)
        }
    }
}

/// What is to be erased.
struct Plan {
    /// Identifiers that nobody else has.
    alone: Vec<Identifier>,
    /// The marks of keys and of these identifiers, for inputs of any time.
    marks: Marks,
}

impl Plan {
    fn of(state: &State, key: MarkKey, person: &[u32]) -> Self {
        let identity = &state.identity;
        let rows = with_those_gone(state, person);
        let mut marks = Marks { key, ..Marks::default() };
        let mut add = |mark: Mark| _ = marks.until.insert(mark, i64::MAX);
        let mut alone = BTreeSet::new();
        let mut looked = HashSet::new();
        for &row in &rows {
            let own = identity.key(row);
            add(key.of_record(&own));
            if !identity.records[row].flags.has(RecordFlags::IMPLIED) {
                alone.insert(Identifier::record(&own));
            }
            for cell in identity.all_claims(row).filter(|cell| !cell.flags.fact) {
                if looked.insert(cell.identifier) && is_alone(state, cell.identifier, &rows) {
                    let held = &identity.identifiers[cell.identifier];
                    let namespace = Namespace::new(identity.namespaces.name(held.namespace));
                    let value = identity.texts.get(held.value).to_owned();
                    let one = namespace.map(|namespace| Identifier::canonical(namespace, value));
                    alone.extend(one.filter(|one| !names_another(state, one, &rows)));
                }
            }
            for place in state.timeline.entries.of_record(row) {
                let own = state.timeline.key(identity, place.row());
                let latest = state.timeline.find(identity, &own.source, &own.id).unwrap_or(NONE);
                // A version that was corrected to somebody else is not theirs.
                if latest == place.row() || state.timeline.rows.get(latest).is_some_and(|row| row.deleted) {
                    add(key.of_interaction(&own.source, &own.id));
                }
            }
        }
        alone.iter().for_each(|one| add(key.of_identifier(one)));
        Plan { alone: alone.into_iter().collect(), marks }
    }
}

/// The records, and those that went and were one customer with them.
fn with_those_gone(state: &State, person: &[u32]) -> BTreeSet<u32> {
    let mut rows: BTreeSet<u32> = person.iter().copied().collect();
    loop {
        let before = rows.len();
        for (&gone, times) in state.redirects.iter() {
            let with = times.iter().flat_map(|(_, others)| others).any(|other| rows.contains(other));
            if with && !state.identity.is_present(gone) {
                rows.insert(gone);
            }
        }
        if rows.len() == before {
            return rows;
        }
    }
}

/// Whether no other customer has an identifier.
fn is_alone(state: &State, identifier: u32, rows: &BTreeSet<u32>) -> bool {
    let mut others = state.identity.carriers(identifier).filter(|row| !rows.contains(row));
    others.all(|row| state.customer_of(row).is_none())
}

/// Whether an identifier names a record that is not among these.
fn names_another(state: &State, identifier: &Identifier, rows: &BTreeSet<u32>) -> bool {
    let named = identifier.named_record();
    let row = named.and_then(|key| state.identity.find_record(&key.source, &key.id));
    row.is_some_and(|row| state.identity.is_present(row) && !rows.contains(&row))
}

/// The time by which an input is older or later than an erasure.
fn time(input: &Input) -> Timestamp {
    match input {
        Input::Record(record) => record.observed_at,
        Input::Interaction(one) => one.version(),
        Input::Relation(tie) => tie.observed_at,
        Input::Assertion(word) => word.at,
        Input::DeleteRecord { at, .. } | Input::DeleteInteraction { at, .. } => *at,
    }
}

/// What an input is, and its key.
fn named(input: &Input) -> String {
    match input {
        Input::Record(one) => format!("record {}", one.key),
        Input::Interaction(one) => format!("interaction {}", one.key),
        Input::Relation(tie) => format!("relation of {} and {}", tie.from, tie.to),
        Input::Assertion(word) => format!("word on {} and {}", word.a, word.b),
        Input::DeleteRecord { key, .. } => format!("deletion of record {key}"),
        Input::DeleteInteraction { key, .. } => format!("deletion of interaction {key}"),
    }
}

/// Values that are searched for together: a value's first two bytes tell whether it can begin at a place.
struct Patterns {
    begins: Vec<bool>,
    values: Vec<Vec<u8>>,
}

impl Patterns {
    fn of<'a>(values: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut begins = vec![false; 1 << 16];
        let values: Vec<Vec<u8>> =
            values.filter(|value| value.len() >= LEAST_MENTION).map(<[u8]>::to_vec).collect();
        for value in &values {
            begins[usize::from(u16::from_le_bytes([value[0], value[1]]))] = true;
        }
        Patterns { begins, values }
    }

    fn are_in(&self, text: &[u8]) -> bool {
        !self.values.is_empty()
            && text.windows(2).enumerate().any(|(at, pair)| {
                self.begins[usize::from(u16::from_le_bytes([pair[0], pair[1]]))]
                    && self.values.iter().any(|value| text[at..].starts_with(value))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_wherever_they_stand() {
        let values = Patterns::of([&b"ann@example.com"[..], b"+442079460123", b"short"].into_iter());
        for text in [&b"ann@example.com"[..], b"xxann@example.com", b"to: +442079460123."] {
            assert!(values.are_in(text));
        }
        for text in [&b""[..], b"a", b"ann@example.co", b"short", b"+44207946012"] {
            assert!(!values.are_in(text));
        }
        assert!(!Patterns::of(std::iter::empty()).are_in(b"anything"));
    }
}
