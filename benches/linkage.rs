//! How many pairs a second are scored: the eight comparisons that Splink's demonstrations use on people, on the pairs of
//! eight blocking rules, with the answers of the batch asserted against the scorer of single pairs first.
//!
//! `cargo bench --bench linkage`. CPU time of this thread, medians of five runs. Rows are made here unless
//! `STITCHLINE_PEOPLE` names a CSV file with the columns unique_id, first_name, surname, dob, email, phone, street, city
//! and postcode. `STITCHLINE_BENCH_EVENTS` (a million) sets how many are made. The record is docs/benchmarks.md.
#![allow(missing_docs, clippy::unwrap_used)]

use cpu_time::ThreadTime;
use std::{fmt::Write, fs::File, time::Duration};
use stitchline::{
    MatchWeight,
    block::{Between, Blocking, BlockingRule},
    compare::{Comparison, Comparisons, Level, Test},
    model::{Model, Probabilities, Scorer, VERSION, Weighed},
    table::{ColumnSpec, Kind, ReadOptions, Table, TableReader},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const COLUMNS: [&str; 8] = ["first_name", "surname", "dob", "email", "phone", "street", "city", "postcode"];

/// Numbers that look random, the same on every run (SplitMix64; Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * u128::from(bound)) >> 64) as u64
    }

    /// Below `bound`, the lesser the more often.
    fn common(&mut self, bound: u64) -> u64 {
        let most = self.below(bound) + 1;
        self.below(most)
    }
}

/// The word of a number: syllables of two letters.
fn word(mut number: u64) -> String {
    let mut word = String::new();
    for _ in 0..2 + number % 2 {
        word.push(char::from(b"bdfghklmnprstvw"[(number % 15) as usize]));
        word.push(char::from(b"aeiou"[(number / 15 % 5) as usize]));
        number = number / 75 + 31 * (number % 75);
    }
    word
}

/// A file of people; two rows of five are of one person, with slips of the pen.
fn people(count: usize) -> String {
    let mut random = Random(1);
    let mut file = format!("unique_id,{}\n", COLUMNS.join(","));
    let mut last: Vec<String> = Vec::new();
    for row in 0..count {
        if row % 5 != 4 {
            let (given, family) = (word(random.common(1_000)), word(7 + random.common(12_000)));
            let city = random.common(800);
            last = vec![
                given.clone(),
                family.clone(),
                format!(
                    "{}-{:02}-{:02}",
                    1930 + random.below(75),
                    1 + random.below(12),
                    1 + random.below(28)
                ),
                format!("{given}.{family}{}@{}.example", random.below(100), word(random.common(30))),
                format!("07{:09}", random.below(1_000_000_000)),
                format!("{} {} street", 1 + random.below(150), word(random.below(60_000))),
                word(city),
                format!("{}{} {}aa", &word(city)[..2], city % 30, random.below(10)),
            ];
        } else {
            let at = random.below(8) as usize;
            let place = random.below(last[at].len() as u64) as usize;
            last[at].remove(place);
        }
        writeln!(file, "{row},{}", last.join(",")).unwrap();
    }
    file
}

fn model() -> Model {
    let probability = |m, u| Probabilities { m, u, collision: None, beside: None, relatives: None };
    let one = |name: &str, levels: Vec<(Test, bool, f64, f64)>, other: (f64, f64)| {
        let mut comparison = Comparison::new(name, [name]);
        let mut probabilities = Vec::new();
        for (test, adjusted, m, u) in levels {
            let level = Level::new(test);
            comparison = comparison.level(if adjusted { level.with_term_frequency(name) } else { level });
            probabilities.push(probability(m, u));
        }
        probabilities.push(probability(other.0, other.1));
        Weighed { comparison, levels: probabilities }
    };
    let name = |column: &str, u: f64| {
        let levels = vec![
            (Test::Exact, true, 0.80, u),
            (Test::JaroWinkler(0.92), false, 0.08, 0.003),
            (Test::JaroWinkler(0.88), false, 0.03, 0.004),
            (Test::JaroWinkler(0.7), false, 0.03, 0.05),
        ];
        one(column, levels, (0.06, 0.94))
    };
    let days = |days| Test::Days(days);
    Model {
        version: VERSION,
        prior: 1e-6,
        relatives: 0.0,
        unseen_rows: 0,
        comparisons: vec![
            name("first_name", 0.006),
            name("surname", 0.001),
            one(
                "dob",
                vec![
                    (Test::Exact, false, 0.87, 0.00005),
                    (Test::DamerauLevenshtein(1), false, 0.09, 0.0008),
                    (days(30), false, 0.01, 0.002),
                    (days(365), false, 0.01, 0.02),
                    (days(3652), false, 0.01, 0.2),
                ],
                (0.01, 0.78),
            ),
            one(
                "email",
                vec![
                    (Test::Exact, true, 0.65, 0.000002),
                    (Test::SameLocalPart, false, 0.02, 0.00001),
                    (Test::JaroWinkler(0.88), false, 0.1, 0.0005),
                    (Test::LocalPartJaroWinkler(0.88), false, 0.03, 0.002),
                ],
                (0.2, 0.99),
            ),
            one(
                "phone",
                vec![
                    (Test::Exact, false, 0.67, 0.000001),
                    (Test::Levenshtein(1), false, 0.05, 0.000002),
                    (Test::Levenshtein(2), false, 0.01, 0.00005),
                ],
                (0.27, 0.9999),
            ),
            one(
                "street",
                vec![
                    (Test::Exact, false, 0.72, 0.000003),
                    (Test::JaroWinkler(0.95), false, 0.09, 0.000005),
                    (Test::JaroWinkler(0.88), false, 0.02, 0.0002),
                ],
                (0.17, 0.9997),
            ),
            one("city", vec![(Test::Exact, true, 0.8, 0.004)], (0.2, 0.996)),
            one(
                "postcode",
                vec![
                    (Test::Exact, false, 0.79, 0.00001),
                    (Test::Levenshtein(1), false, 0.06, 0.0001),
                    (Test::Levenshtein(2), false, 0.01, 0.001),
                ],
                (0.14, 0.998),
            ),
        ],
    }
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            let start = ThreadTime::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[2]
}

