//! What a deployment decides: namespaces with their weights and guards, thresholds, normalising rules.
//!
//! A [`Policy`] is plain data, built in code or read from TOML. Every field has a default, and a file names only
//! what differs:
//!
//! ```
//! use stitchline::{Namespace, Policy};
//!
//! let policy = Policy::from_toml(r#"
//!     default_region = "GB"
//!     [namespaces.loyalty]
//!     weight_bits = 30.0
//!     exclusive = { most = 1 }
//! "#)?;
//! assert_eq!(policy.default_region.as_deref(), Some("GB"));
//! assert_eq!(policy.namespace(&Namespace::EMAIL).weight_bits, 28.0);
//! # Ok::<(), stitchline::Error>(())
//! ```

mod defaults;

use crate::{
    error::{Error, ErrorKind, Result},
    normalize::phone::Region,
    record::Namespace,
    settings::from_toml,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The version of the policy's form that this library writes and reads.
pub const POLICY_VERSION: u32 = 1;

/// The namespace of customer ids where a policy names none of its own.
pub const PUBLIC_PROJECT: Uuid = Uuid::from_u128(0x8d1f_5a0e_63c1_4b0c_9a57_2e5c_7711_c0de);

/// Everything a deployment decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// The version of this form, 1.
    pub version: u32,
    /// The namespace under which customer ids are derived. Default: a public constant, so that anyone who can guess a
    /// record's key can recompute its customer's id; deployments take a random UUID of their own and keep it for good.
    pub project: Uuid,
    /// The region (ISO 3166, two letters) of phone numbers in national form, where their record names no country.
    /// Default: none, so that national numbers are not identifiers.
    pub default_region: Option<String>,
    /// Whether `03/04/1980` means 4 March. Default: false, 3 April.
    pub month_first: bool,
    /// The match weight, in bits, of two records of which nothing is known: log2 of the odds that two random records
    /// are one customer. Default: -20.
    pub prior_bits: f64,
    /// The total match weight, prior included, from which evidence links. Default: 4, a probability of .94.
    pub link_bits: f64,
    /// The total from which refused evidence is kept for a person to review. Default: 0, a probability of .5.
    pub review_bits: f64,
    /// Weight added to a shared identifier that both sides used while authenticated. Default: 4.
    pub authenticated_bits: f64,
    /// E-mail rules.
    pub email: EmailPolicy,
    /// Sources in the order in which their attributes are believed; sources not named come last, newest value first.
    /// Default: none.
    pub prefer_sources: Vec<String>,
    /// How long is kept what no longer counts.
    pub retention: RetentionPolicy,
    /// What holds of each namespace, by name. `crm.east` takes what `crm` has unless it is named itself. Names not
    /// listed here have the default of [`NamespacePolicy`].
    pub namespaces: BTreeMap<String, NamespacePolicy>,
}

/// How e-mail addresses are brought into canonical form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmailPolicy {
    /// Whether dots in Gmail addresses are ignored. Default: true.
    pub ignore_dots: bool,
    /// Whether `+tag` is ignored at providers that ignore it. Default: true.
    pub ignore_tags: bool,
    /// Local parts that name a function, beside those built in (`info`, `sales`, …). Default: none.
    pub roles: Vec<String>,
}

/// How long is kept what no longer counts. What counts is kept until it is deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionPolicy {
    /// The days for which versions that were replaced, and inputs that were deleted, are kept for questions as of an
    /// earlier time; then a compaction takes them out of the log. Default: none, for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_versions_days: Option<u32>,
}

impl Default for EmailPolicy {
    fn default() -> Self {
        EmailPolicy { ignore_dots: true, ignore_tags: true, roles: Vec::new() }
    }
}

/// What holds of one namespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NamespacePolicy {
    /// Weight of a shared identifier, in bits, before it is adjusted by how many parties share it; 0 never joins.
    /// Default: 22. Facts (`name`, `birth`) are compared and never joined on, so theirs is 0.
    pub weight_bits: f64,
    /// Which of two namespaces of equal weight is applied first: the higher. Default: 0, of facts always.
    pub priority: i32,
    /// The most different parties that the carriers of one identifier may show (by exclusive values, dates of birth or
    /// names) before it counts as generic and joins nobody. Default: 4.
    pub sharing_limit: u32,
    /// The most values of this namespace that one customer can have; `"none"` in a file for no limit where the default
    /// has one. Default: no limit, but 1 for `crm` and `login`.
    #[serde(with = "limit")]
    pub exclusive: Option<Exclusive>,
    /// For facts (`name`, `birth`): the weight, in bits, that speaks against two clusters whose values conflict.
    /// Default: 0, of all that is no fact always.
    pub contradiction_bits: f64,
    /// Patterns of values that are never identifiers; `*` stands for any text. Default: none beside the built-in list.
    pub blocked: Vec<String>,
    /// Values that are identifiers although the built-in list of placeholders says otherwise. Default: none.
    pub allowed: Vec<String>,
}

