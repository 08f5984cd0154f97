use super::*;
use crate::{
    block::BlockingRule,
    compare::{Comparison, Comparisons, CustomTest, Level, Test},
    model::{Probabilities, Scorer, Weighed},
    table::{ColumnSpec, Kind, RawTable, ReadOptions, Table, TableReader},
};
use proptest::prelude::*;
use std::{collections::HashMap, fs, path::PathBuf};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/splink").join(name)
}

fn people(columns: &[ColumnSpec]) -> Table {
    let mut reader = TableReader::new(ReadOptions { id: vec!["unique_id".into()], ..ReadOptions::default() });
    reader.read(fs::File::open(fixture("people.csv")).unwrap(), "people.csv").unwrap();
    Table::prepare(reader.finish().unwrap().0, columns).unwrap()
}

fn recorded(folder: &str) -> Imported {
    import(&fs::read_to_string(fixture(folder).join("model.json")).unwrap()).unwrap()
}

#[test]
fn recorded_scores_are_equal_to_a_millionth_of_a_bit() {
    for folder in ["plain", "rich"] {
        let imported = recorded(folder);
        assert_eq!(imported.spec.threshold, Some(0.95));
        let again = import(&export(&imported.spec, &imported.model).unwrap().json).unwrap();
        assert_eq!(again.spec.blocking, imported.spec.blocking);
        for imported in [&imported, &again] {
            let table = people(&imported.spec.columns);
            let rows: HashMap<&str, u32> = (0..table.len() as u32).map(|row| (table.id(row), row)).collect();
            let customs = custom_tests(&imported.model).unwrap();
            let bound = Comparisons::bind_with(&table, &imported.spec.comparisons, &customs).unwrap();
            let scores = Scores::new(&imported.model, &bound).unwrap();
            let scorer = Scorer::new(&imported.model, &bound).unwrap();
            let text = fs::read_to_string(fixture(folder).join("scores.csv")).unwrap();
            let mut pairs = 0;
            for line in text.lines().skip(1) {
                let fields: Vec<&str> = line.split(',').collect();
                let (a, b) = (rows[fields[0]], rows[fields[1]]);
                let expected: f64 = fields[2].parse().unwrap();
                let found = scores.bits(a, b);
                assert!(
                    (found - expected).abs() < 1e-6,
                    "{folder} {} {}: {found} {expected}",
                    fields[0],
                    fields[1]
                );
                assert!((scores.bits(b, a) - found).abs() < 1e-12, "the order of the rows counts");
                // Each of some ten weights is rounded to a thousandth of a bit.
                let rounded = scorer.score(a, b).bits();
                let apart = (rounded - expected).abs();
                assert!(apart < 0.02, "{folder} {} {}: {rounded} {expected}", fields[0], fields[1]);
                pairs += 1;
            }
            assert!(pairs > 200);
        }
    }
}

fn model(condition: &str) -> String {
    let condition = condition.replace('"', "\\\"");
    format!(
        r#"{{"link_type": "dedupe_only", "probability_two_random_records_match": 0.001,
        "blocking_rules_to_generate_predictions": ["l.a = r.a"],
        "comparisons": [{{"output_column_name": "one", "comparison_levels": [
        {{"sql_condition": "\"a_l\" IS NULL OR \"a_r\" IS NULL", "is_null_level": true}},
        {{"sql_condition": "{condition}", "m_probability": 0.9, "u_probability": 0.01}},
        {{"sql_condition": "ELSE", "m_probability": 0.1, "u_probability": 0.99}}]}}]}}"#
    )
}

/// A spec and a model of our own, with what Splink has in another form or not at all.
fn own() -> (Spec, Model) {
    let names = Comparison::new("given name", ["first_name"])
        .personal()
        .level(Level::new(Test::Exact).with_term_frequency("first_name"))
        .level(Level::new(Test::Swapped("surname".into())).with_term_frequency("first_name"))
        .level(Level::new(Test::Initial))
        .level(Level::new(Test::SwappedJaroWinkler("surname".into(), 0.8)));
    let birth = Comparison::new("birth", ["dob"])
        .level(Level::new(Test::Exact))
        .level(Level::new(Test::DayMonthSwapped))
        .level(Level::new(Test::DamerauLevenshtein(1)));
    let email =
        Comparison::new("email", ["email"]).level(Level::new(Test::Exact).with_term_frequency("email"));
    let p = |m, u| Probabilities { m, u, collision: None, beside: None, relatives: None };
    let collides = |m, u, by| Probabilities { collision: Some(by), ..p(m, u) };
    let weighed = |comparison, levels| Weighed { comparison, levels };
    let spec = Spec {
        columns: ["first_name", "surname", "dob", "email"]
            .map(|name| ColumnSpec::new(name, Kind::Exact))
            .to_vec(),
        blocking: vec![BlockingRule::on(["first_name", "surname"]).unwrap().unordered()],
        ..Spec::default()
    };
    let comparisons = vec![
        weighed(
            names,
            vec![collides(0.5, 0.004, 0.006), p(0.1, 0.001), p(0.1, 0.01), p(0.1, 0.002), p(0.2, 0.98)],
        ),
        weighed(birth, vec![p(0.8, 0.0002), p(0.05, 0.0001), p(0.05, 0.001), p(0.1, 0.9987)]),
        weighed(email, vec![collides(0.6, 0.0001, 0.00015), p(0.4, 0.9999)]),
    ];
    (
        spec,
        Model { version: crate::model::VERSION, prior: 0.001, relatives: 0.0, unseen_rows: 0, comparisons },
    )
}

