//! From the raw text of one cell to the text that is compared: one function for each kind of column.

use super::{ColumnSpec, party, street};
use crate::normalize::{
    address::Address,
    birth, date as dates, email, fold as folding, junk, name,
    organisation::Organisation,
    person::PersonName,
    phone,
    pinyin::{self, Side},
    script,
    value::{self, gender},
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a column holds, which decides how its text is made comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Given names of a person.
    GivenName,
    /// Family names of a person.
    FamilyName,
    /// Given names out of three columns: given names, family name, e-mail address. Where a row has no given name, it is
    /// what the address is made of beside the family name, or the first of two names that it is made of.
    GivenOrEmail,
    /// The family name out of the same columns as [`Kind::GivenOrEmail`], and in the same way.
    FamilyOrEmail,
    /// The given names out of a full name (what follows a comma, else all but the last word).
    GivenOfFull,
    /// The family name out of a full name.
    FamilyOfFull,
    /// The given names out of several columns: given, middle, family name, e-mail address, then whole names. An empty
    /// name in [`from`](super::ColumnSpec::from) stands for a column that is not there. What the columns of names leave
    /// open is taken from the address, where it is made of the name that is known, or of two names where none is.
    GivenOfParty,
    /// The family name out of the same columns as [`Kind::GivenOfParty`].
    FamilyOfParty,
    /// The generation out of the same columns: `2` of `John Lee Jr`.
    Generation,
    /// All words of a name, sorted.
    NameWords,
    /// A day, as `1980-12-31`. From several columns: year, month and day.
    Date,
    /// An e-mail address.
    Email,
    /// A phone number; a column of countries or regions may stand beside it.
    Phone,
    /// A postal code: capitals and digits without spaces.
    Postcode,
    /// House and street.
    Street,
    /// House, street and unit out of a whole address, in one column or in several in the order of writing.
    StreetOfAddress,
    /// The town out of a whole address.
    CityOfAddress,
    /// The postal code out of a whole address.
    PostcodeOfAddress,
    /// A town, a state, a country.
    Place,
    /// The name of an organisation.
    Organisation,
    /// A number given out by somebody, such as a passport's: letters and digits.
    Identifier,
    /// A sex or gender.
    Gender,
    /// Several values in one field, or one in each of several columns; sorted, each once, words of one value joined by
    /// `_`.
    List,
    /// Several phone numbers or one, in one column or more; sorted, each once. A last column of countries or regions may
    /// stand beside them.
    Phones,
    /// Several e-mail addresses or one, in one column or more; sorted, each once.
    Emails,
    /// A number that is measured or counted.
    Number,
    /// Words out of a list, or several of them, sorted.
    Words,
    /// Any text: lower case, without marks, single spaces.
    Text,
    /// The text as it came.
    Exact,
}

impl Kind {
    /// Whether it is a name of a person, which is compared across scripts.
    pub(crate) fn is_of_person(self) -> bool {
        matches!(
            self,
            Kind::GivenName
                | Kind::FamilyName
                | Kind::GivenOrEmail
                | Kind::FamilyOrEmail
                | Kind::GivenOfFull
                | Kind::FamilyOfFull
                | Kind::GivenOfParty
                | Kind::FamilyOfParty
                | Kind::NameWords
        )
    }

    /// Where the e-mail address stands among the columns that the kind is made of, if a missing value is taken from it,
    /// and the kind that it is without the address.
    pub(super) fn or_email(self) -> Option<(usize, Kind)> {
        match self {
            Kind::GivenOrEmail => Some((2, Kind::GivenName)),
            Kind::FamilyOrEmail => Some((2, Kind::FamilyName)),
            Kind::GivenOfParty | Kind::FamilyOfParty => Some((party::EMAIL, self)),
            _ => None,
        }
    }
}

