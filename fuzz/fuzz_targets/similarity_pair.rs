//! Two texts at a time, at every level, against strsim.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stitchline::similarity::*;

fuzz_target!(|texts: (&str, &str, u8)| {
    let (a, b, most) = texts;
    // strsim is quadratic, in memory too.
    if a.len() > 1200 || b.len() > 1200 {
        return;
    }
    let (jaro, winkler) = (strsim::jaro(a, b), strsim::jaro_winkler(a, b));
    let (levenshtein, osa) = (strsim::levenshtein(a, b), strsim::osa_distance(a, b));
    let damerau = strsim::damerau_levenshtein(a, b);
    let limit = Distance::new(most.into());
    let kept = |all: usize| (all <= usize::from(most)).then(|| Distance::new(all as u32));
    for level in Level::supported() {
        assert_eq!(jaro_at(level, a, b).get(), jaro);
        assert_eq!(jaro_winkler_at(level, a, b).get(), winkler);
        assert_eq!(levenshtein_at(level, a, b).get() as usize, levenshtein);
        assert_eq!(osa_at(level, a, b).get() as usize, osa);
        assert!(lcs_length_at(level, a, b) <= a.chars().count());
        assert_eq!(damerau_levenshtein_at(level, a, b).get() as usize, damerau);
        assert_eq!(levenshtein_within_at(level, a, b, limit), kept(levenshtein));
    }
    assert_eq!(osa_within(a, b, limit), kept(osa));
    assert_eq!(damerau_levenshtein_within(a, b, limit), kept(damerau));
    let indels = indel(a, b).get() as usize;
    assert_eq!(indel_within(a, b, limit), kept(indels));
    let (p, q) = (Prepared::new(a), Prepared::new(b));
    assert_eq!((p.to_string().as_str(), q.to_string().as_str()), (a, b));
    assert_eq!(p.jaro_winkler(&q).get(), winkler);
    assert_eq!(p.levenshtein(&q).get() as usize, levenshtein);

    // These have no oracle here: no panic, no NaN, equal texts are equal.
    for q in 1..=3 {
        let (x, y) = (QGrams::new(a, q).unwrap(), QGrams::new(b, q).unwrap());
        for score in [x.jaccard(&y), x.dice(&y), x.cosine(&y)] {
            assert!((0.0..=1.0).contains(&score.get()));
        }
        assert_eq!(x.jaccard(&x), Similarity::ONE);
    }
    for score in [
        monge_elkan_both(a, b, jaro_winkler),
        token_sort_ratio(a, b),
        token_set_ratio(a, b),
        AffineGap::default().similarity(a, b),
    ] {
        assert!((0.0..=1.0).contains(&score.get()));
    }
    let _ = (soundex(a), nysiis(a), metaphone(a));
    let _ = (double_metaphone(a), cologne(a), caverphone(a), match_rating(a));
});
