//! Raw identifiers to canonical ones, under a policy or with the rules everyone shares.
//!
//! [`Identifier`]'s constructors take one raw value each. A [`Normalizer`] does the same under a [`Policy`]: default
//! region, provider rules, blocked patterns; adapters use it for all that they read.

use crate::{
    error::{Error, Result},
    normalize::{birth, email, junk, name, opaque, phone},
    policy::Policy,
    record::{Identifier, MAX_IDENTIFIER_BYTES, Namespace, RecordKey},
};
use phone::Region;
use std::collections::HashMap;

impl Identifier {
    /// An e-mail address; see [`email::canonical`].
    ///
    /// # Errors
    /// Where the text is no address or one that nobody reads.
    pub fn email(raw: &str) -> Result<Self> {
        Normalizer::default().email(raw)
    }

    /// A phone number in international form.
    ///
    /// # Errors
    /// Where the number is not valid; a number in national form needs [`Identifier::phone_in`].
    pub fn phone(raw: &str) -> Result<Self> {
        Normalizer::default().phone(raw, None)
    }

    /// A phone number, in national form of that region (ISO 3166, two letters) unless it says otherwise.
    ///
    /// # Errors
    /// Where the number is not valid or the region unknown.
    pub fn phone_in(raw: &str, region: &str) -> Result<Self> {
        Normalizer::default().phone(raw, Some(region))
    }

    /// An id that only its issuer understands, kept as it is but for surrounding white space.
    ///
    /// # Errors
    /// Where it stands for nothing (`null`, `0000`), is empty or too long.
    pub fn opaque(namespace: Namespace, raw: &str) -> Result<Self> {
        Normalizer::default().identifier(&namespace, raw, None)
    }

    /// A browser's anonymous id.
    ///
    /// # Errors
    /// As [`Identifier::opaque`].
    pub fn cookie(raw: &str) -> Result<Self> {
        Identifier::opaque(Namespace::COOKIE, raw)
    }

    /// A device id.
    ///
    /// # Errors
    /// As [`Identifier::opaque`].
    pub fn device(raw: &str) -> Result<Self> {
        Identifier::opaque(Namespace::DEVICE, raw)
    }

    /// The id of a person who logged in.
    ///
    /// # Errors
    /// As [`Identifier::opaque`].
    pub fn login(raw: &str) -> Result<Self> {
        Identifier::opaque(Namespace::LOGIN, raw)
    }

    /// A CRM contact id.
    ///
    /// # Errors
    /// As [`Identifier::opaque`].
    pub fn crm(raw: &str) -> Result<Self> {
        Identifier::opaque(Namespace::CRM, raw)
    }

    /// An account or membership number.
    ///
    /// # Errors
    /// As [`Identifier::opaque`].
    pub fn account(raw: &str) -> Result<Self> {
        Identifier::opaque(Namespace::ACCOUNT, raw)
    }

    /// A handle on a network (`twitter`, `whatsapp`, …).
    ///
    /// # Errors
    /// As [`Identifier::opaque`].
    pub fn social(network: &str, handle: &str) -> Result<Self> {
        let value = opaque::handle(network, handle)?;
        reject_nothing(value.split_once('/').map_or("", |(_, handle)| handle))?;
        Ok(Identifier::canonical(Namespace::SOCIAL, value))
    }

    /// A person's name as a fact to compare; none where nothing is left of it.
    pub fn name(given: &str, family: &str) -> Option<Self> {
        fact(Namespace::NAME, name::canonical(given, family)?)
    }

    /// A full name as a fact to compare; none where nothing is left of it.
    pub fn full_name(full: &str) -> Option<Self> {
        fact(Namespace::NAME, name::canonical_full(full)?)
    }

    /// A date of birth as a fact to compare; see [`birth::canonical`].
    pub fn birth(raw: &str, month_first: bool) -> Option<Self> {
        fact(Namespace::BIRTH, birth::canonical(raw, month_first)?)
    }

