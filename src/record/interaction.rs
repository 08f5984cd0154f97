//! Something that happened at a time on a channel, and who took part.

use super::{
    Attributes, Claim, Identifier, RecordKey, Timestamp, Value, Verification, check_key, party::check_claims,
};
use crate::error::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The key of an interaction: the source's name and the source's own id. Delivering a key twice is harmless.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InteractionKey {
    /// The source's name.
    pub source: String,
    /// The id that the source uses.
    pub id: String,
}

impl InteractionKey {
    /// The key of interaction `id` in `source`.
    pub fn new(source: impl Into<String>, id: impl Into<String>) -> Self {
        InteractionKey { source: source.into(), id: id.into() }
    }
}

/// `source/id`.
impl fmt::Display for InteractionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.source, self.id)
    }
}

/// Where an interaction took place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Channel {
    /// A telephone or internet call.
    Voice,
    /// Chat on a site.
    Chat,
    /// E-mail.
    Email,
    /// Short messages.
    Sms,
    /// A messaging network such as WhatsApp.
    Messaging,
    /// A public post on a social network.
    Social,
    /// A visit to a site.
    #[default]
    Web,
    /// Use of an app.
    App,
    /// A visit to a shop or an office.
    InPerson,
    /// A letter.
    Post,
    /// Another channel by name.
    Other(String),
}

impl Channel {
    /// The channel of that name; names not built in give [`Channel::Other`].
    pub fn named(name: &str) -> Self {
        match name {
            "voice" => Channel::Voice,
            "chat" => Channel::Chat,
            "email" => Channel::Email,
            "sms" => Channel::Sms,
            "messaging" => Channel::Messaging,
            "social" => Channel::Social,
            "web" => Channel::Web,
            "app" => Channel::App,
            "in_person" => Channel::InPerson,
            "post" => Channel::Post,
            other => Channel::Other(other.to_owned()),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        match self {
            Channel::Voice => "voice",
            Channel::Chat => "chat",
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::Messaging => "messaging",
            Channel::Social => "social",
            Channel::Web => "web",
            Channel::App => "app",
            Channel::InPerson => "in_person",
            Channel::Post => "post",
            Channel::Other(name) => name,
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Channel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Channel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Channel::named(&String::deserialize(deserializer)?))
    }
}

/// Who began it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Not known.
    #[default]
    Unknown,
    /// The customer.
    Inbound,
    /// The company.
    Outbound,
}

/// The part somebody takes in an interaction. Only a customer's identifiers identify anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The outside party.
    #[default]
    Customer,
    /// A member of staff.
    Agent,
    /// A program that talks.
    Bot,
    /// Queues, flows, transfers and staff talking among themselves.
    Internal,
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Participant {
    /// The part taken.
    #[serde(default)]
    pub role: Role,
    /// The identifiers under which the participant appears, and the facts `name` and `birth`.
    #[serde(default, rename = "identifiers")]
    pub claims: Vec<Claim>,
    /// Everything else, such as an agent's id or a caller's stated reason.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}

/// Something that happened at a time on a channel.
///
/// ```
/// use stitchline::{Channel, Identifier, Interaction};
///
/// let chat = Interaction::new("webchat", "conv-881", "2026-03-01T10:02:00Z".parse()?)
///     .channel(Channel::Chat)
///     .identified_by(Identifier::email("ann.lee@example.com")?);
/// assert_eq!(chat.participants.len(), 1);
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interaction {
    /// The key.
    #[serde(flatten)]
    pub key: InteractionKey,
    /// What kind of thing happened: `conversation`, `track`, `page`, `identify`, ….
    #[serde(default = "conversation")]
    pub kind: String,
    /// Where.
    #[serde(default)]
    pub channel: Channel,
    /// Who began it.
    #[serde(default)]
    pub direction: Direction,
    /// When it began.
    pub start: Timestamp,
    /// When it ended, if it lasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
    /// When the source knew this version of it; the end or the start where not given. A later version replaces an
    /// earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Timestamp>,
    /// Milliseconds spent waiting for somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_ms: Option<u64>,
    /// Milliseconds spent talking to somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub talk_ms: Option<u64>,
    /// What it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Who took part.
    #[serde(default)]
    pub participants: Vec<Participant>,
    /// Everything else.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}

fn conversation() -> String {
    "conversation".to_owned()
}

impl Interaction {
    /// A conversation on the web without participants.
    pub fn new(source: impl Into<String>, id: impl Into<String>, start: Timestamp) -> Self {
        Interaction {
            key: InteractionKey::new(source, id),
            kind: conversation(),
            channel: Channel::default(),
            direction: Direction::default(),
            start,
            end: None,
            observed_at: None,
            queue_ms: None,
            talk_ms: None,
            subject: None,
            outcome: None,
            participants: Vec::new(),
            attributes: Attributes::new(),
        }
    }

    /// Sets the kind.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = kind.into();
        self
    }

    /// Sets the channel.
    #[must_use]
    pub fn channel(mut self, channel: Channel) -> Self {
        self.channel = channel;
        self
    }

    /// Sets the direction.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Sets the end.
    #[must_use]
    pub fn end(mut self, end: Timestamp) -> Self {
        self.end = Some(end);
        self
    }

    /// Sets what it was about.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }

    /// Adds a participant.
    #[must_use]
    pub fn participant(mut self, participant: Participant) -> Self {
        self.participants.push(participant);
        self
    }

    /// Adds an identifier of the customer who took part.
    #[must_use]
    pub fn identified_by(self, identifier: Identifier) -> Self {
        self.claimed(identifier.into())
    }

    /// Adds an identifier under which the customer was logged in or passed a check.
    #[must_use]
    pub fn authenticated_by(self, identifier: Identifier) -> Self {
        self.claimed(Claim { identifier, verification: Verification::Authenticated })
    }

    /// Says that the customer who took part is that record of a source.
    #[must_use]
    pub fn of_record(self, key: &RecordKey) -> Self {
        self.identified_by(Identifier::record(key))
    }

    fn claimed(mut self, claim: Claim) -> Self {
        match self.participants.iter_mut().find(|p| p.role == Role::Customer) {
            Some(customer) => customer.claims.push(claim),
            None => self.participants.push(Participant { claims: vec![claim], ..Participant::default() }),
        }
        self
    }

    /// When the source knew this version.
    pub fn version(&self) -> Timestamp {
        self.observed_at.or(self.end).unwrap_or(self.start)
    }

    /// An error where a key or a name is unusable, there are too many identifiers, or it ends before it begins.
    pub fn check(&self) -> Result<()> {
        check_key("source", &self.key.source)?;
        check_key("id", &self.key.id)?;
        check_key("kind", &self.kind)?;
        check_key("channel", self.channel.as_str())?;
        check_claims(self.participants.iter().map(|p| p.claims.len()).sum())?;
        if self.participants.len() > 1024 {
            return Err(Error::invalid("has more than 1024 participants").in_field("participants"));
        }
        if self.end.is_some_and(|end| end < self.start) {
            return Err(Error::invalid("is before the start").in_field("end"));
        }
        Ok(())
    }
}