#[test]
fn what_splink_has_in_another_form_is_converted() {
    let (spec, model) = own();
    let both = export(&spec, &model).unwrap().json;
    assert_eq!(both.matches("\"blocking_rule\"").count(), 2);
    assert!(
        both.contains(r#"(l.\"first_name\" = r.\"surname\") AND (l.\"surname\" = r.\"first_name\")"#),
        "{both}"
    );
    let straight =
        Spec { blocking: vec![BlockingRule::on(["first_name", "surname"]).unwrap()], ..spec.clone() };
    let again = import(&export(&straight, &model).unwrap().json).unwrap();
    let table = people(&spec.columns);
    let bound = Comparisons::bind(&table, &model.comparisons()).unwrap();
    let ours = Scorer::new(&model, &bound).unwrap();
    let customs = custom_tests(&again.model).unwrap();
    let rebound = Comparisons::bind_with(&table, &again.spec.comparisons, &customs).unwrap();
    let theirs = Scores::new(&again.model, &rebound).unwrap();
    let mut levels = std::collections::BTreeSet::new();
    for a in 0..table.len() as u32 {
        for b in 0..a {
            let (ours, theirs) = (ours.score(b, a).bits(), theirs.bits(b, a));
            assert!((ours - theirs).abs() < 0.005, "{a} {b}: {ours} {theirs}");
            levels.extend((0..2).map(|at| (at, bound.level(at, b, a))));
        }
    }
    assert!(levels.len() > 6, "{levels:?}");
}

#[test]
fn what_splink_has_not_is_refused_by_name() {
    let (spec, model) = own();
    let refused = |change: &dyn Fn(&mut Spec, &mut Model), named: &str| {
        let (mut spec, mut model) = (spec.clone(), model.clone());
        change(&mut spec, &mut model);
        let error = export(&spec, &model).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    };
    refused(&|_, model| model.relatives = 0.01, "--no-relatives");
    refused(
        &|_, model| {
            model.comparisons[2].comparison.made_of = vec!["given name".into()];
            model.comparisons[2].levels.iter_mut().for_each(|p| p.beside = Some(0.1));
        },
        "comparison `email`: is made of others (`given name`)",
    );
    refused(&|_, model| model.comparisons[2].levels[0].collision = Some(0.001), "`term_frequency`");
    refused(&|_, model| model.comparisons[0].comparison.levels[1].test = Test::Nickname, "a short form");
    refused(
        &|_, model| model.comparisons[0].comparison.levels[0].test = Test::Soundex,
        "frequencies of `first_name`",
    );
    refused(&|spec, _| spec.blocking[0].keys.push("dob".parse().unwrap()), "more than two keys");
    refused(
        &|spec, _| spec.blocking = vec![BlockingRule::on(["soundex(surname)"]).unwrap()],
        "soundex(surname)",
    );
    refused(
        &|spec, _| spec.blocking = vec![BlockingRule::on(["surname"]).unwrap().within(9)],
        "surname within 9 rows",
    );
    refused(
        &|spec, _| spec.blocking = vec![BlockingRule::on(["surname"]).unwrap().of_blocks_up_to(9)],
        "blocking rule `surname`: has a limit to its blocks, which Splink has not; take `largest` off",
    );
}

#[test]
fn a_limit_to_all_blocks_is_told_of_where_it_is_one() {
    let (spec, model) = own();
    let noted = |change: &dyn Fn(&mut Spec)| {
        let mut spec = spec.clone();
        change(&mut spec);
        export(&spec, &model).unwrap().notes
    };
    let [note] = &noted(&|_| ())[..] else { panic!("one note") };
    assert!(note.contains("more than 200 rows (`largest_block`), which are left out here"), "{note}");
    let [note] = &noted(&|spec| spec.split_by = vec!["dob".parse().unwrap()])[..] else { panic!("one note") };
    assert!(note.contains("are split by `split_by` here"), "{note}");
    // No block is as large, and how a model was trained is no matter to it.
    let any = |spec: &mut Spec| {
        spec.largest_block = ANY_BLOCK;
        spec.blocking = vec![BlockingRule::on(["surname"]).unwrap().untrained().of_blocks_up_to(ANY_BLOCK)];
    };
    assert!(noted(&any).is_empty());
    let imported = recorded("plain");
    assert!(export(&imported.spec, &imported.model).unwrap().notes.is_empty());
}

#[test]
fn all_that_splink_has_not_is_told_at_once() {
    let (mut spec, mut model) = own();
    model.relatives = 0.01;
    model.comparisons[0].comparison.levels[1].test = Test::Nickname;
    spec.blocking.push(BlockingRule::on(["soundex(surname)"]).unwrap());
    spec.blocking.push(BlockingRule::on(["surname"]).unwrap().within(9));
    let error = export(&spec, &model).unwrap_err().to_string();
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 5, "{error}");
    for (line, says, to_do) in [
        (lines[0], "4 things", "cannot be carried over to Splink:"),
        (lines[1], "relatives", "train it without them: `stitchline train --no-relatives`"),
        (lines[2], "- comparison `given name`: ", "take its level out of the spec"),
        (lines[3], "- blocking rule `soundex(surname)`: ", "take the rule out of the spec"),
        (lines[4], "- blocking rule `surname within 9 rows`: ", "take `window` off it"),
    ] {
        assert!(line.contains(says) && line.contains(to_do), "{line}");
    }
}

