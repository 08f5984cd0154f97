//! One view of each customer.

pub mod error;
pub mod identifier;
#[cfg(feature = "adapters")]
pub mod ingest;
pub mod normalize;
pub mod policy;
pub mod record;

pub use error::{Error, ErrorKind, Result};
pub use identifier::Normalizer;
pub use policy::{EmailPolicy, Exclusive, NamespacePolicy, Policy};
pub use record::{
    Assertion, Attributes, Channel, Claim, Direction, Identifier, Input, Interaction, InteractionKey,
    Namespace, Participant, PartyKind, Record, RecordKey, Relation, Role, Timestamp, Value, Verdict,
    Verification,
};
