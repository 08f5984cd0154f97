//! Which pairs are compared: fixed rules for the columns that there are, and looser ones as far as the budget goes.

use super::Found;
use crate::{
    block::{BlockingRule, Key, Part},
    link::spec::Spec,
    table::Kind,
};

/// Rows of a block of names and e-mail addresses.
const LARGEST_OF_SEVERAL: usize = 50;

pub(super) fn choose(spec: &mut Spec, found: &Found) {
    let whole = |column: &String| Key::whole(column.clone());
    let part = |column: &String, part: Part| Key::part(column.clone(), part);
    let mut rules: Vec<Vec<Key>> = Vec::new();
    let email = found.email.as_ref().map(|email| each(email, found.emails));
    let phone = found.phone.as_ref().map(|phone| each(phone, found.phones));
    rules.extend(email.iter().chain(&phone).map(|key| vec![key.clone()]));
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
    if let (Some(given), Some(family), Some(email)) = (given, family, &email) {
        let formal = part(given, Part::FormalName);
        rules.push(vec![Key::Any(vec![
            letters([whole(given), whole(family)]),
            letters([formal, whole(family)]),
            letters_of_local_part(email),
        ])]);
    }
    rules.extend(phone.map(|phone| vec![Key::Made(Part::Suffix(7), vec![phone])]));
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
        let columns = |key: &Key| key.columns().map(str::to_owned).next();
        let of = |column: &Option<String>| keys.iter().any(|key| columns(key) == *column);
        let alike = |a: &Key, b: &Key| match (a, b) {
            (Key::Column(_), Key::Column(_)) => true,
            (Key::Made(a, _), Key::Made(b, _)) => a == b,
            _ => false,
        };
        keys.len() == 2 && alike(&keys[0], &keys[1]) && of(given) && of(family)
    };
    spec.blocking = rules
        .into_iter()
        .map(|keys| {
            let unordered = both(&keys);
            // Values of large blocks are mostly given names alone.
            let of_names = keys.iter().any(|key| matches!(key, Key::Any(_)));
            let largest = of_names.then_some(LARGEST_OF_SEVERAL);
            BlockingRule { keys, unordered, largest }
        })
        .collect();
    let split = [family, given, birth, postcode, city, street];
    spec.split_by = split.into_iter().flatten().map(whole).collect();
}

fn letters<const N: usize>(keys: [Key; N]) -> Key {
    Key::Made(Part::SortedLetters, keys.into())
}

/// A column, or each value of one that holds lists.
fn each(column: &str, lists: bool) -> Key {
    if lists { Key::part(column, Part::Values) } else { Key::whole(column) }
}

fn local_part(email: &Key) -> Key {
    Key::Made(Part::LocalPart, vec![email.clone()])
}

fn letters_of_local_part(email: &Key) -> Key {
    letters([local_part(email)])
}

/// The key of a column of one of two kinds, of which the second holds lists.
fn each_of(spec: &Spec, one: Kind, list: Kind) -> Option<Key> {
    let found = spec.columns.iter().find(|column| column.kind == one || column.kind == list)?;
    Some(each(&found.name, found.kind == list))
}

fn column(spec: &Spec, kinds: &[Kind]) -> Option<String> {
    spec.columns.iter().find(|c| kinds.contains(&c.kind)).map(|c| c.name.clone())
}

const GIVEN: &[Kind] = &[Kind::GivenName, Kind::GivenOfFull, Kind::GivenOfParty];
const FAMILY: &[Kind] = &[Kind::FamilyName, Kind::FamilyOfFull, Kind::FamilyOfParty];

/// Rules of names against what may be names in e-mail addresses, of which little more than chance is expected in large
/// blocks: each is taken with blocks as large as its share of the budget allows.
pub(in crate::link) fn by_parts_of_names(spec: &Spec) -> Vec<BlockingRule> {
    let (given, family) = (column(spec, GIVEN), column(spec, FAMILY));
    let email = each_of(spec, Kind::Email, Kind::Emails);
    let any = |name: Key, of: fn(&Key) -> Key| {
        let all: Vec<Key> = std::iter::once(name).chain(email.iter().map(of)).collect();
        BlockingRule::new(vec![if all.len() == 1 { all[0].clone() } else { Key::Any(all) }])
    };
    let words = |email: &Key| Key::Made(Part::Words, vec![local_part(email)]);
    let mut rules = Vec::new();
    if let (Some(given), Some(family)) = (&given, &family) {
        let names = Key::Made(Part::SortedLettersLessOne, vec![Key::whole(given), Key::whole(family)]);
        rules.push(any(names, |email| Key::Made(Part::SortedLettersLessOne, vec![local_part(email)])));
        let initial = Key::part(given, Part::Prefix(1));
        rules.push(any(letters([initial, Key::whole(family)]), letters_of_local_part));
    }
    rules.extend(family.map(|family| any(Key::part(family, Part::Words), words)));
    rules.extend(given.map(|given| any(Key::part(given, Part::FirstWord), words)));
    rules
}

/// Looser rules, the more telling first; each is taken where its pairs are within the budget.
pub(in crate::link) fn looser(spec: &Spec) -> Vec<BlockingRule> {
    let column = |kinds: &[Kind]| column(spec, kinds);
    let (given, family) = (column(GIVEN), column(FAMILY));
    let birth = column(&[Kind::Date]);
    let (postcode, street, city) = (
        column(&[Kind::Postcode, Kind::PostcodeOfAddress]),
        column(&[Kind::Street, Kind::StreetOfAddress]),
        column(&[Kind::Place, Kind::CityOfAddress]),
    );
    let email = each_of(spec, Kind::Email, Kind::Emails);
    let phone = each_of(spec, Kind::Phone, Kind::Phones);
    let of = |key: &Option<Key>, what: Part| key.clone().map(|key| Key::Made(what, vec![key]));
    let w = |column: &Option<String>| column.clone().map(Key::whole);
    let p = |column: &Option<String>, what: Part| column.clone().map(|column| Key::part(column, what));
    let rules = [
        vec![w(&birth)],
        vec![w(&postcode)],
        vec![w(&street)],
        vec![of(&email, Part::LocalPart)],
        vec![p(&family, Part::Soundex), p(&birth, Part::Year)],
        vec![w(&family), w(&city)],
        vec![w(&given), w(&city)],
        vec![p(&given, Part::FormalName), p(&family, Part::Soundex)],
        vec![p(&birth, Part::MonthDay), p(&given, Part::Prefix(1))],
        vec![p(&birth, Part::MonthDay), p(&family, Part::Prefix(1))],
        vec![w(&given), p(&birth, Part::Year)],
        vec![of(&phone, Part::Prefix(9))],
        vec![of(&email, Part::Prefix(6))],
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
