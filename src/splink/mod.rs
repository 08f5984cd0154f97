//! Models of Splink as JSON, read and written.
//!
//! What comes in is the file that Splink 4 and 5 save; what goes out is a [`Spec`] and a [`Model`] that give the same
//! scores on the same text ([`Scores`] has them in full precision). What cannot be carried over is an error that names
//! it; nothing is left out in silence. The other way, [`export`] writes a model for Splink to load.
//!
//! Columns are taken as they came ([`Kind::Exact`](crate::table::Kind::Exact)), empty text as null. A condition that
//! one of our tests expresses becomes that test; any other that [`SqlTest`] understands becomes a custom test under its
//! own SQL text, which [`custom_tests`] makes anew from a saved model.
//!
//! ```
//! use stitchline::splink::import;
//!
//! let json = r#"{"link_type": "dedupe_only", "probability_two_random_records_match": 0.001,
//!   "blocking_rules_to_generate_predictions": [{"blocking_rule": "l.\"surname\" = r.\"surname\""}],
//!   "comparisons": [{"output_column_name": "surname", "comparison_levels": [
//!     {"sql_condition": "\"surname_l\" IS NULL OR \"surname_r\" IS NULL", "is_null_level": true},
//!     {"sql_condition": "\"surname_l\" = \"surname_r\"", "m_probability": 0.9, "u_probability": 0.01},
//!     {"sql_condition": "ELSE", "m_probability": 0.1, "u_probability": 0.99}]}]}"#;
//! let imported = import(json)?;
//! assert_eq!(imported.spec.blocking[0].name(), "surname");
//! assert_eq!(imported.model.comparisons[0].levels[0].m, 0.9);
//! # Ok::<(), stitchline::Error>(())
//! ```

mod blocking;
mod eval;
mod export;
mod import;
mod native;
mod pattern;
mod scores;
mod sql;

pub use eval::SqlTest;
pub use export::{Exported, export};
pub use import::{Imported, custom_tests, import};
pub use scores::Scores;

use crate::{
    compare::{Comparison, Level, Test},
    error::{Error, Result},
};
#[allow(unused_imports)] // For the documentation.
use crate::{link::Spec, model::Model};

/// A limit to blocks that none reaches: Splink compares blocks of any size.
const ANY_BLOCK: usize = 1 << 31;
/// What begins the name of a custom test that is an SQL condition.
const SQL: &str = "sql: ";
/// What begins the label of a level in which a comparison says nothing.
const NEUTRAL: &str = "null: ";

/// Whether a level is that of equality in a column.
fn is_equality(comparison: &Comparison, level: &Level, column: &String) -> bool {
    match &level.test {
        Test::Exact => comparison.columns.first() == Some(column),
        Test::On(other, test) => other == column && **test == Test::Exact,
        _ => false,
    }
}

/// An error where a level adjusts by the frequencies of a column of which no level is equality: Splink adjusts from that.
fn adjusts_from_equality(comparison: &Comparison) -> Result<()> {
    let columns = comparison.levels.iter().filter_map(|level| level.term_frequency.as_ref());
    for column in columns {
        if !comparison.levels.iter().any(|level| is_equality(comparison, level, column)) {
            return Err(Error::invalid(format!(
                "adjusts by the frequencies of `{column}` without a level of equality, from which Splink adjusts; add a level `exact` of it to the \
                 spec, or take `term_frequency` off the others, and train anew"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
