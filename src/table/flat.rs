//! Objects of JSON as rows: what stands deep gets a name out of all names above it.

use std::collections::BTreeMap;

/// Of the objects in a list so many may have a field of one name; more are left out.
const MOST_PARTS: usize = 32;

/// Scalars as text; objects by their path; lists of scalars as words; lists of objects as the fields of their objects,
/// those of a name that is there already with a number. The list that holds a Senzing record has no path of its own.
pub(super) fn flatten(key: &str, value: &serde_json::Value, row: &mut BTreeMap<String, String>) {
    use serde_json::Value;
    match value {
        Value::Null => {}
        Value::Object(object) => {
            object.iter().for_each(|(inner, value)| flatten(&format!("{key}.{inner}"), value, row));
        }
        Value::Array(list) => {
            let scalars: Vec<String> = list.iter().filter_map(scalar).collect();
            if !scalars.is_empty() {
                set(key, scalars.join(" "), row);
            }
            for value in list {
                match value {
                    Value::Object(object) if key == "FEATURES" => {
                        object.iter().for_each(|(inner, value)| flatten(inner, value, row));
                    }
                    Value::Object(_) | Value::Array(_) => flatten(key, value, row),
                    _ => {}
                }
            }
        }
        value => set(key, scalar(value).unwrap_or_default(), row),
    }
}

fn scalar(value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Puts a text under a name, or under the name with a number where that is taken.
fn set(key: &str, text: String, row: &mut BTreeMap<String, String>) {
    if text.is_empty() || row.get(key) == Some(&text) {
        return;
    }
    let names = std::iter::once(key.to_owned()).chain((2u32..).map(|number| format!("{key}_{number}")));
    if let Some(name) = names.take(MOST_PARTS).find(|name| !row.contains_key(name)) {
        row.insert(name, text);
    }
}
