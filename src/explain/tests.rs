use super::{
    cut::{bridges, smallest_cut},
    path::{Hop, Link, Links},
    *,
};
use crate::{
    Interaction, PartyKind, Policy, Record,
    graph::Evidence,
    record::{Assertion, Input},
};
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn record(id: &str) -> Record {
    Record::new("crm", id, at("2026-01-01T00:00:00Z"))
}

fn key(id: &str) -> RecordKey {
    RecordKey::new("crm", id)
}

fn phone() -> Identifier {
    Identifier::phone("+44 20 7946 0188").unwrap()
}

fn engine(inputs: Vec<Input>) -> Engine {
    engine_with(Policy::default(), inputs)
}

fn engine_with(policy: Policy, inputs: Vec<Input>) -> Engine {
    let engine = Engine::in_memory(policy).unwrap();
    engine.ingest_all(inputs).unwrap().into_iter().for_each(|outcome| _ = outcome.unwrap());
    engine
}

fn explain(engine: &Engine, a: &str, b: &str) -> Explanation {
    let why = engine.explain(key(a), key(b)).unwrap();
    println!("{why}\n");
    assert!(serde_json::to_string(&why).unwrap().contains("verdict"));
    why
}

fn links(records: usize, evidence: &[(f64, &[u32])]) -> Links {
    let link = |(at, (bits, records)): (usize, &(f64, &[u32]))| Link {
        evidence: Evidence::Shared(at as u32),
        strength: MatchWeight::from_bits(*bits),
        records: records.to_vec(),
    };
    Links::new(records, evidence.iter().enumerate().map(link).collect())
}

fn through(path: Option<Vec<Hop>>) -> Option<Vec<usize>> {
    path.map(|path| path.iter().map(|hop| hop.evidence).collect())
}

#[cfg(feature = "adapters")]
fn contact_centre() -> Engine {
    use crate::ingest::{Item, Options, Reader};
    let engine =
        Engine::in_memory(Policy { default_region: Some("GB".into()), ..Policy::default() }).unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/contact-centre");
    for name in ["crm.csv", "segment.jsonl", "genesys.jsonl", "mail.jsonl", "shops.jsonl.gz"] {
        let reader = Reader::open(folder.join(name), engine.normalizer(), Options::default()).unwrap();
        let inputs = reader.filter_map(|item| match item {
            Item::Input(input) => Some(input),
            Item::Rejected(_) => None,
        });
        engine.ingest_all(inputs.collect()).unwrap();
    }
    engine
}

#[cfg(feature = "adapters")]
fn contact(id: &str) -> Identifier {
    let email = match id {
        "C-1001" => "ann.lee@example.com",
        "C-2001" => "bob.stone@example.org",
        "C-2002" => "carol.stone@example.org",
        "C-3001" => "dev.patel@acme.example",
        _ => "erin.walsh@acme.example",
    };
    Identifier::email(email).unwrap()
}

#[test]
#[cfg(feature = "adapters")]
fn ann_lee_is_one_customer_on_every_channel() {
    let engine = contact_centre();
    let id = engine.resolve(&contact("C-1001")).unwrap().customer().unwrap();
    let profile = engine.profile(id).unwrap();
    assert!(profile.records.len() > 3);
    for member in &profile.records {
        let why = engine.explain(contact("C-1001"), &member.key).unwrap();
        println!("{why}\n");
        assert!(matches!(why.verdict, Conclusion::SameCustomer { id: Some(own), .. } if own == id));
        assert_eq!(why.path.is_empty(), why.a == why.b);
        assert!(why.path.windows(2).all(|pair| pair[0].to == pair[1].from));
    }
}

