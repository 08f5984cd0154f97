//! `generate`: contact-centre data with known truth.

use crate::{
    failure::{Done, Failure, Status},
    output::Out,
    text::{self, Table},
};
use std::path::PathBuf;
use stitchline_generate::{Config, Size, write_folder};

/// Write contact-centre data whose truth is known
///
/// Customers of four countries with records in five systems, web events, conversations and other contacts, with the
/// errors and coincidences that make identity hard: shared landlines, family inboxes, twins, recycled mobiles,
/// switchboards, junk values. The same seed and size give the same bytes everywhere.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline generate --records 10000 --output data/
  stitchline generate --customers 500 --seed 7 --output data/
  stitchline ingest data/ --db data.stitchline

records_blind.csv, segment.jsonl, genesys.jsonl, cloudevents.jsonl and interactions.csv are to be read. The truth is \
apart in truth_records.csv and truth_interactions.csv; what occurred is counted in stats.json.")]
#[command(group = clap::ArgGroup::new("size").required(true))]
pub(crate) struct Args {
    /// Stop when there are at least so many records
    #[arg(long, group = "size", value_name = "N")]
    records: Option<u64>,
    /// Stop when there are at least so many customers
    #[arg(long, group = "size", value_name = "N")]
    customers: Option<u64>,
    /// Chooses the world that is generated
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// Multiplies the rate of every error; 0 gives clean data
    #[arg(long, default_value_t = 1.0, value_name = "RATE", value_parser = rate)]
    noise: f64,
    /// The folder to write; files of the same names are replaced
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.0..=100.0).contains(&rate) => Ok(rate),
        _ => Err("is not a number from 0 to 100".to_owned()),
    }
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let size = match (args.records, args.customers) {
        (Some(records), _) => Size::Records(records),
        (None, Some(customers)) => Size::Customers(customers),
        (None, None) => return Err(Failure::usage("give --records N or --customers N")),
    };
    let config = Config { seed: args.seed, size, noise: args.noise, ..Config::default() };
    let folder = args.output.display();
    let summary = write_folder(&config, &args.output).map_err(|error| Failure::from(error).about(&folder))?;
    if out.json() {
        out.document(&summary)?;
        return Ok(Status::Good);
    }
    out.heading(&format!("Written to {folder}"))?;
    let mut table = Table::right(&[1]);
    for (what, count) in [
        ("customers", summary.customers),
        ("households", summary.households),
        ("employers", summary.employers),
        ("records", summary.records),
        ("web events (Segment)", summary.web_events),
        ("conversations (Genesys Cloud)", summary.conversations),
        ("e-mails, SMS, visits (CloudEvents)", summary.cloud_events),
        ("contacts (CSV)", summary.interactions),
        ("true pairs of records", summary.true_pairs),
        ("most records of one customer", summary.largest_customer),
    ] {
        table.row([what.to_owned(), text::number(count)]);
    }
    out.table(&table)?;
    out.gap()?;
    out.heading("Hard cases in it")?;
    let mut cases = Table::right(&[1]);
    for (case, count) in summary.hard_cases.iter().filter(|(_, count)| **count > 0) {
        cases.row([text::words(case), text::number(*count)]);
    }
    out.table(&cases)?;
    out.gap()?;
    out.line(format!("Next: stitchline ingest {folder} --db data.stitchline"))?;
    Ok(Status::Good)
}
