//! Every way to compare two strings against the plain one, at every level of instructions.
// The lint's own leave is for functions marked as tests, not for their helpers.
#![allow(clippy::unwrap_used)]

#[path = "similarity/corpus.rs"]
mod corpus;
#[path = "similarity/input.rs"]
mod input;
#[path = "similarity/kernels.rs"]
mod kernels;
