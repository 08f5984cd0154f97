//! The one writer: takes what is queued as one group, applies it to a copy, commits it, and publishes it.

use super::{
    apply::{ARRIVAL, Ahead, Applier, BLOCK, Outcome, Pending},
    changes, checkpoint,
    log::{self, Entry, Erased},
    marks::MarkKey,
    rewrite,
    saver::Saver,
    state::State,
};
use crate::{
    error::{Error, ErrorKind, Result},
    graph::{Decider, Rules},
    identifier::Normalizer,
    policy::Policy,
    record::{Input, Timestamp},
    store::{Store, Table, Write},
};
use std::{
    collections::VecDeque,
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

/// The most inputs that are committed at once.
pub(crate) const MAX_GROUP: usize = 1 << 20;

/// What one caller wants ingested, and where the answer goes.
struct Job {
    inputs: Mutex<Vec<Input>>,
    count: usize,
    arrived: Option<Timestamp>,
    answer: Mutex<Option<Result<Vec<Result<Outcome>>>>>,
}

/// What readers and the writer share.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) normalizer: Normalizer,
    pub(super) published: RwLock<Published>,
    queue: Mutex<VecDeque<Arc<Job>>>,
    pub(super) writer: Mutex<Writer>,
    pub(super) saver: Saver,
}

/// A snapshot and the rules that cover its namespaces.
#[derive(Clone)]
pub(crate) struct Published {
    pub(crate) state: Arc<State>,
    pub(crate) rules: Arc<Rules>,
}

pub(super) struct Writer {
    pub(super) decider: Decider,
    pub(super) rules: Rules,
    /// Set where the store failed in a way that leaves open what it holds.
    pub(super) lost: bool,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Reads the store's state, from its checkpoint and the log behind it.
    pub(crate) fn open(store: Arc<dyn Store>, policy: Option<Policy>) -> Result<Self> {
        checkpoint::check_format(&*store)?;
        let stored = checkpoint::stored_policy(&*store)?;
        let policy = policy.or_else(|| stored.clone()).unwrap_or_default();
        policy.check()?;
        let earlier = stored.filter(|stored| *stored != policy);
        let policy = Arc::new(policy);
        let (mut state, checkpointed) = match &earlier {
            Some(_) => (State::default(), 0),
            None => checkpoint::load(&*store, &policy)?.map_or_else(Default::default, |state| {
                let next = state.next_input;
                (state, next)
            }),
        };
        let (mut decider, mut rules) = (Decider::default(), Rules::new(policy.clone()));
        rules.cover(&state.identity.namespaces);
        let normalizer = Normalizer::new(&policy)?;
        replay(&*store, &mut state, &mut decider, &mut rules, &normalizer)?;
        if let Some(earlier) = earlier {
            if earlier.project != policy.project && state.next_input > 0 {
                // All ids that were given out would lead to nobody.
                return Err(Error::new(
                    ErrorKind::InvalidPolicy,
                    "the customer ids of this store follow from its project, which cannot become another one: \
                     leave `project` as it was, or ingest into a new store",
                ));
            }
            let before = Shared::open_as(&*store, earlier)?;
            // Comparing counts on from the customers there were.
            state.customers = before.customers;
            let touched: Vec<u32> = (0..state.identity.records.len() as u32).collect();
            let kinds = changes::compare(policy.project, &before, &mut state, &touched);
            let arrived = Timestamp::now().micros().max(state.arrived);
            let mut writes = feed(&mut state, arrived, &kinds);
            writes.push(checkpoint::policy_write(&policy));
            store.commit(&writes)?;
        } else if checkpoint::stored_policy(&*store)?.is_none() {
            store.commit(&[
                checkpoint::format_write(checkpoint::STORE_VERSION),
                checkpoint::policy_write(&policy),
                checkpoint::log_write(),
            ])?;
        }
        let published = Published { state: Arc::new(state), rules: Arc::new(rules.clone()) };
        let shared = Shared {
            saver: Saver::new(store.clone(), policy.clone(), checkpointed),
            store,
            policy,
            normalizer,
            published: RwLock::new(published),
            queue: Mutex::default(),
            writer: Mutex::new(Writer { decider, rules, lost: false }),
        };
        if rewrite::is_pending(&*shared.store)? {
            // An erasure was decided, and the process ended before its bytes were gone.
            shared.finish_erasing(&mut lock(&shared.writer))?;
        }
        Ok(shared)
    }

