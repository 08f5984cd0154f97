//! The records about a customer: their true history in, what a source holds out, with errors, gaps and old data.

use crate::model::{Interaction, PersonRecord, Source};
use crate::noise::{mishear, misread, mistype, nickname, unaccented};
use crate::people::{Person, at};
use crate::rng::Rng;
use crate::summary::Summary;
use crate::time::{DAY, Date, Stamp};
use crate::{Config, email, phone};

/// How often a source fills each field.
struct Presence {
    first: f64,
    surname: f64,
    dob: f64,
    email: f64,
    phone: f64,
    address: f64,
    postcode_alone: f64,
}

/// How often a source makes each error in a record.
struct Errors {
    typo: f64,
    misread: f64,
    misheard: f64,
    nickname: f64,
    initial: f64,
    swapped: f64,
    upper: f64,
    dob: f64,
}

#[rustfmt::skip]
const PRESENCE: [Presence; 5] = [
    Presence { first: 0.995, surname: 0.995, dob: 0.85, email: 0.85, phone: 0.82, address: 0.93, postcode_alone: 0.00 },
    Presence { first: 0.90, surname: 0.55, dob: 0.03, email: 0.88, phone: 0.25, address: 0.00, postcode_alone: 0.12 },
    Presence { first: 0.92, surname: 0.90, dob: 0.45, email: 0.30, phone: 1.00, address: 0.35, postcode_alone: 0.10 },
    Presence { first: 0.90, surname: 0.85, dob: 0.02, email: 1.00, phone: 0.20, address: 0.05, postcode_alone: 0.02 },
    Presence { first: 0.80, surname: 0.88, dob: 0.15, email: 0.42, phone: 0.55, address: 0.10, postcode_alone: 0.45 },
];

#[rustfmt::skip]
const ERRORS: [Errors; 5] = [
    Errors { typo: 0.05, misread: 0.02, misheard: 0.02, nickname: 0.08, initial: 0.01, swapped: 0.005, upper: 0.05, dob: 0.02 },
    Errors { typo: 0.12, misread: 0.00, misheard: 0.02, nickname: 0.28, initial: 0.04, swapped: 0.010, upper: 0.02, dob: 0.05 },
    Errors { typo: 0.05, misread: 0.00, misheard: 0.22, nickname: 0.20, initial: 0.02, swapped: 0.020, upper: 0.02, dob: 0.06 },
    Errors { typo: 0.05, misread: 0.00, misheard: 0.00, nickname: 0.22, initial: 0.06, swapped: 0.050, upper: 0.01, dob: 0.03 },
    Errors { typo: 0.10, misread: 0.14, misheard: 0.04, nickname: 0.12, initial: 0.14, swapped: 0.020, upper: 0.55, dob: 0.06 },
];

/// Values that stand for a name that nobody gave.
const JUNK_NAMES: [(&str, &str); 4] =
    [("Unknown", "Unknown"), ("Test", "Test"), ("null", "null"), ("N/A", "N/A")];

/// How many records a customer has: 2.7 on average, with a long tail.
pub(crate) fn count(rng: &mut Rng) -> u64 {
    let n = match rng.unit() {
        k if k < 0.36 => 1,
        k if k < 0.62 => 2,
        k if k < 0.78 => 3,
        k if k < 0.88 => 4,
        k if k < 0.995 => 5 + rng.exponential(2.2) as u64,
        _ => 12 + rng.exponential(8.3) as u64,
    };
    n.min(60)
}

