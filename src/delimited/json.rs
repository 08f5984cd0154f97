//! Whole numbers in JSON that are larger than any integer: readers make floating point numbers of them, which lose
//! digits, and ids must not.

/// A floating point number of at least this size may have been written as a whole number with more digits.
pub(crate) const ROUNDED: f64 = 9e18;

/// Puts quotes around whole numbers that fit no integer, as ids of many digits are written.
pub(crate) fn with_large_numbers_as_texts(line: &str) -> String {
    let mut made = String::with_capacity(line.len() + 16);
    let (mut rest, mut in_text) = (line, false);
    while let Some(first) = rest.chars().next() {
        let is_number = |b: u8| b.is_ascii_digit() || b"+-.eE".contains(&b);
        let mut length = first.len_utf8();
        if in_text {
            match first {
                '"' => in_text = false,
                '\\' => length += rest[1..].chars().next().map_or(0, char::len_utf8),
                _ => {}
            }
        } else if first == '"' {
            in_text = true;
        } else if first == '-' || first.is_ascii_digit() {
            length = rest.bytes().position(|b| !is_number(b)).unwrap_or(rest.len());
            let number = &rest[..length];
            let whole = number.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit());
            if whole && number.parse::<i64>().is_err() && number.parse::<u64>().is_err() {
                made.push('"');
                made.push_str(number);
                made.push('"');
                rest = &rest[length..];
                continue;
            }
        }
        made.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    made
}

/// A line of JSON; whole numbers that fit no integer become texts, so that no digit is lost.
pub(crate) fn value(line: &[u8]) -> serde_json::Result<serde_json::Value> {
    let value = serde_json::from_slice(line)?;
    match std::str::from_utf8(line) {
        Ok(text) if has_rounded(&value) => serde_json::from_str(&with_large_numbers_as_texts(text)),
        _ => Ok(value),
    }
}

fn has_rounded(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::Number(number) => number.is_f64() && number.as_f64().is_some_and(|one| one.abs() >= ROUNDED),
        Value::Array(list) => list.iter().any(has_rounded),
        Value::Object(object) => object.values().any(has_rounded),
        _ => false,
    }
}