fn main() {
    let people_of = std::env::var("STITCHLINE_PEOPLE");
    // What is made here has no truth.
    let ignore = people_of.iter().map(|_| "true_id".into()).collect();
    let mut reader = TableReader::new(ReadOptions { ignore, ..ReadOptions::default() });
    match people_of {
        Ok(path) => reader.read(File::open(&path).unwrap(), &path).unwrap(),
        Err(_) => {
            let given = std::env::var("STITCHLINE_BENCH_EVENTS").ok();
            let rows =
                given.map_or(1_000_000, |rows| rows.parse().expect("STITCHLINE_BENCH_EVENTS is a number"));
            reader.read(people(rows).as_bytes(), "people").unwrap();
        }
    }
    let (raw, _) = reader.finish().unwrap();
    let columns = COLUMNS.map(|name| ColumnSpec::new(name, Kind::Exact));
    let table = Table::prepare(raw, &columns).unwrap();
    let rules = [
        &["email"][..],
        &["phone"],
        &["first_name", "surname"],
        &["surname", "dob"],
        &["first_name", "dob"],
        &["dob", "postcode"],
        &["surname", "postcode"],
        &["street", "postcode"],
        &["surname", "city"],
    ];
    let rules: Vec<BlockingRule> = rules.iter().map(|keys| BlockingRule::on(*keys).unwrap()).collect();
    let blocking = Blocking::plan(&table, &rules, &[], 500, Between::All).unwrap();
    let chunks: Vec<Vec<(u32, u32)>> =
        blocking.run(1, || (), Vec::new, |(), all: &mut Vec<_>, pairs| all.push(pairs.to_vec())).concat();
    let count: usize = chunks.iter().map(Vec::len).sum();

    let model = model();
    let specs = model.comparisons();
    let comparisons = Comparisons::bind(&table, &specs).unwrap();
    let scorer = Scorer::new(&model, &comparisons).unwrap();
    let least = MatchWeight::from_bits(-5.0);
    let (mut batch, mut weights) = (scorer.batch(), Vec::new());

    // The answers, of a share of the chunks.
    let mut kept = 0u64;
    for pairs in chunks.iter().step_by(chunks.len() / 20 + 1) {
        batch.score(pairs, &mut weights);
        let single: Vec<MatchWeight> = pairs.iter().map(|&(a, b)| scorer.explain(a, b).total).collect();
        assert_eq!(weights, single);
        let mut above = Vec::new();
        batch.at_least(pairs, least, |a, b, weight| above.push((a, b, weight)));
        let all = pairs.iter().zip(&weights).filter(|(_, weight)| **weight >= least);
        assert!(all.map(|(&(a, b), &weight)| (a, b, weight)).eq(above));
    }

    let every = median(|| chunks.iter().for_each(|pairs| batch.score(pairs, &mut weights)));
    let some = median(|| {
        kept = 0;
        chunks.iter().for_each(|pairs| batch.at_least(pairs, least, |_, _, _| kept += 1));
    });
    let rate = |time: Duration| count as f64 / time.as_secs_f64() / 1e6;
    println!("{} rows, {count} pairs, {kept} of them at least {least}", table.len());
    println!("weight of every pair                 {:>6.2} M pairs a second", rate(every));
    println!("pairs of at least that weight        {:>6.2} M pairs a second", rate(some));
}
