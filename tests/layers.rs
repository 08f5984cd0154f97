//! The direction of dependencies: each module uses only modules that stand before it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// From the ground up.
const ORDER: [&str; 29] = [
    "ahead",
    "error",
    "settings",
    "weight",
    "delimited",
    "cow",
    "record",
    "normalize",
    "policy",
    "identifier",
    "similarity",
    "table",
    "compare",
    "block",
    "model",
    "graph",
    "customer",
    "cluster",
    "link",
    "splink",
    "store",
    "timeline",
    "engine",
    "explain",
    "privacy",
    "evaluate",
    "report",
    "strategy",
    "ingest",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            // Unit tests in a file of their own may use what stands above.
            found.push(path);
        }
    }
}

/// The code without comments and without what stands after `#[cfg(test)]` on a line of its own.
fn code(text: &str) -> String {
    let end = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
    let lines = text[..end].lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The first names after `crate::`, also of a list in braces.
fn used(code: &str) -> BTreeSet<String> {
    let name =
        |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = code[at + "crate::".len()..].trim_start();
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(name(rest));
            continue;
        };
        let (mut depth, mut fresh) = (1, true);
        for (place, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => fresh = true,
                c if fresh && !c.is_whitespace() => {
                    found.insert(name(&list[place..]));
                    fresh = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}

/// The module of what the root of the library names again (`crate::Error` is of `error`).
fn renamed(root: &str, name: &str) -> Option<String> {
    root.split(';').find_map(|item| {
        let path = item.trim().strip_prefix("pub use ")?;
        let (module, names) = path.split_once("::")?;
        let names = names.trim_matches(|c| "{} \n".contains(c)).split(',');
        names
            .map(|one| one.trim_matches(|c| "{} \n".contains(c)))
            .any(|one| one == name)
            .then(|| module.to_owned())
    })
}

#[test]
fn each_module_uses_only_what_stands_before_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let root = code(&fs::read_to_string(source.join("lib.rs")).unwrap());
    let rank = |module: &str| ORDER.iter().position(|known| *known == module);
    let mut paths = Vec::new();
    files(&source, &mut paths);
    let mut wrong = Vec::new();
    let mut looked = 0;
    for path in paths {
        let relative = path.strip_prefix(&source).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let module = first.trim_end_matches(".rs").to_owned();
        if module == "lib" {
            continue;
        }
        let Some(own) = rank(&module) else {
            wrong.push(format!("{module} has no place in the order"));
            continue;
        };
        for name in used(&code(&fs::read_to_string(&path).unwrap())) {
            let target = if rank(&name).is_some() { Some(name.clone()) } else { renamed(&root, &name) };
            looked += 1;
            match target.as_deref().and_then(rank) {
                None => wrong.push(format!("{}: crate::{name} is of no known module", relative.display())),
                Some(other) if other > own => {
                    wrong.push(format!("{}: {module} uses {}", relative.display(), ORDER[other]));
                }
                Some(_) => {}
            }
        }
    }
    assert!(looked > 50, "only {looked} uses were found");
    assert!(wrong.is_empty(), "against the direction of dependencies:\n{}", wrong.join("\n"));
}

#[test]
fn uses_are_found() {
    let text = "use crate::{\n    error::{Error, Result},\n    graph::{View, Rules},\n};\nfn f() -> crate::Result<()> {}";
    let names: Vec<String> = used(text).into_iter().collect();
    assert_eq!(names, ["Result", "error", "graph"]);
    assert_eq!(renamed("pub use error::{Error, ErrorKind,\n Result};", "Result").as_deref(), Some("error"));
}
