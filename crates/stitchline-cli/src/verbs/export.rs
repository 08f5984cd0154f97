//! `export`: every record or every interaction with its customer.

use crate::{
    database::Database,
    failure::{Done, Failure, Status},
    files,
    output::Out,
    sheet,
    text::{self, csv_field},
};
use serde::Serialize;
use std::{
    io::{self, BufWriter, Write},
    path::PathBuf,
};
use stitchline::{CustomerId, Engine, Error};

/// Write every record or interaction with its customer
///
/// The columns are source, record_id, customer_id, or source, interaction_id, customer_id; the ids are the sources'
/// own. customer_id is empty while nobody is known to be meant. An interaction of several customers has a row for
/// each. Rows are ordered by source and id.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  stitchline export --records --output customers.csv --db crm.stitchline
  stitchline export --interactions --output contacts.jsonl --db crm.stitchline
  stitchline export --records --db crm.stitchline | sort -t, -k3")]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct Args {
    /// Export records
    #[arg(long, group = "what")]
    records: bool,
    /// Export interactions
    #[arg(long, group = "what")]
    interactions: bool,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The form [default: jsonl where FILE ends in .jsonl or .ndjson, else csv]
    #[arg(long, value_enum)]
    format: Option<Form>,
    /// Also records that no source states but interactions imply; their ids begin with ~
    #[arg(long, requires = "records")]
    implied: bool,
    #[command(flatten)]
    database: Database,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Csv,
    Jsonl,
}

#[derive(Serialize)]
struct RecordRow<'a> {
    source: &'a str,
    record_id: &'a str,
    customer_id: Option<CustomerId>,
}

#[derive(Serialize)]
struct InteractionRow<'a> {
    source: &'a str,
    interaction_id: &'a str,
    customer_id: Option<CustomerId>,
}

/// What was written.
#[derive(Debug, Default, Serialize)]
struct Written {
    rows: u64,
    unresolved: u64,
}

pub(crate) fn run(args: &Args, out: &mut Out) -> Done<Status> {
    let engine = args.database.open()?;
    let Some(path) = args.output.as_deref().filter(|path| !files::is_standard(path)) else {
        let form = args.format.unwrap_or(if out.json() { Form::Jsonl } else { Form::Csv });
        write(&engine, args, form, out)?;
        return Ok(Status::Good);
    };
    let form = match args.format {
        Some(form) => form,
        None if sheet::is_json_lines(path)? => Form::Jsonl,
        None => Form::Csv,
    };
    let about = |error: io::Error| Failure::from(error).about(path.display());
    let mut file = BufWriter::new(files::create(path)?);
    let written = write(&engine, args, form, &mut file)?;
    file.flush().map_err(about)?;
    if out.json() {
        out.document(&written)?;
    } else {
        let rows = if args.records {
            text::count(written.rows, "row of records", "rows of records")
        } else {
            let rows = text::count(written.rows, "row of interactions", "rows of interactions");
            format!("{rows}, one for each customer of each")
        };
        let unresolved = text::number(written.unresolved);
        out.line(format!("{}: {rows}, {unresolved} of them nobody's yet.", path.display()))?;
    }
    Ok(Status::Good)
}

fn write(engine: &Engine, args: &Args, form: Form, to: &mut impl Write) -> Done<Written> {
    let mut written = Written::default();
    // The engine's own error has no room for how the output failed.
    let mut broken: Option<io::Error> = None;
    let column = if args.records { "record_id" } else { "interaction_id" };
    if form == Form::Csv {
        writeln!(to, "source,{column},customer_id")?;
    }
    let mut row = |source: &str, id: &str, customer: Option<CustomerId>| -> Result<(), Error> {
        written.rows += 1;
        written.unresolved += u64::from(customer.is_none());
        let done = match (form, args.records) {
            (Form::Csv, _) => csv(to, source, id, customer),
            (Form::Jsonl, true) => json(to, &RecordRow { source, record_id: id, customer_id: customer }),
            (Form::Jsonl, false) => {
                json(to, &InteractionRow { source, interaction_id: id, customer_id: customer })
            }
        };
        done.map_err(|error| {
            let text = error.kind().to_string();
            broken = Some(error);
            Error::invalid(text)
        })
    };
    let done = if args.records {
        engine.export_records(|record| match record.implied && !args.implied {
            true => Ok(()),
            false => row(&record.key.source, &record.key.id, record.customer),
        })
    } else {
        engine.export_interactions(|interaction| {
            let key = &interaction.key;
            if interaction.customers.is_empty() {
                return row(&key.source, &key.id, None);
            }
            interaction.customers.iter().try_for_each(|&customer| row(&key.source, &key.id, Some(customer)))
        })
    };
    match broken {
        Some(error) => Err(error.into()),
        None => Ok(done.map(|()| written)?),
    }
}

fn csv(to: &mut impl Write, source: &str, id: &str, customer: Option<CustomerId>) -> io::Result<()> {
    for text in [source, id] {
        write!(to, "{},", csv_field(text))?;
    }
    match customer {
        Some(customer) => writeln!(to, "{customer}"),
        None => writeln!(to),
    }
}

fn json(to: &mut impl Write, row: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *to, row)?;
    to.write_all(b"\n")
}