/// Writes what a column has for `parts` to `out`.
pub(super) fn made(spec: &ColumnSpec, parts: &[&str], out: &mut String) {
    if !spec.pinyin || !spec.kind.is_of_person() || !parts.iter().any(|part| pinyin::is_read(part)) {
        return prepare(spec.kind, parts, spec.month_first, out);
    }
    let side = |at: usize| match spec.kind {
        Kind::GivenName => Side::Given,
        Kind::FamilyName => Side::Family,
        Kind::GivenOrEmail | Kind::FamilyOrEmail if at == 1 => Side::Family,
        Kind::GivenOrEmail | Kind::FamilyOrEmail => Side::Given,
        Kind::GivenOfParty | Kind::FamilyOfParty if at < party::WHOLE => {
            if at == party::FAMILY {
                Side::Family
            } else {
                Side::Given
            }
        }
        _ => Side::Whole,
    };
    let read: Vec<Cow<'_, str>> =
        parts.iter().enumerate().map(|(at, part)| pinyin::latin(part, side(at))).collect();
    let read: Vec<&str> = read.iter().map(AsRef::as_ref).collect();
    prepare(spec.kind, &read, spec.month_first, out);
}

/// So many bytes of a field are compared, so that one of megabytes costs no minutes.
const LONGEST: usize = 1 << 16;

/// Writes the comparable form of `parts` to `out`, which is cleared; nothing where there is no value.
fn prepare(kind: Kind, parts: &[&str], month_first: bool, out: &mut String) {
    out.clear();
    let first = parts.first().copied().unwrap_or_default();
    if kind == Kind::Exact {
        return out.push_str(first);
    }
    if parts.iter().all(|part| part.is_empty()) {
        return;
    }
    if parts.iter().any(|part| part.len() > LONGEST) {
        let parts: Vec<&str> = parts.iter().map(|part| folding::cut(part, LONGEST)).collect();
        return prepare(kind, &parts, month_first, out);
    }
    if kind.is_of_person() && parts.iter().any(|part| script::is_other(part)) {
        let latin: Vec<String> = parts.iter().map(|part| script::latin(part)).collect();
        let latin: Vec<&str> = latin.iter().map(String::as_str).collect();
        return write(kind, &latin, month_first, out);
    }
    write(kind, parts, month_first, out);
}

fn write(kind: Kind, parts: &[&str], month_first: bool, out: &mut String) {
    let first = parts.first().copied().unwrap_or_default();
    match kind {
        Kind::Date => date(parts, month_first, out),
        _ if parts.len() == 1 && kind != Kind::Number && junk::is_nothing(first) => {}
        Kind::GivenName => names(&joined(parts), false, out),
        Kind::FamilyName => names(&joined(parts), true, out),
        Kind::GivenOrEmail | Kind::FamilyOrEmail => {
            let (&[given, family, email], is_family) = (parts, kind == Kind::FamilyOrEmail) else { return };
            let own = if is_family { family } else { given };
            if !junk::is_nothing(own) {
                names(own, is_family, out);
            }
            if out.is_empty() {
                let (other, mut known) = (if is_family { given } else { family }, String::new());
                if !junk::is_nothing(other) {
                    names(other, !is_family, &mut known);
                }
                if let Some(name) = party::missing(email, &known, is_family) {
                    names(&name, is_family, out);
                }
            }
        }
        Kind::GivenOfFull | Kind::FamilyOfFull => {
            if let Some(full) = PersonName::parse(&parts.join(" ")) {
                out.push_str(if kind == Kind::GivenOfFull { full.given() } else { full.family() });
            }
        }
        Kind::GivenOfParty | Kind::FamilyOfParty | Kind::Generation => {
            let Some(name) = party::name(parts) else { return };
            match (kind, name.generation()) {
                (Kind::GivenOfParty, _) => out.push_str(name.given()),
                (Kind::FamilyOfParty, _) => out.push_str(name.family()),
                (_, Some(generation)) => out.push_str(&generation.to_string()),
                _ => {}
            }
        }
        Kind::StreetOfAddress | Kind::CityOfAddress | Kind::PostcodeOfAddress => address(kind, parts, out),
        Kind::Gender => out.push_str(gender(first).unwrap_or_default()),
        Kind::List => several(parts.iter().flat_map(|part| value::list(part)), out, |item, out| {
            fold(item, out);
            *out = out.replace(' ', "_");
        }),
        Kind::Phones => {
            let region = parts.last().copied().filter(|part| !part.contains(|c: char| c.is_ascii_digit()));
            let items = parts.iter().flat_map(|part| value::phones(part));
            several(items, out, |item, out| number(&[item, region.unwrap_or_default()], out));
        }
        Kind::Emails => several(parts.iter().flat_map(|part| value::emails(part)), out, mail),
        Kind::NameWords | Kind::Words => {
            fold(&joined(parts), out);
            sort_words(out);
        }
        Kind::Email => mail(first, out),
        Kind::Phone => number(parts, out),
        Kind::Postcode | Kind::Identifier => letters_and_digits(&joined(parts), out),
        Kind::Street => street::canonical(&joined(parts), out),
        Kind::Number => {
            if let Some(value) = value::number(first) {
                out.push_str(&value.to_string());
            }
        }
        Kind::Organisation => {
            if let Some(organisation) = Organisation::parse(&parts.join(" ")) {
                out.push_str(organisation.name());
            }
        }
        Kind::Place | Kind::Text | Kind::Exact => fold(&joined(parts), out),
    }
}

