//! The tables of interactions: a row each, an index by key, and the order by record and time.

use super::{Entries, Entry};
use crate::{
    cow::{Arena, PagedVec, RowIndex, Text},
    error::Result,
    graph::{Identity, NONE, Symbol, Symbols},
    record::{Direction, InteractionKey},
};

/// What is known of an interaction without reading its content.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InteractionRow {
    pub(crate) source: Symbol,
    pub(crate) kind: Symbol,
    pub(crate) channel: Symbol,
    pub(crate) direction: Direction,
    pub(crate) deleted: bool,
    /// Hangs on more records than one; its content tells which.
    pub(crate) several: bool,
    pub(crate) key: Text,
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// Milliseconds, held at the most a `u32` can show (49 days).
    pub(crate) queue_ms: u32,
    pub(crate) talk_ms: u32,
    /// The record on which it hangs, or the first.
    pub(crate) record: u32,
    /// The input that holds it, and the one that ended this version.
    pub(crate) from: u32,
    pub(crate) until: u32,
    /// Not the first row of its key.
    pub(crate) later: bool,
    /// On the first row of a key, the latest one, if that is another.
    pub(crate) latest: u32,
}

impl Default for InteractionRow {
    fn default() -> Self {
        InteractionRow {
            source: 0,
            kind: 0,
            channel: 0,
            direction: Direction::Unknown,
            deleted: false,
            several: false,
            key: Text::default(),
            start: 0,
            end: 0,
            queue_ms: 0,
            talk_ms: 0,
            record: NONE,
            from: NONE,
            until: NONE,
            later: false,
            latest: NONE,
        }
    }
}

/// Where the key of an interaction stands in the tables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    hash: u64,
    pub(crate) source: Symbol,
    pub(crate) known: Option<Versions>,
}

/// The first and the latest row of a key; the latest may be a deletion.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Versions {
    first: u32,
    pub(crate) latest: u32,
}

/// All interactions. A clone is a snapshot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timeline {
    pub(crate) ids: Arena,
    pub(crate) kinds: Symbols,
    pub(crate) channels: Symbols,
    pub(crate) rows: PagedVec<InteractionRow>,
    pub(crate) entries: Entries,
    /// Entries of the present group, put in order at its end: together they cost less than one by one.
    entered: Vec<Entry>,
    /// The first row of each key.
    index: RowIndex,
    /// Interactions that are there now.
    pub(crate) live: usize,
}

impl Timeline {
    /// The latest row of a key, deleted or not.
    pub(crate) fn find(&self, identity: &Identity, source: &str, id: &str) -> Option<u32> {
        let source = identity.sources.find(source)?;
        Some(self.place(identity.hash(source, id.as_bytes()), source, id).known?.latest)
    }

    /// Where a key stands, or will.
    pub(crate) fn place(&self, hash: u64, source: Symbol, id: &str) -> Place {
        let first = self.index.find(hash, self.rows.len(), |row| {
            let row = &self.rows[row];
            row.source == source && self.ids.bytes_of(row.key) == id.as_bytes()
        });
        let known = first.map(|first| match self.rows[first].latest {
            NONE => Versions { first, latest: first },
            latest => Versions { first, latest },
        });
        Place { hash, source, known }
    }

    /// The row that a key of that hash likely has, to look at many at once.
    pub(crate) fn peek(&self, hash: u64) -> Option<u32> {
        self.index.peek(hash)
    }

    /// Adds the latest row of the key that stands there.
    pub(crate) fn push(&mut self, place: &Place, row: InteractionRow) -> Result<u32> {
        let number = crate::graph::next_row(self.rows.len())?;
        self.rows.push(InteractionRow { later: place.known.is_some(), ..row });
        match place.known.and_then(|known| self.rows.get_mut(known.first)) {
            Some(first) => first.latest = number,
            None => self.index.insert(place.hash, number),
        }
        Ok(number)
    }

    /// Adds a place in the order of a record's interactions, as from the next [`Self::settle`] on.
    pub(crate) fn enter(&mut self, entry: Entry) {
        self.entered.push(entry);
    }

    /// Puts what was entered in its place.
    pub(crate) fn settle(&mut self) {
        self.entries.extend(std::mem::take(&mut self.entered));
    }

    /// Takes entries that were stored.
    pub(crate) fn restore(&mut self, entries: Vec<Entry>) {
        self.entries.extend(entries);
    }

    /// Whether a row is there now, or was after input `at`.
    pub(crate) fn holds(&self, row: u32, at: Option<u32>) -> bool {
        let row = &self.rows[row];
        !row.deleted
            && match at {
                None => row.until == NONE,
                Some(at) => row.from <= at && at < row.until,
            }
    }

    /// The interactions of a record, earliest first.
    pub(crate) fn of_record(&self, record: u32, at: Option<u32>) -> impl Iterator<Item = Entry> {
        self.entries.of_record(record).filter(move |entry| self.holds(entry.row(), at))
    }

    /// When a record's first and last interactions began, as after input `at`.
    pub(crate) fn times(&self, record: u32, at: u32) -> (i64, i64) {
        let first = self.of_record(record, Some(at)).next().map_or(0, |entry| entry.start());
        let mut high = Entry::new(record, i64::MAX, NONE);
        loop {
            let slice = self.entries.below(high);
            let Some(&low) = slice.first() else { return (first, first) };
            if let Some(entry) = slice.iter().rev().find(|entry| self.holds(entry.row(), Some(at))) {
                return (first, entry.start());
            }
            high = low;
        }
    }

    pub(crate) fn key(&self, identity: &Identity, row: u32) -> InteractionKey {
        let row = &self.rows[row];
        InteractionKey::new(identity.sources.name(row.source), self.ids.get(row.key))
    }

    /// Bytes of memory held.
    pub(crate) fn bytes(&self) -> usize {
        self.ids.bytes() + self.rows.bytes() + self.entries.bytes() + self.index.bytes()
    }

    /// Builds the index anew from the rows.
    pub(crate) fn reindex(&mut self, identity: &Identity) {
        let mut index = RowIndex::with_capacity(self.rows.len());
        for (row, number) in self.rows.iter().zip(0..) {
            if !row.later {
                index.insert(identity.hash(row.source, self.ids.bytes_of(row.key)), number);
            }
        }
        self.index = index;
    }
}
