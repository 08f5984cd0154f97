//! `customer`: the card of whom a REF stands for, or the candidates, or nobody.

use crate::{
    database::Database,
    failure::{Done, Status},
    output::Out,
    reference,
    text::{self, Table},
};
use serde::Serialize;
use stitchline::{
    CustomerId, Engine, Value,
    engine::{
        Candidate, ChannelSummary, HeldIdentifier, MemberRecord, Profile, Reason, Reference, Resolution,
    },
};

/// The most rows of a part of the card, unless all are asked for.
const ROWS: usize = 12;

/// Show who a customer is
///
/// Prints the card of the customer that a REF stands for: identifiers, attributes, channels, records and relations.
/// Where several customers may be meant, they are listed with their probabilities; nobody is an answer as well.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Examples:
  stitchline customer ann.lee@example.com --db crm.stitchline
  stitchline customer phone:\"020 7946 0123\" --db crm.stitchline
  stitchline customer crm/C-1001 --json --db crm.stitchline

{}

Each command opens the database anew; to ask many questions, embed the library.", reference::FORMS))]
pub(crate) struct Args {
    /// The customer: an id, an identifier, or SOURCE/ID
    #[arg(value_name = "REF")]
    reference: String,
    #[command(flatten)]
    database: Database,
    /// Show every identifier, attribute and record, however many
    #[arg(long)]
    all: bool,
}

#[derive(Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
enum Answer {
    One {
        #[serde(flatten)]
        candidate: Candidate,
        profile: Box<Profile>,
        channels: Vec<ChannelSummary>,
    },
    Several {
        reason: Reason,
        candidates: Vec<Named>,
        more: bool,
    },
    Nobody,
}

/// A candidate, and what to call it.
#[derive(Debug, Serialize)]
pub(crate) struct Named {
    pub(crate) id: CustomerId,
    pub(crate) probability: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let meant = reference::read(&engine, &args.reference, None)?;
    let answer = match reference::who(&engine, &meant, None)? {
        Resolution::One(candidate) => {
            let profile = Box::new(engine.profile(candidate.id)?);
            let channels = engine.timeline(candidate.id).summary()?;
            Answer::One { candidate, profile, channels }
        }
        Resolution::Several { candidates, reason, more } => {
            Answer::Several { reason, candidates: named(&engine, &candidates)?, more }
        }
        Resolution::Nobody => match reference::interaction(&engine, args.reference.trim())? {
            Some(failure) if matches!(meant, Reference::Record(_)) => return Err(failure),
            _ => Answer::Nobody,
        },
    };
    if out.json() {
        out.document(&answer)?;
        return Ok(Status::Good);
    }
    match answer {
        Answer::One { candidate, profile, channels } => {
            card(&profile, &channels, if args.all { usize::MAX } else { ROWS }, out)?;
            if matches!(meant, Reference::Identifier(_)) {
                out.gap()?;
                let probability = text::percent(candidate.probability);
                out.line(format!("Asked for {meant}: this customer with {probability} probability."))?;
            }
        }
        Answer::Several { candidates, more, .. } if is_fact(&meant) => {
            out.line("That alone identifies nobody. Customers of whom it is said:")?;
            let mut table = Table::default();
            for candidate in candidates {
                table.row([
                    candidate.name.unwrap_or_else(|| "(no name)".to_owned()),
                    candidate.id.to_string(),
                ]);
            }
            out.table(&table)?;
            if more {
                out.line("  and more")?;
            }
        }
        Answer::Several { reason, candidates, more } => {
            out.line(format!("{} Candidates:", reference::said(reason)))?;
            out.table(&candidates_table(&candidates))?;
            if more {
                out.line("  and more")?;
            }
            let sum: f64 = candidates.iter().map(|candidate| candidate.probability).sum();
            if !more && sum < 0.995 {
                out.line(format!("  none of them: {}", text::percent(1.0 - sum)))?;
            }
        }
        Answer::Nobody => out.line(match meant {
            Reference::Customer(_) => "Nobody has this customer id.",
            Reference::Identifier(_) => "Nobody is known by this identifier.",
            Reference::Record(_) => "There is no such record of a customer.",
        })?,
    }
    Ok(Status::Good)
}

fn is_fact(reference: &Reference) -> bool {
    matches!(reference, Reference::Identifier(identifier) if identifier.is_fact())
}

/// Candidates with their names.
pub(crate) fn named(engine: &Engine, candidates: &[Candidate]) -> Done<Vec<Named>> {
    let name = |&Candidate { id, probability }: &Candidate| {
        Ok(Named { id, probability, name: engine.profile(id)?.name })
    };
    candidates.iter().map(name).collect()
}

pub(crate) fn candidates_table(candidates: &[Named]) -> Table {
    let mut table = Table::right(&[0]);
    for candidate in candidates {
        let name = candidate.name.clone().unwrap_or_else(|| "(no name)".to_owned());
        table.row([text::percent(candidate.probability), name, candidate.id.to_string()]);
    }
    table
}