/// At most so many values a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusive {
    /// The most different values.
    pub most: u32,
    /// Counted within any window of so many days by the time of observation; ever, where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
}

/// A limit, or the word `none`: a file must be able to take away the limit that a default has.
mod limit {
    use super::Exclusive;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Limit(Exclusive),
        Word(String),
    }

    pub(super) fn serialize<S: Serializer>(limit: &Option<Exclusive>, to: S) -> Result<S::Ok, S::Error> {
        match limit {
            Some(limit) => limit.serialize(to),
            None => to.serialize_str("none"),
        }
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Option<Exclusive>, D::Error> {
        match Given::deserialize(from) {
            Ok(Given::Limit(limit)) => Ok(Some(limit)),
            Ok(Given::Word(word)) if word == "none" => Ok(None),
            _ => Err(de::Error::custom(
                "exclusive is neither a limit such as { most = 1 } or { most = 3, within_days = 30 } nor \"none\"",
            )),
        }
    }
}

impl Policy {
    /// Reads a policy from TOML and checks it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPolicy`] with the line, or the field that is out of range.
    pub fn from_toml(text: &str) -> Result<Self> {
        let policy: Policy = from_toml(text)
            .map_err(|error| Error::new(ErrorKind::InvalidPolicy, error.reason()).in_field("policy"))?;
        let mut merged = Policy { namespaces: defaults::namespaces(), ..policy };
        let given: toml::Table = toml::from_str(text).unwrap_or_default();
        for (name, own) in policy.namespaces {
            let table =
                given.get("namespaces").and_then(|all| all.get(&name)).and_then(toml::Value::as_table);
            let entry = merged.namespaces.entry(name).or_default();
            entry.overlay(own, |field| table.is_some_and(|table| table.contains_key(field)));
        }
        merged.check()?;
        Ok(merged)
    }

    /// Reads a whole policy as [`Policy::to_toml`] wrote it: what it does not name is not set, rather than as by
    /// default. Settings without effect, which earlier versions took, are left out.
    pub(crate) fn from_stored(text: &str) -> Result<Self> {
        let mut policy: Policy = from_toml(text).map_err(|error| {
            Error::new(ErrorKind::Corrupt, "the stored policy cannot be read").because(error)
        })?;
        for (name, own) in &mut policy.namespaces {
            own.forget_idle(name);
        }
        policy.check()?;
        Ok(policy)
    }

    /// Writes the whole policy as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }

    /// What holds of a namespace.
    pub fn namespace(&self, namespace: &Namespace) -> NamespacePolicy {
        let mut name = namespace.as_str();
        loop {
            if let Some(found) = self.namespaces.get(name) {
                return found.clone();
            }
            match name.rsplit_once('.') {
                Some((parent, _)) => name = parent,
                None => return NamespacePolicy::default(),
            }
        }
    }

    /// Whether the project's namespace is the public one, under which ids of guessable keys can be recomputed.
    pub fn has_public_project(&self) -> bool {
        self.project == PUBLIC_PROJECT
    }

