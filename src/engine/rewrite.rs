//! Rewriting the log: what was erased and what retention no longer keeps leaves it, and the store's bytes with it.
//!
//! Inputs keep their numbers, so that the time at which each arrived and everything that names one stays true; where
//! one was taken out, its place stays. What later inputs had made of those (where ids lead that were handed out) is
//! written down, since it can no longer be replayed.

use super::{
    Engine,
    apply::ARRIVAL,
    checkpoint,
    log::{self, Entry, Issued},
    marks::{META_KEY, MarkKey},
    state::State,
    writer::{Published, Shared, Writer, arrival, lock, replay},
};
use crate::{
    error::{Error, ErrorKind, Result},
    graph::{Decider, NONE, Rules},
    record::Timestamp,
    store::{Store, Table, Write},
};
use serde::Serialize;
use std::{ops::ControlFlow, sync::Arc};

/// Set while an erasure has been decided and its bytes are not gone yet.
const META_PENDING: u64 = 4;

/// Bytes that are handed to the store at a time.
const PART: usize = 16 << 20;

/// Redirects in one entry of the log.
const IDS_IN_ENTRY: usize = 1000;

/// What [`Engine::compact`] did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compacted {
    /// Inputs taken out of the log: versions that had been replaced, and what had been deleted.
    pub removed: u64,
    /// Inputs still there.
    pub kept: u64,
    /// Questions as of an earlier time than this are refused from now on.
    pub horizon: Timestamp,
}

/// Whether an erasure is to be finished.
pub(super) fn is_pending(store: &dyn Store) -> Result<bool> {
    Ok(store.get(Table::Meta, META_PENDING)?.is_some())
}

/// Notes that an erasure is to be finished.
pub(super) fn pending_writes(key: &MarkKey) -> Vec<Write<'static>> {
    vec![
        Write::set(Table::Meta, META_KEY, key.bytes().to_vec()),
        Write::set(Table::Meta, META_PENDING, vec![1]),
        checkpoint::format_write(checkpoint::REWRITTEN),
    ]
}

impl Engine {
    /// Takes out of the log what the policy's [`retention`](crate::policy::RetentionPolicy) no longer keeps: versions
    /// that were replaced, and deleted inputs with their contents. Answers as now known stay the same.
    ///
    /// The whole log is read and written once, and decided anew from what is left; writers wait, readers do not. On
    /// disk a new file takes the place of the old one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPolicy`] where the policy keeps everything, or where the store failed.
    pub fn compact(&self) -> Result<Compacted> {
        let Some(days) = self.policy().retention.earlier_versions_days else {
            let text = "keeps everything: set earlier_versions_days, or compact with a time";
            return Err(Error::new(ErrorKind::InvalidPolicy, text).in_field("retention"));
        };
        let micros = i64::from(days) * 86_400_000_000;
        self.compact_before(Timestamp::from_micros(Timestamp::now().micros() - micros)?)
    }

    /// As [`Engine::compact`], of what had been replaced or deleted by that time, whatever the policy says.
    ///
    /// # Errors
    /// As [`Engine::compact`].
    pub fn compact_before(&self, horizon: Timestamp) -> Result<Compacted> {
        let shared = self.shared();
        let mut writer = lock(&shared.writer);
        writer.check()?;
        let state = shared.snapshot().state;
        let present = Timestamp::now().micros().max(state.arrived);
        let horizon = horizon.micros().min(present).max(state.horizon.unwrap_or(i64::MIN));
        let horizon = Timestamp::from_micros(horizon)?;
        let last = self.input_as_of(&state, horizon)?;
        let mut ended = vec![false; state.next_input as usize];
        if let Some(last) = last {
            for (from, until) in versions(&state) {
                if until <= last
                    && let Some(one) = ended.get_mut(from as usize)
                {
                    *one = true;
                }
            }
        }
        let counts = shared.rewrite(&mut writer, Some(horizon.micros()), &|number, _| {
            Ok(ended.get(number as usize).copied().unwrap_or(false))
        })?;
        Ok(Compacted { removed: counts.removed, kept: counts.kept, horizon })
    }
}

/// Every input that was accepted and holds no more: it, and the one that ended it.
fn versions(state: &State) -> impl Iterator<Item = (u32, u32)> {
    let records = state.identity.older.iter().map(|row| (row.from, row.until));
    let interactions = state.timeline.rows.iter().map(|row| (row.from, row.until));
    let words = state.identity.assertions.iter().map(|row| (row.from, row.until));
    let ties = state.relations.rows.iter().map(|row| (row.from, row.until));
    records
        .chain(interactions)
        .chain(words)
        .chain(ties)
        .filter(|&(from, until)| from != NONE && until != NONE)
}

/// What a rewriting took out and what it left.
pub(super) struct Counts {
    pub(super) removed: u64,
    pub(super) kept: u64,
}

impl Shared {
    /// Takes what is marked out of the log.
    pub(super) fn finish_erasing(&self, writer: &mut Writer) -> Result<Counts> {
        let state = self.snapshot().state;
        self.rewrite(writer, state.horizon, &|_, entry| match log::decode(entry)? {
            Entry::Input(input) => Ok(state.marks.cover(&input)),
            _ => Ok(false),
        })
    }

