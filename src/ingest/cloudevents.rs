//! CloudEvents 1.0 envelopes (JSON) to one interaction each.
//!
//! The key is the envelope's (source, id), which the specification makes unique; the type is the kind and the time
//! the start. `data` has no fixed form: identifiers are looked for under their usual names (see
//! [`Field::guess`](super::Field::guess)) at the top of `data` and in an object `customer`, `user`, `contact`, `person`
//! or `client` within; a bare `name` and `id` count inside such an object only. In calls and messages `from` or `to`
//! is the customer, by `direction`; several recipients are several customers. Everything else is kept.

use super::{
    Context, Field, Format, channel, direction, need_text, need_time,
    node::{Map, Node},
    party::{Party, names},
    seconds, take_text, take_time,
};
use crate::{
    error::{Error, Result},
    record::{Channel, Direction, Input, Interaction, Namespace, Participant, Role, Verification},
};

/// Objects within `data` that are the customer.
const PARTIES: &[&str] = &["customer", "user", "contact", "person", "client"];

pub(super) fn convert(
    context: &Context,
    mut event: Map<'_>,
    line: &[u8],
    out: &mut Vec<Input>,
) -> Result<()> {
    match event.take("specversion") {
        Some(Node::Text(version)) if version.starts_with("1.") || version == "1" => {}
        None => return Err(Error::invalid("is missing").in_field("specversion")),
        Some(_) => return Err(Error::invalid("is not 1.0").in_field("specversion")),
    }
    let kind = need_text(&mut event, "type")?;
    let within =
        context.options.cloudevents_data.iter().rev().find(|(prefix, _)| kind.starts_with(prefix.as_str()));
    if let Some((_, format)) = within.filter(|(_, format)| **format != Format::CloudEvents) {
        return match event.take("data") {
            Some(Node::Map(data)) => {
                super::convert(*format, context, data, line, out).map_err(|error| error.in_field("data"))
            }
            _ => Err(Error::invalid("is not a JSON object").in_field("data")),
        };
    }
    let id = need_text(&mut event, "id")?;
    let source = need_text(&mut event, "source")?;
    let mut data = event.take_map("data").unwrap_or_default();
    let own = take_time(&mut data, "time").or_else(|| take_time(&mut data, "timestamp"));
    let start = need_time(&mut event, &["time"], own.or(context.options.undated))?;

    let mut interaction = Interaction::new(source, id, start);
    interaction.channel =
        take_text(&mut data, "channel").map_or_else(|| of_type(&kind), |name| channel(&name));
    interaction.direction =
        take_text(&mut data, "direction").map_or(Direction::Unknown, |name| direction(&name));
    interaction.subject = take_text(&mut data, "subject")
        .or_else(|| take_text(&mut event, "subject"))
        .map(|subject| subject.into_owned());
    interaction.outcome = take_text(&mut data, "outcome").map(|outcome| outcome.into_owned());
    for key in ["end", "ended_at", "endedAt"] {
        interaction.end = take_time(&mut data, key);
        if interaction.end.is_some_and(|end| end < start) {
            return Err(Error::invalid("is before the start").in_field(key).in_field("data"));
        }
        if interaction.end.is_some() {
            break;
        }
    }
    for key in ["duration_s", "durationSeconds"] {
        if let (None, Some(ms)) = (interaction.end, data.get(key).and_then(seconds)) {
            interaction.end =
                Some(start.plus_micros(i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(1000)));
            data.take(key);
        }
    }
    interaction.kind = kind.into_owned();
    people(context, &mut data, &mut interaction);
    if !data.0.is_empty() {
        event.0.push(("data".into(), Node::Map(data)));
    }
    event.into_attributes(&mut interaction.attributes);
    out.push(interaction.into());
    Ok(())
}

