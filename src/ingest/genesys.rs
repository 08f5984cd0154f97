//! Genesys Cloud conversation details to one interaction each.
//!
//! | in the conversation | becomes |
//! | --- | --- |
//! | `conversationId`, `conversationStart`, `conversationEnd`, `originatingDirection` | key, start, end, direction |
//! | media of the customer's first session | channel; `message` by its `messageType` |
//! | participant `customer`, `external` | a customer |
//! | `agent`, `user` | an agent |
//! | `bot`, `botflow`, `ivr`, … | a bot |
//! | `acd`, `workflow`, `group`, … | internal |
//! | a customer's voice session | `phone`: `ani` of an inbound, `dnis` of an outbound call |
//! | callback | `phone`: `callbackNumbers` |
//! | e-mail | `email`: `addressFrom` inbound, `addressTo` outbound, else `addressOther` |
//! | SMS; WhatsApp | `phone`; `phone` and `social` |
//! | other networks; open messaging | `social`; `email`, `phone` or `messaging.open`, by the address's form |
//! | `journeyCustomerId` | by `journeyCustomerIdType`: `cookie`, `email`, `phone`, else a namespace of that name |
//! | `externalContactId` | `crm.genesys` |
//! | `authenticated` | the session's identifiers are authenticated |
//! | a customer's attributes | identifiers as [`Options::genesys_attributes`](super::Options) says |
//! | `tTalkComplete`, else `tTalk`, else agents' `interact` segments | talk time |
//! | `tAcd`, else `tWait`, else the queue's segments | queue time |
//! | the last `wrapUpCode`, the first `subject` | outcome, subject |
//! | everything | attributes, participant by participant |

use super::{
    Context, direction, need_text, need_time,
    node::{Map, Node},
    party::{self, Party, names},
    take_text, take_time, time,
};
use crate::{
    error::Result,
    record::{Channel, Direction, Input, Interaction, Namespace, Participant, Role, Verification},
};

pub(super) fn convert(context: &Context, mut conversation: Map<'_>, out: &mut Vec<Input>) -> Result<()> {
    let id = need_text(&mut conversation, "conversationId")?;
    let start = need_time(&mut conversation, &["conversationStart"], context.options.undated)?;
    let mut interaction = Interaction::new(context.source("genesys"), id, start);
    interaction.end = take_time(&mut conversation, "conversationEnd");
    interaction.direction =
        conversation.text("originatingDirection").map_or(Direction::Unknown, |d| direction(&d));
    if interaction.direction != Direction::Unknown {
        conversation.take("originatingDirection");
    }
    interaction.channel = Channel::Other("other".to_owned());
    if let Some(Node::List(items)) = conversation.get("participants") {
        let people: Vec<&Map<'_>> = items.iter().filter_map(Node::as_map).collect();
        interaction.channel = channel(&people);
        if interaction.direction == Direction::Unknown {
            let customers = people.iter().filter(|person| role(person) == Role::Customer);
            let stated =
                customers.flat_map(|person| person.maps("sessions")).find_map(|s| s.text("direction"));
            interaction.direction = stated.map_or(Direction::Unknown, |d| direction(&d));
        }
        interaction.talk_ms = talk(&people);
        interaction.queue_ms = queue(&people);
        let segments =
            || people.iter().flat_map(|person| person.maps("sessions")).flat_map(|s| s.maps("segments"));
        interaction.subject = segments().find_map(|s| s.text("subject")).map(|text| text.into_owned());
        interaction.outcome =
            segments().filter_map(|s| s.text("wrapUpCode")).last().map(|text| text.into_owned());
    }
    match conversation.take("participants") {
        Some(Node::List(items)) => {
            let mut odd = Vec::new();
            for item in items {
                match item {
                    Node::Map(map) => {
                        interaction.participants.push(participant(context, map, interaction.direction));
                    }
                    other => odd.push(other),
                }
            }
            if !odd.is_empty() {
                conversation.0.push(("participants".into(), Node::List(odd)));
            }
        }
        Some(other) => conversation.0.push(("participants".into(), other)),
        None => {}
    }
    conversation.into_attributes(&mut interaction.attributes);
    out.push(interaction.into());
    Ok(())
}

