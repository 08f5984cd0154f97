//! One interaction on a timeline, of which the content is decoded when it is asked for.

use super::{apply::ARRIVAL, writer::Shared};
use crate::{
    error::{Error, ErrorKind, Result},
    record::{Channel, Direction, Input, Interaction, RecordKey, Timestamp},
    store::{Table, codec},
};
use serde::{Serialize, Serializer, ser};
use std::{
    fmt,
    sync::{Arc, OnceLock, Weak},
};

/// An interaction on a timeline.
///
/// When it began, on which channel and on whose record is known at once. The rest of a page's items is read from the
/// store together, when it is asked for of the first of them, and decoded item by item, so that a page that is only
/// counted or skimmed costs little.
#[derive(Clone)]
pub struct Item {
    pub(super) start: Timestamp,
    pub(super) channel: Channel,
    pub(super) direction: Direction,
    pub(super) record: Arc<RecordKey>,
    /// The stored inputs of the page, and which of them this one is.
    pub(super) page: Arc<Contents>,
    pub(super) place: usize,
    pub(super) decoded: OnceLock<Interaction>,
}

/// The stored inputs of a page, read when one is asked for.
pub(super) struct Contents {
    engine: Weak<Shared>,
    numbers: Vec<u64>,
    read: OnceLock<Stored>,
}

/// Contents back to back, and where each ends; those that the store does not have any more are empty.
struct Stored {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Contents {
    pub(super) fn of(engine: &Arc<Shared>, numbers: Vec<u64>) -> Self {
        Contents { engine: Arc::downgrade(engine), numbers, read: OnceLock::new() }
    }

    fn get(&self, place: usize) -> Result<&[u8]> {
        let stored = match self.read.get() {
            Some(stored) => stored,
            None => {
                let stored = self.read_all()?;
                self.read.get_or_init(|| stored)
            }
        };
        let end = stored.ends.get(place).copied().unwrap_or_default();
        let begin = place.checked_sub(1).map_or(0, |before| stored.ends[before]);
        stored
            .bytes
            .get(begin..end)
            .filter(|content| !content.is_empty())
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "the interaction is not in the store any more"))
    }

    fn read_all(&self) -> Result<Stored> {
        let engine = self.engine.upgrade().ok_or_else(|| {
            let text = "the engine of this page has been closed: read what is needed of a page before that";
            Error::new(ErrorKind::Storage, text)
        })?;
        let count = self.numbers.len();
        let mut stored = Stored { bytes: Vec::with_capacity(count * 192), ends: Vec::with_capacity(count) };
        engine.store.read(Table::Inputs, &self.numbers, &mut |_, entry| {
            let content = entry.and_then(|entry| entry.get(ARRIVAL..)).unwrap_or_default();
            stored.bytes.extend_from_slice(content);
            stored.ends.push(stored.bytes.len());
            Ok(())
        })?;
        Ok(stored)
    }
}

impl Item {
    /// When it began.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The channel.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// The direction.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The record of the customer on which it hangs.
    pub fn record(&self) -> &RecordKey {
        &self.record
    }

    /// All of it.
    ///
    /// # Errors
    /// Where the store cannot be read or is damaged, or the engine has been closed since the page was taken, or the
    /// interaction is not in the store any more.
    pub fn interaction(&self) -> Result<&Interaction> {
        if let Some(decoded) = self.decoded.get() {
            return Ok(decoded);
        }
        let decoded = decode_interaction(self.page.get(self.place)?)?;
        Ok(self.decoded.get_or_init(|| decoded))
    }
}

/// Items are equal where they can be read and all of them is equal.
impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.record == other.record
            && match (self.page.get(self.place), other.page.get(other.place)) {
                (Ok(own), Ok(others)) => own == others,
                _ => false,
            }
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("start", &self.start)
            .field("channel", &self.channel)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

/// The interaction with one more field, `record`.
impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Whole<'a> {
            #[serde(flatten)]
            interaction: &'a Interaction,
            record: &'a RecordKey,
        }
        let interaction = self.interaction().map_err(ser::Error::custom)?;
        Whole { interaction, record: &self.record }.serialize(serializer)
    }
}

/// The interaction of a stored input, without its time of arrival.
pub(crate) fn decode_interaction(content: &[u8]) -> Result<Interaction> {
    match codec::decode(content)? {
        Input::Interaction(interaction) => Ok(interaction),
        _ => Err(Error::new(ErrorKind::Corrupt, "the log holds something else where an interaction was")),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, ErrorKind, Identifier, Interaction, Policy};

    #[test]
    fn contents_are_read_together_while_the_engine_is_open() {
        let engine = Engine::in_memory(Policy::default()).unwrap();
        let caller = Identifier::phone("+442079460123").unwrap();
        for id in ["a", "b"] {
            let call = Interaction::new("calls", id, "2026-03-01T10:02:00Z".parse().unwrap());
            engine.ingest(call.identified_by(caller.clone())).unwrap();
        }
        let id = engine.resolve(&caller).unwrap().customer().unwrap();
        let page = || engine.timeline(id).page(50).unwrap().items;
        let (read, unread, same) = (page(), page(), page());
        assert_eq!(read, same);
        assert_ne!(read[0], same[1]);
        assert_eq!(read[1].interaction().unwrap().key.id, "a");
        drop(engine);
        assert_eq!(read[0].interaction().unwrap().key.id, "b");
        assert_eq!(unread[0].interaction().unwrap_err().kind(), ErrorKind::Storage);
        assert_eq!(unread[0].record().source, "calls");
    }
}
