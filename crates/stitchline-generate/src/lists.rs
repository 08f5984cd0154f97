//! The shipped lists of names, cities and misspellings, parsed once; see `data/SOURCE.txt` for their sources.

use crate::Country;
use crate::rng::Rng;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Entries picked in proportion to a weight.
#[derive(Debug)]
pub(crate) struct Weighted<T> {
    entries: Vec<T>,
    cumulative: Vec<u64>,
}

impl<T> Weighted<T> {
    pub(crate) fn new(rows: impl IntoIterator<Item = (T, u64)>) -> Self {
        let (mut entries, mut cumulative, mut sum) = (Vec::new(), Vec::new(), 0);
        for (entry, weight) in rows {
            sum += weight.max(1);
            entries.push(entry);
            cumulative.push(sum);
        }
        Self { entries, cumulative }
    }

    pub(crate) fn pick(&self, rng: &mut Rng) -> &T {
        let total = self.cumulative.last().copied().unwrap_or(1);
        let at = rng.below(total);
        &self.entries[self.cumulative.partition_point(|&c| c <= at)]
    }
}

/// A city: its name, its region (a US state), the number prefixes of its landlines.
#[derive(Debug)]
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) region: &'static str,
    pub(crate) prefixes: Vec<&'static str>,
}

/// Where in a word a misheard spelling may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Anywhere,
    Start,
    End,
}

/// The origin of a family's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Us,
    Gb,
    De,
    Es,
    In,
}

impl From<Country> for Origin {
    fn from(country: Country) -> Self {
        match country {
            Country::Us => Self::Us,
            Country::Gb => Self::Gb,
            Country::De => Self::De,
            Country::Es => Self::Es,
        }
    }
}

/// All lists.
#[derive(Debug)]
pub(crate) struct Lists {
    first_male: [Weighted<&'static str>; 5],
    first_female: [Weighted<&'static str>; 5],
    surnames: [Weighted<&'static str>; 5],
    cities: [Weighted<City>; 4],
    nicknames: HashMap<&'static str, Vec<&'static str>>,
    /// Characters that scanners take for each other.
    pub(crate) misread: Vec<(&'static str, &'static str)>,
    /// Spellings that listeners take for each other.
    pub(crate) misheard: Vec<(Place, &'static str, &'static str)>,
}

impl Lists {
    pub(crate) fn first_name(&self, origin: Origin, female: bool, rng: &mut Rng) -> &'static str {
        let lists = if female { &self.first_female } else { &self.first_male };
        lists[origin as usize].pick(rng)
    }

    pub(crate) fn surname(&self, origin: Origin, rng: &mut Rng) -> &'static str {
        self.surnames[origin as usize].pick(rng)
    }

    pub(crate) fn city(&self, country: Country, rng: &mut Rng) -> &City {
        self.cities[country as usize].pick(rng)
    }

    /// The short forms of a first name, which may be none.
    pub(crate) fn nicknames(&self, first_name: &str) -> &[&'static str] {
        self.nicknames.get(first_name.to_lowercase().as_str()).map_or(&[], Vec::as_slice)
    }
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.is_empty()).map(|line| line.split(',').collect())
}

fn weighted(text: &'static str) -> Weighted<&'static str> {
    Weighted::new(rows(text).map(|r| (r[0], r[1].parse().unwrap_or(1))))
}

fn cities(text: &'static str) -> Weighted<City> {
    Weighted::new(rows(text).map(|r| {
        let city = City { name: r[0], region: r[1], prefixes: r[2].split(' ').collect() };
        (city, r[3].parse().unwrap_or(1))
    }))
}

macro_rules! list {
    ($name:literal) => {
        include_str!(concat!("../data/", $name, ".csv"))
    };
}

/// The lists, parsed at their first use.
pub(crate) static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut nicknames: HashMap<&str, Vec<&str>> = HashMap::new();
    for r in rows(list!("nicknames")) {
        nicknames.entry(r[0]).or_default().push(r[1]);
    }
    let misheard = rows(list!("phonetic"))
        // Of the changes of one letter only those that keep a name readable.
        .filter(|r| r[1].len() >= 2 || "kciyszvw".contains(r[1]))
        .map(|r| {
            let place = match r[0] {
                "START" => Place::Start,
                "END" => Place::End,
                _ => Place::Anywhere,
            };
            (place, r[1], r[2])
        })
        .collect();
    Lists {
        first_male: [
            weighted(list!("us_first_m")),
            weighted(list!("gb_first_m")),
            weighted(list!("de_first_m")),
            weighted(list!("es_first_m")),
            weighted(list!("in_first_m")),
        ],
        first_female: [
            weighted(list!("us_first_f")),
            weighted(list!("gb_first_f")),
            weighted(list!("de_first_f")),
            weighted(list!("es_first_f")),
            weighted(list!("in_first_f")),
        ],
        surnames: [
            weighted(list!("us_surname")),
            weighted(list!("gb_surname")),
            weighted(list!("de_surname")),
            weighted(list!("es_surname")),
            weighted(list!("in_surname")),
        ],
        cities: [
            cities(list!("us_city")),
            cities(list!("gb_city")),
            cities(list!("de_city")),
            cities(list!("es_city")),
        ],
        nicknames,
        misread: rows(list!("ocr")).map(|r| (r[0], r[1])).collect(),
        misheard,
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_entries() {
        let lists = &*LISTS;
        let all = lists.first_male.iter().chain(&lists.first_female).chain(&lists.surnames);
        assert!(all.clone().all(|w| w.entries.len() > 100 && w.entries.iter().all(|e| !e.is_empty())));
        assert!(lists.cities.iter().all(|c| c.entries.len() >= 50));
        assert!(lists.misread.len() > 40 && lists.misheard.len() > 100);
        assert!(lists.nicknames("William").contains(&"bill"));
    }

    #[test]
    fn weights_are_followed() {
        let w = Weighted::new([("rare", 1), ("common", 9)]);
        let mut rng = Rng::stream(3, 0, 0);
        let common = (0..10_000).filter(|_| *w.pick(&mut rng) == "common").count();
        assert!((8_800..9_200).contains(&common), "{common}");
    }
}
