use super::*;
use proptest::prelude::*;

fn check(raw: &str, expected: [&str; 8]) {
    let a = Address::parse(raw).unwrap_or_else(|| panic!("{raw}"));
    let found = [a.po_box, a.unit, a.house, a.street, a.city, a.state, a.postcode, a.country];
    assert_eq!(found, expected, "{raw}");
}

#[test]
fn one_line() {
    check("14 High Street, London, SW1A 1AA", ["", "", "14", "high st", "london", "", "SW1A1AA", ""]);
    check(
        "Flat 2, 14 High St., LONDON SW1A1AA, United Kingdom",
        ["", "2", "14", "high st", "london", "", "SW1A1AA", "gb"],
    );
    check("14 High Street London SW1A 1AA", ["", "", "14", "high st", "london", "", "SW1A1AA", ""]);
    check(
        "123 Main St Apt 4B, Springfield, IL 62701-1234",
        ["", "4b", "123", "main st", "springfield", "il", "62701", ""],
    );
    check(
        "123 N Main Street #4, Springfield IL 62701",
        ["", "4", "123", "n main st", "springfield", "il", "62701", ""],
    );
    check(
        "350 5th Avenue, New York, NY 10118, USA",
        ["", "", "350", "5th av", "new york", "ny", "10118", "us"],
    );
    check("3/14 George St, Sydney NSW 2000", ["", "3", "14", "george st", "sydney", "nsw", "2000", ""]);
    check("Hauptstr. 5 a, 10115 Berlin, Deutschland", ["", "", "5a", "hauptst", "berlin", "", "10115", "de"]);
    check(
        "10 rue de la Paix, 75002 Paris, France",
        ["", "", "10", "rue de la paix", "paris", "", "75002", "fr"],
    );
    check(
        "Keizersgracht 123, 1015 CJ Amsterdam",
        ["", "", "123", "keizersgracht", "amsterdam", "", "1015CJ", ""],
    );
    check("PO Box 123, Dublin", ["123", "", "", "", "dublin", "", "", ""]);
    check("P.O. Box 99, Austin, TX 73301", ["99", "", "", "", "austin", "tx", "73301", ""]);
    check(
        "24 Sussex Drive, Ottawa, Ontario K1M 1M4",
        ["", "", "24", "sussex dr", "ottawa", "on", "K1M1M4", ""],
    );
    check("Rose Cottage, Church Lane, Ambridge", ["", "", "", "rose cott church ln", "ambridge", "", "", ""]);
    check("Marszałkowska 10, 00-950 Warszawa", ["", "", "10", "marszalkowska", "warszawa", "", "00950", ""]);
}

#[test]
fn forms_of_one_street_are_one() {
    let one = |raw: &str| Address::street_line(raw).unwrap();
    for (a, b) in [
        ("14 High Street", "14 HIGH ST."),
        ("Saint John's Road 3", "St Johns Rd 3"),
        ("Hauptstraße 5", "Hauptstr. 5"),
        ("Unit 4, 9 Park Avenue", "9 Park Ave Unit 4"),
        ("2nd Floor, 10 Kings Road", "Floor 2, 10 King's Rd"),
    ] {
        assert_eq!(one(a), one(b), "{a} {b}");
    }
    assert_eq!(one("Highway 61").house, "");
    assert_eq!(one("5th Avenue").house, "");
}

#[test]
fn columns() {
    let a =
        Address::from_parts(&["Flat 1", "2 Mill Lane"], "Saint Albans", "", "AL1 1AA", "England").unwrap();
    assert_eq!(a.text(), "1 2 mill ln st albans AL11AA gb");
    let whole = Address::from_parts(&["2 Mill Lane, York, YO1 7HH"], "", "", "", "").unwrap();
    assert_eq!((&*whole.city, &*whole.postcode), ("york", "YO17HH"));
    assert_eq!(Address::from_parts(&["", "n/a"], "-", "", "", "none"), None);
    assert_eq!(
        (state("New South Wales").as_deref(), state("NA"), city("ST. Ives").as_deref()),
        (Some("nsw"), Some("na".into()), Some("st ives"))
    );
}

proptest! {
    #[test]
    fn any_text(raw in "\\PC{0,80}|([A-Za-z]{1,8}|[0-9]{1,5}|flat|box|po|street|,| |/|#){0,20}") {
        if let Some(a) = Address::parse(&raw) {
            prop_assert!(a.text().len() <= 8 * raw.len() + 8);
            prop_assert_eq!(city(&a.city).unwrap_or_default(), a.city);
        }
        if let Some(a) = Address::street_line(&raw) {
            prop_assert!(a.city.is_empty() && a.postcode.is_empty());
        }
    }
}
