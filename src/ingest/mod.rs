//! Adapters: files of other systems to [`Input`]s, one line at a time and in bounded memory.
//!
//! A [`Reader`] takes a file, recognises its [`Format`] (and gzip), and yields an [`Item`] for everything in it: an
//! [`Input`] that the engine can take, or a [`Rejected`] line with its number, the field and the reason. One bad line
//! never ends a run.
//!
//! ```
//! use stitchline::ingest::{Item, Options, Reader};
//! use stitchline::{Input, Namespace, Normalizer};
//!
//! let file = concat!(
//!     r#"{"type":"identify","messageId":"m1","anonymousId":"c-81","userId":"u7","#,
//!     r#""timestamp":"2026-03-01T10:02:00Z","traits":{"email":"Ann.Lee@Example.com"}}"#, "\n",
//!     "not an event\n",
//! );
//! let items: Vec<Item> =
//!     Reader::new(file.as_bytes(), "events.jsonl", &Normalizer::default(), Options::default())?.collect();
//!
//! let Item::Input(Input::Interaction(event)) = &items[0] else { panic!() };
//! let ids: Vec<String> = event.participants[0].claims.iter().map(|c| c.identifier.to_string()).collect();
//! assert_eq!(ids, ["login:u7", "cookie:c-81", "email:ann.lee@example.com"]);
//! let Item::Rejected(rejected) = &items[1] else { panic!() };
//! assert_eq!(rejected.line, 2);
//! # Ok::<(), stitchline::Error>(())
//! ```
//!
//! # What holds for every format
//! - Only customers' identifiers become claims. A value that is no identifier (invalid, or a placeholder such as
//!   `null`) is kept as an attribute, `phone_invalid`, and so is every field that an adapter does not know. Empty
//!   values (`null`, `""`, `{}`, `[]`) are left out.
//! - A line without an id gets one derived from its content, so that reading a file twice is harmless.
//! - The same id with other content is a later version of the same input; the engine decides by `observed_at`.
//! - JSON is one object a line, at most 32 levels deep; where a key is repeated, the last value counts. Text is UTF-8.
//!   A whole number that fits in no integer of 64 bits is the text of its digits, so that none is lost,
//!   up to 308 digits; a longer one is no number that can be read.
//! - A line above [`Options::max_line_bytes`] is passed over without being held in memory, and rejected.
//! - No reason shows what the line holds.

mod cloudevents;
mod country;
mod csv;
mod detect;
mod genesys;
mod mapping;
mod node;
mod options;
mod party;
mod reader;
mod rejects;
mod segment;
mod senzing;
mod senzing_features;
mod stitchline;

pub use detect::Format;
pub use mapping::{Field, Mapping};
pub use options::Options;
pub use reader::{Item, Reader};
pub use rejects::{Rejected, RejectsWriter};

use crate::{
    error::{Error, Result},
    identifier::Normalizer,
    record::{Channel, Direction, Input, Timestamp, name_uuid},
};
use node::{Map, Node};
use std::borrow::Cow;
use uuid::Uuid;

/// What every adapter is given.
#[derive(Debug)]
struct Context {
    normalizer: Normalizer,
    options: Options,
    /// The file's name without folder and extensions.
    stem: String,
}

impl Context {
    /// The source of what names none itself.
    fn source(&self, default: &str) -> String {
        self.options.source.clone().unwrap_or_else(|| default.to_owned())
    }
}

/// The namespace of ids derived from content; fixed for good, since stored keys derive from it.
const CONTENT: Uuid = Uuid::from_u128(0x51d2_07be_3a94_4c6f_8e11_c9a4_7d30_62fb);

/// Why a line is passed over that is longer than so many bytes.
fn too_long(max: usize) -> Error {
    Error::invalid(format!("is longer than {max} bytes, the most that a line may have"))
}

/// The id of something that has none of its own.
fn content_id(content: &[u8]) -> String {
    format!("content-{}", name_uuid(&CONTENT, [content.trim_ascii()]).simple())
}

/// Lower case, letters and digits only, marks and Latin ligatures taken apart.
fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let mut folded = String::with_capacity(text.len());
    if text.is_ascii() {
        folded.extend(text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()));
        return folded;
    }
    for c in text.nfkd() {
        match c {
            'ß' => folded.push_str("ss"),
            c if c.is_ascii_alphanumeric() => folded.push(c.to_ascii_lowercase()),
            _ => {}
        }
    }
    folded
}

/// A time: RFC 3339, or seconds or milliseconds since 1970 as a number.
fn time(node: &Node<'_>) -> Result<Timestamp> {
    match node {
        Node::Text(text) => text.trim().parse(),
        // Until the year 5138 seconds have at most 11 digits, and milliseconds 12 or more from 2001 on.
        Node::Int(value) if value.unsigned_abs() < 100_000_000_000 => Timestamp::from_millis(value * 1000),
        Node::Int(value) => Timestamp::from_millis(*value),
        Node::Float(value) if value.abs() < 1e11 => Timestamp::from_micros((value * 1e6) as i64),
        _ => Err(Error::invalid("is not a time")),
    }
}

/// Takes the time under `key`. One that cannot be read is left where it is, to be kept as an attribute.
fn take_time(map: &mut Map<'_>, key: &str) -> Option<Timestamp> {
    let at = time(map.get(key)?).ok()?;
    map.take(key);
    Some(at)
}

