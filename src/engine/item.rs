//! One interaction on a timeline, of which the content is decoded when it is asked for.

use crate::{
    error::{Error, ErrorKind, Result},
    record::{Channel, Direction, Input, Interaction, RecordKey, Timestamp},
    store::codec,
};
use serde::{Serialize, Serializer, ser};
use std::{
    fmt,
    ops::Range,
    sync::{Arc, OnceLock},
};

/// An interaction on a timeline.
///
/// When it began, on which channel and on whose record is known at once; the rest is decoded at the first call of
/// [`interaction`](Item::interaction), so that a page whose items are only counted or skimmed costs little.
#[derive(Clone)]
pub struct Item {
    pub(crate) start: Timestamp,
    pub(crate) channel: Channel,
    pub(crate) direction: Direction,
    pub(crate) record: Arc<RecordKey>,
    /// The stored inputs of the page, and where this one stands.
    pub(crate) page: Arc<Vec<u8>>,
    pub(crate) range: Range<usize>,
    pub(crate) decoded: OnceLock<Interaction>,
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
    /// Where what the store holds is damaged.
    pub fn interaction(&self) -> Result<&Interaction> {
        if let Some(decoded) = self.decoded.get() {
            return Ok(decoded);
        }
        let decoded = decode_interaction(self.content())?;
        Ok(self.decoded.get_or_init(|| decoded))
    }

    fn content(&self) -> &[u8] {
        self.page.get(self.range.clone()).unwrap_or_default()
    }
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.record == other.record && self.content() == other.content()
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
