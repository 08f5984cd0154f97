//! One input to the tables: which version holds, what hangs on which record, and what must be decided anew.

use super::state::{RelationRow, State};
use crate::{
    error::{Error, Result},
    graph::{AssertionRow, CellFlags, Decider, NONE, OlderRow, RecordFlags, Rules, full, next_row},
    identifier::Normalizer,
    record::{
        Assertion, Claim, Identifier, Input, Interaction, InteractionKey, MAX_INPUT_BYTES, Namespace,
        Participant, Record, RecordKey, Relation, Role, Timestamp, Verdict, Verification, implied_key,
    },
    store::{Store, Table, codec},
    timeline::{Entry, InteractionRow},
};
use smallvec::{SmallVec, smallvec};

/// The most facts of one kind that an implied record keeps: those least in order.
const MAX_FACTS: usize = 8;

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is part of the state now.
    Accepted,
    /// It was there already, byte for byte.
    Duplicate,
    /// A later version of it is known.
    Superseded,
}

/// The inputs of a group that is not committed yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) first: u32,
    /// Each with the time of arrival before it.
    pub(crate) entries: Vec<Vec<u8>>,
}

/// Bytes before the content of a stored input: when it arrived (microseconds, little-endian), and a byte that is 1
/// on the last input of a group.
pub(crate) const ARRIVAL: usize = 9;

/// Applies inputs to a state.
pub(crate) struct Applier<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) decider: &'a mut Decider,
    pub(crate) rules: &'a mut Rules,
    pub(crate) normalizer: &'a Normalizer,
    pub(crate) store: &'a dyn Store,
    pub(crate) pending: &'a mut Pending,
    /// When the group arrived.
    pub(crate) arrived: i64,
}

/// Identifiers and facts by row, in order.
type Claims = SmallVec<[(u32, CellFlags); 6]>;

/// Adds a claim; one that is there already is authenticated if either is.
fn add(claims: &mut Claims, row: u32, flags: CellFlags) {
    match claims.binary_search_by_key(&row, |&(held, _)| held) {
        Ok(at) => claims[at].1.authenticated |= flags.authenticated,
        Err(at) => claims.insert(at, (row, flags)),
    }
}

/// Takes a claim out where it is there with these very marks.
fn take(claims: &mut Claims, row: u32, flags: CellFlags) -> bool {
    let at = claims.binary_search_by_key(&row, |&(held, _)| held).ok().filter(|&at| claims[at].1 == flags);
    at.map(|at| claims.remove(at)).is_some()
}

/// Which version of an input holds.
enum Version {
    Later,
    Same,
    Earlier,
}

