//! The records that interactions imply: what names them, what they show, and when they go.

use super::{Applier, Claims, add, ahead::Named, customers, take};
use crate::{
    error::Result,
    graph::{CellFlags, RecordFlags, RecordId, Symbol, full},
    record::{Claim, Identifier, ImpliedId, Input, Namespace, Participant, RecordKey, Verification},
    store::codec,
    timeline::Entry,
};
use smallvec::smallvec;

/// The most facts of one kind that an implied record keeps: those least in order.
const MAX_FACTS: usize = 8;

/// A participant who names a record.
pub(super) struct Party<'a> {
    participant: &'a Participant,
    named: Named,
    /// The record, where it is there and this interaction can add nothing to what it shows.
    known: Option<u32>,
    /// What is claimed; nothing where `known`.
    claims: Claims,
}

impl Applier<'_> {
    /// What must be known of a participant before anything changes. With `anew`, records may go before its turn.
    pub(super) fn party<'a>(
        &mut self,
        source: Symbol,
        participant: &'a Participant,
        named: Named,
        anew: bool,
    ) -> Result<Party<'a>> {
        let adds =
            |claim: &Claim| claim.verification == Verification::Authenticated || claim.identifier.is_fact();
        // The commonest: somebody known under these very identifiers.
        if !anew
            && let Some(record) = self.state.identity.find_implied(named.hash, source, named.id)
            && self.state.identity.is_present(record)
            && !participant.claims.iter().any(adds)
        {
            return Ok(Party { participant, named, known: Some(record), claims: Claims::new() });
        }
        let claims = self.claims(&participant.claims)?;
        Ok(Party { participant, named, known: None, claims })
    }

    /// Hangs an interaction on the record that a participant's identifiers name.
    pub(super) fn attach(
        &mut self,
        source: Symbol,
        party: &Party<'_>,
        start: i64,
        number: u32,
        counted: &[u32],
    ) -> Result<u32> {
        let record = match party.known {
            Some(known) => known,
            None => self.state.identity.intern_implied(party.named.hash, source, party.named.id)?,
        };
        if party.known.is_none() && !self.state.identity.is_present(record) {
            self.imply(record, party, number)?;
        }
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
        self.add_details(record, &party.claims, number)?;
        Ok(record)
    }

    /// Gives an implied record its cells.
    fn imply(&mut self, record: u32, party: &Party<'_>, number: u32) -> Result<()> {
        let row = self.state.identity.records.get_mut(record).ok_or_else(full)?;
        row.flags.set(RecordFlags::IMPLIED, true);
        row.from = number;
        for &(identifier, flags) in party.claims.iter().filter(|(_, flags)| !flags.fact) {
            self.decider.link(&mut self.state.identity, record, identifier, flags, number)?;
        }
        self.decider.shown(&mut self.state.identity, self.rules, record)?;
        for claim in &party.participant.claims {
            if let Some(named) = claim.identifier.named_record() {
                self.name_record(&named, &claim.identifier, number)?;
            }
        }
        Ok(())
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
        let RecordId::Implied(id) = self.state.identity.records[record].key else { return Err(full()) };
        self.state.timeline.settle();
        let entries: Vec<Entry> = self.state.timeline.of_record(record, None).collect();
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        let mut wanted = Claims::new();
        for entry in entries {
            (first, last) = (first.min(entry.start()), last.max(entry.start()));
            let content = self.content(self.state.timeline.rows[entry.row()].from)?;
            let Input::Interaction(interaction) = codec::decode(&content)? else { return Err(full()) };
            for participant in customers(&interaction) {
                if ImpliedId::of(&participant.claims) == Some(id) {
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