#[test]
fn what_is_not_supported_is_named() {
    assert!(import(&model("\"a_l\" = \"a_r\"")).is_ok());
    for (condition, named) in [
        ("soundex(\"a_l\") = soundex(\"a_r\")", "soundex"),
        ("\"a_l\" = 'x'", "order of the two records"),
        ("\"a_l\" = \"b_r\"", "order of the two records"),
        ("CASE WHEN 1 THEN 2 END = 1", "CASE"),
        ("list_max(list_transform(\"a_l\", x -> x)) > 1", "list_transform"),
        ("\"a\" = \"a_r\"", "`a`"),
        ("cast(\"a_l\" as int) = cast(\"a_r\" as int)", "casts"),
        ("regexp_extract(\"a_l\", '(a|b)') = regexp_extract(\"a_r\", '(a|b)')", "pattern"),
        ("\"a_l = \"a_r\"", "SQL"),
        ("\"a_l\" = \"a_r\" AND", "ends too early"),
    ] {
        let error = import(&model(condition)).expect_err(condition).to_string();
        assert!(error.contains(named), "{condition}: {error}");
        assert!(error.contains("comparison `one`"), "{error}");
    }
    let adjusted = |column: &str| {
        let added = format!("\"m_probability\": 0.9, \"tf_adjustment_column\": \"{column}\", ");
        import(&model("\"a_l\" = \"a_r\"").replace("\"m_probability\": 0.9, ", &added))
    };
    assert!(adjusted("a").is_ok());
    let error = adjusted("other").unwrap_err().to_string();
    assert!(error.contains("`other`") && error.contains("comparison `one`"), "{error}");
    let rule = |rule: &str| {
        import(&model("\"a_l\" = \"a_r\"").replace("l.a = r.a", rule)).map(|i| i.spec.blocking[0].name())
    };
    assert_eq!(rule("l.a = r.a and substr(r.b, 1, 3) = substr(l.b, 1, 3)").unwrap(), "a + prefix(b, 3)");
    for bad in ["l.a = r.b", "l.a <> r.a", "lower(l.a) = lower(r.a)", "l.a = r.a or l.b = r.b", "a = b", ""] {
        assert!(rule(bad).is_err(), "{bad}");
    }
    assert!(import("{}").is_err() && import("[").is_err());
    let untrained = model("\"a_l\" = \"a_r\"").replace("\"m_probability\": 0.9, ", "");
    let imported = import(&untrained).unwrap();
    assert_eq!((imported.model.comparisons[0].levels[0].m, imported.notes.len()), (0.95, 1));
    assert!(sql::parse(&"(".repeat(100_000), sql::Naming::Suffix).is_err());
}

