//! What every store must do, run on each of them; and what opening says of files that it cannot take.

#![allow(clippy::unwrap_used, reason = "the suite is made of closures, which do not count as tests")]

use std::{fs, ops::ControlFlow, path::Path};
use stitchline::{
    Engine, ErrorKind, Policy, Record, Timestamp,
    store::{EmbeddedStore, FaultyStore, MemoryStore, Store, Table, Write},
};

/// All rows of a table from a key on.
fn rows(store: &dyn Store, table: Table, from: u64) -> Vec<(u64, Vec<u8>)> {
    let mut rows = Vec::new();
    let take = &mut |key: u64, value: &[u8]| {
        rows.push((key, value.to_vec()));
        Ok(ControlFlow::Continue(()))
    };
    store.scan(table, from, take).expect("the store can be read");
    rows
}

fn set(table: Table, key: u64, text: &str) -> Write<'static> {
    Write::set(table, key, text.as_bytes().to_vec())
}

fn row(key: u64, text: &str) -> (u64, Vec<u8>) {
    (key, text.as_bytes().to_vec())
}

type Check = fn(&dyn Store);

const SUITE: [(&str, Check); 10] = [
    ("a new store is empty", |store| {
        for table in Table::ALL {
            assert!(rows(store, table, 0).is_empty());
            assert_eq!(store.get(table, 0).unwrap(), None);
        }
    }),
    ("what is written is read", |store| {
        store
            .commit(&[set(Table::Inputs, 0, "a"), set(Table::Inputs, 1, ""), set(Table::Meta, 7, "m")])
            .unwrap();
        assert_eq!(store.get(Table::Inputs, 0).unwrap(), Some(b"a".to_vec()));
        assert_eq!(store.get(Table::Inputs, 1).unwrap(), Some(Vec::new()));
        assert_eq!(store.get(Table::Inputs, 7).unwrap(), None);
        assert_eq!(store.get(Table::Meta, 7).unwrap(), Some(b"m".to_vec()));
    }),
    ("the last write of a key in a commit counts", |store| {
        let writes = [
            set(Table::Meta, 1, "a"),
            set(Table::Meta, 1, "b"),
            set(Table::Meta, 2, "a"),
            Write::remove(Table::Meta, 2),
            Write::remove(Table::Meta, 3),
            set(Table::Meta, 3, "c"),
        ];
        store.commit(&writes).unwrap();
        assert_eq!(rows(store, Table::Meta, 0), [row(1, "b"), row(3, "c")]);
    }),
    ("values are replaced and removed", |store| {
        store.commit(&(0..5).map(|key| set(Table::Checkpoint, key, "old")).collect::<Vec<_>>()).unwrap();
        let writes = [
            set(Table::Checkpoint, 1, "a longer one"),
            Write::remove(Table::Checkpoint, 2),
            set(Table::Checkpoint, 3, ""),
        ];
        store.commit(&writes).unwrap();
        let left = [row(0, "old"), row(1, "a longer one"), row(3, ""), row(4, "old")];
        assert_eq!(rows(store, Table::Checkpoint, 0), left);
        store.commit(&[set(Table::Checkpoint, 2, "again")]).unwrap();
        assert_eq!(store.get(Table::Checkpoint, 2).unwrap(), Some(b"again".to_vec()));
        store.commit(&[Write::remove(Table::Checkpoint, 9)]).unwrap();
    }),
    ("keys are scanned in order, whatever the order of writing", |store| {
        for key in [5, 6, u64::MAX, 2, 7, 0, 300, 8, 3] {
            store.commit(&[set(Table::Changes, key, &key.to_string())]).unwrap();
        }
        let keys =
            |from| rows(store, Table::Changes, from).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        assert_eq!(keys(0), [0, 2, 3, 5, 6, 7, 8, 300, u64::MAX]);
        assert_eq!(keys(4), [5, 6, 7, 8, 300, u64::MAX]);
        assert_eq!(keys(9), [300, u64::MAX]);
        assert_eq!(keys(u64::MAX), [u64::MAX]);
        assert!(
            rows(store, Table::Changes, 0).iter().all(|(key, value)| value == key.to_string().as_bytes())
        );
    }),
    ("keys are read in the order asked for, absent ones too", |store| {
        store.commit(&[set(Table::Inputs, 3, "three"), set(Table::Inputs, 4, "four")]).unwrap();
        let mut seen = Vec::new();
        let take = &mut |key, value: Option<&[u8]>| {
            seen.push((key, value.map(<[u8]>::to_vec)));
            Ok(())
        };
        store.read(Table::Inputs, &[4, 9, 3, 4], take).unwrap();
        let (three, four) = (Some(b"three".to_vec()), Some(b"four".to_vec()));
        assert_eq!(seen, [(4, four.clone()), (9, None), (3, three), (4, four)]);
    }),
    ("a scan stops where it is told to, and hands on errors", |store| {
        store.commit(&(0..9).map(|key| set(Table::Inputs, key, "x")).collect::<Vec<_>>()).unwrap();
        let mut seen = 0;
        let stop = &mut |key, _: &[u8]| {
            seen += 1;
            Ok(if key == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        store.scan(Table::Inputs, 2, stop).unwrap();
        assert_eq!(seen, 3);
        let refuse = || stitchline::Error::new(ErrorKind::Corrupt, "no");
        let scanned = store.scan(Table::Inputs, 0, &mut |_, _| Err(refuse()));
        assert_eq!(scanned.unwrap_err().kind(), ErrorKind::Corrupt);
        let read = store.read(Table::Inputs, &[0], &mut |_, _| Err(refuse()));
        assert_eq!(read.unwrap_err().kind(), ErrorKind::Corrupt);
    }),
    ("tables are apart", |store| {
        store.commit(&Table::ALL.map(|table| set(table, 1, &format!("{table:?}")))).unwrap();
        for table in Table::ALL {
            assert_eq!(rows(store, table, 0), [row(1, &format!("{table:?}"))]);
        }
    }),
    ("commits of two threads do not disturb each other", |store| {
        let write = |table| {
            for round in 0..20u64 {
                let rows = (round * 10..round * 10 + 10).map(|key| set(table, key, &key.to_string()));
                store.commit(&rows.collect::<Vec<_>>()).unwrap();
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| write(Table::Checkpoint));
            write(Table::Inputs);
        });
        for table in [Table::Inputs, Table::Checkpoint] {
            let all: Vec<_> = (0..200).map(|key| row(key, &key.to_string())).collect();
            assert_eq!(rows(store, table, 0), all);
        }
    }),
    ("large values and large commits", |store| {
        let large = vec![7u8; 3 << 20];
        store.commit(&[Write::set(Table::Checkpoint, 0, large.clone())]).unwrap();
        store.commit(&(0..5000).map(|key| set(Table::Inputs, key, "entry")).collect::<Vec<_>>()).unwrap();
        assert_eq!(store.get(Table::Checkpoint, 0).unwrap(), Some(large));
        assert_eq!(rows(store, Table::Inputs, 0).len(), 5000);
        store.commit(&[]).unwrap();
    }),
];

#[test]
fn memory() {
    for (what, check) in SUITE {
        println!("{what}");
        check(&MemoryStore::default());
    }
    assert!(!MemoryStore::default().is_durable());
}

#[test]
fn embedded() {
    let folder = tempfile::tempdir().unwrap();
    for (number, (what, check)) in SUITE.into_iter().enumerate() {
        println!("{what}");
        check(&EmbeddedStore::open(folder.path().join(number.to_string())).unwrap());
    }
    assert!(EmbeddedStore::open(folder.path().join("d")).unwrap().is_durable());
}

#[test]
fn faulty_passing_through() {
    for (what, check) in SUITE {
        println!("{what}");
        check(&FaultyStore::new(MemoryStore::default(), u32::MAX, false));
    }
}

#[test]
fn faulty_failing() {
    for silently in [false, true] {
        let store = FaultyStore::new(MemoryStore::default(), 1, silently);
        store.commit(&[set(Table::Meta, 0, "kept")]).unwrap();
        let failed = store.commit(&[set(Table::Meta, 1, "perhaps")]);
        assert_eq!(failed.unwrap_err().kind(), ErrorKind::Storage);
        assert!(store.commit(&[set(Table::Meta, 2, "never")]).is_err());
        let kept = if silently { vec![0, 1] } else { vec![0] };
        assert_eq!(rows(&store, Table::Meta, 0).into_iter().map(|(key, _)| key).collect::<Vec<_>>(), kept);
        store.fail_reads_after(1);
        assert!(store.get(Table::Meta, 0).is_ok());
        assert!(store.get(Table::Meta, 0).is_err());
        assert_eq!(rows(&store.into_inner(), Table::Meta, 0).len(), kept.len());
    }
}

#[test]
fn embedded_keeps_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept");
    for round in 0..3u64 {
        let store = EmbeddedStore::open(&path).unwrap();
        assert_eq!(rows(&store, Table::Inputs, 0).len() as u64, round);
        store.commit(&[set(Table::Inputs, round, "x")]).unwrap();
    }
}

