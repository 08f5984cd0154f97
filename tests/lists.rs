//! Several phone numbers or e-mail addresses of a row are one list: any that two rows share is an agreement, as telling
//! as that one is rare. And what tells of a party is found wherever it stands: names in Chinese characters, family
//! names among another's given names, organisations of their own.

// What tests call may end a test.
#![allow(clippy::unwrap_used)]

use stitchline::{
    MatchWeight,
    block::{Between, Blocking, BlockingRule},
    compare::{Comparison, Comparisons, Level, Test},
    link::{Dedupe, Spec},
    model::{Scorer, TrainOptions, train},
    table::{ColumnSpec, Kind, RawTable, Table},
};

fn table(rows: &[&str], column: ColumnSpec) -> Table {
    let mut raw = RawTable::new([column.name.clone()]).unwrap();
    rows.iter().enumerate().for_each(|(id, row)| raw.push("crm", &format!("r{id:02}"), &[row]).unwrap());
    Table::prepare(raw, &[column]).unwrap()
}

fn any(test: Test) -> Level {
    Level::new(Test::AnyValue(Box::new(test)))
}

#[test]
fn any_two_values_of_lists_may_agree() {
    let rows = [
        "+44 20 7946 0123; +44 7400 123456",
        "+44 7400 123456",
        "7946 0123",
        "+44 20 7946 0132; +1 212 555 0142",
        "+49 30 901820",
        "",
    ];
    let table = table(&rows, ColumnSpec::new("phones", Kind::Phones));
    let comparison = Comparison::new("phones", ["phones"])
        .level(Level::new(Test::SharedWords(1)))
        .level(any(Test::Suffix(7)))
        .level(any(Test::DamerauLevenshtein(1)))
        .level(any(Test::JaroWinkler(0.99)));
    let bound = Comparisons::bind(&table, &[comparison]).unwrap();
    let levels: Vec<u8> = (0..6).map(|b| bound.level(0, 0, b)).collect();
    assert_eq!(levels, [1, 1, 2, 3, 5, 0]);
    assert!((0..6).all(|b| bound.level(0, b, 0) == levels[b as usize]));
}

#[test]
fn a_test_that_lists_cannot_be_asked_is_an_error_that_says_so() {
    let table = table(&["a;b"], ColumnSpec::new("things", Kind::List));
    for test in [Test::Exact, Test::Days(3), Test::JaroWinkler(2.0)] {
        let comparison = Comparison::new("things", ["things"]).level(any(test));
        let error = Comparisons::bind(&table, &[comparison]).unwrap_err().to_string();
        assert!(error.contains("things"), "{error}");
    }
}

/// A number that many share says less than one that two share, whatever stands beside either.
#[test]
fn frequency_is_that_of_the_rarest_shared_value() {
    let office = "+44 20 7946 0000";
    let own = |n: usize| format!("+44 7400 1234{n:02}");
    let mut rows: Vec<String> = (0..20).map(|n| format!("{office}; {}", own(n))).collect();
    rows.extend([format!("{}; {}", own(30), own(31)), format!("{}; {}", own(31), own(32))]);
    rows.extend([format!("{office}; {}", own(40)), format!("{office}; {}", own(40))]);
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let table = table(&rows, ColumnSpec::new("phones", Kind::Phones));
    let comparisons = [Comparison::new("phones", ["phones"])
        .level(Level::new(Test::SharedWords(1)).with_term_frequency("phones").expected(0.9, None))];
    let bound = Comparisons::bind(&table, &comparisons).unwrap();
    let rule = BlockingRule::on(["values(phones)"]).unwrap();
    let blocking = Blocking::plan(&table, &[rule], &[], 100, Between::All).unwrap();
    assert_eq!(blocking.all_pairs().len(), 22 * 21 / 2 + 1);
    let training = train(&comparisons, &bound, &blocking, &TrainOptions::default()).unwrap();
    let scorer = Scorer::new(&training.model, &bound).unwrap();
    let (common, rare, both) = (scorer.score(0, 1), scorer.score(20, 21), scorer.score(22, 23));
    assert!(rare > common + MatchWeight::from_bits(3.0), "{rare} {common}");
    assert_eq!(rare, both);
    let parts = scorer.explain(20, 21).parts;
    assert!(parts[0].term_frequency > scorer.explain(0, 1).parts[0].term_frequency);
}

