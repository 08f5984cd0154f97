//! A policy that is taken survives its own file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stitchline::{Policy, ingest::Mapping};

fuzz_target!(|text: &str| {
    let _ = Mapping::from_toml(text);
    if let Ok(policy) = Policy::from_toml(text) {
        assert_eq!(Policy::from_toml(&policy.to_toml()).expect("it was taken before"), policy);
    }
});