    /// Writes the log anew without the entries that `drops` names, and derives everything from it.
    pub(super) fn rewrite(
        &self,
        writer: &mut Writer,
        horizon: Option<i64>,
        drops: &dyn Fn(u32, &[u8]) -> Result<bool>,
    ) -> Result<Counts> {
        writer.check()?;
        // What is being saved goes with all the rest; no other save begins while the writer is held.
        let _ = self.saver.wait();
        let state = self.snapshot().state;
        let mut counts = Counts { removed: 0, kept: 0 };
        let replaced = self.store.replace(&mut |write| {
            counts = Counts { removed: 0, kept: 0 };
            let mut parts = Parts { write, waiting: Vec::new(), bytes: 0 };
            self.store.scan(Table::Inputs, 0, &mut |number, entry| {
                let number = number as u32;
                arrival(entry)?;
                let content = &entry[ARRIVAL..];
                let gone = match log::kind(content) {
                    log::Kind::Input if drops(number, content)? => {
                        counts.removed += 1;
                        true
                    }
                    log::Kind::Input => {
                        counts.kept += 1;
                        false
                    }
                    // Written anew below.
                    log::Kind::Issued => true,
                    log::Kind::Other => false,
                };
                let mut bytes = entry.to_vec();
                if gone {
                    bytes.truncate(ARRIVAL);
                    log::encode(&Entry::Gone, &mut bytes);
                }
                parts.add(Table::Inputs, u64::from(number), bytes)?;
                Ok(ControlFlow::Continue(()))
            })?;
            let entries = issued(&state, horizon);
            let last = entries.len() - 1;
            for (at, entry) in entries.into_iter().enumerate() {
                let mut bytes = state.arrived.to_le_bytes().to_vec();
                bytes.push(u8::from(at == last));
                log::encode(&Entry::Issued(entry), &mut bytes);
                parts.add(Table::Inputs, u64::from(state.next_input) + at as u64, bytes)?;
            }
            self.store.scan(Table::Changes, 0, &mut |number, change| {
                parts.add(Table::Changes, number, change.to_vec())?;
                Ok(ControlFlow::Continue(()))
            })?;
            let mut settings = vec![
                checkpoint::format_write(checkpoint::REWRITTEN),
                checkpoint::policy_write(&self.policy),
                checkpoint::log_write(),
            ];
            if state.marks.key != MarkKey::default() {
                settings.push(Write::set(Table::Meta, META_KEY, state.marks.key.bytes().to_vec()));
            }
            parts.flush()?;
            (parts.write)(&settings)
        });
        if let Err(error) = replaced {
            // Where it was made all the same, memory and store no longer agree.
            let next = self.store.get(Table::Inputs, u64::from(state.next_input));
            writer.lost = !matches!(next, Ok(None));
            return Err(error);
        }
        self.derive_anew(writer).inspect_err(|_| writer.lost = true)?;
        // A checkpoint only saves time.
        let _ = self.saver.start(self.snapshot().state, |_| true);
        Ok(counts)
    }

    /// Replays the whole log and publishes what follows from it.
    fn derive_anew(&self, writer: &mut Writer) -> Result<()> {
        let mut state = State::default();
        let (mut decider, mut rules) = (Decider::default(), Rules::new(self.policy.clone()));
        replay(&*self.store, &mut state, &mut decider, &mut rules, &self.normalizer)?;
        (writer.decider, writer.rules) = (decider, rules);
        self.saver.forget();
        let new = Published { state: Arc::new(state), rules: Arc::new(writer.rules.clone()) };
        let mut published = self.published.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let earlier = std::mem::replace(&mut *published, new);
        drop(published);
        drop(earlier);
        Ok(())
    }
}

/// Where ids lead whose founding records went, without those who were erased. At least one entry, since it takes the
/// place of what the rest of the log says.
fn issued(state: &State, horizon: Option<i64>) -> Vec<Issued> {
    let identity = &state.identity;
    let is_erased = |record: u32| {
        !state.marks.until.is_empty()
            && !identity.is_present(record)
            && state.marks.has_record(&identity.key(record))
    };
    let mut ids = Vec::new();
    for (&record, times) in state.redirects.iter().filter(|&(&record, _)| !is_erased(record)) {
        for (went, others) in times {
            let others = others.iter().filter(|&&other| !is_erased(other));
            let others: Vec<_> = others.map(|&other| identity.key(other)).collect();
            if !others.is_empty() {
                ids.push((identity.key(record), *went, others));
            }
        }
    }
    let mut entries: Vec<Issued> =
        ids.chunks(IDS_IN_ENTRY).map(|ids| Issued { first: false, horizon, ids: ids.to_vec() }).collect();
    if entries.is_empty() {
        entries.push(Issued { horizon, ..Issued::default() });
    }
    entries[0].first = true;
    entries
}

/// Writes that wait until they are worth handing over.
struct Parts<'a, 'w> {
    write: &'a mut dyn FnMut(&[Write<'_>]) -> Result<()>,
    waiting: Vec<Write<'w>>,
    bytes: usize,
}

impl Parts<'_, '_> {
    fn add(&mut self, table: Table, key: u64, bytes: Vec<u8>) -> Result<()> {
        self.bytes += bytes.len();
        self.waiting.push(Write::set(table, key, bytes));
        if self.bytes >= PART { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        self.bytes = 0;
        (self.write)(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}
