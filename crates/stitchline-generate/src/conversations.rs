//! The conversations of a customer with the contact centre: calls, e-mails, chats and messages with all their legs.

use crate::genesys::{Conversation, Metric, Participant, Segment, Session};
use crate::people::{Person, at};
use crate::rng::Rng;
use crate::sink::Sink;
use crate::staff::{Agent, Queue};
use crate::summary::Summary;
use crate::time::{END, Stamp};
use crate::{Config, staff};
use std::collections::BTreeMap;
use std::io;

/// What stands in place of a number that the caller withholds.
const WITHHELD: [&str; 4] = ["anonymous", "Restricted", "sip:anonymous@anonymous.invalid", "Unavailable"];

/// All conversations of a customer.
pub(crate) fn conversations(
    p: &Person,
    crm_ids: &[String],
    config: &Config,
    rng: &mut Rng,
    summary: &mut Summary,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    if config.conversations_per_customer <= 0.0 {
        return Ok(());
    }
    let drawn = rng.exponential(config.conversations_per_customer);
    let count = drawn as u64 + u64::from(rng.chance(drawn.fract()));
    for _ in 0..count.min(1_000) {
        let start = p.moment(rng).min(END - 86_400);
        let mut maker = Maker { p, crm_ids, rng, summary, start };
        let conversation = maker.conversation();
        summary.conversations += 1;
        sink.conversation(&conversation)?;
    }
    Ok(())
}

/// What the customer's side of a conversation shows.
struct Side {
    session: Session,
    attributes: BTreeMap<&'static str, String>,
    /// The customer's number or address as the agent sees it.
    shown: String,
}

struct Maker<'a> {
    p: &'a Person,
    crm_ids: &'a [String],
    rng: &'a mut Rng,
    summary: &'a mut Summary,
    start: i64,
}

