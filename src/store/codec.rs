//! The stored form of inputs: version 1, compact, self-contained, without padding.
//!
//! An entry is the version byte `1`, a tag byte and the fields in the order of the model. Numbers are LEB128 varints
//! (signed ones zigzag), texts a length and UTF-8, options a byte 0 or 1, lists a count. Reading checks every length
//! against what is left, so that damaged bytes give an error and never a panic or a large allocation.

use crate::{
    error::{Error, ErrorKind, Result},
    record::{
        Assertion, Attributes, Channel, Claim, Direction, Identifier, Input, Interaction, InteractionKey,
        Namespace, Participant, PartyKind, Record, RecordKey, Relation, Role, Timestamp, Value, Verdict,
        Verification,
    },
};
use std::collections::BTreeMap;

/// The version of the stored form that this library writes, and the newest that it reads.
pub const FORMAT_VERSION: u8 = 1;

const MAX_DEPTH: usize = 64;

/// Writes the stored form of an input, appended to `out`.
pub fn encode(input: &Input, out: &mut Vec<u8>) {
    let mut w = Writer(out);
    w.byte(FORMAT_VERSION);
    match input {
        Input::Record(record) => {
            w.byte(1);
            w.key(&record.key.source, &record.key.id);
            w.time(record.observed_at);
            w.byte(record.kind as u8);
            w.claims(&record.claims);
            w.attributes(&record.attributes);
        }
        Input::Interaction(interaction) => {
            w.byte(2);
            w.key(&interaction.key.source, &interaction.key.id);
            w.time(interaction.start);
            w.option(interaction.end, |w, end| w.time(end));
            w.option(interaction.observed_at, |w, at| w.time(at));
            w.text(&interaction.kind);
            w.text(interaction.channel.as_str());
            w.byte(interaction.direction as u8);
            w.option(interaction.queue_ms, |w, ms| w.number(ms));
            w.option(interaction.talk_ms, |w, ms| w.number(ms));
            w.option(interaction.subject.as_deref(), |w, text| w.text(text));
            w.option(interaction.outcome.as_deref(), |w, text| w.text(text));
            w.number(interaction.participants.len() as u64);
            for participant in &interaction.participants {
                w.byte(participant.role as u8);
                w.claims(&participant.claims);
                w.attributes(&participant.attributes);
            }
            w.attributes(&interaction.attributes);
        }
        Input::Relation(relation) => {
            w.byte(3);
            w.key(&relation.from.source, &relation.from.id);
            w.key(&relation.to.source, &relation.to.id);
            w.text(&relation.kind);
            w.option(relation.role.as_deref(), |w, role| w.text(role));
            w.time(relation.observed_at);
            w.byte(u8::from(relation.holds));
            w.attributes(&relation.attributes);
        }
        Input::Assertion(assertion) => {
            w.byte(4);
            w.key(&assertion.a.source, &assertion.a.id);
            w.key(&assertion.b.source, &assertion.b.id);
            w.byte(assertion.verdict as u8);
            w.text(&assertion.by);
            w.time(assertion.at);
            w.option(assertion.note.as_deref(), |w, note| w.text(note));
        }
        Input::DeleteRecord { key, at } => {
            w.byte(5);
            w.key(&key.source, &key.id);
            w.time(*at);
        }
        Input::DeleteInteraction { key, at } => {
            w.byte(6);
            w.key(&key.source, &key.id);
            w.time(*at);
        }
    }
}

