use super::*;
use proptest::prelude::*;

fn iso(raw: &str) -> Option<String> {
    read(raw)?.day(Style::default()).map(|day| day.to_string())
}

#[test]
fn one_day_in_many_forms() {
    for raw in [
        "1980-12-31",
        "1980/12/31",
        "1980.12.31",
        " 1980-12-31 ",
        "1980-12-31T00:00:00Z",
        "1980-12-31 10:11:12.5+01:00",
        "19801231",
        "31121980",
        "31/12/1980",
        "12/31/1980",
        "31.12.1980",
        "31-12-1980",
        "31 12 1980",
        "31 December 1980",
        "31st December 1980",
        "31st of December, 1980",
        "December 31, 1980",
        "Dec 31st 1980",
        "31-Dec-1980",
        "31. Dezember 1980",
        "31 de diciembre de 1980",
        "31 décembre 1980",
        "31/DEC/80",
        "31/12/80",
        "12/31/80",
        "Wed, 31 Dec 1980",
        "31/12/1980 00:00",
        "1980 December 31",
        "31DEC1980",
    ] {
        assert_eq!(iso(raw).as_deref(), Some("1980-12-31"), "{raw}");
    }
    assert_eq!(iso("1 März 2001").as_deref(), Some("2001-03-01"));
    assert_eq!(iso("1er juillet 1999").as_deref(), Some("1999-07-01"));
}

#[test]
fn no_day() {
    for raw in [
        "",
        "x",
        "1980-02-30",
        "31/31/1980",
        "0000-00-00",
        "12",
        "123456789",
        "1980-13-13",
        "ann 1980",
        "31/12/1980 x",
        "99/99/99",
        "31/12",
        "2001-02-29",
        "1/2/3/4",
        "12:30",
        "29/02/01 1",
    ] {
        assert_eq!(iso(raw), None, "{raw}");
    }
    assert_eq!(read("1980-12"), Some(Reading::Month { year: 1980, month: 12 }));
    assert_eq!(read("Dec 1980"), Some(Reading::Month { year: 1980, month: 12 }));
    assert_eq!(read("1980"), Some(Reading::Year(1980)));
}

#[test]
fn both_readings_are_kept() {
    let reading = read("12/11/1978").unwrap();
    let style = Style::default();
    assert_eq!(reading.day(style).unwrap().number(), 19781112);
    assert_eq!(reading.other(style).unwrap().number(), 19781211);
    assert_eq!(read("11/11/1978").unwrap().other(style), None);
    assert_eq!(read("31/12/1978").unwrap().other(style), None);
}

#[test]
fn short_years() {
    let style = Style { latest: 2024, ..Style::default() };
    assert_eq!([0, 24, 25, 99].map(|year| style.century(year)), [2000, 2024, 1925, 1999]);
    assert_eq!(read("29/02/00").unwrap().day(style).unwrap().number(), 20000229);
    assert_eq!(read("29/02/01").unwrap().day(style), None);
    assert_eq!(read("01/02/03").unwrap().other(style).unwrap().number(), 20030102);
}

#[test]
fn a_column_votes() {
    let survey = |values: &[&str]| {
        let mut survey = Survey::default();
        values.iter().for_each(|value| survey.add(value));
        survey
    };
    assert!(!survey(&["01/02/1980", "x", ""]).style().month_first);
    assert!(survey(&["01/13/1980", "01/02/1980"]).style().month_first);
    let mixed = survey(&["13/01/1980", "13/02/1980", "01/13/1980", "03/04/1999", "x"]);
    assert!(mixed.is_mixed() && !mixed.style().month_first);
    assert_eq!((mixed.counts(), mixed.ambiguous(), mixed.style().latest), ((4, 1), 1, 1999));
    let mut halves = survey(&["13/01/1980", "x"]);
    halves.merge(&survey(&["13/02/1980", "01/13/1980", "03/04/1999"]));
    assert_eq!(halves, mixed);
    assert!(
        Day::new(1900, 1, 1).unwrap().is_placeholder() && !Day::new(2000, 1, 1).unwrap().is_placeholder()
    );
}

proptest! {
    #[test]
    fn any_text(raw in "\\PC{0,40}|[0-9/. T:-]{0,20}|[0-9]{1,2}[ /.-](jan|Feb|März)[ /.-][0-9]{2,4}") {
        for month_first in [false, true] {
            let style = Style { month_first, ..Style::default() };
            if let Some(day) = read(&raw).and_then(|reading| reading.day(style)) {
                prop_assert_eq!(iso(&day.to_string()), Some(day.to_string()));
            }
        }
        Survey::default().add(&raw);
    }

    #[test]
    fn every_day_comes_back(year in 1000u16..3000, month in 1u8..=12, day in 1u8..=28) {
        let day = Day::new(year, month, day).unwrap();
        for raw in [day.to_string(), day.number().to_string(), format!("{}/{}/{}", day.day(), day.month(), day.year()),
            format!("{:02}{:02}{}", day.day(), day.month(), day.year())] {
            // Eight digits with the year behind may be another day with the year in front.
            let read = iso(&raw);
            prop_assert!(read.as_deref() == Some(&day.to_string()) || raw.len() == 8, "{} {:?}", raw, read);
        }
    }
}
