//! `stats`: what a database holds.

use crate::{
    database::Database,
    failure::{Done, Status},
    output::Out,
    text::{self, Table},
};

/// Count what is in a database
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  stitchline stats --db crm.stitchline")]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let stats = engine.stats()?;
    if out.json() {
        out.document(&stats)?;
        return Ok(Status::Good);
    }
    let mut table = Table::right(&[1]);
    for (what, count, note) in [
        ("customers", stats.customers, ""),
        ("records, stated by sources", stats.stated_records, ""),
        ("records, implied by interactions", stats.implied_records, ""),
        (
            "  of them nobody's yet",
            stats.unresolved_records,
            "stitchline unresolved lists their interactions",
        ),
        ("interactions", stats.interactions, ""),
        ("identifiers and facts", stats.identifiers, ""),
        ("  too common to identify anybody", stats.generic_identifiers, ""),
        (
            "records with refused evidence",
            stats.records_with_refusals,
            "stitchline review lists the refusals",
        ),
        ("most records of one customer", stats.largest_customer, ""),
        ("inputs, later versions included", stats.inputs, ""),
        ("entries of the change feed", stats.changes, ""),
        ("erasures", stats.receipts.len() as u64, "stitchline stats --json has the receipts"),
        ("bytes of memory for derived state", stats.memory_bytes, ""),
    ] {
        let note = if count > 0 { note } else { "" };
        table.row([what.to_owned(), text::number(count), note.to_owned()]);
    }
    out.table(&table)?;
    out.gap()?;
    out.heading("Customers by number of records")?;
    let mut sizes = Table::right(&[0, 1]);
    for (&size, &customers) in stats.customers_by_records.iter().take(20) {
        sizes.row([text::number(size), text::count(customers, "customer", "customers")]);
    }
    let (rest, more) =
        stats.customers_by_records.iter().skip(20).fold((0, 0), |(n, _), (&size, &c)| (n + c, size));
    if rest > 0 {
        sizes.row([format!("to {}", text::number(more)), text::count(rest, "customer", "customers")]);
    }
    out.table(&sizes)?;
    if stats.public_project {
        out.gap()?;
        out.line("Customer ids are derived under the public namespace: who can guess a record's key can guess the id.")?;
        out.line("For a deployment, set `project` to a random UUID in the policy before the first ingest.")?;
    }
    Ok(Status::Good)
}