#[test]
#[cfg(feature = "adapters")]
fn the_stones_share_a_landline_and_are_two() {
    let engine = contact_centre();
    let why = engine.explain(contact("C-2001"), contact("C-2002")).unwrap();
    println!("{why}\n");
    assert!(matches!(why.verdict, Conclusion::DifferentCustomers { a: Some(_), b: Some(_) }));
    assert_eq!(why.refusals[0].evidence, EvidenceRef::Identifier { identifier: phone() });
    assert!(why.what_would_change.contains(&Suggestion::SaySame));

    let call = crate::record::implied_key("genesys", &[phone().into()]).unwrap();
    let bob = engine.explain(contact("C-2001"), &call).unwrap();
    println!("{bob}\n");
    assert!(matches!(bob.verdict, Conclusion::DifferentCustomers { a: Some(_), b: None }));
    assert_eq!(bob.candidates_b.len(), 2);
    assert!(matches!(&bob.refusals[0].guard, Guard::Ambiguous { among } if among.len() == 2));
    let itself = engine.explain(&call, &call).unwrap();
    println!("{itself}\n");
    assert!(matches!(itself.verdict, Conclusion::SameCustomer { id: None, .. }));
    assert!(!engine.refusals(100).unwrap().is_empty());
    assert_eq!(engine.refusals(1).unwrap().len(), 1);

    let acme = engine.explain(contact("C-3001"), contact("C-3002")).unwrap();
    println!("{acme}\n");
    assert!(matches!(acme.refusals[0].guard, Guard::Generic { parties: 6, limit: 5 }));
}

#[test]
fn each_guard_says_why() {
    let name = |given: &str| Identifier::name(given, "Stone").unwrap();
    let both = |a: Record, b: Record| vec![a.into(), b.into()];
    let (a, b) = (record("1").identified_by(phone()), record("2").identified_by(phone()));

    let why = explain(
        &engine(both(a.clone().kind(PartyKind::Person), b.clone().kind(PartyKind::Organisation))),
        "1",
        "2",
    );
    assert_eq!(why.refusals[0].guard, Guard::PersonAndOrganisation);

    let (x, y) = (Identifier::crm("C-1").unwrap(), Identifier::crm("C-2").unwrap());
    let why =
        explain(&engine(both(a.clone().identified_by(x.clone()), b.clone().identified_by(y))), "1", "2");
    assert!(
        matches!(&why.refusals[0].guard, Guard::Exclusive { values, most: 1, .. } if *values == ["C-1", "C-2"])
    );
    assert_eq!(why.refusals[0].band, Band::Review);

    let why = explain(
        &engine(both(a.clone().identified_by(name("Bob")), b.clone().identified_by(name("Carol")))),
        "1",
        "2",
    );
    assert!(matches!(&why.refusals[0].guard, Guard::Weight { against, .. } if against.len() == 1));
    assert_eq!(why.refusals[0].band, Band::Review);
    assert!(why.what_would_change.contains(&Suggestion::MoreEvidence { bits: MatchWeight::from_bits(1.0) }));

    let many = |identifier: Identifier| {
        (0..7)
            .map(|n| {
                let id = n.to_string();
                record(&id)
                    .identified_by(identifier.clone())
                    .identified_by(Identifier::crm(&format!("C-{n}")).unwrap())
                    .into()
            })
            .collect::<Vec<Input>>()
    };
    let why = explain(&engine(many(phone())), "1", "2");
    assert_eq!(why.refusals[0].guard, Guard::Generic { parties: 7, limit: 5 });

    let mailbox = Identifier::email("info@acme.example").unwrap();
    let why = explain(&engine(many(mailbox)), "1", "2");
    assert_eq!(why.refusals[0].guard, Guard::Function);
    assert!(why.to_string().contains("a mailbox of a function joins nobody"));
}