/// The parts with a space between.
fn joined<'t>(parts: &[&'t str]) -> Cow<'t, str> {
    if let [part] = parts { Cow::Borrowed(part) } else { Cow::Owned(parts.join(" ")) }
}

fn names(text: &str, family: bool, out: &mut String) {
    let (given, last) = if family { ("", text) } else { (text, "") };
    if let Some(canonical) = name::canonical(given, last) {
        out.push_str(canonical.trim_matches('|'));
    }
}

/// The comparable forms of several values, sorted and each once, with a space between.
fn several(items: impl Iterator<Item = impl AsRef<str>>, out: &mut String, make: impl Fn(&str, &mut String)) {
    let mut made: Vec<String> = items
        .map(|item| {
            let mut text = String::new();
            if !junk::is_nothing(item.as_ref()) {
                make(item.as_ref(), &mut text);
            }
            text
        })
        .filter(|text| !text.is_empty())
        .collect();
    made.sort_unstable();
    made.dedup();
    out.push_str(&made.join(" "));
}

fn address(kind: Kind, parts: &[&str], out: &mut String) {
    let lines: Vec<&str> = parts.iter().copied().filter(|part| !junk::is_nothing(part)).collect();
    let Some(address) = Address::parse(&lines.join(", ")) else { return };
    let used: [&str; 4] = match kind {
        Kind::StreetOfAddress => [&address.po_box, &address.house, &address.street, &address.unit],
        Kind::CityOfAddress => [&address.city, "", "", ""],
        _ => [&address.postcode, "", "", ""],
    };
    for part in used.into_iter().filter(|part| !part.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(part.chars().flat_map(char::to_lowercase));
    }
}

/// Lower case without marks; what is no letter and no digit parts words.
pub(super) fn fold(text: &str, out: &mut String) {
    if text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return out.push_str(text);
    }
    names(text, true, out);
}

fn sort_words(text: &mut String) {
    if text.contains(' ') {
        let mut words: Vec<&str> = text.split(' ').collect();
        words.sort_unstable();
        words.dedup();
        *text = words.join(" ");
    }
}

fn letters_and_digits(text: &str, out: &mut String) {
    out.extend(text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
}

fn date(parts: &[&str], month_first: bool, out: &mut String) {
    if let [year, month, day] = parts {
        let number = |text: &str| text.trim().parse::<u32>().ok();
        if let (Some(y), Some(m), Some(d)) = (number(year), number(month), number(day)) {
            out.push_str(&format!("{y:04}-{m:02}-{d:02}"));
        }
        return;
    }
    let text = parts.first().copied().unwrap_or_default();
    if let Some(canonical) = birth::canonical(text, month_first) {
        return out.push_str(&canonical);
    }
    let style = dates::Style { month_first, ..dates::Style::default() };
    if let Some(day) = dates::read(text).and_then(|reading| reading.day(style)) {
        if !day.is_placeholder() {
            out.push_str(&day.to_string());
        }
        return;
    }
    // A day that does not exist is most often a slip of one digit, which its digits still show.
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let iso = text.len() == 10 && text.as_bytes().get(4) == Some(&b'-');
    let plain = digits.len() == 8 && (iso || text.len() == 8);
    if plain && !matches!(&digits[4..], "0101") && !junk::is_nothing(&digits) {
        out.push_str(&format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]));
    }
}

