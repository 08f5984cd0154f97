//! E-mail addresses: new unique ones of a person, a family or an employee, and the ways in which they are written.

use crate::Country;
use crate::lists::Weighted;
use crate::noise::{mistype, slug};
use crate::registry::{Employer, Registry};
use crate::rng::Rng;

/// What people type, or a form sends, when there is no address.
const JUNK: [&str; 7] =
    ["noemail@example.com", "none@none.com", "test@test.com", "na@na.com", "null", "none", "N/A"];

/// The domain; when `safe`, with its public ending replaced by `.example`.
pub(crate) fn domain(domain: &str, safe: bool) -> String {
    if !safe {
        return domain.to_owned();
    }
    for ending in [".co.uk", ".com", ".de", ".es", ".net"] {
        if let Some(name) = domain.strip_suffix(ending) {
            return format!("{name}.example");
        }
    }
    domain.to_owned()
}

fn provider(country: Country, safe: bool, rng: &mut Rng) -> String {
    let providers = Weighted::new(country.mail_providers().iter().map(|&(p, w)| (p, u64::from(w))));
    domain(providers.pick(rng), safe)
}

/// A new address that somebody of this name and year of birth chooses.
pub(crate) fn personal(
    names: (&str, &str),
    born: i32,
    country: Country,
    safe: bool,
    registry: &mut Registry,
    rng: &mut Rng,
) -> String {
    const FANCY: [&str; 10] =
        ["sunny", "blue", "happy", "red", "super", "mad", "the", "lucky", "cool", "star"];
    let (first, last) = (slug(names.0), slug(names.1));
    let initial = first.get(..1).unwrap_or("x");
    loop {
        let k = rng.unit();
        let with_year = (0.62..0.72).contains(&k);
        let mut local = match k {
            k if k < 0.34 => format!("{first}.{last}"),
            k if k < 0.50 => format!("{first}{last}"),
            k if k < 0.62 => format!("{initial}{last}"),
            _ if with_year => format!("{first}{:02}", born % 100),
            k if k < 0.80 => format!("{first}_{last}"),
            k if k < 0.88 => format!("{last}.{first}"),
            _ => format!("{}{}", rng.pick(&FANCY), first.get(..4).unwrap_or(&first)),
        };
        if rng.chance(0.45) || with_year {
            local += &if rng.chance(0.6) { rng.between(1, 999) } else { i64::from(born) }.to_string();
        }
        let host = provider(country, safe, rng);
        let address = format!("{local}@{host}");
        if registry.take_email(&address) {
            return address;
        }
        let address = format!("{local}{}@{host}", rng.between(10, 99_999));
        if registry.take_email(&address) {
            return address;
        }
    }
}

/// A new address that a family shares.
pub(crate) fn family(
    surname: &str,
    country: Country,
    safe: bool,
    registry: &mut Registry,
    rng: &mut Rng,
) -> String {
    loop {
        let start = *rng.pick(&["family", "the", "casa", ""]);
        let number = rng.between(1, 99_999);
        let address = format!("{start}{}{number}@{}", slug(surname), provider(country, safe, rng));
        if registry.take_email(&address) {
            return address;
        }
    }
}

/// A new address at work.
pub(crate) fn work(
    first: &str,
    last: &str,
    employer: &Employer,
    registry: &mut Registry,
    rng: &mut Rng,
) -> String {
    let local = format!("{}.{}", slug(first), slug(last));
    let mut address = format!("{local}@{}", employer.domain);
    while !registry.take_email(&address) {
        address = format!("{local}{}@{}", rng.between(2, 9_999), employer.domain);
    }
    address
}

/// An address that is none.
pub(crate) fn junk(safe: bool, rng: &mut Rng) -> String {
    let value = *rng.pick(&JUNK);
    if safe && value.contains('@') { domain(value, true) } else { value.to_owned() }
}

/// The address with a slip in the local part or in the provider's name.
pub(crate) fn mistyped(address: &str, rng: &mut Rng) -> String {
    let Some((local, host)) = address.split_once('@') else { return mistype(address, rng) };
    if rng.chance(0.3) && (host.starts_with("gmail") || host.starts_with("hotmail")) {
        return format!("{local}@{}", host.replacen("gmail", "gmial", 1).replacen("hotmail", "hotmal", 1));
    }
    format!("{}@{host}", mistype(local, rng))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safe_domains_end_in_example() {
        assert_eq!(domain("hotmail.co.uk", true), "hotmail.example");
        assert_eq!(domain("gmail.com", false), "gmail.com");
        let (mut registry, mut rng) = (Registry::default(), Rng::stream(1, 0, 0));
        for country in [Country::Us, Country::Gb, Country::De, Country::Es] {
            for _ in 0..300 {
                let e = personal(("José", "Müller"), 1980, country, true, &mut registry, &mut rng);
                assert!(e.ends_with(".example") && e.is_ascii(), "{e}");
            }
        }
        for _ in 0..50 {
            let e = junk(true, &mut rng);
            assert!(!e.contains('@') || e.ends_with(".example"), "{e}");
        }
    }

    #[test]
    fn addresses_are_never_given_out_twice() {
        let (mut registry, mut rng) = (Registry::default(), Rng::stream(1, 0, 0));
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..2_000 {
            assert!(seen.insert(personal(("Al", "Li"), 1980, Country::Us, true, &mut registry, &mut rng)));
            assert!(seen.insert(family("Li", Country::Us, true, &mut registry, &mut rng)));
        }
    }

    #[test]
    fn a_mistyped_address_is_another() {
        let mut rng = Rng::stream(1, 0, 0);
        let other =
            (0..50).filter(|_| mistyped("ann.lee@gmail.example", &mut rng) != "ann.lee@gmail.example");
        assert!(other.count() > 40);
    }
}
