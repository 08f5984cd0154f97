use super::*;
use proptest::prelude::*;
use std::{collections::BTreeSet, fs};

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

fn labels(value: &serde_json::Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|label| label.as_u64().unwrap() as u32).collect()
}

#[test]
fn recorded_clusterings() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/evaluate/clusters.jsonl");
    for line in fs::read_to_string(path).unwrap().lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let (found, truth, source) =
            (labels(&case["found"]), labels(&case["truth"]), labels(&case["source"]));
        let quality = clusters(&found, &truth).unwrap();
        let linked = linked_clusters(&found, &truth, &source).unwrap();
        let counts =
            |counts: Counts| vec![counts.true_positives, counts.false_positives, counts.false_negatives];
        let numbers = |name: &str| -> Vec<u64> {
            case[name].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect()
        };
        assert_eq!(counts(quality.pairs), numbers("pairs"));
        assert_eq!(counts(linked.pairs), numbers("linked_pairs"));
        for (measures, name) in [
            (quality.b_cubed, "b_cubed"),
            (linked.b_cubed, "linked_b_cubed"),
            (quality.closest_cluster, "closest"),
        ] {
            assert!(near(measures.precision, case[name][0].as_f64().unwrap()), "{name}");
            assert!(near(measures.recall, case[name][1].as_f64().unwrap()), "{name}");
        }
        assert!(near(quality.split_bits, case["split"].as_f64().unwrap()));
        assert!(near(quality.merged_bits, case["merged"].as_f64().unwrap()));
        let script = &case["script"];
        for (measures, name) in [(quality.pairwise, "pairwise"), (quality.b_cubed, "b_cubed")] {
            for (value, part) in
                [(measures.precision, "precision"), (measures.recall, "recall"), (measures.f1, "f1")]
            {
                assert!((value - script[name][part].as_f64().unwrap()).abs() < 6e-6, "{name} {part}");
            }
        }
        assert_eq!(quality.clusters, script["clusters"].as_u64().unwrap());
        assert_eq!(quality.true_clusters, script["true_clusters"].as_u64().unwrap());
        assert_eq!(quality.largest(3), labels(&script["largest"]));
    }
}

#[test]
fn edges() {
    let nothing = clusters(&[], &[]).unwrap();
    assert_eq!((nothing.pairwise.f1, nothing.b_cubed.f1, nothing.variation_of_information), (1.0, 1.0, 0.0));
    assert!(clusters(&[1], &[]).is_err());
    assert!(Truth::linking(&[1], &[]).is_err());
    let same = clusters(&[7, 7, 9], &[1, 1, 2]).unwrap();
    assert_eq!((same.adjusted_rand, same.exact_clusters), (1.0, 2));
    let bad = [ScoredPair::new(0, 9, MatchWeight::ZERO)];
    assert!(Sweep::new(&bad, Truth::new(&[1])).is_err());
    assert!(Calibration::new(&bad, Truth::new(&[1]), 10).is_err());
    assert!(Errors::new(&bad, &[1], Truth::new(&[1]), MatchWeight::ZERO, 1).is_err());
    let sweep = Sweep::new(&[], Truth::new(&[1, 1])).unwrap();
    assert!(sweep.best().is_none() && sweep.at(MatchWeight::ZERO).measures.recall == 0.0);
    assert!(Expected::best(&[], 0.0).is_none());
    assert!(align([("a", "1"), ("a", "2")], [("a", "1")]).is_err());
    assert!(align([], []).is_err());
    let aligned = align([("z", "1"), ("a", "1")], [("a", "1"), ("b", "1")]).unwrap();
    assert_eq!((aligned.missing, aligned.unknown), (1, 1));
}

fn scored() -> impl Strategy<Value = (Vec<u32>, Vec<u32>, Vec<ScoredPair>)> {
    (1usize..14).prop_flat_map(|n| {
        let all: Vec<(u32, u32)> =
            (0..n as u32).flat_map(|a| (a + 1..n as u32).map(move |b| (a, b))).collect();
        let pairs = prop::sample::subsequence(all.clone(), 0..=all.len()).prop_flat_map(|pairs| {
            let count = pairs.len();
            (Just(pairs), prop::collection::vec(-8i32..8, count)).prop_map(|(pairs, bits)| {
                let pair = |((a, b), bits)| ScoredPair::new(a, b, MatchWeight::from_bits(f64::from(bits)));
                pairs.into_iter().zip(bits).map(pair).collect::<Vec<_>>()
            })
        });
        (prop::collection::vec(0u32..4, n), prop::collection::vec(0u32..3, n), pairs)
    })
}

