//! `stats`: what a database holds.

use crate::{
    database::Database,
    failure::{Done, Status},
    output::Out,
    text::{self, Table},
};
use serde::Serialize;
use stitchline::engine::{Largest, SharedIdentifier, Stats};

/// The most entries of each list that are shown.
const SHOWN: usize = 5;

/// Count what is in a database, and list what is largest
///
/// A customer with far more records than the rest, or an identifier on very many of them, is worth a look: many may
/// share something that nothing tells apart. `customer` and `explain` show more. --json lists twice as many of each.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  stitchline stats --db crm.stitchline")]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
}

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    stats: Stats,
    largest: Largest,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let (stats, largest) = (engine.stats()?, engine.largest()?);
    if out.json() {
        out.document(&Answer { stats, largest })?;
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
    let mut customers = Table::right(&[1]);
    for one in largest.customers.iter().take(SHOWN) {
        customers.row([one.id.to_string(), text::count(one.records, "record", "records")]);
    }
    list("Largest customers", &customers, out)?;
    list("Identifiers that most records carry", &identifiers(&largest.most_carried), out)?;
    list("Identifiers nearest to their sharing limit", &identifiers(&largest.nearest_limit), out)?;
    if stats.public_project {
        out.gap()?;
        out.line("Customer ids are derived under the public namespace: who can guess a record's key can guess the id.")?;
        out.line("For a deployment, set `project` to a random UUID in the policy before the first ingest.")?;
    }
    Ok(Status::Good)
}

fn list(heading: &str, table: &Table, out: &mut Out) -> Done {
    if table.is_empty() {
        return Ok(());
    }
    out.gap()?;
    out.heading(heading)?;
    out.table(table)
}

fn identifiers(shared: &[SharedIdentifier]) -> Table {
    let mut table = Table::right(&[1]);
    for one in shared.iter().take(SHOWN) {
        let parties = text::count(one.parties, "party", "parties");
        table.row([
            text::short(&one.identifier.to_string(), 60),
            text::count(one.records, "record", "records"),
            format!("{parties} told apart, of at most {}", one.limit),
        ]);
    }
    table
}
