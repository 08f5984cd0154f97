//! A spec and a model to a file that Splink loads.

use super::{NEUTRAL, SQL};
use crate::{
    block::{Between, Part},
    compare::Test,
    error::{Error, Result},
    link::Spec,
    model::Model,
    table::Kind,
};
use serde_json::{Value, json};

/// Writes a model for Splink 5 on DuckDB.
///
/// Splink does not normalise: it must be given the prepared text of the columns. Spec and model must be about the same
/// columns.
///
/// # Errors
/// Names the test, key or column that has no counterpart: a test given in code, relatives, a block key other than a
/// column or its beginning.
pub fn export(spec: &Spec, model: &Model) -> Result<String> {
    model.check()?;
    if model.relatives > 0.0 {
        return Err(Error::invalid(
            "the model knows relatives, which Splink does not; train it without them",
        ));
    }
    let mut comparisons = Vec::new();
    for weighed in &model.comparisons {
        let own = &weighed.comparison;
        let about = |error: Error| error.in_field(format!("comparison `{}`", own.name));
        let main = own.columns.first().ok_or_else(|| about(Error::invalid("names no column")))?;
        let neutral = own.levels.first().and_then(|level| {
            let label = level.label.as_ref()?.strip_prefix(NEUTRAL)?;
            match &level.test {
                Test::Custom(name) => Some((name.strip_prefix(SQL)?.to_owned(), label.to_owned())),
                _ => None,
            }
        });
        let skip = usize::from(neutral.is_some());
        let (missing, label) = neutral.unwrap_or_else(|| (null(&own.columns), "null".to_owned()));
        let mut levels =
            vec![json!({"sql_condition": missing, "label_for_charts": label, "is_null_level": true})];
        for (at, level) in own.levels.iter().enumerate().skip(skip) {
            let p = weighed.levels[at];
            if level.term_frequency.is_some() && level.term_frequency_own > 0 {
                return Err(about(Error::invalid(
                    "has a level with `term_frequency_own`, which Splink does not know; set it to 0 and train anew",
                )));
            }
            let mut value = json!({
                "sql_condition": condition(&level.test, main, spec).map_err(about)?,
                "label_for_charts": own.level_name(at as u8 + 1),
                "m_probability": p.m,
                "u_probability": p.u,
            });
            if let (Some(column), Some(fields)) = (&level.term_frequency, value.as_object_mut()) {
                fields.insert("tf_adjustment_column".into(), json!(column));
                fields.insert("tf_adjustment_weight".into(), json!(level.term_frequency_weight));
                if level.term_frequency_minimum > 0.0 {
                    fields.insert("tf_minimum_u_value".into(), json!(level.term_frequency_minimum));
                }
            }
            levels.push(value);
        }
        if let Some(p) = weighed.levels.last() {
            levels.push(json!({
                "sql_condition": "ELSE", "label_for_charts": "All other comparisons",
                "m_probability": p.m, "u_probability": p.u,
            }));
        }
        comparisons.push(json!({"output_column_name": own.name, "comparison_levels": levels}));
    }
    let mut rules: Vec<Value> = Vec::new();
    for rule in &spec.blocking {
        let mut parts = Vec::new();
        for key in &rule.keys {
            let column = quoted(&key.column);
            parts.push(match key.part {
                Part::Whole => format!("(l.{column} = r.{column})"),
                Part::Prefix(count) => {
                    format!("(SUBSTRING(l.{column}, 1, {count}) = SUBSTRING(r.{column}, 1, {count}))")
                }
                _ => {
                    return Err(Error::invalid(format!(
                        "the blocking key `{key}` has no counterpart in Splink"
                    )));
                }
            });
        }
        rules.push(json!({"blocking_rule": parts.join(" AND "), "sql_dialect": "duckdb"}));
    }
    let link_type = match spec.between {
        Between::All => "dedupe_only",
        Between::Sources => "link_only",
    };
    let file = json!({
        "link_type": link_type,
        "probability_two_random_records_match": model.prior,
        "retain_matching_columns": false,
        "retain_intermediate_calculation_columns": false,
        "additional_columns_to_retain": [],
        "sql_dialect": "duckdb",
        "em_convergence": 0.0001,
        "max_iterations": 25,
        "unique_id_column_name": "unique_id",
        "source_dataset_column_name": "source_dataset",
        "blocking_rules_to_generate_predictions": rules,
        "comparisons": comparisons,
    });
    serde_json::to_string_pretty(&file)
        .map_err(|error| Error::invalid("the model cannot be written").because(error))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn both(name: &str) -> (String, String) {
    (quoted(&format!("{name}_l")), quoted(&format!("{name}_r")))
}

fn null(columns: &[String]) -> String {
    let each: Vec<String> = columns
        .iter()
        .map(|column| {
            let (l, r) = both(column);
            format!("{l} IS NULL OR {r} IS NULL")
        })
        .collect();
    if each.len() == 1 { each.concat() } else { format!("({})", each.join(") AND (")) }
}

fn condition(test: &Test, column: &str, spec: &Spec) -> Result<String> {
    let (l, r) = both(column);
    let joined = |tests: &[Test], with: &str| -> Result<String> {
        let each: Vec<String> =
            tests.iter().map(|test| condition(test, column, spec)).collect::<Result<_>>()?;
        Ok(format!("({})", each.join(&format!(") {with} ("))))
    };
    Ok(match test {
        Test::Exact => format!("{l} = {r}"),
        Test::JaroWinkler(least) => format!("jaro_winkler_similarity({l}, {r}) >= {least}"),
        Test::Jaro(least) => format!("jaro_similarity({l}, {r}) >= {least}"),
        Test::Levenshtein(most) => format!("levenshtein({l}, {r}) <= {most}"),
        Test::DamerauLevenshtein(most) => format!("damerau_levenshtein({l}, {r}) <= {most}"),
        Test::Prefix(count) => format!(
            "length({l}) >= {count} AND length({r}) >= {count} AND substr({l}, 1, {count}) = substr({r}, 1, {count})"
        ),
        Test::Days(most) => {
            let kind = spec.columns.iter().find(|own| own.name == column).map(|own| own.kind);
            if !matches!(kind, None | Some(Kind::Date | Kind::Exact)) {
                return Err(Error::invalid(format!(
                    "compares days of `{column}`, which is no column of dates"
                )));
            }
            let day = |side: &str| format!("EPOCH(try_strptime({side}, '%Y-%m-%d'))");
            format!("ABS({} - {}) <= {}", day(&l), day(&r), u64::from(*most) * 86_400)
        }
        Test::Difference(most) => {
            format!("ABS(try_cast({l} AS DOUBLE) - try_cast({r} AS DOUBLE)) <= {most}")
        }
        Test::Swapped(other) => {
            let (ol, or) = both(other);
            format!("{l} = {or} AND {r} = {ol}")
        }
        Test::SameLocalPart => {
            format!(
                "NULLIF(regexp_extract({l}, '^[^@]+', 0), '') = NULLIF(regexp_extract({r}, '^[^@]+', 0), '')"
            )
        }
        Test::On(other, test) => condition(test, other, spec)?,
        Test::All(tests) => joined(tests, "AND")?,
        Test::Any(tests) => joined(tests, "OR")?,
        Test::Not(test) => format!("NOT ({})", condition(test, column, spec)?),
        Test::Custom(name) if name.starts_with(SQL) => name[SQL.len()..].to_owned(),
        other => {
            return Err(Error::invalid(format!("the test `{}` has no counterpart in Splink", other.words())));
        }
    })
}
