//! What stands in the log: inputs, places from which inputs were taken out, erasures, and where ids lead whose
//! reasons were taken out.
//!
//! An entry begins as a stored input does, with the version of the form and a tag; its tag is one that no input has.

use crate::{
    customer::CustomerId,
    error::{Error, ErrorKind, Result},
    record::{Input, RecordKey, Timestamp},
    store::codec::{self, FORMAT_VERSION, Reader, Writer},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const GONE: u8 = 64;
const ISSUED: u8 = 65;
const ERASED: u8 = 66;

/// A keyed hash of a key or an identifier.
pub(crate) type Mark = [u8; 16];

/// One entry of the log.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// An input.
    Input(Box<Input>),
    /// An input stood here and was taken out.
    Gone,
    /// Where ids lead whose founding records went.
    Issued(Issued),
    /// A person was erased.
    Erased(Erased),
}

/// Redirects, by key, as they were when the log was rewritten. They take the place of all that came before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Issued {
    /// Whether these are the first of a rewriting, so that earlier ones are forgotten.
    pub(crate) first: bool,
    /// Versions that ended by this time may be missing from the log.
    pub(crate) horizon: Option<i64>,
    /// A record that went, the input with which it went, and the records for whom its id stood.
    pub(crate) ids: Vec<(RecordKey, u32, Vec<RecordKey>)>,
}

/// Marks of what was erased, and the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Erased {
    /// Versions up to this time are not taken again.
    pub(crate) until: i64,
    pub(crate) marks: Vec<Mark>,
    /// With the last of the entries of one erasure.
    pub(crate) receipt: Option<Receipt>,
}

/// What an erasure did. It names no value and no key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What it is known by: a hash of the marks left behind, under the database's own key.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who asked for it.
    pub by: String,
    /// The customer who was erased; none where what was erased was no customer's any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// Records that sources had stated.
    pub records: u64,
    /// Interactions.
    pub interactions: u64,
    /// Inputs taken out of the log: these, their earlier versions, relations, words and deletions.
    pub inputs: u64,
    /// Identifiers that nobody else has.
    pub identifiers: u64,
    /// Marks left behind, by which old inputs are recognised and not taken again.
    pub marks: u64,
    /// Inputs of others that stay and hold one of the identifiers as text, in an attribute or a note.
    pub mentions: u64,
}

/// What an entry is, told by its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Input,
    Issued,
    Other,
}

/// What an entry is.
pub(crate) fn kind(bytes: &[u8]) -> Kind {
    match bytes {
        [FORMAT_VERSION, ISSUED, ..] => Kind::Issued,
        [FORMAT_VERSION, GONE | ERASED, ..] => Kind::Other,
        _ => Kind::Input,
    }
}

/// Writes an entry, appended to `out`.
pub(crate) fn encode(entry: &Entry, out: &mut Vec<u8>) {
    let mut w = Writer(out);
    match entry {
        Entry::Input(input) => codec::encode(input, out),
        Entry::Gone => {
            w.byte(FORMAT_VERSION);
            w.byte(GONE);
        }
        Entry::Issued(issued) => {
            w.byte(FORMAT_VERSION);
            w.byte(ISSUED);
            w.byte(u8::from(issued.first));
            w.option(issued.horizon, |w, at| w.signed(at));
            w.number(issued.ids.len() as u64);
            for (key, went, others) in &issued.ids {
                w.key(&key.source, &key.id);
                w.number(u64::from(*went));
                w.number(others.len() as u64);
                others.iter().for_each(|other| w.key(&other.source, &other.id));
            }
        }
        Entry::Erased(erased) => {
            w.byte(FORMAT_VERSION);
            w.byte(ERASED);
            w.signed(erased.until);
            w.number(erased.marks.len() as u64);
            erased.marks.iter().for_each(|mark| w.0.extend_from_slice(mark));
            w.option(erased.receipt.as_ref(), |w, receipt| {
                w.0.extend_from_slice(receipt.id.as_bytes());
                w.time(receipt.at);
                w.text(&receipt.by);
                w.option(receipt.customer, |w, id| w.0.extend_from_slice(id.uuid().as_bytes()));
                for count in [
                    receipt.records,
                    receipt.interactions,
                    receipt.inputs,
                    receipt.identifiers,
                    receipt.marks,
                    receipt.mentions,
                ] {
                    w.number(count);
                }
            });
        }
    }
}

