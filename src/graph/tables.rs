//! The tables of the identity graph: records, identifiers, and the cells that tie them.
//!
//! Every cell is valid from one input number until another, so that the graph as it was known earlier can be read
//! from the same tables. Rows are never reused.

use super::{Symbol, Symbols};
use crate::{
    cow::{Arena, OrdSet, PagedVec, RowIndex, Text},
    error::{Error, Result},
    record::{ImpliedId, ImpliedText, PartyKind, RecordKey, Verdict},
};
use foldhash::quality::FixedState;
use smallvec::SmallVec;
use std::{
    hash::{BuildHasher, Hasher},
    ops::Deref,
};

/// No row.
pub(crate) const NONE: u32 = u32::MAX;

/// What is known of a record beside its cells. Packed, so that a page of 32 rows and its two counters fit in what
/// allocators hand out for 2,048 bytes.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed(2))]
pub(crate) struct RecordRow {
    pub(crate) source: Symbol,
    pub(crate) kind: PartyKind,
    pub(crate) flags: RecordFlags,
    pub(crate) key: RecordId,
    /// When it was first observed: an implied record's earliest interaction.
    pub(crate) observed: i64,
    /// When it was last observed.
    pub(crate) last: i64,
    pub(crate) first_cell: u32,
    /// The founding record of its cluster.
    pub(crate) cluster: u32,
    /// The next member of its cluster, in a ring.
    pub(crate) next: u32,
    /// Interactions that hang on it now.
    pub(crate) interactions: u32,
    /// The input that holds its current version.
    pub(crate) from: u32,
    /// Its earlier version, a row of `older`.
    pub(crate) older: u32,
}

impl Default for RecordRow {
    fn default() -> Self {
        RecordRow {
            source: 0,
            kind: PartyKind::Unknown,
            flags: RecordFlags::default(),
            key: RecordId::Stated(Text::default()),
            observed: 0,
            last: 0,
            first_cell: NONE,
            cluster: NONE,
            next: NONE,
            interactions: 0,
            from: NONE,
            older: NONE,
        }
    }
}

/// The id of a record in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordId {
    /// That the source gave.
    Stated(Text),
    /// That follows from the identifiers which name it.
    Implied(ImpliedId),
}

/// The text of a record's id.
pub(crate) enum IdText<'a> {
    Stated(&'a str),
    Implied(ImpliedText),
}

impl IdText<'_> {
    /// Its bytes, without a look at whether they are UTF-8.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            IdText::Stated(text) => text.as_bytes(),
            IdText::Implied(text) => text.as_bytes(),
        }
    }
}

impl Deref for IdText<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            IdText::Stated(text) => text,
            IdText::Implied(text) => text.as_str(),
        }
    }
}

/// Marks on a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RecordFlags(pub(crate) u8);

impl RecordFlags {
    /// Made of a participant's identifiers.
    pub(crate) const IMPLIED: u8 = 1;
    /// Stated by a source and not deleted.
    pub(crate) const STATED: u8 = 2;
    /// Identifies nobody: all it has is shared or generic.
    pub(crate) const UNRESOLVED: u8 = 4;
    /// Evidence on its cluster was refused.
    pub(crate) const REFUSED: u8 = 8;
    /// Deleted; `observed` is the time up to which its versions are withdrawn.
    pub(crate) const DELETED: u8 = 16;

    pub(crate) fn has(self, flag: u8) -> bool {
        self.0 & flag != 0
    }

    pub(crate) fn set(&mut self, flag: u8, on: bool) {
        if on { self.0 |= flag } else { self.0 &= !flag }
    }
}

/// An earlier version of a stated record.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OlderRow {
    pub(crate) observed: i64,
    pub(crate) kind: PartyKind,
    pub(crate) stated: bool,
    pub(crate) from: u32,
    pub(crate) until: u32,
    pub(crate) older: u32,
}

