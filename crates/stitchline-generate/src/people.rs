//! The population: from a household's number to its members with all their names, numbers and addresses over time.

use crate::lists::{LISTS, Origin};
use crate::model::Customer;
use crate::place::Address;
use crate::registry::{Employer, Registry};
use crate::rng::Rng;
use crate::summary::Summary;
use crate::time::{BEGIN, DAY, Date, END};
use crate::{Config, Country, email, ids};
use std::sync::Arc;

/// A value that holds from a moment on.
#[derive(Debug, Clone)]
pub(crate) struct Since<T> {
    pub(crate) from: i64,
    pub(crate) value: T,
}

/// The value that holds at `time`.
pub(crate) fn at<T>(history: &[Since<T>], time: i64) -> &T {
    let i = history.iter().rposition(|s| s.from <= time).unwrap_or(0);
    &history[i].value
}

/// A mobile number, and whether somebody else had it before.
#[derive(Debug, Clone)]
pub(crate) struct Mobile {
    pub(crate) number: String,
    pub(crate) recycled: bool,
}

/// One customer with the whole of their history.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) customer: Customer,
    /// `twin` or `junior` for those whom a system mistakes for a relative.
    pub(crate) tag: Option<&'static str>,
    /// When they became a customer.
    pub(crate) start: i64,
    pub(crate) names: Vec<Since<(String, String)>>,
    pub(crate) mobiles: Vec<Since<Mobile>>,
    pub(crate) emails: Vec<Since<String>>,
    pub(crate) employer: Option<Arc<Employer>>,
    pub(crate) work_email: Option<String>,
    pub(crate) uses_inbox: bool,
    pub(crate) uses_switchboard: bool,
    pub(crate) family_email: Option<String>,
    pub(crate) landline: Option<String>,
    pub(crate) homes: Vec<Since<Address>>,
    pub(crate) uses_web: bool,
    pub(crate) user_id: Option<String>,
    /// Cookies of their own devices.
    pub(crate) devices: Vec<String>,
    /// The cookie of a device that the household shares.
    pub(crate) shared_device: Option<String>,
}

impl Person {
    pub(crate) fn true_id(&self) -> &str {
        &self.customer.true_id
    }

    /// A moment of their time as a customer.
    pub(crate) fn moment(&self, rng: &mut Rng) -> i64 {
        rng.between(self.start, END)
    }
}

/// What the members of a household have in common.
struct Household {
    id: String,
    country: Country,
    origin: Origin,
    homes: Vec<Since<Address>>,
    landline: Option<String>,
    family_email: Option<String>,
    shared_device: Option<String>,
}

/// Who a member is before they become a customer.
struct Member {
    female: bool,
    age: f64,
    dob: Date,
    first: String,
    last: String,
    tag: Option<&'static str>,
}

/// The members of household `number`; what they were given is noted in `registry`, hard cases in `summary`.
pub(crate) fn household(
    number: u64,
    config: &Config,
    registry: &mut Registry,
    summary: &mut Summary,
) -> Vec<Person> {
    let mut rng = Rng::stream(config.seed, number, 1);
    let rng = &mut rng;
    let country = match rng.unit() {
        k if k < 0.50 => Country::Us,
        k if k < 0.78 => Country::Gb,
        k if k < 0.91 => Country::De,
        _ => Country::Es,
    };
    let size = match rng.unit() {
        k if k < 0.42 => 1,
        k if k < 0.72 => 2,
        k if k < 0.85 => 3,
        k if k < 0.95 => 4,
        _ => 5,
    };
    let origin = match (country, rng.unit()) {
        (Country::Us | Country::Gb, k) if k < 0.05 => Origin::In,
        (Country::Us, k) if k < 0.17 => Origin::Es,
        _ => country.into(),
    };
    let home = Address::new(country, rng);
    let mut surname = LISTS.surname(origin, rng).to_owned();
    if origin == Origin::Es && rng.chance(0.5) {
        surname = format!("{surname} {}", LISTS.surname(origin, rng));
    }
    let members = members(size, origin, &surname, summary, rng);
    let twins = members.iter().any(|m| m.tag == Some("twin"));
    let landline = (rng.chance(0.35) || twins).then(|| registry.landline(country, &home, rng));
    let family_email = (size > 1 && rng.chance(0.22))
        .then(|| email::family(&surname, country, config.safe_domains, registry, rng));
    let shared_device = (size > 1 && rng.chance(0.45)).then(|| rng.uuid());
    let mut homes = vec![Since { from: i64::MIN, value: home }];
    if rng.chance(0.22) {
        homes.push(Since { from: rng.between(BEGIN, END), value: Address::new(country, rng) });
    }
    let id = format!("H{number:07}");
    let home = Household { id, country, origin, homes, landline, family_email, shared_device };
    members.iter().map(|m| person(m, &home, config, registry, summary, rng)).collect()
}

