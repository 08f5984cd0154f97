//! A spec for a data set that nobody has described.

use super::{
    recognise::{Recognised, Role},
    spec::Spec,
};
use crate::{
    block::{BlockingRule, Key, Part},
    compare::{Comparison, Level, Test},
    error::{Error, Result},
    table::{ColumnSpec, Kind},
};

/// The columns found for each use, by the names that they have in the spec.
#[derive(Default)]
struct Found {
    given: Option<String>,
    family: Option<String>,
    birth: Option<String>,
    emails: Vec<String>,
    phones: Vec<String>,
    postcode: Option<String>,
    street: Option<String>,
    house: Option<String>,
    city: Option<String>,
    organisation: Option<String>,
    identifiers: Vec<String>,
}

/// Chooses columns, comparisons and blocking rules.
pub(super) fn spec(recognised: &[Recognised]) -> Result<Spec> {
    let mut spec = Spec::default();
    let mut found = Found::default();
    columns(recognised, &mut spec, &mut found);
    comparisons(recognised, &mut spec, &found);
    if spec.comparisons.is_empty() {
        return Err(Error::invalid(
            "no column can be compared; give names to the columns in the header, or a spec",
        ));
    }
    blocking(&mut spec, &found);
    Ok(spec)
}

fn columns(recognised: &[Recognised], spec: &mut Spec, found: &mut Found) {
    let of = |role: Role| {
        recognised.iter().filter(move |column| column.role == role).map(|column| column.column.clone())
    };
    let country = of(Role::Country).next();
    let mut add = |column: ColumnSpec| {
        let name = column.name.clone();
        spec.columns.push(column);
        name
    };
    found.given = of(Role::GivenName).next().map(|name| add(ColumnSpec::new(name, Kind::GivenName)));
    found.family = of(Role::FamilyName).next().map(|name| add(ColumnSpec::new(name, Kind::FamilyName)));
    if found.given.is_none()
        && found.family.is_none()
        && let Some(full) = of(Role::FullName).next()
    {
        let part =
            |suffix: &str, kind| ColumnSpec::new(format!("{full} {suffix}"), kind).from([full.clone()]);
        found.given = Some(add(part("given", Kind::GivenOfFull)));
        found.family = Some(add(part("family", Kind::FamilyOfFull)));
    }
    let parts = [Role::BirthYear, Role::BirthMonth, Role::BirthDay].map(|role| of(role).next());
    found.birth =
        of(Role::BirthDate).next().map(|name| add(ColumnSpec::new(name, Kind::Date))).or_else(|| {
            let [Some(year), Some(month), Some(day)] = parts else { return None };
            Some(add(ColumnSpec::new("date of birth", Kind::Date).from([year, month, day])))
        });
    for name in of(Role::Email) {
        found.emails.push(add(ColumnSpec::new(name, Kind::Email)));
    }
    for name in of(Role::Phone) {
        let from: Vec<String> = std::iter::once(name.clone()).chain(country.clone()).collect();
        let column = ColumnSpec::new(name, Kind::Phone);
        found.phones.push(add(if from.len() > 1 { column.from(from) } else { column }));
    }
    found.postcode = of(Role::Postcode).next().map(|name| add(ColumnSpec::new(name, Kind::Postcode)));
    found.street = of(Role::Street).next().map(|name| add(ColumnSpec::new(name, Kind::Street)));
    found.house = of(Role::House).next().map(|name| add(ColumnSpec::new(name, Kind::Text)));
    found.city = of(Role::City).next().map(|name| add(ColumnSpec::new(name, Kind::Place)));
    found.organisation =
        of(Role::Organisation).next().map(|name| add(ColumnSpec::new(name, Kind::Organisation)));
    for name in of(Role::Identifier) {
        found.identifiers.push(add(ColumnSpec::new(name, Kind::Identifier)));
    }
    for column in recognised.iter().filter(|column| matches!(column.role, Role::Category | Role::Text)) {
        add(ColumnSpec::new(column.column.clone(), Kind::Text));
    }
}

fn exact(column: &str) -> Level {
    Level::new(Test::Exact).with_term_frequency(column)
}

