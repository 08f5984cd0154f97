//! `delete`: withdraws a record or an interaction.

use crate::{
    database::Database,
    failure::{Done, Failure, Status},
    output::Out,
    reference,
};
use serde::Serialize;
use stitchline::{Engine, ErrorKind, InteractionKey, RecordKey, engine::Resolution};

/// Withdraw a record or an interaction
///
/// Everything is then as if it had never come, except that ids handed out go on leading to their customers. A version
/// that its source sends later brings it back.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline delete crm/C-1001 --db crm.stitchline
  stitchline delete genesys/call-0002 --interaction --db crm.stitchline

Keys of interactions are at the end of each line of a timeline, those of records on the customer's card.")]
pub(crate) struct Args {
    /// The record, or the interaction
    #[arg(value_name = "SOURCE/ID")]
    key: String,
    /// It is an interaction
    #[arg(long)]
    interaction: bool,
    #[command(flatten)]
    database: Database,
}

#[derive(Serialize)]
struct Answer<'a> {
    deleted: &'a str,
    what: &'static str,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let what = if args.interaction { "interaction" } else { "record" };
    let mut keys = reference::record_keys(args.key.trim()).peekable();
    if keys.peek().is_none() {
        return Err(Failure::usage(format!("{:?} is not SOURCE/ID", args.key))
            .next(format!("Name the {what} by its source and id, such as crm/C-1001.")));
    }
    let Some(after) = keys.map(|key| delete(&engine, key, args.interaction)).find_map(Result::transpose)
    else {
        let other = if args.interaction { "leave --interaction out" } else { "add --interaction" };
        return Err(Failure::new(format!("there is no {what} {:?}", args.key))
            .next(format!("If it is the other of record and interaction, {other}.")));
    };
    let after = after?;
    if out.json() {
        out.document(&Answer { deleted: &args.key, what })?;
    } else {
        out.line(format!("The {what} {} is withdrawn.{after}", args.key))?;
    }
    Ok(Status::Good)
}

/// Deletes what has that key and tells what became of its customer; none where nothing has that key.
fn delete(engine: &Engine, key: RecordKey, interaction: bool) -> Done<Option<String>> {
    let before = engine.customer_of(&key)?;
    let done = if interaction {
        engine.delete_interaction(&InteractionKey::new(key.source, key.id))
    } else {
        engine.delete_record(&key)
    };
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        done => done?,
    };
    let Some(id) = before.customer().filter(|_| !interaction) else { return Ok(Some(String::new())) };
    Ok(Some(match engine.customer(id)? {
        Resolution::One(now) => format!(" Its customer goes on as {}.", now.id),
        Resolution::Several { candidates, .. } => {
            let parts: Vec<String> = candidates.iter().map(|part| part.id.to_string()).collect();
            format!(" Its customer is now several: {}.", crate::text::listed(&parts))
        }
        Resolution::Nobody => " Its customer had no other record and is there no more.".to_owned(),
    }))
}
