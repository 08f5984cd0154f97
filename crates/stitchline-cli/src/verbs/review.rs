//! `review`: evidence that guards refused, for a person to look at.

use super::explain::paragraphs;
use crate::{
    database::Database,
    failure::{Done, Status},
    output::Out,
    text,
};

/// List evidence that was refused, for a person to decide
///
/// Each refusal says what spoke for one customer, which guard refused it and why. Decide with `same` or `different`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  stitchline review --limit 20 --db crm.stitchline")]
pub(crate) struct Args {
    /// At most so many
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = text::limit, allow_negative_numbers = true)]
    limit: usize,
    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let refusals = engine.refusals(args.limit)?;
    if out.json() {
        refusals.iter().try_for_each(|refusal| out.json_line(refusal))?;
        return Ok(Status::Good);
    }
    if refusals.is_empty() {
        out.line("Nothing was refused.")?;
    }
    for (i, refusal) in refusals.iter().enumerate() {
        if i > 0 {
            out.gap()?;
        }
        paragraphs(&refusal.to_string(), out)?;
    }
    if refusals.len() == args.limit {
        out.gap()?;
        out.line("There may be more: --limit N")?;
    }
    Ok(Status::Good)
}
