//! String comparators: two texts at a time, many independent pairs, and one text against many.

use std::fs;
use std::path::Path;

use rapidfuzz::distance as rf;
use stitchline::similarity::{
    Block, Distance, Level, PairBatch, Prepared, QGrams, Similarity, damerau_levenshtein_at, jaro_winkler_at,
    levenshtein_at, levenshtein_within_at, osa_at,
};

use crate::contest::{Answers, Contest, Plan, answer};

/// Texts that are compared with all second texts of a file.
const QUERIES: usize = 50;
const CUTOFF: u32 = 2;

/// The pairs of one file.
struct Set {
    name: String,
    pairs: Vec<(String, String)>,
    ascii: bool,
    /// How many texts are compared with all second texts.
    queries: usize,
}

impl Set {
    fn read(file: &str) -> Result<Self, String> {
        let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let pairs: Vec<_> = text
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(a, b)| (a.into(), b.into()))
            .collect();
        if pairs.is_empty() {
            return Err(format!("{file}: no tab-separated pairs"));
        }
        let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, pairs, ascii: text.is_ascii(), queries: QUERIES })
    }

    fn each(&self, out: Answers<'_>, compare: impl Fn(&str, &str) -> f64) {
        answer(out, self.pairs.iter(), |(a, b)| compare(a, b));
    }

    fn queries(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().take(self.queries).map(|(a, _)| &**a)
    }

    fn cross(&self) -> usize {
        self.queries().count() * self.pairs.len()
    }
}

fn levels() -> Vec<Level> {
    let mut levels: Vec<_> = Level::supported().collect();
    levels.reverse();
    levels
}

/// Runs every contest on every file.
pub fn run(files: &[String], plan: &Plan) -> Result<(), String> {
    for file in files {
        let set = Set::read(file)?;
        jaro_winkler(&set, plan)?;
        levenshtein(&set, plan)?;
        bounded(&set, plan)?;
        osa(&set, plan)?;
        damerau(&set, plan)?;
        qgrams(&set, plan)?;
    }
    Ok(())
}

/// A call on bytes where the text is ASCII (the peer's fastest form), else on characters.
macro_rules! on_units {
    ($set:expr, $contest:expr, $name:literal, |$a:ident, $b:ident| $call:expr) => {
        if $set.ascii {
            $contest.add(concat!($name, " bytes"), |out| {
                $set.each(out, |a, b| {
                    let ($a, $b) = (a.bytes(), b.bytes());
                    $call
                });
            });
        } else {
            $contest.add(concat!($name, " chars"), |out| {
                $set.each(out, |a, b| {
                    let ($a, $b) = (a.chars(), b.chars());
                    $call
                });
            });
        }
    };
}

/// rapidfuzz's batch comparator, on bytes where the text is ASCII, else on characters.
macro_rules! batch_on_units {
    ($set:expr, $contest:expr, $module:ident, |$batch:ident, $b:ident| $call:expr) => {
        if $set.ascii {
            $contest.add("rapidfuzz batch bytes", |mut out| {
                for query in $set.queries() {
                    let $batch = rf::$module::BatchComparator::new(query.bytes());
                    answer(out.as_deref_mut(), $set.pairs.iter(), |(_, b)| {
                        let $b = b.bytes();
                        $call
                    });
                }
            });
        } else {
            $contest.add("rapidfuzz batch chars", |mut out| {
                for query in $set.queries() {
                    let $batch = rf::$module::BatchComparator::new(query.chars());
                    answer(out.as_deref_mut(), $set.pairs.iter(), |(_, b)| {
                        let $b = b.chars();
                        $call
                    });
                }
            });
        }
    };
}

trait Number: Copy {
    fn number(self) -> f64;
}
impl Number for Similarity {
    fn number(self) -> f64 {
        self.get()
    }
}
impl Number for Distance {
    fn number(self) -> f64 {
        if self == Distance::BEYOND { -1.0 } else { f64::from(self.get()) }
    }
}

fn give(out: Answers<'_>, answers: &[impl Number]) {
    match out {
        Some(out) => out.extend(answers.iter().map(|answer| answer.number())),
        None => drop(std::hint::black_box(answers)),
    }
}