/// One record, by a source and at a time drawn for it.
pub(crate) fn record(
    p: &Person,
    id: String,
    config: &Config,
    summary: &mut Summary,
    rng: &mut Rng,
) -> PersonRecord {
    let source = match rng.unit() {
        k if k < 0.30 => Source::Crm,
        k if k < 0.50 => Source::WebChat,
        k if k < 0.72 => Source::Phone,
        k if k < 0.88 => Source::Email,
        _ => Source::Pos,
    };
    let (has, err) = (&PRESENCE[source as usize], &ERRORS[source as usize]);
    let mut r = Draft { rng, noise: config.noise, tags: Vec::new(), source };
    let written = p.moment(r.rng);
    // Systems that copy data hold what was true some time ago.
    let mut known = written;
    if matches!(source, Source::Crm | Source::Pos) && r.rng.chance(0.25) {
        known -= r.rng.between(1, 400 * DAY);
        r.tags.push("stale");
    }
    let contact = r.contact(p, known);
    let (first, surname) = r.names(p, known, has, err);
    let home = at(&p.homes, known);
    if p.homes.len() > 1 && home.postcode == p.homes[0].value.postcode {
        r.tags.push("old_address");
    }
    let (whole, postcode_alone) = (r.rng.chance(has.address), r.rng.chance(has.postcode_alone));
    let (mut street, mut city, mut postcode) = (String::new(), String::new(), String::new());
    if whole {
        street = home.line(r.rng.chance(0.35));
        if r.error(err.typo) {
            street = mistype(&street, r.rng);
        }
        city = home.city.to_owned();
        if r.error(err.typo * 0.6) {
            city = mistype(&city, r.rng);
            r.tags.push("city_typo");
        }
    }
    if whole || postcode_alone {
        postcode.clone_from(&home.postcode);
        if r.rng.chance(0.10) {
            postcode = postcode.replace(' ', "").to_lowercase();
        }
        if r.error(err.typo * 0.4) {
            postcode = mistype(&postcode, r.rng);
            r.tags.push("postcode_typo");
        }
    }
    let dob = if r.rng.chance(has.dob) { r.dob(p, err, summary) } else { String::new() };
    let has_email = r.rng.chance(has.email);
    let mut phone = if r.rng.chance(has.phone) { contact.phone } else { String::new() };
    // Every record has something to go on.
    let bare = phone.is_empty() && (surname.is_empty() || (dob.is_empty() && postcode.is_empty()));
    let mut email = if has_email || bare { contact.email } else { String::new() };
    if !email.is_empty() {
        r.tags.extend(contact.email_tag);
        email = r.email(email, err, config.safe_domains, summary);
    }
    if !phone.is_empty() {
        r.tags.extend(contact.phone_tag);
        phone = r.phone(phone, p, err, summary);
    }
    let (mut first_name, mut surname) = (first, surname);
    if r.error(err.upper) {
        (first_name, surname) = (first_name.to_uppercase(), surname.to_uppercase());
        if source == Source::Pos {
            (street, city) = (street.to_uppercase(), city.to_uppercase());
        }
    }
    if r.error(0.004) && !first_name.is_empty() {
        let junk = r.rng.pick(&JUNK_NAMES);
        (first_name, surname) = (junk.0.to_owned(), junk.1.to_owned());
        r.tags.push("junk_name");
        summary.case("junk_name_records", 1);
    }
    r.tags.extend(p.tag);
    let tags = r.tags;
    for &tag in &tags {
        *summary.record_tags.entry(tag).or_default() += 1;
    }
    let (country, true_id) = (p.customer.country, p.true_id().to_owned());
    let updated_at = Stamp(written);
    PersonRecord {
        id,
        source,
        first_name,
        surname,
        dob,
        email,
        phone,
        street,
        city,
        postcode,
        country,
        updated_at,
        true_id,
        tags,
    }
}

/// The number and the address that the customer used in a contact.
struct Contact {
    phone: String,
    phone_tag: Option<&'static str>,
    email: String,
    email_tag: Option<&'static str>,
}

/// A record in the making.
struct Draft<'a> {
    rng: &'a mut Rng,
    noise: f64,
    tags: Vec<&'static str>,
    source: Source,
}

