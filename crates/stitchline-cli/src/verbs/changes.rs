//! `changes`: the change feed, so that a system that stores customer ids can follow.

use crate::{
    database::Database,
    failure::{Done, Status},
    output::Out,
    text,
};
use stitchline::{CustomerId, engine::ChangeKind};

/// List what became of customers
///
/// Entries are numbered without gaps from 0. A system that stores customer ids keeps the number after the last entry
/// it has seen and goes on from there.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline changes --db crm.stitchline
  stitchline changes --from 1200 --limit 1000 --json --db crm.stitchline

With --json each entry is one line: sequence, at, change (created, grown, shrunk, merged, split, renamed, removed), and \
the ids.")]
pub(crate) struct Args {
    /// The number of the first entry
    #[arg(long, default_value_t = 0, value_name = "N")]
    from: u64,
    /// At most so many
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = text::limit, allow_negative_numbers = true)]
    limit: usize,
    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let found = engine.changes(args.from, args.limit)?;
    if out.json() {
        found.iter().try_for_each(|change| out.json_line(change))?;
        return Ok(Status::Good);
    }
    if found.is_empty() {
        out.line(format!("No changes from number {} on.", args.from))?;
    }
    for change in &found {
        let (sequence, at) = (change.sequence, text::time(change.at));
        out.line(format!("{sequence:>7}  {at}  {}", said(&change.kind)))?;
    }
    if let Some(last) = found.last().filter(|_| found.len() == args.limit) {
        out.line(format!("Go on with --from {}", last.sequence + 1))?;
    }
    Ok(Status::Good)
}

fn said(kind: &ChangeKind) -> String {
    let records = |n: &u64| text::count(*n, "record", "records");
    let ids = |ids: &[CustomerId]| {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        text::listed(&ids)
    };
    match kind {
        ChangeKind::Created { id, records: n } => format!("created  {id}  {}", records(n)),
        ChangeKind::Grown { id, records: n } => format!("grown    {id}  now {}", records(n)),
        ChangeKind::Shrunk { id, records: n } => format!("shrunk   {id}  now {}", records(n)),
        ChangeKind::Merged { id, from } => format!("merged   {id}  from {}", ids(from)),
        ChangeKind::Split { id, into } => format!("split    {id}  into {}", ids(into)),
        ChangeKind::Renamed { from, to } => format!("renamed  {from}  is now {to}"),
        ChangeKind::Removed { id } => format!("removed  {id}"),
        other => format!("{other:?}"),
    }
}