/// The batch forms of ours at every level, beside the oracle and rapidfuzz's batch. Prepared values and blocks are
/// made before the time is taken, as they are in use.
macro_rules! batches {
    ($plan:ident, $set:expr, $metric:literal, $method:ident, $cutoff:expr, $oracle:expr, $module:ident, |$batch:ident, $b:ident| $call:expr) => {{
        let set: &Set = $set;
        let texts: Vec<(&str, &str)> = set.pairs.iter().map(|(a, b)| (&**a, &**b)).collect();
        let prepared: Vec<_> = texts.iter().map(|(a, b)| (Prepared::new(a), Prepared::new(b))).collect();
        let ready: Vec<_> = prepared.iter().map(|(a, b)| (a, b)).collect();
        let oracle = $oracle;
        let mut pairs = Contest::new($plan, $metric, "independent pairs", &set.name, texts.len());
        pairs.add("strsim", |out| set.each(out, oracle));
        for level in levels() {
            let (mut batch, mut answers, texts) =
                (PairBatch::at(level), vec![Default::default(); texts.len()], &texts);
            pairs.add(format!("stitchline {level} str"), move |out| {
                batch.$method(texts, $cutoff, &mut answers);
                give(out, &answers);
            });
            let (mut batch, mut answers, ready) =
                (PairBatch::at(level), vec![Default::default(); ready.len()], &ready);
            pairs.add(format!("stitchline {level} prepared"), move |out| {
                batch.$method(ready, $cutoff, &mut answers);
                give(out, &answers);
            });
        }
        pairs.settle()?;

        let queries: Vec<_> = set.queries().map(Prepared::new).collect();
        let mut many = Contest::new($plan, $metric, "one against many", &set.name, set.cross());
        many.add("strsim", |mut out| {
            for query in set.queries() {
                answer(out.as_deref_mut(), set.pairs.iter(), |(_, b)| oracle(query, b));
            }
        });
        batch_on_units!(set, many, $module, |$batch, $b| $call);
        for level in levels() {
            let block = Block::at(level, prepared.iter().map(|(_, b)| b.clone()));
            let mut answers = vec![Default::default(); prepared.len()];
            let queries = &queries;
            many.add(format!("stitchline {level}"), move |mut out| {
                for query in queries {
                    block.$method(query, $cutoff, &mut answers);
                    give(out.as_deref_mut(), &answers);
                }
            });
        }
        many.settle()?;
    }};
}

fn jaro_winkler(set: &Set, plan: &Plan) -> Result<(), String> {
    let eddie = eddie::JaroWinkler::new();
    let mut two = Contest::new(plan, "jaro_winkler", "two at a time", &set.name, set.pairs.len());
    two.add("strsim", |out| set.each(out, strsim::jaro_winkler));
    on_units!(set, two, "rapidfuzz", |a, b| rf::jaro_winkler::similarity(a, b));
    two.add_other("eddie", |out| set.each(out, |a, b| eddie.similarity(a, b)));
    two.add_other("jaro_winkler", |out| set.each(out, |a, b| f64::from(jaro_winkler::jaro_winkler(a, b))));
    two.add_other("textdistance", |out| set.each(out, textdistance::str::jaro_winkler));
    for level in levels() {
        two.add(format!("stitchline {level}"), move |out| {
            set.each(out, |a, b| jaro_winkler_at(level, a, b).get())
        });
    }
    two.settle()?;
    batches!(
        plan,
        set,
        "jaro_winkler",
        jaro_winkler,
        None,
        strsim::jaro_winkler,
        jaro_winkler,
        |batch, b| batch.similarity(b)
    );
    Ok(())
}

fn levenshtein(set: &Set, plan: &Plan) -> Result<(), String> {
    let oracle = |a: &str, b: &str| strsim::levenshtein(a, b) as f64;
    let eddie = eddie::Levenshtein::new();
    let mut two = Contest::new(plan, "levenshtein", "two at a time", &set.name, set.pairs.len());
    two.add("strsim", |out| set.each(out, oracle));
    on_units!(set, two, "rapidfuzz", |a, b| rf::levenshtein::distance(a, b) as f64);
    two.add("eddie", |out| set.each(out, |a, b| eddie.distance(a, b) as f64));
    two.add("textdistance", |out| set.each(out, |a, b| textdistance::str::levenshtein(a, b) as f64));
    if set.ascii {
        two.add("triple_accel", |out| {
            set.each(out, |a, b| f64::from(triple_accel::levenshtein(a.as_bytes(), b.as_bytes())));
        });
    }
    for level in levels() {
        two.add(format!("stitchline {level}"), move |out| {
            set.each(out, |a, b| f64::from(levenshtein_at(level, a, b).get()));
        });
    }
    two.settle()?;
    batches!(plan, set, "levenshtein", levenshtein, None, oracle, levenshtein, |batch, b| batch.distance(b)
        as f64);
    Ok(())
}

