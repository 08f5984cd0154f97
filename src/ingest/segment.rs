//! Segment Spec events to interactions, and `group` calls to relations.
//!
//! | in the event | becomes |
//! | --- | --- |
//! | `messageId` | the interaction's id |
//! | `type` | the kind |
//! | `event`, `name` | the subject |
//! | `timestamp`, else `originalTimestamp`, `sentAt`, `receivedAt` | the start |
//! | `receivedAt` | when the source knew it |
//! | `anonymousId` | `cookie`, also in an app |
//! | `userId` | `login`; authenticated in an `identify` call that a browser or an app made |
//! | `email`, `phone` in `traits` or `context.traits` | `email`, `phone` |
//! | `username` there | `username`: not `login`, of which a customer may have but one |
//! | `firstName`, `lastName`, `name`, `birthday` there | facts `name`, `birth` |
//! | `context.device.id`, `context.device.advertisingId` | `device` |
//! | `context.externalIds[]` of users | by type: `user_id`, `email`, `phone`, `anonymous_id`, `ga_client_id` (`ga`), device ids, else a namespace of the type's name |
//! | `previousId` of `alias` | `cookie` where it equals `anonymousId` or is a UUID, which is how Segment's libraries make anonymous ids; else `login` |
//! | live chat events | channel chat, an agent participant, the attribute `conversation_id` |
//! | `group` | also a relation `member_of` to the record `group/<groupId>`, and that record where there are traits |
//! | the other traits | attributes of the participant |
//! | `context`, `properties`, `integrations` and the rest | attributes of the interaction |

use super::{
    Context, content_id, need_time,
    node::{Map, Node},
    party::{self, Party, names},
    seconds, take_text, take_time,
};
use crate::{
    error::{Error, Result},
    record::{
        Channel, Direction, Input, Interaction, Namespace, PartyKind, Record, RecordKey, Relation, Role,
        Timestamp, Verification, implied_key,
    },
};

/// The types of event.
pub(super) const KINDS: &[&str] = &["identify", "track", "page", "screen", "group", "alias"];

/// An event with its fields in place, taken out in one pass since this is the format of which there is most.
#[derive(Default)]
struct Event<'a> {
    kind: Option<Node<'a>>,
    id: Option<Node<'a>>,
    user: Option<Node<'a>>,
    anonymous: Option<Node<'a>>,
    previous: Option<Node<'a>>,
    context: Map<'a>,
    traits: Option<Map<'a>>,
    /// Everything else.
    rest: Map<'a>,
}

impl<'a> Event<'a> {
    fn new(map: Map<'a>) -> Self {
        let mut event = Event::default();
        event.rest.0.reserve(map.0.len());
        for (key, node) in map.0 {
            match (&*key, node) {
                ("type", node) => event.kind = Some(node),
                ("messageId", node) if node.text().is_some() => event.id = Some(node),
                ("userId", node) => event.user = Some(node),
                ("anonymousId", node) => event.anonymous = Some(node),
                ("previousId", node) => event.previous = Some(node),
                ("context", Node::Map(map)) => event.context = map,
                ("traits", Node::Map(map)) => event.traits = Some(map),
                (_, node) => event.rest.0.push((key, node)),
            }
        }
        event
    }
}

pub(super) fn convert(context: &Context, map: Map<'_>, line: &[u8], out: &mut Vec<Input>) -> Result<()> {
    let mut event = Event::new(map);
    let kind = match event.kind.take() {
        Some(Node::Text(kind)) if KINDS.contains(&&*kind) => kind,
        None => return Err(Error::invalid("is missing").in_field("type")),
        Some(_) => {
            return Err(
                Error::invalid("is not identify, track, page, screen, group or alias").in_field("type")
            );
        }
    };
    let received = take_time(&mut event.rest, "receivedAt");
    let times = ["timestamp", "originalTimestamp", "sentAt"];
    let start = need_time(&mut event.rest, &times, received.or(context.options.undated))?;
    let id = match event.id.take() {
        Some(Node::Text(id)) if !id.trim().is_empty() => id.into_owned(),
        Some(Node::Text(_)) | None => content_id(line),
        Some(node) => node.text().unwrap_or_default().into_owned(),
    };

    let platform = platform(&event.context);
    let mut interaction = Interaction::new(context.source("segment"), id, start);
    interaction.observed_at = received;
    interaction.channel = match (platform, &*kind) {
        (Platform::Mobile, _) | (_, "screen") => Channel::App,
        _ => Channel::Web,
    };

    let mut party = Party::new(&context.normalizer);
    identify(&mut event, &mut party, &kind, platform);
    let rest = &mut event.rest;
    match &*kind {
        "track" => {
            interaction.subject = take_text(rest, "event").map(|event| event.into_owned());
            live_chat(rest, &mut interaction);
        }
        "page" | "screen" => interaction.subject = take_text(rest, "name").map(|name| name.into_owned()),
        "group" => {
            let traits = event.traits.take().unwrap_or_default();
            group(rest, traits, &interaction, &party, received.unwrap_or(start), out);
        }
        _ => {}
    }
    interaction.kind = kind.into_owned();
    if !party.is_empty() {
        interaction.participants.insert(0, party.participant(Role::Customer));
    }
    event.rest.into_attributes(&mut interaction.attributes);
    if !event.context.0.is_empty() {
        interaction.attributes.insert("context".to_owned(), Node::Map(event.context).into_value());
    }
    out.push(interaction.into());
    Ok(())
}

