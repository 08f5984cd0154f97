//! Version 5 UUIDs: names hashed under a namespace.

use sha1::{Digest, Sha1, block_api::compress};
use uuid::Uuid;

/// What SHA-1 begins with (FIPS 180-4, section 5.3.1).
const BEGIN: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// The version 5 UUID (RFC 9562, section 5.5) of a name given in parts, which are hashed as if they stood together.
pub(crate) fn name_uuid<'a>(
    namespace: &Uuid,
    parts: impl IntoIterator<Item = &'a [u8], IntoIter: Clone>,
) -> Uuid {
    let parts = parts.into_iter();
    let hash = short(namespace, parts.clone()).unwrap_or_else(|| any(namespace, parts));
    uuid::Builder::from_sha1_bytes(hash).into_uuid()
}

/// The hash of a name of any length.
fn any<'a>(namespace: &Uuid, parts: impl Iterator<Item = &'a [u8]>) -> [u8; 16] {
    let mut hash = Sha1::new_with_prefix(namespace.as_bytes());
    parts.for_each(|part| hash.update(part));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    bytes
}

/// The hash of a name that fits into one block with what surrounds it, in half the time: most do.
fn short<'a>(namespace: &Uuid, parts: impl Iterator<Item = &'a [u8]>) -> Option<[u8; 16]> {
    // The length in bits stands in the last eight bytes, and a single bit behind the name.
    let mut block = [0; 64];
    block[..16].copy_from_slice(namespace.as_bytes());
    let mut end = 16;
    for part in parts {
        let to = block[..55].get_mut(end..end + part.len())?;
        to.copy_from_slice(part);
        end += part.len();
    }
    block[end] = 0x80;
    block[56..].copy_from_slice(&(end as u64 * 8).to_be_bytes());
    let mut state = BEGIN;
    compress(&mut state, &[block]);
    let mut bytes = [0; 16];
    bytes.chunks_exact_mut(4).zip(state).for_each(|(to, word)| to.copy_from_slice(&word.to_be_bytes()));
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_example_of_the_standard() {
        let made = name_uuid(&Uuid::NAMESPACE_DNS, [&b"www."[..], b"example.com"]);
        assert_eq!(made.to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }

    #[test]
    fn a_short_name_is_hashed_as_any() {
        let name: Vec<u8> = (0..60).collect();
        for end in 0..=60 {
            for cut in [0, end / 2, end] {
                let parts = [&name[..cut], &name[cut..end]];
                let found = short(&Uuid::NAMESPACE_URL, parts.into_iter());
                assert_eq!(found.is_some(), end <= 55 - 16);
                let expected = any(&Uuid::NAMESPACE_URL, parts.into_iter());
                assert_eq!(found.unwrap_or(expected), expected);
            }
        }
    }
}
