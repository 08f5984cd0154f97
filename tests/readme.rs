//! What the README says stays true: its commands are those that `.ci/run` runs, its figures are those of
//! docs/benchmarks.md, and the files that documents name are there.

#![allow(clippy::unwrap_used)] // A test that cannot go on fails.

use std::{fs, path::Path};
use stitchline::{Namespace, Policy};

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The rows of the table that follows the mark, without its head.
fn rows_after(text: &str, mark: &str) -> Vec<Vec<String>> {
    let (_, rest) = text.split_once(mark).unwrap_or_else(|| panic!("no {mark}"));
    let rows = rest.lines().skip(1).skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// Commands in blocks (`$ cargo …`) and in tables.
fn commands(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("$ cargo "))
        .map(|rest| format!("cargo {rest}"))
        .collect();
    for row in text.lines().filter(|line| line.starts_with('|')) {
        let code = row.split('`').skip(1).step_by(2).filter(|code| code.starts_with("cargo "));
        found.extend(code.map(str::to_owned));
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn ci_runs_the_commands_of_the_readme() {
    let script = text(".ci/run");
    let commands = commands(&text("README.md"));
    assert!(commands.contains(&"cargo test --workspace".to_owned()), "{commands:?}");
    assert!(commands.contains(&"cargo run --release -- demo".to_owned()), "{commands:?}");
    for command in commands {
        let runs = |line: &str| {
            let line = line.trim_start();
            // The command whole, not the beginning of another one.
            line.starts_with("step ")
                && line.match_indices(&command).any(|(at, _)| {
                    let rest = &line[at + command.len()..];
                    rest.starts_with('"') || rest.starts_with(" 2>&1 ") || rest.starts_with(" | ")
                })
        };
        assert!(script.lines().any(runs), ".ci/run does not run the README's {command:?}");
    }
}

#[test]
fn figures_are_those_of_the_record() {
    let mark = "<!-- figures:";
    let readme = rows_after(&text("README.md"), mark);
    assert!(readme.len() >= 10 && readme.iter().all(|row| row.len() == 3), "{readme:?}");
    assert_eq!(readme, rows_after(&text("docs/benchmarks.md"), mark));
}

#[test]
fn defaults_are_those_of_the_code() {
    let policy = Policy::default();
    let design = text("docs/DESIGN.md");
    let rows = rows_after(&design, "<!-- defaults:");
    assert_eq!(rows.len(), policy.namespaces.len() + 1, "a row each, and one for any other");
    for row in rows {
        let name = row[0].trim_matches('`');
        let name = if name == "any other" { "another" } else { name };
        let namespace = Namespace::new(name).unwrap();
        let own = policy.namespace(&namespace);
        let exclusive = own.exclusive.map_or("", |own| match (own.most, own.within_days) {
            (1, None) => "one, ever",
            _ => "otherwise",
        });
        let expected = if [Namespace::NAME, Namespace::BIRTH].contains(&namespace) {
            ["", "", "", "", &format!("-{}", own.contradiction_bits)].map(str::to_owned)
        } else {
            let (weight, limit) = (own.weight_bits.to_string(), own.sharing_limit.to_string());
            [&weight, &own.priority.to_string(), &limit, exclusive, ""].map(str::to_owned)
        };
        assert_eq!(row[1..], expected, "docs/DESIGN.md, {name}");
    }
    let thresholds = rows_after(&design, "| `birth` |");
    let bits = [policy.prior_bits, policy.link_bits, policy.review_bits, policy.authenticated_bits];
    assert_eq!(thresholds.iter().map(|row| row[1].clone()).collect::<Vec<_>>(), bits.map(|b| b.to_string()));

    let weight = |namespace| policy.namespace(&namespace).weight_bits;
    let readme = text("README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    let words = format!(
        "start at {}. A shared login adds {}, an e-mail address {}, a phone number {}, a browser's cookie {};",
        policy.prior_bits,
        weight(Namespace::LOGIN),
        weight(Namespace::EMAIL),
        weight(Namespace::PHONE),
        weight(Namespace::COOKIE),
    );
    assert!(readme.contains(&words), "the README does not say: {words}");
    assert!(readme.contains(&format!("From +{} on", policy.link_bits)));
}

#[test]
fn links_lead_somewhere() {
    for document in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/DESIGN.md", "docs/benchmarks.md"] {
        let folder = Path::new(document).parent().unwrap();
        for link in text(document).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            assert!(folder.join(path).exists(), "{document} leads to {path}, which is not there");
        }
    }
}
