//! A spec and a model to a file that Splink loads.

use super::{ANY_BLOCK, NEUTRAL, SQL, adjusts_from_equality, is_equality, native};
use crate::{
    block::{Between, BlockingRule, Key, Part},
    compare::Test,
    error::{Error, Result},
    link::Spec,
    model::{Model, Weighed},
    table::Kind,
};
use serde_json::{Value, json};

/// A model for Splink.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The file that Splink loads.
    pub json: String,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// Writes a model for Splink 5 on DuckDB.
///
/// Splink does not normalise: it must be given the prepared text of the columns. The spec has the comparisons of the model or
/// none. Scores of pairs and the pairs of blocking rules are what a model for Splink has: of threshold and clustering,
/// and of how a model was trained ([`BlockingRule::untrained`]), it says nothing. Splink has no limit to blocks: that of
/// all rules ([`Spec::largest_block`]) is left out with a note.
///
/// What Splink has in another form is converted: how often two rows collide in a value becomes the u of equality, and a
/// rule whose keys may stand in each other's place becomes two.
///
/// # Errors
/// Names all that has no counterpart, each with what to do: tests given in code, relatives, comparisons that are made of
/// others, block keys other than a column or its beginning, windows, a rule's own limit to its blocks.
pub fn export(spec: &Spec, model: &Model) -> Result<Exported> {
    model.check()?;
    spec.fits(model)?;
    let mut obstacles = Obstacles::default();
    if model.relatives > 0.0 {
        obstacles.add(Error::invalid(
            "the model knows relatives, which Splink does not; train it without them: `stitchline train \
             --no-relatives`, or `TrainOptions::relatives`",
        ));
    }
    if model.unseen_rows > 0 {
        obstacles.add(Error::invalid(
            "the model was trained on so few rows that their term frequencies do not stand alone, which Splink does not know; \
             train it on a hundred rows or more",
        ));
    }
    let comparisons: Vec<Value> =
        model.comparisons.iter().map(|weighed| comparison(weighed, spec, &mut obstacles)).collect();
    let mut rules: Vec<Value> = Vec::new();
    for rule in spec.blocking.iter().filter(|rule| !rule.unscored) {
        obstacles.take(rule_of(rule).map(|own| rules.extend(own)));
    }
    obstacles.none()?;
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
    let json = serde_json::to_string_pretty(&file)
        .map_err(|error| Error::invalid("the model cannot be written").because(error))?;
    Ok(Exported { json, notes: unlimited(spec).into_iter().collect() })
}

/// What is said where Splink compares more than the blocks of a spec give.
fn unlimited(spec: &Spec) -> Option<String> {
    let limit = spec.largest_block;
    (limit < ANY_BLOCK && !spec.blocking.is_empty()).then(|| {
        let so = match spec.split_by[..] {
            [] => "are left out",
            _ => "are split by `split_by`",
        };
        format!(
            "Splink has no limit to blocks: those of more than {limit} rows (`largest_block`), which {so} here, it compares \
             whole, which gives more pairs with the same scores"
        )
    })
}

/// What stands in the way.
#[derive(Default)]
struct Obstacles(Vec<Error>);

impl Obstacles {
    fn add(&mut self, error: Error) {
        self.0.push(error);
    }

    fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// All of them as one error, each on a line of its own.
    fn none(mut self) -> Result<()> {
        match self.0.len() {
            0 => Ok(()),
            1 => Err(self.0.remove(0)),
            _ => {
                // Several levels may be told in the same words.
                let mut lines: Vec<String> = Vec::new();
                for line in self.0.iter().map(|error| format!("\n- {error}")) {
                    if !lines.contains(&line) {
                        lines.push(line);
                    }
                }
                let (count, lines) = (lines.len(), lines.concat());
                Err(Error::invalid(format!("{count} things cannot be carried over to Splink:{lines}")))
            }
        }
    }
}

