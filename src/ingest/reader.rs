//! Reads a file of any format.

use super::{Context, Format, Options, Rejected, csv, detect, node::Node, too_long};
use crate::{
    delimited::{
        self,
        lines::{BOM, Body, Found, Lines},
    },
    error::{Error, Result},
    identifier::Normalizer,
    record::{Input, Timestamp},
};
use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Read},
    path::Path,
};

/// What a reader yields.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // Nearly every item is the large one.
pub enum Item {
    /// Something that the engine can take.
    Input(Input),
    /// A line that could not be taken.
    Rejected(Rejected),
}

/// Reads one file, see [the module](super).
pub struct Reader<R: Read> {
    context: Context,
    format: Format,
    file: String,
    lines: Lines<Body<R>>,
    csv: Option<csv::Table>,
    made: Vec<Input>,
    pending: VecDeque<Item>,
    failure: Option<Error>,
    done: bool,
}

impl Reader<Box<dyn Read + Send>> {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage) where it cannot be read,
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) where its format is not recognised.
    pub fn open(path: impl AsRef<Path>, normalizer: &Normalizer, options: Options) -> Result<Self> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let read: Box<dyn Read + Send> = if name == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).map_err(Error::from)?)
        };
        Reader::new(read, name, normalizer, options)
    }
}

impl<R: Read> Reader<R> {
    /// Reads from anything. `name` is what rejects call the file, and, without folder and extensions, the source of
    /// CSV rows that name none.
    ///
    /// # Errors
    /// As [`open`](Reader::open).
    pub fn new(read: R, name: impl Into<String>, normalizer: &Normalizer, options: Options) -> Result<Self> {
        let file = name.into();
        let mut lines = Lines::new(Body::new(read)?, options.max_line_bytes);
        let ahead = lines.ahead()?;
        let bom = if ahead.starts_with(BOM) { BOM.len() } else { 0 };
        let blank = ahead.trim_ascii().is_empty();
        let format = match options.format.or_else(|| Format::detect(ahead)) {
            Some(format) => format,
            // An empty file has nothing in it, whatever its format.
            None if blank => Format::Stitchline,
            None => return Err(detect::unknown(ahead)),
        };
        lines.skip(bom);
        let base = Path::new(&file).file_name().map(|name| name.to_string_lossy().into_owned());
        let base = base.unwrap_or_default();
        let stem = match delimited::stem(&base) {
            "" | "-" => "csv".to_owned(),
            stem => stem.to_owned(),
        };
        let context = Context { normalizer: normalizer.clone(), options, stem };
        Ok(Reader {
            context,
            format,
            file,
            lines,
            csv: None,
            made: Vec::new(),
            pending: VecDeque::new(),
            failure: None,
            done: false,
        })
    }

    /// The format that is read.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The number of the line read last.
    pub fn line(&self) -> u64 {
        self.lines.number()
    }

    /// Bytes of the lines read so far, unpacked. Inputs made of them take about as much room, so that who collects
    /// inputs can bound it.
    pub fn bytes(&self) -> u64 {
        self.lines.passed()
    }

    /// The names of a CSV file's columns, for which its header is read now where it has not been. None in a file of
    /// another format, or where there is no header that can be read; the next item says why then.
    ///
    /// ```
    /// use stitchline::ingest::{Options, Reader};
    ///
    /// let file = "id;Kd_Nr\n1;7\n";
    /// let mut reader = Reader::new(file.as_bytes(), "people.csv", &Default::default(), Options::default())?;
    /// assert_eq!(reader.columns().collect::<Vec<_>>(), ["id", "Kd_Nr"]);
    /// assert_eq!(reader.count(), 1);
    /// # Ok::<(), stitchline::Error>(())
    /// ```
    pub fn columns(&mut self) -> impl Iterator<Item = &str> {
        if self.format == Format::Csv && self.csv.is_none() && !self.done {
            self.advance();
        }
        self.csv.iter().flat_map(csv::Table::columns)
    }

    /// Why the file could not be read to its end, once the reader has yielded everything before. The last item is
    /// then a reject that says so too.
    pub fn failure(&self) -> Option<&Error> {
        self.failure.as_ref()
    }

    /// Takes a step; what cannot be read ends the file.
    fn advance(&mut self) {
        if let Err(error) = self.step() {
            self.done = true;
            let failure = Error::from(error);
            let reason = format!("cannot be read from here on: {}", failure.reason());
            let rejected = Rejected::new(&self.file, self.lines.number() + 1, &Error::invalid(reason));
            self.failure = Some(failure);
            self.pending.push_back(Item::Rejected(rejected));
        }
    }

