//! Comparators of texts as words: Monge-Elkan over any comparator of words, token sort and token set ratio.
//!
//! Words are what white space separates.

use super::edit::indel_ratio;
use super::score::Similarity;

/// The mean, over the words of `a`, of each one's best score with a word of `b`.
///
/// Not symmetric: words of `b` that nothing answers to do not count. Two texts without words give 1, one gives 0.
/// O(words of a times words of b) calls of `inner`. Source: Monge and Elkan 1996.
///
/// # Example
/// ```
/// use stitchline::similarity::{jaro_winkler, monge_elkan};
///
/// let score = monge_elkan("lee ann", "ann marie lee", jaro_winkler);
/// assert_eq!(score.get(), 1.0);
/// ```
pub fn monge_elkan(a: &str, b: &str, inner: impl Fn(&str, &str) -> Similarity) -> Similarity {
    let words: Vec<&str> = b.split_whitespace().collect();
    let (mut sum, mut count) = (0.0, 0usize);
    for word in a.split_whitespace() {
        let best = words.iter().map(|other| inner(word, other).get()).fold(0.0, f64::max);
        sum += best;
        count += 1;
    }
    match (count, words.is_empty()) {
        (0, true) => Similarity::ONE,
        (0, false) => Similarity::ZERO,
        _ => Similarity::of((sum / count as f64).clamp(0.0, 1.0)),
    }
}

/// The lesser of [`monge_elkan`] both ways, so that every word of either text must be answered to.
///
/// # Example
/// ```
/// use stitchline::similarity::{jaro_winkler, monge_elkan_both};
///
/// assert!(monge_elkan_both("lee ann", "ann marie lee", jaro_winkler).get() < 1.0);
/// ```
pub fn monge_elkan_both(a: &str, b: &str, inner: impl Fn(&str, &str) -> Similarity) -> Similarity {
    let (there, back) = (monge_elkan(a, b, &inner), monge_elkan(b, a, &inner));
    if there < back { there } else { back }
}

/// [`indel_ratio`] of both texts' words, sorted and joined by one space. O(n log n + n m / 64).
/// Source: RapidFuzz's `token_sort_ratio` divided by 100, except that two texts without words give 1.
///
/// # Example
/// ```
/// assert_eq!(stitchline::similarity::token_sort_ratio("lee  ann", "ann lee").get(), 1.0);
/// ```
#[must_use]
pub fn token_sort_ratio(a: &str, b: &str) -> Similarity {
    let sorted = |text: &str| {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        words.sort_unstable();
        words.join(" ")
    };
    indel_ratio(&sorted(a), &sorted(b))
}

/// The greatest [`indel_ratio`] among: the words that both have, and these followed by what only one of them has.
///
/// 1 where the words of one text are all words of the other. Two texts without words give 1, one gives 0.
/// O(n log n + n m / 64). Source: RapidFuzz's `token_set_ratio` divided by 100, except for texts without words.
///
/// # Example
/// ```
/// assert_eq!(stitchline::similarity::token_set_ratio("ann lee", "ann marie lee").get(), 1.0);
/// ```
#[must_use]
pub fn token_set_ratio(a: &str, b: &str) -> Similarity {
    let words =
        |text: &'_ str| text.split_whitespace().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    let (a, b) = (words(a), words(b));
    if a.is_empty() || b.is_empty() {
        return if a.is_empty() && b.is_empty() { Similarity::ONE } else { Similarity::ZERO };
    }
    let both: Vec<&str> = a.intersection(&b).map(String::as_str).collect();
    let only_a: Vec<&str> = a.difference(&b).map(String::as_str).collect();
    let only_b: Vec<&str> = b.difference(&a).map(String::as_str).collect();
    if !both.is_empty() && (only_a.is_empty() || only_b.is_empty()) {
        return Similarity::ONE;
    }
    let joined = |only: &[&str]| both.iter().chain(only).copied().collect::<Vec<_>>().join(" ");
    let (shared, with_a, with_b) = (both.join(" "), joined(&only_a), joined(&only_b));
    let mut best = indel_ratio(&with_a, &with_b);
    if !both.is_empty() {
        for other in [indel_ratio(&shared, &with_a), indel_ratio(&shared, &with_b)] {
            best = if other > best { other } else { best };
        }
    }
    best
}