fn people(columns: &[&str], row: impl Fn(usize, usize) -> Vec<String>) -> RawTable {
    let mut raw = RawTable::new(columns.iter().copied()).unwrap();
    for id in 0..80 {
        raw.push("crm", &format!("r{id:02}"), &row(id / 2, id % 2)).unwrap();
    }
    raw
}

fn text<const N: usize>(row: [&str; N]) -> Vec<String> {
    row.map(str::to_owned).into()
}

fn names(n: usize) -> (&'static str, &'static str) {
    let given = ["Ann", "Bob", "Carol", "David", "Susan", "Peter", "Helen"][n % 7];
    (given, ["Lee", "Stone", "Brook", "Hill", "Field", "Marsh", "Wood", "Ford"][n % 8])
}

/// The home number of one row is the mobile of the other.
#[test]
fn several_columns_of_phones_are_recognised_as_one_list() {
    let raw = people(&["first name", "surname", "home phone", "mobile", "country"], |n, second| {
        let (given, family) = names(n);
        let (number, country) =
            if n < 36 { (format!("020 7946 01{n:02}"), "GB") } else { (format!("030 9018{n}"), "DE") };
        let other = format!("07400 1{:02}4{:02}", n * 3 % 89, n * 7 % 97);
        match second {
            0 => text([given, family, &number, "", country]),
            _ => text([given, family, &other, &number, country]),
        }
    });
    let linked = Dedupe::of(raw).run().unwrap();
    let phones = linked.spec.columns.iter().find(|column| column.kind == Kind::Phones).unwrap();
    assert_eq!((phones.name.as_str(), phones.from.len()), ("phone numbers", 3));
    assert!(!linked.spec.columns.iter().any(|column| column.kind == Kind::Phone));
    assert!(
        linked
            .spec
            .blocking
            .iter()
            .any(|rule| rule.keys.len() == 1 && rule.keys[0].to_string() == "values(phone numbers)")
    );
    assert_eq!(linked.counts.customers, 40);
    let (a, b) = (linked.find("r00").unwrap(), linked.find("r01").unwrap());
    assert!(linked.table.text(a, linked.table.column_of("phone numbers").unwrap()).starts_with("+4420"));
    let parts = linked.explain(a, b).unwrap().parts;
    let part = parts.iter().find(|part| part.comparison == "phone numbers").unwrap();
    assert!(part.level == "one in common" && part.weight > MatchWeight::ZERO);
    let toml = linked.spec.to_toml().unwrap();
    assert!(toml.contains("[comparisons.levels.test.any_value]\nsuffix = 7"), "{toml}");
    assert_eq!(Spec::from_toml(&toml).unwrap(), linked.spec);
}

/// Of one column, lists in its fields make it one; single values leave it what it is.
#[test]
fn lists_in_one_column_are_recognised() {
    let kind = |several: bool| {
        let raw = people(&["name", "email"], |n, _| {
            let (given, family) = names(n);
            let mail = format!("{given}{n}@example.org");
            let mails = if several { format!("{mail}; {family}{n}@example.com") } else { mail };
            text([&format!("{given} {family}"), &mails])
        });
        let (_, spec, _) = Dedupe::of(raw).plan().unwrap();
        spec.columns.iter().find(|column| column.name == "email").unwrap().kind
    };
    assert_eq!((kind(true), kind(false)), (Kind::Emails, Kind::Email));
}

