//! The records that interactions imply: what names them, what they show, and when they go.

use super::{Applier, Claims, add, customers, take};
use crate::{
    error::Result,
    graph::{CellFlags, RecordFlags, Symbol, full},
    record::{Claim, Identifier, ImpliedId, Input, Namespace, Participant, RecordKey, implied_key},
    store::codec,
    timeline::Entry,
};
use smallvec::{SmallVec, smallvec};

/// The most facts of one kind that an implied record keeps: those least in order.
const MAX_FACTS: usize = 8;

impl Applier<'_> {
    /// Hangs an interaction on the record that a participant's identifiers name; none where there are none.
    pub(super) fn attach(
        &mut self,
        source: Symbol,
        participant: &Participant,
        wanted: &Claims,
        start: i64,
        number: u32,
        counted: &[u32],
    ) -> Result<Option<u32>> {
        let set: SmallVec<[u32; 8]> =
            wanted.iter().filter(|(_, flags)| !flags.fact).map(|&(row, _)| row).collect();
        if set.is_empty() {
            return Ok(None);
        }
        let known = self.state.identity.find_implied(source, &set);
        let record = match known {
            Some(known) => known,
            None => self.imply(source, &participant.claims, &set, wanted, number)?,
        };
        if !counted.contains(&record) {
            let row = self.state.identity.records.get_mut(record).ok_or_else(full)?;
            let fresh = row.interactions == 0;
            row.interactions += 1;
            self.state.implied += usize::from(fresh);
            if fresh || start < row.observed {
                row.observed = start;
                self.decider.touch(record);
            }
            if fresh || start > row.last {
                row.last = start;
                if self.rules.windowed() {
                    self.decider.touch(record);
                }
            }
        }
        if known.is_none() {
            // Only now is it present, and filed.
            self.state.identity.index_implied(record, &set);
        }
        self.add_details(record, wanted, number)?;
        Ok(Some(record))
    }

    /// The implied record of a set of identifiers, with its cells.
    fn imply(
        &mut self,
        source: Symbol,
        claims: &[Claim],
        set: &[u32],
        wanted: &Claims,
        number: u32,
    ) -> Result<u32> {
        let id = ImpliedId::of(claims).ok_or_else(full)?;
        let record = self.state.identity.intern_record_of(source, id.as_str())?;
        let row = self.state.identity.records.get_mut(record).ok_or_else(full)?;
        row.flags.set(RecordFlags::IMPLIED, true);
        row.from = number;
        for &identifier in set {
            let at = wanted.binary_search_by_key(&identifier, |&(held, _)| held);
            let flags = at.map(|at| wanted[at].1).unwrap_or_default();
            self.decider.link(&mut self.state.identity, record, identifier, flags, number)?;
        }
        self.decider.shown(&mut self.state.identity, self.rules, record)?;
        for claim in claims {
            if let Some(named) = claim.identifier.named_record() {
                self.name_record(&named, &claim.identifier, number)?;
            }
        }
        Ok(record)
    }

    /// Gives a stated record, which a participant names, its own key as an identifier.
    fn name_record(&mut self, key: &RecordKey, identifier: &Identifier, number: u32) -> Result<()> {
        let Some(named) = self.state.identity.find_record(&key.source, &key.id) else { return Ok(()) };
        if !self.state.identity.records[named].flags.has(RecordFlags::STATED) {
            return Ok(());
        }
        let own = self.identifier(identifier)?;
        if self.state.identity.claims(named).all(|(_, cell)| cell.identifier != own) {
            self.link_all(named, smallvec![(own, CellFlags::default())], number)?;
        }
        Ok(())
    }

    /// Whether an implied record carries an identifier.
    pub(super) fn is_named(&self, identifier: u32) -> bool {
        let identity = &self.state.identity;
        identity.carriers(identifier).any(|row| identity.records[row].flags.has(RecordFlags::IMPLIED))
    }

    /// Takes its own key from a stated record that no participant names any more, unless it states that key itself.
    pub(super) fn unname_record(&mut self, own: u32, number: u32) -> Result<()> {
        let identity = &self.state.identity;
        let row = &identity.identifiers[own];
        if identity.namespaces.name(row.namespace) != Namespace::RECORD.as_str() || self.is_named(own) {
            return Ok(());
        }
        let identifier = Identifier::canonical(Namespace::RECORD, identity.texts.get(row.value).to_owned());
        let Some(key) = identifier.named_record() else { return Ok(()) };
        let Some(named) = identity.find_record(&key.source, &key.id) else { return Ok(()) };
        let Some(cell) =
            identity.claims(named).find(|(_, cell)| cell.identifier == own).map(|(cell, _)| cell)
        else {
            return Ok(());
        };
        let Input::Record(stated) = codec::decode(&self.content(identity.records[named].from)?)? else {
            return Err(full());
        };
        if stated.claims.iter().any(|claim| claim.identifier == identifier) {
            return Ok(());
        }
        self.decider.unlink(&mut self.state.identity, self.rules, named, &[cell], number)
    }

    /// Adds to an implied record the facts of one more interaction, and marks what was authenticated.
    fn add_details(&mut self, record: u32, wanted: &Claims, number: u32) -> Result<()> {
        if !wanted.iter().any(|(_, flags)| flags.fact || flags.authenticated) {
            return Ok(());
        }
        let mut held: Vec<(u32, u32, CellFlags)> = self
            .state
            .identity
            .claims(record)
            .map(|(cell, held)| (held.identifier, cell, held.flags))
            .collect();
        held.sort_unstable_by_key(|&(identifier, cell, _)| (identifier, cell));
        for &(identifier, flags) in wanted {
            let at = held.binary_search_by_key(&identifier, |&(held, _, _)| held);
            if flags.fact {
                if at.is_err() {
                    self.add_fact(record, identifier, number)?;
                }
            } else if let Ok(at) = at {
                let (_, cell, now) = held[at];
                if flags.authenticated && !now.authenticated {
                    self.state.identity.unlink(cell, number);
                    self.decider.link(&mut self.state.identity, record, identifier, flags, number)?;
                }
            }
        }
        Ok(())
    }

    fn add_fact(&mut self, record: u32, fact: u32, number: u32) -> Result<()> {
        let identity = &self.state.identity;
        let namespace = identity.identifiers[fact].namespace;
        let text = |row: u32| identity.texts.get(identity.identifiers[row].value);
        let same = identity
            .claims(record)
            .filter(|(_, cell)| identity.identifiers[cell.identifier].namespace == namespace);
        let mut facts: Vec<(&str, u32)> = same.map(|(cell, held)| (text(held.identifier), cell)).collect();
        if facts.len() >= MAX_FACTS {
            facts.sort_unstable();
            let (greatest, cell) = facts[facts.len() - 1];
            if text(fact) > greatest {
                return Ok(());
            }
            self.decider.unlink(&mut self.state.identity, self.rules, record, &[cell], number)?;
        }
        self.link_all(record, smallvec![(fact, CellFlags { authenticated: false, fact: true })], number)
    }

    /// What an implied record shows, from the interactions that are left.
    pub(super) fn rebuild_implied(&mut self, record: u32, number: u32) -> Result<()> {
        let key = self.state.identity.key(record);
        self.state.timeline.settle();
        let entries: Vec<Entry> = self.state.timeline.of_record(record, None).collect();
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        let mut wanted = Claims::new();
        for entry in entries {
            (first, last) = (first.min(entry.start()), last.max(entry.start()));
            let content = self.content(self.state.timeline.rows[entry.row()].from)?;
            let Input::Interaction(interaction) = codec::decode(&content)? else { return Err(full()) };
            for participant in customers(&interaction) {
                if implied_key(&key.source, &participant.claims).as_ref() == Some(&key) {
                    for (identifier, flags) in self.claims(&participant.claims)? {
                        add(&mut wanted, identifier, flags);
                    }
                }
            }
        }
        self.keep_least_facts(&mut wanted);
        let current = self.state.identity.records.get_mut(record).ok_or_else(full)?;
        if (current.observed, current.last) != (first, last) {
            (current.observed, current.last) = (first, last);
            self.decider.touch(record);
        }
        // The identifiers stay as they are; facts and marks may go.
        let mut ended = Vec::new();
        for (cell, held) in self.state.identity.claims(record) {
            if !take(&mut wanted, held.identifier, held.flags) {
                ended.push(cell);
            }
        }
        self.decider.unlink(&mut self.state.identity, self.rules, record, &ended, number)?;
        self.link_all(record, wanted, number)
    }

    fn keep_least_facts(&self, wanted: &mut Claims) {
        let identity = &self.state.identity;
        let mut facts: Vec<(u16, &str, u32)> = wanted
            .iter()
            .filter(|(_, flags)| flags.fact)
            .map(|&(row, _)| {
                let held = &identity.identifiers[row];
                (held.namespace, identity.texts.get(held.value), row)
            })
            .collect();
        facts.sort_unstable();
        for same in facts.chunk_by(|a, b| a.0 == b.0) {
            let extra: Vec<u32> = same.iter().skip(MAX_FACTS).map(|&(.., row)| row).collect();
            wanted.retain(|(row, _)| !extra.contains(row));
        }
    }
}
