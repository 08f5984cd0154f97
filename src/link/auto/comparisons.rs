//! How pairs are compared, and how often a customer's rows are expected to agree: what training holds to where there
//! is little to learn from.

use super::{Found, Other};
use crate::{
    compare::{Comparison, Level, Test},
    link::{headers::is_given_once, spec::Spec},
    table::{ColumnSpec, Kind},
};

/// How often strangers share an e-mail address, a phone or a number at the least.
const RARE: f64 = 1e-6;
/// How often strangers share a day of birth at the least: days of seventy years.
const DAY: f64 = 4e-5;

fn exact(column: &str) -> Level {
    Level::new(Test::Exact).with_term_frequency(column)
}

fn given_once(column: &str, rarest: f64) -> Level {
    Level { term_frequency_minimum: rarest, ..exact(column) }
}

/// How much of an address's or a phone's frequency counts: what many rows have is mostly one customer's.
const OWN: f64 = 0.25;

pub(super) fn choose(spec: &mut Spec, found: &Found) {
    names(spec, found);
    let mut add = |comparison: Comparison| spec.comparisons.push(comparison);
    if let Some(generation) = &found.generation {
        add(Comparison::new("generation", [generation])
            .personal()
            .exclusive()
            .level(Level::new(Test::Exact).expected(0.995, None)));
    }
    if let Some(birth) = &found.birth {
        add(Comparison::new("date of birth", [birth])
            .personal()
            .level(given_once(birth, DAY).expected(0.85, None))
            .level(Level::new(Test::DayMonthSwapped).expected(0.03, None))
            .level(Level::new(Test::DamerauLevenshtein(1)).expected(0.05, None))
            .level(Level::new(Test::DamerauLevenshtein(2)).expected(0.02, None))
            .level(Level::new(Test::Days(366)).expected(0.01, None)));
    }
    let names = [(&found.given, "given name"), (&found.family, "family name")];
    let names: Vec<&str> =
        names.into_iter().filter(|(column, _)| column.is_some()).map(|(_, name)| name).collect();
    let shared = |column: &str, lists: bool| {
        let level = Level { term_frequency_weight: OWN, ..given_once(column, RARE) };
        match lists {
            false => level,
            true => Level { test: Test::SharedWords(1), ..level }.labelled("one in common"),
        }
    };
    let near = |test: Test, lists: bool| if lists { Test::AnyValue(Box::new(test)) } else { test };
    if let Some(email) = &found.email {
        let near = |most| Level::new(near(Test::DamerauLevenshtein(most), found.emails));
        add(Comparison::new(email, [email])
            .made_of(names.clone())
            .level(shared(email, found.emails).expected(0.6, None))
            .level(near(1).expected(0.06, None))
            .level(near(2).expected(0.02, None)));
    }
    if let Some(phone) = &found.phone {
        let near = |test| Level::new(near(test, found.phones));
        add(Comparison::new(phone, [phone])
            .level(shared(phone, found.phones).expected(0.6, None))
            .level(near(Test::Suffix(7)).expected(0.04, None))
            .level(near(Test::DamerauLevenshtein(1)).expected(0.04, None))
            .level(near(Test::DamerauLevenshtein(2)).expected(0.01, None)));
    }
    address(spec, found);
    let mut add = |comparison: Comparison| spec.comparisons.push(comparison);
    if let Some(organisation) = &found.organisation {
        let mut comparison = Comparison::new("organisation", [organisation]);
        // It tells parties apart that share an address, as given names do of persons.
        comparison.personal = found.organisations;
        add(comparison
            .level(exact(organisation).expected(0.6, None))
            .level(Level::new(Test::JaroWinkler(0.92)).expected(0.12, None))
            .level(Level::new(Test::WordOverlap(1.0)).expected(0.1, None))
            .level(Level::new(Test::JaroWinkler(0.82)).expected(0.06, None))
            .level(Level::new(Test::SharedWords(1)).expected(0.07, None)));
    }
    if let Some(employer) = &found.employer {
        add(Comparison::new("employer", [employer])
            .level(exact(employer).expected(0.4, None))
            .level(Level::new(Test::JaroWinkler(0.9)).expected(0.15, None))
            .level(Level::new(Test::SharedWords(1)).expected(0.15, None)));
    }
    for identifier in &found.identifiers {
        let mut comparison = Comparison::new(identifier, [identifier]).personal();
        let mut equal = 0.92;
        if is_given_once(identifier) {
            comparison = comparison.exclusive();
            equal = 0.955;
        }
        add(comparison
            .level(given_once(identifier, RARE).expected(equal, None))
            .level(Level::new(Test::DamerauLevenshtein(1)).expected(0.03, None))
            .level(Level::new(Test::DamerauLevenshtein(2)).expected(0.01, None)));
    }
    if let Some(gender) = &found.gender {
        add(Comparison::new("gender", [gender])
            .personal()
            .level(Level::new(Test::Exact).expected(0.95, None)));
    }
    for (column, other) in &found.others {
        let comparison = Comparison::new(column, [column]).level(exact(column).expected(0.35, None));
        add(match other {
            Other::Category => comparison,
            Other::Text => comparison.level(Level::new(Test::JaroWinkler(0.9)).expected(0.05, None)),
            Other::List => comparison
                .level(Level::new(Test::SharedWords(1)).with_term_frequency(column).expected(0.1, None)),
        });
    }
}

