//! Version 5 UUIDs: names hashed under a namespace.

use sha1::{Digest, Sha1};
use uuid::Uuid;

/// The version 5 UUID (RFC 9562, section 5.5) of a name given in parts, which are hashed as if they stood together.
pub(crate) fn name_uuid<'a>(namespace: &Uuid, parts: impl IntoIterator<Item = &'a [u8]>) -> Uuid {
    let mut hash = Sha1::new_with_prefix(namespace.as_bytes());
    for part in parts {
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_sha1_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_example_of_the_standard() {
        let made = name_uuid(&Uuid::NAMESPACE_DNS, [&b"www."[..], b"example.com"]);
        assert_eq!(made.to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
}
