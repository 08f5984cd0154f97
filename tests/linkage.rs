//! Laws of linkage in bulk: the same customers for any order of rows and any number of threads, batches that answer
//! as pairs one by one do, and every candidate pair once.

// What tests call may end a test.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use stitchline::{
    MatchWeight,
    block::{Between, Blocking, BlockingRule, Key},
    compare::{Batch, Comparison, Comparisons, Level, Levels, Test},
    link::{Dedupe, Linked, Role, Spec, recognise},
    model::{Scorer, TrainOptions, train},
    table::{ColumnSpec, Kind, RawTable, Table},
};

const COLUMNS: [&str; 6] = ["first name", "surname", "dob", "email", "postcode", "city"];

type Row = [String; 6];

fn row() -> impl Strategy<Value = Row> {
    let pick = |all: &'static [&'static str]| proptest::sample::select(all).prop_map(str::to_owned);
    let given = pick(&["ann", "anne", "bob", "robert", "robertt", "a", "lee", "", "jürgen"]);
    let family = pick(&["lee", "leigh", "stone", "stonne", "garcia marquez", "marquez", "bob", "", "李"]);
    let dob = pick(&["1980-02-03", "1980-03-02", "1980-02-13", "1981-02-03", "19800230", "", "2001-12-31"]);
    let email = pick(&["ann@x.example", "anm@x.example", "bob@y.example", "bob@z.example", ""]);
    let postcode = pick(&["AB1 2CD", "ab12cd", "AB1 2CE", "ZZ9 9ZZ", ""]);
    let city = pick(&["London", "london", "Leeds", ""]);
    (given, family, dob, email, postcode, city).prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f])
}

fn raw(rows: &[(usize, Row)]) -> RawTable {
    let mut raw = RawTable::new(COLUMNS).unwrap();
    for (id, row) in rows {
        raw.push(if id % 3 == 0 { "web" } else { "crm" }, &format!("r{id}"), row).unwrap();
    }
    raw
}

fn columns() -> Vec<ColumnSpec> {
    let kinds = [Kind::GivenName, Kind::FamilyName, Kind::Date, Kind::Email, Kind::Postcode, Kind::Place];
    let lists = ColumnSpec::new("things", Kind::List).from(["city", "postcode", "surname"]);
    let own = COLUMNS.into_iter().zip(kinds).map(|(name, kind)| ColumnSpec::new(name, kind));
    own.chain([lists]).collect()
}

/// Every kind of test, in ladders and alone.
fn comparisons() -> Vec<Comparison> {
    let on = |column: &str, test: Test| Test::On(column.into(), Box::new(test));
    let level = Level::new;
    vec![
        Comparison::new("given", ["first name"])
            .personal()
            .level(level(Test::Exact).with_term_frequency("first name"))
            .level(level(Test::Swapped("surname".into())).with_term_frequency("first name"))
            .level(level(Test::JaroWinkler(0.92)))
            .level(level(Test::Nickname))
            .level(level(Test::OtherName))
            .level(level(Test::Initial))
            .level(level(Test::JaroWinkler(0.8)))
            .level(level(Test::SwappedJaroWinkler("surname".into(), 0.8))),
        Comparison::new("family", ["surname"])
            .level(level(Test::Exact).with_term_frequency("surname"))
            .level(level(Test::LevenshteinSimilarity(0.8)))
            .level(level(Test::Levenshtein(2)))
            .level(level(Test::WordOverlap(1.0)))
            .level(level(Test::Soundex))
            .level(level(Test::WordOf("first name".into())))
            .level(level(Test::BigramJaccard(0.3)))
            .level(level(Test::MongeElkan(0.8)))
            .level(level(Test::Jaro(0.5))),
        Comparison::new("born", ["dob"])
            .personal()
            .level(level(Test::Exact))
            .level(level(Test::DayMonthSwapped))
            .level(level(Test::DamerauLevenshtein(1)))
            .level(level(Test::Osa(2)))
            .level(level(Test::Days(400))),
        Comparison::new("mail", ["email"])
            .made_of(["given", "family"])
            .level(level(Test::Exact).with_term_frequency("email"))
            .level(level(Test::DamerauLevenshtein(1)))
            .level(level(Test::SameLocalPart))
            .level(level(Test::LocalPartJaroWinkler(0.9))),
        Comparison::new("place", ["postcode", "city"])
            .level(level(Test::All(vec![on("postcode", Test::Exact), on("city", Test::Exact)])))
            .level(level(Test::All(vec![on("postcode", Test::Levenshtein(1)), on("city", Test::Exact)])))
            .level(level(on("postcode", Test::Exact)).with_term_frequency("postcode"))
            .level(level(Test::Any(vec![on("city", Test::Prefix(1)), Test::Not(Box::new(Test::Prefix(2)))]))),
        Comparison::new("town", ["city"])
            .level(level(Test::TokenSort(0.9)))
            .level(level(Test::TokenSet(0.5))),
        Comparison::new("things", ["things"])
            .level(level(Test::SharedWords(2)).with_term_frequency("things"))
            .level(level(Test::SharedWords(1)).with_term_frequency("things"))
            .level(level(Test::AnyValue(Box::new(Test::Prefix(4)))))
            .level(level(Test::AnyValue(Box::new(Test::DamerauLevenshtein(2))))),
    ]
}

