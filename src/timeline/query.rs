//! What to show of a timeline, and the merge of several records' interactions into one order.

use super::{Entry, Timeline};
use crate::{
    error::{Error, Result},
    graph::Identity,
    record::{Channel, Direction, InteractionKey, Timestamp},
    store::codec::{Reader, Writer},
};
use std::{cmp::Ordering, collections::BinaryHeap, fmt, str::FromStr};

/// What to show of a timeline. All conditions must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Not before this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// On one of these channels; any where empty.
    pub channels: Vec<Channel>,
    /// In this direction.
    pub direction: Option<Direction>,
    /// Of one of these kinds; any where empty.
    pub kinds: Vec<String>,
    /// On records that are linked to the customer with at least this probability.
    pub min_probability: f64,
    /// Also what happened with those who are stated to be members of it, as of an account or a household.
    pub with_members: bool,
    /// Earliest first instead of newest first.
    pub oldest_first: bool,
    /// Continue where an earlier page ended.
    pub after: Option<Cursor>,
    /// As known at that time: as if nothing had been ingested later.
    pub as_of: Option<Timestamp>,
}

/// A place in a timeline: the time and the key of an interaction. It holds after later writes, merges and splits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) start: i64,
    pub(crate) key: InteractionKey,
}

/// Opaque text without characters that a URL would escape.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::new();
        let mut writer = Writer(&mut bytes);
        writer.byte(1);
        writer.signed(self.start);
        writer.key(&self.key.source, &self.key.id);
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let fault = || Error::invalid("is not a cursor that a timeline gave").in_field("cursor");
        if !text.len().is_multiple_of(2) || text.len() > 8192 || !text.is_ascii() {
            return Err(fault());
        }
        let bytes = (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16));
        let bytes: Vec<u8> = bytes.collect::<Result<_, _>>().map_err(|_| fault())?;
        let mut reader = Reader(&bytes);
        let version = reader.byte().map_err(|_| fault())?;
        let start = reader.signed().map_err(|_| fault())?;
        let key = reader.record_key().map_err(|_| fault())?;
        if version != 1 || !reader.0.is_empty() {
            return Err(fault());
        }
        Ok(Cursor { start, key: InteractionKey { source: key.source, id: key.id } })
    }
}

/// Rows that are read ahead of a merge, in all.
const LOOK_AHEAD: usize = 64;

/// One record's interactions, taken from one end.
struct Lane<'a> {
    slice: &'a [Entry],
    head: Entry,
}

/// The interactions of several records in one order: by time, then by source and id.
pub(crate) struct Merge<'a> {
    timeline: &'a Timeline,
    identity: &'a Identity,
    oldest_first: bool,
    heap: BinaryHeap<Head<'a>>,
    /// Rows of one time, in their order, the next one last.
    same_time: Vec<u32>,
    at: Option<u32>,
}

struct Head<'a> {
    lane: Lane<'a>,
    oldest_first: bool,
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head<'_> {}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.lane.head.start().cmp(&other.lane.head.start());
        if self.oldest_first { order.reverse() } else { order }
    }
}

impl<'a> Merge<'a> {
    /// Interactions of these records with `low <= start < high`, as after input `at`.
    pub(crate) fn new(
        timeline: &'a Timeline,
        identity: &'a Identity,
        records: impl Iterator<Item = u32> + Clone,
        (low, high): (i64, i64),
        oldest_first: bool,
        at: Option<u32>,
    ) -> Self {
        let mut merge =
            Merge { timeline, identity, oldest_first, heap: BinaryHeap::new(), same_time: Vec::new(), at };
        timeline.entries.look_ahead(records.clone());
        for record in records {
            merge.enter(if oldest_first {
                timeline.entries.from(Entry::new(record, low, 0))
            } else {
                timeline.entries.below(Entry::new(record, high, 0))
            });
        }
        merge.look_ahead();
        merge
    }

    /// Reads a part of the rows that will be looked at first, so that their cache misses overlap.
    fn look_ahead(&self) {
        let each = LOOK_AHEAD / self.heap.len().max(1);
        let mut read = 0;
        for Head { lane, .. } in &self.heap {
            let few = lane.slice.len().min(each);
            let near =
                if self.oldest_first { &lane.slice[..few] } else { &lane.slice[lane.slice.len() - few..] };
            for entry in near.iter().chain([&lane.head]) {
                read ^= self.timeline.rows[entry.row()].until;
            }
        }
        std::hint::black_box(read);
    }

    fn enter(&mut self, slice: &'a [Entry]) {
        let taken = if self.oldest_first { slice.split_first() } else { slice.split_last() };
        if let Some((&head, rest)) = taken {
            self.heap.push(Head { lane: Lane { slice: rest, head }, oldest_first: self.oldest_first });
        }
    }

    fn advance(&mut self) -> Option<Entry> {
        let Head { lane, .. } = self.heap.pop()?;
        let head = lane.head;
        let slice = if !lane.slice.is_empty() {
            lane.slice
        } else if self.oldest_first {
            let next = Entry::new(head.record(), head.start(), head.row().saturating_add(1));
            self.timeline.entries.from(next)
        } else {
            self.timeline.entries.below(head)
        };
        self.enter(slice);
        Some(head)
    }
}

impl Iterator for Merge<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        while self.same_time.is_empty() {
            let first = self.advance()?;
            let mut take = |entry: Entry| {
                if self.timeline.holds(entry.row(), self.at) {
                    self.same_time.push(entry.row());
                }
            };
            take(first);
            while self.heap.peek().is_some_and(|head| head.lane.head.start() == first.start()) {
                if let Some(entry) = self.advance()
                    && self.timeline.holds(entry.row(), self.at)
                {
                    self.same_time.push(entry.row());
                }
            }
            if self.same_time.len() > 1 {
                let (timeline, identity) = (self.timeline, self.identity);
                let key = |row: &u32| {
                    let row = &timeline.rows[*row];
                    (identity.sources.name(row.source), timeline.ids.bytes_of(row.key))
                };
                // The next one is taken from the end.
                self.same_time.sort_unstable_by(|a, b| {
                    let order = key(a).cmp(&key(b));
                    if self.oldest_first { order.reverse() } else { order }
                });
                self.same_time.dedup();
            }
        }
        self.same_time.pop()
    }
}
