//! The name of one row's person out of all columns that tell something of it: parts, whole names, an e-mail address.

use crate::normalize::{fold, junk, person::PersonName};

/// The places of the family name, the e-mail address and the first whole name among the parts.
pub(super) const FAMILY: usize = 2;
pub(super) const EMAIL: usize = 3;
pub(super) const WHOLE: usize = 4;

/// Fewest letters that are taken for a name out of an e-mail address.
const FEWEST: usize = 3;

/// The name out of `[given, middle, family, e-mail, whole name, whole name …]`, empty text for what there is not. What
/// parts do not tell is taken from the first whole name that tells it, and a part that is missing still from the
/// address, where that is made of the other.
pub(super) fn name(parts: &[&str]) -> Option<PersonName> {
    let part = |at: usize| parts.get(at).copied().filter(|part| !junk::is_nothing(part)).unwrap_or_default();
    let mut name = PersonName::from_parts(part(0), part(1), part(FAMILY));
    for whole in (WHOLE..parts.len()).map(part).filter(|whole| !whole.is_empty()) {
        if name.is_some() {
            break;
        }
        name = PersonName::parse(whole);
    }
    let Some(name) = name else {
        let (given, family) = both(part(EMAIL))?;
        return PersonName::from_parts(&given, "", &family);
    };
    if name.given().is_empty() != name.family().is_empty() {
        let known = if name.given().is_empty() { name.family() } else { name.given() };
        if let Some(other) = rest(part(EMAIL), known) {
            return if name.given().is_empty() {
                PersonName::from_parts(&other, "", part(2)).or(Some(name))
            } else {
                PersonName::from_parts(part(0), part(1), &other).or(Some(name))
            };
        }
    }
    Some(name)
}

/// The name that is missing beside the other one, which may be missing as well, out of an e-mail address.
pub(super) fn missing(mail: &str, known: &str, is_family: bool) -> Option<String> {
    if known.is_empty() {
        return both(mail).map(|(given, family)| if is_family { family } else { given });
    }
    rest(mail, known)
}

/// The words of what stands before the `@` and before a tag, digits left out.
fn words(mail: &str) -> Vec<String> {
    let Some((local, _)) = mail.rsplit_once('@') else { return Vec::new() };
    let local = local.rsplit('<').next().unwrap_or(local).split('+').next().unwrap_or_default();
    local.split(|c: char| !c.is_alphabetic()).map(fold::tight).filter(|word| !word.is_empty()).collect()
}

/// `ann.lee@…` as given and family name.
fn both(mail: &str) -> Option<(String, String)> {
    match <[String; 2]>::try_from(words(mail)) {
        Ok([given, family]) if given.len() >= FEWEST && family.len() >= FEWEST => Some((given, family)),
        _ => None,
    }
}

/// What an address is made of beside a name that is known: `lee` of `ann.lee80@…` beside `ann`.
fn rest(mail: &str, known: &str) -> Option<String> {
    let known = fold::tight(known);
    if known.len() < FEWEST {
        return None;
    }
    let words = words(mail);
    let enough = |text: &str| text.len() >= FEWEST && text != known;
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
    // Run together, only a longer name is sure to be cut at the right place.
    let [word] = &words[..] else { return None };
    if known.len() <= FEWEST {
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
        ] {
            let name = name(parts).unwrap();
            assert_eq!((name.given(), name.family()), (given, family), "{parts:?}");
        }
        assert_eq!(name(&["", "", "", "info@example.com"]), None);
    }
}
