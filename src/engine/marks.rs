//! Marks of what was erased: keyed hashes by which inputs of an erased person are recognised without holding a byte
//! of them.

use super::log::{Erased, Mark, Receipt};
use crate::{
    error::Result,
    record::{Identifier, Input, RecordKey, Role, Timestamp},
    store::{Store, Table},
};
use sha1::{Digest, Sha1};
use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
};

/// Where the key of marks stands among a store's settings.
pub(crate) const META_KEY: u64 = 3;

const BLOCK: usize = 64;

/// The key under which a database hashes what it erased. It never leaves the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MarkKey([u8; 32]);

impl MarkKey {
    /// A new one. The standard library seeds its hashers from the system's random numbers.
    pub(crate) fn random() -> Self {
        let mut key = [0; 32];
        for (part, number) in key.chunks_exact_mut(8).zip(0u64..) {
            part.copy_from_slice(&RandomState::new().hash_one(number).to_le_bytes());
        }
        MarkKey(key)
    }

    /// The one of a store; none where nothing was ever erased from it.
    pub(crate) fn stored(store: &dyn Store) -> Result<Option<Self>> {
        let bytes = store.get(Table::Meta, META_KEY)?;
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(MarkKey))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The first half of an HMAC (RFC 2104) of the parts, each with its length.
    pub(crate) fn mark<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> Mark {
        let pad = |with: u8| {
            let mut block = [with; BLOCK];
            block.iter_mut().zip(self.0).for_each(|(pad, key)| *pad ^= key);
            block
        };
        let mut inner = Sha1::new_with_prefix(pad(0x36));
        for part in parts {
            inner.update((part.len() as u64).to_le_bytes());
            inner.update(part);
        }
        let mut outer = Sha1::new_with_prefix(pad(0x5c));
        outer.update(inner.finalize());
        let mut mark = [0; 16];
        mark.copy_from_slice(&outer.finalize()[..16]);
        mark
    }

    pub(crate) fn of_record(&self, key: &RecordKey) -> Mark {
        self.mark([&b"record"[..], key.source.as_bytes(), key.id.as_bytes()])
    }

    pub(crate) fn of_interaction(&self, source: &str, id: &str) -> Mark {
        self.mark([&b"interaction"[..], source.as_bytes(), id.as_bytes()])
    }

    pub(crate) fn of_identifier(&self, identifier: &Identifier) -> Mark {
        let (namespace, value) = (identifier.namespace().as_str(), identifier.value());
        self.mark([&b"identifier"[..], namespace.as_bytes(), value.as_bytes()])
    }
}

/// What was erased, each with the time up to which it is not taken again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) key: MarkKey,
    pub(crate) until: BTreeMap<Mark, i64>,
    pub(crate) receipts: Vec<Receipt>,
}

impl Marks {
    /// Adds the marks of an erasure.
    pub(crate) fn add(&mut self, erased: &Erased) {
        for &mark in &erased.marks {
            let until = self.until.entry(mark).or_insert(erased.until);
            *until = (*until).max(erased.until);
        }
        self.receipts.extend(erased.receipt.clone());
    }

    /// Whether that mark was left by an erasure, for inputs of that time.
    fn has(&self, mark: Mark, at: Timestamp) -> bool {
        self.until.get(&mark).is_some_and(|&until| at.micros() <= until)
    }

    /// Whether a record of that key was erased at any time.
    pub(crate) fn has_record(&self, key: &RecordKey) -> bool {
        self.until.contains_key(&self.key.of_record(key))
    }

    /// Whether an input is of somebody who was erased: its key or one of its identifiers is marked, up to its time or
    /// later.
    pub(crate) fn cover(&self, input: &Input) -> bool {
        if self.until.is_empty() {
            return false;
        }
        let record = |key: &RecordKey, at| self.has(self.key.of_record(key), at);
        let identifier = |one: &Identifier, at| !one.is_fact() && self.has(self.key.of_identifier(one), at);
        match input {
            Input::Record(new) => {
                let at = new.observed_at;
                record(&new.key, at) || new.claims.iter().any(|claim| identifier(&claim.identifier, at))
            }
            Input::Interaction(new) => {
                // When it happened: that it is told again later makes it no other contact.
                let at = new.end.unwrap_or(new.start);
                let customers = new.participants.iter().filter(|one| one.role == Role::Customer);
                let mut claims = customers.flat_map(|one| &one.claims);
                self.has(self.key.of_interaction(&new.key.source, &new.key.id), at)
                    || claims.any(|claim| identifier(&claim.identifier, at))
            }
            Input::Relation(tie) => record(&tie.from, tie.observed_at) || record(&tie.to, tie.observed_at),
            Input::Assertion(word) => record(&word.a, word.at) || record(&word.b, word.at),
            Input::DeleteRecord { key, at } => record(key, *at),
            Input::DeleteInteraction { key, at } => {
                self.has(self.key.of_interaction(&key.source, &key.id), *at)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_an_hmac() {
        // The expected value is that of Python's hmac.
        let key = MarkKey([0xaa; 32]);
        let mark = key.mark([&b"ab"[..], b"c"]);
        assert_eq!(mark, HMAC_OF_AB_C);
        assert_ne!(mark, key.mark([&b"a"[..], b"bc"]), "parts do not run into each other");
        assert_ne!(mark, MarkKey([0xab; 32]).mark([&b"ab"[..], b"c"]));
        assert_ne!(MarkKey::random(), MarkKey::random());
    }

    const HMAC_OF_AB_C: Mark =
        [0x87, 0xb2, 0xe3, 0xfd, 0xca, 0x9d, 0x86, 0x0d, 0x69, 0xd3, 0xd9, 0x2c, 0x81, 0xa6, 0x69, 0xf7];

    #[test]
    fn only_what_is_as_old_as_the_mark_is_covered() {
        let mut marks = Marks { key: MarkKey::random(), ..Marks::default() };
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let key = RecordKey::new("crm", "1");
        let record = |when| Input::Record(crate::Record::new("crm", "1", at(when)));
        assert!(!marks.cover(&record("2026-01-01T00:00:00Z")));
        let until = at("2026-02-01T00:00:00Z").micros();
        marks.add(&Erased { until, marks: vec![marks.key.of_record(&key)], receipt: None });
        assert!(marks.cover(&record("2026-01-01T00:00:00Z")));
        assert!(marks.cover(&record("2026-02-01T00:00:00Z")));
        assert!(!marks.cover(&record("2026-02-01T00:00:01Z")));
        assert!(marks.cover(&Input::DeleteRecord { key, at: at("2026-01-01T00:00:00Z") }));

        let call = |start: &str| {
            let mut call = crate::Interaction::new("calls", "c1", at(start));
            call.observed_at = Some(at("2026-03-01T00:00:00Z"));
            Input::from(call)
        };
        marks.add(&Erased { until, marks: vec![marks.key.of_interaction("calls", "c1")], receipt: None });
        assert!(marks.cover(&call("2026-01-31T00:00:00Z")), "known of anew, but of before");
        assert!(!marks.cover(&call("2026-02-02T00:00:00Z")));
    }
}
