//! Scores in full precision, as Splink adds them up.

use crate::{
    compare::Comparisons,
    error::{Error, Result},
    model::Model,
};

/// Scores pairs as Splink does: floating-point weights and term frequencies as shares of the filled rows.
///
/// [`Scorer`](crate::model::Scorer) rounds each weight to a thousandth of a bit, so that sums do not depend on their
/// order, and is many times faster; the two differ by at most half a thousandth for each comparison.
#[derive(Debug)]
pub struct Scores<'a> {
    comparisons: &'a Comparisons<'a>,
    prior: f64,
    levels: Vec<Vec<Weight>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    bits: f64,
    frequency: Option<Frequency>,
}

#[derive(Debug, Clone, Copy)]
struct Frequency {
    column: usize,
    base: f64,
    weight: f64,
    least: f64,
}

impl<'a> Scores<'a> {
    /// Ties a model to the comparisons bound from it.
    ///
    /// # Errors
    /// Where they do not belong together, or a level that is adjusted has no level of equal values to be adjusted from.
    pub fn new(model: &Model, comparisons: &'a Comparisons<'a>) -> Result<Self> {
        model.check()?;
        if model.comparisons.len() != comparisons.len() {
            return Err(Error::invalid("the comparisons are not bound from this model"));
        }
        let mut levels = Vec::with_capacity(model.comparisons.len());
        for weighed in &model.comparisons {
            let own = &weighed.comparison;
            let mut weights = vec![Weight::default()];
            for (at, probabilities) in weighed.levels.iter().enumerate() {
                let mut weight = Weight { bits: (probabilities.m / probabilities.u).log2(), frequency: None };
                if let Some(level) = own.levels.get(at)
                    && let Some(column) = &level.term_frequency
                {
                    let main = own.columns.first();
                    let exact = own.levels.iter().position(|level| level.test.is_equality_of(column, main));
                    let base = exact.and_then(|exact| weighed.levels.get(exact)).ok_or_else(|| {
                        Error::invalid(format!("has no level of equal `{column}` to adjust from"))
                            .in_field(format!("comparison `{}`", own.name))
                    })?;
                    weight.frequency = Some(Frequency {
                        column: comparisons.table().column_of(column)?,
                        base: base.u.log2(),
                        weight: level.term_frequency_weight,
                        least: level.term_frequency_minimum,
                    });
                }
                weights.push(weight);
            }
            levels.push(weights);
        }
        Ok(Scores { comparisons, prior: (model.prior / (1.0 - model.prior)).log2(), levels })
    }

    /// The match weight of two rows in bits, the prior included: Splink's `match_weight`.
    pub fn bits(&self, a: u32, b: u32) -> f64 {
        let mut sum = self.prior;
        for (at, weights) in self.levels.iter().enumerate() {
            let weight = &weights[usize::from(self.comparisons.level(at, a, b))];
            sum += weight.bits;
            if let Some(frequency) = weight.frequency {
                sum += self.adjustment(frequency, a, b);
            }
        }
        sum
    }

    fn adjustment(&self, frequency: Frequency, a: u32, b: u32) -> f64 {
        let table = self.comparisons.table();
        let column = &table.columns()[frequency.column];
        let share = |row: u32| match table.symbol(row, frequency.column) {
            0 => None,
            symbol => Some(f64::from(column.count(symbol)) / column.filled() as f64),
        };
        let (first, second) = (share(a), share(b));
        // The more frequent of the two; a missing one is as frequent as the other.
        let Some(most) = first.into_iter().chain(second).reduce(f64::max) else { return 0.0 };
        frequency.weight * (frequency.base - most.max(frequency.least).log2())
    }
}
