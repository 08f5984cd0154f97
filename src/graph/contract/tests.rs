//! The short cut against the whole procedure.

use super::*;
use crate::{
    graph::{
        Identity, Rules,
        component::{Member, Shared},
    },
    policy::{Exclusive, Policy},
    record::PartyKind,
};
use proptest::{collection::vec, prelude::*, sample::subsequence};
use std::sync::Arc;

const SHOWN: [(&str, &str); 10] = [
    ("name", "ann|lee"),
    ("name", "bob|lee"),
    ("name", "lee|ann"),
    ("name", "|lee"),
    ("birth", "1980-02-03"),
    ("birth", "1981-02-03"),
    ("login", "u1"),
    ("login", "u2"),
    ("ticket", "t1"),
    ("ticket", "t2"),
];
const JOINING: [(&str, &str); 4] = [("phone", "1"), ("email", "2"), ("cookie", "3"), ("record", "4")];

/// Values shown (places in `SHOWN`), kind, whether implied, and day of a record.
type Part = (Vec<usize>, u8, bool, i64);
/// Which records carry an identifier, whether authenticated, and its weight.
type Tie = (Vec<bool>, bool, i32);

fn build(parts: &[Part], ties: &[Tie], pairs: &[(bool, usize, usize)]) -> (Identity, Component) {
    let mut identity = Identity::default();
    let mut row = |namespace: &str, value: &str| {
        let row = identity.intern_identifier(namespace, value).unwrap().0;
        (identity.identifiers[row].namespace, row)
    };
    let shown = SHOWN.map(|(namespace, value)| row(namespace, value));
    let joining = JOINING.map(|(namespace, value)| row(namespace, value));
    let mut component = Component::default();
    for (at, (shows, kind, implied, day)) in parts.iter().enumerate() {
        let mut shows: Vec<_> = shows.iter().map(|&one| shown[one]).collect();
        shows.sort_unstable();
        component.records.push(Member {
            row: at as u32,
            observed: day * 86_400_000_000,
            last: day * 86_400_000_000,
            kind: [PartyKind::Unknown, PartyKind::Person, PartyKind::Organisation][usize::from(*kind)],
            implied: *implied,
            shows,
        });
    }
    for ((carried, authenticated, bits), (namespace, identifier)) in ties.iter().zip(joining) {
        let carriers: Vec<_> =
            (0..parts.len()).filter(|&at| carried[at]).map(|at| (at as u32, *authenticated)).collect();
        if carriers.len() > 1 {
            let weight = MatchWeight::from_bits(f64::from(*bits));
            component.shared.push(Shared { identifier, namespace, weight, carriers });
        }
    }
    for &(same, a, b) in pairs {
        let (a, b) = ((a % parts.len()) as u32, (b % parts.len()) as u32);
        let list = if same { &mut component.same } else { &mut component.different };
        if a != b && !list.contains(&(a.min(b), a.max(b))) {
            list.push((a.min(b), a.max(b)));
        }
    }
    component.same.sort_unstable();
    component.different.sort_unstable();
    (identity, component)
}

/// Whether evidence for one customer connects all records, as it does in what is decided together.
fn is_connected(component: &Component) -> bool {
    let mut found = vec![0];
    for _ in 0..component.records.len() {
        for shared in &component.shared {
            if shared.carriers.iter().any(|(at, _)| found.contains(at)) {
                found.extend(shared.carriers.iter().map(|(at, _)| *at));
            }
        }
        for &(a, b) in &component.same {
            if found.contains(&a) || found.contains(&b) {
                found.extend([a, b]);
            }
        }
        found.sort_unstable();
        found.dedup();
    }
    found.len() == component.records.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// The short cut decides as the whole procedure does.
    #[test]
    fn keeping_decisions_changes_none(
        parts in vec((subsequence((0..SHOWN.len()).collect::<Vec<_>>(), 0..4), 0..3u8, any::<bool>(), 0..6i64), 1..6),
        ties in vec((vec(any::<bool>(), 6), any::<bool>(), -1..30i32), JOINING.len()),
        pairs in prop_oneof![3 => vec((any::<bool>(), 0..6usize, 0..6usize), 0..1), 1 => vec((any::<bool>(), 0..6usize, 0..6usize), 1..4)],
        (prior, authenticated, limit) in (-22..4i32, -3..5i32, 1..4u32),
        window in prop::option::of(1..3u32),
    ) {
        let (identity, component) = build(&parts, &ties, &pairs);
        if !is_connected(&component) {
            return Ok(());
        }
        let mut policy = Policy {
            prior_bits: f64::from(prior),
            authenticated_bits: f64::from(authenticated),
            ..Policy::default()
        };
        policy.namespaces.values_mut().for_each(|own| own.sharing_limit = limit);
        policy.namespaces.entry("ticket".to_owned()).or_default().exclusive =
            Some(Exclusive { most: 1, within_days: window });
        let mut rules = Rules::new(Arc::new(policy));
        rules.cover(&identity.namespaces);
        let view = View::now(&identity, &rules);
        let (short, whole) = (contract(&component, &view, false), contract(&component, &view, true));
        prop_assert_eq!(short.cluster, whole.cluster);
        prop_assert_eq!(short.unresolved, whole.unresolved);
        prop_assert_eq!(short.contested, whole.contested);
        prop_assert_eq!(short.refusals, whole.refusals);
    }
}
