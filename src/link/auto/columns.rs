//! Which columns are made of those of the data.

use super::{Found, Other};
use crate::{
    link::{
        recognise::{Recognised, Role},
        spec::Spec,
    },
    table::{ColumnSpec, Kind},
};

pub(super) fn choose(recognised: &[Recognised], spec: &mut Spec, found: &mut Found) {
    let columns = Columns { recognised };
    names(&columns, spec, found);
    let mut add = |column: ColumnSpec| {
        let name = column.name.clone();
        spec.columns.push(column);
        name
    };
    let dated = |name: &str, kind: Kind| ColumnSpec {
        month_first: columns.month_first(name),
        ..ColumnSpec::new(name, kind)
    };
    let parts = [Role::BirthYear, Role::BirthMonth, Role::BirthDay].map(|role| columns.first(role));
    found.birth = columns.first(Role::BirthDate).map(|name| add(dated(&name, Kind::Date))).or_else(|| {
        let [Some(year), Some(month), Some(day)] = parts else { return None };
        Some(add(ColumnSpec::new("date of birth", Kind::Date).from([year, month, day])))
    });
    let country = columns.first(Role::Country);
    (found.email, found.emails) =
        columns.one_or_list(Role::Email, (Kind::Email, Kind::Emails), None, &mut add);
    (found.phone, found.phones) =
        columns.one_or_list(Role::Phone, (Kind::Phone, Kind::Phones), country, &mut add);
    let whole = columns.first(Role::Address);
    let lines: Vec<String> =
        [Role::Address, Role::House, Role::Street, Role::City, Role::State, Role::Postcode, Role::Country]
            .into_iter()
            .flat_map(|role| {
                let most = if matches!(role, Role::Address | Role::Street) { usize::MAX } else { 1 };
                columns.of(role).take(most).collect::<Vec<_>>()
            })
            .collect();
    if whole.is_some() {
        let part = |name: &str, kind| {
            let column = ColumnSpec::new(name, kind);
            if lines.len() > 1 { column.from(lines.clone()) } else { column.from([lines[0].clone()]) }
        };
        found.street = Some(add(part("street of address", Kind::StreetOfAddress)));
        found.postcode = Some(add(part("postcode of address", Kind::PostcodeOfAddress)));
        found.city = Some(add(part("town of address", Kind::CityOfAddress)));
    } else {
        found.postcode = columns.first(Role::Postcode).map(|name| add(ColumnSpec::new(name, Kind::Postcode)));
        found.street = columns.first(Role::Street).map(|name| add(ColumnSpec::new(name, Kind::Street)));
        found.house = columns.first(Role::House).map(|name| add(ColumnSpec::new(name, Kind::Text)));
        found.city = columns.first(Role::City).map(|name| add(ColumnSpec::new(name, Kind::Place)));
    }
    found.organisation =
        columns.first(Role::Organisation).map(|name| add(ColumnSpec::new(name, Kind::Organisation)));
    found.organisations = columns.recognised.iter().any(|column| column.of_party);
    found.employer = columns.first(Role::Employer).map(|name| add(ColumnSpec::new(name, Kind::Organisation)));
    found.gender = columns.first(Role::Gender).map(|name| add(ColumnSpec::new(name, Kind::Gender)));
    for name in columns.of(Role::Identifier) {
        found.identifiers.push(add(ColumnSpec::new(name, Kind::Identifier)));
    }
    for (role, kind, other) in [
        (Role::Category, Kind::Text, Other::Category),
        (Role::Text, Kind::Text, Other::Text),
        (Role::List, Kind::List, Other::List),
    ] {
        for name in columns.of(role) {
            found.others.push((add(ColumnSpec::new(name, kind)), other));
        }
    }
}

