//! Ids whose form only their issuer knows: cookies, device ids, logins, CRM ids, handles.

use crate::{
    error::{Error, Result},
    record::MAX_IDENTIFIER_BYTES,
};

/// The value without surrounding white space, upper and lower case kept.
///
/// # Errors
/// Where it is empty, longer than 512 bytes or has control characters.
pub fn exact(raw: &str) -> Result<&str> {
    let text = raw.trim();
    if text.is_empty() {
        return Err(Error::invalid("is empty"));
    }
    if text.len() > MAX_IDENTIFIER_BYTES {
        return Err(Error::invalid("is longer than 512 bytes"));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid("has a control character"));
    }
    Ok(text)
}

/// The value in lower case, for namespaces whose issuers ignore case (advertising ids, UUIDs, handles).
///
/// # Errors
/// As [`exact`].
pub fn folded(raw: &str) -> Result<String> {
    let text = exact(raw)?;
    let lower = if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() };
    if lower.len() > MAX_IDENTIFIER_BYTES {
        Err(Error::invalid("is longer than 512 bytes"))
    } else {
        Ok(lower)
    }
}

/// The canonical form of a handle on a network: `network/handle` in lower case, without `@` or a profile's address.
///
/// # Errors
/// As [`exact`], or where either part is empty.
///
/// ```
/// use stitchline::normalize::opaque::handle;
///
/// assert_eq!(handle("Twitter", "https://twitter.com/AnnLee/")?, "twitter/annlee");
/// assert_eq!(handle("twitter", "@annlee")?, "twitter/annlee");
/// # Ok::<(), stitchline::Error>(())
/// ```
pub fn handle(network: &str, raw: &str) -> Result<String> {
    let network = folded(network)?;
    let handle = folded(raw)?;
    let path = handle
        .split_once("://")
        .map_or(handle.as_str(), |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches(|c: char| c == '/' || c.is_whitespace());
    let name = path.rsplit('/').next().unwrap_or_default();
    let name = name.trim_start_matches(|c: char| c == '@' || c.is_whitespace());
    // A colon ends the scheme of an address whose network is not known.
    if name.is_empty() || network.contains('/') || network.ends_with(':') {
        return Err(Error::invalid("is not a handle on a network"));
    }
    Ok(format!("{network}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles() {
        for (raw, expected) in [
            ("@AnnLee", "x/annlee"),
            ("https://x.example/@annlee/?lang=en", "x/annlee"),
            ("x.example/u/ @annlee / #top", "x/annlee"),
            ("+44 ?911 123456", "x/+44"),
            ("791/ 123456", "x/123456"),
        ] {
            assert_eq!(handle("X", raw).unwrap(), expected, "{raw}");
        }
        for (network, raw) in [("x", " @ / "), ("https:", "/x.example/ann"), ("x/y", "ann"), ("", "ann")] {
            assert!(handle(network, raw).is_err(), "{network} {raw}");
        }
    }
}
