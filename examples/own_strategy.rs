//! Measures strategies of one's own beside the library's: `cargo run --release --example own_strategy -- people.csv
//! true_id`. Without arguments, on a few rows of its own.

use std::{collections::HashMap, error::Error, fs::File, time::Duration};
use stitchline::{
    MatchWeight,
    evaluate::ScoredPair,
    link::{Clustering, Dedupe},
    similarity::jaro_winkler,
    strategy::{Outcome, Standing, measure},
    table::{RawTable, ReadOptions, TableReader},
};

const ROWS: &str = "id,first_name,surname,dob,email,true_id
1,Ann,Lee,1980-02-03,ann.lee@example.com,a
2,Anne,Lee,1980-02-03,ann.lee@example.com,a
3,Bob,Stone,1971-12-30,bob@example.com,b
4,Robert,Stone,1971-12-30,bob@example.com,b
5,Carol,Brook,1966-06-06,carol@example.org,c
6,Bob,Brook,1999-01-01,info@example.org,d
";

/// All rows with one value in a column are one customer.
fn same(rows: &RawTable, column: &str) -> stitchline::Result<Outcome> {
    let place = rows
        .find(column)
        .ok_or_else(|| stitchline::Error::invalid(format!("there is no column {column}")))?;
    let alone = |(row, &cell): (u32, &u32)| if cell == 0 { u32::MAX - row } else { cell };
    Ok(Outcome::new((0..).zip(&rows.columns()[place].cells).map(alone).collect()))
}

/// Any scoring and clustering: here, surnames that are alike among rows born on one day, joined without a thought.
fn alike(rows: &RawTable) -> stitchline::Result<Outcome> {
    let column = |name: &str| rows.find(name).map(|at| &rows.columns()[at]);
    let (Some(surname), Some(born)) = (column("surname"), column("dob")) else {
        return Err(stitchline::Error::invalid("this strategy looks at `surname` and `dob`"));
    };
    let mut days: HashMap<u32, Vec<u32>> = HashMap::new();
    for (row, &day) in (0u32..).zip(&born.cells).filter(|(_, day)| **day != 0) {
        days.entry(day).or_default().push(row);
    }
    let mut outcome = Outcome::new((0..rows.len() as u32).collect());
    let mut candidates = 0;
    for block in days.values() {
        for (at, &a) in block.iter().enumerate() {
            for &b in &block[at + 1..] {
                candidates += 1;
                let text = |row: u32| surname.values.text(surname.cells[row as usize]);
                let alike = jaro_winkler(text(a), text(b)).get();
                outcome.scored.push(ScoredPair::new(a, b, MatchWeight::from_bits(20.0 * (alike - 0.9))));
                if alike >= 0.9 {
                    let (from, to) = (outcome.clusters[b as usize], outcome.clusters[a as usize]);
                    outcome.clusters.iter_mut().filter(|label| **label == from).for_each(|label| *label = to);
                }
            }
        }
    }
    outcome.candidates = Some(candidates);
    Ok(outcome)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut reader = TableReader::new(ReadOptions::default());
    let truth = match &arguments[..] {
        [file, truth] => {
            reader.read(File::open(file)?, file)?;
            truth.as_str()
        }
        _ => {
            reader.read(ROWS.as_bytes(), "people.csv")?;
            "true_id"
        }
    };
    let mut rows = reader.finish()?.0;
    // The truth is taken out before any strategy sees the rows.
    let truth = rows.take_column(truth).ok_or("there is no such column")?.cells;

    let mut standings: Vec<(Standing, Duration)> = Vec::new();
    let mut run = |name: &str, link: &dyn Fn(RawTable) -> stitchline::Result<Outcome>| {
        let begun = cpu_time::ProcessTime::now();
        let standing = measure(name, rows.clone(), &truth, link)?;
        standings.push((standing, begun.elapsed()));
        Ok::<(), stitchline::Error>(())
    };
    run("no configuration", &|rows| Ok(Outcome::of(&Dedupe::of(rows).run()?)))?;
    run("connected components", &|rows| {
        Ok(Outcome::of(&Dedupe::of(rows).clustering(Clustering::Components).run()?))
    })?;
    run("same e-mail address", &|rows| same(&rows, "email"))?;
    run("surnames alike, born on one day", &|rows| alike(&rows))?;

    println!(
        "{:<32} {:>9} {:>9} {:>9} {:>9} {:>10} {:>7}",
        "", "precision", "recall", "F1", "B-cubed", "candidates", "CPU s"
    );
    for (own, spent) in &standings {
        let pairs = own.quality.pairwise;
        let candidates = own.candidates.map_or("-".to_owned(), |count| count.to_string());
        println!(
            "{:<32} {:>9.4} {:>9.4} {:>9.4} {:>9.4} {candidates:>10} {:>7.2}",
            own.name,
            pairs.precision,
            pairs.recall,
            pairs.f1,
            own.quality.b_cubed.f1,
            spent.as_secs_f64()
        );
    }
    Ok(())
}
