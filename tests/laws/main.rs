//! The laws of the engine as property tests, each against a recomputation from scratch that shares no code with the
//! incremental path.
//!
//! `STITCHLINE_CASES=20000 cargo test --release --test laws` looks longer. A failing case is made small, printed, and
//! left as a file of inputs that the command line can replay.

mod answers;
mod as_of;
mod contraction;
mod crash;
mod erasure;
mod feed;
mod ids;
mod inputs;
mod oracle;
mod order;
mod saving;
mod shelf;
mod stores;