    /// A record that a participant names: `source/id`, where `%` and `/` in the source are written `%25` and `%2F`.
    pub fn record(key: &RecordKey) -> Self {
        let source = key.source.replace('%', "%25").replace('/', "%2F");
        Identifier::canonical(Namespace::RECORD, format!("{source}/{}", key.id))
    }

    /// The record that an identifier of [`Identifier::record`] names.
    pub fn named_record(&self) -> Option<RecordKey> {
        let (source, id) = self.value().split_once('/').filter(|_| *self.namespace() == Namespace::RECORD)?;
        Some(RecordKey::new(source.replace("%2F", "/").replace("%25", "%"), id))
    }

    /// Whether it is a fact about the party (`name`, `birth`) rather than an identifier.
    pub fn is_fact(&self) -> bool {
        self.namespace().is_fact()
    }
}

impl Namespace {
    /// Whether values are facts about the party (`name`, `birth`), compared and never joined on.
    pub fn is_fact(&self) -> bool {
        *self == Namespace::NAME || *self == Namespace::BIRTH
    }
}

fn fact(namespace: Namespace, value: String) -> Option<Identifier> {
    let fits = value.len() <= MAX_IDENTIFIER_BYTES && !junk::is_nothing(value.trim_matches('|'));
    fits.then(|| Identifier::canonical(namespace, value))
}

fn reject_nothing(raw: &str) -> Result<()> {
    if junk::is_nothing(raw) { Err(Error::invalid("stands for nothing")) } else { Ok(()) }
}

/// Brings raw identifiers into canonical form under a policy.
///
/// ```
/// use stitchline::{Namespace, Normalizer, Policy};
///
/// let policy = Policy { default_region: Some("GB".into()), ..Policy::default() };
/// let normalizer = Normalizer::new(&policy)?;
/// assert_eq!(normalizer.phone("020 7946 0123", None)?.value(), "+442079460123");
/// assert_eq!(normalizer.phone("(415) 555-2671", Some("US"))?.value(), "+14155552671");
/// assert!(normalizer.identifier(&Namespace::COOKIE, "undefined", None).is_err());
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Normalizer {
    region: Option<Region>,
    email: email::Rules,
    roles: Vec<String>,
    month_first: bool,
    patterns: HashMap<String, Patterns>,
}

#[derive(Debug, Clone, Default)]
struct Patterns {
    blocked: Vec<String>,
    allowed: Vec<String>,
}

impl Normalizer {
    /// The rules of a policy.
    ///
    /// # Errors
    /// Where the default region is unknown.
    pub fn new(policy: &Policy) -> Result<Self> {
        let region = policy.default_region.as_deref().map(region).transpose();
        let patterns = policy
            .namespaces
            .iter()
            .map(|(name, own)| {
                (name.clone(), Patterns { blocked: own.blocked.clone(), allowed: own.allowed.clone() })
            })
            .collect();
        Ok(Normalizer {
            region: region.map_err(|error| error.in_field("default_region"))?,
            email: email::Rules { dots: policy.email.ignore_dots, tags: policy.email.ignore_tags },
            roles: policy.email.roles.iter().map(|role| role.to_ascii_lowercase()).collect(),
            month_first: policy.month_first,
            patterns,
        })
    }

