//! A run as a folder of files: what a system under test reads, and the truth apart from it.

use crate::model::{Customer, Interaction, PersonRecord};
use crate::sink::Sink;
use crate::sorted::Sorted;
use crate::{CloudEvent, Config, Conversation, Generator, Summary, WebEvent};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The columns of `records_blind.csv`; `records.csv` has `true_id` as well.
const RECORD_COLUMNS: &str =
    "id,source,first_name,surname,dob,email,phone,street,city,postcode,country,updated_at";

/// Generates a whole run into the folder `out`, which is created; files of the same names are replaced.
///
/// Every file is in the order of time, or of arrival, so that the neighbourhood of two lines says nothing.
///
/// | for the system under test | |
/// | --- | --- |
/// | `records_blind.csv` | the records |
/// | `segment.jsonl` | Segment Spec events |
/// | `genesys.jsonl` | Genesys Cloud conversations |
/// | `cloudevents.jsonl` | CloudEvents 1.0 |
/// | `interactions.csv` | one contact a line with one identifier |
///
/// | truth | |
/// | --- | --- |
/// | `records.csv` | the records with `true_id` |
/// | `truth_records.csv` | `source,id,true_id` |
/// | `truth_interactions.csv` | `source,interaction_id,true_id`; the source is `segment` (messageId), `genesys` (conversationId), `interactions`, or the `source` of a CloudEvent |
/// | `record_tags.csv` | the errors and hard cases in each record |
/// | `customers.csv` | the customers as they really are |
/// | `stats.json` | the [`Summary`] |
///
/// # Example
/// ```
/// use stitchline_generate::{Config, Size, write_folder};
///
/// let folder = tempfile::tempdir()?;
/// let config = Config { size: Size::Records(200), ..Config::default() };
/// let summary = write_folder(&config, folder.path())?;
/// let records = std::fs::read_to_string(folder.path().join("records.csv"))?;
/// assert_eq!(records.lines().count() as u64, summary.records + 1);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_folder(config: &Config, out: &Path) -> io::Result<Summary> {
    fs::create_dir_all(out)?;
    let mut sink = FolderSink {
        customers: create(
            out,
            "customers.csv",
            "true_id,household_id,employer_id,first_name,surname,sex,dob,country",
        )?,
        records: Sorted::new(out, "records"),
        segment: Sorted::new(out, "segment"),
        genesys: Sorted::new(out, "genesys"),
        cloud: Sorted::new(out, "cloudevents"),
        interactions: Sorted::new(out, "interactions"),
        line: Vec::new(),
    };
    let summary = Generator::new(config).households(&mut sink)?;
    sink.finish(out)?;
    let mut stats = create(out, "stats.json", "")?;
    serde_json::to_writer_pretty(&mut stats, &summary)?;
    stats.write_all(b"\n")?;
    stats.flush()?;
    Ok(summary)
}

type Output = BufWriter<File>;

/// A new file that begins with these columns, if any.
fn create(folder: &Path, name: &str, columns: &str) -> io::Result<Output> {
    let mut file = BufWriter::with_capacity(1 << 18, File::create(folder.join(name))?);
    if !columns.is_empty() {
        line(&mut file, &[columns.as_bytes()])?;
    }
    Ok(file)
}

/// Writes the parts with commas between them, and ends the line.
fn line(out: &mut Output, parts: &[&[u8]]) -> io::Result<()> {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        out.write_all(part)?;
    }
    out.write_all(b"\n")
}

/// Appends the fields as CSV, quoted where they must be, without ending the line.
fn csv(out: &mut Vec<u8>, fields: &[&str]) {
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        if field.contains([',', '"', '\n', '\r']) {
            out.push(b'"');
            out.extend_from_slice(field.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(field.as_bytes());
        }
    }
}

/// Sorts everything by time and writes it at the end of the run.
struct FolderSink {
    customers: Output,
    /// The blind line, source, id, true id, tags.
    records: Sorted<5>,
    /// The line, id, true id.
    segment: Sorted<3>,
    genesys: Sorted<3>,
    /// The line, source, id, true id.
    cloud: Sorted<4>,
    interactions: Sorted<3>,
    line: Vec<u8>,
}

impl Sink for FolderSink {
    fn customer(&mut self, c: &Customer) -> io::Result<()> {
        self.line.clear();
        let (dob, country) = (c.dob.to_string(), c.country.code());
        csv(
            &mut self.line,
            &[&c.true_id, &c.household_id, &c.employer_id, &c.first_name, &c.surname, c.sex, &dob, country],
        );
        line(&mut self.customers, &[&self.line])
    }

