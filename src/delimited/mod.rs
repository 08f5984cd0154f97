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

/// What is said of text in another encoding.
pub(crate) const NOT_UTF8: &str =
    "is not valid UTF-8; convert the file, for example with `iconv -f WINDOWS-1252 -t UTF-8`";

/// What a file is that begins so, and what to do about it, where it cannot be read line by line.
pub(crate) fn misfit(beginning: &[u8]) -> Option<&'static str> {
    let text = beginning.strip_prefix(lines::BOM).unwrap_or(beginning).trim_ascii_start();
    let mut lines = text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    // Of a line that is cut off, the next begins an object of its own.
    let below = lines.clone();
    let mut goes_on = || lines.next().is_some_and(|second| !second.starts_with(b"{"));
    let inner = text.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    let marked = beginning.starts_with(b"\xff\xfe") || beginning.starts_with(b"\xfe\xff");
    // Of letters in two bytes, every other byte is 0.
    let halves = first.iter().filter(|&&byte| byte == 0).count() * 3 > first.len();
    if beginning.starts_with(b"PK\x03\x04") {
        Some("is a workbook or another zip file; save it as CSV")
    } else if marked || halves {
        Some("is UTF-16; convert it to UTF-8, for example with `iconv -f UTF-16 -t UTF-8`")
    } else if inner.is_some_and(|inner| inner.starts_with(b"{") || inner.starts_with(b"[") || inner == b"]") {
        Some("is a JSON array; one object a line is expected, such as `jq -c '.[]'` makes of it")
    } else if first.starts_with(b"{") && !first.ends_with(b"}") && goes_on() {
        Some("is JSON over several lines; one object a line is expected, such as `jq -c .` makes of it")
    } else if !text.contains(&b'\n') && text.trim_ascii_end().contains(&b'\r') {
        Some(
            "has lines that end with carriage returns alone; convert them, for example with `tr '\\r' '\\n'`",
        )
    } else if first.len() <= 6 && first.to_ascii_lowercase().starts_with(b"sep=") {
        Some("begins with a `sep=` line, which only spreadsheets read; take that line out")
    } else if is_above_header(first, below) {
        Some("has a first line of one field and more in those below; take out what stands above the header")
    } else {
        None
    }
}

/// Whether a first line is a title: it has no delimiter, and the few below have the same number of one.
fn is_above_header<'t>(first: &[u8], below: impl Iterator<Item = &'t [u8]>) -> bool {
    const DELIMITERS: [u8; 4] = *b",;\t|";
    let below: Vec<&[u8]> = below.take(4).collect();
    let has = |line: &[u8], byte: u8| line.iter().filter(|&&own| own == byte).count();
    let parts =
        |byte: u8| below.iter().all(|line| has(line, byte) > 0 && has(line, byte) == has(below[0], byte));
    below.len() > 1
        && !first.starts_with(b"{")
        && !DELIMITERS.iter().any(|byte| first.contains(byte))
        && !below.iter().any(|line| line.contains(&b'"'))
        && DELIMITERS.into_iter().any(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_lines_is_told() {
        for (beginning, says) in [
            (&b"\xff\xfei\0d\0"[..], Some("is UTF-16")),
            (b"id,name\r1,Ann\r2,Bob\r", Some("has lines that end with carriage returns alone")),
            (b"id,name\r", None),
            (b"id,name\r\n1,Ann\r\n", None),
            (b"\xef\xbb\xbfsep=;\r\nid;name\r\n1;Ann\r\n", Some("begins with a `sep=` line")),
            (b"sep\n1\n2\n", None),
            (b"Customers of 2026\n\nid,name\n1,Ann\n", Some("has a first line of one field")),
            (b"name\n\"Lee, Ann\"\n\"Ford, Bob\"\n", None),
            (b"name\nAnn\nBob, Carl\n", None),
            (b"note\nWell, yes\nOh, no\nNever\n", None),
            (b"PK\x03\x04\r\x00", Some("is a workbook")),
            (b"id;name\n1;Lee, Ann\n2;Ford, Bob\n", None),
            (b"\xfe\xff\0i", Some("is UTF-16")),
            (b"[{\"id\": 1}]", Some("is a JSON array")),
            (b"\xef\xbb\xbf [\r\n  {\"id\": 1}\r\n]", Some("is a JSON array")),
            (b"{\r\n  \"id\": 1\r\n}", Some("is JSON over several lines")),
            (b"i\0d\0,\0", Some("is UTF-16")),
            (b"PK\x03\x04\0\0\0\0xl", Some("is a workbook")),
            (b"[[1, 2], [3, 4]]", Some("is a JSON array")),
            (b"[]", Some("is a JSON array")),
            (b"{\"records\": [\n  {\"id\": 1},\n  {\"id\": 2}]}", None),
            (b"{\"records\": [\n\n \"id\"]}", Some("is JSON over several lines")),
            // A line that is cut off, and nothing else.
            (b"{\"id\": 1, \"na\n{\"id\": 2}\n", None),
            (b"{\"id\": 1, \"na", None),
            (b"{\"id\": 1}\n", None),
            (b"[id],[name]\n", None),
            (b"id,name\n", None),
            (b"", None),
        ] {
            let found = misfit(beginning);
            assert_eq!(found.is_some(), says.is_some(), "{beginning:?}");
            assert!(found.unwrap_or_default().starts_with(says.unwrap_or_default()), "{beginning:?}");
        }
    }
}
