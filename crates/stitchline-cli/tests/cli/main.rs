//! The program as its users see it: what it prints, what it writes and how it exits.

mod demo;
mod generated;
mod ingest;
mod program;
mod questions;
mod steward;
