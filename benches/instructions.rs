//! Instructions of the comparators, counted by valgrind and compared with a record, so that a slower kernel fails a
//! change whatever the machine is busy with.
//!
//! `cargo bench --bench instructions` fails where a case takes more than the tolerance above `instructions.csv`;
//! `UPDATE_EXPECTED=1` writes the record anew, as a faster kernel or another compiler asks for. Each case runs in a
//! process of its own under callgrind, once with and once without the work; the difference counts. Valgrind 3.19 has
//! no AVX-512, so that the levels counted are the portable one and AVX2.

use std::hint::black_box;
use std::process::{Command, ExitCode};

use stitchline::similarity::*;

#[path = "common/texts.rs"]
mod texts;

/// How much more than the record is taken for a regression. Compilers of one version count the same to the last
/// thousandth; their versions differ by a few hundredths.
const TOLERANCE: f64 = 1.10;
const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.csv");
const PAIRS: usize = 256;

/// Pairs of which every third is near, as in a list of candidates.
fn pairs(set: &str) -> Vec<(String, String)> {
    let (least, most) = if set == "streets" { (15, 25) } else { (3, 10) };
    let firsts = texts::texts(PAIRS, least, most);
    let seconds = texts::texts(PAIRS + 9, least, most).split_off(9);
    let pairs = firsts.into_iter().zip(seconds).enumerate();
    let near = |a: &str| format!("{}x{}", &a[..1], &a[2..]);
    let mut pairs: Vec<_> =
        pairs.map(|(i, (a, b))| if i % 3 == 0 { (near(&a), a) } else { (a, b) }).collect();
    if set == "accents" {
        for text in pairs.iter_mut().flat_map(|(a, b)| [a, b]) {
            *text = text.replace('e', "é").replace('s', "š");
        }
    }
    pairs
}

const SETS: [&str; 3] = ["names", "streets", "accents"];

/// Does the work of a case `times` times; `None` where there is no such case.
fn work(case: &str, level: Level, times: usize) -> Option<()> {
    let (what, set) = case.split_once('/')?;
    let pairs = pairs(set);
    let texts: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (&**a, &**b)).collect();
    let prepared: Vec<_> = texts.iter().map(|(a, b)| (Prepared::new(a), Prepared::new(b))).collect();
    let ready: Vec<_> = prepared.iter().map(|(a, b)| (a, b)).collect();
    let grams: Vec<_> =
        texts.iter().filter_map(|(a, b)| QGrams::new(a, 2).ok().zip(QGrams::new(b, 2).ok())).collect();
    let block = Block::at(level, prepared.iter().map(|(_, b)| b.clone()));
    let mut batch = PairBatch::at(level);
    let mut scores = vec![Similarity::ZERO; PAIRS];
    let mut distances = vec![Distance::ZERO; PAIRS];
    let two = |compare: &dyn Fn(&str, &str) -> f64| {
        let sum: f64 = texts.iter().map(|(a, b)| compare(black_box(a), black_box(b))).sum();
        assert!(sum.is_finite());
    };
    for _ in 0..times {
        match what {
            "jaro_winkler two" => two(&|a, b| jaro_winkler_at(level, a, b).get()),
            "levenshtein two" => two(&|a, b| levenshtein_at(level, a, b).get().into()),
            "osa two" => two(&|a, b| osa_at(level, a, b).get().into()),
            "damerau two" => two(&|a, b| damerau_levenshtein_at(level, a, b).get().into()),
            "within two" => two(&|a, b| {
                levenshtein_within_at(level, a, b, Distance::new(2)).map_or(3.0, |d| d.get().into())
            }),
            "jaro_winkler pairs" => batch.jaro_winkler(black_box(&ready), None, &mut scores),
            "jaro_winkler str pairs" => batch.jaro_winkler(black_box(&texts), None, &mut scores),
            "levenshtein pairs" => batch.levenshtein(black_box(&ready), None, &mut distances),
            "jaro_winkler many" => {
                prepared
                    .iter()
                    .take(16)
                    .for_each(|(a, _)| block.jaro_winkler(black_box(a), None, &mut scores));
            }
            "levenshtein many" => {
                prepared
                    .iter()
                    .take(16)
                    .for_each(|(a, _)| block.levenshtein(black_box(a), None, &mut distances));
            }
            "damerau many" => prepared
                .iter()
                .take(4)
                .for_each(|(a, _)| block.damerau_levenshtein(black_box(a), None, &mut distances)),
            "qgrams" => {
                let sum: f64 = grams.iter().map(|(a, b)| a.jaccard(black_box(b)).get()).sum();
                assert!(sum.is_finite());
            }
            "prepare" => {
                let sum: usize = texts.iter().map(|(a, _)| Prepared::new(black_box(a)).len()).sum();
                assert!(sum > 0);
            }
            _ => return None,
        }
    }
    Some(())
}

const WORKS: [&str; 13] = [
    "jaro_winkler two",
    "levenshtein two",
    "osa two",
    "damerau two",
    "within two",
    "jaro_winkler pairs",
    "jaro_winkler str pairs",
    "levenshtein pairs",
    "jaro_winkler many",
    "levenshtein many",
    "damerau many",
    "qgrams",
    "prepare",
];

/// Instructions of this program, doing a case so many times.
fn counted(case: &str, level: Level, times: usize) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["work", case, &level.to_string(), &times.to_string()])
        .env("STITCHLINE_SIMD", level.to_string())
        .output()
        .map_err(|error| format!("valgrind: {error}; install it (apt-get install valgrind)"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.filter(|_| output.status.success()).ok_or_else(|| format!("{case}, {level}: valgrind said\n{said}"))
}

fn run() -> Result<(), String> {
    let record = std::fs::read_to_string(RECORD).unwrap_or_default();
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut lines = String::from("case,level,instructions\n");
    let mut slower = Vec::new();
    for set in SETS {
        for what in
            WORKS.iter().filter(|what| set != "accents" || what.ends_with("two") || what.contains("pairs"))
        {
            let case = format!("{what}/{set}");
            for level in Level::supported().filter(|level| *level < Level::Avx512) {
                let count = counted(&case, level, 4)?.saturating_sub(counted(&case, level, 0)?) / 4;
                let key = format!("{case},{level},");
                let before = record.lines().find_map(|line| line.strip_prefix(&key)?.parse::<u64>().ok());
                let share = before.map(|before| count as f64 / before.max(1) as f64);
                println!("{key}{count},{}", share.map_or("new".into(), |share| format!("{share:.3}")));
                lines += &format!("{key}{count}\n");
                if share.is_none_or(|share| share > TOLERANCE) {
                    slower.push(format!("{key}{count}, recorded {before:?}"));
                }
            }
        }
    }
    if update {
        return std::fs::write(RECORD, lines).map_err(|error| format!("{RECORD}: {error}"));
    }
    if slower.is_empty() {
        return Ok(());
    }
    Err(format!(
        "More than {TOLERANCE} times the record, or not in it; if that is as it should be, UPDATE_EXPECTED=1 writes it \
         anew:\n{}",
        slower.join("\n")
    ))
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["work", case, level, times] => level
            .parse()
            .ok()
            .zip(times.parse().ok())
            .and_then(|(level, times)| work(case, level, times))
            .ok_or_else(|| format!("no such case: {case}")),
        _ => run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
