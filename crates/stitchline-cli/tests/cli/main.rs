//! The program as its users see it: what it prints, what it writes and how it exits.

// A helper of tests may end a test.
#![allow(clippy::unwrap_used)]

mod bad_rows;
mod compare;
mod convert;
mod dedupe;
mod demo;
mod evaluate;
mod generated;
mod guide;
mod ingest;
mod mistakes;
mod program;
mod questions;
mod safety;
mod steward;
