//! Every fast path against strsim, on text of all scripts up to 300 code points.

use proptest::prelude::*;
use stitchline::similarity::{
    Block, Distance, Level, PairBatch, Prepared, Similarity, damerau_levenshtein_at,
    damerau_levenshtein_within, indel_within, jaro_at, jaro_winkler_at, lcs_length, lcs_length_at,
    levenshtein_at, levenshtein_within_at, osa_at, osa_within,
};

/// Text as it is met: few letters, so that much matches; one script; or anything.
fn text(most: usize) -> impl Strategy<Value = String> {
    let of = |chars: Vec<char>| prop::collection::vec(prop::sample::select(chars), 0..=most);
    let few = of("ab".chars().collect());
    let names = of(('a'..='p').collect());
    let ascii = of((0u8..=127).map(char::from).collect());
    let cyrillic = of(('а'..='н').chain([' ', '-']).collect());
    let latin = of("aeioué èöß\u{301}\u{200D}İñ".chars().collect());
    let accented = of("aeoszéöšłßÉ¡Ł".chars().collect());
    let any = prop::collection::vec(any::<char>(), 0..=most);
    prop_oneof![few, names.clone(), names, ascii, cyrillic, latin, accented, any].prop_map(String::from_iter)
}

/// Short texts mostly, some around the edges of a word, some long.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![6 => text(9), 4 => text(18), 3 => text(34), 3 => text(70), 1 => text(300)]
}

/// A text and a second one that is unrelated, or the first with a few edits.
fn pair() -> impl Strategy<Value = (String, String)> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..4u8, texts()), 0..4);
    (texts(), texts(), edits, any::<bool>()).prop_map(|(a, b, edits, near)| {
        if !near {
            return (a, b);
        }
        let mut chars: Vec<char> = a.chars().collect();
        for (at, kind, other) in edits {
            let at = at.index(chars.len() + 1);
            let inside = at < chars.len();
            match kind {
                0 => chars.insert(at, other.chars().next().unwrap_or('x')),
                1 if inside => drop(chars.remove(at)),
                2 if at + 1 < chars.len() => chars.swap(at, at + 1),
                _ if inside => chars[at] = other.chars().next().unwrap_or('y'),
                _ => {}
            }
        }
        (a, chars.into_iter().collect())
    })
}

/// Pairs that are short for the most part, as lists of names are: these are compared as they stand, by 64. Among them are
/// letters of several pages, some of which have one code when folded (é and Щ), and pages that overlap (¡, é and ƀ).
fn short_pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    let text = |pattern: String| prop::string::string_regex(&pattern).unwrap();
    let short = move |most: usize| {
        prop_oneof![
            40 => text(format!("[a-d\\x00]{{1,{most}}}")),
            10 => text(format!("[a-déë]{{1,{most}}}")),
            10 => text(format!("[a-dЩЫ]{{1,{most}}}")),
            2 => text("[a-dЩ¡ƀ漢\\x7F]{0,20}".to_owned()),
        ]
    };
    let pair = move |a, b| {
        (short(a), short(b), any::<bool>(), any::<prop::sample::Index>()).prop_map(|(a, b, near, at)| {
            if !near || a.is_empty() {
                return (a, b);
            }
            let mut chars: Vec<char> = a.chars().collect();
            let at = at.index(chars.len());
            chars[at] = b.chars().next().unwrap_or('z');
            (a, chars.into_iter().collect())
        })
    };
    let pairs = move |a, b| prop::collection::vec(pair(a, b), 0..300);
    prop_oneof![pairs(8, 8), pairs(8, 16), pairs(16, 16), pairs(6, 12)]
}

/// Long runs of one kind and of the other, so that short text is left untried for a while and tried again.
fn lists() -> impl Strategy<Value = Vec<(String, String)>> {
    let long = || prop::collection::vec(pair(), 0..200);
    let runs = (long(), short_pairs(), 0usize..8).prop_map(|(long, short, times)| {
        let mut list: Vec<_> = long.iter().cycle().take(times * long.len()).cloned().collect();
        list.extend(short);
        list
    });
    prop_oneof![4 => long(), 4 => short_pairs(), 1 => runs]
}

fn distance(edits: usize) -> Distance {
    Distance::new(edits as u32)
}

