//! Addresses: a new one of a country, and the ways in which its street is written.

use crate::Country;
use crate::lists::LISTS;
use crate::noise::{slug, unaccented};
use crate::rng::Rng;

const POSTCODE_LETTERS: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";

/// Where a household lives.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    country: Country,
    street: String,
    kind: (&'static str, &'static str),
    number: u64,
    unit: String,
    pub(crate) city: &'static str,
    pub(crate) postcode: String,
    /// The number prefix of landlines there.
    pub(crate) prefix: &'static str,
}

impl Address {
    pub(crate) fn new(country: Country, rng: &mut Rng) -> Self {
        let city = LISTS.city(country, rng);
        let prefix = *rng.pick(&city.prefixes);
        let names = country.streets();
        let mut street = names[rng.early_index(names.len())].to_owned();
        if matches!(country, Country::Us | Country::Gb) && rng.chance(0.35) {
            street = LISTS.surname(country.into(), rng).to_owned();
        }
        let kinds = country.street_kinds();
        let kind = kinds[rng.early_index(kinds.len())];
        let number = 1 + rng.below(if country == Country::Us { 9_998 } else { 399 });
        let unit = if !rng.chance(0.18) {
            String::new()
        } else {
            match country {
                Country::Us => format!(" Apt {}", rng.between(1, 60)),
                Country::Gb => format!(", Flat {}", rng.between(1, 40)),
                Country::De => String::new(),
                Country::Es => format!(", {}º {}", rng.between(1, 9), rng.pick(&['A', 'B', 'C', 'D'])),
            }
        };
        let postcode = postcode(country, city.name, city.region, prefix, rng);
        Self { country, street, kind, number, unit, city: city.name, postcode, prefix }
    }

    /// The street and number, with the kind of street in full or short.
    pub(crate) fn line(&self, short: bool) -> String {
        let kind = if short { self.kind.1 } else { self.kind.0 };
        let Self { street, number, unit, .. } = self;
        match self.country {
            Country::Us | Country::Gb => format!("{number} {street} {kind}{unit}"),
            Country::De => format!("{street}{kind} {number}"),
            Country::Es => format!("{kind} {street}, {number}{unit}"),
        }
    }
}

fn postcode(country: Country, city: &str, region: &str, prefix: &str, rng: &mut Rng) -> String {
    // Not the real code of the place, but the same area for the same prefix.
    let area: u64 =
        prefix.bytes().chain(region.bytes()).take(5).fold(0, |a, b| (a * 31 + u64::from(b)) % 9_973);
    match country {
        Country::Us => format!("{:03}{:02}", area % 990 + 10, rng.below(100)),
        Country::Gb => {
            let letters: String = slug(&unaccented(city)).chars().take(2).collect();
            let mut letter = || char::from(*rng.pick(POSTCODE_LETTERS));
            let (x, y) = (letter(), letter());
            format!("{}{} {}{x}{y}", letters.to_uppercase(), rng.between(1, 29), rng.between(1, 10))
        }
        Country::De | Country::Es => format!("{:02}{:03}", area % 89 + 10, rng.below(1_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_look_like_their_country() {
        let mut rng = Rng::stream(1, 0, 0);
        for _ in 0..100 {
            assert_eq!(Address::new(Country::Us, &mut rng).postcode.len(), 5);
            assert!(Address::new(Country::Gb, &mut rng).postcode.contains(' '));
            let es = Address::new(Country::Es, &mut rng);
            assert!(es.line(true).starts_with(es.kind.1) && es.line(false).starts_with(es.kind.0));
            assert!(Address::new(Country::De, &mut rng).line(false).ends_with(char::is_numeric));
        }
    }
}
