//! `policy`: checks a policy file, or shows the policy in force.

use crate::{
    database::{Database, read_policy},
    failure::{Done, Status},
    output::Out,
};
use serde::Serialize;
use std::path::PathBuf;
use stitchline::Policy;

/// Check a policy file, or show the policy in force
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Check a policy file
    #[command(after_long_help = "\
Example:
  stitchline policy check policy.toml")]
    Check {
        /// A TOML file; it names only what differs from the defaults
        file: PathBuf,
    },
    /// Print a whole policy as TOML: a database's, or the defaults
    #[command(after_long_help = "\
Examples:
  stitchline policy show > policy.toml
  stitchline policy show --db crm.stitchline")]
    Show {
        /// The database file [default: none; the default policy is shown]
        #[arg(long, value_name = "PATH")]
        db: Option<PathBuf>,
    },
}

#[derive(Serialize)]
struct Checked {
    valid: bool,
    public_project: bool,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    match &args.verb {
        Verb::Check { file } => {
            let policy = read_policy(file)?;
            if out.json() {
                out.document(&Checked { valid: true, public_project: policy.has_public_project() })?;
                return Ok(Status::Good);
            }
            out.line(format!("{}: the policy is valid.", file.display()))?;
            if policy.has_public_project() {
                out.line(
                    "  project is not set: customer ids can be guessed from record keys. Set a random UUID.",
                )?;
            }
            if policy.default_region.is_none() {
                out.line("  default_region is not set: phone numbers in national form need a country on their record.")?;
            }
        }
        Verb::Show { db } => {
            let policy = match db {
                Some(path) => Database::new(path.clone()).open()?.policy().clone(),
                None => Policy::default(),
            };
            if out.json() { out.document(&policy)? } else { out.line(policy.to_toml().trim_end())? }
        }
    }
    Ok(Status::Good)
}
