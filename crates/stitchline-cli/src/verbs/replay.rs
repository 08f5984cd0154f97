//! `replay`: stitchline's own JSON lines, such as a failing case of a test, into a fresh engine.

use super::ingest::{Reading, finish, ingest};
use crate::{
    database::PolicyChoice,
    failure::{Done, Status},
    files,
    output::Out,
    text,
};
use serde::Serialize;
use std::{collections::BTreeMap, path::PathBuf};
use stitchline::{CustomerId, Engine, ingest::Format};

/// The most customers that are listed as text.
const LISTED: usize = 50;

/// Replay files of stitchline's own JSON lines
///
/// Each line is an input: a record, interaction, relation, assertion or deletion. Without --db they go into memory and
/// the customers that result are listed; so a case that was reported can be seen.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline replay case.jsonl
  stitchline replay case.jsonl --policy case.toml --json
  stitchline replay backup.jsonl --db crm.stitchline")]
pub(crate) struct Args {
    /// Files of JSON lines; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The database file [default: none; in memory]
    #[arg(long, value_name = "PATH")]
    db: Option<PathBuf>,
    /// Write rejected lines there as JSON lines: file, line, field, reason
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    #[command(flatten)]
    policy: PolicyChoice,
}

/// A customer and its records.
#[derive(Debug, Serialize)]
struct Listed {
    customer: Option<CustomerId>,
    records: Vec<String>,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let plan = files::plan(&args.files, None)?;
    files::is_no_standard("--rejects", args.rejects.as_deref())?;
    let reading = Reading::format(Format::Stitchline, args.rejects.clone());
    let engine = match &args.db {
        Some(path) => args.policy.open(path)?,
        None => args.policy.in_memory()?,
    };
    let report = ingest(&engine, plan, &reading, out)?;
    if args.db.is_some() {
        finish(&report, &reading, out)?;
        return Ok(report.status());
    }
    let customers = customers(&engine)?;
    if out.json() {
        #[derive(Serialize)]
        struct Replayed {
            report: super::ingest::Report,
            customers: Vec<Listed>,
        }
        let status = report.status();
        out.document(&Replayed { report, customers })?;
        return Ok(status);
    }
    finish(&report, &reading, out)?;
    for listed in customers.iter().take(LISTED) {
        out.gap()?;
        let id = listed.customer.map_or_else(|| "nobody yet".to_owned(), |id| id.to_string());
        out.heading(&id)?;
        listed.records.iter().try_for_each(|key| out.line(format!("  {}", text::clean(key))))?;
    }
    if customers.len() > LISTED {
        out.gap()?;
        out.line(format!("and {} more", text::number((customers.len() - LISTED) as u64)))?;
    }
    Ok(report.status())
}

fn customers(engine: &Engine) -> Done<Vec<Listed>> {
    let mut all: BTreeMap<Option<CustomerId>, Vec<String>> = BTreeMap::new();
    engine.export_records(|record| {
        all.entry(record.customer).or_default().push(record.key.to_string());
        Ok(())
    })?;
    let mut all: Vec<Listed> =
        all.into_iter().map(|(customer, records)| Listed { customer, records }).collect();
    // Those who are nobody come last.
    all.sort_by_key(|listed| listed.customer.is_none());
    Ok(all)
}
