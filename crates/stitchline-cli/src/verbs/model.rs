//! `model`: what a model says of each level.

use crate::{
    failure::{Done, Failure, Status},
    files,
    output::Out,
    text::Table,
};
use std::path::PathBuf;
use stitchline::model::Model;

/// Look at a model
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  stitchline model show model.json")]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Print each level with its m and u probability and its weight in bits
    Show {
        /// The model
        file: PathBuf,
    },
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let What::Show { file } = &args.what;
    let text = files::text(file)?;
    let model = Model::from_json(&text).map_err(|error| Failure::from(error).about(file.display()))?;
    if out.json() {
        out.document(&model)?;
        return Ok(Status::Good);
    }
    out.line(format!("Two rows at random are one customer with a probability of {:.3e}.", model.prior))?;
    if model.relatives > 0.0 {
        out.line(format!("They are relatives with a probability of {:.3e}.", model.relatives))?;
    }
    for weighed in &model.comparisons {
        out.gap()?;
        out.heading(&weighed.comparison.name)?;
        let mut table = Table::right(&[1, 2, 3, 4]);
        table.row(["level", "m", "u", "relatives", "bits"].map(str::to_owned));
        for (at, p) in (1u8..).zip(&weighed.levels) {
            table.row([
                weighed.comparison.level_name(at),
                format!("{:.4}", p.m),
                format!("{:.3e}", p.u),
                p.relatives.map_or(String::new(), |p| format!("{p:.3e}")),
                format!("{:+.2}", (p.m / p.u).log2()),
            ]);
        }
        out.table(&table)?;
    }
    Ok(Status::Good)
}
