//! What the sieve rules out against what the kernels say.

use super::*;
use crate::{
    compare::{Comparison, Level, NEAR, Test},
    table::{ColumnSpec, Kind, RawTable, Table},
};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[ab1é]{1,4}",
        "[abĀ12 ]{3,7}",
        "[a-c]{5}(@[ab])?",
        "[0-9]{6,8}",
        "19[78][01]-0[1-3]-0[1-3]",
        "[ab1]{61,70}",
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let edits = prop_oneof![0u32..4, Just(62), Just(u32::MAX)];
    prop_oneof![
        Just(Test::Exact),
        (0.0f64..=1.0).prop_map(Test::JaroWinkler),
        (0.0f64..=1.0).prop_map(Test::Jaro),
        (0.0f64..=1.0).prop_map(Test::LevenshteinSimilarity),
        (0.0f64..=1.0).prop_map(Test::LocalPartJaroWinkler),
        (0.0f64..=1.0).prop_map(|least| Test::SwappedJaroWinkler("b".into(), least)),
        edits.clone().prop_map(Test::Levenshtein),
        edits.clone().prop_map(Test::Osa),
        edits.prop_map(Test::DamerauLevenshtein),
        (0u32..40).prop_map(Test::Days),
        Just(Test::DayMonthSwapped),
        Just(Test::Initial),
        Just(Test::SameLocalPart),
        Just(Test::Swapped("b".into())),
        Just(Test::Not(Box::new(Test::Initial))),
        Just(Test::On("b".into(), Box::new(Test::Levenshtein(1)))),
        Just(Test::SharedWords(1)),
    ]
}

proptest! {
    #[test]
    fn no_level_that_a_pair_has_is_ruled_out(
        rows in prop::collection::vec((text(), text()), 2..12),
        tests in prop::collection::vec(test(), 1..16),
    ) {
        let mut raw = RawTable::new(["a", "b"]).unwrap();
        for (at, (a, b)) in rows.iter().enumerate() {
            raw.push("s", &at.to_string(), &[a, b]).unwrap();
        }
        let table = Table::prepare(raw, &["a", "b"].map(|name| ColumnSpec::new(name, Kind::Exact))).unwrap();
        let levels = tests.into_iter().map(Level::new);
        let comparison = levels.fold(Comparison::new("c", ["a"]), Comparison::level);
        let bound = Comparisons::bind(&table, &[comparison]).unwrap();
        let sieve = Sieve::new(&bound);
        let count = rows.len() as u32;
        let pairs: Vec<(u32, u32)> = (0..count).flat_map(|a| (0..count).map(move |b| (a, b))).collect();
        let mut lanes = Lanes::<NEAR>::default();
        for some in pairs.chunks(NEAR) {
            let places: Vec<_> = some.iter().map(|&pair| sieve.places(pair)).collect();
            let mut possible = [0; NEAR];
            sieve.deal(&places, &mut lanes);
            sieve.possible(0, &lanes, &mut possible);
            for (&(a, b), possible) in some.iter().zip(possible) {
                let level = bound.level(0, a, b);
                prop_assert!(possible >> level & 1 != 0, "{a} {b} {level} {possible:b}");
                prop_assert_eq!(sieve.possible_of(0, (a, b)), possible);
            }
        }
    }
}

#[test]
fn rows_of_several_pieces_have_their_own_words() {
    let mut raw = RawTable::new(["a", "b"]).unwrap();
    for at in 0..70_000u32 {
        raw.push("s", &at.to_string(), &[format!("x{}", at % 999), format!("{at:o}")]).unwrap();
    }
    let table = Table::prepare(raw, &["a", "b"].map(|name| ColumnSpec::new(name, Kind::Exact))).unwrap();
    let comparison = Comparison::new("c", ["b"]).level(Level::new(Test::Levenshtein(1)));
    let bound = Comparisons::bind(&table, &[comparison]).unwrap();
    let sieve = Sieve::new(&bound);
    for pair in (0..70_000).map(|row| (row, 69_999 - row)) {
        for column in 0..2 {
            let symbols = (table.symbol(pair.0, column), table.symbol(pair.1, column));
            assert_eq!(sieve.symbols(column, sieve.places(pair)), symbols);
        }
    }
}