fn members(size: usize, origin: Origin, surname: &str, summary: &mut Summary, rng: &mut Rng) -> Vec<Member> {
    let mut all: Vec<Member> = Vec::with_capacity(size);
    for j in 0..size {
        let female = rng.chance(0.5);
        let age = match all.first() {
            None => 22.0 + rng.unit() * 60.0,
            Some(first) if j == 1 => rng.normal(first.age, 4.0).clamp(18.0, 92.0),
            Some(first) => (first.age - 22.0 - rng.unit() * 14.0).max(13.0),
        };
        // Ages are counted at the start of 2022.
        let dob = Date::from_days(18_993 - (age * 365.25) as i64 - rng.between(0, 365));
        let mut m = Member {
            female,
            age,
            dob,
            first: LISTS.first_name(origin, female, rng).to_owned(),
            last: surname.to_owned(),
            tag: None,
        };
        if j == 1 && rng.chance(0.28) {
            m.last = LISTS.surname(origin, rng).to_owned(); // a partner with a name of their own
        }
        if j >= 2 && rng.chance(0.05) && female == all[0].female {
            (m.first, m.last) = (all[0].first.clone(), all[0].last.clone());
            m.tag = Some("junior");
            summary.case("same_name_parent_child", 1);
        }
        if j >= 3 && rng.chance(0.10) {
            (m.dob, m.last) = (all[j - 1].dob, all[j - 1].last.clone());
            while m.first == all[j - 1].first {
                m.first = LISTS.first_name(origin, female, rng).to_owned();
            }
            m.tag = Some("twin");
            all[j - 1].tag = Some("twin");
            summary.case("twins", 1);
        }
        all.push(m);
    }
    all
}

fn person(
    m: &Member,
    home: &Household,
    config: &Config,
    registry: &mut Registry,
    summary: &mut Summary,
    rng: &mut Rng,
) -> Person {
    let n = summary.customers + 1;
    summary.customers = n;
    let country = home.country;
    // More customers are old ones than new ones.
    let u = rng.unit();
    let start = BEGIN + ((0.8 * u + 0.2 * u * u) * (END - BEGIN - 30 * DAY) as f64) as i64;
    let names = names(m, home.origin, start, summary, rng);
    let mobiles = mobiles(country, start, registry, summary, rng);
    let mut emails = Vec::new();
    let mut from = i64::MIN;
    loop {
        let (first, last) = at(&names, from.max(start));
        let year = m.dob.year;
        let value = email::personal((first, last), year, country, config.safe_domains, registry, rng);
        emails.push(Since { from, value });
        if emails.len() == 4 || !rng.chance(0.28) {
            break;
        }
        from = rng.between(from.max(start), END);
    }
    let works = rng.chance(0.35) && m.age > 20.0;
    let employer = works.then(|| registry.employer(country, config.safe_domains, rng));
    let (mut work_email, mut uses_inbox, mut uses_switchboard) = (None, false, false);
    if let Some(e) = &employer {
        work_email = rng.chance(0.6).then(|| email::work(&m.first, &m.last, e, registry, rng));
        (uses_inbox, uses_switchboard) = (rng.chance(0.06), rng.chance(0.20));
    }
    let family_email = home.family_email.clone().filter(|_| rng.chance(0.6));
    let landline = home.landline.clone().filter(|_| m.tag == Some("twin") || rng.chance(0.75));
    let uses_web = rng.chance(0.70);
    let own_devices = 1 + usize::from(rng.chance(0.45)) + usize::from(rng.chance(0.12));
    let devices = (0..own_devices).map(|_| rng.uuid()).collect();
    let user_id = (rng.chance(0.72) && uses_web).then(|| format!("u_{}", ids::scrambled(n, 2, config.seed)));
    let shared_device = home.shared_device.clone().filter(|_| uses_web);
    summary.case("shared_family_inbox_customers", family_email.is_some().into());
    summary.case("shared_landline_customers", landline.is_some().into());
    summary.case("shared_device_customers", shared_device.is_some().into());
    summary.case("employer_inbox_customers", uses_inbox.into());
    summary.case("switchboard_customers", uses_switchboard.into());
    summary.case("moves", home.homes.get(1).is_some_and(|h| h.from > start).into());
    let customer = Customer {
        true_id: format!("C{}", ids::scrambled(n, 1, config.seed)),
        household_id: home.id.clone(),
        employer_id: employer.as_ref().map_or_else(String::new, |e| e.id.clone()),
        first_name: m.first.clone(),
        surname: m.last.clone(),
        sex: if m.female { "f" } else { "m" },
        dob: m.dob,
        country,
    };
    Person {
        customer,
        tag: m.tag,
        start,
        names,
        mobiles,
        emails,
        employer,
        work_email,
        uses_inbox,
        uses_switchboard,
        family_email,
        landline,
        homes: home.homes.clone(),
        uses_web,
        user_id,
        devices,
        shared_device,
    }
}