fn rules() -> Vec<BlockingRule> {
    vec![
        BlockingRule::on(["email"]).unwrap(),
        BlockingRule::on(["first name", "surname"]).unwrap().unordered(),
        BlockingRule::on(["soundex(surname)", "year(dob)"]).unwrap(),
        BlockingRule::on(["prefix(postcode, 3)"]).unwrap(),
        BlockingRule::on(["formal_name(first name)"]).unwrap(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn batches_answer_as_pairs_do(rows in prop::collection::vec(row(), 2..24)) {
        let rows: Vec<_> = rows.into_iter().enumerate().collect();
        let table = Table::prepare(raw(&rows), &columns()).unwrap();
        let comparisons = comparisons();
        let bound = Comparisons::bind(&table, &comparisons).unwrap();
        let pairs: Vec<(u32, u32)> =
            (0..table.len() as u32).flat_map(|a| (a + 1..table.len() as u32).map(move |b| (a, b))).collect();
        let (mut batch, mut levels) = (Batch::new(&bound), Levels::default());
        // Twice, so that what is kept of the first time is used.
        for _ in 0..2 {
            batch.compare(&pairs, &mut levels);
            for (at, comparison) in comparisons.iter().enumerate() {
                for (&(a, b), level) in pairs.iter().zip(levels.of(at)) {
                    prop_assert_eq!(*level, bound.level(at, a, b), "{} {} {}", &comparison.name, a, b);
                    prop_assert_eq!(bound.level(at, a, b), bound.level(at, b, a));
                }
            }
        }
        let blocking = Blocking::plan(&table, &rules(), &[], 100, Between::All).unwrap();
        let training = train(&comparisons, &bound, &blocking, &TrainOptions::default()).unwrap();
        training.model.check().unwrap();
        let scorer = Scorer::new(&training.model, &bound).unwrap();
        let (mut scores, mut out) = (scorer.batch(), Vec::new());
        scores.score(&pairs, &mut out);
        for (&(a, b), weight) in pairs.iter().zip(&out) {
            prop_assert_eq!(*weight, scorer.score(a, b));
            prop_assert_eq!(*weight, scorer.explain(a, b).total);
        }
        // What is dropped early is exactly what weighs too little; each weight that there is, and just above it.
        let least = out.iter().flat_map(|weight| [*weight, *weight + MatchWeight::from_bits(0.001)]);
        for least in least.collect::<BTreeSet<_>>() {
            let mut kept = Vec::new();
            scores.at_least(&pairs, least, |a, b, weight| kept.push((a, b, weight)));
            let expected: Vec<_> = pairs
                .iter()
                .zip(&out)
                .filter(|&(_, weight)| *weight >= least)
                .map(|(&(a, b), weight)| (a, b, *weight))
                .collect();
            prop_assert_eq!(kept, expected);
        }
    }

    #[test]
    fn each_candidate_comes_once(
        rows in prop::collection::vec(row(), 2..40), largest in 2usize..12, across in any::<bool>(),
    ) {
        let rows: Vec<_> = rows.into_iter().enumerate().collect();
        let table = Table::prepare(raw(&rows), &columns()).unwrap();
        let between = if across { Between::Sources } else { Between::All };
        let split = [Key::whole("surname"), Key::whole("dob")];
        let plan = |rules: &[BlockingRule], largest| Blocking::plan(&table, rules, &split, largest, between).unwrap();
        let pairs = plan(&rules(), largest).all_pairs();
        prop_assert!(pairs.windows(2).all(|two| two[0] < two[1]));
        // Without a limit they are what the rules give one by one.
        let all = plan(&rules(), usize::MAX).all_pairs();
        let alone: BTreeSet<(u32, u32)> = rules()
            .into_iter()
            .flat_map(|rule| plan(&[rule], usize::MAX).all_pairs())
            .collect();
        prop_assert_eq!(all.iter().copied().collect::<BTreeSet<_>>(), alone.clone());
        prop_assert!(pairs.iter().all(|pair| alone.contains(pair)));
        if across {
            prop_assert!(pairs.iter().all(|&(a, b)| table.source(a) != table.source(b)));
        }
    }

    #[test]
    fn neither_order_nor_threads_count(rows in prop::collection::vec(row(), 3..40), seed in any::<u64>()) {
        let rows: Vec<_> = rows.into_iter().enumerate().collect();
        let mut shuffled = rows.clone();
        shuffled.sort_by_key(|(id, _)| (*id as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        let of = |rows: &[(usize, Row)], threads: usize| {
            let Ok(linked) = Dedupe::of(raw(rows)).threads(threads).run() else { return None };
            let key = |row: u32| format!("{}/{}", linked.table.source(row), linked.table.id(row));
            let clusters: BTreeMap<String, String> =
                linked.clusters().map(|(row, first)| (key(row), key(first))).collect();
            // Every link that joined nobody was refused, and the reason is told.
            let threshold = linked.calibration.threshold;
            let mut apart: Vec<_> = linked.edges.iter().copied().filter(|edge| edge.weight >= threshold).collect();
            apart.retain(|edge| linked.cluster(edge.a) != linked.cluster(edge.b));
            apart.sort_by_key(|edge| (std::cmp::Reverse(edge.weight), edge.a, edge.b));
            assert_eq!(linked.refused.iter().map(|refusal| refusal.edge).collect::<Vec<_>>(), apart);
            assert_eq!(linked.counts.refused, apart.len() as u64);
            let since: Vec<String> = linked.refused.iter().map(|one| linked.refused_since(one)).collect();
            Some((clusters, linked.model.to_json().unwrap(), linked.spec.to_toml().unwrap(), since))
        };
        let one = of(&rows, 1);
        prop_assert_eq!(&one, &of(&shuffled, 1));
        prop_assert_eq!(&one, &of(&shuffled, 3));
    }
}

/// More levels than a word has bits, the last of them adjusted by term frequencies: what is dropped early is still
/// exactly what weighs too little.
#[test]
fn levels_beyond_the_bits_are_weighed_in_full() {
    let mut raw = RawTable::new(["surname"]).unwrap();
    for (id, name) in ["rare", "rare"].into_iter().chain(["lee"; 6]).enumerate() {
        raw.push("crm", &format!("r{id}"), &[name]).unwrap();
    }
    let table = Table::prepare(raw, &[ColumnSpec::new("surname", Kind::FamilyName)]).unwrap();
    // Longer prefixes than there are.
    let mut comparison = Comparison::new("family", ["surname"]).fixed();
    for count in 50..90 {
        comparison = comparison.level(Level::new(Test::Prefix(count)).expected(0.01, Some(0.01)));
    }
    let equal = Level::new(Test::Exact).with_term_frequency("surname").expected(0.5, Some(0.5));
    let comparisons = [comparison.level(equal)];
    let bound = Comparisons::bind(&table, &comparisons).unwrap();
    let rule = BlockingRule::on(["surname"]).unwrap();
    let blocking = Blocking::plan(&table, &[rule], &[], 100, Between::All).unwrap();
    let training = train(&comparisons, &bound, &blocking, &TrainOptions::default()).unwrap();
    let scorer = Scorer::new(&training.model, &bound).unwrap();
    let pairs = blocking.all_pairs();
    let mut scores = scorer.batch();
    let rare = scorer.score(0, 1);
    assert!(pairs.iter().all(|&(a, b)| (a, b) == (0, 1) || scorer.score(a, b) < rare));
    let mut kept = Vec::new();
    scores.at_least(&pairs, rare, |a, b, weight| kept.push((a, b, weight)));
    assert_eq!(kept, [(0, 1, rare)]);
}

#[test]
fn a_spec_is_saved_and_used_again() {
    let rows: Vec<(usize, Row)> = (0..60)
        .map(|id| {
            let n = id / 2;
            let text = |text: &str| text.to_owned();
            (
                id,
                [
                    text(["Ann", "Bob", "Carol", "Dave", "Eve"][n % 5]),
                    text(["Lee", "Stone", "Brook", "Hill", "Field", "Marsh"][n % 6]),
                    format!("19{:02}-0{}-1{}", 50 + n, n % 9 + 1, n % 10),
                    format!("p{n}@example.org"),
                    format!("AB{n} 1CD"),
                    text("Leeds"),
                ],
            )
        })
        .collect();
    let first = Dedupe::of(raw(&rows)).run().unwrap();
    assert_eq!(first.counts.customers, 30);
    let spec = Spec::from_toml(&first.spec.to_toml().unwrap()).unwrap();
    assert_eq!(spec, first.spec);
    let model = stitchline::model::Model::from_json(&first.model.to_json().unwrap()).unwrap();
    assert_eq!(model, first.model);
    let again = Dedupe::of(raw(&rows)).spec(spec.clone()).model(model).run().unwrap();
    assert!(again.clusters().eq(first.clusters()));
    // Training looks at what any trained rule gives, wherever it stands.
    let by = |order: [usize; 2]| {
        let rules = [BlockingRule::on(["surname"]).unwrap().untrained(), BlockingRule::on(["dob"]).unwrap()];
        let blocking = order.map(|at| rules[at].clone()).into();
        let linked = Dedupe::of(raw(&rows)).spec(Spec { blocking, ..spec.clone() }).run().unwrap();
        (linked.training.unwrap().candidate_pairs, linked.counts.candidates)
    };
    let (trained, compared) = by([1, 0]);
    assert_eq!(by([0, 1]), (trained, compared));
    assert!(0 < trained && trained < compared, "{trained} {compared}");
    let mut untrained = spec.clone();
    untrained.blocking.iter_mut().for_each(|rule| rule.untrained = true);
    let error = Dedupe::of(raw(&rows)).spec(untrained).run().unwrap_err().to_string();
    assert!(error.contains("no pairs to train on"), "{error}");
    let without = Spec { columns: vec![ColumnSpec::new("shoe size", Kind::Number)], ..spec };
    let error = Dedupe::of(raw(&rows)).spec(without).run().unwrap_err().to_string();
    assert!(error.contains("no column `shoe size`"), "{error}");
}

/// Towns are compared by similarity where nothing else tells where somebody lives, and missing names are looked for in
/// addresses of e-mail, where there are any.
#[test]
fn what_there_is_decides_what_is_compared() {
    let spec = |columns: &[&str]| {
        let mut rows = RawTable::new(columns.iter().copied()).unwrap();
        for at in 0..40 {
            let of = |column: &&str| match *column {
                "first name" => ["ann", "bob", "carol", "dave"][at % 4].to_owned(),
                "email" => format!("p{}@example.com", at / 2),
                "postcode" => format!("LS{} 1AA", at / 2),
                "city" => ["Leeds", "York", "Hull"][at % 3].to_owned(),
                _ => format!("stone{}", (b'a' + (at / 2) as u8) as char),
            };
            let cells: Vec<String> = columns.iter().map(of).collect();
            rows.push("crm", &at.to_string(), &cells).unwrap();
        }
        Dedupe::of(rows).plan().unwrap().1
    };
    let levels = |spec: &Spec, comparison: &str| -> Vec<String> {
        let own = spec.comparisons.iter().find(|own| own.name == comparison).unwrap();
        own.levels.iter().filter_map(|level| level.label.clone()).collect()
    };
    let town = spec(&["first name", "surname", "city"]);
    assert_eq!(levels(&town, "address"), ["town equal", "town alike"]);
    assert_eq!(town.columns[0].kind, Kind::GivenName);
    let whole = spec(&["first name", "surname", "email", "postcode", "city"]);
    assert!(!levels(&whole, "address").contains(&"town alike".to_owned()));
    assert_eq!((whole.columns[0].kind, whole.columns[1].kind), (Kind::GivenOrEmail, Kind::FamilyOrEmail));
    let email = whole.comparisons.iter().find(|own| own.name == "email").unwrap();
    assert_eq!(email.levels[0].term_frequency_weight, 0.25);
}

/// Where addresses of e-mail are all there is, those that several rows have are one customer's; names that strangers share do
/// not become addresses.
#[test]
fn addresses_alone_make_customers() {
    let run = |columns: [&str; 2], cells: &dyn Fn(usize) -> [String; 2]| {
        let mut rows = RawTable::new(columns).unwrap();
        (0..150).for_each(|at| rows.push("crm", &at.to_string(), &cells(at)).unwrap());
        Dedupe::of(rows).run().unwrap()
    };
    let mails =
        run(["email", "note"], &|at| [format!("user{}x@example.com", at / 2 * 37 % 101), String::new()]);
    assert_eq!((mails.counts.links, mails.counts.customers), (75, 75));
    assert!(mails.training.unwrap().warnings.is_empty());
    let names = run(["first name", "email"], &|at| {
        [["ann", "bob", "carol", "dave"][at % 4].to_owned(), format!("user{at}x@example.com")]
    });
    assert_eq!(names.counts.links, 0);
}

fn linked(columns: &[&str], rows: &[Vec<String>]) -> Linked {
    let mut table = RawTable::new(columns.iter().copied()).unwrap();
    for (at, cells) in rows.iter().enumerate() {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        table.push("crm", &format!("{at:02}"), &cells).unwrap();
    }
    Dedupe::of(table).run().unwrap()
}

fn texts(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&text| text.to_owned()).collect()
}

/// Of few rows, those that are copies of each other are one customer, and a swap of names speaks for one: what was not met
/// among few strangers is not as rare as what was not met among many.
#[test]
fn few_rows_have_customers() {
    let given =
        ["ann", "bob", "carol", "dave", "erin", "frank", "gina", "hugo", "iris", "jack", "kate", "liam"];
    let family =
        ["lee", "stone", "brook", "hill", "marsh", "ford", "wood", "lake", "rivers", "field", "young"];
    let copies: Vec<_> = (0..60)
        .map(|at| {
            let own = at % 40;
            let (given, family) = (given[own * 7 % 12], family[own * own % 11]);
            texts(&[given, family, &format!("{given}.{family}{}@example.com", own * 37)])
        })
        .collect();
    let own = linked(&["first name", "surname", "email"], &copies);
    assert!((40..60).all(|row| own.cluster(row) == own.cluster(row - 40)));
    assert!((38..=40).contains(&own.counts.customers), "{}", own.counts.customers);
    assert!(own.training.as_ref().unwrap().warnings.is_empty());
    let swapped = [
        ["Ann", "Lee", "1980-02-03", "London"],
        ["Anne", "Lee", "1980-02-03", "London"],
        ["Bob", "Stone", "1971-12-30", "Leeds"],
        ["Lee", "Ann", "1980-02-03", "London"],
        ["Carol", "Brook", "1966-06-06", "York"],
        ["Dave", "Hill", "1955-05-05", "Bath"],
    ];
    let own = linked(&["first name", "surname", "dob", "city"], &swapped.map(|cells| texts(&cells)));
    assert_eq!((own.cluster(3), own.counts.customers), (0, 4));
    let names = own.explain(0, 3).unwrap();
    let swap = |name: &str| {
        let part = names.parts.iter().find(|part| part.comparison == name).unwrap();
        part.weight.bits() + part.term_frequency.bits()
    };
    assert!(swap("given name") > 0.0 && swap("family name") > 0.0);
    // No link is likelier wrong than right.
    assert!(own.calibration.threshold >= MatchWeight::ZERO);
    let three = [["Ann", "Lee", "1980-02-03"], ["Ann", "Lee", "1980-02-03"], ["Bob", "Ford", "1970-01-01"]];
    let own = linked(&["first name", "surname", "dob"], &three.map(|cells| texts(&cells)));
    assert_eq!((own.cluster(1), own.cluster(2)), (0, 2));
    assert!(own.training.as_ref().unwrap().warnings.is_empty());
    let towns =
        [["Ann Lee", "London"], ["Anne Lee", "London"], ["Bob Stone", "Leeds"], ["Carl Stone", "Leeds"]];
    let own = linked(&["name", "city"], &towns.map(|cells| texts(&cells)));
    assert_ne!(own.cluster(2), own.cluster(3));
    // Another name never speaks for one customer, whatever a household shares.
    let household = [
        ["Max", "Huber", "info@huber.de", "089111222"],
        ["Eva", "Huber", "info@huber.de", "089111222"],
        ["Jan", "Huber", "info@huber.de", "089111222"],
        ["Ida", "Wolf", "ida@wolf.de", "089333444"],
        ["Ida", "Wolf", "ida@wolf.de", "089333444"],
        ["Uwe", "Fuchs", "uwe@fuchs.de", "089555666"],
    ];
    let own = linked(&["first_name", "last_name", "email", "phone"], &household.map(|cells| texts(&cells)));
    let score = own.explain(0, 1).unwrap();
    let name = score.parts.iter().find(|part| part.comparison == "given name").unwrap();
    assert_eq!((name.level.as_str(), name.weight <= MatchWeight::ZERO), ("another name", true));
}

/// Of four to six rows too, namesakes and those who share a mailbox are several customers, and one who is written in two ways
/// is one: strangers who were not seen differ, and those who were seen do not make a name or a mailbox rare.
#[test]
fn few_rows_keep_namesakes_apart() {
    // The rows in words, and which of them are one customer.
    let cases: [(&str, &[&str], &str); 11] = [
        (
            "name,dob,city",
            &[
                "Ann Lee,1980-02-03,London",
                "Ann Lee,1971-05-06,Leeds",
                "Ann Lee,1990-11-12,York",
                "Bob Stone,1965-07-08,Bath",
            ],
            "abcd",
        ),
        (
            "first_name,last_name,dob",
            &["Ann,Lee,1980-02-03", "Ann,Lee,1971-05-06", "Ann,Lee,1990-11-12", "Bob,Stone,1965-07-08"],
            "abcd",
        ),
        (
            "name,birthday",
            &[
                "Ann Lee,1980-02-03",
                "Ann Lee,1971-05-06",
                "Bob Stone,1965-07-08",
                "Carl Ford,1966-07-09",
                "Dora Hill,1977-01-08",
            ],
            "abcde",
        ),
        (
            "first_name,last_name,email",
            &[
                "Max,Huber,info@huber.de",
                "Eva,Huber,info@huber.de",
                "Jan,Huber,info@huber.de",
                "Ida,Wolf,ida@wolf.de",
            ],
            "abcd",
        ),
        (
            "name,email",
            &[
                "Max Huber,huber@web.de",
                "Eva Huber,huber@web.de",
                "Ida Wolf,ida@wolf.de",
                "Uwe Fuchs,uwe@fuchs.de",
            ],
            "abcd",
        ),
        (
            "name,dob,city",
            &[
                "Ann Lee,1980-02-03,London",
                "Anne Lee,1980-02-03,London",
                "Bob Stone,1965-07-08,Bath",
                "Robert Stone,1965-07-08,Bath",
            ],
            "aacc",
        ),
        (
            "name,email,phone",
            &[
                "Ann Lee,ann@lee.com,+442079460123",
                "Ann Lee,,+442079460123",
                "A. Lee,ann@lee.com,",
                "Bob Stone,bob@stone.com,+442079460999",
            ],
            "aaad",
        ),
        (
            "name,dob",
            &[
                "Paul Meyer,1980-02-03",
                "Pauline Meyer,1983-12-24",
                "Tim Weber,1975-05-05",
                "Timothy Weber,1975-05-05",
                "Eva Klein,1966-06-06",
                "Eva Klein,1966-06-06",
            ],
            "abccee",
        ),
        // Spouses whose birthdays are within a year of each other.
        (
            "first_name,last_name,dob,email,phone",
            &[
                "Laura,Novak,1980-01-01,novaks@mail.co,5557000003",
                "Petr,Novak,1979-10-11,novaks@mail.co,5557000003",
                "Ann,Lee,1990-02-02,ann@lee.com,5557000001",
                "Anne,Lee,1990-02-02,ann@lee.com,",
                "Bob,Foo,1966-06-06,bob@foo.com,5557000002",
            ],
            "abcce",
        ),
        // What one value is known of is known.
        (
            "name,email",
            &["Bob Stone,", "Ann Lee,ann@x.com", "Ann Taylor,ann@x.com", "Dev Patel,", "Max Hart,"],
            "abbde",
        ),
        ("name,city", &["Ann Lee,Leeds", "Ann Lee,Leeds", "Ann Lee,Leeds"], "aaa"),
    ];
    for (columns, rows, customers) in cases {
        let columns: Vec<&str> = columns.split(',').collect();
        let rows: Vec<_> = rows.iter().map(|row| texts(&row.split(',').collect::<Vec<_>>())).collect();
        let own = linked(&columns, &rows);
        let found: String =
            (0..rows.len() as u32).map(|row| char::from(b'a' + own.cluster(row) as u8)).collect();
        assert_eq!(found, customers, "{rows:?}");
    }
}

/// `Name` beside `Vorname` is the family name, and beside `surname` the given name.
#[test]
fn halves_of_names_are_known_by_each_other() {
    let role = |names: [&str; 2], rows: &[[&str; 2]]| {
        let mut table = RawTable::new(names).unwrap();
        rows.iter().zip(1..).for_each(|(row, id)| table.push("crm", &id.to_string(), row).unwrap());
        recognise(&table)[1].role
    };
    let halves = [["Anna", "Rossi"], ["Luca", "Bianchi"], ["Eva", "Neri"]];
    assert_eq!(role(["Vorname", "Name"], &halves), Role::FamilyName);
    assert_eq!(role(["surname", "name"], &halves), Role::GivenName);
    let whole = [["Anna", "Anna Rossi"], ["Luca", "Luca Bianchi"], ["Eva", "Eva Neri"]];
    assert_eq!(role(["Vorname", "Name"], &whole), Role::FullName);
}

#[test]
fn what_says_nothing_in_a_column_is_told() {
    let rows = [
        ["Ann Lee", "03/04/1980", "ann@lee.com", "020 7946 0123"],
        ["Ann Lee", "03/04/1980", "ann@lee.com", "12"],
        ["Bob Stone", "25/12/1970", "n/a", "020 7946 0124"],
        ["Carl Ford", "12/25/1971", "carl@ford.com", ""],
        ["Dora Hill", "01/01/1970", "dora@", "n/a"],
        ["Eva Kay", "someday", "eva@kay.com", "020 7946 0129"],
    ];
    let mut table = RawTable::new(["name", "dob", "email", "phone"]).unwrap();
    for (at, cells) in rows.iter().enumerate() {
        table.push("crm", &at.to_string(), cells).unwrap();
    }
    let (_, _, recognised) = Dedupe::of(table).plan().unwrap();
    let notes: Vec<_> = recognised.iter().map(|own| own.note.as_deref().unwrap_or_default()).collect();
    // An address without a domain is compared as it stands.
    let one = "1 value cannot be read or stands for none";
    let unread = "2 values cannot be read or stand for none";
    let orders = "days and months come in both orders; where either can be first, it is the day";
    assert_eq!(notes, ["", &format!("{unread}; {orders}"), one, unread]);
}

/// A chosen rule that gives next to nothing is trained on and not scored, and the spec says so: what it is run by again is all
/// the same.
#[test]
fn a_spec_says_what_is_trained_on_alone() {
    let rows = || {
        let mut table = RawTable::new(["first name", "surname", "dob"]).unwrap();
        let mut state = 7u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut before: Vec<[String; 3]> = Vec::new();
        for at in 0..6000 {
            let own = match before.last() {
                Some(last) if next(4) == 0 => last.clone(),
                _ => {
                    let given: String = (0..4).map(|_| char::from(b'a' + next(26) as u8)).collect();
                    let family = ["lee", "stone", "brook", "hill"][next(4) as usize].to_owned();
                    [given, family, format!("198{}-{:02}-{:02}", next(2), 1 + next(12), 1 + next(28))]
                }
            };
            table.push("crm", &format!("r{at:04}"), &own).unwrap();
            before.push(own);
        }
        table
    };
    let free = Dedupe::of(rows()).run().unwrap();
    assert!(free.spec.blocking.iter().any(|rule| rule.unscored), "{:?}", free.spec.blocking);
    assert_eq!(free.blocking.len(), free.spec.blocking.iter().filter(|rule| !rule.unscored).count());
    let text = free.spec.to_toml().unwrap();
    let again = Dedupe::of(rows()).spec(Spec::from_toml(&text).unwrap()).run().unwrap();
    assert_eq!(again.spec, free.spec);
    assert_eq!(again.model, free.model);
    assert_eq!(again.counts.candidates, free.counts.candidates);
    assert!(again.clusters().eq(free.clusters()));
    // What such a rule alone gives is no candidate.
    let with = |rule: BlockingRule| {
        let mut spec = free.spec.clone();
        spec.blocking.push(rule);
        Dedupe::of(rows()).spec(spec).run().unwrap().counts.candidates
    };
    let rule = BlockingRule::on(["prefix(first name, 2)"]).unwrap();
    assert_eq!(with(rule.clone().unscored()), free.counts.candidates);
    assert!(with(rule) > free.counts.candidates);
    // With a model, nothing is trained, and they are none either.
    let by_model = Dedupe::of(rows()).spec(free.spec.clone()).model(free.model.clone()).run().unwrap();
    assert_eq!(by_model.counts.candidates, free.counts.candidates);
}

/// A greater budget asks for rules of what rows share by halves, within the country where nearly all rows have one; few rows
/// have such rules anyway.
#[test]
fn a_greater_budget_looks_for_less() {
    let rules = |count: usize, budget: u64, without_country: usize| -> Vec<String> {
        let mut rows = RawTable::new(["first name", "surname", "email", "country"]).unwrap();
        for at in 0..count {
            let letter = |of: usize| (b'a' + (of % 26) as u8) as char;
            let (given, family) = (
                ["ann", "bob", "carol"][at / 2 % 3],
                format!("brook{}{}{}", letter(at / 20), letter(at / 520), letter(at / 13520)),
            );
            let row = match at % 2 {
                0 => [given, &family, "", ""],
                _ => ["", "", &format!("{given}.{family}@example.com"), ""],
            };
            let country = if at < without_country { "" } else { ["GB", "US"][at / 2 % 2] };
            rows.push("crm", &format!("r{at:03}"), &[row[0], row[1], row[2], country]).unwrap();
        }
        let (_, spec, _) = Dedupe::of(rows).candidates_per_row(budget).plan().unwrap();
        let used = spec.columns.iter().any(|own| own.name == "country");
        let names: Vec<String> = spec.blocking.iter().map(BlockingRule::name).collect();
        assert_eq!(used, names.iter().any(|name| name.ends_with(" + country")));
        let loosest = spec.blocking.iter().filter(|rule| rule.untrained).count();
        assert_eq!(loosest > 0, budget > 4 || count == 400);
        names
    };
    let words = "words(first name) | words(surname) | words(local_part(email))";
    assert_eq!(rules(400, 4, 0).last(), Some(&words.to_owned()));
    assert!(!rules(41_000, 4, 0).iter().any(|name| name.starts_with(words)));
    assert_eq!(rules(400, 40, 0).last(), Some(&format!("{words} + country")));
    assert_eq!(rules(400, 40, 40).last(), Some(&words.to_owned()));
}

#[test]
fn refusals_say_which_rows_object() {
    let mut rows =
        RawTable::new(["first name", "surname", "email", "passport number", "dob", "phone"]).unwrap();
    let mut push = |id: String, row: [&str; 6]| rows.push("crm", &id, &row).unwrap();
    for at in 0..40 {
        let (family, email, passport) = (
            format!("family{}", at / 2),
            format!("mail{}@example.com", at / 2),
            format!("5334{:05}", at / 2 * 37),
        );
        let (dob, phone) =
            (format!("19{}-03-1{}", 40 + at / 2, at / 2 % 9), format!("+4420794600{:02}", at / 2));
        push(format!("r{at:02}"), [["ann", "bob"][at / 2 % 2], &family, &email, &passport, &dob, &phone]);
    }
    // The same in all but the passport.
    for (id, passport) in [("x1", "711000017"), ("x2", "711999990")] {
        push(id.into(), ["carol", "brook", "cb@example.com", passport, "1966-06-06", "+442079460999"]);
    }
    let linked = Dedupe::of(rows).threshold(0.05).run().unwrap();
    let (one, two) = (linked.find("x1").unwrap(), linked.find("x2").unwrap());
    assert_ne!(linked.cluster(one), linked.cluster(two));
    let refusal = linked.refusal(two, one).unwrap();
    assert_eq!(
        linked.refused_since(refusal),
        "together they would have several values of passport number (x1 and x2); one customer has at most 1"
    );
    assert!(linked.refusal(one, one).is_none());
}

#[test]
fn odd_data_is_told_apart_from_errors() {
    let rows = |cells: &[[&str; 6]]| -> Vec<(usize, Row)> {
        cells.iter().map(|row| row.map(str::to_owned)).enumerate().collect()
    };
    // All missing; one value everywhere, of few rows and of many.
    assert!(Dedupe::of(raw(&rows(&[[""; 6]; 4]))).run().is_err());
    assert_eq!(Dedupe::of(raw(&rows(&[["x"; 6]; 4]))).run().unwrap().counts.rows, 4);
    assert!(Dedupe::of(raw(&rows(&[["x"; 6]; 400]))).run().is_err());
    // A block of every row, and nothing else to go by.
    let same: Vec<(usize, Row)> = (0..900)
        .map(|id| {
            (id, ["", "lee", "", "", "", if id % 2 == 0 { "leeds" } else { "york" }].map(str::to_owned))
        })
        .collect();
    if let Ok(linked) = Dedupe::of(raw(&same)).run() {
        assert!(linked.blocking.iter().map(|rule| rule.pairs + rule.pairs_left_out).sum::<u64>() > 0);
    }
    // One key twice.
    let mut twice = raw(&rows(&[["ann", "lee", "", "", "", ""]]));
    twice.push("web", "r0", &["bob"]).unwrap();
    assert!(Dedupe::of(twice).run().unwrap_err().to_string().contains("same id"));
    // One row.
    assert!(Dedupe::of(raw(&rows(&[["ann", "lee", "", "", "", ""]]))).run().is_err());
    // A long value.
    let long = "y".repeat(5_000_000);
    let mut table = raw(&rows(&[["ann", "lee", "", "", "", ""], ["ann", "leigh", "", "", "", "a"]]));
    table.push("crm", "long", &[long.as_str(), "lee"]).unwrap();
    table.push("crm", "longer", &[long.as_str(), "leigh"]).unwrap();
    assert!(Dedupe::of(table).run().is_ok());
}

/// Rows fed to the live engine one by one, with the links of a bulk run as words, in any order: the same customers with
/// the same ids as the bulk run gives. A link that is taken back is as if it had never been.
#[test]
fn links_of_a_bulk_run_give_the_live_engine_the_same_customers() {
    use stitchline::{Assertion, CustomerId, Engine, Input, Policy, Record, RecordKey, Timestamp, Verdict};
    let rows: Vec<(usize, Row)> = (0..60)
        .map(|id| {
            let given = ["ann", "bob", "carol", "dave"][id / 2 % 4];
            let family = ["lee", "stone", "brook", "hill", "marsh"][id / 2 % 5];
            let dob = format!("19{:02}-0{}-11", 40 + id / 2, 1 + id / 2 % 9);
            let row = [given, family, &dob, "", "", "London"].map(str::to_owned);
            (id, row)
        })
        .collect();
    let linked = Dedupe::of(raw(&rows)).run().unwrap();
    let joins = linked.joins();
    assert!(joins.len() > 20 && linked.counts.customers == 60 - joins.len() as u64);
    let table = &linked.table;
    let key = |row: u32| RecordKey::new(table.source(row), table.id(row));
    let time: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let records =
        (0..table.len() as u32).map(|row| Input::from(Record::new(table.source(row), table.id(row), time)));
    let word = |edge: &stitchline::cluster::Edge, verdict| Assertion {
        a: key(edge.a),
        b: key(edge.b),
        verdict,
        by: "model people 1".into(),
        at: time,
        note: None,
    };
    let mut inputs: Vec<Input> = records.collect();
    inputs.extend(joins.iter().map(|edge| Input::from(word(edge, Verdict::Same))));
    let expected = |row: u32| CustomerId::founded_by(Policy::default().project, &key(linked.cluster(row)));
    for turn in 0..4 {
        let engine = Engine::in_memory(Policy::default()).unwrap();
        inputs.rotate_left(17);
        if turn % 2 == 1 {
            inputs.reverse();
        }
        for input in &inputs {
            engine.ingest(input.clone()).unwrap();
        }
        for row in 0..table.len() as u32 {
            assert_eq!(engine.customer_of(&key(row)).unwrap().customer(), Some(expected(row)), "row {row}");
        }
        let taken_back = Assertion { at: time.plus_micros(1), ..word(&joins[0], Verdict::Retracted) };
        engine.ingest(taken_back).unwrap();
        let (a, b) = (key(joins[0].a), key(joins[0].b));
        assert_ne!(engine.customer_of(&a).unwrap().customer(), engine.customer_of(&b).unwrap().customer());
    }
}

#[test]
fn names_that_are_two_names_are_told_from_spellings() {
    let names = ["mark", "marsha", "bob", "robert", "patrick", "patricia", "zxqv", "marc"];
    let mut raw = RawTable::new(["first name"]).unwrap();
    names.iter().enumerate().for_each(|(id, name)| raw.push("crm", &format!("r{id}"), &[name]).unwrap());
    let table = Table::prepare(raw, &[ColumnSpec::new("first name", Kind::GivenName)]).unwrap();
    let comparisons = [Comparison::new("given", ["first name"]).level(Level::new(Test::OtherName))];
    let bound = Comparisons::bind(&table, &comparisons).unwrap();
    let row = |name: &str| names.iter().position(|own| *own == name).unwrap() as u32;
    for (a, b, other) in [
        ("mark", "marsha", true),
        ("patrick", "patricia", true),
        ("bob", "mark", true),
        ("bob", "robert", false),
        ("marc", "mark", false),
        ("mark", "zxqv", false),
        ("zxqv", "bob", false),
    ] {
        assert_eq!(bound.level(0, row(a), row(b)) == 1, other, "{a} {b}");
    }
}

/// Twins share all but the given name, and a day of birth in common is no surprise among relatives.
#[test]
fn twins_stay_two() {
    let mut rows: Vec<(usize, Row)> = Vec::new();
    let add = |rows: &mut Vec<(usize, Row)>, row: [&str; 6]| {
        rows.push((rows.len(), row.map(str::to_owned)));
    };
    for n in 0..40usize {
        let given = ["Ann", "Bob", "Carol", "David", "Susan", "Peter", "Helen"][n % 7];
        let family = ["Lee", "Stone", "Brook", "Hill", "Field", "Marsh", "Wood", "Ford"][n % 8];
        let (dob, mail) =
            (format!("19{:02}-0{}-1{}", 50 + n, n % 9 + 1, n % 10), format!("p{n}@example.org"));
        let postcode = format!("AB{n} 1CD");
        for _ in 0..2 {
            add(&mut rows, [given, family, &dob, &mail, &postcode, "Leeds"]);
        }
    }
    let first = rows.len();
    for given in ["Mark", "Marsha", "Mark", "Marsha"] {
        add(&mut rows, [given, "Carter", "1997-09-28", "carter@example.org", "CD1 2EF", "York"]);
    }
    let linked = Dedupe::of(raw(&rows)).run().unwrap();
    let of = |id: usize| linked.cluster(linked.find(&format!("r{id}")).unwrap());
    assert_eq!((of(first), of(first + 1)), (of(first + 2), of(first + 3)));
    assert_ne!(of(first), of(first + 1));
    let born = linked.model.comparisons.iter().find(|own| own.comparison.name == "date of birth").unwrap();
    assert!(born.levels[0].relatives.unwrap() >= 0.01 && born.levels[0].u < 0.01, "{:?}", born.levels[0]);
}

/// Few rows have a number, and those that have the same one are one party's: strangers hardly share what each has one of.
#[test]
fn numbers_of_which_a_party_has_one_are_hardly_shared_by_strangers() {
    let mut raw = RawTable::new(["name", "number"]).unwrap();
    for id in 0..120usize {
        let number = if id < 6 { format!("77{}4", id / 2) } else { String::new() };
        let name = ["ann lee", "bob stone", "carol brook", "dave hill", "eve marsh"][id / 2 % 5];
        raw.push("crm", &format!("r{id:03}"), &[name, &number]).unwrap();
    }
    let columns = [ColumnSpec::new("name", Kind::Text), ColumnSpec::new("number", Kind::Identifier)];
    let table = Table::prepare(raw, &columns).unwrap();
    let level = |column: &str| Level::new(Test::Exact).with_term_frequency(column).expected(0.9, None);
    let number = Comparison::new("number", ["number"]).level(level("number"));
    let learnt = |number: Comparison| {
        let comparisons = [Comparison::new("name", ["name"]).level(level("name")), number];
        let bound = Comparisons::bind(&table, &comparisons).unwrap();
        let rules = ["name", "number"].map(|column| BlockingRule::on([column]).unwrap());
        let blocking = Blocking::plan(&table, &rules, &[], 100, Between::All).unwrap();
        let training = train(&comparisons, &bound, &blocking, &TrainOptions::default()).unwrap();
        training.model.comparisons[1].levels[0]
    };
    let (one_each, any) = (learnt(number.clone().exclusive()), learnt(number));
    let shared = 3.0 * 2.0 / (6.0 * 5.0);
    assert_eq!((one_each.collision, any.collision), (Some(shared), Some(shared)));
    assert!((one_each.u - shared / 8.0).abs() < 1e-9 && any.u > shared / 2.0, "{one_each:?} {any:?}");
}

/// How frequent a postcode is adjusts how often it is equal by chance, and not that the street is alike as well: where
/// all are as frequent there is nothing to adjust.
#[test]
fn frequencies_adjust_equality_and_not_what_must_hold_beside_it() {
    let mut raw = RawTable::new(["street", "postcode"]).unwrap();
    for id in 0..200usize {
        let street = format!("{} {} road", id % 2, ["high", "mill"][id / 2 % 2]);
        let postcode = format!("AB{} 1CD", id / 4);
        raw.push("crm", &format!("r{id:03}"), &[&street, &postcode]).unwrap();
    }
    let columns = [ColumnSpec::new("street", Kind::Street), ColumnSpec::new("postcode", Kind::Postcode)];
    let table = Table::prepare(raw, &columns).unwrap();
    let on = |column: &str, test: Test| Test::On(column.into(), Box::new(test));
    let both = Test::All(vec![on("street", Test::Levenshtein(1)), on("postcode", Test::Exact)]);
    let comparisons = [Comparison::new("address", ["street", "postcode"])
        .level(Level::new(both).with_term_frequency("postcode").expected(0.5, None))];
    let bound = Comparisons::bind(&table, &comparisons).unwrap();
    let blocking =
        Blocking::plan(&table, &[BlockingRule::on(["postcode"]).unwrap()], &[], 100, Between::All).unwrap();
    let training = train(&comparisons, &bound, &blocking, &TrainOptions::default()).unwrap();
    let own = training.model.comparisons[0].levels[0];
    assert!(own.collision.is_some_and(|shared| own.u < shared / 2.0), "{own:?}");
    let scorer = Scorer::new(&training.model, &bound).unwrap();
    let parts = scorer.explain(0, 1).parts;
    assert!(
        parts[0].weight > MatchWeight::from_bits(2.0) && parts[0].term_frequency.bits().abs() < 0.5,
        "{parts:?}"
    );
}
