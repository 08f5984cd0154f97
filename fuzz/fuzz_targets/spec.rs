//! A spec that is taken survives its own file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stitchline::{
    link::{Dedupe, Spec},
    model::TrainOptions,
    table::RawTable,
};

fuzz_target!(|text: &str| {
    let Ok(spec) = Spec::from_toml(text) else { return };
    let Ok(written) = spec.to_toml() else { return };
    assert_eq!(Spec::from_toml(&written).expect("it was taken before"), spec);
    let mut rows = RawTable::new(["name", "email"]).expect("two names");
    for id in ["1", "2", "3"] {
        rows.push("crm", id, &["Ann Lee", "ann@example.com"]).expect("two cells");
    }
    let train = TrainOptions { random_pairs: 20, candidate_pairs: 20, ..TrainOptions::default() };
    let _ = Dedupe::of(rows).spec(spec).train(train).run();
});