#[test]
fn words_are_shown_with_who_when_and_why() {
    let word = |verdict, note: Option<&str>| Assertion {
        a: key("1"),
        b: key("2"),
        verdict,
        by: "steward@example.com".into(),
        at: at("2026-03-01T00:00:00Z"),
        note: note.map(str::to_owned),
    };
    let records =
        || vec![record("1").identified_by(phone()).into(), record("2").identified_by(phone()).into()];
    let mut inputs = records();
    inputs.push(word(Verdict::Different, Some("father and son")).into());
    let why = explain(&engine(inputs), "1", "2");
    assert!(matches!(&why.refusals[0].guard, Guard::Different { by, note: Some(note), .. }
            if by == "steward@example.com" && note == "father and son"));
    assert!(!why.what_would_change.contains(&Suggestion::SaySame));

    let mut inputs: Vec<Input> = vec![record("1").into(), record("2").into()];
    inputs.push(word(Verdict::Same, None).into());
    let why = explain(&engine(inputs), "1", "2");
    assert!(matches!(&why.path[0].evidence, EvidenceRef::Word(own) if own.by == "steward@example.com"));
    assert_eq!((why.bridges.len(), why.smallest_cut.len(), why.cut_parts), (1, 1, true));
}

#[test]
fn what_is_not_there_is_not_found() {
    let engine = engine(vec![record("1").into()]);
    let error = engine.explain(key("9"), key("1")).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::NotFound, Some("a")));
    assert_eq!(engine.explain(key("1"), phone()).unwrap_err().field(), Some("b"));
    let before = at("2000-01-01T00:00:00Z");
    assert_eq!(engine.explain_as_of(key("1"), key("1"), before).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(explain(&engine, "1", "1").is_same());
}

#[test]
fn as_known_before_a_word() {
    let engine = Engine::in_memory(Policy::default()).unwrap();
    let (then, later) = (at("2026-01-02T00:00:00Z"), at("2026-01-03T00:00:00Z"));
    let records = ["1", "2"].map(|id| record(id).identified_by(phone()).into());
    engine.ingest_all_at(records.to_vec(), then).unwrap();
    engine.assert_different(key("1"), key("2"), "me").unwrap();
    assert!(engine.explain_as_of(key("1"), key("2"), later).unwrap().is_same());
    assert!(!explain(&engine, "1", "2").is_same());
}

#[test]
fn bridges_and_cuts_of_small_graphs() {
    // 0 -a- 1, then two ways to 2, then c to 3.
    let graph = links(4, &[(9.0, &[0, 1]), (8.0, &[1, 2]), (7.0, &[1, 2]), (6.0, &[2, 3])]);
    let path = graph.widest(0, 3).unwrap();
    assert_eq!(through(Some(path.clone())), Some(vec![0, 1, 3]));
    assert_eq!(bridges(&graph, &path), [0, 3]);
    assert_eq!(smallest_cut(&graph, 0, 3).len(), 1);
    assert_eq!(smallest_cut(&graph, 1, 2), [1, 2]);
    assert!(smallest_cut(&graph, 1, 1).is_empty());
    // A strong detour is preferred to a weak short cut.
    let graph = links(3, &[(9.0, &[0, 1]), (9.0, &[1, 2]), (3.0, &[0, 2])]);
    assert_eq!(through(graph.widest(0, 2)), Some(vec![0, 1]));
    assert_eq!(smallest_cut(&graph, 0, 2).len(), 2);
}

