//! A canonical value is its own canonical form: stored identifiers are read again by the same rules.

use super::Normalizer;
use crate::{policy::Policy, record::Namespace};
use proptest::prelude::*;

/// What addresses, handles, numbers, names and dates are made of, and what sets parsers astray.
const PIECES: &[&str] = &[
    "ann",
    "Lee",
    "a",
    "mr",
    "x.example",
    "gmail.com",
    "GoogleMail.com",
    "outlook.com",
    "bücher.example",
    "xn--",
    "info",
    "mailto:",
    "https://",
    "twitter",
    "WhatsApp",
    "+44 7911 123456",
    "0207 946 0123",
    "1980",
    "12",
    "31",
    "ext. 5",
    "%2F",
    "İ",
    "ß",
    "ǅ",
    "ſ",
    "é",
    "e\u{301}",
    "Å",
    "ﬁ",
    "李",
    "\u{200b}",
    "\u{a0}",
    "\u{3000}",
    " ",
    "  ",
    ".",
    "..",
    ",",
    "@",
    "/",
    "//",
    "?",
    "#",
    "+",
    "-",
    "<",
    ">",
    "|",
    "'",
    "’",
    ":",
    ";",
    "(",
    ")",
    "_",
    "T00:00",
];

fn raw() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn canonical_values_stay_as_they_are(text in raw(), network in raw()) {
        let policy = Policy { default_region: Some("GB".into()), ..Policy::default() };
        let normalizer = Normalizer::new(&policy).unwrap();
        let handle = format!("{network}/{text}");
        for (namespace, raw) in [
            (Namespace::EMAIL, &text),
            (Namespace::EMAIL, &format!("{text}@gmail.com")),
            (Namespace::EMAIL, &format!("{text}@outlook.com")),
            (Namespace::EMAIL, &format!("ann@{text}.com")),
            (Namespace::PHONE, &text),
            (Namespace::SOCIAL, &handle),
            (Namespace::SOCIAL, &text),
            (Namespace::DEVICE, &text),
            (Namespace::CRM, &text),
            (Namespace::NAME, &text),
            (Namespace::BIRTH, &text),
        ] {
            if let Ok(once) = normalizer.identifier(&namespace, raw, None) {
                let twice = normalizer.identifier(&namespace, once.value(), None);
                let twice = twice.map_err(|error| format!("{namespace} {:?}: {error}", once.value()));
                prop_assert_eq!(Ok(once), twice);
            }
        }
    }
}
