//! The name of one row's person out of all columns that tell something of it: parts, whole names, an e-mail address.

use crate::normalize::{fold, junk, nickname, person::PersonName};

/// The places of the family name, the e-mail address and the first whole name among the parts.
pub(super) const FAMILY: usize = 2;
pub(super) const EMAIL: usize = 3;
pub(super) const WHOLE: usize = 4;

/// Fewest letters that are taken for a name out of an e-mail address.
const FEWEST: usize = 3;

/// Words of addresses of which several people read what comes, or nobody does, and of what an address is for.
const NO_NAMES: &[&str] = &[
    "abuse",
    "account",
    "accounting",
    "accounts",
    "admin",
    "administration",
    "available",
    "billing",
    "booking",
    "bookings",
    "care",
    "client",
    "clients",
    "company",
    "contact",
    "customer",
    "customers",
    "desk",
    "email",
    "enquiries",
    "finance",
    "first",
    "front",
    "given",
    "hello",
    "help",
    "home",
    "info",
    "information",
    "inquiries",
    "invoice",
    "invoices",
    "kontakt",
    "last",
    "mail",
    "manager",
    "marketing",
    "name",
    "news",
    "newsletter",
    "none",
    "noreply",
    "not",
    "office",
    "online",
    "order",
    "orders",
    "payable",
    "payments",
    "personal",
    "post",
    "postmaster",
    "private",
    "reception",
    "reply",
    "reservations",
    "sales",
    "service",
    "services",
    "shop",
    "staff",
    "store",
    "support",
    "surname",
    "team",
    "test",
    "unknown",
    "user",
    "web",
    "webmaster",
    "work",
];

/// The name out of `[given, middle, family, e-mail, whole name, whole name …]`, empty text for what there is not. What
/// parts do not tell is taken from the first whole name that tells it. A part that is missing beside another, and the name
/// of a row that has none, are taken from the address ([`missing`]).
pub(super) fn name(parts: &[&str]) -> Option<PersonName> {
    let part = |at: usize| parts.get(at).copied().filter(|part| !junk::is_nothing(part)).unwrap_or_default();
    let Some(name) = PersonName::from_parts(part(0), part(1), part(FAMILY)) else {
        let whole =
            (WHOLE..parts.len()).map(part).filter(|whole| !whole.is_empty()).find_map(PersonName::parse);
        return whole.or_else(|| {
            let (given, family) = both(part(EMAIL))?;
            PersonName::from_parts(&given, "", &family)
        });
    };
    let other = match (name.given(), name.family()) {
        ("", family) => missing(part(EMAIL), family, false)
            .and_then(|given| PersonName::from_parts(&given, "", part(FAMILY))),
        (given, "") => missing(part(EMAIL), given, true)
            .and_then(|family| PersonName::from_parts(part(0), part(1), &family)),
        _ => None,
    };
    other.or(Some(name))
}

/// The name that is missing beside the other one, which may be missing as well, out of an e-mail address: `lee` of
/// `ann.lee80@…` beside `ann`, and beside nothing, since Ann is known for a given name.
pub(super) fn missing(mail: &str, known: &str, is_family: bool) -> Option<String> {
    if known.is_empty() {
        return both(mail).map(|(given, family)| if is_family { family } else { given });
    }
    rest(mail, known)
}

/// The words of what stands before the `@` and before a tag, digits left out; none where one of them is no name.
fn words(mail: &str) -> Vec<String> {
    let Some((local, _)) = mail.rsplit_once('@') else { return Vec::new() };
    let local = local.rsplit('<').next().unwrap_or(local).split('+').next().unwrap_or_default();
    let words: Vec<String> =
        local.split(|c: char| !c.is_alphabetic()).map(fold::tight).filter(|word| !word.is_empty()).collect();
    let is_name = |word: &String| NO_NAMES.binary_search(&word.as_str()).is_err();
    if words.iter().all(is_name) { words } else { Vec::new() }
}

fn is_given(word: &str) -> bool {
    !nickname::groups(word).is_empty()
}

/// `ann.lee@…` as given and family name, where one of the words is known for a given name and the other is not, or the
/// first of both.
fn both(mail: &str) -> Option<(String, String)> {
    let [first, second] = <[String; 2]>::try_from(words(mail)).ok()?;
    if first.chars().count() < FEWEST || second.chars().count() < FEWEST {
        return None;
    }
    match (is_given(&first), is_given(&second)) {
        (true, _) => Some((first, second)),
        (false, true) => Some((second, first)),
        (false, false) => None,
    }
}

/// What an address is made of beside a name that is known: `lee` of `ann.lee80@…` beside `ann`.
fn rest(mail: &str, known: &str) -> Option<String> {
    let known = fold::tight(known);
    let letters = known.chars().count();
    if letters < FEWEST {
        return None;
    }
    let words = words(mail);
    let enough = |text: &str| text.chars().count() >= FEWEST && text != known;
    if let [first, second] = &words[..] {
        let other = if *first == known {
            second
        } else if *second == known {
            first
        } else {
            return None;
        };
        return enough(other).then(|| other.clone());
    }
    // Run together, only a longer name is likely to be cut at the right place, and `christina` is not Chris Tina.
    let [word] = &words[..] else { return None };
    if letters <= FEWEST || is_given(word) {
        return None;
    }
    let other = word.strip_prefix(&known).or_else(|| word.strip_suffix(&known))?;
    enough(other).then(|| other.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_from_wherever_they_are() {
        for (parts, given, family) in [
            (&["Ann", "M", "Lee", "", ""][..], "ann m", "lee"),
            (&["", "", "", "", "Lee, Ann"], "ann", "lee"),
            (&["", "", "", "", "", "Ann Lee"], "ann", "lee"),
            (&["Ann", "", "", "ann.lee80@example.com"], "ann", "lee"),
            (&["", "", "Lee", "ann.lee+shop@example.com"], "ann", "lee"),
            (&["Anna", "", "", "annastone77@example.com"], "anna", "stone"),
            (&["", "", "Stone", "annastone77@example.com"], "anna", "stone"),
            (&["Ann", "", "", "annastone@example.com"], "ann", ""),
            (&["Ann", "", "", "anna.j@example.com"], "ann", ""),
            (&["", "", "", "ann.lee@example.com"], "ann", "lee"),
            (&["Test", "", "Test", "ann.lee@example.com", "N/A"], "ann", "lee"),
            (&["N/A", "", "Stone", "ann.stone@example.com"], "ann", "stone"),
            (&["Ann", "", "Stone", "ann.lee@example.com"], "ann", "stone"),
            (&["Alex", "", "", "alexander@example.com"], "alex", ""),
            (&["Chris", "", "", "christina@example.com"], "chris", ""),
            (&["Anna", "", "", "anna.home@example.com"], "anna", ""),
            (&["", "", "", "lee.ann@example.com"], "lee", "ann"),
            (&["", "", "", "stonefield.ann@example.com"], "ann", "stonefield"),
            (&["", "", "", "ann.lee@example.com", "Bob Stone"], "bob", "stone"),
            (&["", "", "", "ann.stone@example.com", "Stone"], "", "stone"),
        ] {
            let name = name(parts).unwrap();
            assert_eq!((name.given(), name.family()), (given, family), "{parts:?}");
        }
        for nobody in ["info", "customer.service", "not.available", "info.desk", "first.last", "xyzzy.plugh"]
        {
            assert_eq!(name(&["", "", "", &format!("{nobody}@example.com")]), None, "{nobody}");
        }
        assert!(NO_NAMES.is_sorted());
    }
}
