//! Settings out of TOML and JSON, with errors that tell the place and show no line of the file, no value of a wrong type, and of
//! names that are not known only those that look like names of settings.
//!
//! What the readers say by themselves shows the line or the value that they met, which of a file given by mistake is a
//! customer's.

use crate::error::{Error, Result};
use serde::de::DeserializeOwned;

/// What a text in TOML holds.
///
/// ```
/// #[derive(Debug, serde::Deserialize)]
/// struct Plan {
///     threads: usize,
/// }
///
/// let plan: Plan = stitchline::settings::from_toml("threads = 2")?;
/// assert_eq!(plan.threads, 2);
/// let error = stitchline::settings::from_toml::<Plan>("threads = 'Ann Lee'").unwrap_err();
/// assert_eq!(error.to_string(), "invalid type: string, expected usize (line 1, column 11)");
/// # Ok::<(), stitchline::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with the line and the column, both from 1.
pub fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| {
        let (line, column) = line_and_column(text, error.span().map_or(0, |span| span.start));
        Error::invalid(format!("{} (line {line}, column {column})", without_value(error.message())))
    })
}

/// What a text in JSON holds.
#[cfg(feature = "adapters")]
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::invalid(without_value(&error.to_string())))
}

/// The line and the column of a place in a text, both from 1; a column is a character.
pub(crate) fn line_and_column(text: &str, place: usize) -> (usize, usize) {
    let before = text.get(..place).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// A message of serde without the value that it shows of a type or a number that was not expected (of
/// ``invalid type: string "…", expected f64`` and ``invalid value: integer `…`, expected u32`` the kind stays), and without an
/// unknown name that is not of small letters, digits and `_`, as names of settings are.
fn without_value(message: &str) -> String {
    const EXPECTED: &str = ", expected ";
    let behind =
        |marks: &[&str]| marks.iter().find(|mark| message.starts_with(**mark)).map(|mark| mark.len());
    let expected = |from: usize| message.rfind(EXPECTED).filter(|&to| to >= from);
    if let Some(from) = behind(&["invalid type: ", "invalid value: "])
        && let Some(to) = expected(from)
        && let Some(quote) = message[from..to].find(['"', '`'])
    {
        return format!("{}{}", message[..from + quote].trim_end(), &message[to..]);
    }
    if let Some(from) = behind(&["unknown field `", "unknown variant `"]) {
        let is_of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        let to = expected(from).unwrap_or(message.len());
        let name = message[from..to].trim_end_matches('`');
        if !name.chars().all(is_of_name) {
            return format!("{}{}", message[..from - 1].trim_end(), &message[to..]);
        }
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Own {
        number: Option<u8>,
        text: Option<String>,
        one: Option<char>,
    }

    #[test]
    fn errors_show_no_value() {
        let of = |text: &str| from_toml::<Own>(text).unwrap_err().to_string();
        assert_eq!(
            of("number = 'Ann, expected \"Lee\" `x`'"),
            "invalid type: string, expected u8 (line 1, column 10)"
        );
        assert_eq!(of("number = 5550123"), "invalid value: integer, expected u8 (line 1, column 10)");
        assert_eq!(of("\n text = 5550123"), "invalid type: integer, expected a string (line 2, column 9)");
        assert_eq!(of("text = 5.5"), "invalid type: floating point, expected a string (line 1, column 8)");
        assert_eq!(of("text = []"), "invalid type: sequence, expected a string (line 1, column 8)");
        assert_eq!(of("one = 'Lee'"), "invalid value: string, expected a character (line 1, column 7)");
        assert_eq!(
            of("'ann@example.com' = 1"),
            "unknown field, expected one of `number`, `text`, `one` (line 1, column 1)"
        );
        assert_eq!(
            of("number = 'Ann unknown field `Lee'"),
            "invalid type: string, expected u8 (line 1, column 10)"
        );
        assert!(of("nunber = 1").starts_with("unknown field `nunber`, expected"));
        for wrong in [
            "id,name\n1,Ann Lee",
            "Ann Lee",
            "a = Ann Lee",
            "a = 'Ann Lee",
            "[Ann Lee",
            "{\"a\": \"Ann Lee\"}",
        ] {
            assert!(!of(wrong).contains("Ann") && of(wrong).contains("line "), "{}", of(wrong));
        }
    }

    #[cfg(feature = "adapters")]
    #[test]
    fn errors_of_json_show_no_value() {
        let of = |text: &str| from_json::<Own>(text).unwrap_err().to_string();
        assert_eq!(of(r#"{"number": "Ann Lee"}"#), "invalid type: string, expected u8 at line 1 column 20");
        assert_eq!(of("{\n\"number\": 5550123}"), "invalid value: integer, expected u8 at line 2 column 17");
        assert_eq!(of("\"Ann Lee\""), "invalid type: string, expected struct Own at line 1 column 9");
        for wrong in ["Ann Lee", "{\"number\": Ann", "{\"Ann Lee"] {
            assert!(!of(wrong).contains("Ann"), "{}", of(wrong));
        }
    }
}
