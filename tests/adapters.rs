//! Every file of `fixtures/adapters` and `fixtures/bad-input` gives what its `.expected.jsonl` says, one item a line.
//!
//! `UPDATE_EXPECTED=1 cargo test --test adapters` writes the expectations anew; read the difference before you keep it.

#![allow(clippy::unwrap_used)] // A test that cannot go on fails.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};
use stitchline::{
    Channel, Input, Interaction, Namespace, Normalizer, Policy, Role,
    ingest::{Format, Item, Options, Reader},
};

fn files(folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(Path::new("fixtures").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && !path.to_string_lossy().contains(".expected."))
        .filter(|path| path.extension().is_none_or(|extension| extension != "md"))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{folder}");
    found
}

fn read(path: &Path) -> (Format, Vec<Item>) {
    // The name without folders, so that expectations hold on every system.
    let name = path.file_name().unwrap().to_str().unwrap();
    let reader =
        Reader::new(fs::File::open(path).unwrap(), name, &Normalizer::default(), Options::default()).unwrap();
    (reader.format(), reader.collect())
}

fn json(item: &Item) -> String {
    match item {
        Item::Input(input) => serde_json::to_string(input).unwrap(),
        Item::Rejected(rejected) => format!("{{\"rejected\":{}}}", serde_json::to_string(rejected).unwrap()),
    }
}

fn compare(path: &Path) {
    let (_, items) = read(path);
    let expected = path.with_extension("expected.jsonl");
    let found: String = items.iter().map(|item| json(item) + "\n").collect();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&expected, &found).unwrap();
    }
    let expected = fs::read_to_string(expected).unwrap();
    for (line, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{}, item {}", path.display(), line + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{}", path.display());
}

#[test]
fn formats_give_what_is_expected() {
    for (folder, format) in [
        ("adapters/segment", Format::Segment),
        ("adapters/genesys", Format::Genesys),
        ("adapters/cloudevents", Format::CloudEvents),
        ("adapters/senzing", Format::Senzing),
        ("adapters/csv", Format::Csv),
        ("adapters/stitchline", Format::Stitchline),
    ] {
        for path in files(folder) {
            assert_eq!(read(&path).0, format, "{}", path.display());
            compare(&path);
        }
    }
}

#[test]
fn bad_input_gives_a_reason_and_loses_nothing_good() {
    for path in files("bad-input") {
        compare(&path);
        let (format, items) = read(&path);
        if format == Format::Segment {
            let good = |id: &str| {
                items
                    .iter()
                    .any(|item| matches!(item, Item::Input(Input::Interaction(event)) if event.key.id == id))
            };
            assert!(good("ok-1") && good("ok-2"), "{}", path.display());
        }
        for item in &items {
            if let Item::Rejected(rejected) = item {
                assert!(!rejected.to_string().contains("secret"), "{rejected}");
            }
        }
    }
}

#[test]
fn what_is_read_is_read_again() {
    for folder in ["adapters/segment", "adapters/genesys", "adapters/senzing", "adapters/csv", "bad-input"] {
        for path in files(folder) {
            let inputs = |items: Vec<Item>| -> Vec<Input> {
                items
                    .into_iter()
                    .filter_map(|item| match item {
                        Item::Input(input) => Some(input),
                        Item::Rejected(_) => None,
                    })
                    .collect()
            };
            let first = inputs(read(&path).1);
            let text: String =
                first.iter().map(|input| serde_json::to_string(input).unwrap() + "\n").collect();
            let options = Options { format: Some(Format::Stitchline), ..Options::default() };
            let again = Reader::new(text.as_bytes(), "again", &Normalizer::default(), options).unwrap();
            assert_eq!(inputs(again.collect()), first, "{}", path.display());
        }
    }
}

fn contact_centre() -> Vec<(String, Item)> {
    let policy = Policy { default_region: Some("GB".into()), ..Policy::default() };
    let normalizer = Normalizer::new(&policy).unwrap();
    let mut all = Vec::new();
    for path in files("contact-centre") {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let reader = Reader::open(&path, &normalizer, Options::default()).unwrap();
        all.extend(reader.map(|item| (name.clone(), item)));
    }
    all
}