fn record(id: &str) -> Record {
    Record::new("crm", id, Timestamp::from_micros(0).expect("within range"))
}

/// The kind and the text of the error that opening gives.
fn refused(path: &Path) -> (ErrorKind, String) {
    let error = Engine::open(path).expect_err("it cannot be opened");
    (error.kind(), error.to_string())
}

#[test]
fn a_newer_layout_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer");
    drop(Engine::open(&path).unwrap());
    // The layout's version is the first of the settings.
    EmbeddedStore::open(&path).unwrap().commit(&[Write::set(Table::Meta, 0, vec![9])]).unwrap();
    let (kind, text) = refused(&path);
    assert_eq!(kind, ErrorKind::NewerFormat);
    assert!(text.contains("layout 9") && text.contains("up to 2"), "{text}");
}

#[test]
fn a_newer_input_is_refused() {
    let store = MemoryStore::default();
    // When it arrived, the mark of a group's end, and a content of a newer form.
    store.commit(&[Write::set(Table::Inputs, 0, [&[0; 8][..], &[1], &[9, 1, 2]].concat())]).unwrap();
    let error = Engine::with_store(store, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NewerFormat);
    assert!(error.to_string().contains("stored form 9"), "{error}");
}

#[test]
fn a_damaged_log_is_refused() {
    for entry in [vec![], vec![0; 8], [&[0; 8][..], &[1], &[1, 1, 200]].concat()] {
        let store = MemoryStore::default();
        store.commit(&[Write::set(Table::Inputs, 0, entry)]).unwrap();
        assert_eq!(Engine::with_store(store, None).unwrap_err().kind(), ErrorKind::Corrupt);
    }
    let store = MemoryStore::default();
    store.commit(&[Write::set(Table::Inputs, 3, vec![0; 20])]).unwrap();
    let error = Engine::with_store(store, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("input 0 is missing"), "{error}");
}