fn role(person: &Map<'_>) -> Role {
    match person.text("purpose").unwrap_or_default().to_ascii_lowercase().as_str() {
        "customer" | "external" => Role::Customer,
        "agent" | "user" => Role::Agent,
        "bot" | "botflow" | "digitalbotflow" | "voicebot" | "virtualagent" | "ivr" => Role::Bot,
        _ => Role::Internal,
    }
}

fn participant(context: &Context, mut person: Map<'_>, conversation: Direction) -> Participant {
    let role = role(&person);
    let mut party = Party::new(&context.normalizer);
    if role == Role::Customer {
        for session in person.maps("sessions") {
            identify(session, conversation, &mut party);
        }
        if let (Some(id), Some(namespace)) = (person.text("externalContactId"), Namespace::new("crm.genesys"))
        {
            party.claim(&namespace, &id, Verification::Stated);
        }
        if let Some(attributes) = person.map("attributes") {
            for (name, namespace) in &context.options.genesys_attributes {
                if let Some(id) = attributes.text(name) {
                    party.claim(namespace, &id, Verification::Stated);
                }
            }
        }
    }
    if let Some(name) = take_text(&mut person, "participantName") {
        party.note(names::NAME, name.trim().into());
    }
    person.into_attributes(&mut party.attributes);
    party.participant(role)
}

/// The identifiers of one customer's session, by its medium.
fn identify(session: &Map<'_>, conversation: Direction, party: &mut Party<'_>) {
    let verification = match session.get("authenticated") {
        Some(Node::Bool(true)) => Verification::Authenticated,
        _ => Verification::Stated,
    };
    let own = session.text("direction").map_or(Direction::Unknown, |d| direction(&d));
    let outbound = if own == Direction::Unknown { conversation } else { own } == Direction::Outbound;
    // The customer's end of the line.
    let address = |inbound_key: &str, outbound_key: &str| {
        session
            .text(if outbound { outbound_key } else { inbound_key })
            .or_else(|| session.text("addressOther"))
            .map(|text| text.into_owned())
    };
    match &*session.text("mediaType").unwrap_or_default().to_ascii_lowercase() {
        "voice" => {
            if let Some(number) = address("ani", "dnis") {
                phone(&number, verification, party);
            }
        }
        "callback" => {
            let numbers = session.get("callbackNumbers").map_or(&[][..], Node::items);
            numbers.iter().filter_map(Node::text).for_each(|number| phone(&number, verification, party));
        }
        "email" => {
            if let Some(address) = address("addressFrom", "addressTo") {
                // Several recipients, of whom none can be told to be the customer.
                if address.matches('@').count() > 1 && address.contains([',', ';']) {
                    party.invalid(&Namespace::EMAIL, &address);
                } else {
                    party.claim(&Namespace::EMAIL, &address, verification);
                }
            }
        }
        "message" => {
            let kind = session.text("messageType").unwrap_or_default().to_ascii_lowercase();
            if let Some(address) = address("addressFrom", "addressTo").or_else(|| address("ani", "dnis")) {
                message(&kind, &address, verification, party);
            }
        }
        _ => {}
    }
    if let Some(id) = session.text("journeyCustomerId") {
        let kind = session.text("journeyCustomerIdType");
        match kind.as_deref().map(str::trim) {
            Some("cookie") | None => party.claim(&Namespace::COOKIE, &id, verification),
            Some("phone" | "tel") => phone(&id, verification, party),
            Some(kind) => match party::namespace(kind) {
                Some(namespace) => party.claim(&namespace, &id, verification),
                None => party.note("journey_customer_id", (&*id).into()),
            },
        }
    }
}

fn message(kind: &str, address: &str, verification: Verification, party: &mut Party<'_>) {
    match kind {
        "sms" => phone(address, verification, party),
        "whatsapp" => {
            // WhatsApp writes numbers in international form without the plus.
            let number = format!("+{}", address.trim().trim_start_matches('+'));
            party.claim_as(&Namespace::PHONE, &number, address, verification);
            party.claim_as(&Namespace::SOCIAL, &format!("whatsapp/{number}"), address, verification);
        }
        // The address is the browser's session with the widget; who it is, the journey's id says.
        "webmessaging" => {}
        "open" | "" => {
            if address.contains('@') {
                party.claim(&Namespace::EMAIL, address, verification);
            } else if address.trim().starts_with('+') {
                phone(address, verification, party);
            } else if let Some(namespace) = Namespace::new("messaging.open") {
                party.claim(&namespace, address, verification);
            }
        }
        network => {
            party.claim_as(&Namespace::SOCIAL, &format!("{network}/{address}"), address, verification);
        }
    }
}