fn comparisons(recognised: &[Recognised], spec: &mut Spec, found: &Found) {
    let mut add = |comparison: Comparison| spec.comparisons.push(comparison);
    if let Some(given) = &found.given {
        let mut comparison = Comparison::new("given name", [given]).personal().level(exact(given));
        if let Some(family) = &found.family {
            comparison = comparison.level(Level::new(Test::Swapped(family.clone())));
        }
        comparison = comparison
            .level(Level::new(Test::JaroWinkler(0.92)))
            .level(Level::new(Test::Nickname))
            .level(Level::new(Test::Initial))
            .level(Level::new(Test::JaroWinkler(0.82)));
        if let Some(family) = &found.family {
            comparison = comparison.level(Level::new(Test::SwappedJaroWinkler(family.clone(), 0.88)));
        }
        add(comparison);
    }
    if let Some(family) = &found.family {
        let mut comparison = Comparison::new("family name", [family]).level(exact(family));
        if let Some(given) = &found.given {
            comparison = comparison.level(Level::new(Test::Swapped(given.clone())));
        }
        comparison = comparison
            .level(Level::new(Test::JaroWinkler(0.92)))
            .level(Level::new(Test::JaroWinkler(0.85)))
            .level(Level::new(Test::WordOverlap(1.0)));
        if let Some(given) = &found.given {
            comparison = comparison.level(Level::new(Test::SwappedJaroWinkler(given.clone(), 0.88)));
        }
        add(comparison);
    }
    if let Some(birth) = &found.birth {
        add(Comparison::new("date of birth", [birth])
            .personal()
            .level(exact(birth))
            .level(Level::new(Test::DayMonthSwapped))
            .level(Level::new(Test::DamerauLevenshtein(1)))
            .level(Level::new(Test::DamerauLevenshtein(2)))
            .level(Level::new(Test::Days(366))));
    }
    let names = [(&found.given, "given name"), (&found.family, "family name")];
    let names: Vec<&str> =
        names.into_iter().filter(|(column, _)| column.is_some()).map(|(_, name)| name).collect();
    for email in &found.emails {
        add(Comparison::new(email, [email])
            .made_of(names.clone())
            .level(exact(email))
            .level(Level::new(Test::DamerauLevenshtein(1)))
            .level(Level::new(Test::DamerauLevenshtein(2))));
    }
    for phone in &found.phones {
        add(Comparison::new(phone, [phone])
            .level(exact(phone))
            .level(Level::new(Test::DamerauLevenshtein(1)))
            .level(Level::new(Test::DamerauLevenshtein(2))));
    }
    address(spec, found);
    let mut add = |comparison: Comparison| spec.comparisons.push(comparison);
    if let Some(organisation) = &found.organisation {
        add(Comparison::new("organisation", [organisation])
            .level(exact(organisation))
            .level(Level::new(Test::JaroWinkler(0.92)))
            .level(Level::new(Test::TokenSet(0.9))));
    }
    for identifier in &found.identifiers {
        add(Comparison::new(identifier, [identifier])
            .personal()
            .level(exact(identifier))
            .level(Level::new(Test::DamerauLevenshtein(1)))
            .level(Level::new(Test::DamerauLevenshtein(2))));
    }
    for column in recognised {
        match column.role {
            Role::Category => {
                add(Comparison::new(&column.column, [&column.column]).level(exact(&column.column)))
            }
            Role::Text => add(Comparison::new(&column.column, [&column.column])
                .level(exact(&column.column))
                .level(Level::new(Test::JaroWinkler(0.9)))),
            _ => {}
        }
    }
}

/// Street, postcode and town are one fact: where one agrees the others mostly do, so they are one comparison.
fn address(spec: &mut Spec, found: &Found) {
    let columns: Vec<&String> = [&found.street, &found.postcode, &found.city].into_iter().flatten().collect();
    if columns.is_empty() {
        return;
    }
    let on = |column: &String, test: Test| Test::On(column.clone(), Box::new(test));
    let mut comparison = Comparison::new("address", columns);
    let mut add = |tests: Vec<Option<Test>>, frequency: &Option<String>, label: &str| {
        let Some(tests) = tests.into_iter().collect::<Option<Vec<Test>>>() else { return };
        let mut level = Level::new(Test::All(tests)).labelled(label);
        level.term_frequency.clone_from(frequency);
        comparison.levels.push(level);
    };
    let street = |test: Test| found.street.as_ref().map(|column| on(column, test));
    let postcode = |test: Test| found.postcode.as_ref().map(|column| on(column, test));
    let city = |test: Test| found.city.as_ref().map(|column| on(column, test));
    let house = found.house.as_ref().map(|column| on(column, Test::Exact));
    let near = Test::JaroWinkler(0.92);
    if house.is_some() {
        add(vec![street(Test::Exact), house.clone()], &found.street, "street and house equal");
        add(
            vec![street(near.clone()), house, postcode(Test::Exact)],
            &found.postcode,
            "house and postcode equal",
        );
    }
    add(vec![street(Test::Exact), postcode(Test::Exact)], &found.street, "street and postcode equal");
    add(vec![street(near.clone()), postcode(Test::Exact)], &found.postcode, "postcode equal, street alike");
    add(vec![street(Test::Exact)], &found.street, "street equal");
    add(vec![postcode(Test::Exact)], &found.postcode, "postcode equal");
    add(vec![street(near), city(Test::Exact)], &found.city, "street alike, town equal");
    add(
        vec![postcode(Test::DamerauLevenshtein(1)), city(Test::Exact)],
        &found.city,
        "postcode nearly, town equal",
    );
    add(vec![city(Test::Exact)], &found.city, "town equal");
    if found.city.is_none() {
        add(vec![postcode(Test::DamerauLevenshtein(1))], &None, "postcode nearly equal");
    }
    spec.comparisons.push(comparison);
}

fn blocking(spec: &mut Spec, found: &Found) {
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
pub(super) fn looser(spec: &Spec) -> Vec<BlockingRule> {
    let column =
        |kinds: &[Kind]| spec.columns.iter().find(|c| kinds.contains(&c.kind)).map(|c| c.name.clone());
    let given = column(&[Kind::GivenName, Kind::GivenOfFull]);
    let family = column(&[Kind::FamilyName, Kind::FamilyOfFull]);
    let birth = column(&[Kind::Date]);
    let (postcode, street, city) =
        (column(&[Kind::Postcode]), column(&[Kind::Street]), column(&[Kind::Place]));
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
