//! The web sessions of a customer: browsing, logins, chats, on own and on shared devices, before and after a login.

use crate::noise::nickname;
use crate::people::{Person, at};
use crate::rng::Rng;
use crate::segment::{
    Context, ExternalId, Library, PostalAddress, Properties, Traits, WebEvent, WebEventKind,
};
use crate::sink::Sink;
use crate::summary::Summary;
use crate::time::{DAY, END, Stamp};
use crate::{Config, email, phone, staff};
use std::io;

const PATHS: [&str; 11] = [
    "/",
    "/pricing",
    "/login",
    "/account",
    "/help",
    "/help/contact",
    "/checkout",
    "/cart",
    "/product/1138",
    "/product/42",
    "/offers",
];
const EVENTS: [&str; 7] = [
    "Product Viewed",
    "Product Added",
    "Signed In",
    "Checkout Started",
    "Order Completed",
    "Support Ticket Created",
    "Subscription Cancelled",
];
const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/124.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/124.0 Mobile",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) Firefox/125.0",
];

/// The mean number of events in a session, measured.
const EVENTS_PER_SESSION: f64 = 2.72;
/// The share of customers who use the web.
const WEB_USERS: f64 = 0.70;

/// All web events of a customer, session after session.
pub(crate) fn events(
    p: &Person,
    crm_ids: &[String],
    config: &Config,
    rng: &mut Rng,
    summary: &mut Summary,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    if !p.uses_web || config.events_per_customer <= 0.0 {
        return Ok(());
    }
    let mean = config.events_per_customer / (WEB_USERS * EVENTS_PER_SESSION);
    // Whoever uses the web has at least one session, as far as the mean allows.
    let drawn = if mean < 1.0 { mean } else { 1.0 + rng.exponential(mean - 1.0) };
    let sessions = drawn as usize + usize::from(rng.chance(drawn.fract()));
    let mut starts: Vec<i64> = (0..sessions.min(1_000)).map(|_| p.moment(rng)).collect();
    starts.sort_unstable();
    let mut devices = p.devices.clone();
    for start in starts {
        let shared = p.shared_device.as_ref().filter(|_| rng.chance(0.5));
        let device = rng.index(devices.len());
        if shared.is_none() && rng.chance(0.06) {
            devices[device] = rng.uuid();
            summary.case("cleared_cookies", 1);
        }
        let session = Session {
            p,
            crm_ids,
            config,
            cookie: shared.unwrap_or(&devices[device]).clone(),
            on_shared_device: shared.is_some(),
            ip: format!("203.0.113.{}", rng.between(1, 255)),
            browser: BROWSERS[rng.index(BROWSERS.len())],
        };
        session.run(start.min(END - 7_200), rng, summary, sink)?;
    }
    Ok(())
}

/// One visit with one browser.
struct Session<'a> {
    p: &'a Person,
    crm_ids: &'a [String],
    config: &'a Config,
    cookie: String,
    on_shared_device: bool,
    ip: String,
    browser: &'static str,
}

