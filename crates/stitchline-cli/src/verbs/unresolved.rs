//! `unresolved`: interactions that are nobody's yet, with who may be meant.

use super::{
    customer::{candidates_table, named},
    timeline,
};
use crate::{
    database::Database,
    failure::{Done, Status},
    output::Out,
    reference, text,
};
use stitchline::{
    Engine,
    engine::{Resolution, Unresolved},
};

/// List interactions that are nobody's yet
///
/// Those whose identifiers several customers share, or so many that they tell nothing, and those without any; latest
/// first, with who may be meant.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  stitchline unresolved --limit 20 --db crm.stitchline")]
pub(crate) struct Args {
    /// At most so many
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = text::limit, allow_negative_numbers = true)]
    limit: usize,
    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let unresolved = engine.unresolved(args.limit)?;
    if out.json() {
        unresolved.iter().try_for_each(|one| out.json_line(one))?;
        return Ok(Status::Good);
    }
    if unresolved.is_empty() {
        out.line("Every interaction is somebody's.")?;
    }
    for one in &unresolved {
        print(&engine, one, out)?;
    }
    if unresolved.len() == args.limit {
        out.gap()?;
        out.line("There may be more: --limit N")?;
    }
    Ok(Status::Good)
}

/// Prints an interaction and who may be meant.
pub(crate) fn print(engine: &Engine, one: &Unresolved, out: &mut Out) -> Done {
    out.table(&timeline::table(std::iter::once(&one.interaction)))?;
    match &one.candidates {
        Resolution::Several { candidates, reason, more } => {
            out.line(format!("    {}", reference::said(*reason)))?;
            for line in candidates_table(&named(engine, candidates)?).lines() {
                out.line(format!("    {line}"))?;
            }
            if *more {
                out.line("      and more")?;
            }
        }
        Resolution::One(candidate) => {
            out.line(format!("    may be {} ({})", candidate.id, text::percent(candidate.probability)))?;
        }
        Resolution::Nobody => out.line("    No identifier on it leads to anybody.")?,
    }
    Ok(())
}