/// Given and family name and generation, out of parts and whole names.
fn names(columns: &Columns<'_>, spec: &mut Spec, found: &mut Found) {
    let pinyin = columns.recognised.iter().any(|column| column.pinyin);
    let mut add = |column: ColumnSpec| {
        let name = column.name.clone();
        spec.columns.push(ColumnSpec { pinyin: pinyin && column.kind.is_of_person(), ..column });
        name
    };
    let (given, family) = (columns.first(Role::GivenName), columns.first(Role::FamilyName));
    let middle = columns.first(Role::MiddleName);
    let fulls: Vec<String> = columns.of(Role::FullName).collect();
    let generations = given.iter().chain(&family).chain(&fulls).any(|name| columns.has_generations(name));
    let email = columns.first(Role::Email);
    let split = given.is_some() || family.is_some();
    if !split && fulls.is_empty() {
        return;
    }
    if fulls.is_empty() && middle.is_none() && !generations {
        if let (Some(given), Some(family), Some(email)) = (&given, &family, &email) {
            let from = [given, family, email];
            found.given = Some(add(ColumnSpec::new(given, Kind::GivenOrEmail).from(from)));
            found.family = Some(add(ColumnSpec::new(family, Kind::FamilyOrEmail).from(from)));
        } else {
            found.given = given.map(|name| add(ColumnSpec::new(name, Kind::GivenName)));
            found.family = family.map(|name| add(ColumnSpec::new(name, Kind::FamilyName)));
        }
        return;
    }
    if !split && fulls.len() == 1 && !generations && email.is_none() {
        let full = &fulls[0];
        let part =
            |suffix: &str, kind| ColumnSpec::new(format!("{full} {suffix}"), kind).from([full.clone()]);
        found.given = Some(add(part("given", Kind::GivenOfFull)));
        found.family = Some(add(part("family", Kind::FamilyOfFull)));
        return;
    }
    let mut from: Vec<String> = [given, middle, family, email].map(Option::unwrap_or_default).into();
    from.extend(fulls);
    found.given = Some(add(ColumnSpec::new("given name", Kind::GivenOfParty).from(from.clone())));
    found.family = Some(add(ColumnSpec::new("family name", Kind::FamilyOfParty).from(from.clone())));
    if generations {
        // No address tells a generation.
        from[3] = String::new();
        found.generation = Some(add(ColumnSpec::new("generation", Kind::Generation).from(from)));
    }
}

struct Columns<'a> {
    recognised: &'a [Recognised],
}

impl<'a> Columns<'a> {
    fn of(&self, role: Role) -> impl Iterator<Item = String> + use<'a> {
        self.recognised.iter().filter(move |column| column.role == role).map(|column| column.column.clone())
    }

    fn first(&self, role: Role) -> Option<String> {
        self.of(role).next()
    }

    /// The column of a role; a list where there are several of them or they hold several values. Beside it, if asked
    /// for, stands another.
    fn one_or_list(
        &self,
        role: Role,
        (one, list): (Kind, Kind),
        beside: Option<String>,
        add: &mut impl FnMut(ColumnSpec) -> String,
    ) -> (Option<String>, bool) {
        let all: Vec<String> = self.of(role).collect();
        let Some(first) = all.first() else { return (None, false) };
        let lists = all.len() > 1 || self.find(first).is_some_and(|column| column.lists);
        let name = match (all.len(), list) {
            (1, _) => first.clone(),
            (_, Kind::Emails) => "e-mail addresses".to_owned(),
            _ => "phone numbers".to_owned(),
        };
        let column = ColumnSpec::new(name, if lists { list } else { one });
        let from = all.iter().cloned().chain(beside.clone());
        let column = if all.len() > 1 || beside.is_some() { column.from(from) } else { column };
        (Some(add(column)), lists)
    }

    fn find(&self, name: &str) -> Option<&'a Recognised> {
        self.recognised.iter().find(|column| column.column == name)
    }

    fn has_generations(&self, name: &str) -> bool {
        self.find(name).is_some_and(|column| column.generations)
    }

    fn month_first(&self, name: &str) -> bool {
        self.find(name).is_some_and(|column| column.month_first)
    }
}
