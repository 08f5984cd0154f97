//! E-mail addresses to canonical form, and which of them belong to a desk rather than to a person.

use crate::error::{Error, Result};
use std::borrow::Cow;

/// What the address's provider is known to ignore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Dots in the local part of a Gmail address do not count.
    pub dots: bool,
    /// What follows a `+` does not count, at providers that deliver it to the same mailbox.
    pub tags: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Rules { dots: true, tags: true }
    }
}

/// Providers that deliver `name+anything` to `name`.
const TAGGED: &[&str] = &[
    "gmail.com",
    "outlook.com",
    "hotmail.com",
    "hotmail.co.uk",
    "live.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "fastmail.com",
    "proton.me",
    "protonmail.com",
    "pm.me",
    "zoho.com",
];

/// Local parts that name a function, by RFC 2142 and custom.
const ROLES: &[&str] = &[
    "abuse",
    "accounting",
    "accounts",
    "admin",
    "administrator",
    "billing",
    "bookings",
    "careers",
    "contact",
    "customerservice",
    "enquiries",
    "finance",
    "frontdesk",
    "hello",
    "help",
    "helpdesk",
    "hostmaster",
    "hr",
    "info",
    "inquiries",
    "invoices",
    "it",
    "jobs",
    "kontakt",
    "mail",
    "marketing",
    "news",
    "newsletter",
    "office",
    "orders",
    "postmaster",
    "press",
    "reception",
    "reservations",
    "root",
    "sales",
    "security",
    "service",
    "services",
    "shop",
    "support",
    "team",
    "webmaster",
];

/// The canonical form of an address: `mailto:`, angle brackets, a display name and white space removed, lower case,
/// the domain in its ASCII form (IDNA, UTS 46), and what the provider ignores left out.
///
/// # Errors
/// Where the text is not one address of the usual form (RFC 5321 lengths; no quoted local parts, no address
/// literals).
///
/// ```
/// use stitchline::normalize::email::{Rules, canonical};
///
/// assert_eq!(canonical("Ann Lee <Ann.Lee+shop@GoogleMail.com>", Rules::default())?, "annlee@gmail.com");
/// assert_eq!(canonical("info@bücher.example", Rules::default())?, "info@xn--bcher-kva.example");
/// # Ok::<(), stitchline::Error>(())
/// ```
pub fn canonical(raw: &str, rules: Rules) -> Result<String> {
    let mut address = String::new();
    if write_plain(raw, rules, &mut address) { Ok(address) } else { rewritten(raw, rules) }
}

/// What a byte is in an address that is plain.
const PLAIN: [u8; 256] = {
    let (mut kinds, mut at) = ([OTHER; 256], 0);
    while at < 128 {
        let byte = at as u8;
        kinds[at] = match byte {
            b'a'..=b'z' | b'0'..=b'9' => 0,
            b'.' => DOT,
            b'-' => DASH,
            b'@' => AT,
            b'A'..=b'Z' | b'+' => OTHER,
            _ if LOCAL[at] => MARK,
            _ => OTHER,
        };
        at += 1;
    }
    kinds
};
const DOT: u8 = 1;
const DASH: u8 = 2;
const AT: u8 = 4;
/// Stands before the `@` only.
const MARK: u8 = 8;
const OTHER: u8 = 16;

/// Whether bytes are those of a plain part: any of these kinds, and dots only between two that are none.
#[inline]
fn is_part(bytes: &[u8], kinds: u8) -> bool {
    let (mut all, mut dots, mut before) = (0, 0, DOT);
    for &byte in bytes {
        let kind = PLAIN[usize::from(byte)];
        all |= kind;
        dots |= kind & before;
        before = kind;
    }
    all & !kinds == 0 && (dots | before) & DOT == 0
}

