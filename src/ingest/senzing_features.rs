//! The features of a Senzing record, whichever way they are written.

use super::node::{Map, Node};
use std::{borrow::Cow, collections::BTreeMap};

/// The attributes of features. A flat record may put a usage before them: `HOME_PHONE_NUMBER`.
const KNOWN: &[&str] = &[
    "ACCOUNT_DOMAIN",
    "ACCOUNT_NUMBER",
    "ADDR_CITY",
    "ADDR_COUNTRY",
    "ADDR_FULL",
    "ADDR_LINE1",
    "ADDR_LINE2",
    "ADDR_LINE3",
    "ADDR_LINE4",
    "ADDR_LINE5",
    "ADDR_LINE6",
    "ADDR_POSTAL_CODE",
    "ADDR_STATE",
    "ADDR_TYPE",
    "DATE_OF_BIRTH",
    "DATE_OF_DEATH",
    "DRIVERS_LICENSE_NUMBER",
    "DRIVERS_LICENSE_STATE",
    "DUNS_NUMBER",
    "EMAIL_ADDRESS",
    "FACEBOOK",
    "GROUP_ASSN_ID_NUMBER",
    "GROUP_ASSN_ID_TYPE",
    "GROUP_ASSOCIATION_ORG_NAME",
    "GROUP_ASSOCIATION_TYPE",
    "INSTAGRAM",
    "LEI_NUMBER",
    "LINKEDIN",
    "NAME_FIRST",
    "NAME_FULL",
    "NAME_LAST",
    "NAME_MIDDLE",
    "NAME_ORG",
    "NAME_PREFIX",
    "NAME_SUFFIX",
    "NAME_TYPE",
    "NATIONAL_ID_COUNTRY",
    "NATIONAL_ID_NUMBER",
    "NATIONAL_ID_TYPE",
    "NPI_NUMBER",
    "OTHER_ID_COUNTRY",
    "OTHER_ID_NUMBER",
    "OTHER_ID_TYPE",
    "PASSPORT_COUNTRY",
    "PASSPORT_NUMBER",
    "PHONE_NUMBER",
    "PHONE_TYPE",
    "RECORD_TYPE",
    "REL_ANCHOR_DOMAIN",
    "REL_ANCHOR_KEY",
    "REL_POINTER_DOMAIN",
    "REL_POINTER_KEY",
    "REL_POINTER_ROLE",
    "SIGNAL",
    "SKYPE",
    "SSN_NUMBER",
    "TANGO",
    "TAX_ID_COUNTRY",
    "TAX_ID_NUMBER",
    "TAX_ID_TYPE",
    "TELEGRAM",
    "TRUSTED_ID_NUMBER",
    "TRUSTED_ID_TYPE",
    "TWITTER",
    "VIBER",
    "WECHAT",
    "WHATSAPP",
    "ZOOMROOM",
];

/// The known attribute that a key names, and the usage before it.
fn known(key: &str) -> Option<(&'static str, &str)> {
    if key.len() > 128 {
        return None;
    }
    if let Ok(at) = KNOWN.binary_search(&key) {
        return Some((KNOWN[at], ""));
    }
    // From the left, so that the longest attribute is found.
    key.match_indices('_').find_map(|(at, _)| {
        let known = KNOWN.binary_search(&&key[at + 1..]).ok()?;
        Some((KNOWN[known], &key[..at]))
    })
}

/// Whether a key names an attribute of a feature.
pub(super) fn is_feature(key: &str) -> bool {
    known(key).is_some()
}

/// One instance of a feature, or several that share a usage and no attribute.
#[derive(Debug, Default)]
pub(super) struct Feature<'a>(BTreeMap<&'static str, Cow<'a, str>>);

impl Feature<'_> {
    /// The text of an attribute that is not empty.
    pub(super) fn get(&self, attribute: &str) -> Option<&str> {
        self.0.get(attribute).map(|text| &**text)
    }
}

/// All features: of `FEATURES`, of other lists of objects, and of the record's top by their usage.
pub(super) fn features<'a>(record: &'a Map<'_>) -> Vec<Feature<'a>> {
    let mut all = Vec::new();
    of_map(record, &mut all);
    for (_, node) in &record.0 {
        if let Node::List(items) = node {
            items.iter().filter_map(Node::as_map).for_each(|map| of_map(map, &mut all));
        }
    }
    all
}

fn of_map<'a>(map: &'a Map<'_>, all: &mut Vec<Feature<'a>>) {
    let mut by_usage: BTreeMap<&str, Feature<'a>> = BTreeMap::new();
    for (key, node) in &map.0 {
        if let (Some((attribute, usage)), Some(text)) = (known(key), node.text())
            && !text.trim().is_empty()
        {
            by_usage.entry(usage).or_default().0.insert(attribute, text);
        }
    }
    all.extend(by_usage.into_values());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usages() {
        assert!(KNOWN.is_sorted());
        assert_eq!(known("PHONE_NUMBER"), Some(("PHONE_NUMBER", "")));
        assert_eq!(known("HOME_PHONE_NUMBER"), Some(("PHONE_NUMBER", "HOME")));
        assert_eq!(known("PRIMARY_NAME_ORG"), Some(("NAME_ORG", "PRIMARY")));
        assert_eq!(known("AMOUNT"), None);
    }
}