/// How much of a name's frequency counts where another is only near to it: what is near to a frequent name is so by
/// chance more often, if not as often as the frequent name itself.
const NEAR: f64 = 0.5;

fn near(test: Test, column: &str) -> Level {
    Level { term_frequency_weight: NEAR, ..Level::new(test).with_term_frequency(column) }
}

/// Two names are alike where two slips make one of the other: `anna` and `annabelle` begin alike and are two names.
fn alike_within_two_slips() -> Test {
    Test::All(vec![Test::JaroWinkler(0.82), Test::DamerauLevenshtein(2)])
}

fn names(spec: &mut Spec, found: &Found) {
    let mut comparisons = Vec::new();
    let mut add = |comparison: Comparison| comparisons.push(comparison);
    if let Some(given) = &found.given {
        let mut comparison =
            Comparison::new("given name", [given]).personal().level(exact(given).expected(0.72, None));
        if let Some(family) = &found.family {
            let swapped = Level::new(Test::Swapped(family.clone())).with_term_frequency(given);
            comparison = comparison.level(swapped.expected(0.01, None));
        }
        comparison = comparison.level(Level::new(Test::Nickname).expected(0.06, None));
        if let Some(family) = &found.family {
            let swapped =
                Level::new(Test::SwappedJaroWinkler(family.clone(), 0.88)).with_term_frequency(given);
            comparison = comparison.level(swapped.expected(0.005, None));
        }
        // What sounds alike is one name in two spellings; of the rest, two names that are known are two names however
        // few letters part them.
        add(comparison
            .level(Level::new(Test::WordOverlap(1.0)).expected(0.03, None))
            .level(Level::new(Test::Initial).expected(0.04, None))
            .level(Level::new(Test::Metaphone).expected(0.02, None))
            .level(Level::new(Test::OtherName).expected(0.015, None))
            .level(near(Test::DamerauLevenshtein(1), given).expected(0.06, None))
            .level(
                near(alike_within_two_slips(), given)
                    .labelled("alike, two slips at most")
                    .expected(0.02, None),
            ));
    }
    if let Some(family) = &found.family {
        let mut comparison =
            Comparison::new("family name", [family]).level(exact(family).expected(0.8, None));
        if let Some(given) = &found.given {
            let swapped = Level::new(Test::Swapped(given.clone())).with_term_frequency(family);
            comparison = comparison.level(swapped.expected(0.01, None));
        }
        comparison = comparison
            .level(near(Test::JaroWinkler(0.92), family).expected(0.08, None))
            .level(near(Test::JaroWinkler(0.85), family).expected(0.03, None))
            .level(Level::new(Test::WordOverlap(1.0)).expected(0.02, None));
        let whole = |column: &ColumnSpec| matches!(column.kind, Kind::FamilyOfFull | Kind::FamilyOfParty);
        if let (Some(given), true) = (&found.given, spec.columns.iter().any(whole)) {
            comparison = comparison.level(Level::new(Test::WordOf(given.clone())).expected(0.01, None));
        }
        if let Some(given) = &found.given {
            let swapped =
                Level::new(Test::SwappedJaroWinkler(given.clone(), 0.88)).with_term_frequency(family);
            comparison = comparison.level(swapped.expected(0.005, None));
        }
        add(comparison);
    }
    spec.comparisons.append(&mut comparisons);
}

