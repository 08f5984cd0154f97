//! One input to the tables: which version holds, what hangs on which record, and what must be decided anew.

mod implied;
mod interaction;
mod record;
mod word;

use super::state::State;
use crate::{
    error::{Error, Result},
    graph::{CellFlags, Decider, Rules, full, next_row},
    identifier::Normalizer,
    record::{
        Claim, Identifier, Input, Interaction, MAX_INPUT_BYTES, Participant, Role, Verification,
    },
    store::{Store, Table, codec},
};
use smallvec::SmallVec;
use std::{borrow::Cow, cmp::Ordering};

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

/// Bytes before the content of a stored input: when it arrived (microseconds, little-endian), and a byte that is 1
/// on the last input of a group.
pub(crate) const ARRIVAL: usize = 9;

/// The inputs of a group that is not committed yet, back to back, and at the end the one that is being looked at.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) first: u32,
    bytes: Vec<u8>,
    /// Where each accepted input ends.
    ends: Vec<usize>,
}

impl Pending {
    /// Of inputs from number `first` on.
    pub(crate) fn new(first: u32) -> Self {
        Pending { first, ..Pending::default() }
    }

    /// The number of accepted inputs.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn start(&self, at: usize) -> usize {
        at.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    /// The stored form of an accepted input.
    fn entry(&self, at: usize) -> Option<&[u8]> {
        Some(&self.bytes[self.start(at)..*self.ends.get(at)?])
    }

    /// The stored forms in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|at| self.entry(at))
    }

    /// Marks the last input as the last of its group.
    pub(crate) fn end_group(&mut self) {
        if let Some(last) = self.len().checked_sub(1) {
            let mark = self.start(last) + ARRIVAL - 1;
            self.bytes[mark] = 1;
        }
    }

    /// Puts down an input that may be accepted: gives its size.
    fn propose(&mut self, arrived: i64, input: &Input) -> usize {
        let start = self.start(self.len());
        self.bytes.truncate(start);
        self.bytes.extend_from_slice(&arrived.to_le_bytes());
        self.bytes.push(0);
        codec::encode(input, &mut self.bytes);
        self.bytes.len() - start
    }

    /// The content of the proposed input.
    fn proposed(&self) -> &[u8] {
        &self.bytes[self.start(self.len()) + ARRIVAL..]
    }
}

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

impl Applier<'_> {
    /// Takes one input, or says why not; an error leaves everything as it was unless it is of the storage kind.
    pub(crate) fn apply(&mut self, input: &Input) -> Result<Outcome> {
        input.check()?;
        codec::check_nesting(input)?;
        if self.pending.propose(self.arrived, input) > MAX_INPUT_BYTES {
            return Err(Error::invalid("is larger than 1 MiB in stored form"));
        }
        match input {
            Input::Record(record) => self.record(record),
            Input::Interaction(interaction) => self.interaction(interaction),
            Input::Relation(relation) => self.relation(relation),
            Input::Assertion(assertion) => self.assertion(assertion),
            Input::DeleteRecord { key, at } => self.delete_record(key, *at),
            Input::DeleteInteraction { key, at } => self.delete_interaction(key, *at),
        }
    }

    /// Accepts the current input: the number that it takes in the log, which is written when the group is committed.
    fn log(&mut self) -> Result<u32> {
        let number = self.state.next_input;
        self.state.next_input = next_row(number as usize + 1)?;
        self.pending.ends.push(self.pending.bytes.len());
        Ok(number)
    }

    /// The stored content of an earlier input, without its time of arrival.
    fn content(&self, number: u32) -> Result<Cow<'_, [u8]>> {
        let entry = match number.checked_sub(self.pending.first) {
            Some(at) => self.pending.entry(at as usize).map(Cow::Borrowed),
            None => self.store.get(Table::Inputs, u64::from(number))?.map(Cow::Owned),
        };
        match entry {
            Some(Cow::Borrowed(entry)) => Ok(Cow::Borrowed(&entry[ARRIVAL..])),
            Some(Cow::Owned(mut entry)) => {
                entry.drain(..ARRIVAL.min(entry.len()));
                Ok(Cow::Owned(entry))
            }
            None => Err(Error::new(
                crate::ErrorKind::Corrupt,
                format!("input {number} is missing from the log"),
            )),
        }
    }

    /// What becomes of the current input where the version that holds stands, by time and then by content; none
    /// where the current one takes its place.
    fn stands(&self, time: i64, held_time: i64, held: u32) -> Result<Option<Outcome>> {
        let order = match time.cmp(&held_time) {
            Ordering::Equal => self.pending.proposed().cmp(&self.content(held)?),
            order => order,
        };
        Ok(match order {
            Ordering::Less => Some(Outcome::Superseded),
            Ordering::Equal => Some(Outcome::Duplicate),
            Ordering::Greater => None,
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
    fn claims(&mut self, claims: &[Claim]) -> Result<Claims> {
        let mut rows = Claims::new();
        for claim in claims {
            let row = self.identifier(&claim.identifier)?;
            let fact = claim.identifier.is_fact();
            let authenticated = claim.verification == Verification::Authenticated && !fact;
            add(&mut rows, row, CellFlags { authenticated, fact });
        }
        Ok(rows)
    }

    fn link_all(&mut self, record: u32, wanted: Claims, number: u32) -> Result<()> {
        let identity = &mut self.state.identity;
        for (identifier, flags) in wanted {
            self.decider.link(identity, record, identifier, flags, number)?;
        }
        self.decider.shown(identity, self.rules, record)
    }
}

/// The participants who identify somebody.
pub(crate) fn customers(interaction: &Interaction) -> impl Iterator<Item = &Participant> {
    interaction.participants.iter().filter(|participant| participant.role == Role::Customer)
}
