//! Raw text to canonical values: e-mail addresses, names, dates of birth, opaque ids, and what is junk.
//!
//! Every function takes text as a source sent it and returns the canonical form or the reason why there is none.

pub mod birth;
pub mod email;
pub mod junk;
pub mod name;
pub mod opaque;
pub mod phone;
