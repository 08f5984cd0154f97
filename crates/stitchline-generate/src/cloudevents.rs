//! Contacts in CloudEvents 1.0 envelopes: e-mails and SMS received, visits to a store.

use crate::conversations::written_from;
use crate::people::{Person, at};
use crate::phone;
use crate::rng::Rng;
use crate::sink::Sink;
use crate::summary::Summary;
use crate::time::Stamp;
use crate::{Config, staff};
use serde::Serialize;
use std::io;

/// One event. Serialises to one line of `cloudevents.jsonl`, without its truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CloudEvent {
    /// The version of the specification: `1.0`.
    pub specversion: &'static str,
    /// The id, unique together with the source.
    pub id: String,
    /// Where it comes from: `/mail/inbound`, `/sms/gateway`, or a store such as `/stores/gb-07`.
    pub source: String,
    /// `com.example.mail.received`, `com.example.sms.received` or `com.example.store.visited`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// When it happened. The file is in this order.
    pub time: Stamp,
    /// How `data` is written.
    pub datacontenttype: &'static str,
    /// The content.
    pub data: CloudData,
    /// Whose contact it was; never serialised.
    #[serde(skip)]
    pub true_id: String,
}

/// The content of a [`CloudEvent`].
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CloudData {
    /// What was known about the customer.
    pub customer: CustomerIds,
    /// The subject of an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<&'static str>,
    /// The centre's own address that was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<&'static str>,
    /// What was paid in the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// The currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<&'static str>,
}

/// The identifiers of a customer in a [`CloudEvent`]. Those that are not known are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerIds {
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The telephone number as it was seen or typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The customer card: the id of a record of the source `crm`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crm_id: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// All CloudEvents of a customer.
pub(crate) fn events(
    p: &Person,
    crm_ids: &[String],
    config: &Config,
    rng: &mut Rng,
    summary: &mut Summary,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    if config.cloud_events_per_customer <= 0.0 {
        return Ok(());
    }
    let drawn = rng.exponential(config.cloud_events_per_customer);
    let count = drawn as u64 + u64::from(rng.chance(drawn.fract()));
    for _ in 0..count.min(1_000) {
        let event = event(p, crm_ids, rng);
        summary.cloud_events += 1;
        sink.cloud_event(&event)?;
    }
    Ok(())
}

fn event(p: &Person, crm_ids: &[String], rng: &mut Rng) -> CloudEvent {
    let time = p.moment(rng);
    let (first, last) = at(&p.names, time);
    let name = rng.chance(0.5).then(|| format!("{first} {last}"));
    let mobile = &at(&p.mobiles, time).number;
    let country = p.customer.country;
    let mut data = CloudData::default();
    let (source, kind) = match rng.unit() {
        k if k < 0.40 => {
            data.customer =
                CustomerIds { email: Some(written_from(p, time, rng)), name, ..CustomerIds::default() };
            (data.subject, data.to) = (Some(staff::queue(rng).subject), Some(staff::SUPPORT));
            ("/mail/inbound".to_owned(), "com.example.mail.received")
        }
        k if k < 0.65 => {
            data.customer.phone = Some(mobile.clone());
            data.to = Some(staff::hot_line(country));
            ("/sms/gateway".to_owned(), "com.example.sms.received")
        }
        _ => {
            let card = !crm_ids.is_empty() && rng.chance(0.6);
            data.customer.crm_id = card.then(|| rng.pick(crm_ids).clone());
            if !card || rng.chance(0.2) {
                data.customer.phone = Some(phone::written(mobile, rng).0);
            }
            if rng.chance(0.3) {
                data.customer.email = Some(at(&p.emails, time).clone());
                data.customer.name = name;
            }
            data.amount = Some(rng.between(200, 20_000) as f64 / 100.0);
            data.currency = Some(country.currency());
            let store = rng.between(1, 40);
            let place = country.code().to_lowercase();
            (format!("/stores/{place}-{store:02}"), "com.example.store.visited")
        }
    };
    CloudEvent {
        specversion: "1.0",
        id: rng.uuid(),
        source,
        kind,
        time: Stamp(time),
        datacontenttype: "application/json",
        data,
        true_id: p.true_id().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::sink::tests::run;
    use std::collections::BTreeSet;

    #[test]
    fn every_event_shows_an_identifier_and_has_its_own_id() {
        let all = run().0.cloud_events;
        let mut ids = BTreeSet::new();
        for e in &all {
            let c = &e.data.customer;
            assert!(c.email.is_some() || c.phone.is_some() || c.crm_id.is_some(), "{e:?}");
            assert!(ids.insert((&e.source, &e.id)));
        }
        let kinds: BTreeSet<_> = all.iter().map(|e| e.kind).collect();
        assert_eq!(kinds.len(), 3);
    }
}