impl Maker<'_> {
    fn conversation(&mut self) -> Conversation {
        let k = self.rng.unit();
        let outbound = k < 0.08;
        let customer = match k {
            k if k < 0.55 => self.call(outbound),
            k if k < 0.73 => self.mail(),
            k if k < 0.88 && self.p.uses_web => self.web("chat", None),
            k if k < 0.91 && self.p.uses_web => self.web("message", Some("webmessaging")),
            _ => self.text_message(),
        };
        let direction = if outbound { "outbound" } else { "inbound" };
        self.summary.case("outbound_conversations", outbound.into());
        self.legs(customer, direction)
    }

    fn call(&mut self, outbound: bool) -> Side {
        let p = self.p;
        let hot_line = format!("tel:{}", staff::hot_line(p.customer.country));
        let mobile = &at(&p.mobiles, self.start).number;
        let k = self.rng.unit();
        let (number, shared) = match (&p.landline, &p.employer) {
            (Some(landline), _) if k < 0.35 => (landline, true),
            (_, Some(e)) if k < 0.70 && p.uses_switchboard => (&e.switchboard, true),
            _ => (mobile, false),
        };
        let withheld = !outbound && self.rng.chance(0.04);
        let mut attributes = BTreeMap::new();
        let noted =
            self.rng.chance(if shared || withheld { 0.5 } else { 0.12 }) && self.note(&mut attributes);
        self.summary.case(
            match (withheld, noted) {
                (true, true) => "withheld_callers_with_account",
                (true, false) => "withheld_callers_without_account",
                (false, true) => "shared_line_calls_with_account",
                (false, false) => "shared_line_calls_without_account",
            },
            (withheld || shared).into(),
        );
        let shown = if withheld { (*self.rng.pick(&WITHHELD)).to_owned() } else { format!("tel:{number}") };
        let (ani, dnis) = if outbound { (hot_line, shown.clone()) } else { (shown.clone(), hot_line) };
        let session = Session {
            media_type: "voice",
            provider: "Edge",
            ani: Some(ani),
            dnis: Some(dnis),
            ..Session::default()
        };
        Side { session, attributes, shown }
    }

    /// Notes an account number, or a login when there is none; false when the customer has neither.
    fn note(&mut self, attributes: &mut BTreeMap<&'static str, String>) -> bool {
        if !self.crm_ids.is_empty() {
            attributes.insert("accountNumber", self.rng.pick(self.crm_ids).clone());
        } else if let Some(user) = &self.p.user_id {
            attributes.insert("loginId", user.clone());
        }
        !attributes.is_empty()
    }

    fn mail(&mut self) -> Side {
        let shown = written_from(self.p, self.start, self.rng);
        let session = Session {
            media_type: "email",
            provider: "PureCloud Email",
            address_from: Some(shown.clone()),
            address_to: Some(staff::SUPPORT.to_owned()),
            ..Session::default()
        };
        Side { session, attributes: BTreeMap::new(), shown }
    }

    fn web(&mut self, media_type: &'static str, message_type: Option<&'static str>) -> Side {
        let p = self.p;
        let shared = p.shared_device.as_ref().filter(|_| self.rng.chance(0.4));
        let cookie = shared.unwrap_or_else(|| self.rng.pick(&p.devices)).clone();
        let mut attributes = BTreeMap::new();
        let login = p.user_id.as_ref().filter(|_| self.rng.chance(0.45));
        if let Some(user) = login {
            attributes.insert("loginId", user.clone());
        }
        if self.rng.chance(0.6) {
            let (first, last) = at(&p.names, self.start);
            attributes.insert("context.email", at(&p.emails, self.start).clone());
            attributes.insert("context.firstName", first.clone());
            attributes.insert("context.lastName", last.clone());
        }
        let session = Session {
            media_type,
            message_type,
            provider: "PureCloud Webchat v2",
            authenticated: Some(login.is_some()),
            journey_customer_id: Some(cookie.clone()),
            journey_customer_id_type: Some("cookie"),
            ..Session::default()
        };
        Side { session, attributes, shown: cookie }
    }

    fn text_message(&mut self) -> Side {
        let shown = at(&self.p.mobiles, self.start).number.clone();
        let session = Session {
            media_type: "message",
            message_type: Some(if self.rng.chance(0.6) { "sms" } else { "whatsapp" }),
            provider: "PureCloud Messaging",
            address_from: Some(shown.clone()),
            address_to: Some(staff::hot_line(self.p.customer.country).to_owned()),
            ..Session::default()
        };
        Side { session, attributes: BTreeMap::new(), shown }
    }

    /// The conversation with the customer's side and all sides of the centre.
    fn legs(&mut self, customer: Side, direction: &'static str) -> Conversation {
        let (agent, queue) = (staff::agent(self.rng), staff::queue(self.rng));
        let voice = customer.session.media_type == "voice";
        let ivr = if voice && direction == "inbound" { self.rng.between(5, 60) } else { 0 };
        let wait = if direction == "inbound" { self.rng.exponential(60.0) as i64 } else { 0 };
        let talk = 10 + self.rng.exponential(240.0) as i64;
        let answered = self.start + ivr + wait;
        let end = answered + talk;
        let name = self.rng.chance(0.5).then(|| {
            let (first, last) = at(&self.p.names, self.start);
            format!("{first} {last}")
        });
        let like = Session { direction, session_id: String::new(), ..customer.session.clone() };
        let mut own = customer.session;
        (own.session_id, own.direction) = (self.rng.uuid(), direction);
        own.segments = vec![segment(self.start, end, "interact", None)];
        own.segments[0].subject = (own.media_type == "email").then_some(queue.subject);
        own.segments[0].disconnect_type = Some("client");
        let purpose = if self.rng.chance(0.75) { "customer" } else { "external" };
        let mut participants = vec![self.participant(purpose, name, None, own)];
        participants[0].attributes = customer.attributes;
        if ivr > 0 {
            let mut s = self.session(&like);
            s.metrics = vec![metric("tIvr", ivr, self.start + ivr)];
            s.segments = vec![segment(self.start, self.start + ivr, "ivr", None)];
            participants.push(self.participant("ivr", None, None, s));
        }
        if direction == "inbound" {
            let mut s = self.session(&like);
            s.metrics = vec![metric("tAcd", wait, answered), metric("tWait", wait, answered)];
            s.segments = vec![segment(self.start + ivr, answered, "delay", Some(queue))];
            participants.push(self.participant("acd", None, None, s));
        }
        participants.push(self.agent_leg("agent", &agent, &like, &customer.shown, queue, answered, end));
        if self.rng.chance(0.06) {
            self.summary.case("transfers", 1);
            let second = staff::agent(self.rng);
            let from = answered + talk / 2;
            let mut other = self.agent_leg("internal", &second, &like, &agent.phone, queue, from, end);
            other.sessions[0].metrics.push(metric("nTransferred", 1, from));
            participants.push(other);
        }
        Conversation {
            conversation_id: self.rng.uuid(),
            conversation_start: Stamp(self.start),
            conversation_end: Stamp(end),
            originating_direction: direction,
            participants,
            true_id: self.p.true_id().to_owned(),
        }
    }

    /// A session of the centre's own side: the medium of the customer's without their identifiers.
    fn session(&mut self, like: &Session) -> Session {
        Session {
            session_id: self.rng.uuid(),
            media_type: like.media_type,
            message_type: like.message_type,
            direction: like.direction,
            provider: like.provider,
            ..Session::default()
        }
    }

    /// The leg of an agent, with the agent's own number and address in the places of a caller's.
    #[allow(clippy::too_many_arguments)]
    fn agent_leg(
        &mut self,
        purpose: &'static str,
        agent: &Agent,
        like: &Session,
        other: &str,
        queue: Queue,
        from: i64,
        to: i64,
    ) -> Participant {
        let mut s = self.session(like);
        match like.media_type {
            "voice" => {
                s.ani = Some(format!("tel:{}", agent.phone));
                s.dnis = like.dnis.clone().filter(|_| like.direction == "inbound");
            }
            "email" => {
                s.address_from = Some(agent.email.clone());
                s.address_to = Some(staff::SUPPORT.to_owned());
            }
            _ => {}
        }
        s.address_self = Some(agent.email.clone());
        s.address_other = Some(other.to_owned());
        s.remote = Some(other.to_owned());
        let (talk, after) = (to - from, self.rng.between(0, 90));
        s.metrics = vec![
            metric("tTalk", talk, to),
            metric("tTalkComplete", talk, to),
            metric("tAcw", after, to + after),
            metric("tHandle", talk + after, to + after),
        ];
        let mut wrap_up = segment(to, to + after, "wrapup", Some(queue));
        wrap_up.wrap_up_code = Some(*self.rng.pick(&queue.wrap_up_codes));
        s.segments = vec![segment(from, to, "interact", Some(queue)), wrap_up];
        self.participant(purpose, Some(agent.name.clone()), Some(agent.id.clone()), s)
    }

    fn participant(
        &mut self,
        purpose: &'static str,
        participant_name: Option<String>,
        user_id: Option<String>,
        session: Session,
    ) -> Participant {
        Participant {
            participant_id: self.rng.uuid(),
            participant_name,
            purpose,
            user_id,
            attributes: BTreeMap::new(),
            sessions: vec![session],
        }
    }
}

