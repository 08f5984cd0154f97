//! Tables out of files: CSV in any of its dialects, or one JSON object a line; plain or gzip.

mod csv;

use super::{flat::flatten, raw::RawTable};
use crate::{
    delimited::{
        self, NOT_UTF8, json,
        lines::{BOM, Body, Found, Lines},
        misfit,
        rows::{TOO_LONG, UNCLOSED, guess_delimiter},
    },
    error::{Error, Result},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::Read,
};

/// Names of columns that hold a row's id, the surest first.
const IDS: &[&str] =
    &["id", "unique_id", "record_id", "rec_id", "row_id", "uid", "uuid", "recordid", "rowid", "key"];
/// Names of columns that hold the source of a row.
const SOURCES: &[&str] = &["source", "data_source", "source_dataset", "source_system", "datasource"];
/// How many rejected rows are kept with their reason; more are only counted.
const KEPT: usize = 1000;

/// How files are read into a table.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Columns of ids, unique within a source: of each file the first of them that it has. Where none is given, a column named
    /// such as `id` or `unique_id` is taken, and row numbers where there is none.
    pub id: Vec<String>,
    /// The column that names the source. Where none is given, a column named `source` or `data_source` is taken;
    /// where there is none, and several files, the name of the file.
    pub source: Option<String>,
    /// Columns that are not even looked at.
    pub ignore: Vec<String>,
    /// Whether ids and sources are looked for. Where they are not, every column is one of the table, and rows are
    /// named by their number.
    pub keys: bool,
    /// The longest line that is read, in bytes; longer rows are rejected. 16 MiB; 1 GiB at most.
    pub max_line_bytes: usize,
    /// About how many bytes all files have together, as they are stored, 0 where nobody knows: room is made for as many rows
    /// then, once some are read.
    pub expected_bytes: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            id: Vec::new(),
            source: None,
            ignore: Vec::new(),
            keys: true,
            max_line_bytes: 16 << 20,
            expected_bytes: 0,
        }
    }
}

/// A row that was left out, and why. Never shows what the row holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// The file.
    pub file: String,
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// The column that is at fault, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for RejectedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(f, "{column}: ")?;
        }
        f.write_str(&self.reason)
    }
}

/// Reads one file after another into one table.
///
/// ```
/// use stitchline::table::{ReadOptions, TableReader};
///
/// let mut reader = TableReader::new(ReadOptions::default());
/// reader.read("id,name\n7,Ann Lee\n8,Bob\n".as_bytes(), "people.csv")?;
/// let (table, rejected) = reader.finish()?;
/// assert_eq!((table.len(), rejected.len()), (2, 0));
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug)]
pub struct TableReader {
    options: ReadOptions,
    table: Option<RawTable>,
    files: usize,
    rejected: Vec<RejectedRow>,
    rejected_count: u64,
    /// The columns of ids and of sources; rows are named by their number where there is none of ids.
    keys: [Option<String>; 2],
    /// Whether room was made for all rows.
    room: bool,
    /// Which of the columns to ignore were met.
    ignored: BTreeSet<String>,
    /// The columns of ids that were met, of those given.
    met_ids: BTreeSet<String>,
    /// Whether a column named the sources of some file.
    named_sources: bool,
    /// The first file of each name, and whether others have it too.
    stems: BTreeMap<String, (String, bool)>,
}

/// What a column of a file is for.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Id,
    Source,
    Ignored,
    Column(usize),
}

impl TableReader {
    /// A reader that has read nothing yet.
    pub fn new(options: ReadOptions) -> Self {
        TableReader {
            room: options.expected_bytes == 0,
            options: ReadOptions { max_line_bytes: options.max_line_bytes.min(1 << 30), ..options },
            table: None,
            files: 0,
            rejected: Vec::new(),
            rejected_count: 0,
            keys: [None, None],
            ignored: BTreeSet::new(),
            met_ids: BTreeSet::new(),
            named_sources: false,
            stems: BTreeMap::new(),
        }
    }

