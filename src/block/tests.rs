//! All blocks and pairs against a plain twin that compares texts.

use super::*;
use crate::table::{ColumnSpec, Kind, RawTable, Table};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const COLUMNS: [&str; 3] = ["a", "b", "c"];

/// What a key makes of a row, as text.
fn made(key: &Key, row: &[String; 3]) -> Vec<String> {
    let value = |key: &Key| {
        let column = key.columns().next().unwrap();
        row[COLUMNS.iter().position(|own| *own == column).unwrap()].clone()
    };
    let mut all = Vec::new();
    for key in key.alternatives() {
        if let Key::Made(Part::SortedLettersLessOne, keys) = key {
            for letters in made(&Key::Made(Part::SortedLetters, keys.clone()), row) {
                let letters = letters.strip_prefix("letters ").unwrap();
                all.extend((0..letters.len()).map(|at| [&letters[..at], &letters[at + 1..]].concat()));
                all.push(letters.to_owned());
            }
            all.iter_mut()
                .for_each(|text| *text = format!("letters {}", text.trim_start_matches("letters ")));
            all.retain(|text| text != "letters ");
            continue;
        }
        let mut texts = Vec::new();
        match key {
            Key::Made(Part::SortedLetters, keys) => {
                let each: Vec<Vec<String>> = keys.iter().map(|key| made(key, row)).collect();
                if each.iter().all(|own| !own.is_empty()) {
                    let one = |index: usize| each.iter().map(|own| own[index].as_str()).collect::<String>();
                    let count = if each.len() == 1 { each[0].len() } else { 1 };
                    for text in (0..count).map(one) {
                        let mut letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
                        letters.sort_unstable();
                        texts.push(format!("letters {}", letters.into_iter().collect::<String>()));
                    }
                }
            }
            key => key.texts(&value(key), &mut |text| texts.push(text.to_owned())),
        }
        all.extend(texts);
    }
    all.sort();
    all.dedup();
    all
}

/// The pairs of a rule.
fn pairs_of(
    rows: &[[String; 3]],
    rule: &BlockingRule,
    split_by: &[Key],
    largest: usize,
) -> BTreeSet<(u32, u32)> {
    if let Some(window) = rule.window {
        return near(rows, rule, window);
    }
    let mut blocks: BTreeMap<Vec<String>, Vec<u32>> = BTreeMap::new();
    for (number, row) in (0u32..).zip(rows) {
        let mut values: BTreeSet<Vec<String>> = BTreeSet::from([Vec::new()]);
        for key in &rule.keys {
            let own = made(key, row);
            let more = |value: &Vec<String>| {
                let value = value.clone();
                own.clone().into_iter().map(move |own| {
                    let mut next = [value.clone(), vec![own]].concat();
                    if rule.unordered {
                        next.sort();
                    }
                    next
                })
            };
            values = values.iter().flat_map(more).collect();
        }
        values.into_iter().for_each(|value| blocks.entry(value).or_default().push(number));
    }
    let mut pairs = BTreeSet::new();
    for block in blocks.into_values() {
        add(rows, block, split_by, largest, &mut pairs);
    }
    pairs
}

/// The pairs of rows that are near in the order of the keys.
fn near(rows: &[[String; 3]], rule: &BlockingRule, window: usize) -> BTreeSet<(u32, u32)> {
    let text = |row: &[String; 3], key: &Key| {
        let own = made(key, row).pop();
        own.map(|text| text.trim_start_matches("letters ").to_owned()).filter(|text| !text.is_empty())
    };
    let keyed = (0u32..).zip(rows).filter_map(|(number, row)| {
        let keys: Option<Vec<String>> = rule.keys.iter().map(|key| text(row, key)).collect();
        Some((keys?, number))
    });
    let mut sorted: Vec<(Vec<String>, u32)> = keyed.collect();
    sorted.sort();
    let windows = (0..sorted.len()).map(|at| &sorted[at..sorted.len().min(at + window)]);
    windows
        .flat_map(|near| near[1..].iter().map(|(_, other)| (near[0].1.min(*other), near[0].1.max(*other))))
        .collect()
}

