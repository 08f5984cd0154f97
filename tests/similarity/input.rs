//! Bad and hostile input: long text, weights and values that make no sense.

use stitchline::similarity::*;

#[test]
fn long_text_takes_linear_memory_and_a_cut_off_bounds_the_time() {
    let a = "abcdefghij".repeat(100_000);
    let b = format!("x{a}");
    assert_eq!(levenshtein_within(&a, &b, Distance::new(2)), Some(Distance::new(1)));
    assert_eq!(levenshtein_within(&a, &"z".repeat(1_000_001), Distance::new(2)), None);
    assert!(jaro_winkler(&a, &b).get() > 0.99);
    assert_eq!(hamming(&a, &a), Some(Distance::ZERO));
}

#[test]
fn ten_megabytes_end_soon_with_a_cut_off() {
    let a = "abcdefghij".repeat(1_000_000);
    let near = format!("{}xy{}", &a[..5_000_000], &a[5_000_001..]);
    let far = "zyxwvutsrq".repeat(1_000_000);
    let two = Distance::new(2);
    assert_eq!(levenshtein_within(&a, &near, two), Some(two));
    assert_eq!(osa_within(&a, &near, two), Some(two));
    assert_eq!(damerau_levenshtein_within(&a, &near, two), Some(two));
    assert_eq!(indel_within(&a, &near, Distance::new(3)), Some(Distance::new(3)));
    for within in [levenshtein_within, osa_within, damerau_levenshtein_within, indel_within] {
        assert_eq!(within(&a, &far, two), None);
        assert_eq!(within(&a, "", two), None);
    }
    // The batches take long texts one by one, with the same bounds.
    let (text, member) = (Prepared::new(&a), Prepared::new(&near));
    let block: Block = [member, Prepared::new(&far)].into_iter().collect();
    let mut out = [Distance::ZERO; 2];
    block.levenshtein(&text, Some(two), &mut out);
    assert_eq!(out, [two, Distance::BEYOND]);
    block.osa(&text, Some(two), &mut out);
    assert_eq!(out, [two, Distance::BEYOND]);
    block.damerau_levenshtein(&text, Some(two), &mut out);
    assert_eq!(out, [two, Distance::BEYOND]);
    block.indel(&text, Some(two), &mut out);
    assert_eq!(out, [Distance::BEYOND; 2]);
    PairBatch::new().osa(&[(a.as_str(), near.as_str()), (&a, &far)], Some(two), &mut out);
    assert_eq!(out, [two, Distance::BEYOND]);
}

#[test]
fn odd_text_is_compared_code_point_by_code_point() {
    // Combining marks alone, a joiner, right-to-left text, a character that folds to several.
    let texts = ["", "\u{301}", "\u{301}\u{302}", "\u{200D}", "שלום עולם", "محمد", "İ", "ß", "\u{7F}", "\0"];
    for (a, b) in texts.iter().flat_map(|a| texts.iter().map(move |b| (*a, *b))) {
        let counts = (a.chars().count(), b.chars().count());
        for score in [
            jaro(a, b),
            jaro_winkler(a, b),
            levenshtein_similarity(a, b),
            damerau_levenshtein_similarity(a, b),
            indel_ratio(a, b),
            token_sort_ratio(a, b),
            token_set_ratio(a, b),
            monge_elkan(a, b, jaro_winkler),
            AffineGap::default().similarity(a, b),
            qgram_jaccard(a, b, 2).unwrap(),
            qgram_dice(a, b, 1).unwrap(),
            qgram_cosine(a, b, 3).unwrap(),
        ] {
            assert!((0.0..=1.0).contains(&score.get()), "{a:?} {b:?}");
            assert!(a != b || score == Similarity::ONE, "{a:?} with itself");
        }
        if a.is_empty() || b.is_empty() {
            assert_eq!(levenshtein(a, b).get() as usize, counts.0.max(counts.1));
            assert_eq!(osa(a, b), levenshtein(a, b));
            assert_eq!(damerau_levenshtein(a, b), levenshtein(a, b));
            assert_eq!(jaro(a, b).get(), f64::from(u8::from(a == b)));
        }
    }
}

#[test]
fn a_million_prepared_names_take_less_than_40_megabytes() {
    // The last one has code points of several pages, which are kept in four bytes each.
    let names =
        ["anna lee", "jürgen müller", "žofie nováková", "мария иванова", "jean-baptiste o'connor", "李小龙"];
    let prepared: Vec<Prepared> =
        (0..1_000_000).map(|i| Prepared::new(&format!("{}{}", names[i % 6], i % 90))).collect();
    let bytes =
        size_of_val::<[Prepared]>(&prepared) + prepared.iter().map(Prepared::heap_bytes).sum::<usize>();
    assert!(bytes < 40_000_000, "{bytes}");
    // In a block they take not many more, characters side by side included.
    let block: Block = prepared.into_iter().take(10_000).collect();
    assert!(block.heap_bytes() < 800_000, "{}", block.heap_bytes());
}

#[test]
fn a_cut_off_beyond_all_lengths_is_no_cut_off() {
    assert_eq!(levenshtein_within("", "", Distance::BEYOND), Some(Distance::ZERO));
    let (a, b) = ("a".repeat(300), "b".repeat(200));
    assert_eq!(levenshtein_within(&a, &b, Distance::BEYOND), Some(Distance::new(300)));
}

#[test]
fn senseless_weights_and_values_are_errors() {
    assert!(AffineGap::new(f64::NAN, 0.0, 0.0, 0.0).is_err());
    assert!(AffineGap::new(1.0, 2.0, 0.0, 0.0).is_err());
    assert!(numeric_similarity(1.0, f64::INFINITY, 1.0).is_err());
    assert!(numeric_similarity(1.0, 2.0, 0.0).is_err());
    assert_eq!(numeric_similarity(f64::MAX, f64::MIN, f64::INFINITY).map(Similarity::get), Ok(1.0));
    assert!(CalendarDate::new(2023, 2, 29).is_err() && CalendarDate::new(2024, 2, 29).is_ok());
    assert!(Place::new(f64::NAN, 0.0).is_err());
    assert!(QGrams::new("abc", 0).is_err() && QGrams::new("abc", 4).is_err());
    assert_eq!(Similarity::new(f64::NAN), None);
}

#[test]
fn the_level_can_be_named() {
    assert_eq!("avx2".parse::<Level>(), Ok(Level::Avx2));
    assert!("sse".parse::<Level>().is_err());
    assert_eq!(Level::Portable.or_below(), Level::Portable);
    assert!(Level::Avx512.or_below().is_supported());
}
