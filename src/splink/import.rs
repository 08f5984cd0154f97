//! A model of Splink to a spec and a model.

use super::{
    ANY_BLOCK, NEUTRAL, SQL, SqlTest, adjusts_from_equality, blocking, native,
    sql::{self, Expr, Naming, Side},
};
use crate::{
    block::Between,
    compare::{Comparison, CustomTest, Level, Test},
    error::{Error, Result},
    link::Spec,
    model::{Model, Probabilities, VERSION, Weighed},
    settings::from_json,
    table::{ColumnSpec, Kind},
};
use serde::Deserialize;
use std::sync::Arc;

/// A model of Splink holds no threshold. Its examples cluster at this probability, and its weights, which count what
/// depends on each other as if it did not, are too sure of themselves for one by expectation.
const THRESHOLD: f64 = 0.95;

/// What a model of Splink became.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Columns, blocking rules and comparisons, and the threshold .95, which a file does not hold but most use.
    pub spec: Spec,
    /// The comparisons with their probabilities.
    pub model: Model,
    /// The name of the column of ids.
    pub id_column: String,
    /// The name of the column of sources.
    pub source_column: String,
    /// What the reader should know.
    pub notes: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    link_type: String,
    probability_two_random_records_match: f64,
    #[serde(default)]
    sql_dialect: Option<String>,
    #[serde(default)]
    unique_id_column_name: Option<String>,
    #[serde(default)]
    source_dataset_column_name: Option<String>,
    #[serde(default)]
    blocking_rules_to_generate_predictions: Vec<FileRule>,
    comparisons: Vec<FileComparison>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FileRule {
    Text(String),
    Rule {
        blocking_rule: String,
        #[serde(default)]
        arrays_to_explode: Option<Vec<String>>,
    },
}

#[derive(Deserialize)]
struct FileComparison {
    #[serde(default)]
    output_column_name: Option<String>,
    comparison_levels: Vec<FileLevel>,
}

#[derive(Deserialize)]
struct FileLevel {
    sql_condition: String,
    #[serde(default)]
    label_for_charts: Option<String>,
    #[serde(default)]
    is_null_level: bool,
    #[serde(default)]
    m_probability: Option<f64>,
    #[serde(default)]
    u_probability: Option<f64>,
    #[serde(default)]
    tf_adjustment_column: Option<String>,
    #[serde(default)]
    tf_adjustment_weight: Option<f64>,
    #[serde(default)]
    tf_minimum_u_value: Option<f64>,
    #[serde(default)]
    disable_tf_exact_match_detection: bool,
}

/// Reads a model that Splink 4 or 5 saved.
///
/// # Errors
/// Names what cannot be carried over: a condition, a function, a blocking rule, a probability that is none.
pub fn import(json: &str) -> Result<Imported> {
    let file: File = from_json(json).map_err(|error| error.about("is no model of Splink"))?;
    let mut notes = Vec::new();
    if let Some(dialect) = file.sql_dialect.filter(|dialect| dialect != "duckdb") {
        notes.push(format!("The model is written for {dialect}; functions are read as those of DuckDB."));
    }
    let between = match file.link_type.as_str() {
        "dedupe_only" | "link_and_dedupe" => Between::All,
        "link_only" => Between::Sources,
        other => {
            return Err(Error::invalid(format!("is `{other}`, which is not supported")).in_field("link_type"));
        }
    };
    let mut weighed = Vec::with_capacity(file.comparisons.len());
    let mut untrained = 0;
    let mut columns: Vec<String> = Vec::new();
    for (number, comparison) in (1..).zip(&file.comparisons) {
        let name = comparison.output_column_name.clone().unwrap_or_else(|| format!("comparison {number}"));
        let about = |error: Error| error.in_field(format!("comparison `{name}`"));
        let one = self::comparison(&name, comparison, &mut columns, &mut untrained).map_err(about)?;
        weighed.push(one);
    }
    if untrained > 0 {
        notes.push(format!(
            "{untrained} levels have no m or no u in the file and were given the values that Splink gives them; training \
             finds better ones."
        ));
    }
    let mut rules = Vec::new();
    for rule in &file.blocking_rules_to_generate_predictions {
        let text = match rule {
            FileRule::Text(text) => text,
            FileRule::Rule { blocking_rule, arrays_to_explode } => {
                if arrays_to_explode.as_ref().is_some_and(|arrays| !arrays.is_empty()) {
                    return Err(Error::invalid("explodes arrays, which is not supported")
                        .in_field(format!("blocking rule `{}`", sql::shown(blocking_rule))));
                }
                blocking_rule
            }
        };
        let rule = blocking::rule(text)?;
        for key in &rule.keys {
            if matches!(key, crate::block::Key::Made(..)) {
                notes.push(format!(
                    "Blocking by `{key}` leaves out values that are shorter; Splink compares them whole."
                ));
            }
            for column in key.columns() {
                if !columns.iter().any(|known| known == column) {
                    columns.push(column.to_owned());
                }
            }
        }
        rules.push(rule);
    }
    let model = Model {
        version: VERSION,
        prior: file.probability_two_random_records_match,
        relatives: 0.0,
        unseen_rows: 0,
        comparisons: weighed,
    };
    model.check()?;
    let spec = Spec {
        between,
        largest_block: ANY_BLOCK,
        columns: columns.iter().map(|name| ColumnSpec::new(name, Kind::Exact)).collect(),
        blocking: rules,
        comparisons: model.comparisons(),
        threshold: Some(THRESHOLD),
        ..Spec::default()
    };
    notes.dedup();
    Ok(Imported {
        spec,
        model,
        id_column: file.unique_id_column_name.unwrap_or_else(|| "unique_id".to_owned()),
        source_column: file.source_dataset_column_name.unwrap_or_else(|| "source_dataset".to_owned()),
        notes,
    })
}

