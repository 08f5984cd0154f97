#![no_main]

use libfuzzer_sys::fuzz_target;
use stitchline::store::codec::{decode, encode};

// Damaged bytes give an error; what is read is written as it was, so one input has one stored form.
fuzz_target!(|data: &[u8]| {
    if let Ok(input) = decode(data) {
        let mut bytes = Vec::new();
        encode(&input, &mut bytes);
        let again = decode(&bytes).expect("what was written can be read");
        let mut twice = Vec::new();
        encode(&again, &mut twice);
        assert_eq!(bytes, twice);
    }
});