/// Reads one stored input, all of `bytes`.
///
/// # Errors
/// [`ErrorKind::NewerFormat`] where a newer library wrote it, [`ErrorKind::Corrupt`] where the bytes are not an input.
pub fn decode(bytes: &[u8]) -> Result<Input> {
    let mut r = Reader(bytes);
    match r.byte()? {
        FORMAT_VERSION => {}
        version if version > FORMAT_VERSION => {
            return Err(Error::new(
                ErrorKind::NewerFormat,
                format!(
                    "an input has stored form {version}; this library reads up to {FORMAT_VERSION}: take a newer one"
                ),
            ));
        }
        _ => return Err(corrupt()),
    }
    let input = match r.byte()? {
        1 => Input::Record(Record {
            key: r.record_key()?,
            observed_at: r.time()?,
            kind: match r.byte()? {
                0 => PartyKind::Unknown,
                1 => PartyKind::Person,
                2 => PartyKind::Organisation,
                _ => return Err(corrupt()),
            },
            claims: r.claims()?,
            attributes: r.attributes(0)?,
        }),
        2 => Input::Interaction(Interaction {
            key: r.interaction_key()?,
            start: r.time()?,
            end: r.option(Reader::time)?,
            observed_at: r.option(Reader::time)?,
            kind: r.text()?.to_owned(),
            channel: Channel::named(r.text()?),
            direction: match r.byte()? {
                0 => Direction::Unknown,
                1 => Direction::Inbound,
                2 => Direction::Outbound,
                _ => return Err(corrupt()),
            },
            queue_ms: r.option(Reader::number)?,
            talk_ms: r.option(Reader::number)?,
            subject: r.option(|r| r.text().map(str::to_owned))?,
            outcome: r.option(|r| r.text().map(str::to_owned))?,
            participants: r.list(3, |r| {
                Ok(Participant {
                    role: match r.byte()? {
                        0 => Role::Customer,
                        1 => Role::Agent,
                        2 => Role::Bot,
                        3 => Role::Internal,
                        _ => return Err(corrupt()),
                    },
                    claims: r.claims()?,
                    attributes: r.attributes(0)?,
                })
            })?,
            attributes: r.attributes(0)?,
        }),
        3 => Input::Relation(Relation {
            from: r.record_key()?,
            to: r.record_key()?,
            kind: r.text()?.to_owned(),
            role: r.option(|r| r.text().map(str::to_owned))?,
            observed_at: r.time()?,
            holds: r.flag()?,
            attributes: r.attributes(0)?,
        }),
        4 => Input::Assertion(Assertion {
            a: r.record_key()?,
            b: r.record_key()?,
            verdict: match r.byte()? {
                0 => Verdict::Same,
                1 => Verdict::Different,
                2 => Verdict::Retracted,
                _ => return Err(corrupt()),
            },
            by: r.text()?.to_owned(),
            at: r.time()?,
            note: r.option(|r| r.text().map(str::to_owned))?,
        }),
        5 => Input::DeleteRecord { key: r.record_key()?, at: r.time()? },
        6 => Input::DeleteInteraction { key: r.interaction_key()?, at: r.time()? },
        _ => return Err(corrupt()),
    };
    if r.0.is_empty() { Ok(input) } else { Err(corrupt()) }
}

fn corrupt() -> Error {
    Error::new(ErrorKind::Corrupt, "a stored input is damaged")
}

/// Appends fields to a buffer.
pub(crate) struct Writer<'a>(pub(crate) &'a mut Vec<u8>);

impl Writer<'_> {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    pub(crate) fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63) as u64);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn time(&mut self, at: Timestamp) {
        self.signed(at.micros());
    }

    pub(crate) fn key(&mut self, source: &str, id: &str) {
        self.text(source);
        self.text(id);
    }

    pub(crate) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn claims(&mut self, claims: &[Claim]) {
        self.number(claims.len() as u64);
        for claim in claims {
            self.byte(claim.verification as u8);
            self.text(claim.identifier.namespace().as_str());
            self.text(claim.identifier.value());
        }
    }

    fn attributes(&mut self, attributes: &Attributes) {
        self.number(attributes.len() as u64);
        for (name, value) in attributes {
            self.text(name);
            self.value(value);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.byte(0),
            Value::Bool(flag) => self.byte(1 + u8::from(*flag)),
            Value::Int(number) => {
                self.byte(3);
                self.signed(*number);
            }
            Value::Float(number) => {
                self.byte(4);
                self.0.extend_from_slice(&number.to_le_bytes());
            }
            Value::Text(text) => {
                self.byte(5);
                self.text(text);
            }
            Value::List(items) => {
                self.byte(6);
                self.number(items.len() as u64);
                items.iter().for_each(|item| self.value(item));
            }
            Value::Map(items) => {
                self.byte(7);
                self.attributes(items);
            }
        }
    }
}

