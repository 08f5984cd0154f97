//! Writes checkpoints from snapshots, on a thread of its own, so that nobody who writes waits for one.

use super::{checkpoint, state::State, writer::lock};
use crate::{
    error::{Error, ErrorKind, Result},
    policy::Policy,
    store::Store,
};
use std::{
    sync::{Arc, Mutex, TryLockError},
    thread::{Builder, JoinHandle},
};

/// Saves one state at a time.
pub(super) struct Saver {
    store: Arc<dyn Store>,
    policy: Arc<Policy>,
    held: Mutex<Held>,
}

struct Held {
    /// The input up to which the stored checkpoint goes.
    upto: u32,
    /// Who writes the next one.
    thread: Option<JoinHandle<Result<u32>>>,
}

impl Held {
    /// Waits for the thread, if there is one. When it has ended, it holds neither the store nor the state any more.
    fn join(&mut self) -> Result<u32> {
        if let Some(thread) = self.thread.take() {
            let failed =
                |_| Err(Error::new(ErrorKind::Storage, "the thread that saves a checkpoint panicked"));
            self.upto = thread.join().unwrap_or_else(failed)?;
        }
        Ok(self.upto)
    }
}

impl Saver {
    pub(super) fn new(store: Arc<dyn Store>, policy: Arc<Policy>, upto: u32) -> Self {
        Saver { store, policy, held: Mutex::new(Held { upto, thread: None }) }
    }

    /// Begins to save a state that is `is_due` after the number of inputs which the last checkpoint covers, unless
    /// another one is being saved. Only who holds the writer may call this, so that none begins while the log is
    /// rewritten.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(super) fn start(&self, state: Arc<State>, is_due: impl FnOnce(u32) -> bool) -> Result<()> {
        let mut held = match self.held.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(held)) => held.into_inner(),
            // Somebody waits for one that is being saved.
            Err(TryLockError::WouldBlock) => return Ok(()),
        };
        if held.thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Ok(());
        }
        // A checkpoint only saves time: where one failed, the log is complete.
        let _ = held.join();
        if !self.store.is_durable() || state.next_input == held.upto || !is_due(held.upto) {
            return Ok(());
        }
        let (store, policy) = (self.store.clone(), self.policy.clone());
        let save = move || checkpoint::save(&*store, &state, &policy).map(|()| state.next_input);
        let thread = Builder::new().name("checkpoint".to_owned()).spawn(save);
        held.thread = Some(thread.map_err(|error| {
            Error::new(ErrorKind::Storage, "there is no thread to save a checkpoint with").because(error)
        })?);
        Ok(())
    }

    /// Waits for the one that is being saved, if there is one; gives the input up to which the last one goes.
    pub(super) fn wait(&self) -> Result<u32> {
        lock(&self.held).join()
    }

    /// Notes that the store has no checkpoint any more.
    pub(super) fn forget(&self) {
        lock(&self.held).upto = 0;
    }
}