    /// # Errors
    /// [`ErrorKind::InvalidPolicy`] naming the first field that is out of range.
    pub fn check(&self) -> Result<()> {
        let fault =
            |field: &str, message: String| Err(Error::new(ErrorKind::InvalidPolicy, message).in_field(field));
        if self.version != POLICY_VERSION {
            return fault(
                "version",
                format!("is {}; this library reads version {POLICY_VERSION}", self.version),
            );
        }
        for (field, bits) in [
            ("prior_bits", self.prior_bits),
            ("link_bits", self.link_bits),
            ("review_bits", self.review_bits),
            ("authenticated_bits", self.authenticated_bits),
        ] {
            if !(-100.0..=100.0).contains(&bits) {
                return fault(field, "is not a number of bits between -100 and 100".to_owned());
            }
        }
        if self.review_bits > self.link_bits {
            return fault("review_bits", "is above link_bits, so nothing would be left to review".to_owned());
        }
        if let Some(region) = &self.default_region
            && !region.parse().is_ok_and(Region::is_known)
        {
            return fault("default_region", "is no region of ISO 3166 in two letters, such as GB".to_owned());
        }
        if self.retention.earlier_versions_days.is_some_and(|days| days > MAX_DAYS) {
            return fault("retention.earlier_versions_days", "is above 36500".to_owned());
        }
        for (name, namespace) in &self.namespaces {
            if Namespace::new(name).is_none() {
                return fault("namespaces", format!("{name:?} is not 1 to 64 characters of a-z 0-9 _ . -"));
            }
            namespace.check(name).map_err(|error| error.in_field(format!("namespaces.{name}")))?;
        }
        Ok(())
    }
}

fn is_fact(name: &str) -> bool {
    Namespace::new(name).is_some_and(|namespace| namespace.is_fact())
}

/// The longest time in days: a hundred years.
const MAX_DAYS: u32 = 36_500;

impl NamespacePolicy {
    /// Takes from `own` the fields that a file gives.
    fn overlay(&mut self, own: NamespacePolicy, given: impl Fn(&str) -> bool) {
        macro_rules! take {
            ($($field:ident),*) => { $(if given(stringify!($field)) { self.$field = own.$field; })* };
        }
        take!(weight_bits, priority, sharing_limit, exclusive, contradiction_bits, blocked, allowed);
    }

    /// The first setting that has no effect on a namespace of that name.
    fn idle(&self, name: &str) -> Option<(&'static str, &'static str)> {
        const FACT: &str = "has no effect: a fact is compared and never joined on; contradiction_bits says what \
                            speaks against two records that differ in it";
        let plain = NamespacePolicy::default();
        if !is_fact(name) {
            let no_fact = "has no effect: only the facts `name` and `birth` contradict; `exclusive` keeps records with \
                           different ids apart";
            return (self.contradiction_bits != 0.0).then_some(("contradiction_bits", no_fact));
        }
        let settings = [
            // The plain default says nothing: in code it comes of leaving the field out.
            ("weight_bits", self.weight_bits != 0.0 && self.weight_bits != plain.weight_bits),
            ("priority", self.priority != plain.priority),
            ("sharing_limit", self.sharing_limit != plain.sharing_limit),
            ("blocked", !self.blocked.is_empty()),
            ("allowed", !self.allowed.is_empty()),
        ];
        settings.into_iter().find(|(_, given)| *given).map(|(field, _)| (field, FACT))
    }

    /// Takes out what has no effect on a namespace of that name.
    fn forget_idle(&mut self, name: &str) {
        let own = std::mem::take(self);
        *self = if is_fact(name) {
            let plain = NamespacePolicy::default();
            let weight_bits = if own.weight_bits == plain.weight_bits { plain.weight_bits } else { 0.0 };
            let (exclusive, contradiction_bits) = (own.exclusive, own.contradiction_bits);
            NamespacePolicy { weight_bits, exclusive, contradiction_bits, ..plain }
        } else {
            NamespacePolicy { contradiction_bits: 0.0, ..own }
        };
    }

