//! Text files as lines and rows: bytes come in, plain or gzip, and lines or the fields of CSV rows go out, in bounded
//! memory.

pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod rows;
pub(crate) mod run;
