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
    let name =
        path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').trim_start_matches('@');
    let name = name.rsplit('/').next().unwrap_or_default();
    if name.is_empty() || network.contains('/') {
        return Err(Error::invalid("is not a handle on a network"));
    }
    Ok(format!("{network}/{name}"))
}
