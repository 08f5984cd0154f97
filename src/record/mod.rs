//! The nouns of the model as plain data: records, identifiers, interactions, relations, assertions.
//!
//! Nothing here decides anything. Values are what a source said, except [`Identifier`] values, which are
//! canonical (see [`crate::identifier`]).

mod claim;
mod implied;
mod input;
mod interaction;
mod name_uuid;
mod party;
mod time;
mod value;

pub use claim::{Claim, Identifier, Namespace, Verification};
pub use implied::implied_key;
pub use input::{Assertion, Input, Relation, Verdict};
pub use interaction::{Channel, Direction, Interaction, InteractionKey, Participant, Role};
pub use party::{PartyKind, Record, RecordKey};
pub use time::Timestamp;
pub use value::{Attributes, Value};

pub(crate) use implied::{ImpliedId, ImpliedText};
pub(crate) use name_uuid::name_uuid;
pub(crate) use time::days_in_month;

/// The longest source name, record id or interaction id, in bytes.
pub const MAX_KEY_BYTES: usize = 512;
/// The longest identifier value, in bytes.
pub const MAX_IDENTIFIER_BYTES: usize = 512;
/// The most identifiers on one record or one interaction.
pub const MAX_CLAIMS: usize = 64;
/// The largest stored size of one record or interaction, in bytes.
pub const MAX_INPUT_BYTES: usize = 1 << 20;

use crate::error::{Error, Result};

/// Refuses empty and overlong keys and control characters in them.
pub(crate) fn check_key(field: &str, key: &str) -> Result<()> {
    let fault = if key.is_empty() {
        "is empty"
    } else if key.len() > MAX_KEY_BYTES {
        "is longer than 512 bytes"
    } else if key.bytes().fold(false, |found, b| found | (b < 0x20) | (b == 0x7f)) {
        "has a control character"
    } else {
        return Ok(());
    };
    Err(Error::invalid(fault).in_field(field))
}
