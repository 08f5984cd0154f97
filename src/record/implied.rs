//! The record that a set of identifiers stands for where a source names no party of its own.

use super::{Claim, Identifier, RecordKey, name_uuid};
use smallvec::SmallVec;
use uuid::Uuid;

/// The namespace under which sets of identifiers are hashed; fixed for good, since stored keys derive from it.
const IMPLIED: Uuid = Uuid::from_u128(0x2f6d_9a41_7c05_4e8b_b3d2_91e4_60af_5c17);

/// The key of the record that these identifiers name in `source`; none where there are only facts or nothing.
///
/// The same set gives the same key, whatever its order, repetitions, facts and verification: the id is `~` and a
/// version 5 UUID of the sorted identifiers, so it reveals no value to who does not know the set.
///
/// ```
/// use stitchline::{Identifier, record::implied_key};
///
/// let (phone, email) = (Identifier::phone("+44 20 7946 0123")?, Identifier::email("ann.lee@example.com")?);
/// let name = Identifier::name("Ann", "Lee").unwrap();
/// let key = implied_key("calls", &[phone.clone().into(), email.clone().into()]);
/// assert_eq!(key, implied_key("calls", &[email.into(), name.clone().into(), phone.into()]));
/// assert_eq!(implied_key("calls", &[name.into()]), None);
/// # Ok::<(), stitchline::Error>(())
/// ```
pub fn implied_key(source: &str, claims: &[Claim]) -> Option<RecordKey> {
    let id = ImpliedId::of(claims)?;
    Some(RecordKey::new(source, id.text().as_str()))
}

/// The id of an implied record, without the `~` before its 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ImpliedId(pub(crate) [u8; 16]);

impl ImpliedId {
    /// Of the identifiers among the claims; none where there are only facts or nothing.
    pub(crate) fn of(claims: &[Claim]) -> Option<Self> {
        let identifiers = claims.iter().map(|claim| &claim.identifier).filter(|id| !id.is_fact());
        let mut set: SmallVec<[&Identifier; 8]> = identifiers.collect();
        if set.len() > 1 {
            set.sort_unstable();
            set.dedup();
        }
        // One text is hashed faster than its parts.
        let mut name: SmallVec<[u8; 256]> = SmallVec::new();
        for identifier in &set {
            if !name.is_empty() {
                name.push(b'\n');
            }
            name.extend_from_slice(identifier.namespace().as_str().as_bytes());
            name.push(b':');
            name.extend_from_slice(identifier.value().as_bytes());
        }
        (!set.is_empty()).then(|| ImpliedId(name_uuid(&IMPLIED, [&name[..]]).into_bytes()))
    }

    /// Of a record's id; none where it is another record's.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let digits = id.strip_prefix('~').filter(|digits| digits.len() == 32)?;
        let parsed = ImpliedId(Uuid::try_parse(digits).ok()?.into_bytes());
        // Digits in upper case are another id.
        (parsed.text().as_str() == id).then_some(parsed)
    }

    /// The record's id.
    pub(crate) fn text(self) -> ImpliedText {
        let mut text = [b'~'; 33];
        Uuid::from_bytes(self.0).simple().encode_lower(&mut text[1..]);
        ImpliedText(text)
    }
}

/// The id of an implied record: `~` and 32 hexadecimal digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ImpliedText([u8; 33]);

impl ImpliedText {
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Identifier;

    #[test]
    fn the_key_never_changes() {
        let claims = [Identifier::cookie("c-1").unwrap().into(), Identifier::crm("a:1").unwrap().into()];
        let key = implied_key("web", &claims).unwrap();
        assert_eq!(key.to_string(), "web/~4d000e69961358278e2c41b7987ae48b");
        let id = ImpliedId::of(&claims).unwrap();
        assert_eq!(ImpliedId::parse(&key.id), Some(id));
        for other in [key.id.to_uppercase(), key.id[1..].to_owned(), format!("{}0", key.id), "~".to_owned()] {
            assert_eq!(ImpliedId::parse(&other), None);
        }
    }
}