/// Where the call was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Platform {
    Browser,
    Mobile,
    Server,
    Unknown,
}

fn platform(context: &Map<'_>) -> Platform {
    match context.get("channel").and_then(Node::as_str) {
        Some("browser") => return Platform::Browser,
        Some("mobile") => return Platform::Mobile,
        Some("server") => return Platform::Server,
        _ => {}
    }
    let library = context.map("library").and_then(|library| library.get("name")).and_then(Node::as_str);
    let has = |name: &str, parts: &[&str]| {
        parts.iter().any(|part| {
            name.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
        })
    };
    match library {
        Some(name) if has(name, &["analytics.js", "analytics-next", "ajs-"]) => Platform::Browser,
        Some(name)
            if has(name, &["ios", "swift", "android", "kotlin", "react-native", "flutter", "xamarin"]) =>
        {
            Platform::Mobile
        }
        Some(_) => Platform::Server,
        None => match context.map("device").and_then(|device| device.get("type")).and_then(Node::as_str) {
            Some(kind) if has(kind, &["ios", "android"]) => Platform::Mobile,
            _ => Platform::Unknown,
        },
    }
}

/// Takes every identifier of the person out of the event.
fn identify(event: &mut Event<'_>, party: &mut Party<'_>, kind: &str, platform: Platform) {
    let login = match (kind, platform) {
        ("identify", Platform::Browser | Platform::Mobile) => Verification::Authenticated,
        _ => Verification::Stated,
    };
    // A group's traits are the organisation's.
    let traits = if kind == "group" { None } else { event.traits.take() };
    let more = event.context.take_map("traits");
    for traits in [&traits, &more].into_iter().flatten() {
        region(traits, party);
    }

    if let Some(user) = event.user.take() {
        party.claim_node(&Namespace::LOGIN, user, login);
    }
    if let Some(previous) = event.previous.take() {
        let anonymous = match (previous.text(), event.anonymous.as_ref().and_then(Node::text)) {
            (Some(previous), Some(anonymous)) if previous.trim() == anonymous.trim() => true,
            (Some(previous), _) => uuid::Uuid::try_parse(previous.trim()).is_ok(),
            _ => false,
        };
        if kind == "alias" {
            let namespace = if anonymous { Namespace::COOKIE } else { Namespace::LOGIN };
            party.claim_node(&namespace, previous, Verification::Stated);
        } else {
            event.rest.0.push(("previousId".into(), previous));
        }
    }
    if let Some(anonymous) = event.anonymous.take() {
        party.claim_node(&Namespace::COOKIE, anonymous, Verification::Stated);
    }
    for traits in [traits, more].into_iter().flatten() {
        self::traits(traits, party);
    }
    let device = event.context.0.iter_mut().find(|(name, _)| name == "device").map(|(_, node)| node);
    if let Some(Node::Map(device)) = device {
        for key in ["id", "advertisingId"] {
            if let Some(id) = device.take(key) {
                party.claim_node(&Namespace::DEVICE, id, Verification::Stated);
            }
        }
    }
    external_ids(&mut event.context, party);
}

/// The country of the traits' address, for phone numbers in national form.
fn region(traits: &Map<'_>, party: &mut Party<'_>) {
    let address = traits.map("address").and_then(|address| address.text("country"));
    if let Some(country) = address.or_else(|| traits.text("country")) {
        party.country(&country);
    }
}