/// Longest common subsequence by the textbook's table.
fn plain_lcs(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row = vec![0; b.len() + 1];
    for x in a.chars() {
        let mut corner = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == *y { corner + 1 } else { above.max(row[j]) };
            corner = above;
        }
    }
    row[b.len()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn two_texts_equal_strsim((a, b) in pair()) {
        for level in Level::supported() {
            prop_assert_eq!(jaro_at(level, &a, &b).get(), strsim::jaro(&a, &b), "{}", level);
            prop_assert_eq!(jaro_winkler_at(level, &a, &b).get(), strsim::jaro_winkler(&a, &b), "{}", level);
            prop_assert_eq!(levenshtein_at(level, &a, &b), distance(strsim::levenshtein(&a, &b)), "{}", level);
            prop_assert_eq!(osa_at(level, &a, &b), distance(strsim::osa_distance(&a, &b)), "{}", level);
            prop_assert_eq!(lcs_length_at(level, &a, &b), plain_lcs(&a, &b), "{}", level);
            let damerau = distance(strsim::damerau_levenshtein(&a, &b));
            prop_assert_eq!(damerau_levenshtein_at(level, &a, &b), damerau, "{}", level);
        }
        let (p, q) = (Prepared::new(&a), Prepared::new(&b));
        prop_assert_eq!(p.jaro(&q).get(), strsim::jaro(&a, &b));
        prop_assert_eq!(p.jaro_winkler(&q).get(), strsim::jaro_winkler(&a, &b));
        prop_assert_eq!(p.levenshtein(&q), distance(strsim::levenshtein(&a, &b)));
        prop_assert_eq!(p.osa(&q), distance(strsim::osa_distance(&a, &b)));
        prop_assert_eq!(p.damerau_levenshtein(&q), distance(strsim::damerau_levenshtein(&a, &b)));
        prop_assert_eq!(p.lcs_length(&q), lcs_length(&a, &b));
    }

    #[test]
    fn a_cut_off_only_hides((a, b) in pair(), most in 0usize..120) {
        let want = |all: usize| (all <= most).then(|| distance(all));
        let limit = distance(most);
        let levenshtein = want(strsim::levenshtein(&a, &b));
        for level in Level::supported() {
            prop_assert_eq!(levenshtein_within_at(level, &a, &b, limit), levenshtein, "{}", level);
        }
        let (p, q) = (Prepared::new(&a), Prepared::new(&b));
        prop_assert_eq!(p.levenshtein_within(&q, limit), levenshtein);
        prop_assert_eq!(osa_within(&a, &b, limit), want(strsim::osa_distance(&a, &b)));
        let damerau = want(strsim::damerau_levenshtein(&a, &b));
        prop_assert_eq!(damerau_levenshtein_within(&a, &b, limit), damerau);
        let indel = a.chars().count() + b.chars().count() - 2 * plain_lcs(&a, &b);
        prop_assert_eq!(indel_within(&a, &b, limit), want(indel));
    }
}

