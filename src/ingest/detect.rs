//! Which format a file has, from its first lines.

use super::node::{Map, Node};
use crate::{
    delimited::{NOT_UTF8, lines, misfit},
    error::{Error, Result},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// Segment Spec events: identify, track, page, screen, group, alias.
    Segment,
    /// Genesys Cloud conversation details.
    Genesys,
    /// CloudEvents 1.0 envelopes in their JSON form.
    CloudEvents,
    /// Senzing records, with `FEATURES` or flat.
    Senzing,
    /// Comma-separated records or interactions.
    Csv,
    /// The library's own [`Input`](crate::Input)s, one JSON object a line.
    Stitchline,
}

const NAMES: [(&str, Format); 6] = [
    ("segment", Format::Segment),
    ("genesys", Format::Genesys),
    ("cloudevents", Format::CloudEvents),
    ("senzing", Format::Senzing),
    ("csv", Format::Csv),
    ("stitchline", Format::Stitchline),
];

impl Format {
    /// Recognises a format from the beginning of a file (the first 64 KiB are enough). A line that is no JSON is
    /// passed over when others say what the file is.
    ///
    /// ```
    /// use stitchline::ingest::Format;
    ///
    /// assert_eq!(Format::detect(br#"{"specversion":"1.0","id":"1"}"#), Some(Format::CloudEvents));
    /// assert_eq!(Format::detect(b"id;vorname;nachname\n1;Ann;Lee\n"), Some(Format::Csv));
    /// assert_eq!(Format::detect(b"Dear Sir or Madam\n"), None);
    /// ```
    pub fn detect(beginning: &[u8]) -> Option<Format> {
        let beginning = beginning.strip_prefix(lines::BOM).unwrap_or(beginning);
        let mut lines =
            beginning.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
        let first = lines.clone().next()?;
        let found =
            lines.by_ref().take(64).filter(|line| line.starts_with(b"{")).find_map(|line| match Node::parse(
                line,
            ) {
                Ok(Node::Map(map)) => of_map(&map),
                _ => None,
            });
        if found.is_some() {
            return found;
        }
        if first.starts_with(b"{") {
            // A first line longer than what was read ahead.
            return (beginning.len() > 32 * 1024 && !first.ends_with(b"}")).then(|| of_part(first)).flatten();
        }
        let header = std::str::from_utf8(first).ok()?;
        let delimited = header.contains([',', ';', '\t', '|']);
        let texty = !first.starts_with(b"[") && !header.chars().any(|c| c.is_control() && c != '\t');
        (delimited && texty).then_some(Format::Csv)
    }

    /// The name.
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
}

/// What an object's keys say.
fn of_map(map: &Map<'_>) -> Option<Format> {
    let has = |key: &str| map.get(key).is_some();
    if has("specversion") {
        return Some(Format::CloudEvents);
    }
    if has("conversationId") || has("conversations") {
        return Some(Format::Genesys);
    }
    if has("DATA_SOURCE") || has("FEATURES") {
        return Some(Format::Senzing);
    }
    match map.get("type").and_then(Node::as_str) {
        Some(kind) if super::stitchline::TYPES.contains(&kind) => Some(Format::Stitchline),
        Some(kind) if super::segment::KINDS.contains(&kind) => Some(Format::Segment),
        _ if has("anonymousId") || has("messageId") => Some(Format::Segment),
        _ if map.0.iter().any(|(key, _)| super::senzing_features::is_feature(key)) => Some(Format::Senzing),
        _ => None,
    }
}

/// What the text of an object's beginning says.
fn of_part(text: &[u8]) -> Option<Format> {
    let has = |key: &str| memchr::memmem::find(text, key.as_bytes()).is_some();
    [
        ("\"specversion\"", Format::CloudEvents),
        ("\"conversationId\"", Format::Genesys),
        ("\"DATA_SOURCE\"", Format::Senzing),
        ("\"anonymousId\"", Format::Segment),
        ("\"messageId\"", Format::Segment),
    ]
    .into_iter()
    .find(|(key, _)| has(key))
    .map(|(_, format)| format)
    .or_else(|| {
        let of = |kinds: &[&str], format| {
            let named =
                |kind: &&str| has(&format!("\"type\":\"{kind}\"")) || has(&format!("\"type\": \"{kind}\""));
            kinds.iter().any(named).then_some(format)
        };
        of(super::stitchline::TYPES, Format::Stitchline)
            .or_else(|| of(super::segment::KINDS, Format::Segment))
    })
}

/// Why a file has no format, in words that help.
pub(super) fn unknown(beginning: &[u8]) -> Error {
    let first = beginning.split(|&b| b == b'\n').next().unwrap_or_default();
    let encoded = || std::str::from_utf8(first).is_err().then_some(NOT_UTF8);
    match misfit(beginning).or_else(encoded) {
        Some(what) => Error::invalid(what),
        None => Error::invalid(
            "the format is not recognised; name it: segment, genesys, cloudevents, senzing, csv or stitchline",
        )
        .in_field("format"),
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        NAMES.iter().find(|(name, _)| *name == text).map(|(_, format)| *format).ok_or_else(|| {
            Error::invalid("is not segment, genesys, cloudevents, senzing, csv or stitchline")
                .in_field("format")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for (name, format) in NAMES {
            assert_eq!(name.parse::<Format>().unwrap(), format);
            assert_eq!(serde_json::to_string(&format).unwrap(), format!("{name:?}"));
        }
    }

    #[test]
    fn a_bad_first_line_does_not_hide_the_format() {
        assert_eq!(
            Format::detect(b"{oops\n{\"type\":\"page\",\"anonymousId\":\"a\"}"),
            Some(Format::Segment)
        );
        assert_eq!(Format::detect(b"{\"type\":\"record\",\"source\":\"a\"}"), Some(Format::Stitchline));
        assert_eq!(
            Format::detect(b"{\"RECORD_ID\":\"1\",\"PRIMARY_NAME_FULL\":\"A B\"}"),
            Some(Format::Senzing)
        );
        assert_eq!(Format::detect(b""), None);
        assert_eq!(Format::detect(b"{\"a\":1}"), None);
    }

    #[test]
    fn a_long_first_line_is_recognised() {
        let line = format!("{{\"conversationId\":\"1\",\"x\":\"{}", "x".repeat(60_000));
        assert_eq!(Format::detect(line.as_bytes()), Some(Format::Genesys));
        for (kind, format) in [("record", Format::Stitchline), ("page", Format::Segment)] {
            let line = format!("{{\"type\": \"{kind}\",\"source\":\"a\",\"x\":\"{}", "x".repeat(60_000));
            assert_eq!(Format::detect(line.as_bytes()), Some(format));
        }
    }
}