fn add(
    rows: &[[String; 3]],
    block: Vec<u32>,
    split_by: &[Key],
    largest: usize,
    pairs: &mut BTreeSet<(u32, u32)>,
) {
    if block.len() <= largest {
        for (at, &a) in block.iter().enumerate() {
            pairs.extend(block[at + 1..].iter().map(|&b| (a, b)));
        }
    } else if let Some((key, rest)) = split_by.split_first() {
        let mut parts: BTreeMap<Vec<String>, Vec<u32>> = BTreeMap::new();
        for row in block {
            parts.entry(made(key, &rows[row as usize])).or_default().push(row);
        }
        parts.into_values().for_each(|part| add(rows, part, rest, largest, pairs));
    }
}

fn key() -> impl Strategy<Value = Key> {
    let texts = [
        "a",
        "b",
        "prefix(a, 1)",
        "sorted_letters(a, b)",
        "sorted_letters(b)",
        "a | b",
        "words(c)",
        "b | words(c)",
        "grams(c, 2)",
        "sorted_letters(a, b) | sorted_letters(c)",
        "sorted_letters(prefix(a, 1), b) | sorted_letters(words(c))",
        "a | b | grams(c, 1)",
        "sorted_letters_less_one(a, b) | sorted_letters_less_one(c)",
        "sorted_letters_less_one(b)",
    ];
    prop::sample::select(texts.to_vec()).prop_map(|text| text.parse().unwrap())
}

fn each_once(keys: Vec<Key>) -> Vec<Key> {
    let mut kept: Vec<Key> = Vec::new();
    for key in keys {
        if !kept.contains(&key) {
            kept.push(key);
        }
    }
    kept
}

fn rule() -> impl Strategy<Value = BlockingRule> {
    let blocks = (prop::collection::vec(key(), 1..3), any::<bool>(), prop::option::weighted(0.2, 2usize..8))
        .prop_map(|(keys, unordered, largest)| BlockingRule {
            unordered,
            largest,
            ..BlockingRule::new(each_once(keys))
        });
    let sorts = ["a", "b", "c", "prefix(a, 1)", "sorted_letters(b)"].map(|text| text.parse::<Key>().unwrap());
    let windows = (prop::collection::vec(prop::sample::select(sorts.to_vec()), 1..4), 2usize..9)
        .prop_map(|(keys, rows)| BlockingRule::new(each_once(keys)).within(rows));
    prop_oneof![3 => blocks, 1 => windows]
}

