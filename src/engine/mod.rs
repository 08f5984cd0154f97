//! The engine: inputs in, customers, timelines and reasons out.
//!
//! [`Engine`] is `Send + Sync` and cheap to clone. One writer at a time takes all that is queued as a group, and a
//! call returns when its group is committed. Readers work on snapshots and never wait for the writer.

mod apply;
mod changes;
mod checkpoint;
mod erase;
mod export;
mod item;
mod log;
mod marks;
mod pages;
mod profile;
mod resolve;
mod rewrite;
mod saver;
mod state;
mod stats;
mod writer;

pub use apply::Outcome;
pub use changes::{Change, ChangeKind};
pub use erase::Erasure;
pub use export::{ExportedInteraction, ExportedRecord};
pub use item::Item;
pub use log::Receipt;
pub use pages::{ChannelSummary, Page, TimelineRequest, Unresolved};
pub use profile::{HeldIdentifier, MemberRecord, Profile, StatedRelation};
pub use resolve::{Candidate, Reason, Reference, Resolution};
pub use rewrite::Compacted;
pub(crate) use state::State;
pub use stats::{Largest, SharedIdentifier, SizedCustomer, Stats};
pub(crate) use writer::Published;

use crate::{
    error::{Error, ErrorKind, Result},
    identifier::Normalizer,
    policy::Policy,
    record::{Assertion, Input, InteractionKey, RecordKey, Timestamp, Verdict},
    store::{MemoryStore, Store, Table},
};
use std::{ops::ControlFlow, sync::Arc};
use writer::{MAX_GROUP, Shared, arrival};

