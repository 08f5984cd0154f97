//! One JSON text as a tree that borrows from the line.
//!
//! Adapters take what they understand out of it and turn the rest into attributes, so nothing is dropped and only
//! what is kept is copied.

use crate::{
    delimited::json::{ROUNDED, with_large_numbers_as_texts},
    record::{Attributes, Value},
};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::{borrow::Cow, cell::Cell, fmt};

/// How deep lists and maps may be nested.
pub(super) const MAX_DEPTH: usize = 32;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number above `i64::MAX`.
    Big(u64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Map(Map<'a>),
}

/// A JSON object in the order of its text. Where a key is repeated the last value counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Map<'a>(pub(super) Vec<(Cow<'a, str>, Node<'a>)>);

impl<'a> Node<'a> {
    /// Reads one JSON text; the reason where it is none names no value.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, String> {
        // Checked once as a whole rather than string by string.
        let line = std::str::from_utf8(line)
            .map_err(|error| format!("is not valid UTF-8 (byte {})", error.valid_up_to() + 1))?;
        let rounded = Cell::new(false);
        let node = Self::read(line, &rounded)?;
        if !rounded.get() {
            return Ok(node);
        }
        // As texts no digit of theirs is lost.
        Node::read(&with_large_numbers_as_texts(line), &rounded).map(Node::into_owned)
    }

    /// Notes whether a number was so large that digits of it may be lost.
    fn read(line: &'a str, rounded: &Cell<bool>) -> Result<Self, String> {
        let mut json = serde_json::Deserializer::from_str(line);
        let start = Depth { depth: 0, rounded };
        let node = start.deserialize(&mut json).and_then(|node| json.end().map(|()| node));
        node.map_err(|error| {
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or_default();
            match text {
                TOO_DEEP | "recursion limit exceeded" => TOO_DEEP.to_owned(),
                _ => format!("is not valid JSON: {text} (byte {})", error.column()),
            }
        })
    }

    fn into_owned(self) -> Node<'static> {
        match self {
            Node::Null => Node::Null,
            Node::Bool(value) => Node::Bool(value),
            Node::Int(value) => Node::Int(value),
            Node::Big(value) => Node::Big(value),
            Node::Float(value) => Node::Float(value),
            Node::Text(text) => Node::Text(Cow::Owned(text.into_owned())),
            Node::List(items) => Node::List(items.into_iter().map(Node::into_owned).collect()),
            Node::Map(Map(entries)) => {
                let owned =
                    |(key, node): (Cow<'_, str>, Node<'_>)| (Cow::Owned(key.into_owned()), node.into_owned());
                Node::Map(Map(entries.into_iter().map(owned).collect()))
            }
        }
    }

    /// A scalar as text; none for null, lists, maps and numbers that are not whole.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Node::Text(text) => Some(Cow::Borrowed(text)),
            Node::Int(value) => Some(value.to_string().into()),
            Node::Big(value) => Some(value.to_string().into()),
            // Whole and exact: a source that writes ids as 12.0.
            Node::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => {
                Some((*value as i64).to_string().into())
            }
            _ => None,
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_map(&self) -> Option<&Map<'a>> {
        match self {
            Node::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The items of a list, or the value alone where it is none.
    pub(super) fn items(&self) -> &[Node<'a>] {
        match self {
            Node::List(items) => items,
            Node::Null => &[],
            one => std::slice::from_ref(one),
        }
    }

    /// A number of at least 0, also as text.
    pub(super) fn count(&self) -> Option<f64> {
        let value = match self {
            Node::Int(value) => *value as f64,
            Node::Big(value) => *value as f64,
            Node::Float(value) => *value,
            Node::Text(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        (value >= 0.0 && value.is_finite()).then_some(value)
    }

    /// Null, and lists, maps and texts without content.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Node::Null => true,
            Node::Text(text) => text.trim().is_empty(),
            Node::List(items) => items.is_empty(),
            Node::Map(map) => map.0.is_empty(),
            _ => false,
        }
    }

    /// The value as an attribute.
    pub(super) fn into_value(self) -> Value {
        match self {
            Node::Null => Value::Null,
            Node::Bool(value) => Value::Bool(value),
            Node::Int(value) => Value::Int(value),
            // As text no digit is lost.
            Node::Big(value) => Value::Text(value.to_string()),
            Node::Float(value) => Value::from(value),
            Node::Text(text) => Value::Text(text.into_owned()),
            Node::List(items) => Value::List(items.into_iter().map(Node::into_value).collect()),
            Node::Map(map) => {
                // One by one, for few entries cheaper than `collect`, which sorts them first.
                let mut values = Attributes::new();
                for (name, node) in map.0 {
                    values.insert(name.into_owned(), node.into_value());
                }
                Value::Map(values)
            }
        }
    }
}

