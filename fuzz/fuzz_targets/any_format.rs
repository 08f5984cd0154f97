//! Recognition of the format and of gzip, too.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| stitchline_fuzz::check(None, data));