/// An identifier or a fact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdentifierRow {
    pub(crate) namespace: Symbol,
    pub(crate) value: Text,
    pub(crate) first_cell: u32,
    /// Records that carry it now.
    pub(crate) carriers: u32,
    /// More parties share it than its namespace allows, or it belongs to a function.
    pub(crate) generic: bool,
    /// Belongs to a function, whoever carries it.
    pub(crate) role: bool,
    /// How many different parties its carriers show, as far as that is counted; none counts as one.
    pub(crate) parties: u16,
    /// What its carriers show, a row of `crowds`.
    pub(crate) crowd: u32,
    /// The founding record of the customer whose its carriers are; none where they are of several or of nobody. Not
    /// kept while the identifier joins nobody or nobody carries it.
    pub(crate) customer: u32,
}

impl Default for IdentifierRow {
    fn default() -> Self {
        IdentifierRow {
            namespace: 0,
            value: Text::default(),
            first_cell: NONE,
            carriers: 0,
            generic: false,
            role: false,
            parties: 0,
            crowd: NONE,
            customer: NONE,
        }
    }
}

/// What rows take, which decides what pages of them take.
const _: () = assert!(size_of::<RecordRow>() == 62 && size_of::<IdentifierRow>() == 28);

/// The different telling values that the carriers of an identifier show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Crowd {
    /// Birth dates and exclusive values, as identifier rows in order.
    pub(crate) values: SmallVec<[(Symbol, u32); 2]>,
    /// The initials of given names, in order.
    pub(crate) initials: SmallVec<[char; 4]>,
}

/// A record carries an identifier.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) record: u32,
    pub(crate) identifier: u32,
    pub(crate) flags: CellFlags,
    /// The next cell of the identifier.
    pub(crate) next_carrier: u32,
    /// The next cell of the record.
    pub(crate) next_claim: u32,
    /// The input since which it holds, and the input that ended it.
    pub(crate) from: u32,
    pub(crate) until: u32,
}

impl Default for Cell {
    fn default() -> Self {
        Cell {
            record: NONE,
            identifier: NONE,
            flags: CellFlags::default(),
            next_carrier: NONE,
            next_claim: NONE,
            from: NONE,
            until: NONE,
        }
    }
}

/// Marks on a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CellFlags {
    /// Used while authenticated.
    pub(crate) authenticated: bool,
    /// To a fact, which is compared and never joined on.
    pub(crate) fact: bool,
}

/// A person's word on two records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AssertionRow {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) verdict: Verdict,
    pub(crate) at: i64,
    pub(crate) from: u32,
    pub(crate) until: u32,
}

impl Default for AssertionRow {
    fn default() -> Self {
        AssertionRow { a: NONE, b: NONE, verdict: Verdict::Retracted, at: 0, from: NONE, until: NONE }
    }
}

/// Records, identifiers, cells and assertions. A clone is a snapshot.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) texts: Arena,
    pub(crate) sources: Symbols,
    pub(crate) namespaces: Symbols,
    pub(crate) records: PagedVec<RecordRow>,
    pub(crate) older: PagedVec<OlderRow>,
    pub(crate) identifiers: PagedVec<IdentifierRow>,
    /// What the carriers of identifiers show; kept up to date once there are two and while they are not too many.
    pub(crate) crowds: PagedVec<Option<Crowd>>,
    pub(crate) cells: PagedVec<Cell>,
    pub(crate) assertions: PagedVec<AssertionRow>,
    /// (record, assertion row), for both records.
    pub(crate) asserted: OrdSet<(u32, u32)>,
    record_index: RowIndex,
    identifier_index: RowIndex,
    hasher: FixedState,
}

impl Default for Identity {
    fn default() -> Self {
        use std::hash::RandomState;
        // Seeded per process, so that nobody can prepare keys that collide; no answer depends on it.
        let seed = RandomState::new().hash_one(0u8);
        Identity {
            texts: Arena::default(),
            sources: Symbols::default(),
            namespaces: Symbols::default(),
            records: PagedVec::default(),
            older: PagedVec::default(),
            identifiers: PagedVec::default(),
            crowds: PagedVec::default(),
            cells: PagedVec::default(),
            assertions: PagedVec::default(),
            asserted: OrdSet::default(),
            record_index: RowIndex::default(),
            identifier_index: RowIndex::default(),
            hasher: FixedState::with_seed(seed),
        }
    }
}