proptest! {
    #[test]
    fn equals_a_plain_twin(
        rows in prop::collection::vec(["[ab]{0,2}", "[ab]{0,2}", "[ab]{0,2} ?[ab]{0,3}"], 2..40),
        rules in prop::collection::vec(rule(), 1..12),
        largest in 2usize..20,
        sources in prop::bool::weighted(0.2),
        left_out in prop::collection::vec(any::<bool>(), 12),
    ) {
        let rows: Vec<[String; 3]> = rows.into_iter().map(|row| row.map(|text| text.trim().to_owned())).collect();
        // Of more values than these not all count.
        let values = |rule: &BlockingRule, row| rule.keys.iter().map(|key| made(key, row).len()).product::<usize>();
        prop_assume!(rules.iter().all(|rule| rows.iter().all(|row| values(rule, row) <= 32)));
        let mut raw = RawTable::new(COLUMNS).unwrap();
        let source = |at: usize| if at.is_multiple_of(2) { "x" } else { "y" };
        for (at, [a, b, c]) in rows.iter().enumerate() {
            // Rows stand in the order of their sources and ids.
            raw.push(if sources { source(at) } else { "x" }, &format!("{at:04}"), &[a, b, c]).unwrap();
        }
        let table = Table::prepare(raw, &COLUMNS.map(|name| ColumnSpec::new(name, Kind::Exact))).unwrap();
        let rows: Vec<[String; 3]> = (0..rows.len() as u32).map(|row| [0, 1, 2].map(|at| table.text(row, at).to_owned())).collect();
        let split_by = [Key::whole("b"), Key::whole("c")];
        let between = if sources { Between::Sources } else { Between::All };
        let blocking = Blocking::plan(&table, &rules, &split_by, largest, between).unwrap();
        let counts = |pair: &(u32, u32)| !sources || table.source_number(pair.0) != table.source_number(pair.1);
        let mut first: BTreeMap<(u32, u32), usize> = BTreeMap::new();
        for (at, rule) in rules.iter().enumerate() {
            let splits: Vec<Key> = split_by.iter().filter(|key| plan::splits(rule, key)).cloned().collect();
            for pair in pairs_of(&rows, rule, &splits, rule.largest.unwrap_or(largest)) {
                if counts(&pair) {
                    first.entry(pair).or_insert(at);
                }
            }
        }
        let expected: Vec<(u32, u32)> = first.keys().copied().collect();
        prop_assert_eq!(blocking.all_pairs(), expected);
        for a in 0..rows.len() as u32 {
            for b in a + 1..rows.len() as u32 {
                prop_assert_eq!(blocking.rule_of(a, b), first.get(&(a, b)).copied(), "{} {}", a, b);
            }
        }
        // A rule is taken by itself where its pairs are so few.
        for rule in &rules {
            let rule = BlockingRule { largest: None, ..rule.clone() };
            let pairs = Planner::new(&table, &[], usize::MAX).add(&rule).unwrap();
            for most in [0, pairs / 2, pairs.saturating_sub(1), pairs, pairs + 7] {
                let added = Planner::new(&table, &[], usize::MAX).add_if_few(&rule, most).unwrap();
                prop_assert_eq!(added, (pairs > 0 && pairs <= most).then_some(pairs));
            }
        }
        // A column covers what it is one of the keys of, where it is a rule of few pairs and no large block.
        for column in COLUMNS {
            let mut planner = Planner::new(&table, &[], largest);
            let rule = BlockingRule::on([column]).unwrap();
            let mut sizes: BTreeMap<Vec<String>, u64> = BTreeMap::new();
            rows.iter().for_each(|row| *sizes.entry(made(&rule.keys[0], row)).or_default() += 1);
            sizes.remove(&Vec::new());
            let pairs: u64 = sizes.values().map(|size| size * (size - 1) / 2).sum();
            for most in [0, pairs.saturating_sub(1), pairs, 5] {
                let few = (1..=most).contains(&pairs) && sizes.values().all(|size| *size <= largest as u64);
                prop_assert_eq!(planner.covers(&rule.keys[0], most).unwrap(), few);
            }
        }
        // With rules left out, it is as if they had never been.
        let mut fewer = blocking;
        fewer.leave_out(&left_out);
        let kept = rules.iter().zip(&left_out).filter(|(_, out)| !**out).map(|(rule, _)| rule.clone());
        let kept: Vec<BlockingRule> = kept.collect();
        let planned = Blocking::plan(&table, &kept, &split_by, largest, between).unwrap();
        prop_assert_eq!(fewer.all_pairs(), planned.all_pairs());
        prop_assert_eq!(fewer.reports(), planned.reports());
        for &(a, b) in first.keys() {
            prop_assert_eq!(fewer.rule_of(a, b), planned.rule_of(a, b), "{} {}", a, b);
        }
        // All pairs of some rows, each with its rule.
        let of_rows = fewer.run_rows::<_, _, true>(
            2,
            |row| row % 2 == 0,
            || (),
            Vec::new,
            |(), all, chunk| all.extend(chunk.all()),
        );
        let expected = fewer.all_pairs().into_iter().filter(|(a, _)| a % 2 == 0);
        let expected: Vec<((u32, u32), Option<usize>)> = expected.map(|(a, b)| ((a, b), fewer.rule_of(a, b))).collect();
        let mut of_rows: Vec<((u32, u32), Option<usize>)> =
            of_rows.concat().into_iter().map(|(pair, rule)| (pair, Some(rule))).collect();
        of_rows.sort();
        prop_assert_eq!(of_rows, expected);
    }
}

/// A table of one column with ids, held in the order of keys or with like rows side by side.
fn of_names(rows: &[(String, u8)], near: bool) -> Table {
    let mut raw = RawTable::new(["name", "sort"]).unwrap();
    for (name, id) in rows {
        raw.push("crm", &format!("{id:03}"), &[name, &id.to_string()]).unwrap();
    }
    let columns = ["name", "sort"].map(|name| ColumnSpec::new(name, Kind::Exact));
    if near { Table::prepare_near(raw, &columns).unwrap() } else { Table::prepare(raw, &columns).unwrap() }
}

