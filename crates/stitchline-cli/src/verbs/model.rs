//! `model`: what a model says of each level.

use crate::{
    failure::{Done, Status},
    models::Loaded,
    output::Out,
    text::{self, Table},
};
use std::path::PathBuf;
use stitchline::compare::Level;

/// Look at a model
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  stitchline model show model.json

m is how often two rows of one customer are in a level, u how often two rows at random are; bits is log2(m / u), what the \
level says for (or against) one customer. Where it is marked so, how frequent the value is counts as well.")]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Print each level with its m and u probability and its weight in bits
    Show {
        /// The model, ours or Splink's
        file: PathBuf,
    },
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let What::Show { file } = &args.what;
    let Loaded { model, notes, .. } = Loaded::read(file)?;
    if out.json() {
        out.document(&model)?;
        return Ok(Status::Good);
    }
    for note in &notes {
        out.line(format!("note: {}", text::clean(note)))?;
    }
    let odds = (model.prior / (1.0 - model.prior)).log2();
    let one_in = text::number((1.0 / model.prior).round() as u64);
    out.line(format!("One pair of rows in {one_in} is of one customer: scores begin at {odds:+.2} bits."))?;
    if model.relatives > 0.0 {
        let one_in = text::number((1.0 / model.relatives).round() as u64);
        out.line(format!("One in {one_in} is of relatives, who share what is not personal."))?;
    }
    if model.unseen_rows > 0 {
        let rows = text::count(u64::from(model.unseen_rows), "row", "rows");
        out.line(format!("Trained on few rows: frequencies are as if {rows} more had values of their own."))?;
    }
    for weighed in &model.comparisons {
        out.gap()?;
        out.heading(&weighed.comparison.name)?;
        let mut table = Table::right(&[1, 2, 3, 4]);
        table.row(["level", "m", "u", "relatives", "bits", ""].map(str::to_owned));
        for (at, p) in (1u8..).zip(&weighed.levels) {
            table.row([
                weighed.comparison.level_name(at),
                format!("{:.4}", p.m),
                format!("{:.3e}", p.u),
                p.relatives.map_or(String::new(), |p| format!("{p:.3e}")),
                format!("{:+.2}", (p.m / p.u).log2()),
                adjusted(weighed.comparison.levels.get(usize::from(at) - 1)),
            ]);
        }
        out.table(&table)?;
    }
    Ok(Status::Good)
}

/// Which column's frequencies adjust a level.
fn adjusted(level: Option<&Level>) -> String {
    let column = level.and_then(|level| level.term_frequency.as_ref());
    column.map_or(String::new(), |column| format!("adjusted by how frequent {column} is"))
}