/// Members and a text that is often one of them or near.
fn block() -> impl Strategy<Value = (Vec<String>, String)> {
    let members = prop_oneof![
        prop::collection::vec(text(9), 0..150),
        prop::collection::vec(text(20), 0..150),
        prop::collection::vec(texts(), 0..100),
    ];
    (members, pair()).prop_map(|(mut members, (a, b))| {
        members.push(b);
        (members, a)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn one_against_many_equals_strsim((members, text) in block(), cutoff in 0.0f64..1.0, most in 0u32..12) {
        let near = Similarity::new(cutoff).unwrap();
        let few = Distance::new(most);
        let prepared = Prepared::new(&text);
        for level in Level::supported() {
            let block = Block::at(level, members.iter().map(|member| Prepared::new(member)));
            let mut scores = vec![Similarity::ONE; members.len()];
            let mut check = |run: &dyn Fn(&mut [Similarity]), want: &dyn Fn(&str) -> f64| {
                run(&mut scores);
                for (score, member) in scores.iter().zip(&members) {
                    prop_assert_eq!(score.get(), want(member), "{} {:?} {:?}", level, text, member);
                }
                Ok(())
            };
            let hidden = |score: f64| if score < cutoff { 0.0 } else { score };
            check(&|out| block.jaro(&prepared, None, out), &|m| strsim::jaro(&text, m))?;
            check(&|out| block.jaro_winkler(&prepared, None, out), &|m| strsim::jaro_winkler(&text, m))?;
            check(&|out| block.jaro(&prepared, Some(near), out), &|m| hidden(strsim::jaro(&text, m)))?;
            check(
                &|out| block.jaro_winkler(&prepared, Some(near), out),
                &|m| hidden(strsim::jaro_winkler(&text, m)),
            )?;
            let mut distances = vec![Distance::ZERO; members.len()];
            type Call<'a> = &'a dyn Fn(Option<Distance>, &mut [Distance]);
            let mut check = |run: Call<'_>, want: &dyn Fn(&str) -> usize| {
                for cutoff in [None, Some(few)] {
                    run(cutoff, &mut distances);
                    for (got, member) in distances.iter().zip(&members) {
                        let want = distance(want(member));
                        let want = if cutoff.is_some_and(|most| want > most) { Distance::BEYOND } else { want };
                        prop_assert_eq!(*got, want, "{} {:?} {:?}", level, text, member);
                    }
                }
                Ok(())
            };
            check(&|most, out| block.levenshtein(&prepared, most, out), &|m| strsim::levenshtein(&text, m))?;
            check(&|most, out| block.osa(&prepared, most, out), &|m| strsim::osa_distance(&text, m))?;
            check(
                &|most, out| block.damerau_levenshtein(&prepared, most, out),
                &|m| strsim::damerau_levenshtein(&text, m),
            )?;
            check(
                &|most, out| block.indel(&prepared, most, out),
                &|m| text.chars().count() + m.chars().count() - 2 * plain_lcs(&text, m),
            )?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn independent_pairs_equal_strsim(
        texts in lists(),
        cutoff in 0.0f64..1.0,
        most in 0u32..12,
    ) {
        let prepared: Vec<_> = texts.iter().map(|(a, b)| (Prepared::new(a), Prepared::new(b))).collect();
        let pairs: Vec<(&str, &str)> = texts.iter().map(|(a, b)| (&**a, &**b)).collect();
        let ready: Vec<_> = prepared.iter().map(|(a, b)| (a, b)).collect();
        for level in Level::supported() {
            let mut batch = PairBatch::at(level);
            let mut scores = vec![Similarity::ONE; texts.len()];
            let mut distances = vec![Distance::ZERO; texts.len()];
            macro_rules! check {
                ($out:ident, $method:ident, $cutoff:expr, $want:expr) => {
                    batch.$method(&pairs, $cutoff, &mut $out);
                    for (got, (a, b)) in $out.iter().zip(&pairs) {
                        prop_assert_eq!(got.get(), $want(a, b), "{} {:?} {:?}", level, a, b);
                    }
                    $out.fill(Default::default());
                    batch.$method(&ready, $cutoff, &mut $out);
                    for (got, (a, b)) in $out.iter().zip(&pairs) {
                        prop_assert_eq!(got.get(), $want(a, b), "prepared {} {:?} {:?}", level, a, b);
                    }
                };
            }
            let near = Similarity::new(cutoff);
            let hidden = |score: f64| if score < cutoff { 0.0 } else { score };
            check!(scores, jaro, None, strsim::jaro);
            check!(scores, jaro_winkler, None, strsim::jaro_winkler);
            check!(scores, jaro_winkler, near, |a, b| hidden(strsim::jaro_winkler(a, b)));
            let few = Some(Distance::new(most));
            let far = |count: usize| if count as u32 > most { u32::MAX } else { count as u32 };
            check!(distances, levenshtein, None, |a, b| strsim::levenshtein(a, b) as u32);
            check!(distances, levenshtein, few, |a, b| far(strsim::levenshtein(a, b)));
            check!(distances, osa, None, |a, b| strsim::osa_distance(a, b) as u32);
            check!(distances, damerau_levenshtein, None, |a, b| strsim::damerau_levenshtein(a, b) as u32);
            let indel = |a: &str, b: &str| (a.chars().count() + b.chars().count() - 2 * plain_lcs(a, b)) as u32;
            check!(distances, indel, None, indel);
        }
    }
}
