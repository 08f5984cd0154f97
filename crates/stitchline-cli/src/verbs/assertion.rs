//! `same`, `different` and `retract`: a person's word on two records.

use crate::{
    database::Database,
    failure::{Done, Failure, Status},
    output::Out,
    reference,
    text::Table,
};
use serde::Serialize;
use stitchline::{
    CustomerId, Engine,
    engine::{Outcome, Reference, Resolution},
};

/// Who is meant, and who says it.
#[derive(Debug, clap::Args)]
pub(crate) struct Pair {
    /// One
    #[arg(value_name = "REF")]
    a: String,
    /// The other
    #[arg(value_name = "REF")]
    b: String,
    /// Who says so, such as steward@example.com; kept with what is said
    #[arg(long, value_name = "WHO")]
    by: String,
    #[command(flatten)]
    database: Database,
}

/// Say that two are the same customer
///
/// Joins what guards kept apart, unless somebody said "different" about them. Undone with `retract`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Example:
  stitchline same crm/C-1001 shop/8812 --by steward@example.com --db crm.stitchline

{}", reference::FORMS))]
pub(crate) struct SameArgs {
    #[command(flatten)]
    pair: Pair,
}

/// Say that two are different customers
///
/// Parts what evidence joined, and keeps it apart. Undone with `retract`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Example:
  stitchline different crm/C-4001 crm/C-4002 --by steward@example.com --db crm.stitchline

{}", reference::FORMS))]
pub(crate) struct DifferentArgs {
    #[command(flatten)]
    pair: Pair,
}

/// Take back what was said with `same` or `different`
///
/// Afterwards the evidence decides again, and the customers have the ids that they had before.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Example:
  stitchline retract crm/C-4001 crm/C-4002 --by steward@example.com --db crm.stitchline

{}", reference::FORMS))]
pub(crate) struct RetractArgs {
    #[command(flatten)]
    pair: Pair,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Same,
    Different,
    Retracted,
}

#[derive(Serialize)]
struct Answer<'a> {
    verdict: Verdict,
    a: Whose<'a>,
    b: Whose<'a>,
    one_customer: bool,
}

#[derive(Serialize)]
struct Whose<'a> {
    reference: &'a str,
    customer: Option<CustomerId>,
}

pub(crate) fn same(args: &SameArgs, out: &mut Out) -> Done<Status> {
    say(&args.pair, Verdict::Same, out)
}

pub(crate) fn different(args: &DifferentArgs, out: &mut Out) -> Done<Status> {
    say(&args.pair, Verdict::Different, out)
}

pub(crate) fn retract(args: &RetractArgs, out: &mut Out) -> Done<Status> {
    say(&args.pair, Verdict::Retracted, out)
}

fn say(pair: &Pair, verdict: Verdict, out: &mut Out) -> Done<Status> {
    let engine = pair.database.open()?;
    let (a, b) = (reference::definite(&engine, &pair.a, None)?, reference::definite(&engine, &pair.b, None)?);
    let done = match verdict {
        Verdict::Same => engine.assert_same(a.clone(), b.clone(), &pair.by),
        Verdict::Different => engine.assert_different(a.clone(), b.clone(), &pair.by),
        Verdict::Retracted => engine.retract_assertion(a.clone(), b.clone(), &pair.by),
    };
    let outcome = match done {
        Ok(outcome) => outcome,
        Err(error) => return Err(reference::of_pair(&engine, error, (&pair.a, &pair.b), None)?),
    };
    if !matches!(outcome, Outcome::Accepted | Outcome::Duplicate) {
        return Err(Failure::new("a later word on these two is known, so this one was not taken"));
    }
    let (of_a, of_b) = (customer(&engine, &a)?, customer(&engine, &b)?);
    let one_customer = of_a.is_some() && of_a == of_b;
    if out.json() {
        let a = Whose { reference: &pair.a, customer: of_a };
        let b = Whose { reference: &pair.b, customer: of_b };
        out.document(&Answer { verdict, a, b, one_customer })?;
        return Ok(Status::Good);
    }
    out.line(match verdict {
        Verdict::Same => format!("Noted: {} says they are the same customer.", pair.by),
        Verdict::Different => format!("Noted: {} says they are different customers.", pair.by),
        Verdict::Retracted => "Taken back; the evidence alone decides on them again.".to_owned(),
    })?;
    match (of_a, of_b) {
        (Some(a), Some(b)) if a == b => out.line(format!("They are one customer: {a}"))?,
        _ => {
            let mut table = Table::default();
            for (given, id) in [(&pair.a, of_a), (&pair.b, of_b)] {
                let id = id.map_or_else(|| "nobody yet".to_owned(), |id| id.to_string());
                table.row([given.clone(), format!("is {id}")]);
            }
            out.table(&table)?;
        }
    }
    if matches!(verdict, Verdict::Same) && !one_customer
        || matches!(verdict, Verdict::Different) && one_customer
    {
        out.line(format!(
            "What was said has no effect yet; see why: stitchline explain {:?} {:?}",
            pair.a, pair.b
        ))?;
    }
    Ok(Status::Good)
}

fn customer(engine: &Engine, reference: &Reference) -> Done<Option<CustomerId>> {
    Ok(match engine.who(reference)? {
        Resolution::One(candidate) => Some(candidate.id),
        _ => None,
    })
}
