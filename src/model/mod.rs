//! The Fellegi–Sunter model: what each level of each comparison says for or against two rows being one customer, in
//! bits.
//!
//! A level has an *m* probability (how often a pair that is one customer is in it) and a *u* probability (how often two
//! rows at random are). Its match weight is log2(m / u), adjusted by how frequent the shared value is; the prior and
//! the weights add up to the log2 of the odds (Fellegi and Sunter, 1969). [`train()`] finds all of them without labels.
//!
//! Beside strangers there are *relatives*: two people of one household or firm, who share address, number or surname.
//! A model can hold how often they agree; what they explain as well as one customer does is taken off the total.

mod bound;
mod decide;
mod em;
mod labels;
mod order;
mod rareness;
pub(crate) mod sample;
mod score;
mod sift;
mod threshold;
mod train;
mod vectors;

pub use em::Convergence;
pub use labels::train_on_labels;
pub use score::{PairScore, Part, Scorer};
pub(crate) use threshold::expected_true;
pub use threshold::{Calibration, calibrate};
pub(crate) use train::train_on;
pub use train::{TrainOptions, Training, Warning, train};

#[cfg(feature = "adapters")]
use crate::settings::from_json;
use crate::{
    compare::Comparison,
    error::{Error, Result},
};
use serde::{Deserialize, Serialize};

/// The version of the form in which models are saved.
pub const VERSION: u32 = 1;

/// The least m or u probability: no level is ever infinitely strong.
pub(crate) const FLOOR: f64 = 1e-12;

/// A probability as the log2 of its odds.
pub(crate) fn log2_odds(p: f64) -> f64 {
    (p / (1.0 - p).max(FLOOR)).log2()
}

fn is_zero(rows: &u32) -> bool {
    *rows == 0
}

/// Comparisons with their probabilities, and the prior.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The version of this form.
    pub version: u32,
    /// The probability that two rows at random are one customer.
    pub prior: f64,
    /// The probability that two rows at random are relatives; 0 where the model knows none.
    #[serde(default)]
    pub relatives: f64,
    /// So many rows with values of their own count as if they were there when term frequencies are taken: how rare a value is,
    /// few rows cannot tell. 0 for models trained on a hundred rows or more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unseen_rows: u32,
    /// The comparisons.
    pub comparisons: Vec<Weighed>,
}

/// A comparison with the probabilities of its levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weighed {
    /// What is compared, and how.
    pub comparison: Comparison,
    /// The probabilities of its levels in their order, and last of all else. Null has none: it says nothing.
    pub levels: Vec<Probabilities>,
}

/// How often pairs are in a level, of those that are not null.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probabilities {
    /// Of pairs that are one customer.
    pub m: f64,
    /// Of two rows at random.
    pub u: f64,
    /// How often two rows have one value where term frequencies adjust this level; u where none is given. It is more
    /// than u, since customers share values with themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collision: Option<f64>,
    /// Of two rows at random that agree in all comparisons that this one is made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<f64>,
    /// Of relatives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relatives: Option<f64>,
}

impl Model {
    /// The model as JSON.
    ///
    /// # Errors
    /// Never for a model that [`Model::check`] passes.
    #[cfg(feature = "adapters")]
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map_err(|error| Error::invalid("the model cannot be written").because(error))
    }

    /// A model out of [`Model::to_json`].
    ///
    /// # Errors
    /// Where the text is no model, is of another version, or has a probability that is none.
    #[cfg(feature = "adapters")]
    pub fn from_json(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            version: Option<u32>,
        }
        let head: Head = from_json(text).map_err(|error| error.about("is no model"))?;
        match head.version {
            Some(VERSION) => {}
            Some(other) => {
                return Err(Error::new(
                    crate::error::ErrorKind::NewerFormat,
                    format!(
                        "is a model of version {other}; this program reads version {VERSION}: train it anew"
                    ),
                ));
            }
            None => return Err(Error::invalid("is no model: it has no `version`")),
        }
        let model: Model = from_json(text).map_err(|error| error.about("is no model"))?;
        model.check()?;
        Ok(model)
    }

    /// Whether every probability is one and every comparison has as many as levels.
    ///
    /// # Errors
    /// Names the comparison at fault.
    pub fn check(&self) -> Result<()> {
        let is = |value: f64| value > 0.0 && value <= 1.0;
        if !is(self.prior) || !(0.0..1.0).contains(&self.relatives) {
            return Err(Error::invalid("a prior must be above 0 and at most 1").in_field("prior"));
        }
        for weighed in &self.comparisons {
            let name = format!("comparison `{}`", weighed.comparison.name);
            if weighed.levels.len() != weighed.comparison.levels.len() + 1 {
                return Err(Error::invalid(format!(
                    "has {} levels and one for all else, but probabilities for {}",
                    weighed.comparison.levels.len(),
                    weighed.levels.len()
                ))
                .in_field(name));
            }
            if !weighed.levels.iter().all(|p| {
                is(p.m)
                    && is(p.u)
                    && p.relatives.is_none_or(is)
                    && p.beside.is_none_or(is)
                    && p.collision.is_none_or(is)
            }) {
                return Err(
                    Error::invalid("has a probability that is not above 0 and at most 1").in_field(name)
                );
            }
        }
        Ok(())
    }

    /// For each comparison, the places of those that it is made of; empty where there are none or one is missing.
    pub(crate) fn made_of(&self) -> Vec<Vec<(usize, u8)>> {
        let place = |name: &String| {
            let at = self.comparisons.iter().position(|own| own.comparison.name == *name)?;
            Some((at, self.comparisons[at].comparison.levels.len() as u8))
        };
        let places = |weighed: &Weighed| -> Option<Vec<(usize, u8)>> {
            let known = weighed.levels.iter().all(|p| p.beside.is_some());
            weighed.comparison.made_of.iter().map(place).collect::<Option<Vec<_>>>().filter(|_| known)
        };
        self.comparisons.iter().map(|weighed| places(weighed).unwrap_or_default()).collect()
    }

    /// The comparisons without their probabilities.
    pub fn comparisons(&self) -> Vec<Comparison> {
        self.comparisons.iter().map(|weighed| weighed.comparison.clone()).collect()
    }
}
