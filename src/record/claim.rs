//! Identifiers, the namespaces they live in, and a record's claim to one.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt};

/// A kind of identifier: `phone`, `email`, `cookie`, `crm`, or any name of `a-z 0-9 _ . -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Namespace(Cow<'static, str>);

macro_rules! namespaces {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        impl Namespace {
            $($(#[$doc])* pub const $name: Namespace = Namespace(Cow::Borrowed($text));)*
        }
        /// The namespaces that the library names itself.
        const BUILT_IN: &[Namespace] = &[$(Namespace::$name),*];
    };
}

namespaces! {
    /// A telephone number in E.164 form, `+442079460123`.
    PHONE = "phone";
    /// An e-mail address.
    EMAIL = "email";
    /// A browser's anonymous id.
    COOKIE = "cookie";
    /// A mobile or advertising device id.
    DEVICE = "device";
    /// The id of a person who logged in.
    LOGIN = "login";
    /// A CRM contact id.
    CRM = "crm";
    /// An account or membership number that a person states.
    ACCOUNT = "account";
    /// An account on a social or messaging network, `network/handle`.
    SOCIAL = "social";
    /// An identifier that a government issues, `kind/country/number`.
    GOVERNMENT = "government";
    /// Another record, `source/id`, that a participant names.
    RECORD = "record";
    /// The name of the party: not an identifier but a fact, compared and never joined on.
    NAME = "name";
    /// A person's date of birth, `1980-12-31`: a fact, compared and never joined on.
    BIRTH = "birth";
}

impl Namespace {
    /// The namespace of that name, or none where the name is not 1 to 64 characters of `a-z 0-9 _ . -`.
    pub fn new(name: &str) -> Option<Self> {
        if let Some(known) = BUILT_IN.iter().find(|known| known.0 == name) {
            return Some(known.clone());
        }
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
        ((1..=64).contains(&name.len()) && name.bytes().all(fits))
            .then(|| Namespace(Cow::Owned(name.to_owned())))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A namespace and a canonical value: two equal identifiers denote the same thing.
///
/// Build one from raw text with the functions of [`crate::identifier`], which bring it into canonical form:
///
/// ```
/// use stitchline::Identifier;
///
/// assert_eq!(Identifier::email(" Ann.Lee@Example.COM ")?, Identifier::email("ann.lee@example.com")?);
/// assert_eq!(Identifier::phone("+44 (0)20 7946 0123")?.to_string(), "phone:+442079460123");
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    namespace: Namespace,
    value: String,
}

impl Identifier {
    /// An identifier whose value is canonical already.
    pub(crate) fn canonical(namespace: Namespace, value: String) -> Self {
        Identifier { namespace, value }
    }

    /// What kind of identifier it is.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// The canonical value.
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// `namespace:value`.
impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.namespace, self.value)
    }
}

impl Serialize for Identifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How far a source vouches that the identifier is the party's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// The party or an agent stated it, or the channel carried it.
    #[default]
    Stated,
    /// The party logged in or passed a check while using it.
    Authenticated,
}

/// An identifier as one record carries it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    /// The identifier.
    pub identifier: Identifier,
    /// How far the source vouches for it.
    pub verification: Verification,
}

impl From<Identifier> for Claim {
    fn from(identifier: Identifier) -> Self {
        Claim { identifier, verification: Verification::Stated }
    }
}

/// Writes `namespace:value`, or a map with `id` and `verification` when it was authenticated.
impl Serialize for Claim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.verification {
            Verification::Stated => self.identifier.serialize(serializer),
            verification => {
                use serde::ser::SerializeStruct;
                let mut map = serializer.serialize_struct("Claim", 2)?;
                map.serialize_field("id", &self.identifier)?;
                map.serialize_field("verification", &verification)?;
                map.end()
            }
        }
    }
}

/// Reads `namespace:value` and trusts the value to be canonical, as [`Identifier`]'s `Serialize` wrote it.
/// Raw values from outside go through [`crate::identifier`] instead.
impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (name, value) =
            text.split_once(':').ok_or_else(|| de::Error::custom("an identifier is namespace:value"))?;
        let namespace = Namespace::new(name).ok_or_else(|| de::Error::custom("unknown form of namespace"))?;
        if value.is_empty() || value.len() > super::MAX_IDENTIFIER_BYTES {
            return Err(de::Error::custom("an identifier's value has 1 to 512 bytes"));
        }
        Ok(Identifier { namespace, value: value.to_owned() })
    }
}

impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Plain(Identifier),
            Full {
                id: Identifier,
                #[serde(default)]
                verification: Verification,
            },
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Plain(identifier) => identifier.into(),
            Form::Full { id, verification } => Claim { identifier: id, verification },
        })
    }
}