proptest! {
    #[test]
    fn windows_are_the_same_whatever_the_order_of_rows(
        names in prop::collection::vec("[ab]{0,2}|abcdefgh[ab]{0,2}|é", 2..60),
        shuffled in Just((0..60u8).collect::<Vec<u8>>()).prop_shuffle(),
        window in 2usize..9,
    ) {
        let rows: Vec<(String, u8)> = names.into_iter().zip(0u8..).collect();
        let other = shuffled.iter().filter_map(|&at| rows.get(usize::from(at)));
        let other: Vec<(String, u8)> = other.cloned().collect();
        let rule = BlockingRule::on(["name"]).unwrap().within(window);
        let pairs = |table: &Table| {
            let blocking = Blocking::plan(table, std::slice::from_ref(&rule), &[], 100, Between::All).unwrap();
            let named = |(a, b): (u32, u32)| {
                let (a, b) = (table.id(a).to_owned(), table.id(b).to_owned());
                if a < b { (a, b) } else { (b, a) }
            };
            let mut all: Vec<(String, String)> = blocking.all_pairs().into_iter().map(named).collect();
            all.sort();
            all
        };
        let expected = pairs(&of_names(&rows, false));
        prop_assert_eq!(&pairs(&of_names(&other, false)), &expected);
        prop_assert_eq!(&pairs(&of_names(&rows, true)), &expected);
        prop_assert_eq!(&pairs(&of_names(&other, true)), &expected);
    }
}

#[test]
fn threads_share_windows() {
    let rows: Vec<(String, u8)> = (0..=255u8).map(|at| (format!("{:03}", at.wrapping_mul(37)), at)).collect();
    let mut raw = RawTable::new(["name"]).unwrap();
    for copy in 0..40 {
        for (name, id) in &rows {
            raw.push("crm", &format!("{copy:02}-{id:03}"), &[name]).unwrap();
        }
    }
    let table = Table::prepare(raw, &[ColumnSpec::new("name", Kind::Exact)]).unwrap();
    // More pairs than one piece of work has.
    let rules =
        [BlockingRule::on(["name"]).unwrap().within(12), BlockingRule::on(["name"]).unwrap().within(20)];
    let blocking = Blocking::plan(&table, &rules, &[], 100, Between::All).unwrap();
    let on = |threads| blocking.run(threads, || (), Vec::new, |(), all, pairs| all.extend_from_slice(pairs));
    let one = on(1);
    assert!(one.len() > 2);
    assert_eq!(one, on(4));
    let n = table.len() as u64;
    let within = |rows: u64| n * (rows - 1) - rows * (rows - 1) / 2;
    assert_eq!(one.concat().len() as u64, within(20));
    let reports = blocking.reports();
    assert_eq!((reports[0].pairs, reports[1].pairs), (within(12), within(20)));
    assert_eq!((reports[1].blocks, reports[1].largest), (n - 1, 20));
    assert_eq!(reports[1].rule, "name within 20 rows");
    // Within a budget as a whole or not at all, without what rules before give.
    let mut planner = Planner::new(&table, &[], 100);
    planner.add(&rules[0]).unwrap();
    assert_eq!(planner.add_within(&rules[1], n * 7).unwrap(), None);
    let (taken, pairs) = planner.add_within(&rules[1], n * 9).unwrap().unwrap();
    assert_eq!(taken, rules[1]);
    assert!(pairs.abs_diff(within(20) - within(12)) < n / 10, "{pairs}");
}