/// Reads an entry, all of `bytes`.
pub(crate) fn decode(bytes: &[u8]) -> Result<Entry> {
    let Some(&[FORMAT_VERSION, tag @ (GONE | ISSUED | ERASED)]) = bytes.first_chunk() else {
        return codec::decode(bytes).map(|input| Entry::Input(Box::new(input)));
    };
    let mut r = Reader(&bytes[2..]);
    let entry = match tag {
        GONE => Entry::Gone,
        ISSUED => {
            let (first, horizon) = (r.byte()? == 1, r.option(Reader::signed)?);
            let mut ids = Vec::new();
            for _ in 0..r.number()? {
                let (key, went) = (r.record_key()?, u32::try_from(r.number()?).map_err(|_| damaged())?);
                let mut others = Vec::new();
                for _ in 0..r.number()? {
                    others.push(r.record_key()?);
                }
                ids.push((key, went, others));
            }
            Entry::Issued(Issued { first, horizon, ids })
        }
        _ => {
            let until = r.signed()?;
            let mut marks = Vec::new();
            for _ in 0..r.number()? {
                marks.push(r.bytes(16)?.try_into().map_err(|_| damaged())?);
            }
            let receipt = r.option(|r| {
                Ok(Receipt {
                    id: uuid(r)?,
                    at: r.time()?,
                    by: r.text()?.to_owned(),
                    customer: r.option(uuid)?.map(CustomerId::from),
                    records: r.number()?,
                    interactions: r.number()?,
                    inputs: r.number()?,
                    identifiers: r.number()?,
                    marks: r.number()?,
                    mentions: r.number()?,
                })
            })?;
            Entry::Erased(Erased { until, marks, receipt })
        }
    };
    if r.0.is_empty() { Ok(entry) } else { Err(damaged()) }
}

fn uuid(r: &mut Reader<'_>) -> Result<Uuid> {
    r.bytes(16)?.try_into().map(Uuid::from_bytes).map_err(|_| damaged())
}

fn damaged() -> Error {
    Error::new(ErrorKind::Corrupt, "an entry of the log is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(entry: &Entry) -> Result<Entry> {
        let mut bytes = Vec::new();
        encode(entry, &mut bytes);
        for len in 0..bytes.len() {
            assert!(decode(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
        }
        decode(&bytes)
    }

    #[test]
    fn entries_are_read_as_they_were_written() {
        assert!(matches!(again(&Entry::Gone).unwrap(), Entry::Gone));
        let key = |id: &str| RecordKey::new("crm", id);
        let issued =
            Issued { first: true, horizon: Some(-5), ids: vec![(key("a"), 7, vec![key("b"), key("c")])] };
        let Entry::Issued(read) = again(&Entry::Issued(issued.clone())).unwrap() else { panic!() };
        assert_eq!(read, issued);
        let receipt = Receipt {
            id: Uuid::from_u128(1),
            at: "2026-03-01T10:02:00Z".parse().unwrap(),
            by: "dpo".into(),
            customer: Some(CustomerId::from(Uuid::from_u128(2))),
            records: 1,
            interactions: 2,
            inputs: 300,
            identifiers: 4,
            marks: 2,
            mentions: 0,
        };
        let erased = Erased { until: 9, marks: vec![[1; 16], [2; 16]], receipt: Some(receipt) };
        let Entry::Erased(read) = again(&Entry::Erased(erased.clone())).unwrap() else { panic!() };
        assert_eq!(read, erased);
    }
}
