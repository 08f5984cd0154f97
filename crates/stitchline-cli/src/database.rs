//! The database of a command: which file, and under which policy.

use crate::{
    failure::{Done, Failure},
    files,
};
use std::path::{Path, PathBuf};
use stitchline::{Engine, ErrorKind, Policy};

/// The database that a verb asks or changes.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Database {
    /// The database file
    #[arg(long, value_name = "PATH", env = "STITCHLINE_DB")]
    db: PathBuf,
}

impl Database {
    pub(crate) fn new(db: PathBuf) -> Self {
        Database { db }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.db
    }

    /// Opens a database that is there.
    pub(crate) fn open(&self) -> Done<Engine> {
        if !self.db.exists() {
            let path = self.db.display();
            return Err(Failure::new(format!("there is no database at {path}"))
                .next(format!("Make one: stitchline ingest FILE… --db {path}")));
        }
        no_folder(&self.db)?;
        files::hold(&self.db, "the database");
        Engine::open(&self.db).map_err(|error| opening(error, &self.db))
    }
}

/// Fails where a folder is named, which is no database.
fn no_folder(path: &Path) -> Done {
    if !path.is_dir() {
        return Ok(());
    }
    let file = path.join("crm.stitchline");
    Err(Failure::new(format!("{} is a folder; a database is a file", path.display()))
        .next(format!("Name a file in it, such as --db {}", file.display())))
}

/// The policy that writing verbs may set.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct PolicyChoice {
    /// Use the policy of this TOML file from now on [default: the one the database has]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Take phone numbers in national form as numbers of this region, such as GB
    #[arg(long, value_name = "REGION")]
    default_region: Option<String>,
}

impl PolicyChoice {
    /// The choice of a region alone.
    pub(crate) fn region(region: &str) -> Self {
        PolicyChoice { policy: None, default_region: Some(region.to_owned()) }
    }

    /// Opens a database, or makes it, under the policy chosen.
    pub(crate) fn open(&self, path: &Path) -> Done<Engine> {
        let made = !path.exists();
        no_folder(path)?;
        files::hold(path, "the database");
        if let Some(folder) =
            path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        {
            return Err(Failure::new(format!("there is no folder {}", folder.display()))
                .next("Make it first, or give another --db."));
        }
        let opening = |error| opening(error, path);
        if let Some((mut policy, stated)) = self.read()? {
            if !made && (!stated.project || !stated.region) {
                // What the file does not say of these stays: ids follow from the one, phone numbers from the other.
                let engine = Engine::open(path).map_err(opening)?;
                if !stated.project {
                    policy.project = engine.policy().project;
                }
                if !stated.region {
                    policy.default_region.clone_from(&engine.policy().default_region);
                }
            }
            return Engine::open_with(path, policy).map_err(opening);
        }
        let region = self.region_code()?;
        // The policy is checked before a file is made.
        if let (true, Some(_)) = (made, &region) {
            let policy = Policy { default_region: region, ..Policy::default() };
            policy.check()?;
            return Engine::open_with(path, policy).map_err(opening);
        }
        let engine = Engine::open(path).map_err(opening)?;
        let Some(region) = region.filter(|region| engine.policy().default_region.as_ref() != Some(region))
        else {
            return Ok(engine);
        };
        let policy = Policy { default_region: Some(region), ..engine.policy().clone() };
        policy.check()?;
        drop(engine);
        Engine::open_with(path, policy).map_err(opening)
    }

    /// An engine in memory under the policy chosen.
    pub(crate) fn in_memory(&self) -> Done<Engine> {
        let policy = match self.read()? {
            Some((policy, _)) => policy,
            None => Policy { default_region: self.region_code()?, ..Policy::default() },
        };
        Ok(Engine::in_memory(policy)?)
    }

    fn region_code(&self) -> Done<Option<String>> {
        let Some(region) = &self.default_region else { return Ok(None) };
        let code = region.trim().to_ascii_uppercase();
        let policy = Policy { default_region: Some(code.clone()), ..Policy::default() };
        if stitchline::Normalizer::new(&policy).is_err() {
            return Err(Failure::usage(format!("--default-region: {region:?} is no region"))
                .next("Give an ISO 3166 code of two letters, such as GB, US or DE."));
        }
        Ok(Some(code))
    }

    /// The policy of the file, with the region.
    fn read(&self) -> Done<Option<(Policy, Stated)>> {
        let Some(path) = &self.policy else { return Ok(None) };
        let text = files::text(path)?;
        let mut policy = parse_policy(path, &text)?;
        let names: toml::Table = text.parse().unwrap_or_default();
        let mut stated =
            Stated { project: names.contains_key("project"), region: names.contains_key("default_region") };
        if let Some(region) = self.region_code()? {
            policy.default_region = Some(region);
            stated.region = true;
        }
        Ok(Some((policy, stated)))
    }
}

/// What a policy file says that a database keeps otherwise.
struct Stated {
    project: bool,
    region: bool,
}

/// Reads and checks a policy file.
pub(crate) fn read_policy(path: &Path) -> Done<Policy> {
    parse_policy(path, &files::text(path)?)
}

fn parse_policy(path: &Path, text: &str) -> Done<Policy> {
    let policy = Policy::from_toml(text).map_err(|error| Failure::from(error).about(path.display()))?;
    stitchline::Normalizer::new(&policy).map_err(|error| Failure::from(error).about(path.display()))?;
    Ok(policy)
}

fn opening(error: stitchline::Error, path: &Path) -> Failure {
    let kind = error.kind();
    let failure = Failure::from(error).about(path.display());
    match kind {
        ErrorKind::Corrupt => {
            failure.next("Is it the right file? A database is made by: stitchline ingest FILE… --db PATH")
        }
        _ => failure,
    }
}
