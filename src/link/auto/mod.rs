//! A spec for a data set that nobody has described.

mod blocking;
mod columns;
mod comparisons;

pub(super) use blocking::{by_parts_of_names, looser};

use super::{recognise::Recognised, spec::Spec};
use crate::error::{Error, Result};

/// The columns found for each use, by the names that they have in the spec.
#[derive(Default)]
struct Found {
    given: Option<String>,
    family: Option<String>,
    generation: Option<String>,
    birth: Option<String>,
    emails: Vec<String>,
    phones: Vec<String>,
    postcode: Option<String>,
    street: Option<String>,
    house: Option<String>,
    city: Option<String>,
    organisation: Option<String>,
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
        return Err(Error::invalid(
            "no column can be compared; give names to the columns in the header, or a spec",
        ));
    }
    blocking::choose(&mut spec, &found);
    Ok(spec)
}
