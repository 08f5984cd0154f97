//! Standard output: text or JSON, in colour only on a terminal, and quiet when nobody reads on.

use crate::{failure::Done, text};
use serde::Serialize;
use std::{
    fmt::Display,
    io::{self, BufWriter, IsTerminal, Stdout, Write},
};

/// Where verbs print.
pub(crate) struct Out {
    write: BufWriter<Stdout>,
    json: bool,
    colour: bool,
    terminal: bool,
}

impl Out {
    pub(crate) fn stdout(json: bool) -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colour = terminal && !json && !no_colour && !dumb;
        Out { write: BufWriter::new(stdout), json, colour, terminal }
    }

    /// Whether programs read it.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Prints one line.
    pub(crate) fn line(&mut self, line: impl Display) -> Done {
        writeln!(self.write, "{line}")?;
        if self.terminal {
            self.write.flush()?;
        }
        Ok(())
    }

    /// Prints an empty line.
    pub(crate) fn gap(&mut self) -> Done {
        self.line("")
    }

    /// Prints a heading.
    pub(crate) fn heading(&mut self, heading: &str) -> Done {
        let heading = self.bold(heading);
        self.line(heading)
    }

    /// Prints one line about work that goes on even where nobody reads.
    pub(crate) fn note(&mut self, line: impl Display) -> Done {
        let done = self.line(line).and_then(|()| Ok(self.write.flush()?));
        match done {
            Err(failure) if failure.is_closed() => Ok(()),
            done => done,
        }
    }

    /// Prints the only JSON document.
    pub(crate) fn document(&mut self, document: &impl Serialize) -> Done {
        serde_json::to_writer_pretty(&mut self.write, document)?;
        Ok(self.write.write_all(b"\n")?)
    }

    /// Prints one of many JSON lines.
    pub(crate) fn json_line(&mut self, document: &impl Serialize) -> Done {
        serde_json::to_writer(&mut self.write, document)?;
        Ok(self.write.write_all(b"\n")?)
    }

    /// Prints a table, its lines indented by two.
    pub(crate) fn table(&mut self, table: &text::Table) -> Done {
        table.lines().try_for_each(|line| self.line(line))
    }

    pub(crate) fn bold(&self, text: &str) -> String {
        if self.colour { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(crate) fn finish(&mut self) -> Done {
        Ok(self.write.flush()?)
    }
}

/// The writer itself, for exports.
impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write.flush()
    }
}
