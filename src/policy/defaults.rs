//! The policy that a deployment starts from, and why each figure is what it is.

use super::{
    EmailPolicy, Exclusive, NamespacePolicy, POLICY_VERSION, PUBLIC_PROJECT, Policy, RetentionPolicy,
};
use crate::record::Namespace;
use std::collections::BTreeMap;

impl Default for Policy {
    fn default() -> Self {
        Policy {
            version: POLICY_VERSION,
            project: PUBLIC_PROJECT,
            default_region: None,
            month_first: false,
            prior_bits: -20.0,
            link_bits: 4.0,
            review_bits: 0.0,
            authenticated_bits: 4.0,
            email: EmailPolicy::default(),
            prefer_sources: Vec::new(),
            retention: RetentionPolicy::default(),
            namespaces: namespaces(),
        }
    }
}

impl Default for NamespacePolicy {
    fn default() -> Self {
        NamespacePolicy {
            weight_bits: 22.0,
            priority: 0,
            sharing_limit: 4,
            exclusive: None,
            contradiction_bits: 0.0,
            blocked: Vec::new(),
            allowed: Vec::new(),
        }
    }
}

/// Weights follow how seldom two persons share a value: a login hardly ever, an address seldom, a number or a browser
/// more often. Facts are weak evidence against, since names and dates are often mistyped: a number that shows two
/// parties does not join them over a conflict of names, an address does. The figures come from generated data with
/// known truth (`cargo bench --bench engine -- accuracy`).
pub(super) fn namespaces() -> BTreeMap<String, NamespacePolicy> {
    let one = Some(Exclusive { most: 1, within_days: None });
    let plain = |weight_bits: f64, priority: i32, sharing_limit: u32| NamespacePolicy {
        weight_bits,
        priority,
        sharing_limit,
        ..NamespacePolicy::default()
    };
    let exclusive =
        |weight_bits, priority| NamespacePolicy { exclusive: one, ..plain(weight_bits, priority, 4) };
    let fact = |contradiction_bits| NamespacePolicy { contradiction_bits, ..plain(0.0, 0, 4) };
    [
        (Namespace::RECORD, plain(60.0, 100, 1000)),
        (Namespace::GOVERNMENT, plain(40.0, 90, 4)),
        (Namespace::CRM, exclusive(38.0, 80)),
        (Namespace::LOGIN, exclusive(36.0, 70)),
        (Namespace::ACCOUNT, plain(32.0, 60, 4)),
        (Namespace::EMAIL, plain(28.0, 50, 5)),
        (Namespace::SOCIAL, plain(28.0, 40, 4)),
        (Namespace::PHONE, plain(26.0, 30, 5)),
        (Namespace::DEVICE, plain(26.0, 20, 4)),
        (Namespace::COOKIE, plain(25.0, 10, 4)),
        (Namespace::NAME, fact(2.0)),
        (Namespace::BIRTH, fact(1.0)),
    ]
    .into_iter()
    .map(|(namespace, policy)| (namespace.as_str().to_owned(), policy))
    .collect()
}
