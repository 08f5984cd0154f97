//! The identity graph: from shared identifiers and people's words to clusters of records, by ordered contraction
//! under guards.
//!
//! `Identity` holds records, identifiers and who carries which. `Component` is a self-contained copy of one
//! connected part, `contract` decides it and is a pure function, `Decider` keeps the decisions up to date as
//! inputs change. Nothing outside a changed component is looked at.

mod component;
mod content;
mod contract;
mod decide;
mod rules;
mod symbols;
mod tables;
mod view;

pub use crate::weight::MatchWeight;
pub(crate) use component::{Component, Evidence};
pub(crate) use content::Content;
pub(crate) use contract::Guard;
pub(crate) use contract::{Contraction, Decision, contract};
pub(crate) use decide::Decider;
pub(crate) use rules::Rules;
pub(crate) use symbols::{Symbol, Symbols};
pub(crate) use tables::{
    AssertionRow, Cell, CellFlags, Crowd, IdentifierRow, Identity, NONE, OlderRow, RecordFlags, RecordId,
    RecordRow, full, next_row,
};
pub(crate) use view::View;
