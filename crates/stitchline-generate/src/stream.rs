//! A stream of contacts in memory for benchmarks: already parsed, several identifiers each, no memory of its own.

use crate::lists::{LISTS, Origin};
use crate::noise::slug;
use crate::rng::{Rng, mix};
use crate::time::{BEGIN, DAY, END, Stamp};
use crate::{Country, ids, phone};

/// What an identifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdKind {
    /// The cookie of a browser.
    Cookie,
    /// The id of an installed app.
    Device,
    /// A login.
    UserId,
    /// An e-mail address in lower case.
    Email,
    /// A telephone number in E.164 form.
    Phone,
    /// The number of the customer in the CRM.
    CrmId,
}

/// The system that a [`ContactEvent`] comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactSource {
    /// The web site: a cookie, when logged in a user id, sometimes an e-mail address.
    Web,
    /// The app: a device and a user id.
    App,
    /// Telephone: a number, for one call in three a CRM id.
    Voice,
    /// E-mail: an address, sometimes a CRM id.
    Mail,
    /// Web chat: a cookie with a user id or an e-mail address.
    Chat,
    /// The CRM: its id with an e-mail address and a number.
    Crm,
}

impl ContactSource {
    /// A short name.
    ///
    /// # Example
    /// ```
    /// assert_eq!(stitchline_generate::ContactSource::Voice.name(), "voice");
    /// ```
    pub fn name(self) -> &'static str {
        ["web", "app", "voice", "mail", "chat", "crm"][self as usize]
    }
}

/// One contact with the identifiers of its customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactEvent {
    /// The system that it comes from.
    pub source: ContactSource,
    /// The id, unique in the stream.
    pub id: String,
    /// When it happened: roughly increasing, one in fifty arrives up to three days late.
    pub time: Stamp,
    /// One to three identifiers, each kind at most once.
    pub identifiers: Vec<(IdKind, String)>,
    /// Whose contact it is.
    pub customer: u64,
}

/// `n` contacts of the world of this seed, over seven years.
///
/// Customers join at a steady rate and come back, the recent ones more often, so that at any length about two
/// events in five show a set of identifiers that its source has not shown before. Households share landlines and
/// computers; some numbers are switchboards, some belonged to another customer before, some values are junk.
/// Every value is computed from the customer's number: the stream needs no memory.
///
/// # Example
/// ```
/// use stitchline_generate::{events, IdKind};
///
/// let with_phone = events(1, 1_000)
///     .filter(|e| e.identifiers.iter().any(|(kind, _)| *kind == IdKind::Phone))
///     .count();
/// assert!(with_phone > 100);
/// assert_eq!(events(1, 1_000).last(), events(1, 1_000).last());
/// ```
pub fn events(seed: u64, n: usize) -> Events {
    Events { seed, rng: Rng::stream(seed, n as u64, 20), next: 0, n: n as u64 }
}

/// The stream that [`events`] returns.
#[derive(Debug, Clone)]
pub struct Events {
    seed: u64,
    rng: Rng,
    next: u64,
    n: u64,
}

/// How many customers join per event.
const JOINING: f64 = 0.055;

impl Iterator for Events {
    type Item = ContactEvent;

    fn next(&mut self) -> Option<ContactEvent> {
        if self.next == self.n {
            return None;
        }
        let i = self.next;
        self.next += 1;
        let joined = 8.0 + i as f64 * JOINING;
        let who = Who { seed: self.seed, n: (self.rng.unit().sqrt() * joined) as u64 };
        let r = &mut self.rng;
        let (source, identifiers) = who.contact(r);
        let late = if r.chance(0.02) { r.between(60, 3 * DAY) } else { r.between(0, 30) };
        let span = i128::from(END - BEGIN);
        let time = BEGIN + (span * i128::from(i) / i128::from(self.n)) as i64 - late;
        let id = format!("{}-{}", source.name(), ids::scrambled(i, 20, self.seed));
        Some(ContactEvent { source, id, time: Stamp(time.max(BEGIN)), identifiers, customer: who.n })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.n - self.next) as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Events {}

/// A customer, of whom everything follows from the number.
struct Who {
    seed: u64,
    n: u64,
}

impl Who {
    fn contact(&self, r: &mut Rng) -> (ContactSource, Vec<(IdKind, String)>) {
        let has_login = self.trait_of(1, 100) < 65;
        match r.unit() {
            k if k < 0.50 => {
                let mut set = vec![(IdKind::Cookie, self.cookie(r))];
                if has_login && r.chance(0.55) {
                    set.push((IdKind::UserId, self.user_id()));
                    if r.chance(0.20) {
                        set.push((IdKind::Email, self.email(r)));
                    }
                }
                (ContactSource::Web, set)
            }
            k if k < 0.60 && has_login => {
                let device = format!("device-{:016x}", self.value(5));
                (ContactSource::App, vec![(IdKind::Device, device), (IdKind::UserId, self.user_id())])
            }
            k if k < 0.75 => {
                let mut set = vec![(IdKind::Phone, self.phone(r))];
                if r.chance(0.35) {
                    set.push((IdKind::CrmId, self.crm_id()));
                }
                (ContactSource::Voice, set)
            }
            k if k < 0.85 => {
                let mut set = vec![(IdKind::Email, self.email(r))];
                if r.chance(0.15) {
                    set.push((IdKind::CrmId, self.crm_id()));
                }
                (ContactSource::Mail, set)
            }
            k if k < 0.93 => {
                let known =
                    if has_login { (IdKind::UserId, self.user_id()) } else { (IdKind::Email, self.email(r)) };
                (ContactSource::Chat, vec![(IdKind::Cookie, self.cookie(r)), known])
            }
            _ => {
                let (email, phone) = (self.email(r), self.phone(r));
                let set =
                    vec![(IdKind::CrmId, self.crm_id()), (IdKind::Email, email), (IdKind::Phone, phone)];
                (ContactSource::Crm, set)
            }
        }
    }

