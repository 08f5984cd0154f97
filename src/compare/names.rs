//! Whole names of persons and organisations against each other, whatever the order of words, the script, initials,
//! particles, legal forms and small slips.

use crate::{
    normalize::{fold, nickname, organisation::Organisation, person::PersonName, script},
    similarity::Similarity,
};

/// Names at least this much alike are taken for one party's.
pub const NAMES_ALIKE: f64 = 0.81;

/// Words that belong to names of organisations and tell little of which one.
const OF_ORGANISATIONS: &[&str] = &[
    "academy",
    "agency",
    "army",
    "association",
    "bank",
    "brigade",
    "company",
    "corporation",
    "council",
    "department",
    "fund",
    "government",
    "group",
    "holding",
    "holdings",
    "industries",
    "institute",
    "international",
    "limited",
    "management",
    "ministry",
    "office",
    "organisation",
    "organization",
    "partners",
    "party",
    "systems",
    "trust",
    "union",
    "university",
];
/// Words in names of persons that tell little of whom.
const PARTICLES: &[&str] = &[
    "abd", "abu", "al", "and", "ben", "bin", "bint", "da", "das", "de", "del", "den", "der", "di", "do",
    "dos", "du", "el", "ibn", "la", "le", "na", "ul", "und", "ur", "van", "von", "y",
];
/// Letters that are heard or written for each other.
const NEAR: &[&str] = &[
    "sz", "ck", "vw", "bv", "iy", "ij", "jy", "dt", "kq", "gk", "gj", "bp", "fv", "kx", "1i", "1l", "0o",
    "9g", "mn", "cs", "5s",
];
/// Words of a name that are looked at.
const MOST: usize = 16;
/// Words further apart than this share of their length are different words.
const APART: f64 = 0.55;

/// How alike two names are, in whatever script: 1 for the same words in any order, less for slips, for words that one
/// of them lacks and most for words that contradict. Symmetric. Whether they are an organisation's is seen by legal
/// forms and words such as `bank`; there a further word counts for much more. Of each name 16 words are looked at.
/// O(words² × length²).
///
/// ```
/// use stitchline::compare::{NAMES_ALIKE, names_alike};
///
/// let same = |a, b| names_alike(a, b).get() >= NAMES_ALIKE;
/// assert!(same("Putin, Vladimir", "Владимир Путин") && same("J.-C. Juncker", "Jean-Claude Juncker"));
/// assert!(same("Acme Limited", "ACME Ltd.") && !same("Bowne of Boston, Inc.", "Bowne of Atlanta, Inc."));
/// assert!(!same("Roman Fico", "Robert Fico"));
/// ```
pub fn names_alike(a: &str, b: &str) -> Similarity {
    let (a, b) = (script::latin(a), script::latin(b));
    let (first, second) = (fold::tight(&a), fold::tight(&b));
    if first.is_empty() || second.is_empty() {
        return Similarity::ZERO;
    }
    if first == second {
        return Similarity::ONE;
    }
    // The order of the two must not count.
    let (a, b) = if first <= second { (&a, &b) } else { (&b, &a) };
    let cost = cost(a, b);
    Similarity::new((1.0 - cost).clamp(0.0, 1.0)).unwrap_or(Similarity::ZERO)
}

/// A word with what it counts.
struct Word {
    text: Vec<char>,
    weight: f64,
}

fn word(text: &str, organisation: bool) -> Word {
    let chars: Vec<char> = text.chars().take(64).collect();
    let weight = if !organisation && PARTICLES.contains(&text) {
        0.3
    } else if organisation && OF_ORGANISATIONS.contains(&text) {
        0.6
    } else {
        (length(&chars).max(2.0) / 5.0).min(1.6)
    };
    Word { text: chars, weight }
}

/// The length in letters; a character that is a syllable or a word counts as more.
fn length(text: &[char]) -> f64 {
    text.iter().map(|&c| if is_dense(c) { 2.5 } else { 1.0 }).sum()
}

fn is_dense(c: char) -> bool {
    u32::from(c) >= 0x2e80
}