    /// The state under an earlier policy.
    fn open_as(store: &dyn Store, policy: Policy) -> Result<State> {
        let policy = Arc::new(policy);
        let mut state = checkpoint::load(store, &policy)?.unwrap_or_default();
        let (mut decider, mut rules) = (Decider::default(), Rules::new(policy.clone()));
        rules.cover(&state.identity.namespaces);
        replay(store, &mut state, &mut decider, &mut rules, &Normalizer::new(&policy)?)?;
        Ok(state)
    }

    /// The latest state. Never waits for the writer, but for the moment in which a pointer is exchanged.
    pub(crate) fn snapshot(&self) -> Published {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ingests inputs and waits until they are committed.
    pub(crate) fn submit(
        &self,
        inputs: Vec<Input>,
        arrived: Option<Timestamp>,
    ) -> Result<Vec<Result<Outcome>>> {
        let count = inputs.len();
        let job = Arc::new(Job { inputs: Mutex::new(inputs), count, arrived, answer: Mutex::default() });
        lock(&self.queue).push_back(job.clone());
        loop {
            // Whoever holds the writer works for all that wait; they find their answers when it is their turn.
            let mut writer = lock(&self.writer);
            if let Some(answer) = lock(&job.answer).take() {
                return answer;
            }
            let group = self.next_group();
            self.run(&mut writer, group);
        }
    }

    /// Takes from the queue what fits in one group and arrived alike.
    fn next_group(&self) -> Vec<Arc<Job>> {
        let mut queue = lock(&self.queue);
        let mut group: Vec<Arc<Job>> = Vec::new();
        let mut size = 0;
        while let Some(job) = queue.front() {
            let fits = size == 0 || size + job.count <= MAX_GROUP && job.arrived == group[0].arrived;
            if !fits {
                break;
            }
            size += job.count;
            group.extend(queue.pop_front());
        }
        group
    }

    fn run(&self, writer: &mut Writer, group: Vec<Arc<Job>>) {
        // Those who wait must have an answer, whatever happens.
        let worked =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.commit(writer, &group, None)));
        let result = worked.unwrap_or_else(|_| {
            writer.lost = true;
            Err(Error::new(ErrorKind::Storage, "the writer failed: open the store again"))
        });
        let mut answers = match result {
            Ok(answers) => answers.into_iter(),
            Err(error) => {
                let again = || Error::new(error.kind(), error.reason()).because(error.to_string());
                group.iter().for_each(|job| *lock(&job.answer) = Some(Err(again())));
                return;
            }
        };
        for job in &group {
            *lock(&job.answer) = Some(Ok(answers.by_ref().take(job.count).collect()));
        }
    }

    /// Commits inputs, then what is erased after them.
    pub(super) fn commit_erased(
        &self,
        writer: &mut Writer,
        inputs: Vec<Input>,
        erased: (MarkKey, Vec<Erased>),
    ) -> Result<()> {
        let count = inputs.len();
        let job = Job { inputs: Mutex::new(inputs), count, arrived: None, answer: Mutex::default() };
        let outcomes = self.commit(writer, &[Arc::new(job)], Some(erased))?;
        outcomes.into_iter().try_for_each(|outcome| outcome.map(drop))
    }

    fn commit(
        &self,
        writer: &mut Writer,
        group: &[Arc<Job>],
        erased: Option<(MarkKey, Vec<Erased>)>,
    ) -> Result<Vec<Result<Outcome>>> {
        writer.check()?;
        let before = self.snapshot().state;
        let mut state = State::clone(&before);
        let given = group.first().and_then(|job| job.arrived).unwrap_or_else(Timestamp::now);
        state.arrived = given.micros().max(before.arrived);
        let mut pending = Pending::new(state.next_input);
        let known = self.snapshot().rules;
        let mut outcomes = Vec::new();
        let (decider, rules) = (&mut writer.decider, &mut writer.rules);
        let arrived = state.arrived;
        let mut applier = Applier {
            state: &mut state,
            decider,
            rules,
            normalizer: &self.normalizer,
            store: &*self.store,
            pending: &mut pending,
            arrived,
        };
        for job in group {
            let mut inputs = std::mem::take(&mut *lock(&job.inputs)).into_iter();
            let mut ahead = Ahead::default();
            loop {
                if ahead.is_done() {
                    ahead.look(applier.state, inputs.as_slice().iter().take(BLOCK));
                }
                let Some(input) = inputs.next() else { break };
                match applier.apply(&input, ahead.next()) {
                    Err(error) if error.kind() != ErrorKind::InvalidInput => {
                        // The group is dropped, and with it the namespaces that it named first.
                        writer.decider = Decider::default();
                        writer.rules = Rules::clone(&known);
                        return Err(error);
                    }
                    outcome => outcomes.push(outcome),
                }
            }
        }
        let mut settings = Vec::new();
        if let Some((key, erased)) = erased {
            Arc::make_mut(&mut applier.state.marks).key = key;
            for one in erased {
                applier.entry(&Entry::Erased(one))?;
            }
            settings = rewrite::pending_writes(&key);
        }
        if pending.len() == 0 {
            writer.decider = Decider::default();
            writer.rules = Rules::clone(&known);
            return Ok(outcomes);
        }
        let touched = writer.decider.decide(&mut state.identity, &writer.rules)?;
        let kinds = changes::compare(self.policy.project, &before, &mut state, &touched);
        state.timeline.settle();
        // They mark the group's end, so that a replay decides in the same steps.
        let mut writes = pending.into_writes();
        let count = writes.len();
        writes.extend(feed(&mut state, arrived, &kinds));
        writes.extend(settings);
        if let Err(error) = self.store.commit(&writes)
            && !self.is_kept(&writes[count - 1]).unwrap_or_else(|_| {
                writer.lost = true;
                false
            })
        {
            writer.rules = Rules::clone(&known);
            return Err(error);
        }
        self.publish(state, writer);
        self.checkpoint_if_due();
        Ok(outcomes)
    }

    /// Whether a commit that reported an error was made nevertheless.
    fn is_kept(&self, last: &Write<'_>) -> Result<bool> {
        Ok(self.store.get(last.table, last.key)?.as_deref() == last.value.as_deref())
    }

    fn publish(&self, state: State, writer: &Writer) {
        let mut published = self.published.write().unwrap_or_else(PoisonError::into_inner);
        let rules = if published.rules.covered() == writer.rules.covered() {
            published.rules.clone()
        } else {
            Arc::new(writer.rules.clone())
        };
        let earlier = std::mem::replace(&mut *published, Published { state: Arc::new(state), rules });
        drop(published);
        // Pages that only the earlier state held are freed outside the lock.
        drop(earlier);
    }

    /// Has a checkpoint saved when so much came since the last one that replaying it would be felt. The intervals grow
    /// with the state, so that all checkpoints together cost a constant per input.
    fn checkpoint_if_due(&self) {
        let state = self.snapshot().state;
        let next = state.next_input;
        // A checkpoint only saves time: without one, the log is complete.
        let _ = self.saver.start(state, |upto| next - upto >= 250_000.max(upto / 2));
    }

    /// Writes a checkpoint, so that opening need not replay the log. Others may write meanwhile.
    pub(crate) fn checkpoint(&self) -> Result<()> {
        let wanted = self.snapshot().state.next_input;
        loop {
            {
                let writer = lock(&self.writer);
                if writer.lost || !self.store.is_durable() {
                    return Ok(());
                }
                self.saver.start(self.snapshot().state, |_| true)?;
            }
            // What was being saved already may have been an earlier state.
            if self.saver.wait()? >= wanted {
                return Ok(());
            }
        }
    }
}