/// The address that the customer writes from: their own, the family's or their employer's, in any case.
pub(crate) fn written_from(p: &Person, time: i64, rng: &mut Rng) -> String {
    let k = rng.unit();
    let address = match (&p.family_email, &p.employer, &p.work_email) {
        (Some(family), ..) if k < 0.35 => family,
        (_, Some(e), _) if k < 0.60 && p.uses_inbox => &e.inbox,
        (_, _, Some(work)) if k < 0.50 => work,
        _ => at(&p.emails, time),
    };
    if rng.chance(0.08) { address.to_uppercase() } else { address.clone() }
}

fn segment(start: i64, end: i64, segment_type: &'static str, queue: Option<Queue>) -> Segment {
    Segment {
        segment_start: Stamp(start),
        segment_end: Stamp(end),
        segment_type,
        queue_id: queue.map(|q| q.id),
        disconnect_type: None,
        wrap_up_code: None,
        subject: None,
    }
}

fn metric(name: &'static str, seconds: i64, time: i64) -> Metric {
    let value = if name.starts_with('t') { seconds * 1_000 } else { seconds };
    Metric { name, value, emit_date: Stamp(time) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::tests::run;
    use std::collections::BTreeSet;

    #[test]
    fn a_withheld_caller_shows_no_number_in_any_leg() {
        let all = run().0.conversations;
        let withheld = all.iter().filter(|c| {
            c.participants[0].sessions[0].ani.as_deref().is_some_and(|ani| WITHHELD.contains(&ani))
        });
        let agents: BTreeSet<_> = withheld
            .clone()
            .flat_map(|c| &c.participants[1..])
            .filter(|p| p.purpose == "agent")
            .filter_map(|p| p.sessions[0].remote.as_deref())
            .collect();
        assert!(withheld.count() > 10);
        assert!(agents.iter().all(|shown| WITHHELD.contains(shown)), "{agents:?}");
    }

    #[test]
    fn a_noted_account_is_the_callers_own() {
        let (all, _) = run();
        let owner = |id: &str| all.records.iter().find(|r| r.id == id).map(|r| r.true_id.clone());
        let noted: Vec<_> = all
            .conversations
            .iter()
            .filter_map(|c| Some((c.participants[0].attributes.get("accountNumber")?, &c.true_id)))
            .collect();
        assert!(noted.len() > 50);
        assert!(noted.into_iter().all(|(id, true_id)| owner(id).as_ref() == Some(true_id)));
    }

    #[test]
    fn the_phases_of_a_conversation_follow_each_other() {
        for c in run().0.conversations {
            assert!(c.conversation_start < c.conversation_end);
            let agent = c.participants.iter().find(|p| p.purpose == "agent").unwrap();
            let talk = agent.sessions[0].metrics.iter().find(|m| m.name == "tTalk").unwrap();
            assert!(talk.value >= 10_000);
            for s in c.participants.iter().flat_map(|p| &p.sessions).flat_map(|s| &s.segments) {
                assert!(c.conversation_start <= s.segment_start && s.segment_start <= s.segment_end);
            }
        }
    }
}
