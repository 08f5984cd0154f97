//! Gathers what a source says of one party: usable identifiers as claims, all else as attributes.

use super::{country, node::Node};
use crate::{
    identifier::Normalizer,
    record::{Attributes, Claim, Identifier, Namespace, Participant, Role, Value, Verification},
};

/// The names under which adapters keep what sources call by many names.
pub(super) mod names {
    pub(crate) const NAME: &str = "name";
    pub(crate) const FIRST_NAME: &str = "first_name";
    pub(crate) const MIDDLE_NAME: &str = "middle_name";
    pub(crate) const LAST_NAME: &str = "last_name";
    pub(crate) const STREET: &str = "street";
    pub(crate) const CITY: &str = "city";
    pub(crate) const STATE: &str = "state";
    pub(crate) const POSTAL_CODE: &str = "postal_code";
    pub(crate) const COUNTRY: &str = "country";
    pub(crate) const ORGANISATION: &str = "organisation";
}

/// One party under construction.
#[derive(Debug)]
pub(super) struct Party<'n> {
    normalizer: &'n Normalizer,
    region: Option<&'static str>,
    pub(super) claims: Vec<Claim>,
    pub(super) attributes: Attributes,
}

impl<'n> Party<'n> {
    pub(super) fn new(normalizer: &'n Normalizer) -> Self {
        Party { normalizer, region: None, claims: Vec::with_capacity(4), attributes: Attributes::new() }
    }

    pub(super) fn normalizer(&self) -> &'n Normalizer {
        self.normalizer
    }

    /// Says where the party's phone numbers in national form are from: a country's code or common name.
    pub(super) fn country(&mut self, raw: &str) {
        self.region = country::code(raw).or(self.region);
    }

    /// Takes an identifier; what is none is kept as `<namespace>_invalid`.
    pub(super) fn claim(&mut self, namespace: &Namespace, raw: &str, verification: Verification) {
        self.claim_as(namespace, raw, raw, verification);
    }

    /// Takes an identifier made of `raw`; where it is none `shown` is kept.
    pub(super) fn claim_as(
        &mut self,
        namespace: &Namespace,
        raw: &str,
        shown: &str,
        verification: Verification,
    ) {
        if raw.trim().is_empty() {
            return;
        }
        match self.normalizer.identifier(namespace, raw, self.region) {
            Ok(identifier) => {
                // An extension is no part of the identifier.
                if *namespace == Namespace::PHONE && raw.bytes().any(|b| b.is_ascii_alphabetic() || b == b'#')
                {
                    self.note("phone_raw", shown.into());
                }
                self.push(identifier, verification);
            }
            Err(_) => self.invalid(namespace, shown),
        }
    }

    /// Keeps a value that is no identifier.
    pub(super) fn invalid(&mut self, namespace: &Namespace, raw: &str) {
        self.note(&format!("{namespace}_invalid"), raw.into());
    }

    /// Takes an identifier from JSON: a scalar or a list of them. Anything else is kept as it is.
    pub(super) fn claim_node(&mut self, namespace: &Namespace, node: Node<'_>, verification: Verification) {
        match node {
            Node::List(items) => {
                items.into_iter().for_each(|item| self.claim_node(namespace, item, verification))
            }
            node if node.is_empty() => {}
            node => match node.text() {
                Some(text) => self.claim(namespace, &text, verification),
                None => self.note(&format!("{namespace}_invalid"), node.into_value()),
            },
        }
    }

    /// Adds a claim once; the stronger verification counts.
    pub(super) fn push(&mut self, identifier: Identifier, verification: Verification) {
        match self.claims.iter_mut().find(|claim| claim.identifier == identifier) {
            Some(claim) => claim.verification = claim.verification.max(verification),
            None => self.claims.push(Claim { identifier, verification }),
        }
    }

    /// Takes the name, as a fact to compare and as it was written.
    pub(super) fn name(&mut self, given: Option<&str>, family: Option<&str>, full: Option<&str>) {
        let fact = match (given, family) {
            (None, None) => full.and_then(Identifier::full_name),
            _ => Identifier::name(given.unwrap_or_default(), family.unwrap_or_default()),
        };
        if let Some(fact) = fact {
            self.push(fact, Verification::Stated);
        }
        for (name, text) in [(names::FIRST_NAME, given), (names::LAST_NAME, family), (names::NAME, full)] {
            if let Some(text) = text {
                self.note(name, text.trim().into());
            }
        }
    }

    /// Takes the date of birth.
    pub(super) fn birth(&mut self, raw: &str) {
        match self.normalizer.birth(raw) {
            Some(fact) => self.push(fact, Verification::Stated),
            None => self.invalid(&Namespace::BIRTH, raw),
        }
    }

    /// Keeps an attribute; a second different value makes a list.
    pub(super) fn note(&mut self, name: &str, value: Value) {
        if matches!(&value, Value::Null) || value.as_text() == Some("") {
            return;
        }
        match self.attributes.get_mut(name) {
            None => {
                self.attributes.insert(name.to_owned(), value);
            }
            Some(Value::List(items)) => {
                if !items.contains(&value) {
                    items.push(value);
                }
            }
            Some(old) if *old == value => {}
            Some(old) => *old = Value::List(vec![std::mem::replace(old, Value::Null), value]),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.claims.is_empty() && self.attributes.is_empty()
    }

    pub(super) fn participant(self, role: Role) -> Participant {
        Participant { role, claims: self.claims, attributes: self.attributes }
    }
}

/// A namespace of that name: lower case, what a namespace cannot hold replaced by `_`; none where nothing is left.
///
/// `record` becomes `other.record`, since only the library's own format may point at records.
pub(super) fn namespace(raw: &str) -> Option<Namespace> {
    let mut name = String::new();
    for c in raw.trim().chars().take(64) {
        let c = c.to_ascii_lowercase();
        name.push(if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' });
    }
    if name == Namespace::RECORD.as_str() {
        name.insert_str(0, "other.");
    }
    if !name.bytes().any(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    Namespace::new(&name)
}