proptest! {
    #[test]
    fn a_sweep_counts_as_going_over_all_pairs_does((truth, source, pairs) in scored(), linking: bool, at in -9i32..9) {
        let known = if linking { Truth::linking(&truth, &source).unwrap() } else { Truth::new(&truth) };
        let threshold = MatchWeight::from_bits(f64::from(at));
        let counts = |a: u32, b: u32| !linking || source[a as usize] != source[b as usize];
        let same = |a: u32, b: u32| truth[a as usize] == truth[b as usize];
        let n = truth.len() as u32;
        let real = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).filter(|&(a, b)| counts(a, b) && same(a, b)).count() as u64;
        let over = pairs.iter().filter(|p| p.weight >= threshold && counts(p.a, p.b));
        let hit = over.clone().filter(|p| same(p.a, p.b)).count() as u64;
        let wrong = over.count() as u64 - hit;
        let sweep = Sweep::new(&pairs, known).unwrap();
        let expected = Counts { true_positives: hit, false_positives: wrong, false_negatives: real - hit };
        prop_assert_eq!(sweep.at(threshold).pairs, expected);
        if let Some(best) = sweep.best() {
            prop_assert!(sweep.points().iter().all(|point| point.measures.f1 <= best.measures.f1));
            // Linking nothing is perfect where there is nothing to link.
            prop_assert!(hit + wrong == 0 || sweep.at(threshold).measures.f1 <= best.measures.f1);
        }
        prop_assert!(sweep.thinned(3).len() <= 3);
        let few = sweep.thinned(4);
        prop_assert!(few.len() <= 4 && few.is_sorted_by(|a, b| a.threshold > b.threshold));
        prop_assert!(sweep.best().is_none_or(|best| few.contains(&best)));
        let blocking = Blocking::new(pairs.iter().map(|p| (p.a, p.b, 0)), 1, known).unwrap();
        prop_assert!(near(blocking.recall, sweep.scored_recall()));
    }

    #[test]
    fn mistakes_are_those_of_the_clusters(
        (truth, source, pairs) in scored(), found in prop::collection::vec(0u32..4, 14), linking: bool, at in -9i32..9,
    ) {
        let n = truth.len() as u32;
        let found = &found[..truth.len()];
        let known = if linking { Truth::linking(&truth, &source).unwrap() } else { Truth::new(&truth) };
        let threshold = MatchWeight::from_bits(f64::from(at));
        let errors = Errors::new(&pairs, found, known, threshold, 1000).unwrap();
        let same = |labels: &[u32], a: u32, b: u32| labels[a as usize] == labels[b as usize];
        let weight = |a, b| pairs.iter().find(|pair| (pair.a, pair.b) == (a, b)).map(|pair| pair.weight);
        // Each wrong pair by its kind, with what it is listed under.
        let mut all: Vec<(usize, u32, PairError)> = Vec::new();
        for (a, b) in (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))) {
            if linking && same(&source, a, b) {
                continue;
            }
            let weight = weight(a, b);
            let error = PairError { a, b, weight };
            match (same(&truth, a, b), same(found, a, b), weight) {
                (false, true, _) => all.push((0, found[a as usize], error)),
                (true, false, None) => all.push((3, truth[a as usize], error)),
                (true, false, Some(own)) => all.push((if own >= threshold { 1 } else { 2 }, truth[a as usize], error)),
                _ => {}
            }
        }
        let counts = [0, 1, 2, 3].map(|kind| all.iter().filter(|(own, ..)| *own == kind).count() as u64);
        prop_assert_eq!(errors.counts, counts);
        for (kind, list) in [&errors.joined, &errors.refused, &errors.low, &errors.unseen].into_iter().enumerate() {
            for error in list {
                let (_, label, _) = all.iter().find(|(own, _, pair)| (own, pair) == (&kind, error)).unwrap();
                let joins = |kind: usize| kind == 0;
                let others = all.iter().filter(|(own, other, _)| joins(*own) == joins(kind) && other == label);
                prop_assert!(others.clone().all(|(.., pair)| pair.weight <= error.weight));
            }
        }
        let labels = |joins: bool| -> BTreeSet<u32> {
            all.iter().filter(|(kind, ..)| (*kind == 0) == joins).map(|(_, label, _)| *label).collect()
        };
        prop_assert_eq!(errors.joined.len(), labels(true).len());
        prop_assert_eq!(errors.refused.len() + errors.low.len() + errors.unseen.len(), labels(false).len());
    }

    #[test]
    fn figures_do_not_depend_on_order_or_names((truth, source, mut pairs) in scored(), turn in 0usize..14) {
        let found: Vec<u32> = truth.iter().zip(&source).map(|(t, s)| t * 2 + s / 2).collect();
        let before = linked_clusters(&found, &truth, &source).unwrap();
        let by = turn % truth.len();
        let turned = |labels: &[u32]| -> Vec<u32> {
            let mut labels: Vec<u32> = labels.iter().map(|label| 1000 - label * 7).collect();
            labels.rotate_left(by);
            labels
        };
        prop_assert_eq!(before, linked_clusters(&turned(&found), &turned(&truth), &turned(&source)).unwrap());
        let known = Truth::new(&truth);
        let all = |pairs: &[ScoredPair]| {
            (Sweep::new(pairs, known).unwrap(), Calibration::new(pairs, known, 5).unwrap(), Expected::best(pairs, 1.0),
                Errors::new(pairs, &found, known, MatchWeight::ZERO, 3).unwrap())
        };
        let before = all(&pairs);
        pairs.reverse();
        pairs.iter_mut().for_each(|pair| std::mem::swap(&mut pair.a, &mut pair.b));
        prop_assert_eq!(before, all(&pairs));
    }
}