    fn step(&mut self) -> io::Result<()> {
        if self.format == Format::Csv {
            return self.row();
        }
        let found = self.lines.advance()?;
        let line = self.lines.line();
        match found {
            Found::End => self.done = true,
            Found::TooLong => {
                let error = too_long(self.context.options.max_line_bytes);
                let rejected = Rejected::new(&self.file, self.lines.number(), &error);
                self.pending.push_back(Item::Rejected(rejected));
            }
            Found::Line if line.trim_ascii().is_empty() => {}
            Found::Line => {
                let number = self.lines.number();
                let mut sink = Sink {
                    context: &self.context,
                    file: &self.file,
                    number,
                    raw: line,
                    made: &mut self.made,
                    pending: &mut self.pending,
                };
                sink.json(self.format);
            }
        }
        Ok(())
    }

    fn row(&mut self) -> io::Result<()> {
        let table = match &mut self.csv {
            Some(table) => table,
            None => self.csv.insert(csv::Table::default()),
        };
        let advanced = table.advance(&self.context, &mut self.lines)?;
        let mut sink = Sink {
            context: &self.context,
            file: &self.file,
            number: table.number(),
            raw: table.raw(),
            made: &mut self.made,
            pending: &mut self.pending,
        };
        match advanced {
            csv::Advanced::End => self.done = true,
            csv::Advanced::Header => {}
            // Without a header no row can be read.
            csv::Advanced::NoHeader(error) => {
                self.done = true;
                sink.reject(&error);
            }
            csv::Advanced::Bad(error) => sink.reject(&error),
            csv::Advanced::Row => sink.unit(|context, made| table.convert(context, made)),
        }
        Ok(())
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.pending.pop_front() {
                return Some(item);
            }
            if self.done {
                return None;
            }
            self.advance();
        }
    }
}

impl<R: Read> std::fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("file", &self.file)
            .field("format", &self.format)
            .field("line", &self.lines.number())
            .finish_non_exhaustive()
    }
}

/// Says when the source knew what an input says, where that does not say so itself. An error where it ended only later:
/// of two files that are both said to be of before the end, neither would be the later one.
fn observe(input: &mut Input, at: Timestamp) -> Result<()> {
    match input {
        Input::Record(record) if record.observed_at == Timestamp::UNDATED => record.observed_at = at,
        Input::Relation(tie) if tie.observed_at == Timestamp::UNDATED => tie.observed_at = at,
        Input::Interaction(one) if one.observed_at.is_none() => {
            if one.version() > at {
                let reason = format!("ended after {at}, when it is said to have been observed");
                return Err(Error::invalid(reason).in_field("observed_at"));
            }
            one.observed_at = Some(at);
        }
        _ => {}
    }
    Ok(())
}

/// Where the inputs of one line go.
struct Sink<'a> {
    context: &'a Context,
    file: &'a str,
    number: u64,
    raw: &'a [u8],
    made: &'a mut Vec<Input>,
    pending: &'a mut VecDeque<Item>,
}

impl Sink<'_> {
    fn json(&mut self, format: Format) {
        let mut map = match Node::parse(self.raw) {
            Ok(Node::Map(map)) => map,
            Ok(_) => return self.reject(&Error::invalid("is not a JSON object")),
            Err(reason) => return self.reject(&Error::invalid(reason)),
        };
        for name in &self.context.options.ignore {
            while map.take(name).is_some() {}
        }
        let raw = self.raw;
        if format == Format::Genesys && matches!(map.get("conversations"), Some(Node::List(_))) {
            // One page of an analytics query: every conversation stands for itself.
            let Some(Node::List(items)) = map.take("conversations") else { return };
            for (i, item) in items.into_iter().enumerate() {
                let Node::Map(map) = item else {
                    self.reject(
                        &Error::invalid("is not a JSON object").in_field(format!("conversations.{i}")),
                    );
                    continue;
                };
                self.unit(|context, made| {
                    super::convert(format, context, map, raw, made)
                        .map_err(|error| error.in_field(format!("conversations.{i}")))
                });
            }
            return;
        }
        self.unit(|context, made| super::convert(format, context, map, raw, made));
    }

    /// Takes all that `convert` makes, or rejects the whole.
    fn unit(&mut self, convert: impl FnOnce(&Context, &mut Vec<Input>) -> Result<()>) {
        self.made.clear();
        let mut made = convert(self.context, self.made);
        if let (Ok(()), Some(at)) = (&made, self.context.options.observed_at) {
            made = self.made.iter_mut().try_for_each(|input| observe(input, at));
        }
        match made {
            Ok(()) => self.pending.extend(self.made.drain(..).map(Item::Input)),
            Err(error) => self.reject(&error),
        }
    }

    fn reject(&mut self, error: &Error) {
        let mut rejected = Rejected::new(self.file, self.number, error);
        if self.context.options.keep_raw {
            rejected = rejected.with_raw(self.raw);
        }
        self.pending.push_back(Item::Rejected(rejected));
    }
}
