//! A model that is taken survives its own file; one of Splink that is taken can be written for Splink again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stitchline::{model::Model, splink};

fuzz_target!(|text: &str| {
    if let Ok(model) = Model::from_json(text) {
        let written = model.to_json().expect("a checked model can be written");
        assert_eq!(Model::from_json(&written).expect("it was taken before"), model);
    }
    if let Ok(imported) = splink::import(text) {
        splink::custom_tests(&imported.model).expect("its tests were read before");
        let written = splink::export(&imported.spec, &imported.model).expect("what came from Splink can go back");
        let again = splink::import(&written.json).expect("it was written for Splink");
        assert_eq!(again.spec.blocking, imported.spec.blocking);
    }
});