/// Each condition as a test of our own, and asked as SQL.
#[test]
fn tests_of_our_own_say_what_the_sql_says() {
    let conditions = [
        "\"a_l\" = \"a_r\"",
        "jaro_winkler_similarity(\"a_l\", \"a_r\") >= 0.8",
        "jaro_similarity(\"b_l\", \"b_r\") >= 0.8",
        "levenshtein(\"a_l\", \"a_r\") <= 2",
        "damerau_levenshtein(\"a_l\", \"a_r\") <= 1",
        "\"a_l\" = \"b_r\" AND \"a_r\" = \"b_l\"",
        "substr(\"a_l\", 1, 3) = substr(\"a_r\", 1, 3)",
        "\"a_l\" = \"a_r\" AND (\"b_l\" = \"b_r\" OR levenshtein(\"b_l\", \"b_r\") <= 1)",
        "NULLIF(regexp_extract(\"a_l\", '^[^@]+', 0), '') = NULLIF(regexp_extract(\"a_r\", '^[^@]+', 0), '')",
        "jaro_winkler_similarity(NULLIF(regexp_extract(\"a_l\", '^[^@]+'), ''), NULLIF(regexp_extract(\"a_r\", '^[^@]+'), '')) >= 0.8",
        "try_strptime(\"d_l\", '%Y-%m-%d') IS NULL OR try_strptime(\"d_r\", '%Y-%m-%d') IS NULL",
        "ABS(EPOCH(try_strptime(\"d_l\", '%Y-%m-%d')) - EPOCH(try_strptime(\"d_r\", '%Y-%m-%d'))) <= 2629800.0",
    ];
    let mut raw = RawTable::new(["a", "b", "d"]).unwrap();
    let words = ["", "ann", "anna@x.org", "nan", "an@b@c", "ann@y", "rupert", "annabel@", "@a"];
    let days = ["1980-01-01", "1980-01-31", "1980-02-01", "1980-13-01", "", "1999-12-31"];
    for at in 0..60 {
        let row = [words[at % 9], words[at / 3 % 9], days[at % 6]];
        raw.push("s", &at.to_string(), &row).unwrap();
    }
    let specs = ["a", "b", "d"].map(|name| ColumnSpec::new(name, Kind::Exact));
    let table = Table::prepare(raw, &specs).unwrap();
    for condition in conditions {
        let expr = sql::parse(condition, sql::Naming::Suffix).unwrap();
        let own = native::test(&expr, "a").unwrap_or_else(|| panic!("{condition} is no test of our own"));
        let comparison =
            crate::compare::Comparison::new("c", ["a", "b", "d"]).level(crate::compare::Level::new(own));
        let bound = Comparisons::bind(&table, &[comparison]).unwrap();
        let test = SqlTest::new(condition).unwrap();
        for a in 0..60 {
            for b in 0..60 {
                let (level, holds) = (bound.level(0, a, b), test.holds(&table, a, b));
                // Rows with nothing to compare at all have no day either.
                let is_null = level == 0 && condition.contains("IS NULL");
                assert_eq!(level == 1 || is_null, holds, "{condition} {a} {b}");
            }
        }
    }
}

#[test]
fn three_values_of_truth_and_functions() {
    let mut raw = RawTable::new(["a", "b"]).unwrap();
    raw.push("s", "1", &["[x, y]", ""]).unwrap();
    raw.push("s", "2", &["y; z", "5"]).unwrap();
    let table = Table::prepare(raw, &["a", "b"].map(|name| ColumnSpec::new(name, Kind::Exact))).unwrap();
    for (condition, expected) in [
        ("array_length(list_intersect(\"a_l\", \"a_r\")) >= 1", true),
        ("array_length(list_intersect(\"a_l\", \"a_r\")) >= 2", false),
        ("\"b_l\" = \"b_r\" OR 1 = 1", true),
        ("NOT (\"b_l\" = \"b_r\")", false),
        ("\"b_l\" IS NULL OR \"b_r\" IS NULL", true),
        ("abs(\"b_l\" - \"b_r\") <= 5", false),
        ("coalesce(\"b_l\", \"b_r\") = coalesce(\"b_r\", \"b_l\")", true),
        ("jaccard('abc', 'bcd') >= 0.5", true),
        ("nullif('', '') IS NULL", true),
        ("epoch(strptime('1970-01-02 00:00:01', '%Y-%m-%d %H:%M:%S')) = 86401", true),
        ("upper(trim(' a ')) = 'A' AND length('été') = 3 AND least(2, 1) = 1 AND 7 - 2 * 3 = 1", true),
    ] {
        let test = SqlTest::new(condition).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(test.holds(&table, 0, 1), expected, "{condition}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}|([a-z]_l|[a-z]_r|=|AND|OR|NOT|IS NULL|\\(|\\)|'|\"|[0-9.]|,|lower| ){0,20}") {
        if let Ok(expr) = sql::parse(&text, sql::Naming::Suffix) {
            prop_assert_eq!(expr.turned().turned(), expr.clone());
            let _ = SqlTest::of(expr);
        }
        let _ = blocking::rule(&text);
        if let Ok(pattern) = pattern::Pattern::new(&text) {
            let _ = pattern.extract("some text 12");
        }
    }
}
