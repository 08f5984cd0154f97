//! What one source says of one party.

use super::{Attributes, Claim, Identifier, MAX_CLAIMS, Timestamp, Verification, check_key};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The key of a record: the source's name and the source's own id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey {
    /// The source's name.
    pub source: String,
    /// The id that the source uses.
    pub id: String,
}

impl RecordKey {
    /// The key of record `id` in `source`.
    pub fn new(source: impl Into<String>, id: impl Into<String>) -> Self {
        RecordKey { source: source.into(), id: id.into() }
    }

    /// An error where a part is empty, longer than 512 bytes, or has control characters.
    pub fn check(&self) -> Result<()> {
        check_key("source", &self.source)?;
        check_key("id", &self.id)
    }
}

/// `source/id`.
impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.source, self.id)
    }
}

/// What a record describes. A person and an organisation are never one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// Not known.
    #[default]
    Unknown,
    /// A human being.
    Person,
    /// A company, an authority, an association.
    Organisation,
}

/// What one source says of one party.
///
/// A later version of the same key replaces an earlier one, by [`observed_at`](Record::observed_at) and not by
/// arrival.
///
/// ```
/// use stitchline::{Identifier, Record};
///
/// let record = Record::new("crm", "003-881", "2026-03-01T10:02:00Z".parse()?)
///     .identified_by(Identifier::email("ann.lee@example.com")?)
///     .attribute("city", "Leeds");
/// assert_eq!(record.key.to_string(), "crm/003-881");
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The key.
    #[serde(flatten)]
    pub key: RecordKey,
    /// Person, organisation or not known.
    #[serde(default)]
    pub kind: PartyKind,
    /// When the source knew this.
    pub observed_at: Timestamp,
    /// The identifiers, and the facts `name` and `birth`.
    #[serde(default, rename = "identifiers")]
    pub claims: Vec<Claim>,
    /// Everything else.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}

impl Record {
    /// A record without identifiers.
    pub fn new(source: impl Into<String>, id: impl Into<String>, observed_at: Timestamp) -> Self {
        Record {
            key: RecordKey::new(source, id),
            kind: PartyKind::Unknown,
            observed_at,
            claims: Vec::new(),
            attributes: Attributes::new(),
        }
    }

    /// Adds an identifier.
    #[must_use]
    pub fn identified_by(mut self, identifier: Identifier) -> Self {
        self.claims.push(identifier.into());
        self
    }

    /// Adds an identifier that the party used while logged in or after a check.
    #[must_use]
    pub fn authenticated_by(mut self, identifier: Identifier) -> Self {
        self.claims.push(Claim { identifier, verification: Verification::Authenticated });
        self
    }

    /// Says what the record describes.
    #[must_use]
    pub fn kind(mut self, kind: PartyKind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<super::Value>) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }

    /// An error where a key is unusable or there are more than 64 identifiers.
    pub fn check(&self) -> Result<()> {
        self.key.check()?;
        if self.key.id.starts_with('~') {
            return Err(Error::invalid("begins with ~, which is kept for records implied by interactions")
                .in_field("id"));
        }
        check_claims(self.claims.len())
    }
}

pub(super) fn check_claims(count: usize) -> Result<()> {
    if count > MAX_CLAIMS {
        return Err(Error::invalid("has more than 64 identifiers").in_field("identifiers"));
    }
    Ok(())
}
