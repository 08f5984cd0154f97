//! Words of a person's name that are no name: titles, generations, degrees and particles.

/// Titles before a name, by their folded form, with the one word that stands for each.
const TITLES: &[(&str, &str)] = &[
    ("capt", "capt"),
    ("captain", "capt"),
    ("col", "col"),
    ("colonel", "col"),
    ("dame", "dame"),
    ("doctor", "dr"),
    ("doktor", "dr"),
    ("don", "mr"),
    ("dona", "mrs"),
    ("dott", "dr"),
    ("dr", "dr"),
    ("dra", "dr"),
    ("father", "rev"),
    ("frau", "mrs"),
    ("gen", "gen"),
    ("general", "gen"),
    ("haji", "haji"),
    ("hajji", "haji"),
    ("herr", "mr"),
    ("hon", "hon"),
    ("hr", "mr"),
    ("ing", "ing"),
    ("lady", "lady"),
    ("lieutenant", "lt"),
    ("lord", "lord"),
    ("lt", "lt"),
    ("madam", "mrs"),
    ("madame", "mrs"),
    ("maj", "maj"),
    ("major", "maj"),
    ("mevrouw", "mrs"),
    ("mgr", "mgr"),
    ("miss", "ms"),
    ("mister", "mr"),
    ("mlle", "ms"),
    ("mme", "mrs"),
    ("monsieur", "mr"),
    ("mr", "mr"),
    ("mrs", "mrs"),
    ("ms", "ms"),
    ("mullah", "mullah"),
    ("mx", "mx"),
    ("pastor", "rev"),
    ("prof", "prof"),
    ("professor", "prof"),
    ("rev", "rev"),
    ("reverend", "rev"),
    ("senor", "mr"),
    ("senora", "mrs"),
    ("senorita", "ms"),
    ("sgt", "sgt"),
    ("shaikh", "sheikh"),
    ("sheik", "sheikh"),
    ("sheikh", "sheikh"),
    ("signor", "mr"),
    ("signora", "mrs"),
    ("sir", "sir"),
    ("sr", "mr"),
    ("sra", "mrs"),
    ("srta", "ms"),
];

/// Degrees and honours behind a name.
const DEGREES: &[&str] = &[
    "ba", "bsc", "cbe", "cpa", "dds", "dphil", "esq", "esquire", "jd", "kbe", "llb", "llm", "ma", "mba",
    "mbe", "md", "mp", "msc", "obe", "phd", "qc", "rn",
];

/// Degrees that are also names or short words: only behind a comma or in upper case.
const SHORT: &[&str] = &["ba", "jd", "ma", "md", "mp", "qc", "rn"];

/// Words that belong to the family name behind them.
const PARTICLES: &[&str] = &[
    "abd", "abu", "af", "al", "av", "ben", "bin", "bint", "d", "da", "das", "de", "del", "dela", "della",
    "den", "der", "di", "do", "dos", "du", "e", "el", "ibn", "la", "las", "le", "los", "mac", "mc", "san",
    "santa", "st", "ten", "ter", "van", "vande", "vanden", "vander", "vom", "von", "y", "zu", "zum", "zur",
];

/// The one word for a title.
pub(super) fn title(word: &str) -> Option<&'static str> {
    TITLES.binary_search_by_key(&word, |&(known, _)| known).ok().map(|at| TITLES[at].1)
}

/// The number of a generation: 1 for the elder, 2 for the younger or the second, and so on.
pub(super) fn generation(word: &str) -> Option<u8> {
    Some(match word {
        "sr" | "snr" | "senior" | "i" => 1,
        "jr" | "jnr" | "junior" | "ii" | "2nd" => 2,
        "iii" | "3rd" => 3,
        "iv" | "4th" => 4,
        _ => return None,
    })
}

/// Whether a word is a degree; `sure` where it stands behind a comma or in upper case.
pub(super) fn is_degree(word: &str, sure: bool) -> bool {
    DEGREES.binary_search(&word).is_ok() && (sure || SHORT.binary_search(&word).is_err())
}

/// Whether a word belongs to the family name behind it.
pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(TITLES.is_sorted_by(|a, b| a.0 < b.0));
        for list in [DEGREES, SHORT, PARTICLES] {
            assert!(list.is_sorted_by(|a, b| a < b), "{:?}", list.windows(2).find(|w| w[0] >= w[1]));
        }
    }
}
