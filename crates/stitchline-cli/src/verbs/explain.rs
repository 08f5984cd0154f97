//! `explain`: why two records, identifiers or customers are one customer, or are not.

use crate::{
    database::Database,
    failure::{Done, Status},
    output::Out,
    reference, text,
};
use stitchline::Timestamp;

/// Say why two are one customer, or are not
///
/// Prints the evidence that joins them, the weakest link on the way, what would part them, and what guards refused
/// and why.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Examples:
  stitchline explain crm/C-1001 cookie:3f1c9a52-8a0e-4e7b-9d53-0c6a41c7a001 --db crm.stitchline
  stitchline explain crm/C-2001 crm/C-2002 --db crm.stitchline
  stitchline explain crm/C-2001 crm/C-2002 --as-of 2026-02-28T18:00:00Z --db crm.stitchline

{}", reference::FORMS))]
pub(crate) struct Args {
    /// One
    #[arg(value_name = "REF")]
    a: String,
    /// The other
    #[arg(value_name = "REF")]
    b: String,
    #[command(flatten)]
    database: Database,
    /// As known at that time: as if nothing had been ingested later
    #[arg(long, value_name = "TIME")]
    as_of: Option<Timestamp>,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let definite = |given: &str| reference::definite(&engine, given, args.as_of);
    let (a, b) = (definite(&args.a)?, definite(&args.b)?);
    let explanation = match args.as_of {
        Some(at) => engine.explain_as_of(a, b, at),
        None => engine.explain(a, b),
    };
    let explanation = match explanation {
        Ok(explanation) => explanation,
        Err(error) => return Err(reference::of_pair(&engine, error, (&args.a, &args.b), args.as_of)?),
    };
    if out.json() {
        out.document(&explanation)?;
    } else {
        paragraphs(&explanation.to_string(), out)?;
    }
    Ok(Status::Good)
}

/// Prints text of several lines that may hold values of sources.
pub(crate) fn paragraphs(words: &str, out: &mut Out) -> Done {
    words.trim_end().lines().try_for_each(|line| out.line(text::clean(line)))
}
