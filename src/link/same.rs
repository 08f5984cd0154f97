//! Columns that are one, which two files call by different names.

use super::{
    headers::words,
    recognise::{Recognised, Role},
};
use crate::{normalize::date::Survey, table::RawTable};
use std::collections::BTreeMap;

/// Columns by the name that they are to have, each with its other names: they are taken for the same, and no file has values
/// in two of them. O(rows × columns) where there are several files.
pub(super) fn same(raw: &RawTable, recognised: &[Recognised]) -> BTreeMap<String, Vec<String>> {
    let files = raw.rows_of_files();
    if files.len() < 2 {
        return BTreeMap::new();
    }
    let filled = |place: usize| -> Vec<bool> {
        let cells = &raw.columns()[place].cells;
        files.iter().map(|rows| cells[rows.clone()].iter().any(|&cell| cell != 0)).collect()
    };
    struct One<'a> {
        first: &'a Recognised,
        /// Whether the month comes before the day in what was taken, where that counts.
        month_first: Option<bool>,
        names: Vec<String>,
        filled: Vec<bool>,
    }
    let mut found: Vec<One<'_>> = Vec::new();
    let mut places: Vec<usize> =
        (0..recognised.len()).filter(|&place| recognised[place].role != Role::Ignored).collect();
    // Whatever file came first.
    places.sort_unstable_by_key(|&place| &recognised[place].column);
    for (place, own) in places.into_iter().map(|place| (place, &recognised[place])) {
        let filled = filled(place);
        let is_of_orders = own.role == Role::BirthDate && is_of_orders(raw, &own.column);
        let month_first = is_of_orders.then_some(own.month_first);
        let fits = |other: &&mut One<'_>| {
            let disjoint = !other.filled.iter().zip(&filled).any(|(a, b)| *a && *b);
            // `03/04/1980` is another day where the month comes first.
            let other_days = other.month_first.zip(month_first).is_some_and(|(other, own)| other != own);
            disjoint && are_one(other.first, own) && !other_days
        };
        match found.iter_mut().find(fits) {
            Some(other) => {
                other.names.push(own.column.clone());
                other.month_first = other.month_first.or(month_first);
                other.filled.iter_mut().zip(&filled).for_each(|(all, own)| *all |= own);
            }
            None => found.push(One { first: own, month_first, names: vec![own.column.clone()], filled }),
        }
    }
    let several = found.into_iter().filter(|one| one.names.len() > 1);
    several
        .map(|mut one| {
            // What is shorter says less that is of one file.
            one.names.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
            (one.names.remove(0), one.names)
        })
        .collect()
}

/// Whether two columns hold the same of a party.
fn are_one(a: &Recognised, b: &Recognised) -> bool {
    let by_name = matches!(a.role, Role::Category | Role::Text | Role::List | Role::Identifier);
    a.role == b.role && (!by_name || words(&a.column) == words(&b.column))
}

/// Whether it counts for the dates of a column which of day and month comes first.
fn is_of_orders(raw: &RawTable, name: &str) -> bool {
    let mut survey = Survey::default();
    let column = raw.find(name).map(|at| &raw.columns()[at]);
    column.into_iter().flat_map(|column| column.values.texts()).for_each(|text| survey.add(text));
    survey.is_of_orders()
}

#[cfg(test)]
#[cfg(feature = "adapters")]
mod tests {
    use super::*;
    use crate::{
        link::recognise,
        table::{ReadOptions, TableReader},
    };

    fn of(files: &[&str]) -> Vec<(String, Vec<String>)> {
        let mut reader = TableReader::new(ReadOptions::default());
        for (at, text) in files.iter().enumerate() {
            reader.read(text.as_bytes(), &format!("{at}.csv")).unwrap();
        }
        let (raw, _) = reader.finish().unwrap();
        same(&raw, &recognise(&raw)).into_iter().collect()
    }

    #[test]
    fn columns_of_two_files_are_one_and_columns_of_one_file_are_two() {
        let crm = "id,first_name,surname,dob,city,plan\n1,Ann,Lee,1980-02-03,London,a\n2,Bob,Ford,1970-01-01,Leeds,b\n";
        let web = "id,given_name,last name,birth_date,city,Plan,level\n\
                   3,Ann,Lee,1980-02-03,London,a,x\n4,Carol,Hill,1990-05-06,York,b,y\n";
        let names = |all: &[(&str, &str)]| -> Vec<(String, Vec<String>)> {
            all.iter().map(|(name, other)| ((*name).to_owned(), vec![(*other).to_owned()])).collect()
        };
        let expected = names(&[
            ("Plan", "plan"),
            ("dob", "birth_date"),
            ("first_name", "given_name"),
            ("surname", "last name"),
        ]);
        assert_eq!(of(&[crm, web]), expected);
        assert_eq!(of(&[web, crm]), expected);
        assert_eq!(of(&[crm]), []);
        // A file that has values in both says that they are two.
        let both = "id,first_name,given_name\n5,Ann,Anna\n6,Dan,Daniel\n";
        assert_eq!(of(&[crm, both]), []);
        // The month stands elsewhere.
        let us = "id,first_name,dob\n7,Ann,02/13/1980\n8,Dan,12/31/1970\n";
        let gb = "id,first_name,birth_date\n9,Ann,13/02/1980\n10,Dan,31/12/1970\n";
        assert_eq!(of(&[us, gb]), []);
        // Nor by a third file, whose days can be read in one way, and whatever file comes first.
        let iso = "id,first_name,birthday\n11,Ann,1980-02-13\n12,Dan,1970-12-31\n";
        let of_days = [("birthday".to_owned(), vec!["birth_date".to_owned()])];
        for files in [[us, gb, iso], [iso, us, gb], [gb, iso, us]] {
            assert_eq!(of(&files), of_days);
        }
    }
}