    fn record(&mut self, r: &PersonRecord) -> io::Result<()> {
        self.line.clear();
        let (source, country, time) = (r.source.name(), r.country.code(), r.updated_at.to_string());
        #[rustfmt::skip]
        csv(&mut self.line, &[
            &r.id, source, &r.first_name, &r.surname, &r.dob, &r.email, &r.phone, &r.street, &r.city, &r.postcode,
            country, &time,
        ]);
        let tags = r.tags.join(";");
        let truth = [source, &r.id, &r.true_id, &tags].map(str::as_bytes);
        let [source, id, true_id, tags] = truth;
        self.records.push(r.updated_at.0, [&self.line, source, id, true_id, tags])
    }

    fn event(&mut self, e: &WebEvent) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, e)?;
        self.segment.push(e.received_at.0, [&self.line, e.message_id.as_bytes(), e.true_id.as_bytes()])
    }

    fn conversation(&mut self, c: &Conversation) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, c)?;
        let (id, true_id) = (c.conversation_id.as_bytes(), c.true_id.as_bytes());
        self.genesys.push(c.conversation_end.0, [&self.line, id, true_id])
    }

    fn cloud_event(&mut self, e: &CloudEvent) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, e)?;
        let truth = [&e.source, &e.id, &e.true_id].map(|s| s.as_bytes());
        self.cloud.push(e.time.0, [&self.line, truth[0], truth[1], truth[2]])
    }

    fn interaction(&mut self, i: &Interaction) -> io::Result<()> {
        self.line.clear();
        let (time, duration) = (i.started_at.to_string(), i.duration_s.to_string());
        csv(&mut self.line, &[&i.id, i.channel, i.direction, &time, &duration, i.id_type, &i.id_value]);
        self.interactions.push(i.started_at.0, [&self.line, i.id.as_bytes(), i.true_id.as_bytes()])
    }
}

impl FolderSink {
    fn finish(mut self, out: &Path) -> io::Result<()> {
        self.customers.flush()?;
        let mut full = create(out, "records.csv", &format!("{RECORD_COLUMNS},true_id"))?;
        let mut blind = create(out, "records_blind.csv", RECORD_COLUMNS)?;
        let mut truth = create(out, "truth_records.csv", "source,id,true_id")?;
        let mut tags = create(out, "record_tags.csv", "id,true_id,tags")?;
        self.records.finish(|[row, source, id, true_id, tagged]| {
            line(&mut full, &[row, true_id])?;
            line(&mut blind, &[row])?;
            line(&mut truth, &[source, id, true_id])?;
            line(&mut tags, &[id, true_id, tagged])
        })?;
        let mut truth_of_contacts = create(out, "truth_interactions.csv", "source,interaction_id,true_id")?;
        let truth_file = &mut truth_of_contacts;
        let mut segment = create(out, "segment.jsonl", "")?;
        self.segment.finish(|[json, id, true_id]| {
            line(&mut segment, &[json])?;
            line(truth_file, &[b"segment", id, true_id])
        })?;
        let mut genesys = create(out, "genesys.jsonl", "")?;
        self.genesys.finish(|[json, id, true_id]| {
            line(&mut genesys, &[json])?;
            line(truth_file, &[b"genesys", id, true_id])
        })?;
        let mut cloud = create(out, "cloudevents.jsonl", "")?;
        self.cloud.finish(|[json, source, id, true_id]| {
            line(&mut cloud, &[json])?;
            line(truth_file, &[source, id, true_id])
        })?;
        let columns = "interaction_id,channel,direction,started_at,duration_s,id_type,id_value";
        let mut interactions = create(out, "interactions.csv", columns)?;
        self.interactions.finish(|[row, id, true_id]| {
            line(&mut interactions, &[row])?;
            line(truth_file, &[b"interactions", id, true_id])
        })?;
        for mut file in [full, blind, truth, tags, truth_of_contacts, segment, genesys, cloud, interactions] {
            file.flush()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let mut out = Vec::new();
        csv(&mut out, &["plain", "", "1 High St, Flat 2", "say \"hi\""]);
        assert_eq!(String::from_utf8(out).unwrap(), r#"plain,,"1 High St, Flat 2","say ""hi""""#);
    }
}
