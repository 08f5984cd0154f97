//! Which files are read: those named, and those of a folder that hold data but not the truth about it. And where
//! results are written: never over what the same command reads.

use crate::failure::{Done, Failure};
use serde::Serialize;
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Cursor, Read, Write},
    mem,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// A file to read.
pub(crate) struct Origin {
    /// What it is called in reports.
    pub(crate) name: String,
    /// Where its bytes are.
    pub(crate) body: Body,
}

pub(crate) enum Body {
    File(PathBuf),
    Stdin,
    Bytes(&'static [u8]),
    /// Opened already, since its bytes come only once.
    Begun(Box<dyn Read + Send>),
}

impl Body {
    /// What is read; of one that has begun, the rest.
    fn open(&mut self) -> Done<Box<dyn Read + Send>> {
        Ok(match self {
            Body::File(path) => Box::new(open(path)?),
            Body::Stdin => Box::new(io::stdin()),
            Body::Bytes(bytes) => Box::new(*bytes),
            Body::Begun(read) => mem::replace(read, Box::new(io::empty())),
        })
    }

    /// Whether each opening gives the same bytes, as it does for files on a disk but not for pipes.
    fn is_lasting(&self) -> bool {
        match self {
            Body::File(path) => path.is_file(),
            Body::Bytes(_) => true,
            Body::Stdin | Body::Begun(_) => false,
        }
    }
}

/// Keeps what is read through it.
struct Kept<'a> {
    read: &'a mut dyn Read,
    seen: &'a mut Vec<u8>,
}

impl Read for Kept<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.read.read(into)?;
        self.seen.extend_from_slice(&into[..read]);
        Ok(read)
    }
}

impl Origin {
    pub(crate) fn open(mut self) -> Done<Box<dyn Read + Send>> {
        self.body.open()
    }

    /// Looks at how it begins. [`open`](Origin::open) gives the whole afterwards, of a pipe as well.
    pub(crate) fn peek<T>(&mut self, look: impl FnOnce(&mut dyn Read) -> T) -> Done<T> {
        let mut read = self.body.open()?;
        if self.body.is_lasting() {
            return Ok(look(&mut read));
        }
        let mut seen = Vec::new();
        let found = look(&mut Kept { read: &mut read, seen: &mut seen });
        self.body = Body::Begun(Box::new(Cursor::new(seen).chain(read)));
        Ok(found)
    }

    /// How many bytes it has, if that is known.
    pub(crate) fn size(&self) -> u64 {
        match &self.body {
            Body::File(path) => fs::metadata(path).map_or(0, |data| data.len()),
            Body::Stdin | Body::Begun(_) => 0,
            Body::Bytes(bytes) => bytes.len() as u64,
        }
    }
}

/// What this command reads data from or has written, which nothing may be written over: each with what it is.
static IN_USE: Mutex<Vec<(PathBuf, &str)>> = Mutex::new(Vec::new());

const READ: &str = "read by this command";

/// Notes that nothing may be written over a file.
pub(crate) fn hold(path: &Path, what: &'static str) {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner).push((path.to_owned(), what));
}

/// What names promise that nothing here writes: packed files, and tables in forms that are no text.
const NOT_WRITTEN: [&str; 20] = [
    "gz", "bz2", "xz", "zst", "lz4", "zip", "7z", "parquet", "arrow", "feather", "orc", "avro", "xlsx",
    "xls", "ods", "sqlite", "duckdb", "dta", "sav", "rds",
];