fn traits(mut traits: Map<'_>, party: &mut Party<'_>) {
    for (key, namespace) in [("email", Namespace::EMAIL), ("phone", Namespace::PHONE)] {
        if let Some(node) = traits.take(key) {
            party.claim_node(&namespace, node, Verification::Stated);
        }
    }
    if let (Some(node), Some(namespace)) = (traits.take("username"), Namespace::new("username")) {
        party.claim_node(&namespace, node, Verification::Stated);
    }
    let first = take_text(&mut traits, "firstName").or_else(|| take_text(&mut traits, "first_name"));
    let last = take_text(&mut traits, "lastName").or_else(|| take_text(&mut traits, "last_name"));
    let full = take_text(&mut traits, "name");
    party.name(first.as_deref(), last.as_deref(), full.as_deref());
    if let Some(birthday) = take_text(&mut traits, "birthday") {
        party.birth(&birthday);
    }
    if let Some(mut address) = traits.take_map("address") {
        for (key, name) in [
            ("street", names::STREET),
            ("city", names::CITY),
            ("state", names::STATE),
            ("postalCode", names::POSTAL_CODE),
            ("country", names::COUNTRY),
        ] {
            if let Some(text) = take_text(&mut address, key) {
                party.note(name, text.trim().into());
            }
        }
        if !address.0.is_empty() {
            party.note("address", Node::Map(address).into_value());
        }
    }
    for (name, node) in traits.0 {
        if !node.is_empty() {
            party.note(&name, node.into_value());
        }
    }
}

/// Takes the external ids of the user; those of accounts, and what is not understood, stay.
fn external_ids(context: &mut Map<'_>, party: &mut Party<'_>) {
    let Some(ids) = context.take("externalIds") else { return };
    let Node::List(items) = ids else {
        context.0.push(("externalIds".into(), ids));
        return;
    };
    let mut rest = Vec::new();
    for item in items {
        let usable = item.as_map().and_then(|map| {
            if map.get("collection").and_then(Node::as_str) == Some("accounts") {
                return None;
            }
            Some((external_type(&map.text("type")?)?, map.text("id")?.into_owned()))
        });
        match usable {
            Some((namespace, id)) => party.claim(&namespace, &id, Verification::Stated),
            None => rest.push(item),
        }
    }
    if !rest.is_empty() {
        context.0.push(("externalIds".into(), Node::List(rest)));
    }
}

fn external_type(raw: &str) -> Option<Namespace> {
    Some(match raw.trim() {
        "user_id" => Namespace::LOGIN,
        "anonymous_id" => Namespace::COOKIE,
        "ga_client_id" => Namespace::new("ga")?,
        "android.id" | "android.idfa" | "ios.id" | "ios.idfa" => Namespace::DEVICE,
        other => party::namespace(other)?,
    })
}

/// The live chat events of the spec: a message each, with the agent beside the customer.
fn live_chat(rest: &mut Map<'_>, interaction: &mut Interaction) {
    let Some(what) = interaction.subject.as_deref().and_then(|subject| subject.strip_prefix("Live Chat "))
    else {
        return;
    };
    interaction.channel = Channel::Chat;
    interaction.direction = match what {
        "Message Sent" | "Conversation Started" => Direction::Inbound,
        "Message Received" => Direction::Outbound,
        _ => Direction::Unknown,
    };
    let ended = what == "Conversation Ended";
    let Some(Node::Map(properties)) =
        rest.0.iter_mut().find(|(name, _)| name == "properties").map(|(_, node)| node)
    else {
        return;
    };
    if let Some(id) = take_text(properties, "conversation_id") {
        interaction.attributes.insert("conversation_id".to_owned(), id.into_owned().into());
    }
    if ended {
        interaction.talk_ms = properties.get("conversation_duration").and_then(seconds);
    }
    let mut agent = crate::record::Participant { role: Role::Agent, ..Default::default() };
    for (key, name) in [("agent_id", "id"), ("agent_name", "name"), ("agent_username", "username")] {
        if let Some(text) = take_text(properties, key) {
            agent.attributes.insert(name.to_owned(), text.into_owned().into());
        }
    }
    if !agent.attributes.is_empty() {
        interaction.participants.push(agent);
    }
}

/// The organisation of a `group` call, and the person's tie to it.
fn group(
    rest: &mut Map<'_>,
    mut traits: Map<'_>,
    interaction: &Interaction,
    party: &Party<'_>,
    observed_at: Timestamp,
    out: &mut Vec<Input>,
) {
    let Some(id) = take_text(rest, "groupId") else { return };
    let source = &interaction.key.source;
    let to = RecordKey::new(source, format!("group/{}", id.trim()));
    let role = take_text(&mut traits, "role").map(|role| role.into_owned());
    let mut organisation = Record::new(source, &to.id, observed_at).kind(PartyKind::Organisation);
    traits.into_attributes(&mut organisation.attributes);
    // A call without traits says nothing of the organisation, and must not replace what an earlier one said.
    if !organisation.attributes.is_empty() {
        out.push(organisation.into());
    }
    if let Some(from) = implied_key(source, &party.claims) {
        out.push(Input::Relation(Relation {
            from,
            to,
            kind: "member_of".to_owned(),
            role,
            observed_at,
            holds: true,
            attributes: Default::default(),
        }));
    }
}
