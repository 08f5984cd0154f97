//! Tests of any value of one list and any of another.

use super::{
    Test,
    check::Measure,
    digest::{Digest, Limit},
    feature::{Feature, Need},
};
use crate::{
    error::{Error, Result},
    similarity::Similarity,
    table::Dictionary,
};

/// A test of two values of lists, by their numbers among all values that lists of the column hold.
pub(super) enum OfValues {
    /// A measure, and the values with their digests.
    Text(Measure, Limit, Vec<Digest>, Dictionary),
    /// A number for equal codes, 0 for none.
    Code(Vec<u32>),
}

impl OfValues {
    pub(super) fn of(test: &Test, values: Dictionary) -> Result<Self> {
        let share = |value: f64| {
            Similarity::new(value).ok_or_else(|| {
                Error::invalid(format!("{value} is no bound of similarity: 0 to 1 is expected"))
            })
        };
        let code = |need: Need| match Feature::of(&values, need) {
            Feature::Code(codes) => Ok(OfValues::Code(codes)),
            _ => Ok(OfValues::Code(Vec::new())),
        };
        let measure = match *test {
            Test::JaroWinkler(least) => Measure::JaroWinkler(share(least)?),
            Test::Jaro(least) => Measure::Jaro(share(least)?),
            Test::Levenshtein(most) => Measure::Levenshtein(most),
            Test::Osa(most) => Measure::Osa(most),
            Test::DamerauLevenshtein(most) => Measure::DamerauLevenshtein(most),
            Test::LevenshteinSimilarity(least) => Measure::LevenshteinSimilarity(share(least)?),
            Test::Prefix(count) => return code(Need::Prefix(count)),
            Test::Suffix(count) => return code(Need::Suffix(count)),
            Test::Soundex => return code(Need::Soundex),
            Test::Metaphone => return code(Need::Metaphone),
            Test::SameLocalPart => return code(Need::LocalPart),
            _ => {
                return Err(Error::invalid(format!(
                    "`{}` is no test of the values of lists: measures of texts, prefix, suffix, soundex, metaphone and \
                     same_local_part are; equal values are shared_words = 1",
                    test.words()
                )));
            }
        };
        let digests = values.texts().map(Digest::of).collect();
        Ok(OfValues::Text(measure, Limit::of(measure), digests, values))
    }

    /// Whether it holds of any value of one list and any of the other.
    pub(super) fn holds(&self, a: &[u32], b: &[u32]) -> bool {
        let pair = |x: u32, y: u32| match self {
            OfValues::Text(measure, limit, digests, values) => {
                limit.may(digests[x as usize], digests[y as usize])
                    && measure.holds(values.text(x), values.text(y))
            }
            OfValues::Code(codes) => codes[x as usize] != 0 && codes[x as usize] == codes[y as usize],
        };
        a.iter().any(|&x| b.iter().any(|&y| pair(x, y)))
    }
}