/// Prints a customer card.
pub(crate) fn card(profile: &Profile, channels: &[ChannelSummary], most: usize, out: &mut Out) -> Done {
    let name = profile.name.as_deref().map_or_else(|| "(no name)".to_owned(), text::clean);
    let name = out.bold(&name);
    out.line(format!("{name}  {}", profile.id))?;
    let times = match (profile.first, profile.last) {
        (Some(first), Some(last)) => format!("{} to {} UTC", text::minute(first), text::minute(last)),
        _ => "no dates".to_owned(),
    };
    out.line(format!(
        "  {times}, {} of {}, {}",
        text::count(profile.records.len() as u64, "record", "records"),
        text::count(sources(&profile.records), "source", "sources"),
        text::count(profile.interactions, "interaction", "interactions"),
    ))?;
    let (facts, own): (Vec<_>, Vec<_>) =
        profile.identifiers.iter().partition(|held| held.identifier.is_fact());
    section("Identifiers", &identifiers(&own, most), own.len(), most, out)?;
    section("Facts", &facts_table(&facts, most), facts.len(), most, out)?;
    // Lists and maps are for programs.
    let plain = |value: &Value| !matches!(value, Value::List(_) | Value::Map(_));
    let plain: Vec<_> = profile.attributes.iter().filter(|(_, value)| plain(value)).collect();
    let mut attributes = Table::default();
    for (name, value) in plain.iter().take(most) {
        attributes.row([text::words(name), text::short(&value.to_string(), 72)]);
    }
    section("Attributes", &attributes, plain.len(), most, out)?;
    section("Channels", &channel_table(channels), 0, most, out)?;
    section("Records", &records(&profile.records, most), profile.records.len(), most, out)?;
    let mut relations = Table::default();
    for relation in profile.relations.iter().take(most) {
        let kind = text::words(&relation.kind);
        let kind = if relation.member { kind } else { format!("{kind} (the other is the member)") };
        let role = relation.role.as_ref().map_or(String::new(), |role| format!("as {role}"));
        relations.row([kind, relation.other.to_string(), role]);
    }
    section("Relations", &relations, profile.relations.len(), most, out)
}

fn sources(records: &[MemberRecord]) -> u64 {
    let mut sources: Vec<&str> = records.iter().map(|record| record.key.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    sources.len() as u64
}

fn section(heading: &str, table: &Table, rows: usize, most: usize, out: &mut Out) -> Done {
    if table.is_empty() {
        return Ok(());
    }
    out.gap()?;
    out.heading(heading)?;
    out.table(table)?;
    if rows > most {
        out.line(format!("  and {} more; --all shows them", text::number((rows - most) as u64)))?;
    }
    Ok(())
}

fn identifiers(held: &[&HeldIdentifier], most: usize) -> Table {
    let mut table = Table::default();
    for held in held.iter().take(most) {
        let mut marks = Vec::new();
        if held.authenticated {
            marks.push("authenticated".to_owned());
        }
        if held.generic {
            marks.push("too common to identify anybody".to_owned());
        } else if held.shared {
            marks.push("shared with other customers".to_owned());
        }
        table.row([
            held.identifier.namespace().to_string(),
            text::short(held.identifier.value(), 60),
            text::count(held.records, "record", "records"),
            held.last.map_or_else(String::new, |last| format!("last {}", text::day(last))),
            marks.join(", "),
        ]);
    }
    table
}

fn facts_table(held: &[&HeldIdentifier], most: usize) -> Table {
    let mut table = Table::default();
    for held in held.iter().take(most) {
        table.row([
            held.identifier.namespace().to_string(),
            text::short(&held.identifier.value().replace('|', " "), 60),
            text::count(held.records, "record", "records"),
        ]);
    }
    table
}

fn channel_table(channels: &[ChannelSummary]) -> Table {
    let mut table = Table::right(&[1, 2]);
    for summary in channels {
        table.row([
            text::words(summary.channel.as_str()),
            text::number(summary.count),
            text::duration(summary.duration_ms),
            format!("last {}", text::minute(summary.last)),
        ]);
    }
    table
}

fn records(records: &[MemberRecord], most: usize) -> Table {
    let mut table = Table::default();
    for record in records.iter().take(most) {
        let days = match (record.first.map(text::day), record.last.map(text::day)) {
            (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
            (first, last) => last.or(first).unwrap_or_else(|| "no date".to_owned()),
        };
        let said = if record.implied { "implied by its interactions" } else { "stated" };
        table.row([
            record.key.to_string(),
            said.to_owned(),
            days,
            match record.interactions {
                0 => String::new(),
                n => text::count(n, "interaction", "interactions"),
            },
            text::percent(record.probability),
        ]);
    }
    table
}
