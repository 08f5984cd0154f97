//! Links as words that a live database takes: stitchline's own JSON lines, one assertion for each link that holds a
//! customer together, and one for each that an earlier run had and this one has not.

use crate::{
    failure::{Done, Failure},
    files,
};
use std::{
    collections::BTreeMap,
    io::{BufWriter, Write},
    path::Path,
};
use stitchline::{Assertion, Input, RecordKey, Timestamp, Verdict, link::Linked};

/// A pair of records with the latest word on it.
type Said = BTreeMap<(RecordKey, RecordKey), Assertion>;

/// Writes the words. They are dated from the beginning of time on, an instant later for each run that replaces another,
/// so that the word of a person on the same pair always goes before.
pub(crate) fn write(linked: &Linked, path: &Path, by: &str, earlier: Option<&Path>) -> Done {
    let before = earlier.map(read).transpose()?.unwrap_or_default();
    let last = before.values().map(|word| word.at.micros()).max();
    let at = Timestamp::from_micros(last.map_or(0, |last| last + 1))?;
    let table = &linked.table;
    let mut words: Said = before
        .into_iter()
        .filter(|(_, word)| word.verdict == Verdict::Same)
        .map(|(pair, word)| {
            (pair, Assertion { verdict: Verdict::Retracted, by: by.to_owned(), at, note: None, ..word })
        })
        .collect();
    for edge in linked.joins() {
        let key = |row: u32| RecordKey::new(table.source(row), table.id(row));
        let (a, b) = (key(edge.a), key(edge.b));
        let note = Some(format!("match weight {:.1} bits", edge.weight.bits()));
        let pair = if a <= b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
        words.insert(pair, Assertion { a, b, verdict: Verdict::Same, by: by.to_owned(), at, note });
    }
    let file = files::create(path)?;
    let mut to = BufWriter::new(file);
    for word in words.into_values() {
        serde_json::to_writer(&mut to, &Input::Assertion(word))?;
        to.write_all(b"\n")?;
    }
    Ok(to.flush()?)
}

fn read(path: &Path) -> Done<Said> {
    let mut said = Said::new();
    for (number, line) in (1..).zip(files::text(path)?.lines()) {
        match serde_json::from_str(line) {
            Ok(Input::Assertion(word)) => {
                let (a, b) = (word.a.clone(), word.b.clone());
                said.insert(if a <= b { (a, b) } else { (b, a) }, word);
            }
            _ => {
                return Err(Failure::new(format!("line {number} is no assertion"))
                    .about(path.display())
                    .next("Give the file that an earlier `--assertions` wrote."));
            }
        }
    }
    Ok(said)
}