/// One view of each customer.
///
/// ```
/// use stitchline::{Channel, Engine, Identifier, Interaction, Policy, Record};
///
/// let engine = Engine::in_memory(Policy::default())?;
/// engine.ingest(
///     Record::new("crm", "003-881", "2026-02-01T09:00:00Z".parse()?)
///         .identified_by(Identifier::email("ann.lee@example.com")?)
///         .identified_by(Identifier::phone("+44 20 7946 0123")?),
/// )?;
/// engine.ingest(
///     Interaction::new("webchat", "conv-881", "2026-03-01T10:02:00Z".parse()?)
///         .channel(Channel::Chat)
///         .identified_by(Identifier::email("Ann.Lee@example.com")?),
/// )?;
///
/// let caller = engine.resolve(&Identifier::phone("+442079460123")?)?;
/// let id = caller.customer().expect("one customer has this number");
/// let page = engine.timeline(id).newest_first().page(50)?;
/// assert_eq!(page.items[0].channel(), &Channel::Chat);
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens the database file at `path`, or makes it, under the policy it was last used with (the default at first).
    ///
    /// # Errors
    /// See [`EmbeddedStore::open`](crate::store::EmbeddedStore::open).
    #[cfg(feature = "embedded")]
    pub fn open(path: impl AsRef<std::path::Path>) -> Result<Self> {
        Self::with_store(crate::store::EmbeddedStore::open(path)?, None)
    }

    /// Opens the database file at `path`, or makes it, under this policy from now on. Where the policy is another one
    /// than before, everything is decided anew from the inputs, and the change feed tells what became different.
    ///
    /// # Errors
    /// As [`Engine::open`], or where the policy is not valid.
    #[cfg(feature = "embedded")]
    pub fn open_with(path: impl AsRef<std::path::Path>, policy: Policy) -> Result<Self> {
        Self::with_store(crate::store::EmbeddedStore::open(path)?, Some(policy))
    }

    /// An empty engine that keeps everything in memory.
    ///
    /// # Errors
    /// Where the policy is not valid.
    pub fn in_memory(policy: Policy) -> Result<Self> {
        Self::with_store(MemoryStore::default(), Some(policy))
    }

    /// An engine on any store; without a policy, under the one stored there.
    ///
    /// # Errors
    /// Where the store cannot be read or was written by a newer library, or the policy is not valid.
    pub fn with_store(store: impl Store + 'static, policy: Option<Policy>) -> Result<Self> {
        Shared::open(Arc::new(store), policy).map(|shared| Engine(Arc::new(shared)))
    }

    /// The policy in force.
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Brings raw identifiers into canonical form under the policy.
    pub fn normalizer(&self) -> &Normalizer {
        &self.0.normalizer
    }

    pub(crate) fn snapshot(&self) -> Published {
        self.0.snapshot()
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    /// Takes one input and returns when it is committed.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where it cannot be taken; nothing has changed then. [`ErrorKind::Storage`] where the
    /// store failed.
    pub fn ingest(&self, input: impl Into<Input>) -> Result<Outcome> {
        let mut outcomes = self.0.submit(vec![input.into()], None)?;
        outcomes.pop().unwrap_or_else(|| Err(Error::new(ErrorKind::Storage, "the input was not taken")))
    }

    /// Takes many inputs and returns when all are committed, with what became of each, in order.
    ///
    /// Inputs that cannot be taken do not keep others from being taken. Up to 1,048,576 inputs are committed at once;
    /// more are committed in that many steps.
    ///
    /// # Errors
    /// Where the store failed; steps before the one that failed are committed.
    pub fn ingest_all(&self, inputs: Vec<Input>) -> Result<Vec<Result<Outcome>>> {
        self.ingest_arrived(inputs, None)
    }

    /// As [`Engine::ingest_all`], with the time at which the inputs arrived instead of the present; never before that
    /// of inputs taken earlier. Questions "as known at" a time go by it.
    ///
    /// # Errors
    /// As [`Engine::ingest_all`].
    pub fn ingest_all_at(&self, inputs: Vec<Input>, arrived: Timestamp) -> Result<Vec<Result<Outcome>>> {
        self.ingest_arrived(inputs, Some(arrived))
    }

    fn ingest_arrived(
        &self,
        mut inputs: Vec<Input>,
        arrived: Option<Timestamp>,
    ) -> Result<Vec<Result<Outcome>>> {
        let mut outcomes = Vec::with_capacity(inputs.len());
        while inputs.len() > MAX_GROUP {
            let rest = inputs.split_off(MAX_GROUP);
            outcomes.extend(self.0.submit(std::mem::replace(&mut inputs, rest), arrived)?);
        }
        outcomes.extend(self.0.submit(inputs, arrived)?);
        Ok(outcomes)
    }

    /// Withdraws every version of a record that is known now. A version observed later brings it back.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such record.
    pub fn delete_record(&self, key: &RecordKey) -> Result<Outcome> {
        let state = self.snapshot().state;
        let row =
            state.identity.find_record(&key.source, &key.id).filter(|&row| state.identity.is_present(row));
        let row = row.ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such record"))?;
        let known = Timestamp::from_micros(state.identity.records[row].observed)?;
        self.ingest(Input::DeleteRecord { key: key.clone(), at: known.max(Timestamp::now()) })
    }

    /// Withdraws every version of an interaction that is known now.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is no such interaction.
    pub fn delete_interaction(&self, key: &InteractionKey) -> Result<Outcome> {
        let state = self.snapshot().state;
        let row = state
            .timeline
            .find(&state.identity, &key.source, &key.id)
            .filter(|&row| state.timeline.holds(row, None));
        let row = row.ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such interaction"))?;
        let known = pages::read_interaction(self.store(), &state, row)?.version();
        self.ingest(Input::DeleteInteraction { key: key.clone(), at: known.max(Timestamp::now()) })
    }

    /// Says that two parties are one customer. What guards kept apart is joined, unless somebody said "different".
    ///
    /// # Errors
    /// Where either is not known, or both are the same record.
    pub fn assert_same(&self, a: impl Into<Reference>, b: impl Into<Reference>, by: &str) -> Result<Outcome> {
        self.assert(a.into(), b.into(), Verdict::Same, by)
    }

    /// Says that two parties are different customers.
    ///
    /// # Errors
    /// As [`Engine::assert_same`].
    pub fn assert_different(
        &self,
        a: impl Into<Reference>,
        b: impl Into<Reference>,
        by: &str,
    ) -> Result<Outcome> {
        self.assert(a.into(), b.into(), Verdict::Different, by)
    }

    /// Takes back what was said of two parties; what there was before comes back with its ids.
    ///
    /// # Errors
    /// As [`Engine::assert_same`], and [`ErrorKind::NotFound`] where nothing was said that could be taken back.
    pub fn retract_assertion(
        &self,
        a: impl Into<Reference>,
        b: impl Into<Reference>,
        by: &str,
    ) -> Result<Outcome> {
        let (a, b) = (a.into(), b.into());
        let state = self.snapshot().state;
        let row = |reference: &Reference| -> Result<Option<u32>> {
            let key = self.record_of(reference)?;
            Ok(state.identity.find_record(&key.source, &key.id))
        };
        let said = match (row(&a)?, row(&b)?) {
            (Some(a), Some(b)) => state.identity.said_of(a, b).is_some(),
            _ => false,
        };
        if !said {
            return Err(Error::new(
                ErrorKind::NotFound,
                "nobody has said of these two what could be taken back",
            ));
        }
        self.assert(a, b, Verdict::Retracted, by)
    }

    fn assert(&self, a: Reference, b: Reference, verdict: Verdict, by: &str) -> Result<Outcome> {
        let a = self.record_of(&a).map_err(|error| error.in_field("a"))?;
        let b = self.record_of(&b).map_err(|error| error.in_field("b"))?;
        let identity = &self.snapshot().state.identity;
        let row = |key: &RecordKey| identity.find_record(&key.source, &key.id);
        let held = row(&a).zip(row(&b)).and_then(|(a, b)| identity.word_on(a, b));
        // Later than the word that it replaces, also where that one is dated in the future.
        let at = match held {
            Some(word) => Timestamp::now().max(Timestamp::from_micros(identity.assertions[word].at + 1)?),
            None => Timestamp::now(),
        };
        self.ingest(Assertion { a, b, verdict, by: by.to_owned(), at, note: None })
    }

    /// The change feed from entry number `from` on, at most `limit` entries.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn changes(&self, from: u64, limit: usize) -> Result<Vec<Change>> {
        let end = self.snapshot().state.next_change;
        let mut found = Vec::new();
        if limit == 0 || from >= end {
            return Ok(found);
        }
        self.store().scan(Table::Changes, from, &mut |number, bytes| {
            if number < end {
                found.push(changes::decode(number, bytes)?);
            }
            let more = found.len() < limit && number + 1 < end;
            Ok(if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(found)
    }

    /// Writes a checkpoint now and waits for it, so that opening after a crash need not replay the log. Others may read
    /// and write meanwhile. Closing writes one anyway.
    ///
    /// # Errors
    /// Where the store failed; nothing is lost then.
    pub fn checkpoint(&self) -> Result<()> {
        self.0.checkpoint()
    }

    /// An input as it was taken; none where there is none of that number.
    pub(crate) fn input(&self, number: u32) -> Result<Option<Input>> {
        let entry = self.store().get(Table::Inputs, u64::from(number))?;
        let Some(entry) = entry else { return Ok(None) };
        Ok(match log::decode(entry.get(apply::ARRIVAL..).unwrap_or_default())? {
            log::Entry::Input(input) => Some(*input),
            _ => None,
        })
    }

    /// The last input that had arrived by a time; none where there was none.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where what was known at that time is no longer kept.
    pub(crate) fn input_as_of(&self, state: &State, at: Timestamp) -> Result<Option<u32>> {
        if let Some(horizon) = state.horizon.filter(|&horizon| at.micros() < horizon) {
            let horizon = Timestamp::from_micros(horizon)?;
            let text = format!("what was known before {horizon} is no longer kept: ask as of a later time");
            return Err(Error::new(ErrorKind::NotFound, text));
        }
        let (mut low, mut high) = (0, state.next_input);
        while low < high {
            let middle = low + (high - low) / 2;
            let entry = self.store().get(Table::Inputs, u64::from(middle))?;
            let (arrived, _) = arrival(entry.as_deref().unwrap_or_default())?;
            if arrived <= at.micros() { low = middle + 1 } else { high = middle }
        }
        Ok(low.checked_sub(1))
    }
}