/// Takes a number of the forms `tel:+44…`, `sip:+44…@host` and plain. A SIP address of another form is no number.
fn phone(raw: &str, verification: Verification, party: &mut Party<'_>) {
    let text = raw.trim();
    let lower = text.get(..5).unwrap_or(text).to_ascii_lowercase();
    let number = if lower.starts_with("tel:") {
        text[4..].split([';', '?']).next().unwrap_or_default()
    } else if lower.starts_with("sip:") || lower.starts_with("sips:") {
        let user = text[text.find(':').map_or(0, |at| at + 1)..].split(['@', ';']).next().unwrap_or_default();
        let digits = |b: u8| b.is_ascii_digit() || b"+-.()".contains(&b);
        if user.is_empty() || !user.bytes().all(digits) {
            party.invalid(&Namespace::PHONE, text);
            return;
        }
        user
    } else {
        text
    };
    party.claim_as(&Namespace::PHONE, number, text, verification);
}

/// The channel of the customers' first session that has one, else of anybody's.
fn channel(people: &[&Map<'_>]) -> Channel {
    let of = |customers: bool| {
        let people = people.iter().filter(|person| (role(person) == Role::Customer) == customers);
        people.flat_map(|person| person.maps("sessions")).find_map(|session| medium(session))
    };
    of(true).or_else(|| of(false)).unwrap_or_else(|| {
        let other =
            people.iter().flat_map(|person| person.maps("sessions")).find_map(|s| s.text("mediaType"));
        Channel::Other(other.map_or_else(|| "other".to_owned(), |text| text.trim().to_lowercase()))
    })
}

fn medium(session: &Map<'_>) -> Option<Channel> {
    Some(match &*session.text("mediaType")?.to_ascii_lowercase() {
        "voice" | "callback" => Channel::Voice,
        "chat" => Channel::Chat,
        "email" => Channel::Email,
        "message" => match &*session.text("messageType").unwrap_or_default().to_ascii_lowercase() {
            "sms" => Channel::Sms,
            "webmessaging" => Channel::Chat,
            _ => Channel::Messaging,
        },
        _ => return None,
    })
}

fn sum_metric(people: &[&Map<'_>], name: &str) -> Option<u64> {
    let sessions = people.iter().flat_map(|person| person.maps("sessions"));
    let metrics = sessions.flat_map(|session| session.maps("metrics"));
    let values = metrics.filter(|metric| metric.get("name").and_then(Node::as_str) == Some(name));
    total(values.filter_map(|metric| metric.get("value")?.count()).map(|value| value as u64))
}

/// The sum; none where there is nothing to add.
fn total(values: impl Iterator<Item = u64>) -> Option<u64> {
    values.fold(None, |sum, value| Some(sum.unwrap_or(0u64).saturating_add(value)))
}

fn talk(people: &[&Map<'_>]) -> Option<u64> {
    sum_metric(people, "tTalkComplete").or_else(|| sum_metric(people, "tTalk")).or_else(|| {
        total(durations(people, |person| role(person) == Role::Agent, |segment| segment == "interact"))
    })
}

fn queue(people: &[&Map<'_>]) -> Option<u64> {
    let is_queue = |person: &Map<'_>| person.get("purpose").and_then(Node::as_str) == Some("acd");
    sum_metric(people, "tAcd").or_else(|| sum_metric(people, "tWait")).or_else(|| {
        total(durations(people, is_queue, |segment| {
            matches!(segment, "interact" | "wait" | "queue" | "delay")
        }))
    })
}

/// The lengths, in milliseconds, of some people's segments of some types.
fn durations<'a>(
    people: &'a [&Map<'_>],
    whose: impl Fn(&Map<'_>) -> bool + 'a,
    which: impl Fn(&str) -> bool + 'a,
) -> impl Iterator<Item = u64> + 'a {
    let sessions =
        people.iter().filter(move |person| whose(person)).flat_map(|person| person.maps("sessions"));
    sessions.flat_map(|session| session.maps("segments")).filter_map(move |segment| {
        which(&segment.text("segmentType")?).then_some(())?;
        let (from, to) = (time(segment.get("segmentStart")?).ok()?, time(segment.get("segmentEnd")?).ok()?);
        u64::try_from(to.micros() - from.micros()).ok().map(|micros| micros / 1000)
    })
}
