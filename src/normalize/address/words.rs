//! Words of addresses that are written in several ways, and words that say what stands beside them.

/// Words and what they are written as, folded, in alphabetical order. Kinds of streets and directions in the languages
/// that share the Latin script.
const SHORT: &[(&str, &str)] = &[
    ("alameda", "al"),
    ("allee", "all"),
    ("apartment", "apt"),
    ("appartement", "apt"),
    ("avda", "av"),
    ("ave", "av"),
    ("aven", "av"),
    ("avenida", "av"),
    ("avenue", "av"),
    ("avn", "av"),
    ("boul", "blvd"),
    ("boulevard", "blvd"),
    ("boulv", "blvd"),
    ("bvd", "blvd"),
    ("calle", "c"),
    ("circle", "cir"),
    ("circuit", "cct"),
    ("close", "cl"),
    ("corner", "cnr"),
    ("cottage", "cott"),
    ("court", "ct"),
    ("courts", "ct"),
    ("cove", "cv"),
    ("cres", "cr"),
    ("crescent", "cr"),
    ("crossing", "xing"),
    ("crt", "ct"),
    ("drive", "dr"),
    ("drv", "dr"),
    ("east", "e"),
    ("esplanade", "esp"),
    ("estate", "est"),
    ("expressway", "expy"),
    ("floor", "fl"),
    ("fort", "ft"),
    ("freeway", "fwy"),
    ("garden", "gdn"),
    ("gardens", "gdn"),
    ("gdns", "gdn"),
    ("green", "grn"),
    ("grove", "gr"),
    ("grv", "gr"),
    ("heights", "hts"),
    ("highway", "hwy"),
    ("hill", "hl"),
    ("house", "hse"),
    ("island", "is"),
    ("junction", "jct"),
    ("lane", "ln"),
    ("mount", "mt"),
    ("mountain", "mt"),
    ("north", "n"),
    ("northeast", "ne"),
    ("northwest", "nw"),
    ("parade", "pde"),
    ("park", "pk"),
    ("parkway", "pkwy"),
    ("place", "pl"),
    ("platz", "pl"),
    ("plaza", "plz"),
    ("point", "pt"),
    ("prk", "pk"),
    ("retirement", "ret"),
    ("retrmnt", "ret"),
    ("road", "rd"),
    ("route", "rte"),
    ("saint", "st"),
    ("sainte", "st"),
    ("south", "s"),
    ("southeast", "se"),
    ("southwest", "sw"),
    ("sq", "sq"),
    ("square", "sq"),
    ("station", "stn"),
    ("ste", "st"),
    ("str", "st"),
    ("straat", "st"),
    ("strasse", "st"),
    ("street", "st"),
    ("streets", "st"),
    ("strt", "st"),
    ("terr", "tce"),
    ("terrace", "tce"),
    ("trail", "trl"),
    ("turnpike", "tpke"),
    ("valley", "vly"),
    ("via", "v"),
    ("village", "vlg"),
    ("villge", "vlg"),
    ("vlge", "vlg"),
    ("walk", "wk"),
    ("way", "wy"),
    ("west", "w"),
];

/// Kinds of streets in their short form: a street's name ends here in English order.
const KINDS: &[&str] = &[
    "av", "blvd", "cct", "cir", "cl", "cr", "ct", "cv", "dr", "esp", "expy", "fwy", "gdn", "gr", "hwy", "ln",
    "pde", "pkwy", "pl", "plz", "rd", "sq", "st", "tce", "tpke", "trl", "wk", "wy",
];

/// Words before a unit's number.
const UNITS: &[&str] = &[
    "apt", "appt", "flat", "fl", "floor", "lot", "office", "rm", "room", "shop", "ste", "suite", "top",
    "unit", "whg",
];

/// The short form of a folded word; the word itself where it has none.
pub(super) fn short(word: &str) -> &str {
    SHORT.binary_search_by_key(&word, |&(long, _)| long).map_or(word, |at| SHORT[at].1)
}

/// Whether a short form is a kind of street.
pub(super) fn is_kind(word: &str) -> bool {
    KINDS.binary_search(&word).is_ok()
}

/// Whether a unit's number follows a folded word as written.
pub(super) fn is_unit(word: &str) -> bool {
    UNITS.contains(&word) || matches!(word, "apartment" | "appartement" | "apto" | "piso" | "wohnung")
}

/// Writes `hauptstrasse` and `hauptstr` alike: the ends of German and Dutch names of streets.
pub(super) fn end(word: &str) -> Option<&str> {
    ["strasse", "straat", "straße"]
        .iter()
        .find_map(|end| word.strip_suffix(end))
        .filter(|stem| stem.len() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_short_forms_are_final() {
        assert!(SHORT.is_sorted_by(|a, b| a.0 < b.0), "{:?}", SHORT.windows(2).find(|w| w[0].0 >= w[1].0));
        assert!(KINDS.is_sorted());
        for (_, to) in SHORT {
            assert_eq!(short(to), *to);
        }
    }
}
