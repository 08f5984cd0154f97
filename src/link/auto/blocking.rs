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
    if let (Some(given), Some(family), false) = (given, family, found.emails.is_empty()) {
        let formal = part(given, Part::FormalName);
        let mut any = vec![letters([whole(given), whole(family)]), letters([formal, whole(family)])];
        any.extend(found.emails.iter().map(letters_of_local_part));
        rules.push(vec![Key::Any(any)]);
    }
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
            let largest = keys.iter().any(Key::several).then_some(LARGEST_OF_SEVERAL);
            BlockingRule { unordered, largest, ..BlockingRule::new(keys) }
        })
        .collect();
    let split = [family, given, birth, postcode, city, street];
    spec.split_by = split.into_iter().flatten().map(whole).collect();
}

fn letters<const N: usize>(keys: [Key; N]) -> Key {
    Key::Made(Part::SortedLetters, keys.into())
}

fn letters_of_local_part(email: &String) -> Key {
    letters([Key::part(email, Part::LocalPart)])
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
    let emails = || spec.columns.iter().filter(|c| c.kind == Kind::Email).map(|c| &c.name);
    let any = |name: Key, of: fn(&String) -> Key| {
        let all: Vec<Key> = std::iter::once(name).chain(emails().map(of)).collect();
        BlockingRule::new(vec![if all.len() == 1 { all[0].clone() } else { Key::Any(all) }])
    };
    let words = |email: &String| Key::Made(Part::Words, vec![Key::part(email, Part::LocalPart)]);
    let mut rules = Vec::new();
    if let (Some(given), Some(family)) = (&given, &family) {
        let names = Key::Made(Part::SortedLettersLessOne, vec![Key::whole(given), Key::whole(family)]);
        rules.push(any(names, |email| {
            Key::Made(Part::SortedLettersLessOne, vec![Key::part(email, Part::LocalPart)])
        }));
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