    /// Reads one file; `name` is how messages call it. A row that cannot be taken is put aside with its reason.
    ///
    /// # Errors
    /// Where the file cannot be read, has no usable header, or lacks a column that the options name.
    pub fn read(&mut self, read: impl Read, name: &str) -> Result<()> {
        self.files += 1;
        let mut lines = Lines::new(Body::new(read)?, self.options.max_line_bytes);
        let ahead = lines.ahead()?;
        let bom = ahead.starts_with(BOM);
        let start = ahead.trim_ascii_start();
        let start = start.strip_prefix(BOM).unwrap_or(start);
        if let Some(what) = misfit(ahead) {
            return Err(Error::invalid(what).in_field(name));
        }
        let json = start.first() == Some(&b'{');
        let delimiter = guess_delimiter(start.split(|&b| b == b'\n').next().unwrap_or_default());
        lines.skip(if bom { BOM.len() } else { 0 });
        let source = self.source_of(name);
        if json {
            self.json(&mut lines, name, &source)
        } else {
            self.csv(&mut lines, delimiter, name, &source)
        }
        .map_err(|error| error.in_field(name))
    }

    /// Says which files will be read, so that the sources of those that have one name do not depend on which is read first:
    /// each is called by all of its path.
    pub fn expect<S: AsRef<str>>(&mut self, files: impl IntoIterator<Item = S>) {
        for file in files {
            self.shared_stem(file.as_ref());
        }
    }

    /// A file's name without folder and ending, and whether another file has it.
    fn shared_stem(&mut self, file: &str) -> (String, bool) {
        let stem = stem(file);
        let (first, shared) = self.stems.entry(stem.clone()).or_insert_with(|| (file.to_owned(), false));
        *shared |= first != file;
        (stem, *shared)
    }

    /// What a file's source is called: by the file's name, or by all of its path where another file has that name.
    fn source_of(&mut self, file: &str) -> String {
        let (stem, shared) = self.shared_stem(file);
        if shared { file.chars().filter(|c| !c.is_control()).collect() } else { stem }
    }

    /// The table, and the rows that were left out (the first 1,000 of them).
    ///
    /// # Errors
    /// Where no file was read, none has a column that is to be ignored or given for ids, or rows without ids cannot be told
    /// apart: of a file whose name is that of a source in a column of another file.
    pub fn finish(self) -> Result<(RawTable, Vec<RejectedRow>)> {
        let table = self.table.ok_or_else(|| Error::invalid("no file was read"))?;
        let ignored = self.options.ignore.iter().map(|name| (name, &self.ignored, "to ignore"));
        let ids = self.options.id.iter().map(|name| (name, &self.met_ids, "of ids in any file"));
        if let Some((missing, _, what)) = ignored.chain(ids).find(|(name, met, _)| !met.contains(*name)) {
            let names: Vec<&str> = table.columns().iter().map(|column| column.name.as_str()).collect();
            return Err(Error::invalid(format!(
                "there is no column `{missing}` {what}; there are: {}",
                names.join(", ")
            )));
        }
        if self.files > 1 && self.named_sources && table.unkeyed_twice() {
            return Err(Error::invalid(
                "rows of two files have one source and number, and no id; name a column of ids",
            ));
        }
        Ok((table, self.rejected))
    }

    /// The column that ids were taken from, of several files that of the last; none where rows are named by their number.
    pub fn id_column(&self) -> Option<&str> {
        self.keys[0].as_deref()
    }

    /// The column that sources were taken from, of several files that of the last.
    pub fn source_column(&self) -> Option<&str> {
        self.keys[1].as_deref()
    }

    /// How many rows were left out.
    pub fn rejected(&self) -> u64 {
        self.rejected_count
    }

    fn reject(&mut self, file: &str, line: u64, column: Option<&str>, reason: impl Into<String>) {
        self.rejected_count += 1;
        if self.rejected.len() < KEPT {
            let (file, column) = (file.to_owned(), column.map(str::to_owned));
            self.rejected.push(RejectedRow { file, line, column, reason: reason.into() });
        }
    }