/// Takes the customer, further recipients and the agent out of `data`.
fn people(context: &Context, data: &mut Map<'_>, interaction: &mut Interaction) {
    let mut party = Party::new(&context.normalizer);
    let nested: Vec<Map<'_>> = PARTIES.iter().filter_map(|name| data.take_map(name)).collect();
    for map in nested.iter().chain([&*data]) {
        if let Some(country) = map.text("country") {
            party.country(&country);
        }
    }
    for map in nested {
        let mut map = map;
        fields(&mut map, &mut party, true);
        map.into_attributes(&mut party.attributes);
    }
    fields(data, &mut party, false);

    let namespace = match interaction.channel {
        Channel::Email => Some(Namespace::EMAIL),
        Channel::Voice | Channel::Sms => Some(Namespace::PHONE),
        _ => None,
    };
    let mut others = Vec::new();
    if let Some(namespace) = namespace {
        let key = if interaction.direction == Direction::Outbound { "to" } else { "from" };
        let node = data.take(key).filter(|node| !node.is_empty());
        let mut addresses = node.as_ref().map_or(&[][..], Node::items).iter();
        if let Some(first) = addresses.next() {
            party.claim_node(&namespace, first.clone(), Verification::Stated);
        }
        for address in addresses {
            let mut other = Party::new(&context.normalizer);
            other.claim_node(&namespace, address.clone(), Verification::Stated);
            others.push(other);
        }
    }
    let customers = std::iter::once(party).chain(others).filter(|party| !party.is_empty());
    interaction.participants.extend(customers.map(|party| party.participant(Role::Customer)));

    let mut agent = Participant { role: Role::Agent, ..Participant::default() };
    match data.take("agent") {
        Some(Node::Map(map)) => map.into_attributes(&mut agent.attributes),
        Some(node) if !node.is_empty() => {
            agent.attributes.insert("name".to_owned(), node.into_value());
        }
        _ => {}
    }
    for (key, name) in [("agent_id", "id"), ("agentId", "id"), ("agent_name", "name"), ("agentName", "name")]
    {
        if let Some(text) = take_text(data, key) {
            agent.attributes.insert(name.to_owned(), text.into_owned().into());
        }
    }
    if !agent.attributes.is_empty() {
        interaction.participants.push(agent);
    }
}

/// Takes what is known of a customer out of a map. `own` says that the whole map is about the customer.
fn fields(map: &mut Map<'_>, party: &mut Party<'_>, own: bool) {
    let (mut first, mut last, mut full) = (None, None, None);
    let entries = std::mem::take(&mut map.0);
    for (key, node) in entries {
        let bare = !own && matches!(&*key, "name" | "id" | "key");
        let field = if bare { None } else { Field::guess(&key) };
        let text = node.text().map(|text| text.into_owned());
        match (field, text) {
            (Some(Field::Identifier(namespace)), _) if !matches!(node, Node::Map(_) | Node::Bool(_)) => {
                party.claim_node(&namespace, node, Verification::Stated);
            }
            (Some(Field::Id), Some(id)) if own => party.claim(&Namespace::CRM, &id, Verification::Stated),
            (Some(Field::FirstName), Some(text)) => first = Some(text),
            (Some(Field::LastName), Some(text)) => last = Some(text),
            (Some(Field::FullName), Some(text)) => full = Some(text),
            (Some(Field::Birth), Some(text)) => party.birth(&text),
            (Some(field), Some(text)) if own && address_name(&field).is_some() => {
                party.note(address_name(&field).unwrap_or_default(), text.trim().into());
            }
            _ => map.0.push((key, node)),
        }
    }
    party.name(first.as_deref(), last.as_deref(), full.as_deref());
}

/// The attribute that a field of the address or the company is kept under.
pub(super) fn address_name(field: &Field) -> Option<&'static str> {
    Some(match field {
        Field::Street => names::STREET,
        Field::City => names::CITY,
        Field::State => names::STATE,
        Field::PostalCode => names::POSTAL_CODE,
        Field::Country => names::COUNTRY,
        Field::Organisation => names::ORGANISATION,
        Field::MiddleName => names::MIDDLE_NAME,
        _ => return None,
    })
}

/// The channel that a type such as `com.example.email.received` names; `event` where it names none.
fn of_type(kind: &str) -> Channel {
    if kind.len() <= 512 {
        let words = kind.split(|c: char| !c.is_ascii_alphanumeric());
        for word in words.filter(|word| word.len() > 1 && !matches!(*word, "line" | "text" | "in" | "out")) {
            let known = channel(word);
            if !matches!(known, Channel::Other(_) | Channel::Post) || word.eq_ignore_ascii_case("letter") {
                return known;
            }
        }
    }
    Channel::Other("event".to_owned())
}
