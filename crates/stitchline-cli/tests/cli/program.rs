//! Runs the program.

use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder with a database in it.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
}

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// The output, where the program must have succeeded.
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// The JSON document, where the program must have succeeded.
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.good()).unwrap()
    }

    /// The JSON lines, where the program must have succeeded.
    pub(crate) fn json_lines(self) -> Vec<Value> {
        self.good().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Bench {
    pub(crate) fn new() -> Self {
        Bench { folder: tempfile::tempdir().unwrap() }
    }

    /// A database of the small contact centre.
    pub(crate) fn contact_centre() -> Self {
        let bench = Bench::new();
        let run = bench.run(&["ingest", &contact_centre(), "--default-region", "gb"]);
        assert_eq!(run.code, 3, "{}{}", run.out, run.err);
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Runs a verb on the database.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, "")
    }

    /// Runs a verb on the database with that on standard input.
    pub(crate) fn run_with(&self, args: &[&str], stdin: &str) -> Run {
        let mut command = cargo_bin_cmd!("stitchline");
        command.args(args).env("STITCHLINE_DB", self.path("test.stitchline")).write_stdin(stdin);
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Run { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// The fixtures of the repository.
pub(crate) fn contact_centre() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/contact-centre");
    root.to_str().unwrap().to_owned()
}
