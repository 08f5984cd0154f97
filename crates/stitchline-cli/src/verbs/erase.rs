//! `erase`: takes a person out of the database for good, and `compact`: takes out what is no longer kept.

use crate::{
    database::Database,
    failure::{Done, Failure, Status},
    output::Out,
    reference, text,
};
use stitchline::{Error, ErrorKind, Timestamp, engine::Reference};

/// Erase a person for good, and keep a receipt
///
/// Their records with all versions, their interactions and what was said of them leave the file; no byte of an
/// identifier that only they have is left in it. Hashes under the database's own key stay behind, so that old events
/// that are sent again are recognised and not taken. Events later than the erasure are taken. This cannot be undone.
#[derive(Debug, clap::Args)]
#[command(after_long_help = long_help())]
pub(crate) struct Args {
    /// The person
    #[arg(value_name = "REF")]
    who: String,
    /// Who asks for it, for the receipt
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Do it; without this it is only told whom it would erase
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    database: Database,
}

fn long_help() -> String {
    format!(
        "\
Examples:
  stitchline erase ann.lee@example.com --by dpo@example.com --db crm.stitchline
  stitchline erase ann.lee@example.com --by dpo@example.com --yes --json --db crm.stitchline > receipt.json

Copies and backups of the file are not reached. `stats --json` lists the receipts of all erasures.

{}",
        reference::FORMS
    )
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let who = reference::erasable(&engine, &args.who)?;
    let failed = |error: Error| match error.kind() {
        ErrorKind::NotFound => {
            if let (Reference::Record(_), Ok(Some(failure))) =
                (&who, reference::interaction(&engine, args.who.trim()))
            {
                return failure;
            }
            Failure::new(format!("nobody known is {:?}, so there is nothing to erase", args.who)).next(
                "Name them as `stitchline customer` finds them, or by a record: stitchline export --records",
            )
        }
        _ => Failure::from(error).about(&args.who),
    };
    if !args.yes {
        let records = engine.erasure_of(who.clone()).map_err(failed)?;
        let records = text::count(records.len() as u64, "record", "records");
        let whom = match engine.who(&who)?.customer() {
            Some(id) => format!("customer {id}, with {records}"),
            None => format!("what is left of {:?}, {records}", args.who),
        };
        return Err(Failure::usage(format!("this would erase {whom}, for good"))
            .next("Look at them with `stitchline customer` and `timeline`; add --yes to do it."));
    }
    let done = engine.erase(who.clone(), &args.by).map_err(failed)?;
    if out.json() {
        out.document(&done)?;
        return Ok(Status::Good);
    }
    let receipt = &done.receipt;
    out.heading(&format!("Receipt {}", receipt.id))?;
    let mut table = text::Table::right(&[]);
    let count = |one, many, number| text::count(number, one, many);
    if let Some(id) = receipt.customer {
        table.row(["customer".to_owned(), id.to_string()]);
    }
    table.row(["when".to_owned(), receipt.at.to_string()]);
    table.row(["asked for by".to_owned(), text::clean(&receipt.by)]);
    table.row([
        "erased".to_owned(),
        format!(
            "{}, {}, {} in the log with all versions",
            count("record", "records", receipt.records),
            count("interaction", "interactions", receipt.interactions),
            count("input", "inputs", receipt.inputs),
        ),
    ]);
    table.row([
        "left behind".to_owned(),
        format!("{}, of them {}", count("mark", "marks", receipt.marks), {
            count(
                "of an identifier that only they had",
                "of identifiers that only they had",
                receipt.identifiers,
            )
        }),
    ]);
    out.table(&table)?;
    if receipt.mentions > 0 {
        out.gap()?;
        out.line(format!(
            "{} Look, and delete what must go:",
            match receipt.mentions {
                1 => "1 input of somebody else holds one of the identifiers as text and stays.".to_owned(),
                many => format!(
                    "{} inputs of others hold one of the identifiers as text and stay.",
                    text::number(many)
                ),
            }
        ))?;
        for one in &done.mentioned_in {
            out.line(format!("  {}", text::clean(one)))?;
        }
    }
    Ok(Status::Good)
}

/// Take out of the file what is no longer kept
///
/// Earlier versions of records and interactions, and what was deleted, are kept for questions as of an earlier time
/// for as long as the policy says (`[retention] earlier_versions_days`). This takes out what has been kept longer.
/// What is known now stays the same, and so does where old customer ids lead.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline compact --db crm.stitchline
  stitchline compact --before 2026-01-01T00:00:00Z --db crm.stitchline")]
pub(crate) struct CompactArgs {
    /// Take out what had been replaced or deleted by this time, whatever the policy says
    #[arg(long, value_name = "TIME")]
    before: Option<Timestamp>,
    #[command(flatten)]
    database: Database,
}

pub(crate) fn compact(args: &CompactArgs, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let size = || std::fs::metadata(args.database.path()).map_or(0, |file| file.len());
    let earlier = size();
    let done = match args.before {
        Some(at) => engine.compact_before(at),
        None => engine.compact(),
    };
    let done = done.map_err(|error| match error.kind() {
        ErrorKind::InvalidPolicy => Failure::new("the policy keeps everything for good").next(
            "Name a time with --before, or set `[retention] earlier_versions_days` in a policy and ingest with it.",
        ),
        _ => Failure::from(error),
    })?;
    if out.json() {
        out.document(&done)?;
        return Ok(Status::Good);
    }
    out.line(format!(
        "{} taken out, {} kept. The file had {} bytes and has {}.",
        text::count(done.removed, "input was", "inputs were"),
        text::number(done.kept),
        text::number(earlier),
        text::number(size()),
    ))?;
    out.line(format!("Questions as of a time before {} are refused from now on.", done.horizon))?;
    Ok(Status::Good)
}
