//! Text files as lines and rows: bytes come in, plain or gzip, and lines or the fields of CSV rows go out, in bounded
//! memory.

pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod rows;
pub(crate) mod run;

/// A file's name without what tells how it is written.
pub(crate) fn stem(name: &str) -> &str {
    let without = |name: &'_ str, ends: &[&str]| {
        let long = ends.iter().find(|end| {
            name.len() >= end.len()
                && name.as_bytes()[name.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
        });
        name.len() - long.map_or(0, |end| end.len())
    };
    let name = &name[..without(name, &[".gz"])];
    &name[..without(name, &[".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson"])]
}