    /// An identifier of any namespace from raw text. `region` (two letters) is where a national phone number is from.
    ///
    /// # Errors
    /// Why the text is no identifier; the text itself is not part of the error.
    pub fn identifier(&self, namespace: &Namespace, raw: &str, region: Option<&str>) -> Result<Identifier> {
        if *namespace == Namespace::EMAIL {
            return self.email(raw);
        }
        if *namespace == Namespace::PHONE {
            return self.phone(raw, region);
        }
        if namespace.is_fact() {
            let value = if *namespace == Namespace::NAME {
                raw.split_once('|').map_or_else(
                    || name::canonical_full(raw),
                    |(given, family)| name::canonical(given, family),
                )
            } else {
                birth::canonical(raw, self.month_first)
            };
            return value
                .and_then(|value| fact(namespace.clone(), value))
                .ok_or_else(|| Error::invalid("is not usable").in_field(namespace));
        }
        let value = match namespace.as_str() {
            "device" => opaque::folded(raw),
            "social" => match raw.split_once('/') {
                Some((network, handle)) => opaque::handle(network, handle),
                None => Err(Error::invalid("is not network/handle")),
            },
            _ => opaque::exact(raw).map(str::to_owned),
        };
        let value = value.map_err(|error| error.in_field(namespace))?;
        self.admit(namespace, value, |value| junk::is_nothing(value.rsplit('/').next().unwrap_or(value)))
    }

    /// An e-mail address.
    ///
    /// # Errors
    /// Where it is no address, or one that nobody reads.
    pub fn email(&self, raw: &str) -> Result<Identifier> {
        let value = email::canonical(raw, self.email).map_err(|error| error.in_field("email"))?;
        self.admit(&Namespace::EMAIL, value, junk::is_nobody)
    }

    /// A phone number; `region` (two letters) is where a number in national form is from.
    ///
    /// # Errors
    /// Where the number is not valid or a placeholder.
    pub fn phone(&self, raw: &str, region: Option<&str>) -> Result<Identifier> {
        let region = region.and_then(|region| self::region(region).ok()).or(self.region);
        let number = phone::parse(raw, region)
            .map_err(|error| Error::invalid(error.to_string()).because(error).in_field("phone"))?;
        self.admit(&Namespace::PHONE, number.e164().to_owned(), junk::is_placeholder_number)
    }

    /// A date of birth as a fact, in the policy's order of day and month.
    pub fn birth(&self, raw: &str) -> Option<Identifier> {
        Identifier::birth(raw, self.month_first)
    }

    /// Whether a canonical e-mail address belongs to a function and so to many persons.
    pub fn is_role(&self, address: &str) -> bool {
        let local = address.split('@').next().unwrap_or_default();
        email::is_role(address) || self.roles.iter().any(|role| role == local)
    }

    /// Whether identifiers of that canonical value join nobody: a mailbox of a function, or blocked by the policy.
    pub(crate) fn is_blocked(&self, namespace: &str, value: &str) -> bool {
        let own = self.patterns(namespace);
        let fits = |patterns: &[String]| patterns.iter().any(|pattern| junk::matches(pattern, value));
        namespace == Namespace::EMAIL.as_str() && self.is_role(value)
            || own.is_some_and(|own| fits(&own.blocked))
    }

    /// The patterns of a namespace, or of the one above it that the policy names.
    fn patterns(&self, namespace: &str) -> Option<&Patterns> {
        let mut name = namespace;
        loop {
            match (self.patterns.get(name), name.rsplit_once('.')) {
                (None, Some((above, _))) => name = above,
                (found, _) => return found,
            }
        }
    }

    fn admit(&self, namespace: &Namespace, value: String, junk: impl Fn(&str) -> bool) -> Result<Identifier> {
        let own = self.patterns(namespace.as_str());
        let fits = |patterns: &[String]| patterns.iter().any(|pattern| junk::matches(pattern, &value));
        if own.is_some_and(|own| fits(&own.blocked)) {
            return Err(Error::invalid("is blocked by the policy").in_field(namespace));
        }
        if junk(&value) && !own.is_some_and(|own| fits(&own.allowed)) {
            return Err(Error::invalid("stands for nothing or nobody").in_field(namespace));
        }
        Ok(Identifier::canonical(namespace.clone(), value))
    }
}

fn region(name: &str) -> Result<Region> {
    name.parse().map_err(|_| Error::invalid("is not a region of two letters such as GB"))
}

#[cfg(test)]
mod tests;