/// Writes the canonical form of an address that is plain, as most are: its own text, without dots where the rules say so.
/// False where it is not plain, whatever it is.
pub(crate) fn write_plain(text: &str, rules: Rules, out: &mut String) -> bool {
    let bytes = text.as_bytes();
    let Some(at) = bytes.iter().position(|byte| *byte == b'@') else { return false };
    let (local, domain) = (&bytes[..at], &bytes[at + 1..]);
    let top = domain.iter().rev().take_while(|byte| **byte != b'.');
    let (named, dotted) = (top.clone().any(u8::is_ascii_alphabetic), top.count() < domain.len());
    let plain = (1..=64).contains(&at)
        && domain.len() <= 63
        && (named && dotted)
        && is_part(local, DOT | DASH | MARK)
        && is_part(domain, DOT)
        && domain != b"googlemail.com";
    if plain && rules.dots && domain == b"gmail.com" {
        text[..at].split('.').for_each(|part| out.push_str(part));
        out.push_str(&text[at..]);
    } else if plain {
        out.push_str(text);
    }
    plain
}

fn rewritten(raw: &str, rules: Rules) -> Result<String> {
    if raw.len() > 1024 {
        return Err(Error::invalid("is too long for an e-mail address"));
    }
    let mut text = raw.trim();
    if text.ends_with('>')
        && let Some(open) = text.rfind('<')
    {
        text = text[open + 1..text.len() - 1].trim();
    }
    if text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:")) {
        text = text[7..].split('?').next().unwrap_or_default().trim();
    }
    let fault = || Error::invalid("is not an e-mail address");
    let (local, domain) = text.rsplit_once('@').ok_or_else(fault)?;
    // Room for the whole address.
    let mut address = String::with_capacity(text.len() + 1);
    address.push_str(local);
    if local.is_ascii() {
        address.make_ascii_lowercase();
    } else {
        address = local.to_lowercase();
    }
    if !is_local(&address) {
        return Err(fault());
    }
    let domain = domain_ascii(domain.trim().trim_end_matches('.')).ok_or_else(fault)?;
    let domain = if domain == "googlemail.com" { "gmail.com" } else { &*domain };
    let whole = address.len();
    if rules.tags
        && let Some(at) = address.find('+').filter(|&at| at > 0)
        && TAGGED.contains(&domain)
    {
        address.truncate(at);
    }
    if rules.dots && domain == "gmail.com" {
        address.retain(|c| c != '.');
    }
    // What is left without a tag may be none: `a.+b`.
    if address.len() < whole && !is_local(&address) {
        return Err(fault());
    }
    address.push('@');
    address.push_str(domain);
    Ok(address)
}

/// Which bytes of ASCII a local part may have.
const LOCAL: [bool; 128] = {
    let (mut usual, mut at) = ([false; 128], 0u8);
    while at < 128 {
        usual[at as usize] = at.is_ascii_alphanumeric();
        at += 1;
    }
    let (marks, mut at) = (b"!#$%&'*+/=?^_`{|}~.-", 0);
    while at < marks.len() {
        usual[marks[at] as usize] = true;
        at += 1;
    }
    usual
};

fn is_local(text: &str) -> bool {
    let usual = |c: char| LOCAL.get(c as usize).copied().unwrap_or_else(|| c.is_alphanumeric());
    (1..=64).contains(&text.len())
        && text.chars().all(usual)
        && !text.starts_with('.')
        && !text.ends_with('.')
        && !text.as_bytes().windows(2).any(|pair| pair[0] == b'.' && pair[1] == b'.')
}

/// The domain in lower-case ASCII, or none where it is not a domain with a dot.
fn domain_ascii(domain: &str) -> Option<Cow<'_, str>> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
    let encoded = || domain.contains('-') && domain.contains("xn--");
    let ascii = if domain.bytes().all(plain) && !encoded() {
        Cow::Borrowed(domain)
    } else {
        Cow::Owned(idna::domain_to_ascii_strict(domain).ok()?)
    };
    let label =
        |label: &[u8]| (1..=63).contains(&label.len()) && label[0] != b'-' && label[label.len() - 1] != b'-';
    let bytes = ascii.as_bytes();
    let top = bytes.iter().rev().take_while(|byte| **byte != b'.');
    let (named, dotted) = (top.clone().any(u8::is_ascii_alphabetic), top.count() < bytes.len());
    let whole = bytes.len() <= 253 && dotted && named && bytes.split(|byte| *byte == b'.').all(label);
    whole.then_some(ascii)
}

