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
