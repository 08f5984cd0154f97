//! A spec for a data set that nobody has described.

mod blocking;
mod columns;
mod comparisons;

pub(super) use blocking::{add_country, by_parts_of_names, looser};

use super::{recognise::Recognised, spec::Spec};
use crate::{
    compare::Comparison,
    error::{Error, Result},
    model::{Training, Weighed},
    table::Table,
};

/// The columns found for each use, by the names that they have in the spec.
#[derive(Default)]
struct Found {
    given: Option<String>,
    family: Option<String>,
    generation: Option<String>,
    birth: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    /// Whether these two hold lists.
    emails: bool,
    phones: bool,
    postcode: Option<String>,
    street: Option<String>,
    house: Option<String>,
    city: Option<String>,
    organisation: Option<String>,
    /// Whether organisations are the parties of rows without a person.
    organisations: bool,
    employer: Option<String>,
    gender: Option<String>,
    identifiers: Vec<String>,
    /// Few or many values of which nothing is known.
    others: Vec<(String, Other)>,
}

/// What is known of a column of which nothing is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Other {
    Category,
    Text,
    List,
}

/// Chooses columns, comparisons and blocking rules.
pub(super) fn spec(recognised: &[Recognised]) -> Result<Spec> {
    let mut spec = Spec::default();
    let mut found = Found::default();
    columns::choose(recognised, &mut spec, &mut found);
    comparisons::choose(&mut spec, &found);
    if spec.comparisons.is_empty() {
        let why = recognised.iter().filter_map(|own| Some(format!("{}: {}", own.column, own.note.as_ref()?)));
        let why = why.take(5).collect::<Vec<_>>().join("; ");
        return Err(Error::invalid(format!(
            "no column can be compared ({}); give names to the columns in the header, or a spec",
            if why.is_empty() { "none is known by its name or its content".to_owned() } else { why }
        )));
    }
    blocking::choose(&mut spec, &found);
    Ok(spec)
}

/// The most that customers differ in what they have one of, by the model, for the guard to stand.
const DIFFERING: f64 = 0.01;
/// So many pairs that differ are not by chance.
const SEEN: f64 = 10.0;

/// The comparisons without the guard on numbers in which customers of this data do differ, by error or otherwise, where there
/// are such.
pub(super) fn relaxed(training: &Training, table: &Table) -> Option<Vec<Comparison>> {
    let model = &training.model;
    let differs = |weighed: &Weighed| {
        let filled = weighed.comparison.columns.iter().filter_map(|name| table.find(name)).map(|at| {
            // Both rows of a pair have a value.
            (table.columns()[at].filled() as f64 / table.len().max(1) as f64).powi(2)
        });
        let compared = training.convergence.matches * filled.fold(0.0, f64::max);
        let differ = weighed.levels.last().map_or(0.0, |other| other.m);
        weighed.comparison.exclusive && differ > DIFFERING && compared * differ >= SEEN
    };
    let mut comparisons = model.comparisons();
    let guarded = comparisons.iter_mut().zip(&model.comparisons).filter(|(_, own)| differs(own));
    let relaxed = guarded.map(|(own, _)| own.exclusive = false).count();
    (relaxed > 0).then_some(comparisons)
}
