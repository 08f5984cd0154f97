//! The commands of docs/GUIDE.md run as they are written.

use crate::program::{Bench, contact_centre};
use std::{path::Path, process::Command};

#[test]
#[cfg(unix)]
fn the_commands_of_the_guide_run() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/GUIDE.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let commands: Vec<&str> = guide.lines().filter_map(|line| line.strip_prefix("    stitchline ")).collect();
    assert!(commands.len() > 25, "{commands:?}");

    let bench = Bench::new();
    let copied =
        Command::new("cp").arg("-r").arg(contact_centre()).arg(bench.path("exports")).status().unwrap();
    assert!(copied.success());
    let splink = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/splink/plain/model.json");
    std::fs::copy(splink, bench.path("splink.json")).unwrap();
    for command in commands {
        let output = Command::new("sh")
            .args(["-c", &format!("\"$STITCHLINE\" {command}")])
            .env("STITCHLINE", assert_cmd::cargo::cargo_bin!("stitchline"))
            .env("STITCHLINE_DB", "demo.stitchline")
            .current_dir(bench.folder.path())
            .output()
            .unwrap();
        let code = output.status.code().unwrap();
        // The contact centre's files have broken lines.
        let good = code == 0 || code == 3 && command.starts_with("ingest exports/");
        assert!(good, "{command}: {code}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}
