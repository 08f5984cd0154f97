use super::*;
use crate::{
    MatchWeight,
    evaluate::{ScoredPair, Sweep, Truth},
};
use proptest::prelude::*;

/// A report with every part, its texts as given.
fn full(text: &str) -> Report {
    let truth: Vec<u32> = (0..400).map(|record| record / 3).collect();
    let mut pairs = Vec::new();
    for a in 0..400u32 {
        for b in a + 1..(a + 9).min(400) {
            let same = truth[a as usize] == truth[b as usize];
            let noise = f64::from((a * 7919 + b * 104_729) % 1000) / 1000.0;
            let bits = if same { 22.0 - 24.0 * noise * noise } else { -18.0 + 21.0 * noise * noise };
            pairs.push(ScoredPair::new(a, b, MatchWeight::from_bits(bits)));
        }
    }
    let known = Truth::new(&truth);
    let sweep = Sweep::new(&pairs, known).unwrap();
    let fall = |title: &str, bits: [f64; 4]| Waterfall {
        title: format!("{title} {text}"),
        steps: vec![
            Step::new("prior", bits[0]),
            Step::new("surname", bits[1]).level("equal").values("lee", "lee"),
            Step::new(text, bits[2]).level(text).values("1980-12-31", text),
            Step::new("postcode", bits[3]).level("none of these").values("SW1A 1AA", ""),
        ],
        note: format!("Refused: one customer has at most 1 {text}."),
    };
    let mut report = Report::new(format!("people.csv {text}"));
    report.fact("records", "400");
    report.fact("customers", "139");
    report.fact(text, text);
    report.notes.push(text.to_owned());
    report.pairs =
        vec![fall("A-1 and B-7", [-12.3, 9.5, 8.1, -2.2]), fall("A-2 and B-9", [-12.3, -4.5, 3.1, -2.2])];
    report.comparisons = vec![Comparison {
        name: text.to_owned(),
        levels: vec![
            LevelParameters { label: "null".into(), m: None, u: None },
            LevelParameters { label: "equal".into(), m: Some(0.72), u: Some(0.0004) },
            LevelParameters { label: text.to_owned(), m: Some(0.2), u: Some(0.01) },
            LevelParameters { label: "else".into(), m: Some(0.08), u: Some(0.9896) },
        ],
    }];
    report.histogram = Some(Histogram::of(pairs.iter().map(|pair| pair.weight.bits()), 1.0));
    report.curve = sweep.thinned(200);
    report.calibration = Some(Calibration::new(&pairs, known, 10).unwrap());
    report.threshold = Some(2.5);
    let rule = |name: &str, pairs, recall| Rule {
        name: name.into(),
        pairs,
        marginal_recall: Some(recall),
        largest_block: Some(pairs / 9),
    };
    report.blocking =
        vec![rule("email", 1200, 0.61), rule(text, 52_000, 0.22), rule("first_name and surname", 9_000, 0.1)];
    report.cluster_sizes = vec![(1, 5), (2, 20), (3, 110), (4, 4), (120, 1)];
    report.true_sizes = vec![(1, 1), (3, 133)];
    report.quality = vec![
        ("pairs of records".into(), Measures::new(0.97, 0.93)),
        (text.to_owned(), Measures::new(0.98, 0.95)),
    ];
    report.mistakes = vec![
        ("False links".into(), vec![fall("A-5 and B-2", [-12.3, 9.5, 8.1, 1.0])]),
        ("Missed".into(), vec![]),
    ];
    report.phases = vec![
        Phase { name: "read".into(), cpu_seconds: 0.42, wall_seconds: 0.44, peak_bytes: 120_000_000 },
        Phase { name: text.to_owned(), cpu_seconds: 1.9, wall_seconds: 1.0, peak_bytes: 430_000_000 },
    ];
    report.spec = format!("[[compare]]\ncolumn = \"{text}\"\n");
    report
}

/// Tags and attributes of a page, checked one by one; the text between them.
fn well_formed(page: &str) -> String {
    let mut open = Vec::new();
    let mut text = String::new();
    let mut rest = page.strip_prefix("<!doctype html>").unwrap();
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let end = at + rest[at..].find('>').expect("a tag ends");
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        let name: String =
            tag.trim_start_matches('/').chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        assert!(!name.is_empty(), "{tag}");
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(closed));
        } else if !tag.ends_with('/') && name != "meta" {
            open.push(name.clone());
        }
        assert!(tag.matches('"').count().is_multiple_of(2), "{tag}");
        assert!(!tag.contains("NaN") && !tag.contains("inf"), "{tag}");
        if tag == "style" {
            rest = &rest[rest.find("</style>").unwrap()..];
        }
    }
    assert!(open.is_empty(), "{open:?}");
    text
}

#[test]
fn the_page_is_whole_and_fetches_nothing() {
    let page = full("birth date").to_html();
    let text = well_formed(&page);
    for part in [
        "Chosen pairs",
        "The model",
        "Blocking",
        "Time and memory",
        "Worst mistakes",
        "threshold +2.5",
        "+3.1",
        "Refused: one customer has at most 1 birth date.",
    ] {
        assert!(text.contains(part), "{part}");
    }
    for fetched in ["http:", "https:", "src=", "url(", "<script", "@import", "<link"] {
        assert!(!page.contains(fetched), "{fetched}");
    }
    // To look at it: STITCHLINE_REPORT=/tmp/report.html cargo test report
    if let Some(path) = std::env::var_os("STITCHLINE_REPORT") {
        std::fs::write(path, page).unwrap();
    }
}

#[test]
fn hostile_texts_stay_texts() {
    let hostile = "</title><script>alert(1)</script><img src=x onerror='x'>\"&\u{202e}\u{0}";
    let page = full(hostile).to_html();
    well_formed(&page);
    assert!(
        !page.contains("<script")
            && !page.contains("<img")
            && !page.contains('\u{202e}')
            && !page.contains('\u{0}')
    );
}

#[test]
fn an_empty_report_is_a_page() {
    let page = Report::new("").to_html();
    well_formed(&page);
    assert!(!page.contains("<section"));
    assert!(Histogram::of([f64::NAN].into_iter(), 0.0).pairs.is_empty());
    assert_eq!(Histogram::of([-0.5, 0.5, 0.6, 1e9].into_iter(), 1.0).pairs[..2], [1, 2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_figures(bits in prop::collection::vec(prop::num::f64::ANY, 0..6), width in prop::num::f64::ANY, text in "\\PC{0,30}") {
        let mut report = full(&text);
        report.histogram = Some(Histogram::of(bits.iter().copied(), width));
        report.threshold = bits.first().copied();
        report.pairs = vec![Waterfall { title: text.clone(), steps: bits.iter().map(|bits| Step::new("x", *bits)).collect(), note: text.clone() }];
        report.comparisons[0].levels =
            bits.iter().map(|bits| LevelParameters { label: text.clone(), m: Some(*bits), u: Some(0.1) }).collect();
        report.phases = bits.iter().map(|bits| Phase { cpu_seconds: *bits, ..Phase::default() }).collect();
        well_formed(&report.to_html());
    }
}
