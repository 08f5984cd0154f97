//! Both batch forms, at every level, against strsim. The input is cut into texts at line ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stitchline::similarity::*;

fuzz_target!(|input: (&str, u8)| {
    let (text, cutoff) = input;
    if text.len() > 4000 {
        return;
    }
    let texts: Vec<&str> = text.split('\n').take(140).collect();
    let Some((first, rest)) = texts.split_first() else { return };
    let pairs: Vec<(&str, &str)> = rest.iter().map(|text| (*first, *text)).collect();
    let prepared: Vec<_> = pairs.iter().map(|(a, b)| (Prepared::new(a), Prepared::new(b))).collect();
    let ready: Vec<_> = prepared.iter().map(|(a, b)| (a, b)).collect();
    let query = Prepared::new(first);
    let near = Similarity::new(f64::from(cutoff) / 255.0);
    let hidden = |score: f64| if near.is_some_and(|near| score < near.get()) { 0.0 } else { score };
    let mut scores = vec![Similarity::ZERO; pairs.len()];
    let mut distances = vec![Distance::ZERO; pairs.len()];
    for level in Level::supported() {
        let block = Block::at(level, rest.iter().map(|text| Prepared::new(text)));
        let mut batch = PairBatch::at(level);
        macro_rules! check {
            ($out:ident, $method:ident, $cutoff:expr, $want:expr) => {
                for form in 0..3 {
                    match form {
                        0 => block.$method(&query, $cutoff, &mut $out),
                        1 => batch.$method(&pairs, $cutoff, &mut $out),
                        _ => batch.$method(&ready, $cutoff, &mut $out),
                    }
                    for (got, (a, b)) in $out.iter().zip(&pairs) {
                        assert_eq!(got.get(), $want(a, b), "{level} form {form}");
                    }
                }
            };
        }
        check!(scores, jaro, None, strsim::jaro);
        check!(scores, jaro_winkler, None, strsim::jaro_winkler);
        check!(scores, jaro_winkler, near, |a, b| hidden(strsim::jaro_winkler(a, b)));
        check!(distances, levenshtein, None, |a, b| strsim::levenshtein(a, b) as u32);
        let few = Some(Distance::new(u32::from(cutoff % 16)));
        let far = |all: usize| if all > usize::from(cutoff % 16) { u32::MAX } else { all as u32 };
        check!(distances, levenshtein, few, |a, b| far(strsim::levenshtein(a, b)));
        check!(distances, osa, few, |a, b| far(strsim::osa_distance(a, b)));
        check!(distances, damerau_levenshtein, few, |a, b| far(strsim::damerau_levenshtein(a, b)));
        check!(distances, osa, None, |a, b| strsim::osa_distance(a, b) as u32);
        check!(distances, damerau_levenshtein, None, |a, b| strsim::damerau_levenshtein(a, b) as u32);

        // Neighbours, so that both texts of a pair differ from pair to pair; with the same batch, another number of them.
        let pairs: Vec<(&str, &str)> = texts.windows(2).map(|two| (two[0], two[1])).collect();
        for pairs in [&pairs[..], &pairs[..pairs.len() / 2]] {
            let mut scores = vec![Similarity::ONE; pairs.len()];
            let mut distances = vec![Distance::BEYOND; pairs.len()];
            batch.jaro_winkler(pairs, near, &mut scores);
            batch.levenshtein(pairs, few, &mut distances);
            for ((score, distance), (a, b)) in scores.iter().zip(&distances).zip(pairs) {
                assert_eq!(score.get(), hidden(strsim::jaro_winkler(a, b)), "{level} neighbours");
                assert_eq!(distance.get(), far(strsim::levenshtein(a, b)), "{level} neighbours");
            }
            batch.indel(pairs, None, &mut distances);
            for (distance, (a, b)) in distances.iter().zip(pairs) {
                assert_eq!(*distance, indel(a, b), "{level} neighbours");
            }
        }
    }
});