/// The time that a line must have: the first of `keys` that is there.
fn need_time(map: &mut Map<'_>, keys: &[&'static str], undated: Option<Timestamp>) -> Result<Timestamp> {
    for key in keys {
        if let Some(node) = map.get(key).filter(|node| !node.is_empty()) {
            let at = time(node).map_err(|error| error.in_field(key))?;
            map.take(key);
            return Ok(at);
        }
    }
    undated.ok_or_else(|| Error::invalid("is missing").in_field(keys[0]))
}

/// The text that a line must have.
fn need_text<'a>(map: &mut Map<'a>, key: &str) -> Result<Cow<'a, str>> {
    match map.take(key) {
        None | Some(Node::Null) => Err(Error::invalid("is missing").in_field(key)),
        Some(Node::Text(text)) => Ok(text),
        Some(node) => match node.text() {
            Some(text) => Ok(Cow::Owned(text.into_owned())),
            None => Err(Error::invalid("is not text").in_field(key)),
        },
    }
}

/// Takes the text under `key`; anything but a scalar is left where it is.
fn take_text<'a>(map: &mut Map<'a>, key: &str) -> Option<Cow<'a, str>> {
    map.get(key)?.text()?;
    let text = match map.take(key)? {
        Node::Text(text) => text,
        node => Cow::Owned(node.text()?.into_owned()),
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Milliseconds out of a number of seconds.
fn seconds(node: &Node<'_>) -> Option<u64> {
    // More than a thousand years is no duration.
    node.count().filter(|&seconds| seconds < 4e10).map(|seconds| (seconds * 1000.0).round() as u64)
}

/// A channel by what sources call it.
fn channel(raw: &str) -> Channel {
    let text = raw.trim();
    if text.len() > 64 {
        return Channel::Other("other".to_owned());
    }
    match fold(text).as_str() {
        "voice" | "call" | "calls" | "phone" | "telephone" | "telefon" | "callback" | "ivr" => Channel::Voice,
        "chat" | "webchat" | "livechat" | "webmessaging" => Channel::Chat,
        "email" | "mail" => Channel::Email,
        "sms" | "text" | "mms" => Channel::Sms,
        "messaging" | "message" | "messenger" | "whatsapp" | "telegram" | "signal" | "viber" | "line"
        | "wechat" | "facebookmessenger" => Channel::Messaging,
        "social" | "twitter" | "facebook" | "instagram" | "x" => Channel::Social,
        "web" | "website" | "site" | "browser" => Channel::Web,
        "app" | "mobile" | "mobileapp" => Channel::App,
        "inperson" | "store" | "shop" | "branch" | "pos" | "visit" => Channel::InPerson,
        "post" | "letter" | "brief" => Channel::Post,
        "" => Channel::Other("other".to_owned()),
        _ => Channel::named(&text.to_lowercase()),
    }
}

/// A direction by what sources call it.
fn direction(raw: &str) -> Direction {
    match raw.trim().to_ascii_lowercase().as_str() {
        "inbound" | "in" | "incoming" | "received" | "customer" => Direction::Inbound,
        "outbound" | "out" | "outgoing" | "sent" | "agent" => Direction::Outbound,
        _ => Direction::Unknown,
    }
}

/// The JSON formats' one entry: everything that a line holds.
fn convert(format: Format, context: &Context, map: Map<'_>, line: &[u8], out: &mut Vec<Input>) -> Result<()> {
    let before = out.len();
    match format {
        Format::Segment => segment::convert(context, map, line, out),
        Format::Genesys => genesys::convert(context, map, out),
        Format::CloudEvents => cloudevents::convert(context, map, line, out),
        Format::Senzing => senzing::convert(context, map, line, out),
        Format::Stitchline => stitchline::convert(context, map, out),
        Format::Csv => Err(Error::invalid("is no JSON format").in_field("format")),
    }?;
    check(&out[before..], |input, field| source_field(format, input, field).map(str::to_owned))
}

/// Refuses inputs that the engine would not take, naming the field as the source does where `named` knows how.
fn check(made: &[Input], named: impl Fn(&Input, &str) -> Option<String>) -> Result<()> {
    made.iter().try_for_each(|input| {
        input.check().map_err(|error| match error.field().and_then(|field| named(input, field)) {
            Some(field) => Error::new(error.kind(), error.reason()).in_field(field),
            None => error,
        })
    })
}

/// What a source calls the field that an input was refused for.
fn source_field(format: Format, input: &Input, field: &str) -> Option<&'static str> {
    Some(match (format, input, field) {
        (Format::Genesys, _, "id") => "conversationId",
        (Format::Genesys, _, "end") => "conversationEnd",
        (Format::Genesys, _, "identifiers") => "participants",
        (Format::CloudEvents, _, "kind") => "type",
        (Format::CloudEvents, _, "channel") => "data.channel",
        (Format::CloudEvents, _, "identifiers" | "participants") => "data",
        (Format::Segment, Input::Interaction(_), "id") => "messageId",
        (Format::Segment, Input::Interaction(_), "kind") => "type",
        (Format::Segment, Input::Record(_), "id") => "groupId",
        (Format::Segment, Input::Relation(_), "to.id") => "groupId",
        (Format::Senzing, _, "id") => "RECORD_ID",
        (Format::Senzing, _, "source") => "DATA_SOURCE",
        _ => return None,
    })
}