impl Draft<'_> {
    /// True when an error of this rate happens.
    fn error(&mut self, rate: f64) -> bool {
        self.rng.chance((rate * self.noise).min(0.95))
    }

    fn contact(&mut self, p: &Person, time: i64) -> Contact {
        let mobile = at(&p.mobiles, time);
        let (mut phone, mut phone_tag) = (&mobile.number, mobile.recycled.then_some("recycled_phone"));
        let k = self.rng.unit();
        match (&p.landline, &p.employer) {
            (Some(landline), _) if k < 0.28 => (phone, phone_tag) = (landline, Some("landline")),
            (_, Some(e)) if k < 0.60 && p.uses_switchboard => {
                (phone, phone_tag) = (&e.switchboard, Some("switchboard"));
            }
            _ => {}
        }
        let (mut email, mut email_tag) = (at(&p.emails, time), None);
        let k = self.rng.unit();
        match (&p.family_email, &p.employer, &p.work_email) {
            (Some(family), ..) if k < 0.35 => (email, email_tag) = (family, Some("family_email")),
            (_, Some(e), _) if k < 0.60 && p.uses_inbox => {
                (email, email_tag) = (&e.inbox, Some("employer_inbox"))
            }
            (_, _, Some(work)) if k < 0.60 => email = work,
            _ => {}
        }
        Contact { phone: phone.clone(), phone_tag, email: email.clone(), email_tag }
    }

    fn names(&mut self, p: &Person, time: i64, has: &Presence, err: &Errors) -> (String, String) {
        let (first, last) = at(&p.names, time);
        if p.names.len() > 1 && *last == p.names[0].value.1 {
            self.tags.push("old_name");
        }
        let mut first = if self.rng.chance(has.first) { first.clone() } else { String::new() };
        let mut last = if self.rng.chance(has.surname) { last.clone() } else { String::new() };
        if self.error(err.nickname) {
            let short = nickname(&first, self.rng);
            self.change(&mut first, short, "nickname");
        }
        if self.error(err.initial) {
            let initial = first.chars().take(1).collect();
            self.change(&mut first, initial, "initial");
        }
        type Slip = fn(&str, &mut Rng) -> String;
        let slips: [(f64, Slip, _); 3] =
            [(err.typo, mistype, "typo"), (err.misread, misread, "ocr"), (err.misheard, mishear, "phonetic")];
        for (rate, slip, tag) in slips {
            if !self.error(rate) {
                continue;
            }
            if self.rng.chance(0.6) && !last.is_empty() {
                let wrong = slip(&last, self.rng);
                self.change(&mut last, wrong, tag);
            } else if first.len() > 1 {
                let wrong = slip(&first, self.rng);
                self.change(&mut first, wrong, tag);
            }
        }
        if self.error(err.swapped) && !first.is_empty() && !last.is_empty() {
            std::mem::swap(&mut first, &mut last);
            self.tags.push("swapped_names");
        }
        if self.rng.chance(0.35)
            && let Some((one, _)) = last.split_once(' ')
        {
            let one = one.to_owned();
            self.change(&mut last, one, "one_surname");
        }
        if self.rng.chance(0.30) && !(first.is_ascii() && last.is_ascii()) {
            (first, last) = (unaccented(&first), unaccented(&last));
            self.tags.push("accents_lost");
        }
        (first, last)
    }

    /// Replaces the value and notes the reason, when it is another one.
    fn change(&mut self, value: &mut String, by: String, tag: &'static str) {
        if *value != by {
            *value = by;
            self.tags.push(tag);
        }
    }

    fn dob(&mut self, p: &Person, err: &Errors, summary: &mut Summary) -> String {
        let mut d = p.customer.dob;
        if self.error(err.dob) {
            match self.rng.unit() {
                k if k < 0.35 && d.day <= 12 => d = Date { month: d.day, day: d.month, ..d },
                k if k < 0.65 => {
                    d = Date { year: d.year + self.rng.pick(&[1, -1, 10, -10]), day: d.day.min(28), ..d }
                }
                _ => d.day = self.rng.between(1, 29) as u8,
            }
            self.tags.push("dob_error");
        }
        if self.error(0.010) {
            d = Date { year: 1900, month: 1, day: 1 };
            self.tags.push("junk_dob");
            summary.case("junk_dob_records", 1);
        }
        if self.source == Source::Pos { d.local(p.customer.country) } else { d.to_string() }
    }

    fn email(&mut self, email: String, err: &Errors, safe: bool, summary: &mut Summary) -> String {
        if self.error(0.008) {
            self.tags.push("junk_email");
            summary.case("junk_email_records", 1);
            return email::junk(safe, self.rng);
        }
        if self.error(err.typo * 0.5) {
            self.tags.push("email_typo");
            return email::mistyped(&email, self.rng);
        }
        if self.rng.chance(0.12) {
            self.tags.push("email_case");
            let mut chars = email.chars();
            return if self.rng.chance(0.4) {
                email.to_uppercase()
            } else {
                chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
            };
        }
        if self.rng.chance(0.05) && email.contains("@gmail.") {
            self.tags.push("plus_email");
            return email.replace('@', "+shop@");
        }
        email
    }

    fn phone(&mut self, mut phone: String, p: &Person, err: &Errors, summary: &mut Summary) -> String {
        if self.error(0.008) {
            self.tags.push("junk_phone");
            summary.case("junk_phone_records", 1);
            return (*self.rng.pick(p.customer.country.junk_phones())).to_owned();
        }
        if self.source == Source::Phone {
            *summary.phone_styles.entry(phone::Style::E164.name()).or_default() += 1;
            return phone; // the caller id, exact
        }
        if self.error(err.typo * 0.35) {
            phone = phone::mistyped(&phone, self.rng);
            self.tags.push("phone_typo");
        }
        let (text, style) = phone::written(&phone, self.rng);
        *summary.phone_styles.entry(style.name()).or_default() += 1;
        text
    }
}

