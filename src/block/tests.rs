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

fn rule() -> impl Strategy<Value = BlockingRule> {
    (prop::collection::vec(key(), 1..3), any::<bool>(), prop::option::weighted(0.2, 2usize..8))
        .prop_map(|(keys, unordered, largest)| BlockingRule { keys, unordered, largest })
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
        // Some blocks are whole pairs of those.
        let of_blocks = fewer.run_blocks(
            2, |_, first| first % 2 == 0, || (), |rule| (rule, Vec::new()), |(), (_, all), pairs| all.extend(pairs.to_vec()),
        );
        for (rule, pairs) in of_blocks {
            prop_assert!(pairs.iter().all(|&(a, b)| fewer.rule_of(a, b) == Some(rule)));
        }
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
        let blocking = planner.finish(Between::All);
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
