//! The command line of stitchline: one module a verb, under `verbs`.

mod database;
mod failure;
mod files;
mod meter;
mod models;
mod output;
mod pages;
mod reference;
mod sheet;
mod tables;
mod text;
mod verbs;

use clap::{Parser, Subcommand};
use failure::{Failure, Status};
use output::Out;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One view of each customer: stitches the identifiers that people leave on every channel into customers, each with
/// a timeline and the reasons why.
#[derive(Debug, Parser)]
#[command(
    name = "stitchline",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    subcommand_value_name = "VERB",
    subcommand_help_heading = "Verbs",
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "Start with `stitchline demo`. `stitchline VERB --help` has examples.",
    after_long_help = "\
Examples:
  stitchline demo
  stitchline dedupe people.csv --output clusters.csv --report report.html
  stitchline ingest exports/ --db crm.stitchline --default-region GB
  stitchline customer ann.lee@example.com --db crm.stitchline
  stitchline timeline phone:\"020 7946 0123\" --db crm.stitchline
  stitchline explain crm/C-1001 ann.lee@example.com --db crm.stitchline

A REF names a customer: by customer id, by identifier (phone:…, email:…, cookie:…, crm:…, or a bare e-mail address or \
phone number), or by one of its records as SOURCE/ID.

Exit codes: 0 all went well, 1 it failed, 2 the command was not understood, 3 done, but some lines or rows were rejected."
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// Print JSON for programs instead of text
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Demo(verbs::demo::Args),
    Dedupe(verbs::dedupe::Args),
    Link(verbs::dedupe::LinkArgs),
    Train(verbs::dedupe::TrainArgs),
    Score(verbs::dedupe::ScoreArgs),
    Model(verbs::model::Args),
    Convert(verbs::convert::Args),
    Ingest(verbs::ingest::Args),
    Customer(verbs::customer::Args),
    Timeline(verbs::timeline::Args),
    Explain(verbs::explain::Args),
    Same(verbs::assertion::SameArgs),
    Different(verbs::assertion::DifferentArgs),
    Retract(verbs::assertion::RetractArgs),
    Delete(verbs::delete::Args),
    Erase(verbs::erase::Args),
    Compact(verbs::erase::CompactArgs),
    Review(verbs::review::Args),
    Unresolved(verbs::unresolved::Args),
    Changes(verbs::changes::Args),
    Export(verbs::export::Args),
    Stats(verbs::stats::Args),
    Evaluate(verbs::evaluate::Args),
    Compare(verbs::compare::Args),
    Policy(verbs::policy::Args),
    Generate(verbs::generate::Args),
    Replay(verbs::replay::Args),
}

fn run(cli: &Cli, out: &mut Out) -> Result<Status, Failure> {
    match &cli.verb {
        Verb::Demo(args) => verbs::demo::run(args, out),
        Verb::Dedupe(args) => verbs::dedupe::run(args, out),
        Verb::Link(args) => verbs::dedupe::link(args, out),
        Verb::Train(args) => verbs::dedupe::train(args, out),
        Verb::Score(args) => verbs::dedupe::score(args, out),
        Verb::Model(args) => verbs::model::run(args, out),
        Verb::Convert(args) => verbs::convert::run(args, out),
        Verb::Ingest(args) => verbs::ingest::run(args, out),
        Verb::Customer(args) => verbs::customer::run(args, out),
        Verb::Timeline(args) => verbs::timeline::run(args, out),
        Verb::Explain(args) => verbs::explain::run(args, out),
        Verb::Same(args) => verbs::assertion::same(args, out),
        Verb::Different(args) => verbs::assertion::different(args, out),
        Verb::Retract(args) => verbs::assertion::retract(args, out),
        Verb::Delete(args) => verbs::delete::run(args, out),
        Verb::Erase(args) => verbs::erase::run(args, out),
        Verb::Compact(args) => verbs::erase::compact(args, out),
        Verb::Review(args) => verbs::review::run(args, out),
        Verb::Unresolved(args) => verbs::unresolved::run(args, out),
        Verb::Changes(args) => verbs::changes::run(args, out),
        Verb::Export(args) => verbs::export::run(args, out),
        Verb::Stats(args) => verbs::stats::run(args, out),
        Verb::Evaluate(args) => verbs::evaluate::run(args, out),
        Verb::Compare(args) => verbs::compare::run(args, out),
        Verb::Policy(args) => verbs::policy::run(args, out),
        Verb::Generate(args) => verbs::generate::run(args, out),
        Verb::Replay(args) => verbs::replay::run(args, out),
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = Out::stdout(cli.json);
    let done = run(&cli, &mut out).and_then(|status| out.finish().map(|()| status));
    match done {
        Ok(status) => ExitCode::from(status.code()),
        Err(failure) => {
            // What was printed before the failure belongs before its message.
            let _ = out.finish();
            failure.report();
            ExitCode::from(failure.code())
        }
    }
}