    /// What stands before the number of a row without an id: nothing, or the file's name where a column names the sources, of
    /// which one may have rows in several files.
    fn before_number(&mut self, file: &str) -> String {
        self.named_sources |= self.keys[1].is_some();
        let several = self.files > 1 || self.stems.len() > 1;
        if several && self.keys[1].is_some() { self.source_of(file) + ":" } else { String::new() }
    }

    /// A reason with what to do about it.
    fn advice(&self, reason: &str) -> String {
        let most = self.options.max_line_bytes >> 20;
        match reason {
            TOO_LONG => {
                format!("{reason} ({most} MiB); cut the long field, or take its column out of the file")
            }
            UNCLOSED => format!("{reason}; double the quotes within fields, or leave them out"),
            other => other.to_owned(),
        }
    }

    /// What each column of a file is for; columns that the table has not yet are added.
    fn uses(&mut self, names: &[String], file: &str) -> Result<Vec<Use>> {
        let options = &self.options;
        let find = |given: &[String], known: &[&str]| -> Result<Option<usize>> {
            let place = |name: &String| names.iter().position(|own| own == name);
            if !given.is_empty() {
                return given.iter().find_map(place).map(Some).ok_or_else(|| {
                    let (given, names) = (given.join("` or `"), names.join(", "));
                    Error::invalid(format!("there is no column `{given}`; there are: {names}"))
                });
            }
            if !options.keys {
                return Ok(None);
            }
            let folded = |own: &str| own.trim().to_ascii_lowercase().replace([' ', '-', '.'], "_");
            let free = |at: &usize| !options.ignore.contains(&names[*at]);
            Ok(known.iter().find_map(|name| names.iter().position(|own| folded(own) == *name).filter(free)))
        };
        let id = find(&options.id, IDS)?;
        let source = find(options.source.as_slice(), SOURCES)?;
        let mut table = match self.table.take() {
            Some(table) => table,
            None => RawTable::new(Vec::<String>::new())?,
        };
        if self.files > 1 && self.keys[0].is_none() != id.is_none() {
            return Err(Error::invalid(
                "some files have a column of ids and some have none; name that of each of them",
            ));
        }
        self.keys = [id, source].map(|at| at.map(|at| names[at].clone()));
        let mut uses = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            if options.id.contains(name) {
                self.met_ids.insert(name.clone());
            }
            if names[..at].contains(name) {
                return Err(Error::invalid(format!("two columns are named `{name}`; rename one")));
            }
            uses.push(if Some(at) == id {
                Use::Id
            } else if Some(at) == source {
                Use::Source
            } else if options.ignore.contains(name) {
                self.ignored.insert(name.clone());
                Use::Ignored
            } else {
                Use::Column(table.find(name).unwrap_or_else(|| {
                    table.add_column(name.clone());
                    table.columns().len() - 1
                }))
            });
        }
        if id.is_none() {
            table.unkeyed();
        }
        table.begin_file(file);
        self.table = Some(table);
        Ok(uses)
    }

    fn json<R: Read>(&mut self, lines: &mut Lines<R>, name: &str, default_source: &str) -> Result<()> {
        // Of each row its line, and how many rows were left out before it.
        let mut rows: Vec<(u64, u64, BTreeMap<String, String>)> = Vec::new();
        let rejected = self.rejected_count;
        let mut names: BTreeMap<String, ()> = BTreeMap::new();
        loop {
            match lines.advance()? {
                Found::End => break,
                Found::TooLong => {
                    self.reject(name, lines.number(), None, self.advice(TOO_LONG));
                    continue;
                }
                Found::Line => {}
            }
            if lines.line().trim_ascii().is_empty() {
                continue;
            }
            match json::value(lines.line()) {
                Ok(serde_json::Value::Object(object)) => {
                    let mut row = BTreeMap::new();
                    for (key, value) in &object {
                        flatten(key, value, &mut row);
                    }
                    for key in row.keys().filter(|key| !names.contains_key(*key)).cloned().collect::<Vec<_>>()
                    {
                        names.insert(key, ());
                    }
                    rows.push((lines.number(), self.rejected_count - rejected, row));
                }
                Ok(_) => self.reject(name, lines.number(), None, "is JSON but no object"),
                Err(error) => {
                    let reason = match std::str::from_utf8(lines.line()) {
                        Ok(_) => format!("is not JSON (column {})", error.column()),
                        Err(_) => NOT_UTF8.to_owned(),
                    };
                    self.reject(name, lines.number(), None, reason);
                }
            }
        }
        let names: Vec<String> = names.into_keys().collect();
        let uses = self.uses(&names, name)?;
        let Some(mut table) = self.table.take() else { return Ok(()) };
        let (mut id, mut source) = (String::new(), String::new());
        let mut cells = vec![String::new(); table.columns().len()];
        let (file, before) = (self.before_number(name), table.len());
        for (line, left_out, mut row) in rows {
            id.clear();
            source.clear();
            source.push_str(default_source);
            cells.iter_mut().for_each(String::clear);
            for (key, one) in names.iter().zip(&uses) {
                let Some(text) = row.remove(key) else { continue };
                match one {
                    Use::Ignored => {}
                    Use::Id => id = text,
                    Use::Source => source = text,
                    Use::Column(at) => cells[*at] = text,
                }
            }
            if self.keys[0].is_none() {
                id = format!("{file}{}", (table.len() - before) as u64 + left_out + 1);
            } else if id.trim().is_empty() {
                self.reject(name, line, None, "has no id");
                continue;
            }
            if let Err(error) = table.push(&source, id.trim(), &cells) {
                self.table = Some(table);
                return Err(error);
            }
            table.came_from(line);
        }
        self.table = Some(table);
        Ok(())
    }
}

