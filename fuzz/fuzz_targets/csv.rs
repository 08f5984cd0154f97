#![no_main]

use libfuzzer_sys::fuzz_target;
use stitchline::ingest::Format;

fuzz_target!(|data: &[u8]| stitchline_fuzz::check(Some(Format::Csv), data));
