//! A process that writes is killed at random moments: what it acknowledged is there, and nothing is half-applied.
//!
//! `STITCHLINE_KILLS=5000 cargo test --test kill` kills more often than the default of 200 times.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, SystemTime},
};
use stitchline::{
    Assertion, Engine, Identifier, Input, Interaction, Policy, Record, RecordKey, Timestamp, Verdict,
    engine::Change,
};

const CHILD: &str = "STITCHLINE_KILL_CHILD";
/// A new file is begun after so many kills.
const KILLS_A_FILE: usize = 40;

/// A small generator: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(1_767_268_800_000_000 + seconds as i64 * 1_000_000).expect("within range")
}

/// What arrives in a step: always the same for the same number. The first input tells the step's number.
fn batch(step: u64) -> Vec<Input> {
    let mut random = Random(step);
    // Identifiers and keys recur among neighbours, so that customers merge, split and go, but stay small.
    let near = step / 24 * 100;
    let phone = |n: u64| Identifier::phone(&format!("+4420{:08}", 79_000_000 + near + n)).expect("a number");
    let login = |n: u64| Identifier::login(&format!("user{}", near + n)).expect("an id");
    let key = |n: u64| RecordKey::new("crm", format!("r{}", near + n));
    let mut inputs: Vec<Input> = vec![
        Interaction::new("steps", step.to_string(), at(step)).identified_by(phone(random.below(6))).into(),
    ];
    for _ in 0..random.below(5) {
        let (a, b) = (random.below(6), random.below(6));
        let time = at(step + random.below(30));
        inputs.push(match random.below(8) {
            0..3 => {
                let record = Record::new("crm", key(a).id, time).identified_by(phone(b));
                if random.below(2) == 0 { record.identified_by(login(b)).into() } else { record.into() }
            }
            3..5 => {
                let call = Interaction::new("calls", format!("c{}", near + a), time);
                call.identified_by(phone(b)).identified_by(Identifier::record(&key(a))).into()
            }
            5 => Input::DeleteRecord { key: key(a), at: time },
            6 => Input::DeleteInteraction {
                key: stitchline::InteractionKey::new("calls", format!("c{}", near + a)),
                at: time,
            },
            _ => {
                let verdict = [Verdict::Same, Verdict::Different, Verdict::Retracted][b as usize % 3];
                Assertion { a: key(a), b: key(a + 1), verdict, by: "steward".into(), at: time, note: None }
                    .into()
            }
        });
    }
    inputs
}

fn ingest(engine: &Engine, step: u64) {
    let outcomes = engine.ingest_all_at(batch(step), at(step)).expect("the store can be written");
    outcomes.into_iter().for_each(|one| _ = one.expect("the input can be taken"));
}

/// All records and interactions with their customers.
type Held = (BTreeMap<String, Option<String>>, BTreeMap<String, Vec<String>>);

fn held(engine: &Engine) -> Held {
    let mut held = Held::default();
    let record = |one: stitchline::engine::ExportedRecord| {
        held.0.insert(one.key.to_string(), one.customer.map(|id| id.to_string()));
        Ok(())
    };
    engine.export_records(record).expect("the store can be read");
    let interaction = |one: stitchline::engine::ExportedInteraction| {
        held.1.insert(one.key.to_string(), one.customers.iter().map(ToString::to_string).collect());
        Ok(())
    };
    engine.export_interactions(interaction).expect("the store can be read");
    held
}

fn feed(engine: &Engine) -> Vec<Change> {
    engine.changes(0, usize::MAX).expect("the store can be read")
}

/// How many steps are there; all before the last one must be.
fn steps(held: &Held) -> u64 {
    let count = held.1.keys().filter(|key| key.starts_with("steps/")).count() as u64;
    (0..count)
        .for_each(|step| assert!(held.1.contains_key(&format!("steps/{step}")), "step {step} is missing"));
    count
}

/// Not a test by itself: what the killed process does.
#[test]
fn child() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let engine = Engine::open(path).unwrap();
    let mut out = std::io::stdout();
    for step in steps(&held(&engine)).. {
        ingest(&engine, step);
        writeln!(out, "took {step}").and_then(|()| out.flush()).unwrap();
        if step % 13 == 5 {
            // It is saved while the next steps are taken.
            let engine = engine.clone();
            thread::spawn(move || engine.checkpoint().unwrap());
        }
    }
}

/// Runs the child on a file and kills it after some acknowledgements and a moment; gives the last step it took.
fn run_and_kill(path: &Path, random: &mut Random) -> Option<u64> {
    let mut child = Command::new(std::env::current_exe().expect("this test has a file"))
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("this test can be started again");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    // One in eight is killed while it opens the file.
    let wanted = if random.below(8) == 0 { 0 } else { 1 + random.below(9) };
    let mut last = None;
    let mut take = |line: String| {
        let step = line.rsplit_once("took ").and_then(|(_, step)| step.parse::<u64>().ok());
        last = step.or(last);
        step.is_some()
    };
    let mut seen = 0;
    while seen < wanted {
        let line = lines.next().expect("the child goes on until it is killed").expect("text");
        seen += u64::from(take(line));
    }
    thread::sleep(Duration::from_micros(random.below(if wanted == 0 { 20_000 } else { 4_000 })));
    child.kill().expect("it is running");
    child.wait().expect("it has ended");
    // What was acknowledged before the end of the pipe; a last line may be torn.
    lines.map_while(Result::ok).for_each(|line| _ = take(line));
    last
}

#[test]
fn killed_at_any_moment_nothing_is_lost_or_half_applied() {
    if std::env::var(CHILD).is_ok() {
        return;
    }
    let kills = std::env::var("STITCHLINE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    let seed = std::env::var("STITCHLINE_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or(now.as_nanos() as u64);
    println!("STITCHLINE_SEED={seed}");
    let mut random = Random(seed);
    let folder = tempfile::tempdir().unwrap();
    let (mut done, mut acknowledged, mut unacknowledged) = (0, 0, 0);
    while done < kills {
        let path = folder.path().join(format!("{done}.stitchline"));
        let expected = Engine::in_memory(Policy::default()).unwrap();
        let mut known = 0;
        for _ in 0..KILLS_A_FILE.min(kills - done) {
            done += 1;
            let last = run_and_kill(&path, &mut random);
            if !path.exists() {
                continue;
            }
            // Half of the time the file itself is closed well here; otherwise the next process finds what the kill left.
            let copy = path.with_extension("copy");
            let read = if random.below(2) == 0 {
                &path
            } else {
                fs::copy(&path, &copy).unwrap();
                &copy
            };
            let engine = Engine::open(read).unwrap();
            let found = held(&engine);
            let there = steps(&found);
            let least = last.map_or(known, |last| last + 1);
            assert!(there >= least, "kill {done}: {least} steps were acknowledged, {there} are there");
            acknowledged += least - known;
            unacknowledged += there - least;
            (known..there).for_each(|step| ingest(&expected, step));
            known = there;
            assert!(found == held(&expected), "kill {done}: not what the first {there} steps make");
            assert!(feed(&engine) == feed(&expected), "kill {done}: the feed is not that of {there} steps");
        }
        assert!(known > 0);
    }
    println!(
        "{done} kills, {acknowledged} steps acknowledged, {unacknowledged} kept without acknowledgement"
    );
}