#[test]
fn the_contact_centre_is_read() {
    let all = contact_centre();
    let rejected: Vec<(String, u64)> = all
        .iter()
        .filter_map(|(file, item)| match item {
            Item::Rejected(rejected) => Some((file.clone(), rejected.line)),
            Item::Input(_) => None,
        })
        .collect();
    let expected = [
        ("crm.csv", 20),
        ("genesys.jsonl", 16),
        ("mail.jsonl", 10),
        ("segment.jsonl", 22),
        ("segment.jsonl", 33),
    ];
    assert_eq!(rejected, expected.map(|(file, line)| (file.to_owned(), line)));

    let interaction = |source: &str, id: &str| -> &Interaction {
        all.iter()
            .find_map(|(_, item)| match item {
                Item::Input(Input::Interaction(i)) if i.key.source == source && i.key.id == id => Some(i),
                _ => None,
            })
            .unwrap()
    };
    let ids = |interaction: &Interaction| -> Vec<String> {
        let claims = interaction.participants.iter().flat_map(|p| &p.claims);
        claims.map(|claim| claim.identifier.to_string()).collect()
    };
    let ann = interaction("genesys", "call-0013");
    assert_eq!(ids(ann), ["phone:+447911123456"]);
    assert_eq!(
        (ann.channel.clone(), ann.queue_ms, ann.talk_ms),
        (Channel::Voice, Some(35_000), Some(355_000))
    );
    assert_eq!(ids(interaction("genesys", "call-0001")), ["phone:+442079460188", "crm:C-2002"]);
    assert_eq!(ids(interaction("genesys", "call-0002")), ["phone:+442079460188"]);
    assert_eq!(ids(interaction("genesys", "call-0005")), [""; 0]);
    assert_eq!(ids(interaction("genesys", "flow-0014")), [""; 0]);
    let conference = interaction("genesys", "conf-0012");
    assert_eq!(conference.participants.iter().filter(|p| p.role == Role::Customer).count(), 2);
    assert_eq!(ids(interaction("/mail/gateway", "mail-1")), ["email:ann.lee@example.com"]);
    assert_eq!(ids(interaction("/mail/gateway", "mail-7")), [""; 0]);

    let records: Vec<_> = all
        .iter()
        .filter_map(|(_, item)| match item {
            Item::Input(Input::Record(record)) if record.key.source == "crm" => Some(record),
            _ => None,
        })
        .collect();
    assert_eq!(records.len(), 17);
    assert!(
        records
            .iter()
            .all(|record| record.claims.iter().any(|c| *c.identifier.namespace() == Namespace::CRM))
    );
    let placeholders = records.iter().filter(|record| record.attributes.contains_key("email_invalid"));
    assert_eq!(placeholders.count(), 3);
}

/// Gives out a line of that many bytes without holding it.
struct Huge(u64);

impl Read for Huge {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.min(buffer.len() as u64);
        buffer[..count as usize].fill(b'x');
        self.0 -= count;
        Ok(count as usize)
    }
}

#[test]
fn a_huge_line_is_passed_over() {
    let good = r#"{"type":"page","messageId":"m","anonymousId":"c-1","timestamp":"2026-03-01T10:00:00Z"}"#;
    for (format, before, good) in
        [(Format::Segment, "\n", good), (Format::Csv, "id,phone\n", "1,+442079460123")]
    {
        let huge = before.as_bytes().chain(Huge(1 << 30)).chain(&b"\n"[..]).chain(good.as_bytes());
        let options = Options { format: Some(format), ..Options::default() };
        let items: Vec<Item> = Reader::new(huge, "huge", &Normalizer::default(), options).unwrap().collect();
        assert!(matches!(&items[0], Item::Rejected(rejected) if rejected.line == 2), "{:?}", items[0]);
        assert!(matches!(&items[1], Item::Input(_)), "{:?}", items[1]);
        assert_eq!(items.len(), 2);
    }
}

#[test]
fn reading_that_fails_is_said() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("unplugged"))
        }
    }
    let text = format!("id,phone\n{}", "1,+442079460123\n".repeat(10_000));
    let mut reader =
        Reader::new(text.as_bytes().chain(Fails), "cut.csv", &Normalizer::default(), Options::default())
            .unwrap();
    let items: Vec<Item> = reader.by_ref().collect();
    assert!(items.len() > 1000);
    assert!(
        matches!(items.last(), Some(Item::Rejected(rejected)) if rejected.reason.contains("cannot be read"))
    );
    assert!(reader.failure().is_some());
}