impl Writer {
    /// An error where the writer can take nothing more.
    pub(super) fn check(&self) -> Result<()> {
        if !self.lost {
            return Ok(());
        }
        let text = "the store failed during a commit and could not say what it kept: close and open it again";
        Err(Error::new(ErrorKind::Storage, text))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = self.checkpoint();
        // Who opens the store next finds nobody at work on it.
        let _ = self.saver.wait();
    }
}

/// When an input arrived, and whether its group ends with it.
pub(crate) fn arrival(entry: &[u8]) -> Result<(i64, bool)> {
    match entry.split_first_chunk::<8>() {
        Some((time, [end, ..])) => Ok((i64::from_le_bytes(*time), *end == 1)),
        _ => Err(Error::new(ErrorKind::Corrupt, "a stored input is damaged")),
    }
}

/// The writes that add to the change feed.
fn feed(state: &mut State, arrived: i64, kinds: &[changes::ChangeKind]) -> Vec<Write<'static>> {
    let first = state.next_change;
    state.next_change += kinds.len() as u64;
    kinds
        .iter()
        .zip(first..)
        .map(|(kind, at)| Write::set(Table::Changes, at, changes::encode(arrived, kind)))
        .collect()
}

/// Applies the log from the state's next input on.
pub(super) fn replay(
    store: &dyn Store,
    state: &mut State,
    decider: &mut Decider,
    rules: &mut Rules,
    normalizer: &Normalizer,
) -> Result<()> {
    Arc::make_mut(&mut state.marks).key = MarkKey::stored(store)?.unwrap_or_default();
    let mut replay = Replay { before: state.clone(), state, decider, rules, normalizer, store, waiting: 0 };
    let mut buffer: Vec<(i64, Entry)> = Vec::new();
    let mut next = u64::from(replay.state.next_input);
    loop {
        // Groups are read whole before they are applied, since applying reads the store too.
        let mut groups: Vec<usize> = Vec::new();
        store.scan(Table::Inputs, next, &mut |number, entry| {
            if number != next {
                return Err(Error::new(ErrorKind::Corrupt, format!("input {next} is missing from the log")));
            }
            next += 1;
            let (arrived, end) = arrival(entry)?;
            buffer.push((arrived, log::decode(&entry[ARRIVAL..])?));
            if end {
                groups.push(buffer.len());
            }
            Ok(if end && buffer.len() >= MAX_GROUP / 4 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        })?;
        if buffer.is_empty() {
            break;
        }
        let mut start = 0;
        for end in groups {
            replay.group(&buffer[start..end])?;
            start = end;
        }
        buffer.clear();
    }
    replay.settle()?;
    let mut last = state.next_change;
    store.scan(Table::Changes, last, &mut |number, _| {
        last = number + 1;
        Ok(ControlFlow::Continue(()))
    })?;
    state.next_change = last;
    Ok(())
}

/// The log being applied. Decisions wait for many groups, since only the last one counts, except where records may
/// go: what their ids lead to depends on the customers at that time.
struct Replay<'a> {
    before: State,
    state: &'a mut State,
    decider: &'a mut Decider,
    rules: &'a mut Rules,
    normalizer: &'a Normalizer,
    store: &'a dyn Store,
    waiting: usize,
}

