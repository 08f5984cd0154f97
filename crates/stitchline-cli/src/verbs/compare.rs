//! `compare`: several strategies on one data set, one table.

use super::dedupe::save;
use crate::{
    failure::{Done, Failure, Status},
    files,
    meter::{Measured, Meter},
    models::{self, Loaded},
    output::Out,
    tables,
    text::{self, Table},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use stitchline::{
    evaluate::Measures,
    link::{Clustering, Dedupe},
    report::{Phase, Report},
    settings::from_toml,
    strategy::{Outcome, Standing, measure},
    table::{RawColumn, RawTable, ReadOptions},
};

/// Compare strategies on one data set: accuracy, candidate pairs, time and memory
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
STRATEGIES is TOML. Paths in it are relative to it. Each strategy runs in a process of its own, so that its memory and \
time are its own; none of them sees the column of the truth.

  data = [\"people.csv\"]
  truth = \"true_id\"             # column of the true customer
  id = \"unique_id\"              # column of ids, if not recognised; a list where files have different ones
  ignore = [\"note\"]             # columns that are not looked at
  threads = 1

  [[strategy]]
  name = \"no configuration\"

  [[strategy]]
  name = \"our spec, components\"
  spec = \"people.toml\"          # from `stitchline dedupe --save-spec`
  model = \"people.json\"         # from `--save-model`; else one is trained
  clustering = \"components\"     # contraction, components, centres; of two sources and more best_links
  threshold = 0.95              # a probability; else chosen without the truth

  [[strategy]]
  name = \"the model of Splink\"
  splink = \"splink.json\"

  [[strategy]]
  name = \"clusters made elsewhere\"
  clusters = \"theirs.csv\"
  columns = [\"unique_id\", \"cluster_id\"]  # else id and customer_id; a column source is read as well

A row that such a file leaves out, or gives no cluster, is a cluster of its own.

Example:
  stitchline compare strategies.toml --report strategies.html

Strategies of your own in Rust are measured alike: see examples/own_strategy.rs.")]
pub(crate) struct Args {
    /// The strategies and the data (TOML)
    strategies: PathBuf,
    /// Where the same as one page of HTML goes
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Run one strategy, by its place from 0, and print it as JSON
    #[arg(long, hide = true, value_name = "PLACE")]
    only: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    data: Vec<PathBuf>,
    truth: String,
    #[serde(default)]
    id: Ids,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    ignore: Vec<String>,
    #[serde(default = "one")]
    threads: usize,
    strategy: Vec<Strategy>,
}

/// One column of ids or several, of which each file has one.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a name or a list of names is expected")]
enum Ids {
    One(String),
    Several(Vec<String>),
}

impl Default for Ids {
    fn default() -> Self {
        Ids::Several(Vec::new())
    }
}

fn one() -> usize {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strategy {
    name: String,
    #[serde(default)]
    spec: Option<PathBuf>,
    #[serde(default)]
    model: Option<PathBuf>,
    #[serde(default)]
    splink: Option<PathBuf>,
    #[serde(default)]
    clusters: Option<PathBuf>,
    #[serde(default)]
    columns: Option<(String, String)>,
    #[serde(default)]
    clustering: Option<Clustering>,
    #[serde(default)]
    threshold: Option<f64>,
}

/// What a strategy came to.
#[derive(Serialize)]
struct Run {
    #[serde(flatten)]
    standing: Standing,
    phases: Vec<Measured>,
    /// Candidate pairs for each CPU second of blocking and scoring.
    pairs_a_second: Option<f64>,
    peak_memory_bytes: Option<u64>,
    /// Of clusters made elsewhere, how many rows of the data they leave out or give no cluster.
    unclustered: Option<u64>,
    /// How many rows of the data were left out, and lines that tell of the first.
    rejected: u64,
    left_out: Vec<String>,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    args.report.as_deref().map_or(Ok(()), files::can_be_page)?;
    files::is_no_standard("--report", args.report.as_deref())?;
    let plan = read_plan(&args.strategies)?;
    let folder = args.strategies.parent().unwrap_or(Path::new(""));
    if let Some(place) = args.only {
        let strategy =
            plan.strategy.get(place).ok_or_else(|| Failure::usage("there is no strategy at that place"))?;
        out.json_line(&one_run(&plan, strategy, folder)?)?;
        return Ok(Status::Good);
    }
    let program = std::env::current_exe()?;
    let mut runs = Vec::new();
    let mut reasons: Vec<(String, &str)> = Vec::new();
    let mut status = Status::Good;
    for (place, strategy) in plan.strategy.iter().enumerate() {
        let child = Command::new(&program)
            .arg("compare")
            .arg(&args.strategies)
            .args(["--only", &place.to_string(), "--json"])
            .stdin(Stdio::null())
            .output()?;
        if child.status.success() {
            runs.push(serde_json::from_slice::<serde_json::Value>(&child.stdout)?);
        } else {
            // The others are still worth their time; what failed is told and shown in the exit code.
            let said = String::from_utf8_lossy(&child.stderr);
            let lines = said.trim().trim_start_matches("error: ").lines();
            let reason =
                text::clean(&lines.map(|line| line.trim_end_matches('.')).collect::<Vec<_>>().join(". "));
            let name = text::clean(&strategy.name);
            match reasons.iter().find(|(told, _)| *told == reason) {
                Some((_, other)) => eprintln!("strategy {name:?} failed as {:?} did", text::clean(other)),
                None => {
                    eprintln!("strategy {name:?} failed: {reason}");
                    reasons.push((reason, &strategy.name));
                }
            }
            status = Status::Failed;
        }
    }
    if let Some(path) = &args.report {
        let names: Vec<String> = plan.data.iter().map(|path| path.display().to_string()).collect();
        save(path, &page(&names.join(", "), &runs).to_html())?;
    }
    if out.json() {
        out.document(&runs)?;
    } else {
        // The data is that of all.
        let left_out = runs.iter().find_map(|run| run["left_out"].as_array()).into_iter().flatten();
        left_out.filter_map(serde_json::Value::as_str).try_for_each(|line| out.line(line))?;
        print(&runs, out)?;
    }
    let rejected = runs.iter().find_map(|run| run["rejected"].as_u64()).unwrap_or(0);
    Ok(if status == Status::Good { Status::of_rejected(rejected) } else { status })
}

fn read_plan(path: &Path) -> Done<Plan> {
    let about = |failure: Failure| failure.about(path.display());
    let text = files::text(path)?;
    let plan: Plan = from_toml(&text)
        .map_err(|error| about(error.into()).next("stitchline compare --help shows the form"))?;
    if plan.data.is_empty() || plan.strategy.is_empty() {
        return Err(about(Failure::new("it needs a file in `data` and a [[strategy]]")));
    }
    let names = plan.strategy.iter().map(|strategy| &strategy.name).enumerate();
    for (at, name) in names {
        if plan.strategy[..at].iter().any(|other| other.name == *name) {
            return Err(about(Failure::new(format!(
                "two strategies are named {:?}; rename one",
                text::clean(name)
            ))));
        }
    }
    if plan.threads == 0 {
        return Err(about(Failure::new("threads: is a number from 1 on")));
    }
    Ok(plan)
}

fn one_run(plan: &Plan, strategy: &Strategy, folder: &Path) -> Done<Run> {
    let meter = Meter::start();
    meter.phase("read");
    let files: Vec<PathBuf> = plan.data.iter().map(|path| folder.join(path)).collect();
    let id = match &plan.id {
        Ids::One(name) => vec![name.clone()],
        Ids::Several(names) => names.clone(),
    };
    let source = plan.source.clone();
    let options = ReadOptions { id, source, ignore: plan.ignore.clone(), ..ReadOptions::default() };
    let mut rows = tables::read(&files, options, Some(&meter))?;
    rows.enough()?;
    let (rejected, left_out) = (rows.rejected, rows.left_out());
    let truth = rows.take_truth(&plan.truth)?;
    let path = strategy.splink.as_ref().or(strategy.model.as_ref()).map(|path| folder.join(path));
    let model = path.as_deref().map(Loaded::read).transpose()?;
    let given = strategy.spec.as_ref().map(|path| models::spec(&folder.join(path))).transpose()?;
    let spec = given.or_else(|| model.as_ref()?.spec.clone());
    let theirs = strategy.clusters.as_ref();
    let theirs = theirs.map(|path| elsewhere(&folder.join(path), strategy, &rows.table)).transpose()?;
    let unclustered = theirs
        .as_ref()
        .map(|labels| labels.iter().enumerate().filter(|&(row, &label)| label == alone(row)).count() as u64);
    let clock = meter.clone();
    let (mut peak, mut phases) = (None, Vec::new());
    let standing = measure(&strategy.name, rows.table, &truth, |rows| {
        if let Some(theirs) = theirs {
            return Ok(Outcome::new(theirs));
        }
        let mut dedupe = Dedupe::of(rows).threads(plan.threads).on_phase(move |phase| clock.phase(phase));
        if let Some(model) = model {
            dedupe = model.score(dedupe);
        }
        if let Some(spec) = spec {
            dedupe = dedupe.spec(spec);
        }
        if let Some(clustering) = strategy.clustering {
            dedupe = dedupe.clustering(clustering);
        }
        if let Some(probability) = strategy.threshold {
            dedupe = dedupe.threshold(probability);
        }
        let linked = dedupe.run()?;
        phases = meter.stop();
        peak = crate::meter::peak_memory();
        Ok(Outcome::of(&linked))
    })?;
    let of = |names: &[&str]| -> f64 {
        phases
            .iter()
            .filter(|phase| names.contains(&phase.phase.as_str()))
            .map(|phase| phase.cpu_seconds)
            .sum()
    };
    let spent = of(&["block", "score"]);
    let pairs_a_second = standing.candidates.filter(|_| spent > 0.0).map(|pairs| pairs as f64 / spent);
    Ok(Run { standing, phases, pairs_a_second, peak_memory_bytes: peak, unclustered, rejected, left_out })
}

/// The label of a row that is a cluster of its own.
fn alone(row: usize) -> u32 {
    u32::MAX - row as u32
}

/// Clusters that somebody else made, by ids: a label for each row. Rows that they leave out, or give no cluster, are clusters
/// of their own.
fn elsewhere(path: &Path, strategy: &Strategy, rows: &RawTable) -> Done<Vec<u32>> {
    let about = |failure: Failure| failure.about(path.display());
    let options = ReadOptions { keys: false, ..ReadOptions::default() };
    let table = tables::read(&[path.to_owned()], options, None)?.all()?;
    let column = |name: &str| tables::column(&table, name, "`columns`").map_err(about);
    let (id, cluster) = match &strategy.columns {
        Some((id, cluster)) => (column(id)?, column(cluster)?),
        None => (column("id")?, column("customer_id")?),
    };
    // Ids are unique within a source.
    let several = (1..rows.len()).any(|row| rows.source(row) != rows.source(0));
    let source = if several { tables::column(&table, "source", "").ok() } else { None };
    let key =
        |source: Option<&str>, id: &str| source.map_or(id.to_owned(), |source| tables::key_of(source, id));
    let text = |column: &'_ RawColumn, row: usize| column.values.text(column.cells[row]).to_owned();
    let theirs = tables::by_key(&table, id, |row| {
        key(source.map(|source| text(source, row)).as_deref(), &text(id, row))
    })?;
    let mut ours: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    for row in 0..rows.len() {
        let own = key(source.map(|_| rows.source(row)), rows.id(row));
        // Which of them is meant, nobody can tell.
        let meant = theirs.contains_key(&own);
        if ours.insert(own, row).is_some() && meant {
            if several && source.is_none() {
                return Err(about(Failure::new("several sources of the data have the same id"))
                    .next("Give the clusters a column `source` as well."));
            }
            return Err(Failure::new(format!(
                "{}: id: several rows of the data have this id",
                rows.place_name(row)
            ))
            .next("Name a column of unique ids with `id`."));
        }
    }
    let unknown = theirs.iter().filter(|(key, _)| !ours.contains_key(*key));
    if let Some(row) = unknown.clone().map(|(_, row)| *row).min() {
        let (place, name) = (table.place_name(row), &id.name);
        let count = text::count(unknown.count() as u64, "row", "rows");
        return Err(Failure::new(text::clean(&format!("{place}: {name}: no row of the data has this id; so it is in {count}")))
            .next("Name the column that holds the ids of the data in `columns`, and that of the data's ids with `id`."));
    }
    let mut labels: Vec<u32> = (0..rows.len()).map(alone).collect();
    for (key, row) in theirs {
        if let Some(label) = ours.get(&key).and_then(|own| labels.get_mut(*own))
            && cluster.cells[row] != 0
        {
            *label = cluster.cells[row];
        }
    }
    Ok(labels)
}

/// The page of all strategies.
fn page(title: &str, runs: &[serde_json::Value]) -> Report {
    let mut report = Report::new(title);
    for run in runs {
        let pairwise = &run["quality"]["pairwise"];
        let measures = pairwise["precision"].as_f64().zip(pairwise["recall"].as_f64());
        let phase = |own: &serde_json::Value| Phase {
            name: own["phase"].as_str().unwrap_or_default().to_owned(),
            cpu_seconds: own["cpu_seconds"].as_f64().unwrap_or(0.0),
            wall_seconds: own["wall_seconds"].as_f64().unwrap_or(0.0),
            peak_bytes: own["peak_memory_bytes"].as_u64().unwrap_or(0),
        };
        let phases = run["phases"].as_array().into_iter().flatten().map(phase);
        report.strategies.push(stitchline::report::Strategy {
            name: run["name"].as_str().unwrap_or_default().to_owned(),
            pairwise: measures.map(|(precision, recall)| Measures::new(precision, recall)),
            b_cubed: run["quality"]["b_cubed"]["f1"].as_f64(),
            candidates: run["candidates"].as_u64(),
            phases: phases.filter(|phase| phase.name != "total").collect(),
            pairs_a_second: run["pairs_a_second"].as_f64(),
            peak_bytes: run["peak_memory_bytes"].as_u64(),
        });
    }
    report
}

fn print(runs: &[serde_json::Value], out: &mut Out) -> Done {
    let mut table = Table::right(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    table.row(
        [
            "",
            "precision",
            "recall",
            "F1",
            "B-cubed",
            "largest",
            "candidates",
            "recall kept",
            "CPU s",
            "M pairs/s",
            "MB",
        ]
        .map(str::to_owned),
    );
    for run in runs {
        let share = |value: &serde_json::Value| {
            value.as_f64().map_or("–".to_owned(), |share| format!("{share:.4}"))
        };
        let pairwise = &run["quality"]["pairwise"];
        let largest = run["quality"]["sizes"]
            .as_object()
            .and_then(|sizes| sizes.keys().filter_map(|k| k.parse().ok()).max());
        let total = phases(run).find(|(name, _)| name == "total").map_or(0.0, |(_, seconds)| seconds);
        table.row([
            run["name"].as_str().unwrap_or_default().to_owned(),
            share(&pairwise["precision"]),
            share(&pairwise["recall"]),
            share(&pairwise["f1"]),
            share(&run["quality"]["b_cubed"]["f1"]),
            text::number(largest.unwrap_or(0)),
            run["candidates"].as_u64().map_or("–".to_owned(), text::number),
            share(&run["pairs"]["recall"]),
            format!("{total:.2}"),
            run["pairs_a_second"].as_f64().map_or("–".to_owned(), |rate| format!("{:.2}", rate / 1e6)),
            run["peak_memory_bytes"]
                .as_u64()
                .map_or("–".to_owned(), |bytes| text::number(bytes / 1_000_000)),
        ]);
    }
    out.table(&table)?;
    out.gap()?;
    out.heading("CPU seconds by phase")?;
    let mut table = Table::right(&[1]);
    for run in runs {
        let each: Vec<String> = phases(run).map(|(name, seconds)| format!("{name} {seconds:.2}")).collect();
        table.row([run["name"].as_str().unwrap_or_default().to_owned(), String::new(), each.join(", ")]);
    }
    out.table(&table)?;
    out.gap()?;
    for run in runs {
        let name = text::clean(run["name"].as_str().unwrap_or_default());
        if let Some(rows) = run["unclustered"].as_u64().filter(|&rows| rows > 0) {
            let (rows, have) = (text::count(rows, "row", "rows"), if rows == 1 { "has" } else { "have" });
            out.line(format!(
                "Of {name}, {rows} {have} no cluster in its file; each counts as one of its own."
            ))?;
        }
    }
    out.line("Precision, recall and F1 are of pairs of rows in one cluster; thresholds were chosen without the truth unless")?;
    out.line("a strategy fixes its own. \"Recall kept\" is the share of true pairs that were candidates and scored -5 bits or more.")
}

fn phases(run: &serde_json::Value) -> impl Iterator<Item = (String, f64)> + '_ {
    run["phases"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|phase| Some((phase["phase"].as_str()?.to_owned(), phase["cpu_seconds"].as_f64()?)))
}
