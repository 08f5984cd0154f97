//! The verbs: each has its arguments and a `run`.

pub(crate) mod assertion;
pub(crate) mod changes;
pub(crate) mod compare;
pub(crate) mod convert;
pub(crate) mod customer;
pub(crate) mod dedupe;
pub(crate) mod delete;
pub(crate) mod demo;
pub(crate) mod erase;
pub(crate) mod evaluate;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod generate;
pub(crate) mod ingest;
mod linked;
pub(crate) mod model;
pub(crate) mod policy;
pub(crate) mod replay;
pub(crate) mod review;
pub(crate) mod stats;
mod summary;
pub(crate) mod timeline;
pub(crate) mod unresolved;
mod words;
