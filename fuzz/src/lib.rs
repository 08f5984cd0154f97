//! What holds of every adapter, whatever it is given.

use stitchline::{
    Input, Normalizer, Policy,
    ingest::{Format, Item, Options, Reader},
};

/// Small, so that the fuzzer reaches the limit.
const MAX_LINE: usize = 4096;

/// Reads `data` as `format`, or as what it is recognised to be, and checks what comes out:
/// - no panic, and it ends;
/// - lines are numbered upwards, and inputs pass their own check;
/// - no reason shows text of the line;
/// - reading twice gives the same;
/// - what is written as the library's own lines is read again as it was.
pub fn check(format: Option<Format>, data: &[u8]) {
    let policy = Policy { default_region: Some("GB".into()), ..Policy::default() };
    let normalizer = Normalizer::new(&policy).expect("a known region");
    let options = Options { format, max_line_bytes: MAX_LINE, ..Options::default() };
    let Ok(reader) = Reader::new(data, "fuzz", &normalizer, options.clone()) else { return };
    let items: Vec<Item> = reader.collect();
    let again = Reader::new(data, "fuzz", &normalizer, options).expect("as before");
    assert!(again.eq(items.iter().cloned()), "another reading gives something else");

    let text = String::from_utf8_lossy(data);
    let secrets: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && !"@._-+".contains(c))
        .filter(|word| word.contains('@') || word.bytes().filter(u8::is_ascii_digit).count() >= 9)
        // The example that the reason for a bad time gives.
        .filter(|word| !"2026-03-01T10:02:00Z".contains(word))
        .collect();
    let mut line = 0;
    let mut lines = String::new();
    let mut inputs: Vec<Input> = Vec::new();
    for item in items {
        match item {
            Item::Rejected(rejected) => {
                assert!(rejected.line >= line, "line numbers go back");
                line = rejected.line;
                assert!(rejected.raw.is_none() && !rejected.reason.is_empty());
                // A header names fields, so a CSV field may show anything that the header holds.
                for secret in &secrets {
                    assert!(!rejected.reason.contains(secret), "a reason shows {secret:?}");
                }
            }
            Item::Input(input) => {
                input.check().expect("inputs are checked");
                lines.push_str(&serde_json::to_string(&input).expect("inputs can be written"));
                lines.push('\n');
                inputs.push(input);
            }
        }
    }
    let options = Options {
        format: Some(Format::Stitchline),
        max_line_bytes: 1 << 24,
        ignore: Vec::new(),
        ..Options::default()
    };
    let reread = Reader::new(lines.as_bytes(), "again", &normalizer, options).expect("a given format");
    let reread: Vec<Item> = reread.collect();
    assert_eq!(reread.len(), inputs.len());
    for (item, input) in reread.into_iter().zip(inputs) {
        assert_eq!(item, Item::Input(input));
    }
}
