//! What blocking loses on labelled rows, rule by rule: `cargo run --release --example blocking_recall -- FILE COLUMN`,
//! where COLUMN holds the true cluster. It is ignored but for the count.

use stitchline::{
    block::Blocking,
    evaluate,
    link::Dedupe,
    table::{RawTable, ReadOptions, TableReader},
};

fn read(path: &str, ignore: &[String]) -> stitchline::Result<RawTable> {
    let mut reader = TableReader::new(ReadOptions { ignore: ignore.to_vec(), ..ReadOptions::default() });
    reader.read(std::fs::File::open(path).map_err(stitchline::Error::from)?, path)?;
    Ok(reader.finish()?.0)
}

fn main() -> stitchline::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, truth, ..] = &arguments[..] else {
        println!("which file, and which column of it holds the true cluster?");
        return Ok(());
    };
    let labels = read(path, &[])?;
    let Some(column) = labels.find(truth) else {
        println!("there is no column {truth}");
        return Ok(());
    };
    let labels = labels.columns()[column].cells.clone();
    let mut dedupe = Dedupe::of(read(path, std::slice::from_ref(truth))?);
    if let Some(pairs) = arguments.get(2).and_then(|text| text.parse().ok()) {
        dedupe = dedupe.candidates_per_row(pairs);
    }
    let (table, spec, _) = dedupe.plan()?;
    let clusters: Vec<u32> = (0..table.len() as u32).map(|row| labels[table.place(row) as usize]).collect();
    let plan = Blocking::plan(&table, &spec.blocking, &spec.split_by, spec.largest_block, spec.between)?;
    let found = evaluate::Blocking::of_plan(&plan, evaluate::Truth::new(&clusters), 1)?;
    println!("{:>12} {:>9} {:>7}  rule", "pairs", "true", "recall");
    for (rule, report) in found.rules.iter().zip(plan.reports()) {
        println!("{:>12} {:>9} {:>7.4}  {}", rule.pairs, rule.true_pairs, rule.recall, report.rule);
    }
    println!("{} candidates, {} of {} true pairs", found.candidates, found.found, found.true_pairs);
    Ok(())
}
