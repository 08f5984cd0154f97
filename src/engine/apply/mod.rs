//! One input to the tables: which version holds, what hangs on which record, and what must be decided anew.

mod ahead;
mod implied;
mod interaction;
mod record;
mod word;

use super::{
    log::{self, Entry},
    state::State,
};
use crate::{
    error::{Error, Result},
    graph::{CellFlags, Decider, Identity, Rules, full, next_row},
    identifier::Normalizer,
    record::{
        Claim, Identifier, ImpliedId, Input, Interaction, MAX_INPUT_BYTES, Participant, RecordKey, Role,
        Verification,
    },
    store::{Bytes, Store, Table, Write, codec},
};
use smallvec::SmallVec;
use std::{borrow::Cow, cmp::Ordering, ops::Range, sync::Arc};

use ahead::Foreseen;
pub(crate) use ahead::{Ahead, BLOCK};

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is part of the state now.
    Accepted,
    /// It was there already, byte for byte.
    Duplicate,
    /// A later version of it is known.
    Superseded,
    /// It is of somebody who was erased, and no later than the erasure.
    Erased,
}

/// Bytes before the content of a stored input: when it arrived (microseconds, little-endian), and a byte that is 1
/// on the last input of a group.
pub(crate) const ARRIVAL: usize = 9;

/// Bytes of stored inputs in a block; a group that is smaller is copied into the store instead.
const BLOCK_BYTES: usize = 1 << 20;
const LEAST_BLOCK: usize = 1 << 16;

/// The inputs of a group that is not committed yet, back to back in blocks, and at the end of the last block the one
/// that is being looked at.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) first: u32,
    full: Vec<Arc<Vec<u8>>>,
    last: Vec<u8>,
    /// Where each accepted input stands: the block, and the range in it.
    places: Vec<(u32, Range<u32>)>,
    /// Where the proposed input begins in the last block.
    proposed: usize,
}

impl Pending {
    /// Of inputs from number `first` on.
    pub(crate) fn new(first: u32) -> Self {
        Pending { first, ..Pending::default() }
    }

    /// The number of accepted inputs.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The stored form of an accepted input.
    fn entry(&self, at: usize) -> Option<&[u8]> {
        let (block, range) = self.places.get(at)?;
        let block = self.full.get(*block as usize).map_or(self.last.as_slice(), |block| block);
        block.get(range.start as usize..range.end as usize)
    }

    /// The stored forms in order, to be written. The last is marked as the last of its group.
    pub(crate) fn into_writes(mut self) -> Vec<Write<'static>> {
        self.last.truncate(self.proposed);
        if self.last.len() >= LEAST_BLOCK {
            self.last.shrink_to_fit();
        }
        self.full.push(Arc::new(self.last));
        if let Some((block, range)) = self.places.last()
            && let Some(block) = Arc::get_mut(&mut self.full[*block as usize])
        {
            block[range.start as usize + ARRIVAL - 1] = 1;
        }
        let (first, full) = (u64::from(self.first), self.full);
        let numbered = self.places.into_iter().zip(first..);
        numbered
            .map(|((block, range), number)| {
                let (block, range) = (&full[block as usize], range.start as usize..range.end as usize);
                let bytes = if block.len() >= LEAST_BLOCK {
                    Bytes::Part(block.clone(), range)
                } else {
                    block[range].to_vec().into()
                };
                Write::set(Table::Inputs, number, bytes)
            })
            .collect()
    }

    /// Puts down an input that may be accepted: gives its size.
    fn propose(&mut self, arrived: i64, input: &Input) -> usize {
        self.propose_entry(arrived, |out| codec::encode(input, out))
    }

    /// Puts down what `write` appends.
    fn propose_entry(&mut self, arrived: i64, write: impl FnOnce(&mut Vec<u8>)) -> usize {
        self.last.truncate(self.proposed);
        if self.last.len() >= BLOCK_BYTES {
            self.full.push(Arc::new(std::mem::take(&mut self.last)));
            self.last.reserve(BLOCK_BYTES + BLOCK_BYTES / 16);
            self.proposed = 0;
        }
        self.last.extend_from_slice(&arrived.to_le_bytes());
        self.last.push(0);
        write(&mut self.last);
        self.last.len() - self.proposed
    }

    /// The content of the proposed input.
    fn proposed(&self) -> &[u8] {
        &self.last[self.proposed + ARRIVAL..]
    }

    /// Accepts the proposed input.
    fn accept(&mut self) {
        let range = self.proposed as u32..self.last.len() as u32;
        self.places.push((self.full.len() as u32, range));
        self.proposed = self.last.len();
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
    pub(crate) fn apply(&mut self, input: &Input, foreseen: Option<Foreseen>) -> Result<Outcome> {
        input.check()?;
        codec::check_nesting(input)?;
        if self.pending.propose(self.arrived, input) > MAX_INPUT_BYTES {
            return Err(Error::invalid("is larger than 1 MiB in stored form"));
        }
        if self.state.marks.cover(input) {
            return Ok(Outcome::Erased);
        }
        match input {
            Input::Record(record) => self.record(record),
            Input::Interaction(interaction) => self.interaction(interaction, foreseen),
            Input::Relation(relation) => self.relation(relation),
            Input::Assertion(assertion) => self.assertion(assertion),
            Input::DeleteRecord { key, at } => self.delete_record(key, *at),
            Input::DeleteInteraction { key, at } => self.delete_interaction(key, *at),
        }
    }

    /// Takes an entry of the log that is no input.
    pub(crate) fn entry(&mut self, entry: &Entry) -> Result<()> {
        self.pending.propose_entry(self.arrived, |out| log::encode(entry, out));
        self.log()?;
        match entry {
            Entry::Input(_) | Entry::Gone => {}
            Entry::Erased(erased) => Arc::make_mut(&mut self.state.marks).add(erased),
            Entry::Issued(issued) => {
                self.state.horizon = issued.horizon;
                if issued.first {
                    self.state.redirects = Arc::default();
                }
                for (key, went, others) in &issued.ids {
                    let identity = &mut self.state.identity;
                    let mut row = |key: &RecordKey| identity.intern_record(&key.source, &key.id);
                    let from = row(key)?;
                    let others: Result<Vec<u32>> = others.iter().map(row).collect();
                    let redirects = Arc::make_mut(&mut self.state.redirects);
                    redirects.entry(from).or_default().push((*went, others?));
                }
            }
        }
        Ok(())
    }

    /// Accepts the current input: the number that it takes in the log, which is written when the group is committed.
    fn log(&mut self) -> Result<u32> {
        let number = self.state.next_input;
        self.state.next_input = next_row(number as usize + 1)?;
        self.pending.accept();
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
            None => {
                Err(Error::new(crate::ErrorKind::Corrupt, format!("input {number} is missing from the log")))
            }
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

/// The records that the customers of a known interaction name.
pub(crate) fn named_records<'a>(
    identity: &'a Identity,
    interaction: &'a Interaction,
) -> impl Iterator<Item = u32> + 'a {
    let source = identity.sources.find(&interaction.key.source);
    customers(interaction).filter_map(move |participant| {
        let (source, id) = (source?, ImpliedId::of(&participant.claims)?);
        identity.find_implied(identity.hash(source, &id.0), source, id)
    })
}

/// The participants who identify somebody.
pub(crate) fn customers(interaction: &Interaction) -> impl Iterator<Item = &Participant> {
    interaction.participants.iter().filter(|participant| participant.role == Role::Customer)
}
