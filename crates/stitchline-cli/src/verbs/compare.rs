//! `compare`: several strategies on one data set, one table.

use crate::{
    failure::{Done, Failure, Status},
    files,
    meter::{Measured, Meter},
    output::Out,
    text::{self, Table},
};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use stitchline::{
    link::{Clustering, Dedupe, Spec},
    model::Model,
    splink,
    strategy::{Outcome, Standing, measure},
    table::{RawTable, ReadOptions, TableReader},
};

/// Compare strategies on one data set: accuracy, candidate pairs, time and memory
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
STRATEGIES is TOML. Paths in it are relative to it. Each strategy runs in a process of its own, so that its memory and \
time are its own; none of them sees the column of the truth.

  data = [\"people.csv\"]
  truth = \"true_id\"             # column of the true customer
  id = \"unique_id\"              # column of ids, if not recognised
  ignore = [\"note\"]             # columns that are not looked at
  threads = 1

  [[strategy]]
  name = \"no configuration\"

  [[strategy]]
  name = \"our spec, components\"
  spec = \"people.toml\"          # from `stitchline dedupe --save-spec`
  model = \"people.json\"         # from `--save-model`; else one is trained
  clustering = \"components\"     # contraction, components, centres or best_links
  threshold = 0.95              # a probability; else chosen without the truth

  [[strategy]]
  name = \"the model of Splink\"
  splink = \"splink.json\"

Example:
  stitchline compare strategies.toml")]
pub(crate) struct Args {
    /// The strategies and the data (TOML)
    strategies: PathBuf,
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
    id: Option<String>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    ignore: Vec<String>,
    #[serde(default = "one")]
    threads: usize,
    strategy: Vec<Strategy>,
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
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
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
            let reason = said.trim().trim_start_matches("error: ");
            eprintln!("strategy {:?} failed: {}", text::clean(&strategy.name), text::clean(reason));
            status = Status::Failed;
        }
    }
    if out.json() {
        out.document(&runs)?;
    } else {
        print(&runs, out)?;
    }
    Ok(status)
}

fn read_plan(path: &Path) -> Done<Plan> {
    let about = |failure: Failure| failure.about(path.display());
    let text = files::text(path)?;
    let plan: Plan = toml::from_str(&text).map_err(|error| {
        about(Failure::new(error.to_string())).next("stitchline compare --help shows the form")
    })?;
    if plan.data.is_empty() || plan.strategy.is_empty() {
        return Err(about(Failure::new("it needs a file in `data` and a [[strategy]]")));
    }
    Ok(plan)
}

fn one_run(plan: &Plan, strategy: &Strategy, folder: &Path) -> Done<Run> {
    let truth = labels(plan, folder)?;
    let meter = Meter::start();
    meter.phase("read");
    let mut ignore = plan.ignore.clone();
    ignore.push(plan.truth.clone());
    let rows = read(plan, folder, ignore)?;
    if rows.len() != truth.len() {
        return Err(Failure::new("rows were read differently without the column of the truth")
            .next("Name the column of ids with `id`."));
    }
    let load = |path: &PathBuf| files::text(&folder.join(path));
    let mut spec =
        strategy.spec.as_ref().map(load).transpose()?.map(|text| Spec::from_toml(&text)).transpose()?;
    let mut model =
        strategy.model.as_ref().map(load).transpose()?.map(|text| Model::from_json(&text)).transpose()?;
    let mut customs = Vec::new();
    if let Some(path) = &strategy.splink {
        let imported =
            splink::import(&load(path)?).map_err(|error| Failure::from(error).about(path.display()))?;
        customs = splink::custom_tests(&imported.model)?;
        model = Some(imported.model);
        spec.get_or_insert(imported.spec);
    }
    if strategy.clustering.is_some() || strategy.threshold.is_some() {
        let own = spec.as_mut().ok_or_else(|| {
            Failure::new("`clustering` and `threshold` go with a `spec` or a `splink` model")
                .next("Save one with: stitchline dedupe FILE --save-spec people.toml")
        })?;
        own.clustering = strategy.clustering.unwrap_or(own.clustering);
        own.threshold = strategy.threshold.or(own.threshold);
    }
    let clock = meter.clone();
    let (mut peak, mut phases) = (None, Vec::new());
    let standing = measure(&strategy.name, rows, &truth, |rows| {
        let mut dedupe = Dedupe::of(rows).threads(plan.threads).on_phase(move |phase| clock.phase(phase));
        for (name, test) in customs {
            let test = move |table: &stitchline::table::Table, a: u32, b: u32| test.holds(table, a, b);
            dedupe = dedupe.custom(name, test);
        }
        if let Some(model) = model {
            dedupe = dedupe.model(model);
        }
        if let Some(spec) = spec {
            dedupe = dedupe.spec(spec);
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
    Ok(Run { standing, phases, pairs_a_second, peak_memory_bytes: peak })
}

fn read(plan: &Plan, folder: &Path, ignore: Vec<String>) -> Done<RawTable> {
    let options =
        ReadOptions { id: plan.id.clone(), source: plan.source.clone(), ignore, ..ReadOptions::default() };
    let mut reader = TableReader::new(options);
    for path in &plan.data {
        let path = folder.join(path);
        reader.read(files::open(&path)?, &path.display().to_string())?;
    }
    Ok(reader.finish()?.0)
}

/// True labels in the order of rows.
fn labels(plan: &Plan, folder: &Path) -> Done<Vec<u32>> {
    let table = read(plan, folder, Vec::new())?;
    let place = table.find(&plan.truth).ok_or_else(|| {
        Failure::new(format!("the data has no column {:?} for the truth", plan.truth))
            .next("Name it with `truth`.")
    })?;
    let column = &table.columns()[place];
    // Rows without a true customer are customers of their own.
    Ok((0u32..)
        .zip(&column.cells)
        .map(|(row, &cell)| if cell == 0 { u32::MAX - row } else { cell })
        .collect())
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