impl<'a> Map<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The text of a scalar that is not empty.
    pub(super) fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key)?.text().filter(|text| !text.trim().is_empty())
    }

    pub(super) fn map(&self, key: &str) -> Option<&Map<'a>> {
        self.get(key)?.as_map()
    }

    /// The maps in the list `key`.
    pub(super) fn maps(&self, key: &str) -> impl Iterator<Item = &Map<'a>> {
        self.get(key).map_or(&[][..], Node::items).iter().filter_map(Node::as_map)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Node<'a>> {
        let at = self.0.iter().rposition(|(name, _)| name == key)?;
        Some(self.0.remove(at).1)
    }

    /// Takes `key` where it holds a map.
    pub(super) fn take_map(&mut self, key: &str) -> Option<Map<'a>> {
        let at = self.0.iter().rposition(|(name, _)| name == key)?;
        match &self.0[at].1 {
            Node::Map(_) => match self.0.remove(at).1 {
                Node::Map(map) => Some(map),
                _ => None,
            },
            _ => None,
        }
    }

    /// Everything that is not empty, as attributes.
    pub(super) fn into_attributes(self, attributes: &mut Attributes) {
        for (name, node) in self.0 {
            if !node.is_empty() {
                attributes.insert(name.into_owned(), node.into_value());
            }
        }
    }
}

const TOO_DEEP: &str = "is nested deeper than 32 levels";

#[derive(Clone, Copy)]
struct Depth<'c> {
    depth: usize,
    rounded: &'c Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Depth<'_> {
    type Value = Node<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Depth<'_> {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(i64::try_from(value).map_or(Node::Big(value), Node::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        if value.abs() >= ROUNDED {
            self.rounded.set(true);
        }
        Ok(Node::Float(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node<'de>, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node<'de>, A::Error> {
        let inner = self.deeper()?;
        let mut entries = Vec::with_capacity(if inner.depth == 1 { 12 } else { 4 });
        while let Some(Key(key)) = access.next_key()? {
            entries.push((key, access.next_value_seed(inner)?));
        }
        Ok(Node::Map(Map(entries)))
    }
}

impl Depth<'_> {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth < MAX_DEPTH {
            Ok(Depth { depth: self.depth + 1, ..self })
        } else {
            Err(E::custom(TOO_DEEP))
        }
    }
}

/// A key that is borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> de::Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Node::parse(nested(32).as_bytes()).is_ok());
        for depth in [33, 127, 128, 129, 100_000] {
            assert_eq!(Node::parse(nested(depth).as_bytes()).unwrap_err(), TOO_DEEP, "{depth}");
        }
    }

    #[test]
    fn reasons_name_no_value() {
        for line in ["{\"a\":secret}", "{\"secret\":1}x", "\"secret", "{\"a\":\"secret\0\"}"] {
            let reason = Node::parse(line.as_bytes()).unwrap_err();
            assert!(!reason.contains("secret"), "{reason}");
        }
        assert!(Node::parse(b"{\"a\":\"\xff\"}").unwrap_err().contains("UTF-8"));
    }

    #[test]
    fn no_digit_of_a_whole_number_is_lost() {
        let large = "123456789012345678901234567890";
        let line = format!(
            r#"{{"id":{large},"-":-{large},"in":["\"{large}\\",{large},9223372036854775808,1e30,{large}.5],"ü":{large}}}"#
        );
        let Ok(Node::Map(map)) = Node::parse(line.as_bytes()) else { panic!() };
        let texts: Vec<_> = ["id", "-", "ü"].map(|key| map.text(key).unwrap().into_owned()).into();
        assert_eq!(texts, [large.to_owned(), format!("-{large}"), large.to_owned()]);
        let items = map.get("in").unwrap().items();
        assert_eq!(items[0].as_str(), Some(format!("\"{large}\\").as_str()));
        assert_eq!(items[1].as_str(), Some(large));
        assert_eq!(items[2..4], [Node::Big(1 << 63), Node::Float(1e30)]);
        assert!(matches!(items[4], Node::Float(_)));
    }

    #[test]
    fn the_last_of_a_repeated_key_counts() {
        let Ok(Node::Map(map)) = Node::parse(br#"{"a":1,"a":18446744073709551615}"#) else { panic!() };
        assert_eq!(map.text("a").unwrap(), "18446744073709551615");
    }
}
