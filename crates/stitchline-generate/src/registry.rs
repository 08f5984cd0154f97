//! What must outlive a household: numbers and addresses already given out, retired mobiles, employers.

use crate::Country;
use crate::email;
use crate::lists::LISTS;
use crate::noise::slug;
use crate::phone;
use crate::place::Address;
use crate::rng::{Rng, fingerprint};
use std::collections::HashSet;
use std::sync::Arc;

/// An employer: its switchboard and its inbox are shared by many customers.
#[derive(Debug)]
pub(crate) struct Employer {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) country: Country,
    pub(crate) domain: String,
    pub(crate) switchboard: String,
    pub(crate) inbox: String,
}

/// A mobile number that its owner gave up.
#[derive(Debug)]
struct Retired {
    free_from: i64,
    number: String,
}

/// The memory of a run: fingerprints of what was given out (8 bytes each), and the pools for re-use.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    phones: HashSet<u64>,
    emails: HashSet<u64>,
    retired: Vec<Retired>,
    employers: Vec<Arc<Employer>>,
}

impl Registry {
    /// True when nobody had this number before; it is then taken.
    pub(crate) fn take_phone(&mut self, e164: &str) -> bool {
        self.phones.insert(fingerprint(e164))
    }

    /// True when nobody had this address before; it is then taken.
    pub(crate) fn take_email(&mut self, address: &str) -> bool {
        self.emails.insert(fingerprint(address))
    }

    /// Notes that a mobile number may be given to somebody else from then on.
    pub(crate) fn retire(&mut self, number: &str, free_from: i64) {
        self.retired.push(Retired { free_from, number: number.to_owned() });
    }

    /// A number for a mobile in use from `start`; true when it was somebody else's before.
    pub(crate) fn mobile(&mut self, country: Country, start: i64, rng: &mut Rng) -> (String, bool) {
        if !self.retired.is_empty() && rng.chance(0.10) {
            let i = rng.index(self.retired.len());
            let r = &self.retired[i];
            if r.free_from <= start && phone::country_of(&r.number) == country {
                return (self.retired.swap_remove(i).number, true);
            }
        }
        loop {
            let number = phone::mobile(country, rng);
            if self.take_phone(&number) {
                return (number, false);
            }
        }
    }

    /// A number for a landline at this address.
    pub(crate) fn landline(&mut self, country: Country, address: &Address, rng: &mut Rng) -> String {
        for attempt in 0.. {
            let number = phone::landline(country, address.prefix, attempt, rng);
            if self.take_phone(&number) {
                return number;
            }
        }
        String::new()
    }

    pub(crate) fn employer(&mut self, country: Country, safe: bool, rng: &mut Rng) -> Arc<Employer> {
        if !self.employers.is_empty() && rng.chance(0.85) {
            for _ in 0..3 {
                // The first employers are the largest ones.
                let u = rng.unit();
                let e = &self.employers[(u * u * self.employers.len() as f64) as usize];
                if e.country == country {
                    return Arc::clone(e);
                }
            }
        }
        let n = self.employers.len() + 1;
        let address = Address::new(country, rng);
        let owner = LISTS.surname(country.into(), rng);
        let kind = *rng.pick(&["Group", "Ltd", "Co", "Services", "Partners", "Labs"]);
        let tld = country.top_level_domain();
        let domain = email::domain(&format!("{}{}{n}.{tld}", slug(owner), kind.to_lowercase()), safe);
        let mailbox = *rng.pick(&["info", "office", "reception", "accounts"]);
        let employer = Arc::new(Employer {
            id: format!("E{n:06}"),
            name: format!("{owner} {kind}"),
            country,
            switchboard: self.landline(country, &address, rng),
            inbox: format!("{mailbox}@{domain}"),
            domain,
        });
        self.employers.push(Arc::clone(&employer));
        employer
    }

    pub(crate) fn employers(&self) -> u64 {
        self.employers.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_out_once_until_they_are_retired() {
        let (mut registry, mut rng) = (Registry::default(), Rng::stream(1, 0, 0));
        let (number, recycled) = registry.mobile(Country::Gb, 0, &mut rng);
        assert!(!recycled && !registry.take_phone(&number));
        registry.retire(&number, 100);
        let again = (0..200).map(|_| registry.mobile(Country::Gb, 99, &mut rng)).filter(|(_, r)| *r).count();
        assert_eq!(again, 0, "not free yet");
        let again: Vec<_> =
            (0..200).map(|_| registry.mobile(Country::Gb, 100, &mut rng)).filter(|(_, r)| *r).collect();
        assert_eq!(again, [(number, true)]);
    }

    #[test]
    fn employers_are_shared_and_keep_their_country() {
        let (mut registry, mut rng) = (Registry::default(), Rng::stream(1, 0, 0));
        for _ in 0..200 {
            assert_eq!(registry.employer(Country::Es, true, &mut rng).country, Country::Es);
        }
        assert!(registry.employers() < 80);
    }
}