    /// A fixed value of this customer.
    fn value(&self, purpose: u64) -> u64 {
        mix(self.seed ^ mix(self.n ^ (purpose << 48)))
    }

    /// A fixed number below `n` of this customer.
    fn trait_of(&self, purpose: u64, n: u64) -> u64 {
        self.value(purpose) % n
    }

    /// Three neighbours are a household.
    fn household(&self) -> Who {
        Who { seed: self.seed, n: (self.n / 3) | (1 << 40) }
    }

    fn country(&self) -> Country {
        match self.household().trait_of(2, 100) {
            k if k < 50 => Country::Us,
            k if k < 78 => Country::Gb,
            k if k < 91 => Country::De,
            _ => Country::Es,
        }
    }

    fn cookie(&self, r: &mut Rng) -> String {
        let k = r.unit();
        let value = if k < 0.03 {
            r.bits() // the old one was cleared
        } else if k < 0.13 && self.household().trait_of(3, 100) < 30 {
            self.household().value(4)
        } else {
            // Half of the customers have a second device.
            self.value(6 + u64::from(k > 0.75 && self.trait_of(13, 2) == 0))
        };
        format!("{value:016x}-{:08x}", mix(value) >> 32)
    }

    fn user_id(&self) -> String {
        format!("u_{}", ids::scrambled(self.n, 21, self.seed))
    }

    fn crm_id(&self) -> String {
        format!("crm-{}", ids::scrambled(self.n, 22, self.seed))
    }

    fn email(&self, r: &mut Rng) -> String {
        let k = r.unit();
        if k < 0.004 {
            return "test@test.example".to_owned();
        }
        if k < 0.05 && self.household().trait_of(8, 100) < 25 {
            return format!("family{}@mail.example", self.household().n & 0xFF_FFFF_FFFF);
        }
        let mut own = Rng::stream(self.seed, self.n, 21);
        let country = self.country();
        let origin = Origin::from(country);
        let first = LISTS.first_name(origin, own.chance(0.5), &mut own);
        let last = LISTS.surname(origin, &mut own);
        // One customer in four has a second address.
        let host = if k > 0.80 && self.trait_of(9, 4) == 0 { "work" } else { "mail" };
        format!("{}.{}{}@{host}.{}.example", slug(first), slug(last), self.n, country.code().to_lowercase())
    }

    fn phone(&self, r: &mut Rng) -> String {
        let k = r.unit();
        if k < 0.004 {
            return "0000000000".to_owned();
        }
        let country = self.country();
        if k < 0.04 {
            // The switchboard of one of two hundred employers.
            let mut employer = Rng::stream(self.seed, self.trait_of(10, 200), 22);
            return phone::landline(Country::Us, "212", 0, &mut employer);
        }
        if k < 0.20 && self.household().trait_of(11, 100) < 35 {
            let mut home = Rng::stream(self.seed, self.household().n, 23);
            let prefix = LISTS.city(country, &mut home).prefixes[0];
            return phone::landline(country, prefix, 0, &mut home);
        }
        // One mobile in thirty belonged to another customer before.
        let owner = if self.trait_of(12, 30) == 0 { self.n / 2 } else { self.n };
        phone::mobile(Who { seed: self.seed, n: owner }.country(), &mut Rng::stream(self.seed, owner, 24))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, HashSet};

    #[test]
    fn two_events_in_five_show_new_identifiers_at_any_length() {
        for n in [10_000, 100_000, 300_000] {
            let mut seen = HashSet::new();
            let new = events(1, n).filter(|e| seen.insert((e.source, e.identifiers.clone()))).count();
            let share = new as f64 / n as f64;
            assert!((0.35..0.45).contains(&share), "{n}: {share}");
        }
    }

    #[test]
    fn times_increase_but_for_late_arrivals_and_ids_are_unique() {
        let all: Vec<_> = events(3, 50_000).collect();
        let ids: HashSet<_> = all.iter().map(|e| &e.id).collect();
        assert_eq!(ids.len(), all.len());
        let late = all.windows(2).filter(|w| w[1].time < w[0].time).count();
        assert!((500..2_500).contains(&late), "{late}");
        assert!(all.iter().all(|e| (BEGIN..END).contains(&e.time.0)));
        let mean = all.iter().map(|e| e.identifiers.len()).sum::<usize>() as f64 / all.len() as f64;
        assert!(mean > 1.5, "{mean}");
    }

    #[test]
    fn identifiers_are_mostly_of_one_customer() {
        let mut owners: BTreeMap<(IdKind, String), HashSet<u64>> = BTreeMap::new();
        for e in events(5, 50_000) {
            for id in e.identifiers {
                owners.entry(id).or_default().insert(e.customer);
            }
        }
        let shared = owners.values().filter(|o| o.len() > 1).count() as f64 / owners.len() as f64;
        assert!((0.01..0.15).contains(&shared), "{shared}");
        let of_logins = owners.iter().filter(|((k, _), _)| *k == IdKind::UserId || *k == IdKind::CrmId);
        assert!(of_logins.clone().count() > 1_000 && of_logins.clone().all(|(_, o)| o.len() == 1));
    }

    #[test]
    fn equal_seeds_give_equal_streams() {
        assert!(events(9, 2_000).eq(events(9, 2_000)));
        assert!(!events(9, 2_000).eq(events(10, 2_000)));
        assert_eq!(events(9, 2_000).len(), 2_000);
    }
}
