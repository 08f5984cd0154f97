//! Customers and their ids, which follow from the founding record and need no counter.

use crate::{
    error::Error,
    record::{RecordKey, name_uuid},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The id of a customer: a version 5 UUID of its founding record (the earliest by time of observation, source and
/// id) under the deployment's own namespace.
///
/// Two machines with the same inputs and policy agree on it. An id that was handed out leads to its customer for
/// good: after a merge the younger id leads to the merged customer, after a split each part has its earlier id again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CustomerId(Uuid);

impl CustomerId {
    /// The id of the customer whom that record founds.
    ///
    /// ```
    /// use stitchline::{CustomerId, Policy, RecordKey};
    ///
    /// let project = Policy::default().project;
    /// let id = CustomerId::founded_by(project, &RecordKey::new("crm", "003-881"));
    /// assert_eq!(id, id.to_string().parse()?);
    /// # Ok::<(), stitchline::Error>(())
    /// ```
    pub fn founded_by(project: Uuid, key: &RecordKey) -> Self {
        Self::of_parts(project, &key.source, key.id.as_bytes())
    }

    pub(crate) fn of_parts(project: Uuid, source: &str, id: &[u8]) -> Self {
        // Keys have no control characters, so a zero byte parts them without doubt.
        CustomerId(name_uuid(&project, [source.as_bytes(), b"\0", id]))
    }

    /// The UUID.
    pub fn uuid(self) -> Uuid {
        self.0
    }

    /// Half of it, as a hash.
    pub(crate) fn hash(self) -> u64 {
        // The low half has no fixed version bits below its top.
        self.0.as_u128() as u64
    }
}

impl From<Uuid> for CustomerId {
    fn from(uuid: Uuid) -> Self {
        CustomerId(uuid)
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CustomerId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Uuid::parse_str(text)
            .map(CustomerId)
            .map_err(|_| Error::invalid("is not a customer id: a UUID is expected"))
    }
}