    fn check(&self, name: &str) -> Result<()> {
        let fault =
            |field: &str, message: &str| Err(Error::new(ErrorKind::InvalidPolicy, message).in_field(field));
        if let Some((field, reason)) = self.idle(name) {
            return fault(field, reason);
        }
        if !(0.0..=100.0).contains(&self.weight_bits) {
            return fault("weight_bits", "is not a number of bits between 0 and 100");
        }
        if !(0.0..=100.0).contains(&self.contradiction_bits) {
            return fault("contradiction_bits", "is not a number of bits between 0 and 100");
        }
        if !(1..=1000).contains(&self.sharing_limit) {
            return fault("sharing_limit", "is not between 1 and 1000");
        }
        match self.exclusive {
            Some(Exclusive { most: 0, .. }) => {
                fault("exclusive.most", "is 0, so that nobody could have a value")
            }
            Some(Exclusive { within_days: Some(days), .. }) if !(1..=MAX_DAYS).contains(&days) => {
                fault("exclusive.within_days", "is not between 1 and 36500")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_survives_its_own_file() {
        let policy = Policy { default_region: Some("DE".into()), ..Policy::default() };
        assert_eq!(Policy::from_toml(&policy.to_toml()).unwrap(), policy);
        assert_eq!(Policy::from_toml("").unwrap(), Policy::default());
        let mut free = Policy::default();
        for own in free.namespaces.values_mut() {
            own.exclusive = None;
        }
        assert_eq!(Policy::from_toml(&free.to_toml()).unwrap(), free);
        let odd = Policy::from_toml("[namespaces.crm]\nexclusive = 3\n").unwrap_err().to_string();
        assert!(odd.contains("line 2") && odd.contains("most = 1"), "{odd}");
    }

    #[test]
    fn a_stored_policy_is_the_same_to_the_letter() {
        let mut policy = Policy::default();
        for own in policy.namespaces.values_mut() {
            own.exclusive = None;
        }
        policy.namespaces.remove("cookie");
        assert_eq!(Policy::from_stored(&policy.to_toml()).unwrap(), policy);
        policy.namespaces.clear();
        assert_eq!(Policy::from_stored(&policy.to_toml()).unwrap(), policy);
    }

    #[test]
    fn a_stored_policy_of_before_is_read_without_what_has_no_effect() {
        let mut earlier = Policy::default();
        earlier.namespaces.get_mut("name").unwrap().weight_bits = 9.0;
        earlier.namespaces.get_mut("crm").unwrap().contradiction_bits = 9.0;
        assert_eq!(Policy::from_stored(&earlier.to_toml()).unwrap(), Policy::default());
    }

    #[test]
    fn a_file_changes_only_what_it_names() {
        let policy = Policy::from_toml("[namespaces.phone]\nsharing_limit = 9\n").unwrap();
        let phone = policy.namespace(&Namespace::PHONE);
        assert_eq!(
            (phone.sharing_limit, phone.weight_bits),
            (9, Policy::default().namespace(&Namespace::PHONE).weight_bits)
        );
    }

    #[test]
    fn children_inherit() {
        let policy = Policy::default();
        let child = Namespace::new("crm.east").unwrap();
        assert_eq!(policy.namespace(&child), policy.namespace(&Namespace::CRM));
    }

    #[test]
    fn a_fact_may_leave_the_rest_at_its_default() {
        let own = NamespacePolicy { contradiction_bits: 3.0, ..NamespacePolicy::default() };
        let policy =
            Policy { namespaces: [("name".to_owned(), own)].into_iter().collect(), ..Policy::default() };
        policy.check().unwrap();
        assert_eq!(Policy::from_stored(&policy.to_toml()).unwrap(), policy, "opened again it is the same");
    }

    #[test]
    fn faults_name_the_place() {
        let fault = |text: &str| Policy::from_toml(text).unwrap_err().to_string();
        let window = fault("[namespaces.crm]\nexclusive = { most = 1, within_days = 106751992 }");
        assert!(window.contains("exclusive.within_days"), "{window}");
        assert!(fault("[retention]\nearlier_versions_days = 36501").contains("earlier_versions_days"));
        assert!(fault("\nfoo = 1").contains("line 2"), "{}", fault("\nfoo = 1"));
        assert!(fault("version = 7").starts_with("version"));
        assert!(fault("[namespaces.phone]\nweight_bits = -1.0").starts_with("namespaces.phone.weight_bits"));
        for (setting, field) in [
            ("name]\nweight_bits = 5.0", "namespaces.name.weight_bits"),
            ("birth]\nsharing_limit = 2", "namespaces.birth.sharing_limit"),
            ("birth]\npriority = 2", "namespaces.birth.priority"),
            ("name]\nblocked = [\"test*\"]", "namespaces.name.blocked"),
            ("loyalty]\ncontradiction_bits = 3.0", "namespaces.loyalty.contradiction_bits"),
        ] {
            let fault = fault(&format!("[namespaces.{setting}"));
            assert!(fault.starts_with(field) && fault.contains("has no effect"), "{fault}");
        }
        assert!(fault("prior_bits = nan").starts_with("prior_bits"));
        assert!(fault("link_bits = 1.0\nreview_bits = 2.0").starts_with("review_bits"));
        assert!(fault("default_region = \"Europe\"").starts_with("default_region"));
        assert!(fault("default_region = \"UK\"").starts_with("default_region"));
        assert!(fault("[namespaces.x]\nexclusive = { most = 0 }").starts_with("namespaces.x.exclusive.most"));
    }
}