/// How many customers are expected to have one address in all their rows.
const STAYED: f64 = 0.7;

/// Street, postcode and town are one fact: where one agrees the others mostly do, so they are one comparison.
fn address(spec: &mut Spec, found: &Found) {
    let columns: Vec<&String> = [&found.street, &found.postcode, &found.city].into_iter().flatten().collect();
    if columns.is_empty() {
        return;
    }
    let on = |column: &String, test: Test| Test::On(column.clone(), Box::new(test));
    let mut comparison = Comparison::new("address", columns);
    let mut add = |tests: Vec<Option<Test>>, frequency: &Option<String>, label: &str, m: f64| {
        let Some(tests) = tests.into_iter().collect::<Option<Vec<Test>>>() else { return };
        let mut level = Level::new(Test::All(tests)).labelled(label).expected(m, None);
        level.term_frequency.clone_from(frequency);
        comparison.levels.push(level);
    };
    let street = |test: Test| found.street.as_ref().map(|column| on(column, test));
    let postcode = |test: Test| found.postcode.as_ref().map(|column| on(column, test));
    let city = |test: Test| found.city.as_ref().map(|column| on(column, test));
    let house = found.house.as_ref().map(|column| on(column, Test::Exact));
    let near = Test::JaroWinkler(0.92);
    // A whole address may name the building or the unit as well.
    let whole = spec.columns.iter().any(|column| column.kind == Kind::StreetOfAddress);
    let within = if whole { Test::Any(vec![near.clone(), Test::WordOverlap(1.0)]) } else { near.clone() };
    if house.is_some() {
        add(vec![street(Test::Exact), house.clone()], &found.street, "street and house equal", 0.3);
        add(
            vec![street(near.clone()), house, postcode(Test::Exact)],
            &found.postcode,
            "house and postcode equal",
            0.1,
        );
    }
    add(vec![street(Test::Exact), postcode(Test::Exact)], &found.street, "street and postcode equal", 0.3);
    add(vec![street(within), postcode(Test::Exact)], &found.postcode, "postcode equal, street alike", 0.1);
    add(vec![street(Test::Exact)], &found.street, "street equal", 0.1);
    add(vec![postcode(Test::Exact)], &found.postcode, "postcode equal", 0.05);
    add(vec![street(near), city(Test::Exact)], &found.city, "street alike, town equal", 0.05);
    add(
        vec![postcode(Test::DamerauLevenshtein(1)), city(Test::Exact)],
        &found.city,
        "postcode nearly, town equal",
        0.02,
    );
    add(vec![city(Test::Exact)], &found.city, "town equal", 0.1);
    if found.street.is_none() && found.postcode.is_none() {
        // Nothing else tells whether two towns are one that was spelled in two ways.
        add(vec![city(Test::JaroWinkler(0.88))], &found.city, "town alike", 0.1);
    }
    if found.city.is_none() {
        add(vec![postcode(Test::DamerauLevenshtein(1))], &None, "postcode nearly equal", 0.02);
    }
    // Customers who did not move agree in what is closest, whatever parts of an address there are.
    let expected: f64 = comparison.levels.iter().filter_map(|level| level.m).sum();
    if let Some(closest) = comparison.levels.first_mut() {
        closest.m = closest.m.map(|m| m + (STAYED - expected).max(0.0));
    }
    spec.comparisons.push(comparison);
}