fn cost(a: &str, b: &str) -> f64 {
    let (one, two) = (Organisation::parse(a), Organisation::parse(b));
    let has_word = |text: &str| fold::words(text).split(' ').any(|word| OF_ORGANISATIONS.contains(&word));
    let form = |organisation: &Option<Organisation>| organisation.as_ref().and_then(Organisation::form);
    let organisation = form(&one).is_some() || form(&two).is_some() || has_word(a) || has_word(b);
    let small = ["of", "for", "in", "the", "and"];
    let words = |raw: &str, parsed: &Option<Organisation>| -> Vec<Word> {
        let text = match parsed {
            Some(parsed) if organisation => parsed.name().to_owned(),
            _ => PersonName::parse(raw).map_or_else(|| fold::words(raw), |name| name.text().to_owned()),
        };
        let all: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        let told: Vec<&str> =
            all.iter().copied().filter(|word| !organisation || !small.contains(word)).collect();
        let kept = if told.is_empty() { all } else { told };
        kept.into_iter().take(MOST).map(|text| word(text, organisation)).collect()
    };
    let (x, y) = (words(a, &one), words(b, &two));
    let other_form = matches!((form(&one), form(&two)), (Some(a), Some(b)) if a != b);
    let by_form = if organisation && other_form { 0.15 } else { 0.0 };
    aligned(&x, &y, organisation, by_form)
}

/// Words of one name that are said to be words of the other.
struct Pairing {
    distance: f64,
    order: f64,
    x: (usize, usize),
    y: (usize, usize),
}

fn aligned(x: &[Word], y: &[Word], organisation: bool, by_form: f64) -> f64 {
    let mut pairings = Vec::new();
    for (i, one) in x.iter().enumerate() {
        for (j, two) in y.iter().enumerate() {
            let mut add = |distance: f64, x: (usize, usize), y: (usize, usize)| {
                if distance <= APART {
                    let order = distance + i.abs_diff(j) as f64 / 1000.0;
                    pairings.push(Pairing { distance, order, x, y });
                }
            };
            add(word_distance(&one.text, &two.text, organisation), (i, i + 1), (j, j + 1));
            if let Some(next) = y.get(j + 1) {
                let joined = joined_distance(&one.text, &two.text, &next.text, organisation);
                joined.into_iter().for_each(|distance| add(distance, (i, i + 1), (j, j + 2)));
            }
            if let Some(next) = x.get(i + 1) {
                let joined = joined_distance(&two.text, &one.text, &next.text, organisation);
                joined.into_iter().for_each(|distance| add(distance, (i, i + 2), (j, j + 1)));
            }
        }
    }
    pairings.sort_by(|a, b| a.order.total_cmp(&b.order).then((a.x, a.y).cmp(&(b.x, b.y))));
    let (mut free_x, mut free_y) = (vec![true; x.len()], vec![true; y.len()]);
    let (mut total, mut cost) = (0.0, by_form);
    let weight = |words: &[Word], (from, to): (usize, usize)| -> f64 {
        words[from..to].iter().map(|word| word.weight).sum()
    };
    for pairing in &pairings {
        let is_free = |free: &[bool], (from, to): (usize, usize)| free[from..to].iter().all(|free| *free);
        if !is_free(&free_x, pairing.x) || !is_free(&free_y, pairing.y) {
            continue;
        }
        free_x[pairing.x.0..pairing.x.1].fill(false);
        free_y[pairing.y.0..pairing.y.1].fill(false);
        let own = weight(x, pairing.x).max(weight(y, pairing.y));
        total += own;
        // Far slips count for more than near ones.
        cost += own * pairing.distance * (1.0 + 1.5 * pairing.distance);
    }
    let left = |words: &[Word], free: &[bool]| -> f64 {
        words.iter().zip(free).filter(|(_, free)| **free).map(|(word, _)| word.weight).sum()
    };
    let (left_x, left_y) = (left(x, &free_x), left(y, &free_y));
    let contradicting = left_x.min(left_y);
    let more = (left_x.max(left_y) - contradicting) * if organisation { 0.9 } else { 0.3 };
    total += contradicting + more;
    cost += 1.6 * contradicting + more;
    cost / total.max(0.5)
}

