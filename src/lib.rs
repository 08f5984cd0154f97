//! One view of each customer.

mod cow;
pub mod customer;
pub mod engine;
pub mod error;
pub mod graph;
pub mod identifier;
#[cfg(feature = "adapters")]
pub mod ingest;
pub mod normalize;
pub mod policy;
pub mod record;
pub mod store;
pub mod timeline;

pub use customer::CustomerId;
pub use engine::Engine;
pub use error::{Error, ErrorKind, Result};
pub use graph::MatchWeight;
pub use identifier::Normalizer;
pub use policy::{EmailPolicy, Exclusive, NamespacePolicy, Policy};
pub use record::{
    Assertion, Attributes, Channel, Claim, Direction, Identifier, Input, Interaction, InteractionKey,
    Namespace, Participant, PartyKind, Record, RecordKey, Relation, Role, Timestamp, Value, Verdict,
    Verification,
};