fn stem(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    delimited::stem(base).chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<(RawTable, Vec<RejectedRow>)> {
        let has_truth = text.windows(5).any(|word| word == b"truth");
        let ignore = has_truth.then(|| "truth".into()).into_iter().collect();
        let mut reader = TableReader::new(ReadOptions { ignore, ..ReadOptions::default() });
        reader.read(text, "a.csv")?;
        reader.finish()
    }

    #[test]
    fn bad_rows_are_put_aside_with_their_lines() {
        let (table, rejected) =
            read(b"id,name,truth\n1,Ann,x\n2,B\xe9la,y\n3,too,many,cells\n,nobody,z\n4,\"Lee, Bo\",z\n")
                .unwrap();
        assert_eq!(table.len(), 2);
        assert_eq!(table.columns().len(), 1);
        let lines: Vec<u64> = rejected.iter().map(|row| row.line).collect();
        assert_eq!(lines, [3, 4, 5]);
        assert!(rejected[0].to_string().starts_with("a.csv:3: name: is not valid UTF-8"));
    }

    #[test]
    fn what_has_no_header_is_refused() {
        for text in ["", "1,ann@example.com\n2,bob@example.com\n", "19800101,19790305\n"] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        let title = read(b"Customer export,,,\n,,,\nid,a,b,c\n1,2,3,4\n").unwrap_err().to_string();
        assert!(title.contains("no name for 3 of 4 columns"), "{title}");
        assert!(read(b"id,a,,\n1,2,3,4\n").is_ok());
        assert!(read(b"id,a,a\n1,2,3\n").unwrap_err().to_string().contains("two columns"));
    }

    /// A quote that is not closed is closed by a stray one in a later row, and the rows between must not be lost.
    #[test]
    fn a_stray_quote_swallows_no_rows() {
        let text = "id,first,last,email\n1,\"Ann,Lee,a@x.com\n2,Bob,Stone,b@y.com\n3,Eve,Roth,e@z.com\n\
                    4,Max\",Hart,m@q.com\n5,Ida,Kern,i@k.com\n";
        let (table, rejected) = read(text.as_bytes()).unwrap();
        let ids: Vec<&str> = (0..table.len()).map(|row| table.id(row)).collect();
        assert_eq!((ids, rejected.len(), rejected[0].line), (vec!["2", "3", "4", "5"], 1, 2));
        let text =
            "id,first,last,email,phone,town\n1,\"Ann,Lee,a@x.com,1,Leeds\n2,Max\",Hart,m@q.com,2,York\n";
        let (table, rejected) = read(text.as_bytes()).unwrap();
        assert_eq!((table.len(), table.id(0), rejected.len()), (1, "2", 1));
        // An address over three lines.
        let text = "id,name,address,x\n1,Ann,\"12 High Street\nLittle Upton\nLeeds, LS1 1AA\",y\n";
        let (table, rejected) = read(text.as_bytes()).unwrap();
        assert_eq!((table.len(), rejected.len()), (1, 0));
    }

    #[test]
    fn json_lines_are_flattened() {
        let text = br#"{"id": 7, "name": {"first": "Ann"}, "tags": ["b", "a"]}
{"id": 8, "name": {"first": "Bo", "last": null}}
nonsense
"#;
        let (table, rejected) = read(text).unwrap();
        assert_eq!((table.len(), rejected.len()), (2, 1));
        assert_eq!(table.columns()[0].name, "name.first");
        assert_eq!(table.columns()[1].values.text(1), "b a");
    }

    #[test]
    fn rows_without_ids_are_numbered_with_those_left_out() {
        let (table, _) = read(b"{\"x\": \"a\"}\nnonsense\n\n{\"x\": \"b\"}\n").unwrap();
        assert_eq!((table.id(0), table.id(1)), ("1", "3"));
        let (table, _) = read(b"x,y\na,b\n1\n\nb,c\n").unwrap();
        assert_eq!((table.id(0), table.id(1)), ("1", "3"));
    }

    /// A source may have rows in several files, and a file's name may be that of a source.
    #[test]
    fn rows_without_ids_have_one_key_each() {
        let read = |files: &[(&str, &str)], expected: bool| {
            let mut reader = TableReader::new(ReadOptions::default());
            reader.expect(files.iter().map(|(name, _)| *name).take_while(|_| expected));
            files.iter().for_each(|(name, text)| reader.read(text.as_bytes(), name).unwrap());
            let (table, _) = reader.finish()?;
            let keys = (0..table.len()).map(|row| format!("{}/{}", table.source(row), table.id(row)));
            let mut keys: Vec<String> = keys.collect();
            keys.sort_unstable();
            Ok::<_, Error>(keys)
        };
        let mixed = [("crm.csv", "source,x\nweb,a\nweb,b\n"), ("web.csv", "x\nc\nd\n")];
        assert_eq!(read(&mixed, true).unwrap(), ["web/1", "web/2", "web/crm:1", "web/crm:2"]);
        let twice = read(&mixed, false).unwrap_err().to_string();
        assert!(twice.contains("one source and number"), "{twice}");
        let left_out = [
            ("f1.csv", "source,x\ncrm,a\ncrm,b,c\ncrm,d\n"),
            ("f2.jsonl", "{\"source\": \"crm\", \"x\": \"e\"}\n{\"source\": \"crm\", \"x\": \"f\"}\n"),
        ];
        let keys = ["crm/f1:1", "crm/f1:3", "crm/f2:1", "crm/f2:2"];
        assert_eq!(read(&left_out, true).unwrap(), keys);
        assert_eq!(read(&[left_out[1], left_out[0]], true).unwrap(), keys);
        assert_eq!(read(&left_out[..1], true).unwrap(), ["crm/1", "crm/3"]);
    }

    #[test]
    fn a_column_of_ids_that_no_file_has_is_told() {
        let read = |id: &[&str]| {
            let id = id.iter().map(|&name| name.to_owned()).collect();
            let mut reader = TableReader::new(ReadOptions { id, ..ReadOptions::default() });
            reader.read("a,x\n1,x\n".as_bytes(), "one.csv").unwrap();
            reader.read("b,x\n1,y\n".as_bytes(), "two.csv").unwrap();
            reader.finish().map(|(table, _)| table.len())
        };
        assert_eq!(read(&["a", "b"]).unwrap(), 2);
        assert!(read(&["a", "b", "c"]).unwrap_err().to_string().contains("no column `c` of ids in any file"));
    }

    #[test]
    fn no_digit_of_a_long_id_is_lost() {
        let text = b"{\"id\": 123456789012345678901, \"x\": 1}\n{\"id\": 123456789012345678902, \"x\": 1}\n";
        let (table, rejected) = read(text).unwrap();
        assert_eq!((table.id(1), table.len(), rejected.len()), ("123456789012345678902", 2, 0));
    }

    #[test]
    fn lists_of_objects_lose_nothing() {
        let text =
            br#"{"id": 1, "FEATURES": [{"NAME_LAST": "Lee"}, {"NAME_LAST": "Li"}, {"EMAIL": "a@b.example"}],
"phones": [{"no": 1}, {"no": 2, "at": [["x"], "y"]}]}"#;
        let text: Vec<u8> = text.iter().copied().filter(|b| *b != b'\n').collect();
        let (table, _) = read(&text).unwrap();
        let shape: Vec<_> = table.columns().iter().map(|c| (c.name.as_str(), c.values.text(1))).collect();
        let expected = [
            ("EMAIL", "a@b.example"),
            ("NAME_LAST", "Lee"),
            ("NAME_LAST_2", "Li"),
            ("phones.at", "y"),
            ("phones.at_2", "x"),
            ("phones.no", "1"),
            ("phones.no_2", "2"),
        ];
        assert_eq!(shape, expected);
    }

    #[test]
    fn rows_of_one_id_are_named_by_file_and_line() {
        let mut reader = TableReader::new(ReadOptions::default());
        reader.read("id,source,a\n1,s,\"x\ny\"\n2,s,x\n".as_bytes(), "one.csv").unwrap();
        reader
            .read("{\"id\":3,\"source\":\"s\"}\n\n{\"id\":2,\"source\":\"s\"}\n".as_bytes(), "two.jsonl")
            .unwrap();
        let (table, _) = reader.finish().unwrap();
        let error = crate::table::Table::prepare(table, &[]).unwrap_err().to_string();
        assert!(error.contains("one.csv:4 and two.jsonl:3 have the same id"), "{error}");
    }

    #[test]
    fn files_of_one_name_are_two_sources() {
        let read = |files: [&str; 2], expected: bool| {
            let mut reader = TableReader::new(ReadOptions::default());
            reader.expect(files.iter().take_while(|_| expected));
            files.iter().for_each(|file| reader.read("id,a\n1,x\n".as_bytes(), file).unwrap());
            let columns = [crate::table::ColumnSpec::new("a", crate::table::Kind::Exact)];
            let table = crate::table::Table::prepare(reader.finish().unwrap().0, &columns)?;
            Ok::<_, crate::Error>((0..2).map(|row| table.source(row).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(read(["x/people.csv", "y/people.csv"], false).unwrap(), ["people", "y/people.csv"]);
        assert_eq!(read(["x/people.csv", "y/people.csv"], true).unwrap(), ["x/people.csv", "y/people.csv"]);
        assert_eq!(read(["y/people.csv", "x/people.csv"], true).unwrap(), ["x/people.csv", "y/people.csv"]);
        assert_eq!(read(["part.2.csv", "part.1.csv.gz"], true).unwrap(), ["part.1", "part.2"]);
        let twice = read(["x/people.csv", "x/people.csv"], true).unwrap_err().to_string();
        assert!(twice.contains("have the same id"), "{twice}");
    }

    #[test]
    fn files_of_differing_columns_are_one_table() {
        let mut reader = TableReader::new(ReadOptions::default());
        reader.read("id,a\n1,x\n".as_bytes(), "one.csv").unwrap();
        reader.read("id,b\n1,y\n".as_bytes(), "two.csv").unwrap();
        let (table, _) = reader.finish().unwrap();
        let shape: Vec<_> = table.columns().iter().map(|c| (c.name.as_str(), c.cells.clone())).collect();
        assert_eq!(shape, [("a", vec![1, 0]), ("b", vec![0, 1])]);
    }
}
