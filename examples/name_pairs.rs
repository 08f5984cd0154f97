//! Whole names against each other by the score of the pair alone: `cargo run --release --example name_pairs -- FILE`,
//! a CSV with `name1`, `name2` and `is_match`. Prints precision, recall and F1 at the default threshold.

use stitchline::{
    compare::{NAMES_ALIKE, names_alike},
    table::{ReadOptions, TableReader},
};

fn main() -> stitchline::Result<()> {
    let Some(path) = std::env::args().nth(1) else {
        println!("which file holds the pairs?");
        return Ok(());
    };
    let mut reader = TableReader::new(ReadOptions::default());
    reader.read(std::fs::File::open(&path).map_err(stitchline::Error::from)?, &path)?;
    let (rows, _) = reader.finish()?;
    let [Some(a), Some(b), Some(truth)] = ["name1", "name2", "is_match"].map(|name| rows.find(name)) else {
        println!("the columns name1, name2 and is_match are expected");
        return Ok(());
    };
    let text = |column: usize, row: usize| {
        let column = &rows.columns()[column];
        column.values.text(column.cells[row])
    };
    // In turn: all rows, those of even and those of odd number.
    for (name, part) in [("all", None), ("even", Some(0)), ("odd", Some(1))] {
        let (mut right, mut wrong, mut lost) = (0u32, 0u32, 0u32);
        for row in (0..rows.len()).filter(|row| part.is_none_or(|part| row % 2 == part)) {
            let same = names_alike(text(a, row), text(b, row)).get() >= NAMES_ALIKE;
            match (same, text(truth, row) == "true") {
                (true, true) => right += 1,
                (true, false) => wrong += 1,
                (false, true) => lost += 1,
                (false, false) => {}
            }
        }
        let share = |of: u32| f64::from(right) / f64::from((right + of).max(1));
        let f1 = 2.0 * f64::from(right) / f64::from((2 * right + wrong + lost).max(1));
        println!("{name}: precision {:.3}, recall {:.3}, F1 {f1:.3}", share(wrong), share(lost));
    }
    Ok(())
}