fn comparison(
    name: &str,
    file: &FileComparison,
    all: &mut Vec<String>,
    untrained: &mut u32,
) -> Result<Weighed> {
    let [first, levels @ .., last] = &file.comparison_levels[..] else {
        return Err(Error::invalid("has fewer than two levels"));
    };
    if !first.is_null_level {
        return Err(Error::invalid("does not begin with a level for null, which is not supported"));
    }
    if !last.sql_condition.trim().eq_ignore_ascii_case("else") {
        return Err(Error::invalid("does not end with ELSE, which is not supported"));
    }
    let null = sql::parse(&first.sql_condition, Naming::Suffix)?;
    let mut columns = Vec::new();
    null.columns(&mut columns);
    let mut made = Comparison::new(name, columns.clone());
    let main =
        columns.first().ok_or_else(|| Error::invalid("has a level for null that names no column"))?.clone();
    let mut probabilities = Vec::new();
    if !is_plain_null(&null, &columns) {
        // A level that says neither for nor against.
        SqlTest::of(null.clone())?;
        let test = native::test(&null, &main)
            .unwrap_or_else(|| Test::Custom(format!("{SQL}{}", first.sql_condition)));
        made = made.level(Level::new(test).labelled(format!("{NEUTRAL}{}", label(first))));
        probabilities.push(Probabilities { m: 1.0, u: 1.0, collision: None, beside: None, relatives: None });
    }
    for (at, file) in levels.iter().enumerate() {
        let about = |error: Error| error.in_field(format!("level `{}`", label(file)));
        if file.is_null_level {
            return Err(about(Error::invalid("is a second level for null, which is not supported")));
        }
        let expr = sql::parse(&file.sql_condition, Naming::Suffix).map_err(about)?;
        let sql_test = SqlTest::of(expr.clone()).map_err(about)?;
        columns.extend(sql_test.columns().iter().cloned());
        let test = native::test(&expr, &main)
            .unwrap_or_else(|| Test::Custom(format!("{SQL}{}", file.sql_condition)));
        let mut level = Level::new(test).labelled(label(file));
        if let Some(column) = &file.tf_adjustment_column {
            if file.disable_tf_exact_match_detection {
                return Err(about(Error::invalid(
                    "has disable_tf_exact_match_detection, which is not supported",
                )));
            }
            level = level.with_term_frequency(column);
            level.term_frequency_weight = file.tf_adjustment_weight.unwrap_or(1.0);
            level.term_frequency_minimum = file.tf_minimum_u_value.unwrap_or(0.0);
            columns.push(column.clone());
        }
        let left = levels.len() - at;
        probabilities.push(self::probabilities(file, left, levels.len() + 1, untrained));
        made = made.level(level);
    }
    probabilities.push(self::probabilities(last, 0, levels.len() + 1, untrained));
    adjusts_from_equality(&made)?;
    for column in columns {
        if !all.contains(&column) {
            all.push(column);
        }
    }
    Ok(Weighed { comparison: made, levels: probabilities })
}

fn label(level: &FileLevel) -> String {
    level.label_for_charts.clone().unwrap_or_else(|| sql::shown(&level.sql_condition))
}

/// The probabilities of the level that has so many below it. Those that the file lacks are what Splink takes then: .95
/// of m for the closest level and the rest in equal parts, and u by weights of 10 bits for the closest and -5 to 3 evenly
/// for the others.
fn probabilities(level: &FileLevel, below: usize, count: usize, untrained: &mut u32) -> Probabilities {
    let others = (count - 1).max(1) as f64;
    let closest = below + 1 == count;
    let m = if closest { 0.95 } else { 0.05 / others };
    let bits = match below {
        _ if closest => 10.0,
        0 => -5.0,
        at => -5.0 + 8.0 * at as f64 / (others - 1.0),
    };
    *untrained += u32::from(level.m_probability.is_none() || level.u_probability.is_none());
    Probabilities {
        m: level.m_probability.unwrap_or(m),
        u: level.u_probability.unwrap_or(m / bits.exp2()),
        collision: None,
        beside: None,
        relatives: None,
    }
}

/// Whether a condition for null says just: each of these columns is missing in either row.
fn is_plain_null(expr: &Expr, columns: &[String]) -> bool {
    let missing = |side, name: &String| Expr::IsNull(Box::new(Expr::Column(side, name.clone())));
    let either = |name| Expr::Or(vec![missing(Side::Left, name), missing(Side::Right, name)]);
    let mut plain: Vec<Expr> = columns.iter().map(either).collect();
    let plain = if plain.len() == 1 { plain.remove(0) } else { Expr::And(plain) };
    plain.to_string() == expr.to_string()
}

/// The tests of a model that are conditions in SQL, by their names, for
/// [`Comparisons::bind_with`](crate::compare::Comparisons::bind_with).
///
/// # Errors
/// Where a condition is not supported.
pub fn custom_tests(model: &Model) -> Result<Vec<(String, Arc<dyn CustomTest>)>> {
    let mut tests: Vec<(String, Arc<dyn CustomTest>)> = Vec::new();
    for level in model.comparisons.iter().flat_map(|weighed| &weighed.comparison.levels) {
        if let Test::Custom(name) = &level.test
            && let Some(condition) = name.strip_prefix(SQL)
            && !tests.iter().any(|(known, _)| known == name)
        {
            tests.push((name.clone(), Arc::new(SqlTest::new(condition)?)));
        }
    }
    Ok(tests)
}
