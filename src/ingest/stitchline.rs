//! The library's own format: [`Input`]s as serde writes them, one JSON object a line, with raw identifiers allowed.
//!
//! `{"type":"record","source":"crm","id":"1","observed_at":"2026-03-01T10:02:00Z",
//! "identifiers":["phone:020 7946 0123",{"id":"login:u7","verification":"authenticated"}],"attributes":{…}}`
//!
//! Identifiers are `namespace:value`. They go through the normaliser, so a canonical value stays as it is and a raw one
//! becomes canonical; what is none is kept as an attribute. An attribute `country` tells where phone numbers in
//! national form are from. Fields that are not known are kept as attributes where the input has any, and else rejected.

use super::{
    Context, need_text, need_time,
    node::{Map, Node},
    party::Party,
    take_text, take_time,
};
use crate::{
    error::{Error, Result},
    record::{
        Assertion, Attributes, Channel, Direction, Input, Interaction, InteractionKey, Namespace,
        Participant, PartyKind, Record, RecordKey, Relation, Role, Verdict, Verification,
    },
};

/// The types of input.
pub(super) const TYPES: &[&str] =
    &["record", "interaction", "relation", "assertion", "delete_record", "delete_interaction"];

pub(super) fn convert(context: &Context, mut map: Map<'_>, out: &mut Vec<Input>) -> Result<()> {
    let kind = need_text(&mut map, "type")?;
    out.push(match &*kind {
        "record" => record(context, map)?.into(),
        "interaction" => interaction(context, map)?.into(),
        "relation" => relation(map)?.into(),
        "assertion" => assertion(map)?.into(),
        "delete_record" => {
            let (source, id) = key(&mut map)?;
            let at = need_time(&mut map, &["at"], None)?;
            nothing_left(&map)?;
            Input::DeleteRecord { key: RecordKey::new(source, id), at }
        }
        "delete_interaction" => {
            let (source, id) = key(&mut map)?;
            let at = need_time(&mut map, &["at"], None)?;
            nothing_left(&map)?;
            Input::DeleteInteraction { key: InteractionKey::new(source, id), at }
        }
        _ => {
            return Err(Error::invalid(format!("is not one of {}", TYPES.join(", "))).in_field("type"));
        }
    });
    Ok(())
}

fn key(map: &mut Map<'_>) -> Result<(String, String)> {
    Ok((need_text(map, "source")?.into_owned(), need_text(map, "id")?.into_owned()))
}

fn nothing_left(map: &Map<'_>) -> Result<()> {
    if map.0.is_empty() { Ok(()) } else { Err(Error::invalid("has a field that this type does not have")) }
}

/// The attributes, and the fields that are not known among them.
fn attributes(mut map: Map<'_>) -> Attributes {
    let mut attributes = Attributes::new();
    let own = map.take_map("attributes");
    map.into_attributes(&mut attributes);
    if let Some(own) = own {
        // Values are kept as they are, empty ones too: what was written is read again.
        attributes.extend(own.0.into_iter().map(|(name, node)| (name.into_owned(), node.into_value())));
    }
    attributes
}

fn record(context: &Context, mut map: Map<'_>) -> Result<Record> {
    let (source, id) = key(&mut map)?;
    let observed_at = need_time(&mut map, &["observed_at"], context.options.undated)?;
    let mut record = Record::new(source, id, observed_at);
    if let Some(kind) = take_text(&mut map, "kind") {
        record.kind = match &*kind {
            "person" => PartyKind::Person,
            "organisation" => PartyKind::Organisation,
            "unknown" => PartyKind::Unknown,
            _ => return Err(Error::invalid("is not person, organisation or unknown").in_field("kind")),
        };
    }
    let mut party = identified(context, map)?;
    record.claims = std::mem::take(&mut party.claims);
    record.attributes = party.attributes;
    Ok(record)
}

/// Reads `identifiers` and attributes; a party's country is known before its phone numbers are.
fn identified<'n>(context: &'n Context, mut map: Map<'_>) -> Result<Party<'n>> {
    let identifiers = map.take("identifiers").unwrap_or(Node::Null);
    let mut party = Party::new(&context.normalizer);
    party.attributes = attributes(map);
    if let Some(country) =
        party.attributes.get("country").and_then(|value| value.as_text()).map(str::to_owned)
    {
        party.country(&country);
    }
    for (i, node) in identifiers.items().iter().enumerate() {
        claim(node, &mut party).map_err(|error| error.in_field(format!("identifiers.{i}")))?;
    }
    Ok(party)
}

fn claim(node: &Node<'_>, party: &mut Party<'_>) -> Result<()> {
    let form = || Error::invalid("is not namespace:value");
    let (text, verification) = match node {
        Node::Text(text) => (text.as_ref(), Verification::Stated),
        Node::Map(map) => {
            let verification = match map.get("verification").and_then(Node::as_str) {
                None | Some("stated") => Verification::Stated,
                Some("authenticated") => Verification::Authenticated,
                Some(_) => {
                    return Err(Error::invalid("is not stated or authenticated").in_field("verification"));
                }
            };
            (map.get("id").and_then(Node::as_str).ok_or_else(form)?, verification)
        }
        _ => return Err(form()),
    };
    let (name, value) = text.split_once(':').ok_or_else(form)?;
    let namespace = Namespace::new(name.trim())
        .ok_or_else(|| Error::invalid("has a namespace that is not 1 to 64 characters of a-z 0-9 _ . -"))?;
    party.claim(&namespace, value, verification);
    Ok(())
}

