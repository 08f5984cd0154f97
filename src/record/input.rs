//! Everything that can be put in: the inputs of which all else is a function.

use super::{Attributes, Interaction, InteractionKey, Record, RecordKey, Timestamp};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// A person's word on whether two records are one customer. The latest word on a pair counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assertion {
    /// One record.
    pub a: RecordKey,
    /// The other record.
    pub b: RecordKey,
    /// What is said.
    pub verdict: Verdict,
    /// Who says so.
    pub by: String,
    /// When it was said.
    pub at: Timestamp,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What an [`Assertion`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The records are one customer.
    Same,
    /// They are not.
    Different,
    /// Earlier words on the pair are taken back.
    Retracted,
}

impl Assertion {
    /// An error where a key is unusable or both records are the same one.
    pub fn check(&self) -> Result<()> {
        self.a.check().map_err(|e| e.in_field("a"))?;
        self.b.check().map_err(|e| e.in_field("b"))?;
        super::check_key("by", &self.by)?;
        if self.a == self.b {
            return Err(Error::invalid("is the same record as the first").in_field("b"));
        }
        Ok(())
    }
}

/// A stated tie between a record and another one. Never a reason to merge.
///
/// The key is (from, to, kind); a later version by `observed_at` replaces an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    /// The member, employee, referred person.
    pub from: RecordKey,
    /// The account, household, employer, referrer.
    pub to: RecordKey,
    /// `member_of`, `employed_by`, `household`, `referred_by`, ….
    pub kind: String,
    /// The part that `from` has in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// When the source knew this.
    pub observed_at: Timestamp,
    /// False where the source says that the tie has ended.
    #[serde(default = "yes")]
    pub holds: bool,
    /// Everything else.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}

fn yes() -> bool {
    true
}

impl Relation {
    /// An error where a key or the kind is unusable.
    pub fn check(&self) -> Result<()> {
        self.from.check().map_err(|e| e.in_field("from"))?;
        self.to.check().map_err(|e| e.in_field("to"))?;
        super::check_key("kind", &self.kind)
    }
}

/// One input. The set of inputs decides everything; their order does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Input {
    /// A record, or a later version of it.
    Record(Record),
    /// An interaction, or a later version of it.
    Interaction(Interaction),
    /// A tie between two records.
    Relation(Relation),
    /// A person's word.
    Assertion(Assertion),
    /// Every version of the record up to that time is withdrawn.
    DeleteRecord {
        /// The record.
        #[serde(flatten)]
        key: RecordKey,
        /// Versions observed up to and including this time are withdrawn.
        at: Timestamp,
    },
    /// Every version of the interaction up to that time is withdrawn.
    DeleteInteraction {
        /// The interaction.
        #[serde(flatten)]
        key: InteractionKey,
        /// Versions observed up to and including this time are withdrawn.
        at: Timestamp,
    },
}

impl Input {
    /// An error where the input cannot be taken.
    pub fn check(&self) -> Result<()> {
        match self {
            Input::Record(record) => record.check(),
            Input::Interaction(interaction) => interaction.check(),
            Input::Relation(relation) => relation.check(),
            Input::Assertion(assertion) => assertion.check(),
            Input::DeleteRecord { key, .. } => key.check(),
            Input::DeleteInteraction { key, .. } => {
                super::check_key("source", &key.source)?;
                super::check_key("id", &key.id)
            }
        }
    }
}

impl From<Record> for Input {
    fn from(record: Record) -> Self {
        Input::Record(record)
    }
}

impl From<Interaction> for Input {
    fn from(interaction: Interaction) -> Self {
        Input::Interaction(interaction)
    }
}

impl From<Relation> for Input {
    fn from(relation: Relation) -> Self {
        Input::Relation(relation)
    }
}

impl From<Assertion> for Input {
    fn from(assertion: Assertion) -> Self {
        Input::Assertion(assertion)
    }
}
