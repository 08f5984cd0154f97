//! The spec of a run: columns, comparisons, blocking rules and clustering as data.

use crate::{
    block::{Between, BlockingRule, Key},
    compare::Comparison,
    error::{Error, Result},
    table::ColumnSpec,
};
use serde::{Deserialize, Serialize};

/// All that a run decides by, but for the model. TOML; see [`Spec::to_toml`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Links with at least this probability; chosen by the expected F1 where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How links become customers.
    #[serde(default)]
    pub clustering: Clustering,
    /// Which pairs count by their sources.
    #[serde(default)]
    pub between: Between,
    /// Whether a customer has at most one row of each source.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_per_source: bool,
    /// Blocks of more rows are split.
    #[serde(default = "largest_block")]
    pub largest_block: usize,
    /// By what they are split, in this order.
    #[serde(default)]
    pub split_by: Vec<Key>,
    /// The columns that are made of those of the data.
    pub columns: Vec<ColumnSpec>,
    /// Which pairs are compared.
    pub blocking: Vec<BlockingRule>,
    /// How pairs are compared.
    pub comparisons: Vec<Comparison>,
}

fn largest_block() -> usize {
    200
}

/// How links become customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Clustering {
    /// The strongest link first, and each asks what speaks against: [`contract`](crate::cluster::contract()).
    #[default]
    Contraction,
    /// [`components`](crate::cluster::components).
    Components,
    /// [`centres`](crate::cluster::centres).
    Centres,
    /// [`best_links`](crate::cluster::best_links).
    BestLinks,
}

impl Default for Spec {
    fn default() -> Self {
        Spec {
            threshold: None,
            clustering: Clustering::default(),
            between: Between::default(),
            one_per_source: false,
            largest_block: largest_block(),
            split_by: Vec::new(),
            columns: Vec::new(),
            blocking: Vec::new(),
            comparisons: Vec::new(),
        }
    }
}

impl Spec {
    /// A spec out of TOML.
    ///
    /// # Errors
    /// Where the text is no spec; the message has the line.
    pub fn from_toml(text: &str) -> Result<Self> {
        let spec: Spec = toml::from_str(text)
            .map_err(|error| Error::invalid(format!("is no spec: {error}")).because(error))?;
        if spec.threshold.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            return Err(Error::invalid("is a probability, 0 to 1").in_field("threshold"));
        }
        Ok(spec)
    }

    /// The spec as TOML.
    ///
    /// # Errors
    /// Where a part of it cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(self).map_err(|error| Error::invalid("the spec cannot be written").because(error))
    }
}