/// How a file's name ends, in small letters, where the end is one of these.
pub(crate) fn end_among(path: &Path, known: &[&'static str]) -> Option<&'static str> {
    let end = path.extension()?;
    known.iter().copied().find(|known| end.eq_ignore_ascii_case(known))
}

/// A failure where a file's name promises what is not written, rather than a file that is not what it is called.
pub(crate) fn can_be_written(path: &Path) -> Done {
    match end_among(path, &NOT_WRITTEN) {
        Some(end) => Err(Failure::new(format!("{}: no .{end} files are written", path.display())).next(format!(
            "Results are plain text: rows as CSV (.csv) or JSON lines (.jsonl). Leave out .{end}, and convert the file \
             afterwards."
        ))),
        None => Ok(()),
    }
}

/// A failure where the name of a report promises another form than a page of HTML.
pub(crate) fn can_be_page(path: &Path) -> Done {
    can_be_written(path)?;
    match end_among(path, &["csv", "json", "jsonl", "md", "pdf", "png", "txt"]) {
        Some(end) => Err(Failure::new(format!("{}: a report is not written as .{end}", path.display()))
            .next("It is a page of HTML: name it .html.")),
        None => Ok(()),
    }
}

/// A failure where what a flag names would go to standard output, which has what is said about the run.
pub(crate) fn is_no_standard(flag: &str, path: Option<&Path>) -> Done {
    match path.is_some_and(is_standard) {
        true => Err(Failure::usage(format!(
            "{flag} names a file: standard output has what is said about the run"
        ))),
        false => Ok(()),
    }
}

/// Whether standard output is that of one of the results, which flags name.
///
/// # Errors
/// Where two of them have one place.
pub(crate) fn apart<'a>(results: impl IntoIterator<Item = (&'a str, &'a PathBuf)>) -> Done<bool> {
    let results: Vec<_> = results.into_iter().collect();
    for (at, (one, path)) in results.iter().enumerate() {
        if let Some((other, _)) = results[at + 1..].iter().find(|(_, other)| other == path) {
            let place = if is_standard(path) { "standard output" } else { "one file" };
            return Err(Failure::usage(format!("{one} and {other} both name {place}")));
        }
    }
    Ok(results.iter().any(|(_, path)| is_standard(path)))
}

/// Whether a name is that of standard input, or of standard output: `-`.
pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// Where results go: a file, made or emptied, or standard output.
pub(crate) fn create(path: &Path) -> Done<Box<dyn Write>> {
    if is_standard(path) {
        return Ok(Box::new(io::stdout()));
    }
    can_be_written(path)?;
    let taken = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, what)) = taken.iter().find(|(used, _)| same_file(used, path)) {
        return Err(Failure::new(format!("{} is {what}: nothing was written there", path.display()))
            .next("Name another file for the results."));
    }
    drop(taken);
    let file = File::create(path).map_err(|error| Failure::from(error).about(path.display()))?;
    hold(path, "already written by this command");
    Ok(Box::new(file))
}

/// Opens a file of data to be read.
pub(crate) fn open(path: &Path) -> Done<File> {
    if path.is_dir() {
        return Err(folder_given(path)
            .next(format!("Name the files in it, such as {}.", path.join("*.csv").display())));
    }
    hold(path, READ);
    File::open(path).map_err(|error| Failure::from(error).about(path.display()))
}

fn folder_given(path: &Path) -> Failure {
    Failure::new(format!("{} is a folder", path.display()))
}

/// The text of a file.
pub(crate) fn text(path: &Path) -> Done<String> {
    if path.is_dir() {
        return Err(folder_given(path));
    }
    fs::read_to_string(path).map_err(|error| Failure::from(error).about(path.display()))
}

/// A file of a folder that is not read.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Skipped {
    pub(crate) file: String,
    pub(crate) reason: &'static str,
}

/// What will be read, in order.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) files: Vec<Origin>,
    pub(crate) skipped: Vec<Skipped>,
}

impl Plan {
    /// Reads a file too; until then nothing may be written over it.
    fn read(&mut self, path: &Path) {
        hold(path, READ);
        self.files.push(Origin { name: path.display().to_string(), body: Body::File(path.to_owned()) });
    }
}

/// Lists the files named and, in the order of their names, those of the folders named.
pub(crate) fn plan(paths: &[PathBuf], rejects: Option<&Path>) -> Done<Plan> {
    let mut plan = Plan::default();
    for path in paths {
        if is_standard(path) {
            plan.files.push(Origin { name: "-".into(), body: Body::Stdin });
        } else if path.is_dir() {
            folder(path, rejects, &mut plan)?;
        } else if path.exists() {
            plan.read(path);
        } else {
            return Err(Failure::new(format!("there is no file or folder {}", path.display())));
        }
    }
    if plan.files.is_empty() {
        return Err(Failure::new("there is nothing to read in what was named").next(
            "Files of a folder are read where their names end in .csv, .tsv, .txt, .json, .jsonl or .ndjson, also with .gz.",
        ));
    }
    Ok(plan)
}

