//! Dated records: the lines of a run under what they were measured on.

use std::fmt::Write as _;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

pub const HEADER: &str = "metric,form,set,implementation,ns_per_pair";

/// Writes `FOLDER/DATE-NAME.csv`, its first lines saying when, on what and with which versions.
pub fn write(folder: &str, name: &str, lines: &[String]) -> Result<(), String> {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = cpuinfo.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(": ")).map_or("unknown", |(_, value)| value)
    };
    let wanted = |flag: &&str| flag.starts_with("avx") || flag.starts_with("bmi");
    let flags: Vec<_> = field("flags").split(' ').filter(wanted).collect();
    let lock = include_str!("../Cargo.lock");
    let versions: Vec<_> = ["strsim", "rapidfuzz", "eddie", "triple_accel", "textdistance", "jaro_winkler"]
        .iter()
        .filter_map(|name| {
            let rest = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?.1;
            Some(format!("{name} {}", rest.split_once('"')?.0))
        })
        .collect();
    let date = date();
    let mut text = format!("# {date}; medians of processor time of one thread\n");
    let _ = writeln!(text, "# {}; {}", field("model name"), flags.join(" "));
    let _ = writeln!(text, "# stitchline {}; {}", env!("CARGO_PKG_VERSION"), versions.join(", "));
    let _ = writeln!(text, "{HEADER}");
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    fs::create_dir_all(folder).map_err(|error| format!("{folder}: {error}"))?;
    let file = format!("{folder}/{date}-{name}.csv");
    fs::write(&file, text).map_err(|error| format!("{file}: {error}"))
}

/// Today, by the Gregorian calendar, UTC.
fn date() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut days = since.as_secs() / 86_400;
    let leap = |year: u64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (mut year, mut month) = (1970, 0);
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let months = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    while days >= months[month] {
        days -= months[month];
        month += 1;
    }
    format!("{year}-{:02}-{:02}", month + 1, days + 1)
}
