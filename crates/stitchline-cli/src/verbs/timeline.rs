//! `timeline`: what happened with a customer, one line an interaction.

use crate::{
    database::Database,
    failure::{Done, Status},
    output::Out,
    reference,
    text::{self, Table},
};
use serde::Serialize;
use std::collections::{HashMap, hash_map::Entry};
use stitchline::{
    Channel, CustomerId, Direction, Engine, Interaction, Timestamp,
    engine::Item,
    timeline::{Cursor, Query},
};

/// Show what happened with a customer
///
/// One line an interaction, newest first: when it began (UTC), on which channel, in which direction, what it was and
/// how it ended, how long it took, and its key.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("\
Examples:
  stitchline timeline ann.lee@example.com --db crm.stitchline
  stitchline timeline crm/C-1001 --channel voice --channel chat --from 2026-03-01 --db crm.stitchline
  stitchline timeline segment/group/acme --members --db crm.stitchline
  stitchline timeline ann.lee@example.com --as-of 2026-02-28T18:00:00Z --db crm.stitchline

{}", reference::FORMS))]
pub(crate) struct Args {
    /// The customer: an id, an identifier, or SOURCE/ID
    #[arg(value_name = "REF")]
    reference: String,
    #[command(flatten)]
    database: Database,
    /// Not before this time: 2026-03-01, or 2026-03-01T10:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Before this time
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// On this channel: voice, chat, email, sms, messaging, social, web, app, in_person, post or another; repeatable
    #[arg(long, value_name = "CHANNEL", value_delimiter = ',')]
    channel: Vec<String>,
    /// Of this kind: conversation, track, page, …; repeatable
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    kind: Vec<String>,
    /// In this direction: inbound is from the customer
    #[arg(long, value_enum)]
    direction: Option<Way>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = text::limit, allow_negative_numbers = true)]
    limit: usize,
    /// Earliest first
    #[arg(long)]
    oldest_first: bool,
    /// Go on where an earlier page ended
    #[arg(long, value_name = "CURSOR")]
    after: Option<Cursor>,
    /// As known at that time: as if nothing had been ingested later
    #[arg(long, value_name = "TIME")]
    as_of: Option<Timestamp>,
    /// Only on records that are the customer's with at least this probability, such as 0.95
    #[arg(long, default_value_t = 0.0, value_name = "P", value_parser = probability)]
    min_probability: f64,
    /// Also what happened with the members of an account or a household; the last column says with whom
    #[arg(long)]
    members: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Way {
    Inbound,
    Outbound,
    Unknown,
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(p) if (0.0..=1.0).contains(&p) => Ok(p),
        _ => Err("is not a number from 0 to 1".to_owned()),
    }
}

/// A channel as people write it: `in person` and `in-person` are `in_person`.
fn channel(name: &str) -> Channel {
    match Channel::named(&name.trim().to_lowercase().replace([' ', '-'], "_")) {
        Channel::Other(_) => Channel::named(name.trim()),
        known => known,
    }
}

#[derive(Serialize)]
struct Answer {
    customer: CustomerId,
    items: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let customer = reference::one(&engine, &args.reference, args.as_of)?;
    let query = Query {
        from: args.from,
        until: args.until,
        channels: args.channel.iter().map(|name| channel(name)).collect(),
        direction: args.direction.map(|way| match way {
            Way::Inbound => Direction::Inbound,
            Way::Outbound => Direction::Outbound,
            Way::Unknown => Direction::Unknown,
        }),
        kinds: args.kind.clone(),
        min_probability: args.min_probability,
        with_members: args.members,
        oldest_first: args.oldest_first,
        after: args.after.clone(),
        as_of: args.as_of,
    };
    let page = engine.timeline(customer).query(query).page(args.limit)?;
    let next = page.next.map(|cursor| cursor.to_string());
    if out.json() {
        out.document(&Answer { customer, items: page.items, next })?;
        return Ok(Status::Good);
    }
    title(&engine, customer, args.as_of, out)?;
    if page.items.is_empty() {
        out.line("  nothing that fits")?;
    }
    let mut shown = Table::right(&[5]);
    let mut names = HashMap::new();
    for item in &page.items {
        let with = if args.members { called(&engine, item, args.as_of, &mut names)? } else { String::new() };
        row(&mut shown, item.interaction()?, with);
    }
    out.table(&shown)?;
    if let Some(cursor) = next {
        out.gap()?;
        out.line(format!("More: --after {cursor}"))?;
    }
    Ok(Status::Good)
}

/// With whom an interaction was; `names` keeps those asked for before. Names are only known as of now.
fn called(
    engine: &Engine,
    item: &Item,
    as_of: Option<Timestamp>,
    names: &mut HashMap<CustomerId, String>,
) -> Done<String> {
    let whose = match as_of {
        Some(at) => engine.customer_of_as_of(item.record(), at)?,
        None => engine.customer_of(item.record())?,
    };
    let Some(customer) = whose.customer() else { return Ok(String::new()) };
    if as_of.is_some() {
        return Ok(format!("with {customer}"));
    }
    let name = match names.entry(customer) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(place) => {
            place.insert(engine.profile(customer)?.name.unwrap_or_else(|| customer.to_string()))
        }
    };
    Ok(format!("with {name}"))
}

fn title(engine: &Engine, customer: CustomerId, as_of: Option<Timestamp>, out: &mut Out) -> Done {
    if let Some(at) = as_of {
        // Names are only known as of now.
        return out.line(format!("{}  as known at {at}", out.bold(&customer.to_string())));
    }
    let name = engine.profile(customer).ok().and_then(|profile| profile.name);
    let name = out.bold(&name.map_or_else(|| "(no name)".to_owned(), |name| text::clean(&name)));
    out.line(format!("{name}  {customer}"))
}

/// One line an interaction.
pub(crate) fn table<'a>(interactions: impl Iterator<Item = &'a Interaction>) -> Table {
    let mut table = Table::right(&[5]);
    interactions.for_each(|interaction| row(&mut table, interaction, String::new()));
    table
}

fn row(table: &mut Table, interaction: &Interaction, with: String) {
    table.row([
        text::time(interaction.start),
        text::words(interaction.channel.as_str()),
        match interaction.direction {
            Direction::Inbound => "in",
            Direction::Outbound => "out",
            Direction::Unknown => "",
        }
        .to_owned(),
        what(interaction),
        interaction.outcome.as_ref().map_or(String::new(), |outcome| text::short(outcome, 30)),
        spent(interaction),
        interaction.key.to_string(),
        with,
    ]);
}

fn what(interaction: &Interaction) -> String {
    let kind = text::short(&interaction.kind, 32);
    match &interaction.subject {
        Some(subject) => format!("{kind}: {}", text::short(subject, 40)),
        None => kind,
    }
}

fn spent(interaction: &Interaction) -> String {
    let micros = interaction.end.map_or(0, |end| end.micros() - interaction.start.micros());
    text::duration(micros.max(0) as u64 / 1000)
}
