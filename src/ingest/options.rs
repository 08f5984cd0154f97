//! What a reader can be told.

use super::{Format, Mapping};
use crate::record::{Namespace, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How files are read. Every field has a default; it can be read from TOML.
///
/// ```
/// use stitchline::ingest::{Format, Options};
///
/// let options = Options { format: Some(Format::Csv), source: Some("shop".into()), ..Options::default() };
/// assert_eq!(options.max_line_bytes, 1 << 20);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The format. Default: recognised from the first lines.
    pub format: Option<Format>,
    /// The source's name for what names none itself. Default: `segment`, `genesys`; for Senzing a line must then name
    /// it; for CSV the file's name without extensions. CloudEvents always name their own source.
    pub source: Option<String>,
    /// The longest line that is read; longer ones are rejected without being held in memory. Default: 1 MiB.
    pub max_line_bytes: usize,
    /// What the columns of a CSV file hold. Default: guessed.
    pub mapping: Mapping,
    /// Columns, and fields at the top of a JSON object, that are never looked at. Default: `true_id`, the truth that
    /// generated data carries.
    pub ignore: Vec<String>,
    /// The source of the records that a CSV file of interactions names with `id_type` `record`. Default: the row's
    /// source column, else the file's source.
    pub record_source: Option<String>,
    /// Attributes of a Genesys customer that hold an identifier, and its namespace. Default: `accountNumber` is an
    /// `account`, `customerId` and `crmId` are `crm`.
    pub genesys_attributes: BTreeMap<String, Namespace>,
    /// Beginnings of CloudEvents types whose `data` is an event of that format itself; it is then read as that format
    /// and has that format's key. Default: none.
    pub cloudevents_data: BTreeMap<String, Format>,
    /// The time of what names none. Default: none; records are [undated](Timestamp::UNDATED) then, so that every dated
    /// version replaces them, and interactions are rejected.
    pub undated: Option<Timestamp>,
    /// When the source knew what the file says, for records, relations and interactions that do not say so themselves:
    /// of two versions, that of the later file holds. Without it an interaction's version is that of its end, so that of
    /// two versions with the same end it is the one with the greater bytes that holds. An interaction that ended later
    /// is rejected. Every line becomes a version of its own by it, so it is for files of corrections; and an undated
    /// record of somebody who was erased before counts as later than the erasure. Default: none.
    pub observed_at: Option<Timestamp>,
    /// Whether rejects keep the beginning of their line. It may hold personal data. Default: false.
    pub keep_raw: bool,
}

impl Default for Options {
    fn default() -> Self {
        let attributes = [
            ("accountNumber", Namespace::ACCOUNT),
            ("customerId", Namespace::CRM),
            ("crmId", Namespace::CRM),
        ];
        Options {
            format: None,
            source: None,
            max_line_bytes: 1 << 20,
            mapping: Mapping::default(),
            ignore: vec!["true_id".to_owned()],
            record_source: None,
            genesys_attributes: attributes.map(|(name, ns)| (name.to_owned(), ns)).into(),
            cloudevents_data: BTreeMap::new(),
            undated: None,
            observed_at: None,
            keep_raw: false,
        }
    }
}