/// Takes fields off a slice.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn byte(&mut self) -> Result<u8> {
        let (&first, rest) = self.0.split_first().ok_or_else(corrupt)?;
        self.0 = rest;
        Ok(first)
    }

    fn flag(&mut self) -> Result<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(corrupt()),
        }
    }

    pub(crate) fn number(&mut self) -> Result<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part {
                return Err(corrupt());
            }
            number |= part << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(corrupt())
    }

    pub(crate) fn signed(&mut self) -> Result<i64> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or_else(corrupt)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str> {
        let len = usize::try_from(self.number()?).map_err(|_| corrupt())?;
        std::str::from_utf8(self.bytes(len)?).map_err(|_| corrupt())
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp> {
        Timestamp::from_micros(self.signed()?).map_err(|_| corrupt())
    }

    pub(crate) fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }

    /// A list whose items take at least `least` bytes each.
    fn list<T>(&mut self, least: usize, mut read: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let count = usize::try_from(self.number()?).map_err(|_| corrupt())?;
        if count > self.0.len() / least {
            return Err(corrupt());
        }
        (0..count).map(|_| read(self)).collect()
    }

    pub(crate) fn record_key(&mut self) -> Result<RecordKey> {
        Ok(RecordKey::new(self.text()?, self.text()?))
    }

    fn interaction_key(&mut self) -> Result<InteractionKey> {
        Ok(InteractionKey::new(self.text()?, self.text()?))
    }

    fn claims(&mut self) -> Result<Vec<Claim>> {
        self.list(3, |r| {
            let verification = match r.byte()? {
                0 => Verification::Stated,
                1 => Verification::Authenticated,
                _ => return Err(corrupt()),
            };
            let namespace = Namespace::new(r.text()?).ok_or_else(corrupt)?;
            Ok(Claim { identifier: Identifier::canonical(namespace, r.text()?.to_owned()), verification })
        })
    }

    fn attributes(&mut self, depth: usize) -> Result<Attributes> {
        let items = self.list(2, |r| Ok((r.text()?.to_owned(), r.value(depth + 1)?)))?;
        let count = items.len();
        let map: BTreeMap<String, Value> = items.into_iter().collect();
        if map.len() == count { Ok(map) } else { Err(corrupt()) }
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        if depth > MAX_DEPTH {
            return Err(corrupt());
        }
        Ok(match self.byte()? {
            0 => Value::Null,
            1 => Value::Bool(false),
            2 => Value::Bool(true),
            3 => Value::Int(self.signed()?),
            4 => {
                let bytes = self.bytes(8)?.try_into().map_err(|_| corrupt())?;
                Value::Float(f64::from_le_bytes(bytes))
            }
            5 => Value::Text(self.text()?.to_owned()),
            6 => Value::List(self.list(1, |r| r.value(depth + 1))?),
            7 => Value::Map(self.attributes(depth)?),
            _ => return Err(corrupt()),
        })
    }
}

/// Refuses attributes that are nested deeper than can be read again.
pub(crate) fn check_nesting(input: &Input) -> Result<()> {
    match input {
        Input::Record(record) => check_depth(&record.attributes),
        Input::Interaction(interaction) => {
            interaction.participants.iter().try_for_each(|one| check_depth(&one.attributes))?;
            check_depth(&interaction.attributes)
        }
        Input::Relation(relation) => check_depth(&relation.attributes),
        Input::Assertion(_) | Input::DeleteRecord { .. } | Input::DeleteInteraction { .. } => Ok(()),
    }
}

fn check_depth(attributes: &Attributes) -> Result<()> {
    match attributes.iter().find(|(_, value)| value.depth() >= MAX_DEPTH) {
        Some((name, _)) => Err(Error::invalid("is nested more than 64 deep").in_field(name)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            (-1e300..1e300).prop_map(Value::Float),
            ".{0,12}".prop_map(Value::Text),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::btree_map(".{0,4}", inner, 0..4).prop_map(Value::Map),
            ]
        })
    }

    prop_compose! {
        fn interaction()(
            id in ".{1,20}", start in any::<u32>(), end in prop::option::of(any::<u16>()), subject in prop::option::of(".{0,9}"),
            queue in prop::option::of(any::<u64>()), channel in "[a-z_]{1,9}", attributes in prop::collection::btree_map(".{0,4}", value(), 0..4),
            cookies in prop::collection::vec("[a-z]{3,8}", 0..4), role in 0..4u8,
        ) -> Interaction {
            let start = Timestamp::from_micros(i64::from(start) * 1_000_003).unwrap();
            let mut interaction = Interaction::new("s", id, start).channel(Channel::named(&channel));
            interaction.end = end.map(|end| start.plus_micros(i64::from(end)));
            interaction.subject = subject;
            interaction.queue_ms = queue;
            interaction.attributes = attributes.clone();
            let role = [Role::Customer, Role::Agent, Role::Bot, Role::Internal][usize::from(role)];
            let claims = cookies.into_iter().map(|c| Identifier::canonical(Namespace::COOKIE, c).into()).collect();
            interaction.participants = vec![Participant { role, claims, attributes }];
            interaction
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(interaction in interaction()) {
            let input = Input::Interaction(interaction);
            let mut bytes = Vec::new();
            encode(&input, &mut bytes);
            prop_assert_eq!(decode(&bytes).unwrap(), input);
            for cut in 0..bytes.len() {
                prop_assert!(decode(&bytes[..cut]).is_err());
            }
        }

        #[test]
        fn damaged_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), tag in 1u8..8) {
            let _ = decode(&bytes);
            bytes.splice(..0, [FORMAT_VERSION, tag]);
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn a_newer_form_is_refused_by_name() {
        let error = decode(&[FORMAT_VERSION + 1, 1]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NewerFormat);
    }
}