impl Session<'_> {
    fn run(&self, start: i64, rng: &mut Rng, summary: &mut Summary, sink: &mut dyn Sink) -> io::Result<()> {
        let steps = 1 + (rng.exponential(1.43) as usize).min(11);
        let login = (rng.chance(0.62)).then(|| rng.index(steps));
        let mut user: Option<&String> = None;
        let mut time = start;
        for step in 0..steps {
            time += rng.between(3, 240);
            if login == Some(step) && self.p.user_id.is_some() {
                user = self.p.user_id.as_ref();
                self.log_in(time, rng, summary, sink)?;
            }
            let mut e = self.event(WebEventKind::Page, time + 1, user, rng);
            if rng.chance(0.5) {
                e.name = Some("Page");
                e.properties =
                    Some(Properties { path: Some(PATHS[rng.index(PATHS.len())]), ..Properties::default() });
            } else {
                e.kind = WebEventKind::Track;
                e.event = Some(EVENTS[rng.early_index(EVENTS.len())]);
                e.properties = Some(Properties {
                    value: Some(rng.between(100, 30_000) as f64 / 100.0),
                    currency: Some(self.p.customer.country.currency()),
                    ..Properties::default()
                });
                if rng.chance(if user.is_some() { 0.30 } else { 0.015 }) {
                    let email = Some(at(&self.p.emails, time).clone());
                    e.context.traits = Some(Traits { email, ..Traits::default() });
                }
            }
            self.send(e, summary, sink)?;
        }
        if rng.chance(0.06) {
            self.chat(time + 30, user, rng, summary, sink)?;
        }
        Ok(())
    }

    fn log_in(&self, time: i64, rng: &mut Rng, summary: &mut Summary, sink: &mut dyn Sink) -> io::Result<()> {
        let user = self.p.user_id.as_ref();
        let mut e = self.event(WebEventKind::Identify, time, user, rng);
        e.traits = Some(self.traits(time, rng, summary));
        if !self.crm_ids.is_empty() && rng.chance(0.15) {
            let id = rng.pick(self.crm_ids).clone();
            e.context.external_ids =
                vec![ExternalId { id, kind: "crm_id", collection: "users", encoding: "none" }];
        }
        summary.case("logins_on_shared_devices", self.on_shared_device.into());
        self.send(e, summary, sink)?;
        if rng.chance(0.08) {
            let mut e = self.event(WebEventKind::Alias, time + 1, user, rng);
            e.previous_id = Some(self.cookie.clone());
            self.send(e, summary, sink)?;
        }
        if let Some(employer) = &self.p.employer
            && rng.chance(0.30)
        {
            let mut e = self.event(WebEventKind::Group, time + 1, user, rng);
            e.group_id = Some(employer.id.clone());
            e.traits = Some(Traits {
                name: Some(employer.name.clone()),
                email: Some(employer.inbox.clone()),
                phone: Some(employer.switchboard.clone()),
                ..Traits::default()
            });
            self.send(e, summary, sink)?;
        }
        Ok(())
    }

    /// What the form or the profile says about the user at a login.
    fn traits(&self, time: i64, rng: &mut Rng, summary: &mut Summary) -> Traits {
        let p = self.p;
        let mut t = Traits::default();
        let family = p.family_email.as_ref().filter(|_| rng.chance(0.15));
        let mut address = family.unwrap_or_else(|| at(&p.emails, time)).clone();
        if rng.chance(0.08) {
            address = address.to_uppercase();
        }
        t.email = Some(address);
        if rng.chance(0.8) {
            let (first, last) = at(&p.names, time);
            t.first_name = Some(if rng.chance(0.15) { nickname(first, rng) } else { first.clone() });
            t.last_name = Some(last.clone());
        }
        if rng.chance(0.4) {
            t.phone = Some(phone::written(&at(&p.mobiles, time).number, rng).0);
        }
        if rng.chance(0.05) {
            t.birthday = Some(p.customer.dob.to_string());
        }
        if rng.chance(0.10) {
            let home = at(&p.homes, time);
            t.address = Some(PostalAddress {
                street: home.line(false),
                city: home.city,
                postal_code: home.postcode.clone(),
                country: p.customer.country.code(),
            });
        }
        if rng.chance((0.012 * self.config.noise).min(0.95)) {
            if t.phone.is_some() && rng.chance(0.5) {
                t.phone = Some((*rng.pick(p.customer.country.junk_phones())).to_owned());
            } else {
                t.email = Some(email::junk(self.config.safe_domains, rng));
            }
            summary.case("junk_trait_events", 1);
        }
        t
    }

    fn chat(
        &self,
        mut time: i64,
        user: Option<&String>,
        rng: &mut Rng,
        summary: &mut Summary,
        sink: &mut dyn Sink,
    ) -> io::Result<()> {
        let (agent, id, begin) = (staff::agent(rng), rng.uuid(), time);
        let about = |duration: Option<u32>, message: Option<String>| {
            Some(Properties {
                agent_id: Some(agent.id.clone()),
                agent_name: Some(agent.name.clone()),
                agent_username: Some(agent.email.clone()),
                conversation_id: Some(id.clone()),
                conversation_duration: duration,
                message_id: message,
                ..Properties::default()
            })
        };
        let mut e = self.event(WebEventKind::Track, time, user, rng);
        e.event = Some("Live Chat Conversation Started");
        e.properties = about(None, None);
        self.send(e, summary, sink)?;
        for _ in 0..rng.between(1, 4) {
            time += rng.between(10, 120);
            let mut e = self.event(WebEventKind::Track, time, user, rng);
            e.event =
                Some(if rng.chance(0.5) { "Live Chat Message Sent" } else { "Live Chat Message Received" });
            e.properties = about(None, Some(rng.uuid()));
            self.send(e, summary, sink)?;
        }
        time += rng.between(10, 120);
        let mut e = self.event(WebEventKind::Track, time, user, rng);
        e.event = Some("Live Chat Conversation Ended");
        e.properties = about(Some((time - begin) as u32), None);
        self.send(e, summary, sink)
    }

    /// An event without content yet.
    fn event(&self, kind: WebEventKind, time: i64, user: Option<&String>, rng: &mut Rng) -> WebEvent {
        // A phone without a network sends what it kept when it is back.
        let late = if rng.chance(0.015) { rng.between(600, 3 * DAY) } else { 0 };
        WebEvent {
            kind,
            message_id: rng.uuid(),
            anonymous_id: self.cookie.clone(),
            user_id: user.cloned(),
            timestamp: Stamp(time),
            sent_at: Stamp(time + late),
            received_at: Stamp(time + late + rng.between(0, 3)),
            previous_id: None,
            group_id: None,
            event: None,
            name: None,
            traits: None,
            properties: None,
            context: Context {
                ip: self.ip.clone(),
                user_agent: self.browser,
                locale: self.p.customer.country.locale(),
                library: Library { name: "analytics.js", version: "2.11.1" },
                traits: None,
                external_ids: Vec::new(),
            },
            true_id: self.p.true_id().to_owned(),
        }
    }

    fn send(&self, e: WebEvent, summary: &mut Summary, sink: &mut dyn Sink) -> io::Result<()> {
        summary.web_events += 1;
        if self.on_shared_device && e.user_id.is_none() {
            summary.case("anonymous_events_on_shared_devices", 1);
        }
        sink.event(&e)
    }
}

#[cfg(test)]
mod tests {
    use crate::WebEventKind;
    use crate::sink::tests::run;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn shared_devices_carry_several_logins_and_anonymous_browsing() {
        let (all, _) = run();
        let mut logins: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
        for e in &all.events {
            logins.entry(&e.anonymous_id).or_default().insert(e.user_id.as_deref());
        }
        let shared = logins.values().filter(|l| l.contains(&None) && l.len() > 2).count();
        assert!(shared > 20, "{shared}");
    }

    #[test]
    fn a_login_belongs_to_one_customer() {
        let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for e in run().0.events {
            assert!(e.kind != WebEventKind::Identify || e.user_id.is_some());
            assert!(e.timestamp <= e.sent_at && e.sent_at <= e.received_at);
            if let Some(user) = e.user_id {
                owners.entry(user).or_default().insert(e.true_id);
            }
        }
        assert!(owners.len() > 500 && owners.values().all(|o| o.len() == 1));
    }
}