#[test]
fn damaged_settings_are_refused() {
    for (key, value) in [(0, vec![]), (0, vec![0]), (1, vec![0xff]), (1, b"prior_bits = 'x'".to_vec())] {
        let store = MemoryStore::default();
        store.commit(&[Write::set(Table::Meta, key, value.clone())]).unwrap();
        let error = Engine::with_store(store, None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "setting {key} {value:?}: {error}");
    }
}

/// Asks what an engine holds; errors are fine.
fn use_it(engine: Engine) {
    let _ = engine.stats();
    let _ = engine.export_records(|_| Ok(()));
    let _ = engine.export_interactions(|_| Ok(()));
    let phone = stitchline::Identifier::phone("+442079460123").expect("a number");
    if let Some(id) = engine.resolve(&phone).ok().and_then(|found| found.customer()) {
        let _ = engine.profile(id).map(drop);
        let _ = engine.timeline(id).page(10).map(drop);
    }
    let _ = engine.ingest(record("r3").identified_by(phone));
}

/// Whatever bytes of a checkpoint are damaged, opening gives an error or a state that can be read: never a panic.
#[test]
fn opening_a_damaged_checkpoint_does_not_panic() {
    damage_a_checkpoint(drop);
}

#[test]
fn a_file_with_a_damaged_byte_is_opened_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole");
    let engine = Engine::open(&path).unwrap();
    engine.ingest_all((0..300).map(|id| record(&id.to_string()).into()).collect()).unwrap();
    drop(engine);
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    for turn in 0..150 {
        let mut bytes = whole.clone();
        // Every other one in the first pages, where what describes the file stands.
        let within = if turn % 2 == 0 { bytes.len() } else { 16_384 };
        bytes[turn * 7919 * 31 % within] ^= 0xFF;
        let damaged = folder.path().join(format!("damaged-{turn}"));
        fs::write(&damaged, bytes).unwrap();
        let opened = std::panic::catch_unwind(|| Engine::open(&damaged).map(use_it));
        refused += usize::from(opened.expect("a damaged byte makes nothing panic").is_err());
        fs::remove_file(&damaged).unwrap();
    }
    assert!(refused > 0);
}

#[test]
fn using_a_damaged_checkpoint_does_not_panic() {
    damage_a_checkpoint(use_it);
}