fn interaction(context: &Context, mut map: Map<'_>) -> Result<Interaction> {
    let (source, id) = key(&mut map)?;
    let start = need_time(&mut map, &["start"], context.options.undated)?;
    let mut interaction = Interaction::new(source, id, start);
    if let Some(kind) = take_text(&mut map, "kind") {
        interaction.kind = kind.into_owned();
    }
    if let Some(channel) = take_text(&mut map, "channel") {
        interaction.channel = Channel::named(&channel);
    }
    if let Some(name) = take_text(&mut map, "direction") {
        interaction.direction = match &*name {
            "inbound" => Direction::Inbound,
            "outbound" => Direction::Outbound,
            "unknown" => Direction::Unknown,
            _ => return Err(Error::invalid("is not inbound, outbound or unknown").in_field("direction")),
        };
    }
    interaction.end = optional_time(&mut map, "end")?;
    interaction.observed_at = optional_time(&mut map, "observed_at")?;
    interaction.queue_ms = milliseconds(&mut map, "queue_ms")?;
    interaction.talk_ms = milliseconds(&mut map, "talk_ms")?;
    interaction.subject = take_text(&mut map, "subject").map(|text| text.into_owned());
    interaction.outcome = take_text(&mut map, "outcome").map(|text| text.into_owned());
    match map.take("participants") {
        None | Some(Node::Null) => {}
        Some(Node::List(items)) => {
            for (i, item) in items.into_iter().enumerate() {
                let made = participant(context, item)
                    .map_err(|error| error.in_field(format!("participants.{i}")))?;
                interaction.participants.push(made);
            }
        }
        Some(_) => return Err(Error::invalid("is not a list").in_field("participants")),
    }
    interaction.attributes = attributes(map);
    Ok(interaction)
}

fn participant(context: &Context, node: Node<'_>) -> Result<Participant> {
    let Node::Map(mut map) = node else { return Err(Error::invalid("is not a JSON object")) };
    let role = match take_text(&mut map, "role").as_deref() {
        None | Some("customer") => Role::Customer,
        Some("agent") => Role::Agent,
        Some("bot") => Role::Bot,
        Some("internal") => Role::Internal,
        Some(_) => return Err(Error::invalid("is not customer, agent, bot or internal").in_field("role")),
    };
    Ok(identified(context, map)?.participant(role))
}

fn optional_time(map: &mut Map<'_>, key: &'static str) -> Result<Option<crate::record::Timestamp>> {
    match map.get(key) {
        None | Some(Node::Null) => {
            map.take(key);
            Ok(None)
        }
        Some(_) => match take_time(map, key) {
            Some(at) => Ok(Some(at)),
            None => Err(Error::invalid("is not a time").in_field(key)),
        },
    }
}

fn milliseconds(map: &mut Map<'_>, key: &'static str) -> Result<Option<u64>> {
    match map.take(key) {
        None | Some(Node::Null) => Ok(None),
        Some(Node::Int(value)) if value >= 0 => Ok(Some(value.unsigned_abs())),
        Some(Node::Big(value)) => Ok(Some(value)),
        Some(_) => Err(Error::invalid("is not a whole number of milliseconds").in_field(key)),
    }
}

/// A record's key: `{"source":…,"id":…}`.
fn record_key(map: &mut Map<'_>, key: &'static str) -> Result<RecordKey> {
    let Some(Node::Map(mut inner)) = map.take(key) else {
        return Err(Error::invalid("is not {\"source\":…, \"id\":…}").in_field(key));
    };
    let (source, id) = self::key(&mut inner).map_err(|error| error.in_field(key))?;
    nothing_left(&inner).map_err(|error| error.in_field(key))?;
    Ok(RecordKey::new(source, id))
}

fn relation(mut map: Map<'_>) -> Result<Relation> {
    let (from, to) = (record_key(&mut map, "from")?, record_key(&mut map, "to")?);
    Ok(Relation {
        from,
        to,
        kind: need_text(&mut map, "kind")?.into_owned(),
        role: take_text(&mut map, "role").map(|role| role.into_owned()),
        observed_at: need_time(&mut map, &["observed_at"], None)?,
        holds: match map.take("holds") {
            None | Some(Node::Null) => true,
            Some(Node::Bool(holds)) => holds,
            Some(_) => return Err(Error::invalid("is not true or false").in_field("holds")),
        },
        attributes: attributes(map),
    })
}

fn assertion(mut map: Map<'_>) -> Result<Assertion> {
    let (a, b) = (record_key(&mut map, "a")?, record_key(&mut map, "b")?);
    let verdict = match &*need_text(&mut map, "verdict")? {
        "same" => Verdict::Same,
        "different" => Verdict::Different,
        "retracted" => Verdict::Retracted,
        _ => return Err(Error::invalid("is not same, different or retracted").in_field("verdict")),
    };
    let by = need_text(&mut map, "by")?.into_owned();
    let at = need_time(&mut map, &["at"], None)?;
    let note = take_text(&mut map, "note").map(|note| note.into_owned());
    nothing_left(&map)?;
    Ok(Assertion { a, b, verdict, by, at, note })
}
