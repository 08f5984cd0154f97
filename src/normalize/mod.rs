//! Normal forms of identifiers.

pub mod phone;
