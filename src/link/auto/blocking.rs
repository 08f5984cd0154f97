//! Which pairs are compared: fixed rules for the columns that there are, and looser ones as far as the budget goes.

use super::Found;
use crate::{
    block::{BlockingRule, Key, Part},
    link::{
        recognise::{Recognised, Role},
        spec::Spec,
    },
    table::{ColumnSpec, Kind},
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
    if email.is_none() {
        add(vec![p(given, Part::FormalName), w(family)]);
    }
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
            BlockingRule { unordered, largest, ..BlockingRule::new(keys) }
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

const GIVEN: &[Kind] = &[Kind::GivenName, Kind::GivenOrEmail, Kind::GivenOfFull, Kind::GivenOfParty];
const POSTCODE: &[Kind] = &[Kind::Postcode, Kind::PostcodeOfAddress];
const FAMILY: &[Kind] = &[Kind::FamilyName, Kind::FamilyOrEmail, Kind::FamilyOfFull, Kind::FamilyOfParty];

/// Rows of a country of which nearly all rows have one.
const FILLED: f64 = 0.99;

/// Adds the country's column to a spec, where nearly every row has one: what rows have in common by chance, they mostly
/// have with rows of other countries.
pub(in crate::link) fn add_country(recognised: &[Recognised], spec: &mut Spec) -> Option<String> {
    let country = recognised.iter().find(|own| own.role == Role::Country && own.filled >= FILLED)?;
    let name = country.column.clone();
    let named = column(spec, GIVEN).or_else(|| column(spec, FAMILY)).is_some();
    if !named || spec.columns.iter().any(|own| own.name == name) {
        return None;
    }
    spec.columns.push(ColumnSpec::new(name.clone(), Kind::Text));
    Some(name)
}

/// Rules of names against what may be names in e-mail addresses and of postcodes, within the country where it is known.
/// Little more than chance is expected in their large blocks, so each is taken with blocks as large as its part of the
/// budget allows, which is one in so many of what the rules before have left.
pub(in crate::link) fn by_parts_of_names(spec: &Spec, country: Option<&String>) -> Vec<(BlockingRule, u64)> {
    let (given, family) = (column(spec, GIVEN), column(spec, FAMILY));
    let emails = spec.columns.iter().filter(|column| matches!(column.kind, Kind::Email | Kind::Emails));
    let emails: Vec<Key> = emails.map(|column| each(&column.name, column.kind == Kind::Emails)).collect();
    let made = |part: Part, key: Key| Key::Made(part, vec![key]);
    let words = |email: &Key| made(Part::Words, local_part(email));
    let rule = |names: Vec<Key>, of: &dyn Fn(&Key) -> Key, largest: usize, share: u64| {
        let all: Vec<Key> = names.into_iter().chain(emails.iter().map(of)).collect();
        let any = if all.len() == 1 { all[0].clone() } else { Key::Any(all) };
        let keys = std::iter::once(any).chain(country.map(Key::whole)).collect();
        (BlockingRule::new(keys).of_blocks_up_to(largest), share)
    };
    let mut rules: Vec<(BlockingRule, u64)> = Vec::new();
    if given.is_none() && family.is_none() {
        return rules;
    }
    let both = given.as_ref().zip(family.as_ref());
    if let Some((given, family)) = both {
        let formal = made(Part::FormalName, Key::whole(given));
        let formal = BlockingRule::new(vec![formal, Key::whole(family)]);
        if !spec.blocking.contains(&formal) {
            rules.push((formal, 4));
        }
        let names = Key::Made(Part::SortedLettersLessOne, vec![Key::whole(given), Key::whole(family)]);
        rules.push(rule(vec![names], &|email| made(Part::SortedLettersLessOne, local_part(email)), 50, 4));
    }
    if let Some(postcode) = column(spec, POSTCODE) {
        let keys = std::iter::once(postcode).chain(country.cloned()).map(Key::whole).collect();
        rules.push((BlockingRule::new(keys).of_blocks_up_to(50), 4));
    }
    if let Some((given, family)) = both {
        let initial = Key::part(given, Part::Prefix(1));
        rules.push(rule(vec![letters([initial, Key::whole(family)])], &letters_of_local_part, 100, 3));
    }
    if let Some(family) = &family {
        let end = |words: Key| made(Part::Suffix(5), words);
        rules.push(rule(vec![end(Key::part(family, Part::Words))], &|email| end(words(email)), 70, 3));
    }
    let names = given.iter().chain(&family).map(|name| Key::part(name.clone(), Part::Words));
    rules.push(rule(names.collect(), &words, 105, 1));
    rules.into_iter().map(|(rule, share)| (rule.untrained(), share)).collect()
}

/// Looser rules, the more telling first; each is taken where its pairs are within the budget.
pub(in crate::link) fn looser(spec: &Spec) -> Vec<BlockingRule> {
    let column = |kinds: &[Kind]| column(spec, kinds);
    let (given, family) = (column(GIVEN), column(FAMILY));
    let birth = column(&[Kind::Date]);
    let (postcode, street, city) = (
        column(POSTCODE),
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