fn damage_a_checkpoint(then: fn(Engine)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let engine = Engine::open(&path).unwrap();
    for id in ["r1", "r2"] {
        let phone = stitchline::Identifier::phone("+442079460123").unwrap();
        engine.ingest(record(id).identified_by(phone)).unwrap();
    }
    drop(engine);
    let store = EmbeddedStore::open(&path).unwrap();
    let whole = Table::ALL.map(|table| (table, rows(&store, table, 0)));
    let parts = whole.iter().find(|(table, _)| *table == Table::Checkpoint).unwrap().1.clone();
    let meta = &whole.iter().find(|(table, _)| *table == Table::Meta).unwrap().1;
    let header = meta.iter().find(|(key, _)| *key == 2).unwrap().clone();
    assert!(parts.len() > 4);
    let damaged = parts.iter().map(|part| (Table::Checkpoint, part)).chain([(Table::Meta, &header)]);
    for (table, (key, bytes)) in damaged {
        for at in 0..bytes.len().min(400) {
            for change in [0x01, 0x80, 0xff] {
                let copy = MemoryStore::default();
                for (table, rows) in &whole {
                    let writes = rows.iter().map(|(key, value)| Write::set(*table, *key, value.clone()));
                    copy.commit(&writes.collect::<Vec<_>>()).unwrap();
                }
                let mut bytes = bytes.clone();
                bytes[at] ^= change;
                copy.commit(&[Write::set(table, *key, bytes)]).unwrap();
                let opened = std::panic::catch_unwind(|| Engine::with_store(copy, None).map(then));
                match opened {
                    Ok(Ok(()) | Err(_)) => {}
                    Err(_) => panic!("{table:?} {key}, byte {at} changed by {change:#x}"),
                }
            }
        }
        let copy = MemoryStore::default();
        for (table, rows) in &whole {
            let writes = rows.iter().map(|(key, value)| Write::set(*table, *key, value.clone()));
            copy.commit(&writes.collect::<Vec<_>>()).unwrap();
        }
        copy.commit(&[Write::set(table, *key, bytes[..bytes.len() / 2].to_vec())]).unwrap();
        drop(Engine::with_store(copy, None));
    }
}

#[test]
fn files_that_are_something_else_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    let engine = Engine::open(&whole).unwrap();
    (0..50).for_each(|id| _ = engine.ingest(record(&format!("r{id}"))).unwrap());
    drop(engine);
    let bytes = fs::read(&whole).unwrap();
    let mut garbage = bytes.clone();
    garbage.iter_mut().enumerate().for_each(|(at, byte)| *byte = (at * 31 % 251) as u8);
    let files: [(&str, Vec<u8>); 6] = [
        ("text", b"source,id\ncrm,1\n".repeat(1000)),
        ("garbage", garbage),
        ("one byte", vec![0x72]),
        ("half", bytes[..bytes.len() / 2].to_vec()),
        ("header only", bytes[..4096].to_vec()),
        ("zeros", vec![0; 1 << 16]),
    ];
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::write(&path, &content).unwrap();
        let opened = std::panic::catch_unwind(|| Engine::open(&path).map(drop));
        match opened {
            Ok(Err(error)) => {
                assert_eq!(error.kind(), ErrorKind::Corrupt, "{name}: {error}");
                assert!(error.to_string().contains("stitchline database"), "{name}: {error}");
            }
            Ok(Ok(())) => panic!("{name}: was opened"),
            Err(_) => panic!("{name}: opening panics"),
        }
        assert_eq!(fs::read(&path).unwrap(), content, "{name}: was written to");
    }
    let (kind, _) = refused(folder.path());
    assert!(matches!(kind, ErrorKind::Storage | ErrorKind::Corrupt), "a folder: {kind:?}");
    let (kind, _) = refused(&folder.path().join("no such folder/file"));
    assert_eq!(kind, ErrorKind::Storage);
}

#[test]
fn an_open_file_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("locked");
    let engine = Engine::open(&path).unwrap();
    let (kind, text) = refused(&path);
    assert_eq!(kind, ErrorKind::Locked);
    assert!(text.contains("close"), "{text}");
    let copy = engine.clone();
    drop(engine);
    assert_eq!(refused(&path).0, ErrorKind::Locked);
    drop(copy);
    Engine::open(&path).unwrap();
}

#[test]
fn the_policy_stays_with_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy");
    let mut policy = Policy { link_bits: 6.5, ..Policy::default() };
    policy.namespaces.values_mut().for_each(|own| own.exclusive = None);
    drop(Engine::open_with(&path, policy.clone()).unwrap());
    assert_eq!(*Engine::open(&path).unwrap().policy(), policy);
    assert_eq!(*Engine::open_with(&path, Policy::default()).unwrap().policy(), Policy::default());
    assert_eq!(*Engine::open(&path).unwrap().policy(), Policy::default());
}

#[test]
fn what_cannot_be_read_again_is_refused() {
    use stitchline::Value;
    let engine = Engine::in_memory(Policy::default()).unwrap();
    let nested = |depth| (0..depth).fold(Value::Null, |value, _| Value::List(vec![value]));
    engine.ingest(record("r1").attribute("deep", nested(63))).unwrap();
    let refused = engine.ingest(record("r2").attribute("deep", nested(64))).unwrap_err();
    assert_eq!((refused.kind(), refused.field()), (ErrorKind::InvalidInput, Some("deep")));
}
