//! Checkpoints: derived state written down, so that opening a store need not replay its whole log.
//!
//! A checkpoint is a run of parts, each a section number and rows of a fixed size or length-prefixed texts. It counts
//! only once its header is written, and a header names its own parts, so a half-written one is never read. Indexes
//! are not stored; they are built when it is read.

use super::log::{self, Erased};
use super::marks::MarkKey;
use super::state::{Redirects, RelationRow, State};
use crate::cow::{Arena, Text};
use crate::{
    error::{Error, ErrorKind, Result},
    graph::{
        AssertionRow, Cell, CellFlags, Crowd, IdentifierRow, NONE, OlderRow, RecordFlags, RecordId,
        RecordRow, Symbols,
    },
    policy::Policy,
    record::{Direction, ImpliedId, PartyKind, Verdict, name_uuid},
    store::{
        Store, Table, Write,
        codec::{Reader, Writer},
    },
    timeline::{Entry, InteractionRow},
};
use std::{hash::BuildHasher, ops::ControlFlow, sync::Arc};
use uuid::Uuid;

/// The version of the layout of a store whose log was never rewritten.
pub(crate) const STORE_VERSION: u64 = 1;
/// The version of the layout of one whose log was: places in it may be empty. The newest that this library reads.
pub(crate) const REWRITTEN: u64 = 2;
/// The version of checkpoints. One of another version is not read; the log is replayed instead.
const CHECKPOINT_VERSION: u8 = 5;

const META_FORMAT: u64 = 0;
const META_POLICY: u64 = 1;
const META_CHECKPOINT: u64 = 2;
// 3 and 4 are those of `marks` and `rewrite`.
const META_LOG: u64 = 5;

/// Rows of a part are at most about this large.
const PART: usize = 1 << 20;

/// Refuses a store that a newer library wrote.
pub(crate) fn check_format(store: &dyn Store) -> Result<()> {
    let Some(bytes) = store.get(Table::Meta, META_FORMAT)? else { return Ok(()) };
    match Reader(&bytes).number()? {
        STORE_VERSION | REWRITTEN => Ok(()),
        version if version > REWRITTEN => Err(Error::new(
            ErrorKind::NewerFormat,
            format!("the store has layout {version}; this library reads up to {REWRITTEN}: take a newer one"),
        )),
        _ => Err(Error::new(ErrorKind::Corrupt, "the store's layout is not known")),
    }
}

pub(crate) fn format_write(version: u64) -> Write<'static> {
    let mut bytes = Vec::new();
    Writer(&mut bytes).number(version);
    Write::set(Table::Meta, META_FORMAT, bytes)
}

/// Gives the log a name of its own: 16 random bytes, new where a log is begun or written anew.
pub(crate) fn log_write() -> Write<'static> {
    Write::set(Table::Meta, META_LOG, MarkKey::random().bytes()[..16].to_vec())
}

/// What a log up to an input is recognised by: its name, which one begun by an earlier version has from its first
/// checkpoint on, and the input with its time of arrival. So a checkpoint that was saved of another log, or of another copy of this one that went on otherwise, is
/// not taken for one of this.
fn origin(store: &dyn Store, next_input: u32) -> Result<u64> {
    let name = store.get(Table::Meta, META_LOG)?.unwrap_or_default();
    let last = match next_input.checked_sub(1) {
        Some(last) => store.get(Table::Inputs, u64::from(last))?.ok_or_else(damaged)?,
        None => Vec::new(),
    };
    Ok(checksum(&[&*name, &*last].concat()))
}

pub(crate) fn policy_write(policy: &Policy) -> Write<'static> {
    Write::set(Table::Meta, META_POLICY, policy.to_toml().into_bytes())
}

/// The policy under which the store was last used.
pub(crate) fn stored_policy(store: &dyn Store) -> Result<Option<Policy>> {
    let Some(bytes) = store.get(Table::Meta, META_POLICY)? else { return Ok(None) };
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::new(ErrorKind::Corrupt, "the stored policy is damaged"))?;
    Policy::from_stored(&text).map(Some)
}

/// What a policy is recognised by.
fn mark(policy: &Policy) -> Uuid {
    name_uuid(&policy.project, [policy.to_toml().as_bytes()])
}

