//! One view of each customer.

pub mod similarity;
