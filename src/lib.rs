//! One view of each customer.