pub(crate) fn full() -> Error {
    Error::new(crate::error::ErrorKind::Storage, "the engine is full: 4,294,967,294 rows or 16 GiB of texts")
}

/// The number that the next row will have.
pub(crate) fn next_row(len: usize) -> Result<u32> {
    u32::try_from(len).ok().filter(|&row| row != NONE).ok_or_else(full)
}

impl Identity {
    pub(crate) fn hash(&self, symbol: Symbol, text: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u16(symbol);
        hasher.write(text);
        hasher.finish()
    }

    /// The hash of a record's key.
    pub(crate) fn hash_record(&self, source: Symbol, id: RecordId) -> u64 {
        match id {
            RecordId::Stated(text) => self.hash(source, self.texts.bytes_of(text)),
            RecordId::Implied(id) => self.hash(source, &id.0),
        }
    }

    /// The record of that key, present or not.
    pub(crate) fn find_record(&self, source: &str, id: &str) -> Option<u32> {
        let source = self.sources.find(source)?;
        match ImpliedId::parse(id) {
            Some(id) => self.find_implied(self.hash(source, &id.0), source, id),
            None => self.find_stated(self.hash(source, id.as_bytes()), source, id),
        }
    }

    fn find_stated(&self, hash: u64, source: Symbol, id: &str) -> Option<u32> {
        self.record_index.find(hash, self.records.len(), |row| {
            let record = &self.records[row];
            let RecordId::Stated(text) = record.key else { return false };
            record.source == source && self.texts.bytes_of(text) == id.as_bytes()
        })
    }

    /// The record that a set of identifiers names in a source, present or not.
    pub(crate) fn find_implied(&self, hash: u64, source: Symbol, id: ImpliedId) -> Option<u32> {
        self.record_index.find(hash, self.records.len(), |row| {
            let record = &self.records[row];
            record.key == RecordId::Implied(id) && record.source == source
        })
    }

    /// The record of that key, a new row where there was none.
    pub(crate) fn intern_record(&mut self, source: &str, id: &str) -> Result<u32> {
        let source = self.sources.intern(source).map_err(|error| error.in_field("source"))?;
        if let Some(id) = ImpliedId::parse(id) {
            return self.intern_implied(self.hash(source, &id.0), source, id);
        }
        let hash = self.hash(source, id.as_bytes());
        match self.find_stated(hash, source, id) {
            Some(found) => Ok(found),
            None => {
                let key = RecordId::Stated(self.texts.push(id).ok_or_else(full)?);
                self.add_record(hash, source, key)
            }
        }
    }

    /// As [`Self::intern_record`], of an implied record in a source that is known.
    pub(crate) fn intern_implied(&mut self, hash: u64, source: Symbol, id: ImpliedId) -> Result<u32> {
        match self.find_implied(hash, source, id) {
            Some(found) => Ok(found),
            None => self.add_record(hash, source, RecordId::Implied(id)),
        }
    }

    fn add_record(&mut self, hash: u64, source: Symbol, key: RecordId) -> Result<u32> {
        let row = next_row(self.records.len())?;
        self.records.push(RecordRow { source, key, ..RecordRow::default() });
        self.record_index.insert(hash, row);
        Ok(row)
    }