/// All simple ways from `a` to `b`, each as the evidence on it.
fn ways(
    graph: &Links,
    a: u32,
    b: u32,
    seen: &mut Vec<u32>,
    taken: &mut Vec<usize>,
    out: &mut Vec<Vec<usize>>,
) {
    if a == b {
        out.push(taken.clone());
        return;
    }
    for &at in &graph.of_record[a as usize] {
        for &next in &graph.evidence[at].records {
            if !seen.contains(&next) {
                seen.push(next);
                taken.push(at);
                ways(graph, next, b, seen, taken, out);
                taken.pop();
                seen.pop();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_path_is_the_widest_and_the_cut_the_smallest(
        edges in prop::collection::vec((1u8..5, prop::collection::btree_set(0u32..5, 2..4)), 1..7)
    ) {
        let edges: Vec<(f64, Vec<u32>)> =
            edges.into_iter().map(|(bits, set)| (f64::from(bits), set.into_iter().collect())).collect();
        let slices: Vec<(f64, &[u32])> = edges.iter().map(|(bits, set)| (*bits, set.as_slice())).collect();
        let graph = links(5, &slices);
        let mut all = Vec::new();
        ways(&graph, 0, 4, &mut vec![0], &mut Vec::new(), &mut all);
        let weakest = |way: &Vec<usize>| way.iter().map(|&at| graph.evidence[at].strength).min();
        let best = all.iter().map(weakest).max();
        let found = graph.widest(0, 4);
        let rank = |way: &Vec<usize>| (std::cmp::Reverse(weakest(way)), way.len());
        prop_assert_eq!(
            through(found.clone()).map(|way| rank(&way)),
            best.and_then(|_| all.iter().map(rank).min())
        );
        let path = found.unwrap_or_default();
        let needed: Vec<usize> =
            (0..edges.len()).filter(|at| !all.is_empty() && all.iter().all(|way| way.contains(at))).collect();
        let mut bridges = bridges(&graph, &path);
        bridges.sort_unstable();
        prop_assert_eq!(bridges, needed);
        let parts = |set: u32| all.iter().all(|way| way.iter().any(|&at| set >> at & 1 == 1));
        let least = (0..1u32 << edges.len()).filter(|&set| parts(set)).map(u32::count_ones).min();
        let cut = smallest_cut(&graph, 0, 4);
        prop_assert_eq!(Some(cut.len() as u32), least);
        prop_assert!(parts(cut.iter().map(|at| 1 << at).sum()));
    }

    #[test]
    fn no_engine_makes_it_panic(
        parties in prop::collection::vec((0u8..3, 0usize..4, 0usize..4, any::<bool>()), 2..9),
        words in prop::collection::vec((0usize..9, 0usize..9, any::<bool>()), 0..4),
        limit in 1u32..4,
    ) {
        let mut policy = Policy::default();
        policy.namespaces.get_mut("cookie").unwrap().sharing_limit = limit;
        let engine = Engine::in_memory(policy).unwrap();
        let given = ["Ann", "Bob", "Cy", "Di"];
        let mut keys = Vec::new();
        for (n, &(kind, cookie, other, stated)) in parties.iter().enumerate() {
            let cookie = Identifier::cookie(&format!("kx-{cookie}")).unwrap();
            let crm = Identifier::crm(&format!("Q-{other}")).unwrap();
            if stated {
                let kind = [PartyKind::Unknown, PartyKind::Person, PartyKind::Organisation][usize::from(kind)];
                let own = record(&n.to_string()).kind(kind).identified_by(cookie);
                let own = if other < 2 { own.identified_by(crm) } else { own };
                keys.push(key(&n.to_string()));
                engine.ingest(own.identified_by(Identifier::name(given[other], "Ro").unwrap())).unwrap();
            } else {
                let claims = if kind == 0 { vec![cookie.into(), crm.into()] } else { vec![cookie.into()] };
                keys.push(crate::record::implied_key("web", &claims).unwrap());
                let mut visit = Interaction::new("web", n.to_string(), at("2026-02-01T00:00:00Z"));
                for claim in claims {
                    visit = visit.identified_by(claim.identifier);
                }
                engine.ingest(visit).unwrap();
            }
        }
        for (a, b, same) in words {
            let (a, b) = (&keys[a % keys.len()], &keys[b % keys.len()]);
            if a != b {
                let said = if same { engine.assert_same(a, b, "x") } else { engine.assert_different(a, b, "x") };
                said.unwrap();
            }
        }
        prop_assert!(engine.refusals(50).unwrap().len() <= 50);
        for a in &keys {
            for b in &keys {
                let why = engine.explain(a, b).unwrap();
                let customers = (engine.customer_of(a).unwrap(), engine.customer_of(b).unwrap());
                prop_assert_eq!(why.path.is_empty(), a == b || !why.is_same());
                if let (Some(x), Some(y)) = (customers.0.customer(), customers.1.customer()) {
                    prop_assert_eq!(why.is_same(), x == y);
                }
                let later = engine.explain_as_of(a, b, Timestamp::MAX).unwrap();
                prop_assert_eq!(&later.verdict, &why.verdict);
                prop_assert!(!why.to_string().is_empty());
            }
        }
    }
}