fn bounded(set: &Set, plan: &Plan) -> Result<(), String> {
    let oracle = |a: &str, b: &str| match strsim::levenshtein(a, b) {
        distance if distance > CUTOFF as usize => -1.0,
        distance => distance as f64,
    };
    let within = |distance: Option<usize>| distance.map_or(-1.0, |distance| distance as f64);
    let args = rf::levenshtein::Args::default().score_cutoff(CUTOFF as usize);
    let mut two = Contest::new(plan, "levenshtein within 2", "two at a time", &set.name, set.pairs.len());
    two.add("strsim", |out| set.each(out, oracle));
    on_units!(set, two, "rapidfuzz", |a, b| within(rf::levenshtein::distance_with_args(a, b, &args)));
    if set.ascii {
        two.add("triple_accel", |out| {
            set.each(out, |a, b| {
                triple_accel::levenshtein::levenshtein_simd_k(a.as_bytes(), b.as_bytes(), CUTOFF)
                    .map_or(-1.0, f64::from)
            });
        });
    }
    for level in levels() {
        let within = move |a: &str, b: &str| levenshtein_within_at(level, a, b, Distance::new(CUTOFF));
        two.add(format!("stitchline {level}"), move |out| {
            set.each(out, |a, b| within(a, b).map_or(-1.0, Number::number));
        });
    }
    two.settle()?;
    batches!(
        plan,
        set,
        "levenshtein within 2",
        levenshtein,
        Some(Distance::new(CUTOFF)),
        oracle,
        levenshtein,
        |batch, b| within(batch.distance_with_args(b, &args))
    );
    Ok(())
}

fn osa(set: &Set, plan: &Plan) -> Result<(), String> {
    let oracle = |a: &str, b: &str| strsim::osa_distance(a, b) as f64;
    let mut two = Contest::new(plan, "osa", "two at a time", &set.name, set.pairs.len());
    two.add("strsim", |out| set.each(out, oracle));
    on_units!(set, two, "rapidfuzz", |a, b| rf::osa::distance(a, b) as f64);
    if set.ascii {
        two.add_other("triple_accel", |out| {
            set.each(out, |a, b| f64::from(triple_accel::rdamerau(a.as_bytes(), b.as_bytes())));
        });
    }
    for level in levels() {
        two.add(format!("stitchline {level}"), move |out| {
            set.each(out, |a, b| f64::from(osa_at(level, a, b).get()));
        });
    }
    two.settle()?;
    batches!(plan, set, "osa", osa, None, oracle, osa, |batch, b| batch.distance(b) as f64);
    Ok(())
}

fn damerau(set: &Set, plan: &Plan) -> Result<(), String> {
    // The peers take microseconds for a pair.
    let set =
        &Set { name: set.name.clone(), pairs: set.pairs.clone(), ascii: set.ascii, queries: QUERIES / 10 };
    let oracle = |a: &str, b: &str| strsim::damerau_levenshtein(a, b) as f64;
    let eddie = eddie::DamerauLevenshtein::new();
    let mut two = Contest::new(plan, "damerau_levenshtein", "two at a time", &set.name, set.pairs.len());
    two.add("strsim", |out| set.each(out, oracle));
    on_units!(set, two, "rapidfuzz", |a, b| rf::damerau_levenshtein::distance(a, b) as f64);
    two.add("eddie", |out| set.each(out, |a, b| eddie.distance(a, b) as f64));
    for level in levels() {
        two.add(format!("stitchline {level}"), move |out| {
            set.each(out, |a, b| f64::from(damerau_levenshtein_at(level, a, b).get()));
        });
    }
    two.settle()?;
    batches!(
        plan,
        set,
        "damerau_levenshtein",
        damerau_levenshtein,
        None,
        oracle,
        damerau_levenshtein,
        |batch, b| batch.distance(b) as f64
    );
    Ok(())
}

fn qgrams(set: &Set, plan: &Plan) -> Result<(), String> {
    let grams = |text: &String| QGrams::new(text, 2).map_err(|error| error.to_string());
    let made: Result<Vec<_>, String> = set.pairs.iter().map(|(a, b)| Ok((grams(a)?, grams(b)?))).collect();
    let made = made?;
    // No crate has Jaccard on sets of bigrams: the oracle is a plain one here, and strsim's nearest is beside it.
    let bigrams = |text: &str| {
        let chars: Vec<char> = text.chars().collect();
        chars.windows(2).map(|pair| (pair[0], pair[1])).collect::<std::collections::HashSet<_>>()
    };
    let plain = |a: &str, b: &str| {
        let (a, b) = (bigrams(a), bigrams(b));
        if a.is_empty() && b.is_empty() {
            1.0
        } else {
            a.intersection(&b).count() as f64 / a.union(&b).count() as f64
        }
    };
    let mut ready = Contest::new(plan, "qgram_jaccard", "prepared", &set.name, set.pairs.len());
    ready.add("hash sets", |out| set.each(out, plain));
    ready.add_other("strsim sorensen_dice", |out| set.each(out, strsim::sorensen_dice));
    ready.add(format!("stitchline {}", Level::active()), |out| {
        answer(out, made.iter(), |(a, b)| a.jaccard(b).get());
    });
    ready.settle()
}