/// The contact in which a record was made, as a flat interaction.
pub(crate) fn interaction(r: &PersonRecord, id: String, rng: &mut Rng) -> Interaction {
    let (channel, id_type, id_value) = match r.source {
        Source::Crm => ("crm_note", "record", &r.id),
        Source::WebChat => ("chat", "record", &r.id),
        Source::Phone => ("voice", "phone", &r.phone),
        Source::Email => ("email", "email", &r.email),
        Source::Pos => ("store", "record", &r.id),
    };
    let talked = matches!(r.source, Source::Phone | Source::WebChat);
    Interaction {
        id,
        channel,
        direction: if rng.chance(0.15) { "outbound" } else { "inbound" },
        started_at: r.updated_at,
        duration_s: if talked { 5 + rng.exponential(240.0) as u32 } else { 0 },
        id_type,
        id_value: id_value.clone(),
        true_id: r.true_id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::household;
    use crate::registry::Registry;

    fn some(noise: f64) -> (Vec<(Person, PersonRecord)>, Summary) {
        let config = Config { noise, ..Config::default() };
        let (mut registry, mut summary) = (Registry::default(), Summary::default());
        let mut out = Vec::new();
        for n in 1..1_500 {
            let mut rng = Rng::stream(1, n, 2);
            for p in household(n, &config, &mut registry, &mut summary) {
                let r = record(&p, "r".into(), &config, &mut summary, &mut rng);
                out.push((p, r));
            }
        }
        (out, summary)
    }

    #[test]
    fn every_record_has_something_to_go_on() {
        for (_, r) in some(1.0).0 {
            let nameless = r.surname.is_empty() || (r.dob.is_empty() && r.postcode.is_empty());
            assert!(!nameless || !r.email.is_empty() || !r.phone.is_empty(), "{r:?}");
            assert!(r.source != Source::Phone || !r.phone.is_empty());
            assert!(r.source != Source::Email || !r.email.is_empty());
        }
    }

    #[test]
    fn clean_data_has_no_errors() {
        let wrong =
            ["typo", "ocr", "phonetic", "nickname", "initial", "junk_phone", "dob_error", "email_typo"];
        let (all, summary) = some(0.0);
        assert!(wrong.iter().all(|t| !summary.record_tags.contains_key(t)));
        assert!(all.iter().all(|(p, r)| r.dob.len() != 10
            || r.source == Source::Pos
            || r.dob == p.customer.dob.to_string()));
        assert!(wrong.iter().all(|t| some(1.0).1.record_tags.contains_key(t)));
    }

    #[test]
    fn customers_have_three_records_or_so() {
        let mut rng = Rng::stream(1, 0, 0);
        let sum: u64 = (0..20_000).map(|_| count(&mut rng)).sum();
        assert!((2.4..3.0).contains(&(sum as f64 / 20_000.0)), "{sum}");
    }
}