fn mail(text: &str, out: &mut String) {
    if email::write_plain(text, email::Rules::default(), out) {
        if junk::is_nobody(out) {
            out.clear();
        }
        return;
    }
    // Of several the first that is somebody's.
    let items = value::emails(text);
    let read = |item: &String| email::canonical(item, email::Rules::default());
    if let Some(address) = items.iter().flat_map(read).find(|address| !junk::is_nobody(address)) {
        return out.push_str(&address);
    }
    // No address by the rules, but still text that may be a slip away from one.
    let nearly = |item: &&String| item.len() <= 254 && item.contains('@') && read(item).is_err();
    if let Some(item) = items.iter().find(nearly) {
        out.push_str(&email::compared(item, email::Rules::default()).unwrap_or_default());
    }
}

fn number(parts: &[&str], out: &mut String) {
    let text = parts.first().copied().unwrap_or_default();
    let region = parts.get(1).and_then(|region| region.parse().ok());
    if let Ok(number) = phone::parse(text, region) {
        if !junk::is_placeholder_number(number.e164()) {
            out.push_str(number.e164());
        }
        return;
    }
    let digits: Cow<'_, str> = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(char::is_ascii_digit).collect())
    };
    let region = parts.get(1..).unwrap_or_default();
    // Of several numbers the first that is somebody's, and the number rather than a note beside it.
    if digits.len() >= value::TWO_NUMBERS || text.contains([';', '|', '\n']) {
        let items = value::phones(text);
        if items.len() > 1 || items.first().is_some_and(|item| item != text.trim()) {
            for item in &items {
                number(&[&[item.as_str()], region].concat(), out);
                if !out.is_empty() {
                    return;
                }
            }
            return;
        }
    }
    if let Some(whole) = value::whole_phone(text) {
        return number(&[&[whole], region].concat(), out);
    }
    if digits.len() >= 5 && !junk::is_nothing(&digits) && !junk::is_placeholder_number(&digits) {
        out.push_str(&digits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, parts: &[&str]) -> String {
        let mut out = String::new();
        prepare(kind, parts, false, &mut out);
        out
    }

    #[test]
    fn chinese_names_are_read_where_the_spec_says_so() {
        let from = ["given", "", "family", "", "full"];
        for (kind, parts, plain, read) in [
            (Kind::FamilyOfParty, &["", "", "", "", "刘杰"][..], "刘杰", "liu"),
            (Kind::GivenOfParty, &["", "", "", "", "刘秀英"], "", "xiuying"),
            (Kind::FamilyOfParty, &["杰", "", "曾"], "曾", "zeng"),
            (Kind::GivenName, &["秀英"], "秀英", "xiuying"),
            (Kind::Place, &["北京"], "北京", "北京"),
        ] {
            let mut spec = ColumnSpec::new("name", kind).from(from);
            let mut out = String::new();
            made(&spec, parts, &mut out);
            assert_eq!(out, plain, "{kind:?}");
            spec.pinyin = true;
            made(&spec, parts, &mut out);
            assert_eq!(out, read, "{kind:?}");
        }
    }

    #[test]
    fn of_several_addresses_and_numbers_the_first_that_is_somebodys_counts() {
        for (kind, raw, made) in [
            (Kind::Email, "ann@example.com; n/a", "ann@example.com"),
            (Kind::Email, "ann@example.com | ", "ann@example.com"),
            (Kind::Email, "noreply@x.com; ann@example.com", "ann@example.com"),
            (Kind::Email, "Ann <ann@example.com>, bob@example.com", "ann@example.com"),
            (Kind::Email, "noreply@x.com", ""),
            (Kind::Email, "n/a; -", ""),
            (Kind::Phone, "+442079460123; n/a", "+442079460123"),
            (Kind::Phone, "0000000000 / +44 7400 123456", "+447400123456"),
            (Kind::Phone, "n/a; +44 7400 123456", "+447400123456"),
            (Kind::Phone, "0000000000; n/a", ""),
        ] {
            assert_eq!(of(kind, &[raw]), made, "{raw}");
        }
    }

    #[test]
    fn of_a_huge_field_the_beginning_counts() {
        let huge = "Wörter ".repeat(1 << 20);
        let text = of(Kind::Text, &[&huge]);
        assert!(text.starts_with("worter worter") && text.len() <= LONGEST, "{}", text.len());
        assert_eq!(of(Kind::Exact, &[&huge]), huge);
    }

    #[test]
    fn kinds() {
        for (kind, parts, expected) in [
            (Kind::GivenName, &["Dr. José"][..], "jose"),
            (Kind::FamilyName, &["O'Neil"], "oneil"),
            (Kind::FamilyName, &["N/A"], ""),
            (Kind::FamilyName, &["Иванова"], "ivanova"),
            (Kind::GivenOfFull, &["ВАСИЛЬЕВ, Александр"], "aleksandr"),
            (Kind::FamilyName, &["王"], "王"),
            // Of a script that is read, and letters that are not.
            (Kind::FamilyName, &["ԱԽ"], "akh"),
            (Kind::FamilyName, &["Ѩн"], "ѩn"),
            (Kind::GivenOrEmail, &["Dr. Ann", "Stone", "jo.stone@x.com"], "ann"),
            (Kind::GivenOrEmail, &["", "Stone", "jo.stone@x.com"], ""),
            (Kind::GivenOrEmail, &["N/A", "Stone", "joe.stone@x.com"], "joe"),
            (Kind::FamilyOrEmail, &["Anna", "", "annastone7@x.com"], "stone"),
            (Kind::FamilyOrEmail, &["", "", "anna.stone@x.com"], "stone"),
            (Kind::FamilyOrEmail, &["Anna", "", ""], ""),
            (Kind::GivenOfFull, &["Lee, Ann Mary"], "ann mary"),
            (Kind::FamilyOfFull, &["Ann Mary Lee"], "lee"),
            (Kind::NameWords, &["Lee, Ann"], "ann lee"),
            (Kind::Date, &["31/12/1980"], "1980-12-31"),
            (Kind::Date, &["1980", "12", "31"], "1980-12-31"),
            (Kind::Date, &["1980-02-31"], "1980-02-31"),
            (Kind::Date, &["1900-01-01"], ""),
            (Kind::Email, &["Ann.Lee@Example.COM"], "ann.lee@example.com"),
            (Kind::Email, &["noreply@example.com"], ""),
            (Kind::Phone, &["020 7946 0123", "GB"], "+442079460123"),
            (Kind::Phone, &["07700 900123"], "07700900123"),
            (Kind::Phone, &["0000000000"], ""),
            (Kind::Phones, &["020 7946 0123; 07400 123456", "", "GB"], "+442079460123 +447400123456"),
            (Kind::Phones, &["020,7946,0123", "", "GB"], "02079460123"),
            (Kind::Phones, &["020 7946 0123 / 07400 123456", "", "GB"], "+442079460123 +447400123456"),
            (Kind::Phone, &["020 7946 0123 or 07400 123456", "GB"], "+442079460123"),
            (Kind::Phone, &["020 7946 0123, 07400 123456"], "02079460123"),
            (Kind::Phone, &["07400 123456; 020 7946 0123"], "07400123456"),
            (Kind::Phone, &["020 7946 0123, 0124"], "02079460123"),
            (Kind::Phones, &["020 7946 0123, 0124"], "02079460123"),
            (Kind::Phone, &["020 7946 0123 / 4 / 5 / 07400 123456"], "02079460123"),
            (Kind::Phone, &["+49 (0)6221 / 1234567"], "+4962211234567"),
            (Kind::Email, &["Ann@example.com, second@work.example"], "ann@example.com"),
            (Kind::Email, &["ann@@example.com"], "ann@@example.com"),
            (Kind::Emails, &["ann@example.com, bob@example.com"], "ann@example.com bob@example.com"),
            (Kind::Phones, &["0000000000", "+44 20 7946 0123"], "+442079460123"),
            (Kind::Emails, &["b@x.com", "A@x.com;noreply@example.com"], "a@x.com b@x.com"),
            (Kind::Postcode, &["SW1A 1aa"], "sw1a1aa"),
            (Kind::Street, &["12 High Street, Flat 3"], "12 high st flat 3"),
            (Kind::Street, &["Hauptstraße 5"], "hauptstr 5"),
            (Kind::Street, &["St. Mary's ' Road-Hauptstrasse Strasse."], "st marys rd hauptstr strasse"),
            (Kind::Number, &["1,200.50"], "1200.5"),
            (Kind::Exact, &[" N/A"], " N/A"),
            (Kind::Text, &[""], ""),
        ] {
            assert_eq!(of(kind, parts), expected, "{kind:?} {parts:?}");
        }
    }
}
