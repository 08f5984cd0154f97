//! What could not be taken, and the file that it is written to.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::io::Write;

/// The most of a raw line that is kept with a reject.
const MAX_RAW_BYTES: usize = 4096;

/// A line that was not taken, and why. Nothing here shows what the line holds, unless
/// [`Options::keep_raw`](super::Options::keep_raw) asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The file's name as it was given.
    pub file: String,
    /// The line, from 1; where a CSV row spans several, its first.
    pub line: u64,
    /// The field that is at fault, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Why.
    pub reason: String,
    /// The beginning of the line, at most 4 KiB, with [`Options::keep_raw`](super::Options::keep_raw) only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

impl Rejected {
    pub(super) fn new(file: &str, line: u64, error: &Error) -> Self {
        Rejected {
            file: file.to_owned(),
            line,
            field: error.field().map(str::to_owned),
            reason: error.reason().to_owned(),
            raw: None,
        }
    }

    pub(super) fn with_raw(mut self, line: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&line[..line.len().min(MAX_RAW_BYTES)]);
        self.raw = Some(text.into_owned());
        self
    }
}

/// `file:line: field: reason`.
impl std::fmt::Display for Rejected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.reason)
    }
}

/// Writes rejects as JSON lines.
///
/// ```
/// use stitchline::ingest::{Item, Options, Reader, RejectsWriter};
///
/// let file = "{\"type\":\"track\",\"userId\":\"u1\",\"timestamp\":\"yesterday\"}\n";
/// let reader = Reader::new(file.as_bytes(), "events.jsonl", &Default::default(), Options::default())?;
/// let mut rejects = RejectsWriter::new(Vec::new());
/// for item in reader {
///     if let Item::Rejected(rejected) = item {
///         rejects.write(&rejected)?;
///     }
/// }
/// assert_eq!(rejects.count(), 1);
/// let text = String::from_utf8(rejects.finish()?).unwrap();
/// assert!(text.starts_with(r#"{"file":"events.jsonl","line":1,"field":"timestamp","reason":"#));
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug)]
pub struct RejectsWriter<W: Write> {
    write: W,
    count: u64,
}

impl<W: Write> RejectsWriter<W> {
    /// A writer of one JSON object a line.
    pub fn new(write: W) -> Self {
        RejectsWriter { write, count: 0 }
    }

    /// Writes one reject.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`](crate::ErrorKind::Storage) where it cannot be written.
    pub fn write(&mut self, rejected: &Rejected) -> Result<()> {
        serde_json::to_writer(&mut self.write, rejected)
            .map_err(|error| Error::from(std::io::Error::from(error)))?;
        self.write.write_all(b"\n")?;
        self.count += 1;
        Ok(())
    }

    /// How many were written.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Flushes and gives the output back.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn finish(mut self) -> Result<W> {
        self.write.flush()?;
        Ok(self.write)
    }
}
