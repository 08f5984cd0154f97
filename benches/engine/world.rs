//! Inputs for the benches, made by the generator, and the clock.

use cpu_time::ThreadTime;
use std::{sync::LazyLock, time::Duration};
use stitchline::{Channel, Identifier, Input, Interaction, Namespace, Timestamp};
use stitchline_generate::{ContactEvent, ContactSource, IdKind};

/// `n` contacts as parsed interactions.
pub(crate) fn interactions(seed: u64, n: usize) -> Vec<Input> {
    stitchline_generate::events(seed, n).map(interaction).collect()
}

pub(crate) fn interaction(event: ContactEvent) -> Input {
    let channel = match event.source {
        ContactSource::Voice => Channel::Voice,
        ContactSource::Mail => Channel::Email,
        ContactSource::Chat => Channel::Chat,
        ContactSource::App => Channel::App,
        _ => Channel::Web,
    };
    let start = Timestamp::from_micros(event.time.0 * 1_000_000).unwrap();
    let mut interaction = Interaction::new(event.source.name(), event.id, start).channel(channel);
    for (kind, value) in event.identifiers {
        // Some values are junk, as in life.
        if let Ok(identifier) = identifier(kind, &value) {
            interaction = interaction.identified_by(identifier);
        }
    }
    interaction.into()
}

fn identifier(kind: IdKind, value: &str) -> stitchline::Result<Identifier> {
    match kind {
        IdKind::Cookie => Identifier::cookie(value),
        IdKind::Device => Identifier::device(value),
        IdKind::UserId => Identifier::login(value),
        IdKind::Email => Identifier::email(value),
        IdKind::Phone => Identifier::phone(value),
        _ => Identifier::opaque(Namespace::CRM, value),
    }
}

/// A size as it is for a million events. `STITCHLINE_BENCH_EVENTS` scales all sizes alike, so that a run on few of
/// them shows that the benches work.
pub(crate) fn scaled(size: usize) -> usize {
    static EVENTS: LazyLock<usize> = LazyLock::new(|| {
        let given = std::env::var("STITCHLINE_BENCH_EVENTS").ok();
        given.map_or(1_000_000, |events| events.parse().expect("STITCHLINE_BENCH_EVENTS is a number"))
    });
    (size as u64 * *EVENTS as u64 / 1_000_000).max(100) as usize
}

/// Runs and gives the CPU time of this thread.
pub(crate) fn cpu<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = ThreadTime::now();
    let result = run();
    (result, start.elapsed())
}

pub(crate) fn per_second(count: usize, time: Duration) -> String {
    format!(
        "{:.0} a second ({:.2} µs each)",
        count as f64 / time.as_secs_f64(),
        time.as_secs_f64() * 1e6 / count as f64
    )
}

/// The value below which that share of all values lies.
pub(crate) fn quantile(sorted: &[Duration], share: f64) -> Duration {
    sorted[((sorted.len() - 1) as f64 * share) as usize]
}

pub(crate) fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("", |(_, m)| m);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("machine: {model}, {cores} cores; stitchline {}", env!("CARGO_PKG_VERSION"))
}

/// Resident memory of this process, in bytes.
pub(crate) fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").trim().parse::<usize>().unwrap_or(0) * 1024
}