impl Applier<'_> {
    /// Takes one input, or says why not; an error leaves everything as it was unless it is of the storage kind.
    pub(crate) fn apply(&mut self, input: &Input) -> Result<Outcome> {
        input.check()?;
        codec::check_nesting(input)?;
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(&self.arrived.to_le_bytes());
        bytes.push(0);
        codec::encode(input, &mut bytes);
        if bytes.len() > MAX_INPUT_BYTES {
            return Err(Error::invalid("is larger than 1 MiB in stored form"));
        }
        match input {
            Input::Record(record) => self.record(record, bytes),
            Input::Interaction(interaction) => self.interaction(interaction, bytes),
            Input::Relation(relation) => self.relation(relation, bytes),
            Input::Assertion(assertion) => self.assertion(assertion, bytes),
            Input::DeleteRecord { key, at } => self.delete_record(key, *at, bytes),
            Input::DeleteInteraction { key, at } => self.delete_interaction(key, *at, bytes),
        }
    }

    /// The number that the current input takes in the log, which is written when the group is committed.
    fn log(&mut self, bytes: Vec<u8>) -> Result<u32> {
        let number = self.state.next_input;
        self.state.next_input = next_row(number as usize + 1)?;
        self.pending.entries.push(bytes);
        Ok(number)
    }

    /// The stored content of an earlier input, without its time of arrival.
    fn content(&self, number: u32) -> Result<Vec<u8>> {
        let entry = match number.checked_sub(self.pending.first) {
            Some(at) => self.pending.entries.get(at as usize).cloned(),
            None => self.store.get(Table::Inputs, u64::from(number))?,
        };
        let mut entry = entry.ok_or_else(|| {
            Error::new(crate::ErrorKind::Corrupt, format!("input {number} is missing from the log"))
        })?;
        entry.drain(..ARRIVAL.min(entry.len()));
        Ok(entry)
    }

    /// Compares a new version with the one that holds, by time and then by content.
    fn version(&self, time: i64, bytes: &[u8], held_time: i64, held: u32) -> Result<Version> {
        Ok(match time.cmp(&held_time) {
            std::cmp::Ordering::Less => Version::Earlier,
            std::cmp::Ordering::Greater => Version::Later,
            std::cmp::Ordering::Equal => match bytes[ARRIVAL..].cmp(&self.content(held)?) {
                std::cmp::Ordering::Less => Version::Earlier,
                std::cmp::Ordering::Greater => Version::Later,
                std::cmp::Ordering::Equal => Version::Same,
            },
        })
    }

    fn identifier(&mut self, identifier: &Identifier) -> Result<u32> {
        let (namespace, value) = (identifier.namespace().as_str(), identifier.value());
        let (row, new) = self.state.identity.intern_identifier(namespace, value)?;
        if new {
            self.rules.cover(&self.state.identity.namespaces);
            if self.normalizer.is_blocked(namespace, value) {
                let row = self.state.identity.identifiers.get_mut(row).ok_or_else(full)?;
                (row.role, row.generic) = (true, true);
            }
        }
        Ok(row)
    }

    /// Identifiers and facts by row, each once, authenticated if any claim to it is.
    fn claims<'c>(&mut self, claims: impl Iterator<Item = &'c Claim>) -> Result<Claims> {
        let mut rows = Claims::new();
        for claim in claims {
            let row = self.identifier(&claim.identifier)?;
            let fact = claim.identifier.is_fact();
            let authenticated = claim.verification == Verification::Authenticated && !fact;
            add(&mut rows, row, CellFlags { authenticated, fact });
        }
        Ok(rows)
    }

    fn record(&mut self, record: &Record, bytes: Vec<u8>) -> Result<Outcome> {
        let row =
            self.state.intern_record(self.rules.policy().project, &record.key.source, &record.key.id)?;
        let held = self.state.identity.records[row];
        let time = record.observed_at.micros();
        if held.flags.has(RecordFlags::DELETED) {
            if time <= held.observed {
                return Ok(Outcome::Superseded);
            }
        } else if held.flags.has(RecordFlags::STATED) {
            match self.version(time, &bytes, held.observed, held.from)? {
                Version::Same => return Ok(Outcome::Duplicate),
                Version::Earlier => return Ok(Outcome::Superseded),
                Version::Later => {}
            }
        }
        let mut wanted = self.claims(record.claims.iter())?;
        let named = Identifier::record(&record.key);
        let own = self.state.identity.find_identifier(named.namespace().as_str(), named.value());
        if let Some(own) = own.filter(|&own| self.is_named(own)) {
            add(&mut wanted, own, CellFlags::default());
        }
        let number = self.log(bytes)?;
        self.keep_older(row, number)?;
        let current = self.state.identity.records.get_mut(row).ok_or_else(full)?;
        self.state.stated += usize::from(!current.flags.has(RecordFlags::STATED));
        current.flags.set(RecordFlags::STATED, true);
        current.flags.set(RecordFlags::DELETED, false);
        (current.observed, current.last, current.kind, current.from) = (time, time, record.kind, number);
        let mut ended = Vec::new();
        for (cell, held) in self.state.identity.claims(row) {
            if !take(&mut wanted, held.identifier, held.flags) {
                ended.push(cell);
            }
        }
        self.decider.touch(row);
        self.decider.unlink(&mut self.state.identity, self.rules, row, &ended, number)?;
        self.link_all(row, wanted, number)?;
        Ok(Outcome::Accepted)
    }

    fn link_all(&mut self, record: u32, wanted: Claims, number: u32) -> Result<()> {
        let identity = &mut self.state.identity;
        for (identifier, flags) in wanted {
            self.decider.link(identity, record, identifier, flags, number)?;
        }
        self.decider.shown(identity, self.rules, record)
    }

    /// Files the version of a record that ends now.
    fn keep_older(&mut self, record: u32, until: u32) -> Result<()> {
        let identity = &mut self.state.identity;
        let held = identity.records[record];
        if held.from == NONE {
            return Ok(());
        }
        let stated = held.flags.has(RecordFlags::STATED);
        let older = next_row(identity.older.len())?;
        let row = OlderRow {
            observed: held.observed,
            kind: held.kind,
            stated,
            from: held.from,
            until,
            older: held.older,
        };
        identity.older.push(row);
        identity.records.get_mut(record).ok_or_else(full)?.older = older;
        Ok(())
    }

    fn delete_record(&mut self, key: &RecordKey, at: Timestamp, bytes: Vec<u8>) -> Result<Outcome> {
        if key.id.starts_with('~') {
            return Err(Error::invalid("is implied by interactions: delete those").in_field("id"));
        }
        let row = self.state.intern_record(self.rules.policy().project, &key.source, &key.id)?;
        let held = self.state.identity.records[row];
        if held.from != NONE && at.micros() <= held.observed {
            if held.flags.has(RecordFlags::DELETED) {
                return Ok(if at.micros() == held.observed {
                    Outcome::Duplicate
                } else {
                    Outcome::Superseded
                });
            }
            if at.micros() < held.observed {
                return Ok(Outcome::Superseded);
            }
        }
        let number = self.log(bytes)?;
        self.keep_older(row, number)?;
        let current = self.state.identity.records.get_mut(row).ok_or_else(full)?;
        self.state.stated -= usize::from(current.flags.has(RecordFlags::STATED));
        current.flags.set(RecordFlags::STATED, false);
        current.flags.set(RecordFlags::DELETED, true);
        (current.observed, current.from) = (at.micros(), number);
        let cells: Vec<u32> = self.state.identity.claims(row).map(|(cell, _)| cell).collect();
        self.touch_asserted(row);
        self.decider.touch(row);
        self.decider.unlink(&mut self.state.identity, self.rules, row, &cells, number)?;
        Ok(Outcome::Accepted)
    }

    /// Those whom people tied to a record must be decided anew when it goes.
    fn touch_asserted(&mut self, record: u32) {
        let identity = &self.state.identity;
        for (_, row) in identity.asserted.iter_from((record, 0)).take_while(|&(of, _)| of == record) {
            let row = &identity.assertions[row];
            self.decider.touch(row.a);
            self.decider.touch(row.b);
        }
    }

    fn interaction(&mut self, interaction: &Interaction, bytes: Vec<u8>) -> Result<Outcome> {
        let key = &interaction.key;
        let source =
            self.state.identity.sources.intern(&key.source).map_err(|error| error.in_field("source"))?;
        let hash = self.state.identity.hash(source, key.id.as_bytes());
        let held = self.state.timeline.find_at(hash, source, &key.id);
        if let Some(held) = held {
            let row = self.state.timeline.rows[held];
            if row.deleted {
                if interaction.version().micros() <= row.start {
                    return Ok(Outcome::Superseded);
                }
            } else {
                let old = self.content(row.from)?;
                if old == bytes[ARRIVAL..] {
                    return Ok(Outcome::Duplicate);
                }
                let Input::Interaction(before) = codec::decode(&old)? else { return Err(full()) };
                let order = interaction.version().cmp(&before.version());
                if order.then_with(|| bytes[ARRIVAL..].cmp(&old)).is_lt() {
                    return Ok(Outcome::Superseded);
                }
            }
        }
        let kind =
            self.state.timeline.kinds.intern(&interaction.kind).map_err(|error| error.in_field("kind"))?;
        let channel = interaction.channel.as_str();
        let channel =
            self.state.timeline.channels.intern(channel).map_err(|error| error.in_field("channel"))?;
        // Whatever can be refused is refused before anything changes.
        let mut parties = Vec::new();
        for participant in customers(interaction) {
            parties.push((participant, self.claims(participant.claims.iter())?));
        }
        let number = self.log(bytes)?;
        if let Some(held) = held {
            self.end_interaction(held, number)?;
        }
        let text = match held {
            Some(held) => self.state.timeline.rows[held].key,
            None => self.state.timeline.ids.push(&key.id).ok_or_else(full)?,
        };
        let start = interaction.start.micros();
        let short = |ms: Option<u64>| ms.map_or(0, |ms| u32::try_from(ms).unwrap_or(u32::MAX));
        let row = InteractionRow {
            source,
            kind,
            channel,
            direction: interaction.direction,
            deleted: false,
            several: false,
            key: text,
            start,
            end: interaction.end.map_or(start, Timestamp::micros),
            queue_ms: short(interaction.queue_ms),
            talk_ms: short(interaction.talk_ms),
            record: NONE,
            from: number,
            until: NONE,
        };
        let row = self.state.timeline.push(hash, row, held)?;
        self.state.timeline.live += 1;
        let mut records: Vec<u32> = Vec::new();
        for (participant, wanted) in parties {
            if let Some(record) = self.attach(&key.source, participant, &wanted, start, number, &records)?
                && !records.contains(&record)
            {
                self.state.timeline.entries.insert(Entry { record, start, row });
                records.push(record);
            }
        }
        if let Some(&first) = records.first() {
            let row = self.state.timeline.rows.get_mut(row).ok_or_else(full)?;
            (row.record, row.several) = (first, records.len() > 1);
        }
        Ok(Outcome::Accepted)
    }

    /// Hangs an interaction on the record that a participant's identifiers name; none where there are none.
    fn attach(
        &mut self,
        source: &str,
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
        let symbol = self.state.identity.sources.intern(source)?;
        let known = self.state.identity.find_implied(symbol, &set);
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
        source: &str,
        claims: &[Claim],
        set: &[u32],
        wanted: &Claims,
        number: u32,
    ) -> Result<u32> {
        let key = implied_key(source, claims).ok_or_else(full)?;
        let record = self.state.intern_record(self.rules.policy().project, &key.source, &key.id)?;
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
    fn is_named(&self, identifier: u32) -> bool {
        let identity = &self.state.identity;
        identity.carriers(identifier).any(|row| identity.records[row].flags.has(RecordFlags::IMPLIED))
    }

    /// Takes its own key from a stated record that no participant names any more, unless it states that key itself.
    fn unname_record(&mut self, own: u32, number: u32) -> Result<()> {
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

    /// Ends the version of an interaction and takes it off its records.
    fn end_interaction(&mut self, row: u32, number: u32) -> Result<()> {
        let held = self.state.timeline.rows[row];
        self.state.timeline.rows.get_mut(row).ok_or_else(full)?.until = number;
        if held.deleted {
            return Ok(());
        }
        self.state.timeline.live -= 1;
        if held.record == NONE {
            return Ok(());
        }
        for record in self.records_of(row)? {
            let current = self.state.identity.records.get_mut(record).ok_or_else(full)?;
            current.interactions -= 1;
            if current.interactions > 0 {
                self.rebuild_implied(record, number)?;
                continue;
            }
            self.state.implied -= 1;
            self.state.identity.unindex_implied(record);
            let (cells, carried): (Vec<u32>, Vec<u32>) =
                self.state.identity.claims(record).map(|(cell, held)| (cell, held.identifier)).unzip();
            self.touch_asserted(record);
            self.decider.touch(record);
            self.decider.unlink(&mut self.state.identity, self.rules, record, &cells, number)?;
            for identifier in carried {
                self.unname_record(identifier, number)?;
            }
        }
        Ok(())
    }

    /// The records on which an interaction hangs.
    fn records_of(&mut self, row: u32) -> Result<Vec<u32>> {
        let held = self.state.timeline.rows[row];
        if !held.several {
            return Ok(vec![held.record]);
        }
        let Input::Interaction(interaction) = codec::decode(&self.content(held.from)?)? else {
            return Err(full());
        };
        let mut records = Vec::new();
        for participant in customers(&interaction) {
            if let Some(key) = implied_key(&interaction.key.source, &participant.claims) {
                records.extend(self.state.identity.find_record(&key.source, &key.id));
            }
        }
        records.sort_unstable();
        records.dedup();
        Ok(records)
    }

    /// What an implied record shows, from the interactions that are left.
    fn rebuild_implied(&mut self, record: u32, number: u32) -> Result<()> {
        let key = self.state.identity.key(record);
        let entries: Vec<Entry> = self.state.timeline.of_record(record, None).collect();
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        let mut wanted = Claims::new();
        for entry in entries {
            (first, last) = (first.min(entry.start), last.max(entry.start));
            let content = self.content(self.state.timeline.rows[entry.row].from)?;
            let Input::Interaction(interaction) = codec::decode(&content)? else { return Err(full()) };
            for participant in customers(&interaction) {
                if implied_key(&key.source, &participant.claims).as_ref() == Some(&key) {
                    for (identifier, flags) in self.claims(participant.claims.iter())? {
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

    fn delete_interaction(&mut self, key: &InteractionKey, at: Timestamp, bytes: Vec<u8>) -> Result<Outcome> {
        let source =
            self.state.identity.sources.intern(&key.source).map_err(|error| error.in_field("source"))?;
        let hash = self.state.identity.hash(source, key.id.as_bytes());
        let held = self.state.timeline.find_at(hash, source, &key.id);
        if let Some(held) = held {
            let row = self.state.timeline.rows[held];
            if row.deleted {
                match at.micros().cmp(&row.start) {
                    std::cmp::Ordering::Less => return Ok(Outcome::Superseded),
                    std::cmp::Ordering::Equal => return Ok(Outcome::Duplicate),
                    std::cmp::Ordering::Greater => {}
                }
            } else {
                let Input::Interaction(before) = codec::decode(&self.content(row.from)?)? else {
                    return Err(full());
                };
                if at < before.version() {
                    return Ok(Outcome::Superseded);
                }
            }
        }
        let number = self.log(bytes)?;
        let text = match held {
            Some(held) => {
                self.end_interaction(held, number)?;
                self.state.timeline.rows[held].key
            }
            None => self.state.timeline.ids.push(&key.id).ok_or_else(full)?,
        };
        let row = InteractionRow {
            source,
            key: text,
            deleted: true,
            start: at.micros(),
            from: number,
            ..InteractionRow::default()
        };
        self.state.timeline.push(hash, row, held)?;
        Ok(Outcome::Accepted)
    }

    fn relation(&mut self, relation: &Relation, bytes: Vec<u8>) -> Result<Outcome> {
        let project = self.rules.policy().project;
        let kind =
            self.state.relations.kinds.intern(&relation.kind).map_err(|error| error.in_field("kind"))?;
        let member = self.state.intern_record(project, &relation.from.source, &relation.from.id)?;
        let of = self.state.intern_record(project, &relation.to.source, &relation.to.id)?;
        let same = |row: &RelationRow| row.member == member && row.of == of && row.kind == kind;
        let held = self.state.relations.of(member).find(|(_, row)| same(row)).map(|(at, row)| (at, *row));
        let observed = relation.observed_at.micros();
        if let Some((_, held)) = held {
            match self.version(observed, &bytes, held.observed, held.from)? {
                Version::Same => return Ok(Outcome::Duplicate),
                Version::Earlier => return Ok(Outcome::Superseded),
                Version::Later => {}
            }
        }
        let number = self.log(bytes)?;
        let relations = &mut self.state.relations;
        if let Some((at, _)) = held {
            relations.rows.get_mut(at).ok_or_else(full)?.until = number;
        }
        let row = next_row(relations.rows.len())?;
        relations.rows.push(RelationRow {
            member,
            of,
            kind,
            holds: relation.holds,
            observed,
            from: number,
            until: NONE,
        });
        relations.by_record.insert((member, row));
        relations.by_record.insert((of, row));
        Ok(Outcome::Accepted)
    }

    fn assertion(&mut self, assertion: &Assertion, bytes: Vec<u8>) -> Result<Outcome> {
        let project = self.rules.policy().project;
        let a = self.state.intern_record(project, &assertion.a.source, &assertion.a.id)?;
        let b = self.state.intern_record(project, &assertion.b.source, &assertion.b.id)?;
        let identity = &self.state.identity;
        let same =
            |row: &AssertionRow| row.until == NONE && ((row.a, row.b) == (a, b) || (row.a, row.b) == (b, a));
        let held = identity
            .asserted
            .iter_from((a, 0))
            .take_while(|&(of, _)| of == a)
            .map(|(_, row)| (row, identity.assertions[row]))
            .find(|(_, row)| same(row));
        let at = assertion.at.micros();
        if let Some((_, held)) = held {
            match self.version(at, &bytes, held.at, held.from)? {
                Version::Same => return Ok(Outcome::Duplicate),
                Version::Earlier => return Ok(Outcome::Superseded),
                Version::Later => {}
            }
        }
        let number = self.log(bytes)?;
        let identity = &mut self.state.identity;
        if let Some((row, before)) = held {
            identity.assertions.get_mut(row).ok_or_else(full)?.until = number;
            if before.verdict == Verdict::Same {
                // What the word had tied may come apart.
                self.decider.touch(before.a);
                self.decider.touch(before.b);
            }
        }
        let row = next_row(identity.assertions.len())?;
        identity.assertions.push(AssertionRow {
            a,
            b,
            verdict: assertion.verdict,
            at,
            from: number,
            until: NONE,
        });
        identity.asserted.insert((a, row));
        identity.asserted.insert((b, row));
        self.decider.touch(a);
        self.decider.touch(b);
        Ok(Outcome::Accepted)
    }
}

/// The participants who identify somebody.
pub(crate) fn customers(interaction: &Interaction) -> impl Iterator<Item = &Participant> {
    interaction.participants.iter().filter(|participant| participant.role == Role::Customer)
}
