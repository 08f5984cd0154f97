use super::*;
use proptest::prelude::*;

fn parts(raw: &str) -> (String, String) {
    let name = PersonName::parse(raw).unwrap_or_else(|| panic!("{raw} is no name"));
    (name.given().to_owned(), name.family().to_owned())
}

#[test]
fn whole_names() {
    for (raw, given, family) in [
        ("Ann Lee", "ann", "lee"),
        ("Lee, Ann", "ann", "lee"),
        ("LEE, ANN MARIE", "ann marie", "lee"),
        ("Mr John Smith Jr.", "john", "smith"),
        ("Smith, Jr., John", "john", "smith"),
        ("Smith Jr, John", "john", "smith"),
        ("John Smith, PhD", "john", "smith"),
        ("John Smith, Ph.D.", "john", "smith"),
        ("Lee, Dr. Ann", "ann", "lee"),
        ("J.R. Smith", "j r", "smith"),
        ("J. F. Kennedy", "j f", "kennedy"),
        ("Ludwig van Beethoven", "ludwig", "van beethoven"),
        ("Juan de la Cruz", "juan", "de la cruz"),
        ("Isa bin Tarif al bin Ali", "isa bin tarif", "al bin ali"),
        ("van Gogh, Vincent", "vincent", "van gogh"),
        ("Jean DUPONT", "jean", "dupont"),
        ("DUPONT Jean", "jean", "dupont"),
        ("GARCIA MARQUEZ Gabriel", "gabriel", "garcia marquez"),
        ("JEAN DUPONT", "jean", "dupont"),
        ("Anne-Marie Smith-Jones", "anne marie", "smith jones"),
        ("Shaun O’Neil", "shaun", "oneil"),
        ("Ronald Mc Donald", "ronald", "mcdonald"),
        ("Łukasz Żółć", "lukasz", "zolc"),
        ("李小龙", "", "李小龙"),
        ("Prince", "", "prince"),
        ("Van Morrison", "van", "morrison"),
        ("Neymar Junior", "neymar", "junior"),
        ("Mary Ma", "mary", "ma"),
        ("Ann (Annie) Lee", "ann", "lee"),
    ] {
        assert_eq!(parts(raw), (given.into(), family.into()), "{raw}");
    }
}

#[test]
fn what_stands_with_a_name() {
    let name = PersonName::parse("Sir William \"Bill\" Smith III, MBE").unwrap();
    assert_eq!((name.title(), name.alias(), name.generation()), (Some("sir"), Some("bill"), Some(3)));
    assert_eq!(name.text(), "william smith");
    let name = PersonName::parse("Ann Lee née Smith").unwrap();
    assert_eq!((name.text(), name.former()), ("ann lee", Some("smith")));
    let name = PersonName::parse("Ann Lee (born Smith)").unwrap();
    assert_eq!((name.text(), name.former()), ("ann lee", Some("smith")));
    assert_eq!(PersonName::parse("John Smith Sr").unwrap().generation(), Some(1));
    let generation = |given: &str, middle: &str| {
        let name = PersonName::from_parts(given, middle, "Klein").unwrap();
        (name.given().to_owned(), name.generation())
    };
    assert_eq!(generation("Morris I", ""), ("morris".into(), Some(1)));
    assert_eq!(generation("Morris II", ""), ("morris".into(), Some(2)));
    assert_eq!(generation("Morris", "I"), ("morris i".into(), None));
    assert_eq!(generation("I", ""), ("i".into(), None));
    assert_eq!(PersonName::parse("Klein, J.I.").unwrap().generation(), None);
    assert_eq!(PersonName::parse("Morris I Klein").unwrap().generation(), None);
    assert_eq!(PersonName::parse("Sr. Juan Ruiz").unwrap().title(), Some("mr"));
    assert_eq!(PersonName::parse("Juan van der Berg").unwrap().family_core(), "berg");
    assert_eq!(
        PersonName::parse("Lee Ann").unwrap().sorted(),
        PersonName::parse("Ann Lee").unwrap().sorted()
    );
    assert_eq!(PersonName::parse("John F Kennedy").unwrap().initials(), "jfk");
}

#[test]
fn no_name() {
    for raw in ["", " ", "-", "N/A", "unknown", "Mr", "\u{301}", "...", "()"] {
        assert_eq!(PersonName::parse(raw), None, "{raw:?}");
    }
}

#[test]
fn columns() {
    let text = |given: &str, middle: &str, family: &str| {
        PersonName::from_parts(given, middle, family)
            .map(|name| (name.given().to_owned(), name.family().to_owned()))
    };
    let name = |given: &str, family: &str| Some((given.to_owned(), family.to_owned()));
    assert_eq!(text("ann", "", "lee"), name("ann", "lee"));
    assert_eq!(text("Mr John", "Q.", "Smith Jr"), name("john q", "smith"));
    assert_eq!(text("Ann Lee", "", ""), name("ann lee", ""));
    assert_eq!(text("", "", "Lee, Ann"), name("ann", "lee"));
    assert_eq!(text("ann", "", ""), name("ann", ""));
    assert_eq!(text("", "", "van der berg"), name("", "van der berg"));
    assert_eq!(text("a", "", "de la Cruz"), name("a", "de la cruz"));
    assert_eq!(text("", "N/A", "null"), None);
    assert_eq!(text("j", "", "lord"), name("j", "lord"));
}

proptest! {
    #[test]
    fn any_text(raw in "\\PC{0,80}|[A-Za-zé'., \"()-]{0,50}") {
        if let Some(name) = PersonName::parse(&raw) {
            prop_assert!(!name.text().is_empty());
            prop_assert_eq!(crate::normalize::fold::words(name.text()), name.text());
            prop_assert!(name.family().ends_with(name.family_core()));
            prop_assert!(!name.family_core().is_empty() || name.family().is_empty());
            // Written in the form that cannot be mistaken, the parts come back.
            if !name.given().is_empty() && !name.family().is_empty() {
                let again = PersonName::from_parts(name.given(), "", name.family());
                prop_assert!(again.is_some());
            }
        }
    }

    #[test]
    fn parts_come_back(given in "[a-z]{3,9}( [a-z]{3,9})?", family in "[a-z]{5,9}") {
        prop_assume!(!junk::is_nothing(&given) && !junk::is_nothing(&family));
        let plain = |word: &str| words::title(word).is_none() && !words::is_degree(word, true)
            && words::generation(word).is_none() && !words::is_particle(word) && !is_born(word);
        prop_assume!(given.split(' ').all(plain) && plain(&family));
        for raw in [format!("{given} {family}"), format!("{family}, {given}"), format!("Dr {given} {family} Jr")] {
            let name = PersonName::parse(&raw).unwrap();
            prop_assert_eq!((name.given(), name.family()), (&*given, &*family));
        }
    }
}