impl Replay<'_> {
    fn group(&mut self, entries: &[(i64, Entry)]) -> Result<()> {
        let state = &self.state;
        let removes = entries.iter().any(|(_, entry)| {
            let Entry::Input(input) = entry else { return false };
            match &**input {
                Input::DeleteRecord { .. } | Input::DeleteInteraction { .. } => true,
                Input::Interaction(new) => {
                    state.timeline.find(&state.identity, &new.key.source, &new.key.id).is_some()
                }
                _ => false,
            }
        });
        if removes || self.waiting >= MAX_GROUP {
            self.settle()?;
        }
        let mut pending = Pending::new(self.state.next_input);
        let mut ahead = Ahead::default();
        for (place, (arrived, entry)) in entries.iter().enumerate() {
            if ahead.is_done() {
                let inputs = entries[place..].iter().filter_map(|(_, entry)| match entry {
                    Entry::Input(input) => Some(&**input),
                    _ => None,
                });
                ahead.look(self.state, inputs.take(BLOCK));
            }
            self.state.arrived = *arrived;
            let number = self.state.next_input;
            let mut applier = Applier {
                state: self.state,
                decider: self.decider,
                rules: self.rules,
                normalizer: self.normalizer,
                store: self.store,
                pending: &mut pending,
                arrived: *arrived,
            };
            match entry {
                Entry::Input(input) => _ = applier.apply(input, ahead.next())?,
                other => applier.entry(other)?,
            }
            if self.state.next_input == number {
                let text = format!("input {number} of the log is one that had been taken already");
                return Err(Error::new(ErrorKind::Corrupt, text));
            }
        }
        self.waiting += entries.len();
        if removes { self.settle() } else { Ok(()) }
    }

    fn settle(&mut self) -> Result<()> {
        let touched = self.decider.decide(&mut self.state.identity, self.rules)?;
        self.state.timeline.settle();
        changes::compare(self.rules.policy().project, &self.before, self.state, &touched);
        self.before = self.state.clone();
        self.waiting = 0;
        Ok(())
    }
}