#[test]
fn options_say_what_columns_mean() {
    use stitchline::ingest::Mapping;
    let file = "Nr|Punkte|Kürzel\n1|AB-7|al\n";
    let mapping =
        Mapping::from_toml("[columns]\nNr = 'id'\nPunkte = 'ns:loyalty'\n\"Kürzel\" = 'ignore'\n").unwrap();
    let options = Options { mapping, source: Some("shop".into()), ..Options::default() };
    let items: Vec<Item> =
        Reader::new(file.as_bytes(), "x.csv", &Normalizer::default(), options.clone()).unwrap().collect();
    assert_eq!(
        json(&items[0]),
        r#"{"type":"record","source":"shop","id":"1","kind":"unknown","observed_at":"1970-01-01T00:00:00Z","identifiers":["loyalty:AB-7"]}"#
    );
    let other = "a,b\n1,2\n";
    let items: Vec<Item> =
        Reader::new(other.as_bytes(), "x.csv", &Normalizer::default(), options).unwrap().collect();
    assert!(matches!(&items[..], [Item::Input(_)]), "a file without the columns is read as it is: {items:?}");

    let record = "interaction_id,started_at,id_type,id_value\ni1,2026-01-01,record,r1\n";
    let options = Options { record_source: Some("crm".into()), ..Options::default() };
    let items: Vec<Item> =
        Reader::new(record.as_bytes(), "x.csv", &Normalizer::default(), options).unwrap().collect();
    assert!(json(&items[0]).contains("record:crm/r1"), "{}", json(&items[0]));
}

/// What is bad in itself is bad in every format of lines: it is rejected with its reason, and the rest goes on.
#[test]
fn every_format_goes_on_after_what_is_bad() {
    /// A good line of a format with this id and time, and one more field.
    type Line = fn(&str, &str, &str) -> String;
    let time = "2026-03-01T10:00:00Z";
    let lines: [(Format, Line); 5] = [
        (Format::Segment, |id, time, more| {
            format!(
                r#"{{"type":"track","messageId":"{id}","anonymousId":"c-1","timestamp":"{time}","event":"X","more":{more}}}"#
            )
        }),
        (Format::Genesys, |id, time, more| {
            format!(
                r#"{{"conversationId":"{id}","conversationStart":"{time}","participants":[],"more":{more}}}"#
            )
        }),
        (Format::CloudEvents, |id, time, more| {
            format!(
                r#"{{"specversion":"1.0","id":"{id}","source":"/mail","type":"t","time":"{time}","data":{more}}}"#
            )
        }),
        (Format::Senzing, |id, time, more| {
            format!(
                r#"{{"DATA_SOURCE":"C","RECORD_ID":"{id}","UPDATED_AT":"{time}","FEATURES":[{{"NAME_FULL":"Ann Lee"}}],"MORE":{more}}}"#
            )
        }),
        (Format::Stitchline, |id, time, more| {
            format!(
                r#"{{"type":"interaction","source":"p","id":"{id}","start":"{time}","attributes":{{"more":{more}}}}}"#
            )
        }),
    ];
    for (format, line) in lines {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let bad: [(Vec<u8>, &str); 8] = [
            (line("secret\\u0000", time, "1").into(), "control character"),
            (line("secret\0", time, "1").into(), "not valid JSON"),
            (line("secret-x", time, "1").replace("-x", "-\u{1}").into(), "not valid JSON"),
            ([line("secret", time, "1").as_bytes(), b"\xff"].concat(), "UTF-8"),
            (line("secret", time, &deep).into(), "nested deeper"),
            (line("secret", "9999999-01-01T00:00:00Z", "1").into(), "years 1 to 9999"),
            (line(&"secret".repeat(90), time, "1").into(), "longer than 512 bytes"),
            (line("secret", time, &format!("\"{}\"", "9".repeat(1 << 20))).into(), "1048576 bytes"),
        ];
        let mut file = line("first", time, "1").into_bytes();
        for (line, _) in &bad {
            file.extend([b"\n", &line[..]].concat());
        }
        file.extend([b"\n", line("last", time, "1").as_bytes()].concat());
        let options = Options { format: Some(format), ..Options::default() };
        let items: Vec<Item> =
            Reader::new(&file[..], "bad.jsonl", &Normalizer::default(), options).unwrap().collect();
        assert_eq!(items.len(), bad.len() + 2, "{format:?}");
        for (place, ((_, reason), item)) in bad.iter().zip(&items[1..]).enumerate() {
            let Item::Rejected(rejected) = item else { panic!("{format:?}: {} was taken", json(item)) };
            assert_eq!(rejected.line, place as u64 + 2);
            assert!(rejected.reason.contains(reason), "{format:?}: {rejected}");
            assert!(!rejected.to_string().contains("secret"), "{format:?}: {rejected}");
        }
        assert!(matches!((&items[0], &items[bad.len() + 1]), (Item::Input(_), Item::Input(_))), "{format:?}");
    }
}