/// The name, and for some a new surname or a double one from some day on.
fn names(
    m: &Member,
    origin: Origin,
    start: i64,
    summary: &mut Summary,
    rng: &mut Rng,
) -> Vec<Since<(String, String)>> {
    let mut names = vec![Since { from: i64::MIN, value: (m.first.clone(), m.last.clone()) }];
    if rng.chance(if m.female { 0.14 } else { 0.02 }) {
        let mut last = LISTS.surname(origin, rng).to_owned();
        if rng.chance(0.25) {
            last = format!("{}-{last}", m.last);
        }
        names.push(Since { from: rng.between(start, END), value: (m.first.clone(), last) });
        summary.case("name_changes", 1);
    }
    names
}

/// The mobile numbers one after the other; the ones given up may be given to somebody else 90 days later.
fn mobiles(
    country: Country,
    start: i64,
    registry: &mut Registry,
    summary: &mut Summary,
    rng: &mut Rng,
) -> Vec<Since<Mobile>> {
    let mut all: Vec<Since<Mobile>> = Vec::new();
    let (mut from, mut time) = (i64::MIN, start);
    loop {
        let (number, recycled) = registry.mobile(country, time, rng);
        summary.case("recycled_mobiles", recycled.into());
        all.push(Since { from, value: Mobile { number, recycled } });
        if all.len() == 4 || !rng.chance(0.30) {
            return all;
        }
        time = rng.between(time, END) + DAY;
        if time >= END {
            return all;
        }
        from = time;
        let given_up = &all[all.len() - 1].value.number;
        registry.retire(given_up, time + 90 * DAY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_a_household_belong_together() {
        let (mut registry, mut summary) = (Registry::default(), Summary::default());
        let config = Config::default();
        let mut twins = 0;
        for n in 1..3_000 {
            let all = household(n, &config, &mut registry, &mut summary);
            assert!((1..=5).contains(&all.len()));
            assert!(all.iter().all(|p| p.customer.household_id == all[0].customer.household_id));
            for pair in all.windows(2).filter(|w| w[1].tag == Some("twin") && w[0].tag == Some("twin")) {
                twins += 1;
                assert_eq!(pair[0].customer.dob, pair[1].customer.dob);
                assert_eq!(pair[0].landline, pair[1].landline);
                assert!(pair[0].landline.is_some());
                assert_ne!(pair[0].customer.first_name, pair[1].customer.first_name);
            }
        }
        assert!(twins > 10);
        assert!(summary.hard_cases["recycled_mobiles"] > 50);
    }

    #[test]
    fn a_history_answers_for_every_moment() {
        let h = [Since { from: i64::MIN, value: 'a' }, Since { from: 10, value: 'b' }];
        assert_eq!([*at(&h, -5), *at(&h, 9), *at(&h, 10)], ['a', 'a', 'b']);
    }
}
