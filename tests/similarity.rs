//! Every way to compare two strings against the plain one, at every level of instructions.

#[path = "similarity/kernels.rs"]
mod kernels;
