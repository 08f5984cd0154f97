//! Writes a folder: `cargo run --release -p stitchline-generate --example generate -- OUT RECORDS [SEED]`.

use std::path::Path;
use stitchline_generate::{Config, Size, write_folder};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, out, records, seed @ ..] = args.as_slice() else {
        return Err("usage: generate OUT RECORDS [SEED]".into());
    };
    let seed = seed.first().map_or(Ok(1), |s| s.parse())?;
    let config = Config { seed, size: Size::Records(records.parse()?), ..Config::default() };
    let summary = write_folder(&config, Path::new(out))?;
    println!("{} records of {} customers in {out}", summary.records, summary.customers);
    Ok(())
}