/// Whether a canonical address belongs to a function (`info@`, `sales@`) rather than to a person.
pub fn is_role(canonical: &str) -> bool {
    let local = canonical.split('@').next().unwrap_or_default();
    ROLES.binary_search(&local).is_ok()
}

/// An address as comparable text even where it is none, since a mistyped one still tells: the canonical form, else the
/// text in lower case without white space. None where it stands for nothing. O(n).
///
/// ```
/// use stitchline::normalize::email::{Rules, compared};
///
/// assert_eq!(compared("Ann.Lee@Example,com", Rules::default()).as_deref(), Some("ann.lee@example,com"));
/// assert_eq!(compared("none", Rules::default()), None);
/// ```
pub fn compared(raw: &str, rules: Rules) -> Option<String> {
    if let Ok(address) = canonical(raw, rules) {
        return (!super::junk::is_nobody(&address)).then_some(address);
    }
    let text = super::fold::bounded(raw);
    let text: String =
        text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).flat_map(char::to_lowercase).collect();
    (!super::junk::is_nothing(&text)).then_some(text)
}

/// What stands before and behind the last `@` of comparable text; the second is empty where there is none.
pub fn parts(compared: &str) -> (&str, &str) {
    compared.rsplit_once('@').unwrap_or((compared, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_of_one_address_are_one() {
        let rules = Rules::default();
        for raw in [
            "ann.lee@example.com",
            " Ann.Lee@EXAMPLE.com ",
            "<ann.lee@example.com>",
            "mailto:ann.lee@example.com?subject=x",
            "\"Lee, Ann\" <ann.lee@example.com>",
            "ann.lee@example.com.",
        ] {
            assert_eq!(canonical(raw, rules).unwrap(), "ann.lee@example.com", "{raw}");
        }
    }

    #[test]
    fn provider_rules_are_optional() {
        let off = Rules { dots: false, tags: false };
        assert_eq!(canonical("a.b+c@gmail.com", off).unwrap(), "a.b+c@gmail.com");
        assert_eq!(canonical("a.b+c@gmail.com", Rules::default()).unwrap(), "ab@gmail.com");
        assert_eq!(canonical("a.b+c@example.com", Rules::default()).unwrap(), "a.b+c@example.com");
        assert_eq!(canonical("+c@gmail.com", Rules::default()).unwrap(), "+c@gmail.com");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for raw in [
            "",
            "@",
            "a@",
            "@b.example",
            "a b@c.example",
            "a@b",
            "a@b..c",
            "a@-b.example",
            "a..b@c.example",
            "a@1.2.3.4",
            "\u{0}@b.example",
        ] {
            assert!(canonical(raw, Rules::default()).is_err(), "{raw:?}");
        }
        assert!(canonical(&"a".repeat(1 << 20), Rules::default()).is_err());
    }

    proptest! {
        #[test]
        fn plain_addresses_are_written_as_others_are(
            text in "[a-c.+_A-]{0,4}@?[a-c.é-]{0,4}(gmail|googlemail|x.n--a)?[.]?(com|1|c0)?[.@> ]?",
            (dots, tags) in any::<(bool, bool)>(),
        ) {
            let rules = Rules { dots, tags };
            let mut out = String::new();
            let expected = rewritten(&text, rules);
            if write_plain(&text, rules, &mut out) {
                prop_assert_eq!(expected.unwrap(), out);
            } else if let Ok(address) = expected {
                // Most of what is canonical is plain.
                let rare = address.contains(['+', 'é']) || address[address.find('@').unwrap()..].contains('-');
                prop_assert!(rare || write_plain(&address, rules, &mut out), "{}", address);
            }
        }
    }

    #[test]
    fn roles_are_sorted_and_found() {
        assert!(ROLES.is_sorted());
        assert!(is_role("sales@example.com") && !is_role("ann@example.com"));
    }
}