    /// The id of a record in its source.
    pub(crate) fn id_of(&self, record: u32) -> IdText<'_> {
        match self.records[record].key {
            RecordId::Stated(text) => IdText::Stated(self.texts.get(text)),
            RecordId::Implied(id) => IdText::Implied(id.text()),
        }
    }

    /// The identifier's row.
    pub(crate) fn find_identifier(&self, namespace: &str, value: &str) -> Option<u32> {
        let namespace = self.namespaces.find(namespace)?;
        self.find_identifier_at(self.hash(namespace, value.as_bytes()), namespace, value)
    }

    fn find_identifier_at(&self, hash: u64, namespace: Symbol, value: &str) -> Option<u32> {
        self.identifier_index.find(hash, self.identifiers.len(), |row| {
            let identifier = &self.identifiers[row];
            identifier.namespace == namespace && self.texts.bytes_of(identifier.value) == value.as_bytes()
        })
    }

    /// The identifier's row, new where there was none; true where it is new.
    pub(crate) fn intern_identifier(&mut self, namespace: &str, value: &str) -> Result<(u32, bool)> {
        let namespace = self.namespaces.intern(namespace).map_err(|error| error.in_field("namespace"))?;
        let hash = self.hash(namespace, value.as_bytes());
        if let Some(row) = self.find_identifier_at(hash, namespace, value) {
            return Ok((row, false));
        }
        let row = next_row(self.identifiers.len())?;
        let value = self.texts.push(value).ok_or_else(full)?;
        self.identifiers.push(IdentifierRow { namespace, value, ..IdentifierRow::default() });
        self.identifier_index.insert(hash, row);
        Ok((row, true))
    }

    /// The row that an identifier of that hash likely has.
    pub(crate) fn peek_identifier(&self, hash: u64) -> Option<u32> {
        self.identifier_index.peek(hash)
    }

    /// The row that a record of that hash likely has.
    pub(crate) fn peek_record(&self, hash: u64) -> Option<u32> {
        self.record_index.peek(hash)
    }

    /// Adds a cell.
    pub(crate) fn link(&mut self, record: u32, identifier: u32, flags: CellFlags, from: u32) -> Result<u32> {
        let row = next_row(self.cells.len())?;
        let id = self.identifiers.get_mut(identifier).ok_or_else(full)?;
        let next_carrier = std::mem::replace(&mut id.first_cell, row);
        id.carriers += 1;
        let rec = self.records.get_mut(record).ok_or_else(full)?;
        let next_claim = rec.first_cell;
        rec.first_cell = row;
        self.cells.push(Cell { record, identifier, flags, next_carrier, next_claim, from, until: NONE });
        Ok(row)
    }

    /// Ends a cell.
    pub(crate) fn unlink(&mut self, cell: u32, until: u32) {
        let Some(row) = self.cells.get_mut(cell) else { return };
        row.until = until;
        let identifier = row.identifier;
        if let Some(identifier) = self.identifiers.get_mut(identifier) {
            identifier.carriers -= 1;
        }
    }

    /// The cells of a record that hold now, newest first: (cell, identifier, authenticated).
    pub(crate) fn claims(&self, record: u32) -> impl Iterator<Item = (u32, &Cell)> {
        let mut at = self.records[record].first_cell;
        std::iter::from_fn(move || {
            let row = at;
            let cell = self.cells.get(row)?;
            at = cell.next_claim;
            Some((row, cell))
        })
        .filter(|(_, cell)| cell.until == NONE)
    }

    /// All cells of a record, newest first, ended ones too.
    pub(crate) fn all_claims(&self, record: u32) -> impl Iterator<Item = &Cell> {
        let mut at = self.records[record].first_cell;
        std::iter::from_fn(move || {
            let cell = self.cells.get(at)?;
            at = cell.next_claim;
            Some(cell)
        })
    }

    /// All cells of an identifier, newest first, ended ones too.
    pub(crate) fn cells_of(&self, identifier: u32) -> impl Iterator<Item = &Cell> {
        let mut at = self.identifiers[identifier].first_cell;
        std::iter::from_fn(move || {
            let cell = self.cells.get(at)?;
            at = cell.next_carrier;
            Some(cell)
        })
    }

    /// The records that carry an identifier now.
    pub(crate) fn carriers(&self, identifier: u32) -> impl Iterator<Item = u32> {
        self.cells_of(identifier).filter(|cell| cell.until == NONE).map(|cell| cell.record)
    }

    /// The word on two records that holds now, a retraction too.
    pub(crate) fn word_on(&self, a: u32, b: u32) -> Option<u32> {
        let words = self.asserted.iter_from((a, 0)).take_while(|&(of, _)| of == a).map(|(_, row)| row);
        words.into_iter().find(|&row| {
            let word = &self.assertions[row];
            word.until == NONE && ((word.a, word.b) == (a, b) || (word.a, word.b) == (b, a))
        })
    }

    /// What somebody said of two records and did not take back.
    pub(crate) fn said_of(&self, a: u32, b: u32) -> Option<Verdict> {
        let verdict = self.assertions[self.word_on(a, b)?].verdict;
        (verdict != Verdict::Retracted).then_some(verdict)
    }

    /// What the carriers of an identifier show, where it is kept.
    pub(crate) fn crowd(&self, identifier: u32) -> Option<&Crowd> {
        self.crowds.get(self.identifiers[identifier].crowd)?.as_ref()
    }

    /// Keeps or drops what the carriers of an identifier show, who are so many different parties.
    pub(crate) fn set_crowd(&mut self, identifier: u32, crowd: Option<Crowd>, parties: u32) -> Result<()> {
        let next = next_row(self.crowds.len())?;
        let row = self.identifiers.get_mut(identifier).ok_or_else(full)?;
        row.parties = if crowd.is_some() { u16::try_from(parties).unwrap_or(u16::MAX) } else { 0 };
        if let Some(place) = self.crowds.get_mut(row.crowd) {
            *place = crowd;
        } else if crowd.is_some() {
            row.crowd = next;
            self.crowds.push(crowd);
        }
        Ok(())
    }

    /// The record's key.
    pub(crate) fn key(&self, record: u32) -> RecordKey {
        let row = &self.records[record];
        RecordKey::new(self.sources.name(row.source), &*self.id_of(record))
    }

    /// Whether the record is there now.
    pub(crate) fn is_present(&self, record: u32) -> bool {
        let row = &self.records[record];
        row.flags.has(RecordFlags::STATED) || row.interactions > 0
    }

    /// The members of a record's cluster, from the record on.
    pub(crate) fn members(&self, record: u32) -> impl Iterator<Item = u32> {
        let mut next = if self.records[record].cluster == NONE { None } else { Some(record) };
        std::iter::from_fn(move || {
            let current = next?;
            next = Some(self.records[current].next).filter(|&row| row != record && row != NONE);
            Some(current)
        })
    }

    /// The order of records: (observed, source, id).
    pub(crate) fn order(&self, a: u32, b: u32) -> std::cmp::Ordering {
        let observed = |row: u32| self.records[row].observed;
        observed(a).cmp(&observed(b)).then_with(|| self.key_order(a, b))
    }

    /// The order of records by source and id.
    pub(crate) fn key_order(&self, a: u32, b: u32) -> std::cmp::Ordering {
        let source = |row: u32| self.sources.name(self.records[row].source);
        source(a).cmp(source(b)).then_with(|| self.id_of(a).as_bytes().cmp(self.id_of(b).as_bytes()))
    }

    /// Bytes of memory held.
    pub(crate) fn bytes(&self) -> usize {
        self.texts.bytes()
            + self.records.bytes()
            + self.older.bytes()
            + self.identifiers.bytes()
            + self.crowds.bytes()
            + self.cells.bytes()
            + self.record_index.bytes()
            + self.identifier_index.bytes()
            + self.asserted.bytes()
            + self.assertions.bytes()
    }

    /// Builds both indexes anew from the tables.
    pub(crate) fn reindex(&mut self) {
        let mut records = RowIndex::with_capacity(self.records.len());
        for (record, row) in self.records.iter().zip(0..) {
            records.insert(self.hash_record(record.source, record.key), row);
        }
        let mut identifiers = RowIndex::with_capacity(self.identifiers.len());
        for (identifier, row) in self.identifiers.iter().zip(0..) {
            let hash = self.hash(identifier.namespace, self.texts.bytes_of(identifier.value));
            identifiers.insert(hash, row);
        }
        (self.record_index, self.identifier_index) = (records, identifiers);
    }
}