#[test]
fn rules_that_make_no_sense_are_told() {
    let table = of_names(&[("lee".into(), 1), ("stone".into(), 2)], false);
    let of = |text: &str| {
        let rule: BlockingRule = toml::from_str(text).unwrap();
        let planned = Blocking::plan(&table, &[rule], &[], 100, Between::All);
        planned.map(|blocking| blocking.all_pairs()).map_err(|error| error.to_string())
    };
    let text = "keys = [\"name\", \"prefix(sort, 1)\"]\nwindow = 2\n";
    assert_eq!(of(text), Ok(vec![(0, 1)]));
    assert_eq!(toml::to_string(&toml::from_str::<BlockingRule>(text).unwrap()).unwrap(), text);
    for (text, says) in [
        ("keys = [\"name\"]\nwindow = 0", "has 2 to 1000"),
        ("keys = [\"name\"]\nwindow = 1", "has 2 to 1000"),
        ("keys = [\"name\"]\nwindow = 1001", "has 2 to 1000"),
        ("keys = [\"name\", \"sort\"]\nwindow = 5\nunordered = true", "leave out `unordered`"),
        ("keys = [\"name\"]\nwindow = 5\nlargest = 9", "leave out `largest`"),
        ("keys = [\"words(name)\"]\nwindow = 5", "cannot be sorted by `words(name)`"),
        ("keys = [\"name | sort\"]\nwindow = 5", "cannot be sorted by"),
        ("keys = [\"min_hash(name, 1)\"]\nwindow = 5", "cannot be sorted by"),
        ("keys = [\"sorted_letters(name, sort)\"]\nwindow = 5", "cannot be sorted by"),
        ("keys = []\nwindow = 5", "no key"),
        ("keys = [\"nothing\"]\nwindow = 5", "nothing"),
        (
            "keys = [\"grams(name, 2)\", \"sort\", \"grams(name, 2)\"]",
            "the key `grams(name, 2)` stands there twice",
        ),
        ("keys = [\"name | sort\", \"sort | name\"]", "twice"),
        ("keys = [\"name\"]\nlargest = 0", "largest: a block has 2 rows at least"),
        ("keys = [\"name\"]\nlargest = 1", "largest: a block has 2 rows at least"),
    ] {
        let error = of(text).unwrap_err();
        assert!(error.contains(says) && error.contains("blocking rule"), "{text}: {error}");
    }
}

#[test]
fn the_greatest_limit_within_a_budget() {
    let mut raw = RawTable::new(["a", "b"]).unwrap();
    // Of a value so many rows each: 30, 60 and 150.
    for (value, rows) in [("x", 30), ("y", 60), ("z", 150)] {
        for at in 0..rows {
            raw.push("crm", &format!("{value}{at:03}"), &[value, &format!("b {at}")]).unwrap();
        }
    }
    let table = Table::prepare(raw, &["a", "b"].map(|name| ColumnSpec::new(name, Kind::Exact))).unwrap();
    let rule = BlockingRule::on(["a | b"]).unwrap();
    let pairs = |rows: u64| rows * (rows - 1) / 2;
    // y and z have rows of the same b as well, and so has x: 3 pairs each of 30 values and one each of 30 more. There are
    // fewer pairs than the sample has, so that all are counted.
    let of_b = 30 * 3 + 30;
    for (most, limit, found) in [
        (pairs(30) + pairs(60) + pairs(150) + of_b, Some(200), pairs(30) + pairs(60) + pairs(150) + of_b),
        (pairs(30) + pairs(60) + of_b, Some(140), pairs(30) + pairs(60) + of_b),
        (pairs(30) + pairs(60) + of_b - 1, Some(50), pairs(30) + of_b),
        (of_b, Some(25), of_b),
        (of_b - 1, None, 0),
    ] {
        let mut planner = Planner::new(&table, &[], 200);
        let added = planner.add_within(&rule, most).unwrap();
        assert_eq!(added.as_ref().and_then(|(rule, _)| rule.largest), limit, "{most}");
        assert_eq!(added.as_ref().map_or(0, |(_, pairs)| *pairs), found);
        let blocking = planner.finish(Between::All).unwrap();
        if let Some((rule, _)) = added {
            let planned = Blocking::plan(&table, &[rule], &[], 200, Between::All).unwrap();
            assert_eq!(blocking.all_pairs(), planned.all_pairs());
        }
    }
    // What an earlier rule gives does not count.
    let mut planner = Planner::new(&table, &[], 200);
    planner.add(&BlockingRule::on(["a"]).unwrap()).unwrap();
    assert_eq!(planner.add_within(&rule, of_b).unwrap(), Some((rule.clone().of_blocks_up_to(200), of_b)));
    let mut planner = Planner::new(&table, &[Key::whole("b")], 200);
    assert!(planner.add(&BlockingRule::on(["a", "grams(c, 2)"]).unwrap()).is_err());
    let several =
        Planner::new(&table, &["words(b)".parse().unwrap()], 200).add(&BlockingRule::on(["a"]).unwrap());
    assert!(several.unwrap_err().to_string().contains("several values"));
}