/// Rows that have one size when written.
trait Row: Sized {
    fn put(&self, w: &mut Writer<'_>);
    fn take(r: &mut Reader<'_>) -> Result<Self>;
}

/// Writes and reads fields of fixed size.
trait Field: Sized {
    fn put(self, w: &mut Writer<'_>);
    fn take(r: &mut Reader<'_>) -> Result<Self>;
}

macro_rules! numbers {
    ($($type:ty),*) => { $(impl Field for $type {
        fn put(self, w: &mut Writer<'_>) {
            w.0.extend_from_slice(&self.to_le_bytes());
        }
        fn take(r: &mut Reader<'_>) -> Result<Self> {
            let bytes = r.bytes(size_of::<$type>())?.try_into().map_err(|_| damaged())?;
            Ok(<$type>::from_le_bytes(bytes))
        }
    })* };
}

numbers!(u8, u16, u32, i64);

macro_rules! choices {
    ($($type:ty: $($value:path),+;)*) => { $(impl Field for $type {
        fn put(self, w: &mut Writer<'_>) {
            w.byte(self as u8);
        }
        fn take(r: &mut Reader<'_>) -> Result<Self> {
            let number = r.byte()?;
            $(if number == $value as u8 { return Ok($value); })+
            Err(damaged())
        }
    })* };
}

choices! {
    PartyKind: PartyKind::Unknown, PartyKind::Person, PartyKind::Organisation;
    Direction: Direction::Unknown, Direction::Inbound, Direction::Outbound;
    Verdict: Verdict::Same, Verdict::Different, Verdict::Retracted;
}

impl Field for bool {
    fn put(self, w: &mut Writer<'_>) {
        w.byte(u8::from(self));
    }
    fn take(r: &mut Reader<'_>) -> Result<Self> {
        Ok(r.byte()? != 0)
    }
}

impl Field for Text {
    fn put(self, w: &mut Writer<'_>) {
        self.at.put(w);
        self.len.put(w);
    }
    fn take(r: &mut Reader<'_>) -> Result<Self> {
        Ok(Text { at: Field::take(r)?, len: Field::take(r)? })
    }
}

impl Field for RecordId {
    fn put(self, w: &mut Writer<'_>) {
        match self {
            RecordId::Stated(text) => {
                w.byte(0);
                text.put(w);
                w.0.extend_from_slice(&[0; 10]);
            }
            RecordId::Implied(id) => {
                w.byte(1);
                w.0.extend_from_slice(&id.0);
            }
        }
    }
    fn take(r: &mut Reader<'_>) -> Result<Self> {
        let (kind, bytes) = (r.byte()?, r.bytes(16)?);
        match kind {
            0 => Text::take(&mut Reader(bytes)).map(RecordId::Stated),
            1 => bytes.try_into().map(|id| RecordId::Implied(ImpliedId(id))).map_err(|_| damaged()),
            _ => Err(damaged()),
        }
    }
}

impl Field for RecordFlags {
    fn put(self, w: &mut Writer<'_>) {
        w.byte(self.0);
    }
    fn take(r: &mut Reader<'_>) -> Result<Self> {
        r.byte().map(RecordFlags)
    }
}

impl Field for CellFlags {
    fn put(self, w: &mut Writer<'_>) {
        w.byte(u8::from(self.authenticated) | u8::from(self.fact) << 1);
    }
    fn take(r: &mut Reader<'_>) -> Result<Self> {
        let bits = r.byte()?;
        Ok(CellFlags { authenticated: bits & 1 != 0, fact: bits & 2 != 0 })
    }
}

macro_rules! rows {
    ($($type:ident { $($field:ident),* })*) => { $(impl Row for $type {
        fn put(&self, w: &mut Writer<'_>) {
            $(self.$field.put(w);)*
        }
        fn take(r: &mut Reader<'_>) -> Result<Self> {
            Ok($type { $($field: Field::take(r)?),* })
        }
    })* };
}

rows! {
    RecordRow { source, kind, flags, key, observed, last, first_cell, cluster, next, interactions, from, older }
    OlderRow { observed, kind, stated, from, until, older }
    IdentifierRow { namespace, value, first_cell, carriers, generic, role, parties, crowd, customer }
    Cell { record, identifier, flags, next_carrier, next_claim, from, until }
    AssertionRow { a, b, verdict, at, from, until }
    RelationRow { member, of, kind, holds, observed, from, until }
    InteractionRow { source, kind, channel, direction, deleted, several, key, start, end, queue_ms, talk_ms, record, from, until, later, latest }
}

impl Row for Entry {
    fn put(&self, w: &mut Writer<'_>) {
        self.record().put(w);
        self.start().put(w);
        self.row().put(w);
    }

    fn take(r: &mut Reader<'_>) -> Result<Self> {
        Ok(Entry::new(Field::take(r)?, Field::take(r)?, Field::take(r)?))
    }
}

fn put_crowd(crowd: &Option<Crowd>, w: &mut Writer<'_>) {
    w.option(crowd.as_ref(), |w, crowd| {
        w.number(crowd.values.len() as u64);
        for &(namespace, identifier) in &crowd.values {
            namespace.put(w);
            identifier.put(w);
        }
        w.number(crowd.initials.len() as u64);
        crowd.initials.iter().for_each(|&initial| u32::from(initial).put(w));
    });
}

fn take_crowd(r: &mut Reader<'_>) -> Result<Option<Crowd>> {
    r.option(|r| {
        let mut crowd = Crowd::default();
        for _ in 0..r.number()? {
            crowd.values.push((Field::take(r)?, Field::take(r)?));
        }
        for _ in 0..r.number()? {
            crowd.initials.push(char::from_u32(Field::take(r)?).ok_or_else(damaged)?);
        }
        Ok(crowd)
    })
}

fn damaged() -> Error {
    Error::new(ErrorKind::Corrupt, "the checkpoint is damaged")
}

/// Which rows a part holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Symbols = 1,
    Texts,
    Ids,
    Records,
    Older,
    Identifiers,
    Cells,
    Assertions,
    Relations,
    Interactions,
    Entries,
    Redirects,
    Crowds,
    Marks,
    Receipts,
}

/// Hands parts to the store as they fill.
struct Parts<'a> {
    store: &'a dyn Store,
    next: u64,
    bytes: Vec<u8>,
}

impl Parts<'_> {
    fn section<T>(
        &mut self,
        section: Section,
        items: impl Iterator<Item = T>,
        put: impl Fn(T, &mut Writer<'_>),
    ) -> Result<()> {
        for item in items {
            if self.bytes.is_empty() {
                self.bytes.push(section as u8);
            }
            put(item, &mut Writer(&mut self.bytes));
            if self.bytes.len() >= PART {
                self.flush()?;
            }
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        if !self.bytes.is_empty() {
            let sum = checksum(&self.bytes);
            self.bytes.extend_from_slice(&sum.to_le_bytes());
            self.store.commit(&[Write::set(
                Table::Checkpoint,
                self.next,
                std::mem::take(&mut self.bytes),
            )])?;
            self.next += 1;
        }
        Ok(())
    }
}

/// A checksum of a part. Another version of the hash's library may compute another one; the log is replayed then.
fn checksum(part: &[u8]) -> u64 {
    foldhash::quality::FixedState::with_seed(1).hash_one(part)
}

/// Writes a checkpoint and removes the one before it.
pub(crate) fn save(store: &dyn Store, state: &State, policy: &Policy) -> Result<()> {
    let mut old = Vec::new();
    store.scan(Table::Checkpoint, 0, &mut |number, _| {
        old.push(number);
        Ok(ControlFlow::Continue(()))
    })?;
    let first = old.last().map_or(0, |last| last + 1);
    let mut parts = Parts { store, next: first, bytes: Vec::new() };
    let identity = &state.identity;
    let symbols: [&Symbols; 5] = [
        &identity.sources,
        &identity.namespaces,
        &state.timeline.kinds,
        &state.timeline.channels,
        &state.relations.kinds,
    ];
    let names = symbols
        .iter()
        .enumerate()
        .flat_map(|(table, symbols)| symbols.names().map(move |name| (table, name)));
    parts.section(Section::Symbols, names, |(table, name), w| {
        w.byte(table as u8);
        w.text(name);
    })?;
    let page = |page: &[u8], w: &mut Writer<'_>| {
        w.number(page.len() as u64);
        w.0.extend_from_slice(page);
    };
    parts.section(Section::Texts, identity.texts.pages(), page)?;
    parts.section(Section::Ids, state.timeline.ids.pages(), page)?;
    parts.section(Section::Records, identity.records.iter(), Row::put)?;
    parts.section(Section::Older, identity.older.iter(), Row::put)?;
    parts.section(Section::Identifiers, identity.identifiers.iter(), Row::put)?;
    parts.section(Section::Crowds, identity.crowds.iter(), put_crowd)?;
    parts.section(Section::Cells, identity.cells.iter(), Row::put)?;
    parts.section(Section::Assertions, identity.assertions.iter(), Row::put)?;
    parts.section(Section::Relations, state.relations.rows.iter(), Row::put)?;
    parts.section(Section::Interactions, state.timeline.rows.iter(), Row::put)?;
    parts.section(Section::Entries, state.timeline.entries.iter(), |entry, w| entry.put(w))?;
    parts.section(Section::Redirects, state.redirects.iter(), |(&from, to), w| {
        from.put(w);
        w.number(to.len() as u64);
        for (went, others) in to {
            went.put(w);
            w.number(others.len() as u64);
            others.iter().for_each(|&other| other.put(w));
        }
    })?;
    parts.section(Section::Marks, state.marks.until.iter(), |(mark, &until), w| {
        w.0.extend_from_slice(mark);
        until.put(w);
    })?;
    parts.section(Section::Receipts, state.marks.receipts.iter(), |receipt, w| {
        let one = Erased { until: 0, marks: Vec::new(), receipt: Some(receipt.clone()) };
        let mut bytes = Vec::new();
        log::encode(&log::Entry::Erased(one), &mut bytes);
        w.number(bytes.len() as u64);
        w.0.extend_from_slice(&bytes);
    })?;
    // Logs begun by earlier versions have no name.
    if store.get(Table::Meta, META_LOG)?.is_none() {
        store.commit(&[log_write()])?;
    }
    let mut header = Vec::new();
    let mut w = Writer(&mut header);
    w.byte(CHECKPOINT_VERSION);
    w.0.extend_from_slice(mark(policy).as_bytes());
    w.0.extend_from_slice(&origin(store, state.next_input)?.to_le_bytes());
    for number in [first, parts.next, u64::from(state.next_input), state.next_change] {
        w.number(number);
    }
    w.signed(state.arrived);
    w.option(state.horizon, |w, at| w.signed(at));
    for number in [state.stated, state.implied, state.customers, state.timeline.live] {
        w.number(number as u64);
    }
    let sum = checksum(&header);
    header.extend_from_slice(&sum.to_le_bytes());
    let mut writes = vec![Write::set(Table::Meta, META_CHECKPOINT, header)];
    writes.extend(old.into_iter().map(|number| Write::remove(Table::Checkpoint, number)));
    store.commit(&writes)
}

/// Reads the latest checkpoint; none where there is none for this policy, version and log, or where it is damaged: the
/// log holds everything.
pub(crate) fn load(store: &dyn Store, policy: &Policy) -> Result<Option<State>> {
    match load_whole(store, policy) {
        Err(error) if error.kind() == ErrorKind::Corrupt => Ok(None),
        loaded => loaded,
    }
}

fn load_whole(store: &dyn Store, policy: &Policy) -> Result<Option<State>> {
    let Some(header) = store.get(Table::Meta, META_CHECKPOINT)? else { return Ok(None) };
    let (header, sum) = header.split_last_chunk().ok_or_else(damaged)?;
    if u64::from_le_bytes(*sum) != checksum(header) {
        return Err(damaged());
    }
    let mut r = Reader(header);
    if r.byte()? != CHECKPOINT_VERSION || r.bytes(16)? != mark(policy).as_bytes() {
        return Ok(None);
    }
    let saved_of = r.bytes(8)?;
    let (first, end) = (r.number()?, r.number()?);
    let mut state = State::default();
    state.next_input = u32::try_from(r.number()?).map_err(|_| damaged())?;
    if saved_of != origin(store, state.next_input)?.to_le_bytes() {
        return Ok(None);
    }
    state.next_change = r.number()?;
    state.arrived = r.signed()?;
    state.horizon = r.option(Reader::signed)?;
    let mut count = || r.number().map(|number| number as usize);
    (state.stated, state.implied, state.customers, state.timeline.live) =
        (count()?, count()?, count()?, count()?);
    let mut entries: Vec<Entry> = Vec::new();
    let mut redirects = Redirects::new();
    let mut next = first;
    store.scan(Table::Checkpoint, first, &mut |number, part| {
        if number >= end {
            return Ok(ControlFlow::Break(()));
        }
        if number != next {
            return Err(damaged());
        }
        next += 1;
        let (part, sum) = part.split_last_chunk().ok_or_else(damaged)?;
        if u64::from_le_bytes(*sum) != checksum(part) {
            return Err(damaged());
        }
        take_part(&mut state, &mut entries, &mut redirects, part)?;
        Ok(ControlFlow::Continue(()))
    })?;
    if next != end {
        return Err(damaged());
    }
    state.timeline.restore(entries);
    state.redirects = Arc::new(redirects);
    for row in 0..state.identity.assertions.len() as u32 {
        let AssertionRow { a, b, .. } = state.identity.assertions[row];
        state.identity.asserted.insert((a, row));
        state.identity.asserted.insert((b, row));
    }
    for row in 0..state.relations.rows.len() as u32 {
        let RelationRow { member, of, .. } = state.relations.rows[row];
        state.relations.by_record.insert((member, row));
        state.relations.by_record.insert((of, row));
    }
    check(&state)?;
    state.reindex();
    state.keep_ids(policy.project);
    Ok(Some(state))
}

fn take_part(
    state: &mut State,
    entries: &mut Vec<Entry>,
    redirects: &mut Redirects,
    part: &[u8],
) -> Result<()> {
    let (&section, rest) = part.split_first().ok_or_else(damaged)?;
    let mut r = Reader(rest);
    let identity = &mut state.identity;
    macro_rules! rows {
        ($table:expr) => {{
            $table.push(Row::take(&mut r)?);
        }};
    }
    let text = |r: &mut Reader<'_>, arena: &mut Arena| -> Result<()> {
        let len = usize::try_from(r.number()?).map_err(|_| damaged())?;
        arena.push_page(r.bytes(len)?);
        Ok(())
    };
    while !r.0.is_empty() {
        match section {
            s if s == Section::Symbols as u8 => {
                let table = r.byte()?;
                let name = r.text()?;
                let symbols = match table {
                    0 => &mut identity.sources,
                    1 => &mut identity.namespaces,
                    2 => &mut state.timeline.kinds,
                    3 => &mut state.timeline.channels,
                    4 => &mut state.relations.kinds,
                    _ => return Err(damaged()),
                };
                symbols.intern(name)?;
            }
            s if s == Section::Texts as u8 => text(&mut r, &mut identity.texts)?,
            s if s == Section::Ids as u8 => text(&mut r, &mut state.timeline.ids)?,
            s if s == Section::Records as u8 => rows!(identity.records),
            s if s == Section::Older as u8 => rows!(identity.older),
            s if s == Section::Identifiers as u8 => rows!(identity.identifiers),
            s if s == Section::Crowds as u8 => identity.crowds.push(take_crowd(&mut r)?),
            s if s == Section::Cells as u8 => rows!(identity.cells),
            s if s == Section::Assertions as u8 => rows!(identity.assertions),
            s if s == Section::Relations as u8 => rows!(state.relations.rows),
            s if s == Section::Interactions as u8 => rows!(state.timeline.rows),
            s if s == Section::Entries as u8 => entries.push(Row::take(&mut r)?),
            s if s == Section::Redirects as u8 => {
                let from = Field::take(&mut r)?;
                let mut to = Vec::new();
                for _ in 0..r.number()? {
                    let went = Field::take(&mut r)?;
                    let others: Result<Vec<u32>> = (0..r.number()?).map(|_| Field::take(&mut r)).collect();
                    to.push((went, others?));
                }
                redirects.insert(from, to);
            }
            s if s == Section::Marks as u8 => {
                let mark = r.bytes(16)?.try_into().map_err(|_| damaged())?;
                Arc::make_mut(&mut state.marks).until.insert(mark, Field::take(&mut r)?);
            }
            s if s == Section::Receipts as u8 => {
                let len = usize::try_from(r.number()?).map_err(|_| damaged())?;
                let log::Entry::Erased(one) = log::decode(r.bytes(len)?)? else { return Err(damaged()) };
                Arc::make_mut(&mut state.marks).add(&one);
            }
            _ => return Err(damaged()),
        }
    }
    Ok(())
}

/// Refuses rows that point outside their tables, so that a damaged checkpoint cannot make a read go wrong.
fn check(state: &State) -> Result<()> {
    let identity = &state.identity;
    let (records, identifiers) = (identity.records.len() as u32, identity.identifiers.len() as u32);
    let (cells, interactions) = (identity.cells.len() as u32, state.timeline.rows.len() as u32);
    let may = |row: u32, len: u32| row < len || row == NONE;
    let fine = identity
        .records
        .iter()
        .all(|row| may(row.first_cell, cells) && may(row.cluster, records) && may(row.next, records))
        && identity.identifiers.iter().all(|row| {
            may(row.first_cell, cells)
                && may(row.crowd, identity.crowds.len() as u32)
                && may(row.customer, records)
        })
        && identity.cells.iter().all(|cell| {
            cell.record < records
                && cell.identifier < identifiers
                && may(cell.next_carrier, cells)
                && may(cell.next_claim, cells)
        })
        && identity.assertions.iter().all(|row| row.a < records && row.b < records)
        && state.relations.rows.iter().all(|row| row.member < records && row.of < records)
        && state.timeline.rows.iter().all(|row| may(row.record, records) && may(row.latest, interactions));
    if fine { Ok(()) } else { Err(damaged()) }
}