fn folder(path: &Path, rejects: Option<&Path>, plan: &mut Plan) -> Done {
    let about = |error| Failure::from(error).about(path.display());
    let mut names: Vec<(String, PathBuf)> = Vec::new();
    for entry in fs::read_dir(path).map_err(about)? {
        let entry = entry.map_err(about)?;
        names.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    names.sort();
    let all: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
    let generated = all.iter().any(|name| is_truth(name));
    let mut skip = Vec::new();
    for (name, path) in &names {
        // What this run will write anew, unless it is something else that was named by mistake.
        let is_rejects = rejects.is_some_and(|rejects| same_file(rejects, path) && holds_rejects(path));
        let reason = if path.is_dir() {
            Some("a folder inside the folder; name it to read it")
        } else if !path.is_file() {
            Some("no regular file; name it to read it")
        } else if name.starts_with('.') || is_rejects {
            continue;
        } else if is_truth(name) || generated && matches!(name.as_str(), "customers.csv" | "stats.json") {
            Some("holds the truth about generated data")
        } else if name == "records.csv" && all.contains(&"records_blind.csv") {
            Some("the same records as records_blind.csv, with the truth")
        } else if !is_data(name) {
            Some("the name is not that of a data file")
        } else if name.ends_with(".jsonl") && size(path) > 0 && holds_rejects(path) {
            Some("what an earlier run rejected")
        } else {
            None
        };
        match reason {
            Some(reason) => skip.push(Skipped { file: path.display().to_string(), reason }),
            None => plan.read(path),
        }
    }
    plan.skipped.append(&mut skip);
    Ok(())
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |data| data.len())
}

/// Whether a file is empty or begins with a line that was written for a rejected one.
fn holds_rejects(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let mut first = String::new();
    let read = BufReader::new(file.take(1 << 20)).read_line(&mut first);
    let keys = || match serde_json::from_str(&first) {
        Ok(serde_json::Value::Object(line)) => {
            ["file", "line", "reason"].iter().all(|key| line.contains_key(*key))
        }
        _ => false,
    };
    read.is_ok_and(|read| read == 0 || keys())
}

/// Whether two paths lead to one regular file, by whatever links.
fn same_file(a: &Path, b: &Path) -> bool {
    let (Ok(x), Ok(y)) = (fs::metadata(a), fs::metadata(b)) else { return false };
    if !x.is_file() || !y.is_file() {
        return false;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (x.dev(), x.ino()) == (y.dev(), y.ino())
    }
    #[cfg(not(unix))]
    {
        matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
    }
}

/// Files that say who is who in generated data; stitching must never see them.
fn is_truth(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("truth_") || name.contains("_truth") || name.starts_with("record_tags")
}

fn is_data(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    [".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(names: &[&str]) -> (Vec<String>, usize) {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let plan = plan(&[folder.path().to_owned()], None).unwrap();
        let base = |file: &Origin| Path::new(&file.name).file_name().unwrap().to_str().unwrap().to_owned();
        (plan.files.iter().map(base).collect(), plan.skipped.len())
    }

    #[test]
    fn the_truth_of_a_generated_folder_is_not_read() {
        let names = [
            "segment.jsonl",
            "records.csv",
            "records_blind.csv",
            "truth_records.csv",
            "people_truth.csv",
            "record_tags.csv",
            "customers.csv",
            "stats.json",
            "README.md",
        ];
        assert_eq!(planned(&names), (vec!["records_blind.csv".into(), "segment.jsonl".into()], 7));
    }

    #[test]
    fn elsewhere_the_same_names_are_data() {
        let (files, skipped) = planned(&["customers.csv", "records.csv", "b.JSONL.GZ", ".hidden.csv"]);
        assert_eq!(
            (files, skipped),
            (vec!["b.JSONL.GZ".into(), "customers.csv".into(), "records.csv".into()], 0)
        );
    }
}
