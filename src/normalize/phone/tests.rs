//! The answers of libphonenumber, and behaviour that its answers do not cover.

use super::*;
use proptest::prelude::*;

fn region(code: &str) -> Option<Region> {
    code.parse().ok()
}

fn e164(raw: &str, default: &str) -> Result<String, PhoneError> {
    parse(raw, region(default)).map(|number| number.e164().to_owned())
}

/// The records of a CSV file without line breaks in its fields.
fn records(csv: &str) -> impl Iterator<Item = Vec<String>> {
    csv.lines().skip(1).map(|line| {
        let mut fields = vec![String::new()];
        let (mut quoted, mut chars) = (false, line.chars().peekable());
        while let Some(c) = chars.next() {
            let field = fields.last_mut().unwrap();
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => field.push(chars.next().unwrap()),
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                c => field.push(c),
            }
        }
        fields
    })
}

#[test]
fn phone_agrees_with_libphonenumber_on_example_numbers() {
    let csv = include_str!("../../../fixtures/phone/cases.csv");
    let (mut rows, mut wrong) = (0, Vec::new());
    for (row, fields) in records(csv).enumerate() {
        let [raw, default, _, expected, valid] = &fields[..] else { panic!("row {}", row + 2) };
        rows += 1;
        let expected = (valid == "true").then(|| expected.clone());
        if e164(raw, default).ok() != expected {
            wrong.push(row + 2);
        }
    }
    assert_eq!(rows, 5306);
    assert!(wrong.is_empty(), "disagreement in the rows {wrong:?}");
}

#[test]
fn phone_agrees_with_libphonenumber_on_hard_cases() {
    let csv = include_str!("../../../fixtures/phone/hard.csv");
    let (mut rows, mut wrong) = (0, Vec::new());
    for (row, fields) in records(csv).enumerate() {
        let [raw, default, expected, extension, found_in, kind] = &fields[..] else {
            panic!("row {}", row + 2)
        };
        rows += 1;
        let found = match parse(raw, region(default)) {
            Err(_) => Default::default(),
            Ok(number) => [
                number.e164().to_owned(),
                number.extension().unwrap_or_default().to_owned(),
                number.region().map(|region| region.to_string()).unwrap_or_default(),
                format!("{:?}", number.kind()),
            ],
        };
        if found.each_ref() != [expected, extension, found_in, kind] {
            wrong.push(row + 2);
        }
    }
    assert!(rows >= 4000);
    assert!(wrong.is_empty(), "disagreement in the rows {wrong:?}");
}

#[test]
fn phone_national_prefixes() {
    // Plain, with a carrier code, and with the Argentine 15 of mobile numbers, which becomes a 9.
    assert_eq!(e164("020 7946 0018", "GB").as_deref(), Ok("+442079460018"));
    assert_eq!(e164("0 15 11 91234-5678", "BR").as_deref(), Ok("+5511912345678"));
    assert_eq!(e164("011 15-2345-6789", "AR").as_deref(), Ok("+5491123456789"));
    assert_eq!(e164("+44 (0)20 7946 0018", "").as_deref(), Ok("+442079460018"));
    // The 0 belongs to an Italian number.
    assert_eq!(e164("06 6982", "IT").as_deref(), Ok("+39066982"));
    // Seven digits within an island that shares its calling code.
    assert_eq!(e164("232-1234", "BM").as_deref(), Ok("+14412321234"));
}

#[test]
fn phone_shared_calling_codes() {
    for (number, expected) in [
        ("+12025550123", "US"),
        ("+14165550123", "CA"),
        ("+77172123456", "KZ"),
        ("+74951234567", "RU"),
        ("+441534456789", "JE"),
    ] {
        assert_eq!(parse(number, None).unwrap().region(), region(expected), "{number}");
    }
    let toll_free = parse("+80012345678", None).unwrap();
    assert_eq!((toll_free.region(), toll_free.kind()), (None, PhoneKind::TollFree));
}

#[test]
fn phone_errors_tell_the_reason() {
    for (raw, default, error) in [
        ("", "US", PhoneError::Empty),
        (" \u{3000}", "US", PhoneError::Empty),
        ("none", "US", PhoneError::NoDigits),
        ("+999123456789", "US", PhoneError::UnknownCountry),
        ("020 7946 0018", "", PhoneError::UnknownCountry),
        ("020 7946 0018", "ZZ", PhoneError::UnknownCountry),
        ("555-0100", "US", PhoneError::TooShort),
        ("+1", "US", PhoneError::NotANumber),
        ("+12", "US", PhoneError::NotANumber),
        ("202 555 01234", "US", PhoneError::TooLong),
        ("000 000 0000", "US", PhoneError::Invalid),
        ("2025550123 & 2025550124", "US", PhoneError::NotANumber),
    ] {
        assert_eq!(e164(raw, default), Err(error), "{raw}");
        assert!(!error.to_string().contains(|c: char| c.is_ascii_digit()));
    }
}

#[test]
fn phone_input_length_is_bounded() {
    assert_eq!(e164(&"9".repeat(1 << 24), "US"), Err(PhoneError::TooLong));
    assert_eq!(e164(&" ".repeat(251), "US"), Err(PhoneError::TooLong));
    let padded = format!("{}+442079460018", "\u{3000}".repeat(237));
    assert_eq!(e164(&padded, "").as_deref(), Ok("+442079460018"));
}

#[test]
fn phone_region_codes() {
    assert_eq!(region("gb"), region("GB"));
    assert_eq!("gb".parse::<Region>().unwrap().to_string(), "GB");
    for bad in ["", "G", "GBR", " GB", "G1", "é"] {
        assert_eq!(bad.parse::<Region>(), Err(RegionError), "{bad}");
    }
}

/// Texts that come close to a number.
fn nearly_a_number() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        8 => "[0-9]{1,6}",
        2 => "[-+ ()./~*x#,;:]{1,3}",
        1 => "[०-९٠-٩０-９]{1,4}",
        1 => prop::sample::select(vec![
            "tel:", ";ext=", ";isub=", ";phone-context=", "+44", " ext. ", "доб", "ｅｘｔ", "/x", "\\ x", "extensió", "\u{301}",
        ])
        .prop_map(str::to_owned),
        1 => "[A-Za-zıſİK]{1,4}",
        1 => "\\PC{0,3}",
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

fn check_any(raw: &str, default: &str) {
    if let Ok(number) = parse(raw, region(default)) {
        let e164 = number.e164();
        assert!(e164.len() >= 4 && e164.starts_with('+') && e164[1..].bytes().all(|b| b.is_ascii_digit()));
        assert!(number.extension().is_none_or(|digits| digits.bytes().all(|b| b.is_ascii_digit())));
        assert_ne!(number.kind(), PhoneKind::Unknown);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn phone_parse_takes_any_text(raw in any::<String>(), default in "[A-Z]{2}") {
        check_any(&raw, &default);
    }

    #[test]
    fn phone_parse_takes_what_is_nearly_a_number(raw in nearly_a_number(), default in "US|GB|AR|BR|IT|KZ|JP|ZZ") {
        check_any(&raw, &default);
    }
}
