//! A policy compiled for the namespaces in use.

use super::{MatchWeight, Symbol, Symbols};
use crate::{
    policy::{Exclusive, Policy},
    record::Namespace,
};
use std::sync::Arc;

/// What holds of one namespace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) weight: MatchWeight,
    pub(crate) priority: i32,
    pub(crate) sharing_limit: u32,
    pub(crate) exclusive: Option<Exclusive>,
    pub(crate) contradiction: MatchWeight,
    /// Compared, never joined on.
    pub(crate) fact: bool,
    /// Different values mean different parties: facts, and namespaces of which a customer has one for good.
    pub(crate) telling: bool,
}

/// The whole policy as the graph needs it.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    policy: Arc<Policy>,
    pub(crate) prior: MatchWeight,
    pub(crate) link: MatchWeight,
    pub(crate) review: MatchWeight,
    pub(crate) authenticated: MatchWeight,
    rules: Vec<Rule>,
    pub(crate) name: Option<Symbol>,
    windowed: bool,
}

impl Rules {
    pub(crate) fn new(policy: Arc<Policy>) -> Self {
        Rules {
            prior: MatchWeight::from_bits(policy.prior_bits),
            link: MatchWeight::from_bits(policy.link_bits),
            review: MatchWeight::from_bits(policy.review_bits),
            authenticated: MatchWeight::from_bits(policy.authenticated_bits),
            rules: Vec::new(),
            name: None,
            windowed: policy
                .namespaces
                .values()
                .any(|own| own.exclusive.is_some_and(|own| own.within_days.is_some())),
            policy,
        }
    }

    pub(crate) fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Compiles the rules of namespaces that are new since.
    pub(crate) fn cover(&mut self, namespaces: &Symbols) {
        for name in namespaces.names().skip(self.rules.len()) {
            let Some(namespace) = Namespace::new(name) else { continue };
            let own = self.policy.namespace(&namespace);
            let fact = namespace.is_fact();
            if namespace == Namespace::NAME {
                self.name = namespaces.find(name);
            }
            self.rules.push(Rule {
                weight: if fact { MatchWeight::ZERO } else { MatchWeight::from_bits(own.weight_bits) },
                priority: own.priority,
                sharing_limit: own.sharing_limit,
                exclusive: own.exclusive,
                contradiction: MatchWeight::from_bits(own.contradiction_bits),
                fact,
                telling: fact || own.exclusive == Some(Exclusive { most: 1, within_days: None }),
            });
        }
    }

    /// How many namespaces are compiled.
    pub(crate) fn covered(&self) -> usize {
        self.rules.len()
    }

    /// Whether any namespace counts values within a window, so that the last observation matters.
    pub(crate) fn windowed(&self) -> bool {
        self.windowed
    }

    pub(crate) fn of(&self, namespace: Symbol) -> &Rule {
        &self.rules[usize::from(namespace)]
    }
}