/// A comparison with its levels; what stands in the way of any of it goes to the obstacles.
fn comparison(weighed: &Weighed, spec: &Spec, obstacles: &mut Obstacles) -> Value {
    let own = &weighed.comparison;
    let about = |error: Error| error.in_field(format!("comparison `{}`", own.name));
    if let [first, ..] = &own.made_of[..]
        && weighed.levels.iter().any(|p| p.beside.is_some())
    {
        obstacles.add(about(Error::invalid(format!(
            "is made of others (`{first}`), and its weight beside them has no counterpart in Splink; take \
             `made_of` out of the spec and train anew"
        ))));
    }
    let Some(main) = own.columns.first() else {
        obstacles.add(about(Error::invalid("names no column")));
        return Value::Null;
    };
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
        if level.term_frequency.is_some() && level.term_frequency_own > 0 {
            obstacles.add(about(Error::invalid(
                "has a level with `term_frequency_own`, which Splink does not know; set it to 0 and train anew",
            )));
        }
        let condition = obstacles.take(condition(&level.test, main, spec).map_err(about));
        let probabilities = obstacles.take(probabilities(weighed, at).map_err(about));
        let (Some(condition), Some((m, u))) = (condition, probabilities) else { continue };
        let mut value = json!({
            "sql_condition": condition,
            "label_for_charts": own.level_name(at as u8 + 1),
            "m_probability": m,
            "u_probability": u,
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
    json!({"output_column_name": own.name, "comparison_levels": levels})
}

/// A blocking rule as one, or as two where its keys may stand in each other's place.
fn rule_of(rule: &BlockingRule) -> Result<Vec<Value>> {
    let about = |error: Error| error.in_field(format!("blocking rule `{}`", rule.name()));
    let mut rules = Vec::new();
    for (left, right) in orders(rule).map_err(about)? {
        let parts: Vec<String> =
            left.iter().zip(&right).map(|(l, r)| equal(l, r)).collect::<Result<_>>().map_err(about)?;
        rules.push(json!({"blocking_rule": parts.join(" AND "), "sql_dialect": "duckdb"}));
    }
    Ok(rules)
}

/// m and u of a level as Splink has them. Its frequencies adjust from the u of equality, ours from how often two rows
/// collide in a value; so that takes the place of u, and m grows alike.
fn probabilities(weighed: &Weighed, at: usize) -> Result<(f64, f64)> {
    let p = weighed.levels[at];
    let level = &weighed.comparison.levels[at];
    let Some(column) = &level.term_frequency else { return Ok((p.m, p.u)) };
    if !is_equality(&weighed.comparison, level, column) {
        adjusts_from_equality(&weighed.comparison)?;
        return Ok((p.m, p.u));
    }
    let collision = p.collision.unwrap_or(p.u);
    let m = p.m * collision / p.u;
    if m > 1.0 {
        return Err(Error::invalid(format!(
            "weighs equality of `{column}` by how often customers share values, which takes an m above 1 in Splink; \
             take `term_frequency` off that level in the spec and train anew"
        )));
    }
    Ok((m, collision))
}

/// The keys of a rule on both sides: once, or in both orders.
fn orders(rule: &BlockingRule) -> Result<Vec<(Vec<Key>, Vec<Key>)>> {
    if rule.window.is_some() {
        return Err(Error::invalid(
            "takes rows that are near in an order, which has no counterpart in Splink; take `window` off it in the spec",
        ));
    }
    if rule.largest.is_some_and(|rows| rows < ANY_BLOCK) {
        return Err(Error::invalid(
            "has a limit to its blocks, which Splink has not; take `largest` off it in the spec, or take the rule out",
        ));
    }
    let straight = (rule.keys.clone(), rule.keys.clone());
    match (rule.unordered, &rule.keys[..]) {
        (false, _) | (true, [_]) => Ok(vec![straight]),
        (true, [one, two]) => Ok(vec![straight, (rule.keys.clone(), vec![two.clone(), one.clone()])]),
        _ => Err(Error::invalid(
            "has more than two keys in any order, which has no counterpart in Splink; take the rule out of the spec, or \
             write one for each order",
        )),
    }
}

/// Two keys are equal.
fn equal(left: &Key, right: &Key) -> Result<String> {
    let side = |key: &Key, side: &str| {
        let of = |column: &str| format!("{side}.{}", quoted(column));
        match key {
            Key::Column(column) => Ok(of(column)),
            Key::Made(Part::Prefix(count), keys) if matches!(keys[..], [Key::Column(_)]) => {
                Ok(format!("SUBSTRING({}, 1, {count})", key.columns().map(of).collect::<String>()))
            }
            _ => Err(Error::invalid(format!(
                "the key `{key}` has no counterpart in Splink; take the rule out of the spec, or let it have columns or \
                 their beginnings (`prefix`)"
            ))),
        }
    };
    Ok(format!("({} = {})", side(left, "l")?, side(right, "r")?))
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
                    "compares days of `{column}`, which is no column of dates; make it one in the spec (`kind = \"date\"`)"
                )));
            }
            format!("ABS(EPOCH({}) - EPOCH({})) <= {}", day(&l), day(&r), u64::from(*most) * 86_400)
        }
        Test::Difference(most) => {
            format!("ABS(try_cast({l} AS DOUBLE) - try_cast({r} AS DOUBLE)) <= {most}")
        }
        Test::Swapped(other) => {
            let (ol, or) = both(other);
            format!("{l} = {or} AND {r} = {ol}")
        }
        Test::SwappedJaroWinkler(other, least) => {
            let (ol, or) = both(other);
            format!(
                "jaro_winkler_similarity({l}, {or}) >= {least} AND jaro_winkler_similarity({r}, {ol}) >= {least}"
            )
        }
        Test::Initial => {
            let begins =
                |one: &str, other: &str| format!("(length({one}) = 1 AND substr({other}, 1, 1) = {one})");
            format!("{} OR {}", begins(&l, &r), begins(&r, &l))
        }
        Test::DayMonthSwapped => {
            let part = |side: &str, from: u8, count: u8| format!("substr({side}, {from}, {count})");
            let same = |a: String, b: String| format!("{a} = {b}");
            [
                same(part(&l, 1, 4), part(&r, 1, 4)),
                same(part(&l, 6, 2), part(&r, 9, 2)),
                same(part(&r, 6, 2), part(&l, 9, 2)),
                format!("NOT ({l} = {r})"),
            ]
            .join(" AND ")
        }
        Test::SameLocalPart => format!("{} = {}", local(&l), local(&r)),
        Test::LocalPartJaroWinkler(least) => {
            format!("jaro_winkler_similarity({}, {}) >= {least}", local(&l), local(&r))
        }
        Test::On(other, test) => condition(test, other, spec)?,
        Test::All(tests) => joined(tests, "AND")?,
        Test::Any(tests) => joined(tests, "OR")?,
        Test::Not(_) if *test == native::no_day_test() => {
            format!("{} IS NULL OR {} IS NULL", day(&l), day(&r))
        }
        Test::Not(test) => format!("NOT ({})", condition(test, column, spec)?),
        Test::Custom(name) if name.starts_with(SQL) => name[SQL.len()..].to_owned(),
        other => {
            return Err(Error::invalid(format!(
                "the test `{}` has no counterpart in Splink; take its level out of the spec, or put another test there, and \
                 train anew",
                other.words()
            )));
        }
    })
}

/// A day in ISO form.
fn day(side: &str) -> String {
    format!("try_strptime({side}, '%Y-%m-%d')")
}

/// What stands before the `@` of a text.
fn local(side: &str) -> String {
    format!("NULLIF(regexp_extract({side}, '^[^@]+', 0), '')")
}
