//! Scores recorded pairs with an imported model of Splink, and says how far the two are apart and how long it took:
//! `cargo run --release --example splink_scores -- DATA.csv model.json scores.csv`.

use std::{collections::HashMap, error::Error, fs, fs::File};
use stitchline::{
    compare::Comparisons,
    model::Scorer,
    splink::{Scores, custom_tests, import},
    table::{ReadOptions, Table, TableReader},
};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [data, model, scores] = &paths[..] else {
        return Err("usage: splink_scores DATA.csv model.json scores.csv".into());
    };
    let imported = import(&fs::read_to_string(model)?)?;
    let options = ReadOptions { id: vec![imported.id_column.clone()], ..ReadOptions::default() };
    let mut reader = TableReader::new(options);
    reader.read(File::open(data)?, data)?;
    let table = Table::prepare(reader.finish()?.0, &imported.spec.columns)?;
    let rows: HashMap<&str, u32> = (0..table.len() as u32).map(|row| (table.id(row), row)).collect();
    let customs = custom_tests(&imported.model)?;
    let bound = Comparisons::bind_with(&table, &imported.spec.comparisons, &customs)?;
    let (full, scorer) = (Scores::new(&imported.model, &bound)?, Scorer::new(&imported.model, &bound)?);
    let (mut pairs, mut recorded) = (Vec::new(), Vec::new());
    for line in fs::read_to_string(scores)?.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [a, b, bits] = fields[..] else {
            return Err("scores.csv has a line without three fields".into());
        };
        let row = |id: &str| rows.get(id).copied().ok_or("scores.csv names a record that is not there");
        pairs.push((row(a)?, row(b)?));
        recorded.push(bits.parse::<f64>()?);
    }
    let apart = pairs.iter().zip(&recorded).map(|(&(a, b), bits)| (full.bits(a, b) - bits).abs());
    let greatest = apart.fold(0.0, f64::max);
    let begun = cpu_time::ProcessTime::now();
    let (mut batch, mut weights, mut sum) = (scorer.batch(), Vec::new(), 0.0f64);
    let mut rounded = 0.0f64;
    for (pairs, recorded) in pairs.chunks(2048).zip(recorded.chunks(2048)) {
        batch.score(pairs, &mut weights);
        for (weight, bits) in weights.iter().zip(recorded) {
            sum += weight.bits();
            rounded = rounded.max((weight.bits() - bits).abs());
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{} pairs: at most {greatest:.1e} bits from Splink; mean weight {:.3}",
        pairs.len(),
        sum / pairs.len() as f64
    );
    println!(
        "scored in batches, in thousandths of a bit: at most {rounded:.4} bits from Splink, {seconds:.3} CPU s"
    );
    if greatest > 1e-6 { Err("more than a millionth of a bit apart".into()) } else { Ok(()) }
}
