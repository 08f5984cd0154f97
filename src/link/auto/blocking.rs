//! Which pairs are compared: fixed rules for the columns that there are, and looser ones as far as the budget goes.

use super::Found;
use crate::{
    block::{BlockingRule, Key, Part},
    link::spec::Spec,
    table::Kind,
};

pub(super) fn choose(spec: &mut Spec, found: &Found) {
    let whole = |column: &String| Key::whole(column.clone());
    let part = |column: &String, part: Part| Key::part(column.clone(), part);
    let mut rules: Vec<Vec<Key>> = Vec::new();
    for email in &found.emails {
        rules.push(vec![whole(email)]);
    }
    for phone in &found.phones {
        rules.push(vec![whole(phone)]);
    }
    for identifier in &found.identifiers {
        rules.push(vec![whole(identifier)]);
    }
    let (given, family, birth) = (&found.given, &found.family, &found.birth);
    let (postcode, street, city) = (&found.postcode, &found.street, &found.city);
    let mut add = |keys: Vec<Option<Key>>| {
        if let Some(keys) = keys.into_iter().collect::<Option<Vec<Key>>>() {
            rules.push(keys);
        }
    };
    let w = |column: &Option<String>| column.as_ref().map(whole);
    let p = |column: &Option<String>, what: Part| column.as_ref().map(|column| part(column, what));
    add(vec![w(given), w(family)]);
    add(vec![w(family), w(birth)]);
    add(vec![w(given), w(birth)]);
    add(vec![w(birth), w(postcode)]);
    add(vec![w(family), w(postcode)]);
    add(vec![w(given), w(postcode)]);
    add(vec![w(street), w(postcode)]);
    add(vec![p(family, Part::Soundex), p(given, Part::Prefix(1)), p(birth, Part::Year)]);
    add(vec![p(given, Part::Prefix(3)), p(birth, Part::MonthDay), p(family, Part::Prefix(1))]);
    add(vec![p(family, Part::Metaphone), p(given, Part::Prefix(1)), w(city)]);
    add(vec![w(given), w(street)]);
    add(vec![w(family), w(street)]);
    add(vec![p(given, Part::Metaphone), p(family, Part::Metaphone)]);
    add(vec![p(given, Part::FormalName), w(family)]);
    for phone in &found.phones {
        rules.push(vec![part(phone, Part::Suffix(7))]);
    }
    if let Some(organisation) = &found.organisation {
        rules.push(vec![whole(organisation)]);
    }
    if rules.is_empty() {
        for comparison in &spec.comparisons {
            rules.push(comparison.columns.iter().take(1).map(whole).collect());
        }
    }
    rules.dedup();
    // A blocking rule of both names finds those that stand in each other's place.
    let both = |keys: &[Key]| {
        let of = |column: &Option<String>| keys.iter().any(|key| Some(&key.column) == column.as_ref());
        keys.len() == 2 && keys[0].part == keys[1].part && of(given) && of(family)
    };
    spec.blocking = rules
        .into_iter()
        .map(|keys| {
            let unordered = both(&keys);
            BlockingRule { keys, unordered }
        })
        .collect();
    let split = [family, given, birth, postcode, city, street];
    spec.split_by = split.into_iter().flatten().map(whole).collect();
}

/// Looser rules, the more telling first; each is taken where its pairs are within the budget.
pub(in crate::link) fn looser(spec: &Spec) -> Vec<BlockingRule> {
    let column =
        |kinds: &[Kind]| spec.columns.iter().find(|c| kinds.contains(&c.kind)).map(|c| c.name.clone());
    let given = column(&[Kind::GivenName, Kind::GivenOfFull, Kind::GivenOfParty]);
    let family = column(&[Kind::FamilyName, Kind::FamilyOfFull, Kind::FamilyOfParty]);
    let birth = column(&[Kind::Date]);
    let (postcode, street, city) = (
        column(&[Kind::Postcode, Kind::PostcodeOfAddress]),
        column(&[Kind::Street, Kind::StreetOfAddress]),
        column(&[Kind::Place, Kind::CityOfAddress]),
    );
    let (email, phone) = (column(&[Kind::Email]), column(&[Kind::Phone]));
    let w = |column: &Option<String>| column.clone().map(Key::whole);
    let p = |column: &Option<String>, what: Part| column.clone().map(|column| Key::part(column, what));
    let rules = [
        vec![w(&birth)],
        vec![w(&postcode)],
        vec![w(&street)],
        vec![p(&email, Part::LocalPart)],
        vec![p(&family, Part::Soundex), p(&birth, Part::Year)],
        vec![w(&family), w(&city)],
        vec![w(&given), w(&city)],
        vec![p(&given, Part::FormalName), p(&family, Part::Soundex)],
        vec![p(&birth, Part::MonthDay), p(&given, Part::Prefix(1))],
        vec![p(&birth, Part::MonthDay), p(&family, Part::Prefix(1))],
        vec![w(&given), p(&birth, Part::Year)],
        vec![p(&phone, Part::Prefix(9))],
        vec![p(&email, Part::Prefix(6))],
        vec![p(&family, Part::Prefix(4)), p(&given, Part::Prefix(2))],
        vec![p(&family, Part::SortedLetters)],
        vec![p(&postcode, Part::Prefix(4)), p(&given, Part::Prefix(2))],
        vec![p(&postcode, Part::Prefix(4)), p(&family, Part::Prefix(2))],
        vec![p(&family, Part::Metaphone)],
        vec![p(&given, Part::Metaphone)],
    ];
    rules
        .into_iter()
        .filter_map(|keys| keys.into_iter().collect::<Option<Vec<Key>>>())
        .map(BlockingRule::new)
        .filter(|rule| !spec.blocking.contains(rule))
        .collect()
}
