//! `demo`: files of five systems into a database, then the questions that it is for.

use super::{
    customer::{self, Named, named},
    explain::paragraphs,
    ingest::{self, Reading, Report},
    timeline, unresolved,
};
use crate::{
    database::PolicyChoice,
    failure::{Done, Failure, Status},
    files::{self, Body, Origin, Plan},
    output::Out,
    reference, text,
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use stitchline::{
    Channel, CustomerId, Engine, Interaction, RecordKey, Role,
    engine::{Item, Page, Profile, Reason, Resolution, Unresolved},
};

/// The files that the program carries, so that it can show itself anywhere.
const FILES: [(&str, &[u8]); 5] = [
    ("crm.csv", include_bytes!("../../../../fixtures/contact-centre/crm.csv")),
    ("genesys.jsonl", include_bytes!("../../../../fixtures/contact-centre/genesys.jsonl")),
    ("mail.jsonl", include_bytes!("../../../../fixtures/contact-centre/mail.jsonl")),
    ("segment.jsonl", include_bytes!("../../../../fixtures/contact-centre/segment.jsonl")),
    ("shops.jsonl.gz", include_bytes!("../../../../fixtures/contact-centre/shops.jsonl.gz")),
];

/// Show what stitchline does, on a small contact centre
///
/// Reads raw files of five systems into a database and shows one customer who browsed, chatted, wrote and called under
/// different identifiers, with the reasons; then callers on one landline who are not merged, and why not. With FOLDER,
/// the same on your own files.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline demo
  stitchline demo --db demo.stitchline
  stitchline demo exports/ --default-region GB")]
pub(crate) struct Args {
    /// A folder of your own files [default: the contact centre that comes with the program]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Keep the database there [default: a temporary one]
    #[arg(long, value_name = "PATH")]
    db: Option<PathBuf>,
    /// Take phone numbers in national form as numbers of this region
    #[arg(long, default_value = "GB", value_name = "REGION")]
    default_region: String,
}

/// A folder that goes when the demonstration ends.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Done<Self> {
        let path = std::env::temp_dir().join(format!("stitchline-demo-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(|error| Failure::from(error).about(path.display()))?;
        Ok(Temporary(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All that is shown, for programs.
#[derive(Serialize)]
struct Story<E> {
    ingest: Report,
    customer: Profile,
    timeline: Vec<Event>,
    why_one: Option<E>,
    unresolved: Option<Unresolved>,
    candidates: Vec<Named>,
    why_several: Option<E>,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let temporary = if args.db.is_none() { Some(Temporary::new()?) } else { None };
    let path = match (&args.db, &temporary) {
        (Some(path), _) => path.clone(),
        (None, Some(folder)) => folder.0.join("demo.stitchline"),
        (None, None) => return Err(Failure::new("there is no place for the database")),
    };
    let engine = PolicyChoice::region(&args.default_region).open(&path)?;
    let plan = match &args.folder {
        Some(folder) => files::plan(std::slice::from_ref(folder), None)?,
        None => built_in(),
    };
    if !out.json() {
        out.heading(match args.folder {
            Some(_) => "Your files, in a database of their own",
            None => {
                "A contact centre: what five systems know, in five formats (some lines are broken on purpose)"
            }
        })?;
        out.gap()?;
    }
    let report = ingest::ingest(&engine, plan, &Reading::default(), out)?;
    if !out.json() {
        ingest::finish(&report, &Reading::default(), out)?;
    }
    let built_in = args.folder.is_none();
    let shown = if built_in {
        engine.customer_of(&RecordKey::new("crm", "C-1001"))?.customer()
    } else {
        most_sources(&engine)?
    };
    let Some(shown) = shown else {
        return Err(Failure::new("nothing in these files identifies a customer")
            .next("Name the columns of CSV files: stitchline ingest FILE --map COLUMN=FIELD --db PATH"));
    };
    let call = shared_contact(&engine, built_in)?;
    if out.json() {
        let story = story(&engine, report, shown, call)?;
        out.document(&story)?;
        return Ok(Status::Good);
    }
    one_customer(&engine, shown, built_in, out)?;
    if let Some(call) = call {
        not_merged(&engine, &call, built_in, out)?;
    }
    let kept = args.db.as_deref();
    drop(engine);
    go_on(kept, out)?;
    Ok(Status::Good)
}

fn built_in() -> Plan {
    let file = |(name, bytes): (&str, &'static [u8])| Origin {
        name: format!("fixtures/contact-centre/{name}"),
        body: Body::Bytes(bytes),
    };
    Plan { files: FILES.into_iter().map(file).collect(), skipped: Vec::new() }
}

/// The customer whom most sources know, and of these the one with most records.
fn most_sources(engine: &Engine) -> Done<Option<CustomerId>> {
    let mut all: BTreeMap<CustomerId, (BTreeSet<String>, u64)> = BTreeMap::new();
    engine.export_records(|record| {
        if let Some(id) = record.customer {
            let known = all.entry(id).or_default();
            known.0.insert(record.key.source);
            known.1 += 1;
        }
        Ok(())
    })?;
    Ok(all.into_iter().max_by_key(|(_, (sources, records))| (sources.len(), *records)).map(|(id, _)| id))
}

/// A contact that may be any of several customers': the call from the landline, or the latest.
fn shared_contact(engine: &Engine, built_in: bool) -> Done<Option<Unresolved>> {
    let shared = |one: &Unresolved| matches!(&one.candidates, Resolution::Several { reason: Reason::Shared, candidates, .. } if candidates.len() > 1);
    let mut all = engine.unresolved(1_000)?.into_iter().filter(shared);
    Ok(match built_in {
        true => all.find(|one| one.interaction.key.id == "call-0002"),
        false => all.next(),
    })
}

/// An interaction of the story, whole.
#[derive(Serialize)]
struct Event {
    #[serde(flatten)]
    interaction: Interaction,
    record: RecordKey,
}

fn events(page: Page) -> Done<Vec<Event>> {
    let whole = |item: &Item| -> Done<Event> {
        Ok(Event { interaction: item.interaction()?.clone(), record: item.record().clone() })
    };
    page.items.iter().map(whole).collect()
}

/// Two contacts far apart on a timeline, newest first: the latest, and the earliest that came in on its own channel
/// and hangs on another record.
fn ends(items: &[Event]) -> Option<(&Event, &Event)> {
    let late = items.first()?;
    let other =
        |item: &&Event| item.record != late.record && item.interaction.channel != late.interaction.channel;
    let mut others = items.iter().rev().filter(other);
    // A visit to a site says less of who it was than anything else, so it is what needs a reason most.
    let early =
        others.clone().find(|item| item.interaction.channel == Channel::Web).or_else(|| others.next())?;
    Some((early, late))
}

/// Whether customers of both carry the same identifier.
fn in_common(a: &Event, b: &Event) -> bool {
    let identifiers = |item: &Event| -> BTreeSet<String> {
        let customers = item.interaction.participants.iter().filter(|one| one.role == Role::Customer);
        let claims = customers.flat_map(|one| &one.claims).map(|claim| &claim.identifier);
        claims.filter(|identifier| !identifier.is_fact()).map(ToString::to_string).collect()
    };
    !identifiers(a).is_disjoint(&identifiers(b))
}

fn one_customer(engine: &Engine, id: CustomerId, built_in: bool, out: &mut Out) -> Done {
    let profile = engine.profile(id)?;
    let founder = profile.records.first().map_or_else(|| id.to_string(), |record| record.key.to_string());
    out.gap()?;
    if built_in {
        out.heading("1. Who is calling?")?;
        out.line("A call comes in from a mobile number. stitchline knows the caller:")?;
    } else {
        out.heading("1. The customer whom most of your systems know")?;
    }
    out.gap()?;
    command(
        &if built_in { r#"customer phone:"07911 123456""#.into() } else { format!("customer {founder}") },
        out,
    )?;
    customer::card(&profile, &engine.timeline(id).summary()?, 12, out)?;
    let items = events(engine.timeline(id).page(20)?)?;
    out.gap()?;
    out.line("What happened so far, on every channel, newest first:")?;
    out.gap()?;
    command(&format!("timeline {founder} --limit 20"), out)?;
    out.table(&timeline::table(items.iter().map(|item| &item.interaction)))?;
    if let Some((early, late)) = ends(&items) {
        out.gap()?;
        let apart = if in_common(early, late) { "" } else { " They have no identifier in common." };
        out.line(format!(
            "Why are {} ({}) and {} ({}) one person's?{apart}",
            early.interaction.key,
            text::words(early.interaction.channel.as_str()),
            late.interaction.key,
            text::words(late.interaction.channel.as_str()),
        ))?;
        out.gap()?;
        command(&format!("explain {} {}", early.record, late.record), out)?;
        let why = engine.explain(&early.record, &late.record)?;
        paragraphs(&why.to_string(), out)?;
    }
    Ok(())
}

fn not_merged(engine: &Engine, call: &Unresolved, built_in: bool, out: &mut Out) -> Done {
    let candidates = named(engine, call.candidates.candidates())?;
    out.gap()?;
    if built_in {
        out.heading("2. Who is not merged?")?;
        out.line(
            "Bob and Carol Stone share a landline. A call from it, with nothing else known, is nobody's:",
        )?;
    } else {
        out.heading("2. A contact that is nobody's yet")?;
    }
    out.gap()?;
    command("unresolved", out)?;
    unresolved::print(engine, call, out)?;
    let [a, b, ..] = candidates.as_slice() else { return Ok(()) };
    out.gap()?;
    out.line("They share an identifier. Why are they not one customer?")?;
    out.gap()?;
    command(&format!("explain {} {}", a.id, b.id), out)?;
    let why = engine.explain(a.id, b.id)?;
    paragraphs(&why.to_string(), out)?;
    if built_in {
        out.gap()?;
        out.line("In another call from that line the agent noted a contact id, so it is Carol's alone:")?;
        out.gap()?;
        command("timeline crm/C-2002 --channel voice", out)?;
        let carol = reference::one(engine, "crm/C-2002", None)?;
        let calls = events(engine.timeline(carol).channel(Channel::Voice).page(10)?)?;
        out.table(&timeline::table(calls.iter().map(|item| &item.interaction)))?;
    }
    Ok(())
}

/// Prints the command that shows the same.
fn command(verb: &str, out: &mut Out) -> Done {
    let line = out.bold(&text::clean(&format!("$ stitchline {verb}")));
    out.line(line)
}

fn go_on(kept: Option<&Path>, out: &mut Out) -> Done {
    out.gap()?;
    out.heading("Go on")?;
    match kept {
        Some(path) => {
            let path = path.display();
            out.line(format!("The database is {path}; ask it yourself:"))?;
            out.line(format!("  stitchline customer phone:\"020 7946 0188\" --db {path}"))?;
            out.line(format!("  stitchline review --db {path}"))
        }
        None => {
            out.line("Keep the database and ask it yourself:")?;
            out.line("  stitchline demo --db demo.stitchline")?;
            out.line("  stitchline customer phone:\"020 7946 0188\" --db demo.stitchline")?;
            out.line("Take your own files:")?;
            out.line("  stitchline ingest FOLDER --db crm.stitchline --default-region GB")
        }
    }
}

fn story(
    engine: &Engine,
    ingest: Report,
    id: CustomerId,
    unresolved: Option<Unresolved>,
) -> Done<Story<impl Serialize>> {
    let timeline = events(engine.timeline(id).page(20)?)?;
    let why_one = match ends(&timeline) {
        Some((early, late)) => Some(engine.explain(&early.record, &late.record)?),
        None => None,
    };
    let candidates = match &unresolved {
        Some(one) => named(engine, one.candidates.candidates())?,
        None => Vec::new(),
    };
    let why_several = match candidates.as_slice() {
        [a, b, ..] => Some(engine.explain(a.id, b.id)?),
        _ => None,
    };
    Ok(Story {
        ingest,
        customer: engine.profile(id)?,
        timeline,
        why_one,
        unresolved,
        candidates,
        why_several,
    })
}
