//! Every way to compare two strings against the plain one, at every level of instructions.

#[path = "similarity/corpus.rs"]
mod corpus;
#[path = "similarity/kernels.rs"]
mod kernels;