/// How far apart two words are, as a share of the longer.
fn word_distance(a: &[char], b: &[char], organisation: bool) -> f64 {
    if a == b {
        return 0.0;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() == 1 && long.len() > 1 && short[0] == long[0] {
        return 0.15;
    }
    if !organisation && short.len() > 1 {
        let (one, two): (String, String) = (a.iter().collect(), b.iter().collect());
        if nickname::share(&one, &two) {
            return 0.15;
        }
    }
    edits(a, b) / length(a).max(length(b)).max(3.0)
}

/// A word against two that stand side by side: `VladimirPutin`, and `JC` for `Jean Claude`.
fn joined_distance(one: &[char], first: &[char], second: &[char], organisation: bool) -> Option<f64> {
    if let ([a, b], false) = (one, organisation)
        && first.first() == Some(a)
        && second.first() == Some(b)
    {
        return Some(0.15);
    }
    let whole: Vec<char> = first.iter().chain(second).copied().collect();
    (one.len() > 3 && one.len().abs_diff(whole.len()) < 3)
        .then(|| edits(one, &whole) / length(one).max(length(&whole)))
        .filter(|distance| *distance < 0.2)
}

/// Edits, those that are heard or seen less counting less (after Damerau 1964).
fn edits(a: &[char], b: &[char]) -> f64 {
    let is_vowel = |c: char| "aeiouy".contains(c);
    let one = |text: &[char], at: usize| {
        let c = text[at];
        if is_dense(c) {
            2.0
        } else if at > 0 && text[at - 1] == c {
            0.4
        } else if c == 'h' || is_vowel(c) {
            0.6
        } else {
            1.0
        }
    };
    let other = |x: char, y: char| {
        let near = |pair: &&str| pair.contains(x) && pair.contains(y);
        if x == y {
            0.0
        } else if NEAR.iter().any(near) || is_vowel(x) && is_vowel(y) {
            0.6
        } else if is_dense(x) {
            2.5
        } else {
            1.0
        }
    };
    let width = b.len() + 1;
    let mut rows = vec![0.0f64; (a.len() + 1) * width];
    for i in 1..=a.len() {
        rows[i * width] = rows[(i - 1) * width] + one(a, i - 1);
    }
    for j in 1..=b.len() {
        rows[j] = rows[j - 1] + one(b, j - 1);
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let at = i * width + j;
            let mut least = (rows[at - width - 1] + other(a[i - 1], b[j - 1]))
                .min(rows[at - width] + one(a, i - 1))
                .min(rows[at - 1] + one(b, j - 1));
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[at - 2 * width - 2] + 0.8);
            }
            rows[at] = least;
        }
    }
    rows[a.len() * width + b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_names_share_and_what_parts_them() {
        for (a, b, same) in [
            ("Ann Lee", "LEE, Ann", true),
            ("Ronald Mc Donald", "Ronald McDonald", true),
            ("Bill Stone", "William Stone", true),
            ("Ann Lee", "Bob Lee", false),
            ("Иван Петров", "Ivan Petrov", true),
            ("John Smyth", "John Smith", true),
            ("A. Stone", "Anna Stone", true),
            ("AnnaStone", "Anna Stone", true),
            ("Anna Maria Stone", "Anna Stone", true),
            ("Northern Trading Company", "Northern Company", false),
            ("Northern Trading GmbH", "Northern Trading G.m.b.H.", true),
            ("", "Ann Lee", false),
        ] {
            assert_eq!(names_alike(a, b).get() >= NAMES_ALIKE, same, "{a} / {b}: {:?}", names_alike(a, b));
        }
    }

    proptest! {
        #[test]
        fn symmetric_and_one_for_itself(a in "\\PC{0,30}|[A-Da-d .]{0,20}", b in "\\PC{0,30}|[A-Da-d .]{0,20}") {
            prop_assert_eq!(names_alike(&a, &b), names_alike(&b, &a));
            if !fold::tight(&script::latin(&a)).is_empty() {
                prop_assert_eq!(names_alike(&a, &a), Similarity::ONE);
            }
        }
    }
}