/// `王杰` is Wang Jie where others have such names in Latin letters; where all are in Chinese it stays as it is.
#[test]
fn chinese_names_are_read_beside_latin_ones() {
    let rows = |latin: bool| {
        people(&["name", "dob"], move |n, second| {
            let (chinese, pinyin) =
                [("王秀英", "Wang Xiuying"), ("刘杰", "Liu Jie"), ("张伟", "Zhang Wei")][n % 3];
            let dob = format!("19{:02}-0{}-1{}", 50 + n, n % 9 + 1, n % 10);
            text([if latin && second == 1 { pinyin } else { chinese }, &dob])
        })
    };
    let linked = Dedupe::of(rows(true)).run().unwrap();
    let of = |name: &str| {
        let row = linked.find("r00").unwrap();
        linked.table.text(row, linked.table.column_of(name).unwrap()).to_owned()
    };
    assert_eq!((of("name family"), of("name given")), ("wang".to_owned(), "xiuying".to_owned()));
    assert_eq!(linked.counts.customers, 40);
    let (_, spec, _) = Dedupe::of(rows(false)).plan().unwrap();
    assert!(spec.columns.iter().all(|column| !column.pinyin));
    assert!(linked.spec.to_toml().unwrap().contains("pinyin = true"));
}

#[test]
fn a_family_name_may_be_a_word_of_the_others_given_names() {
    let mut raw = RawTable::new(["name"]).unwrap();
    for (id, name) in
        ["Susan Meyer", "Susan Meyer Thomas", "Susan Meyers Thomas", "Thomas"].iter().enumerate()
    {
        raw.push("crm", &format!("r{id}"), &[name]).unwrap();
    }
    let of = |name: &str, kind| ColumnSpec::new(name, kind).from(["name"]);
    let columns = [of("given", Kind::GivenOfFull), of("family", Kind::FamilyOfFull)];
    let table = Table::prepare(raw, &columns).unwrap();
    let comparison = Comparison::new("family", ["family"]).level(Level::new(Test::WordOf("given".into())));
    let bound = Comparisons::bind(&table, &[comparison]).unwrap();
    assert_eq!([1, 2, 3].map(|b| (bound.level(0, 0, b), bound.level(0, b, 0))), [(1, 1), (2, 2), (2, 2)]);
}

/// Organisations are personal where they are the parties themselves, and not where they say whom somebody works for.
#[test]
fn organisations_are_parties_where_no_person_is_named() {
    let personal = |person: bool| {
        let raw = people(&["first name", "last name", "company", "postcode"], |n, _| {
            let (given, family) = if person { names(n) } else { ("", "") };
            let company = format!("{} {} Ltd", names(n).1, ["Tools", "Mills", "Foods"][n % 3]);
            text([given, family, &company, &format!("AB{n} 1CD")])
        });
        let (_, spec, _) = Dedupe::of(raw).plan().unwrap();
        spec.comparisons.iter().find(|comparison| comparison.name == "organisation").unwrap().personal
    };
    assert!(personal(false) && !personal(true));
}

/// Names that begin alike and have other ends are two names, in no table or not.
#[test]
fn names_more_than_two_slips_apart_are_not_alike() {
    let raw = people(&["first name", "surname", "dob"], |n, _| {
        let (given, family) = names(n);
        text([given, family, &format!("19{:02}-0{}-1{}", 50 + n, n % 9 + 1, n % 10)])
    });
    let (_, spec, _) = Dedupe::of(raw).plan().unwrap();
    let given = spec.comparisons.iter().find(|own| own.name == "given name").unwrap().clone();
    let alike = given.levels.len() as u8;
    let mut raw = RawTable::new(["first name", "surname"]).unwrap();
    for (id, name) in ["darletta", "darla", "darlettza", "darlezzta"].iter().enumerate() {
        raw.push("crm", &format!("r{id}"), &[*name, "x"]).unwrap();
    }
    let columns =
        [ColumnSpec::new("first name", Kind::GivenName), ColumnSpec::new("surname", Kind::FamilyName)];
    let table = Table::prepare(raw, &columns).unwrap();
    let bound = Comparisons::bind(&table, &[given]).unwrap();
    assert_eq!((bound.level(0, 0, 1), bound.level(0, 0, 3)), (alike + 1, alike));
    assert!(bound.level(0, 0, 2) < alike);
}
