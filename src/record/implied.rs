//! The record that a set of identifiers stands for where a source names no party of its own.

use super::{Claim, RecordKey};
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
    let mut set: Vec<_> = claims.iter().map(|claim| &claim.identifier).filter(|id| !id.is_fact()).collect();
    set.sort_unstable();
    set.dedup();
    if set.is_empty() {
        return None;
    }
    let size = set.iter().map(|id| id.namespace().as_str().len() + id.value().len() + 2).sum();
    let mut text = String::with_capacity(size);
    for identifier in set {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(identifier.namespace().as_str());
        text.push(':');
        text.push_str(identifier.value());
    }
    let id = format!("~{}", Uuid::new_v5(&IMPLIED, text.as_bytes()).simple());
    Some(RecordKey::new(source, id))
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
    }
}
