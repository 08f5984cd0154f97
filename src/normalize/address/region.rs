//! States and provinces of the United States, Canada and Australia, and the usual names of countries.

/// Names, folded, in alphabetical order, and codes.
const STATES: &[(&str, &str)] = &[
    ("alabama", "al"),
    ("alaska", "ak"),
    ("alberta", "ab"),
    ("arizona", "az"),
    ("arkansas", "ar"),
    ("australian capital territory", "act"),
    ("british columbia", "bc"),
    ("california", "ca"),
    ("colorado", "co"),
    ("connecticut", "ct"),
    ("delaware", "de"),
    ("district of columbia", "dc"),
    ("florida", "fl"),
    ("georgia", "ga"),
    ("hawaii", "hi"),
    ("idaho", "id"),
    ("illinois", "il"),
    ("indiana", "in"),
    ("iowa", "ia"),
    ("kansas", "ks"),
    ("kentucky", "ky"),
    ("louisiana", "la"),
    ("maine", "me"),
    ("manitoba", "mb"),
    ("maryland", "md"),
    ("massachusetts", "ma"),
    ("michigan", "mi"),
    ("minnesota", "mn"),
    ("mississippi", "ms"),
    ("missouri", "mo"),
    ("montana", "mt"),
    ("nebraska", "ne"),
    ("nevada", "nv"),
    ("new brunswick", "nb"),
    ("new hampshire", "nh"),
    ("new jersey", "nj"),
    ("new mexico", "nm"),
    ("new south wales", "nsw"),
    ("new york", "ny"),
    ("newfoundland and labrador", "nl"),
    ("north carolina", "nc"),
    ("north dakota", "nd"),
    ("northern territory", "nt"),
    ("nova scotia", "ns"),
    ("ohio", "oh"),
    ("oklahoma", "ok"),
    ("ontario", "on"),
    ("oregon", "or"),
    ("pennsylvania", "pa"),
    ("prince edward island", "pe"),
    ("quebec", "qc"),
    ("queensland", "qld"),
    ("rhode island", "ri"),
    ("saskatchewan", "sk"),
    ("south australia", "sa"),
    ("south carolina", "sc"),
    ("south dakota", "sd"),
    ("tasmania", "tas"),
    ("tennessee", "tn"),
    ("texas", "tx"),
    ("utah", "ut"),
    ("vermont", "vt"),
    ("victoria", "vic"),
    ("virginia", "va"),
    ("washington", "wa"),
    ("west virginia", "wv"),
    ("western australia", "wa"),
    ("wisconsin", "wi"),
    ("wyoming", "wy"),
    ("yukon", "yt"),
];

/// Names and codes of countries, folded, in alphabetical order, and ISO 3166-1 codes of two letters.
const COUNTRIES: &[(&str, &str)] = &[
    ("argentina", "ar"),
    ("australia", "au"),
    ("austria", "at"),
    ("belgie", "be"),
    ("belgique", "be"),
    ("belgium", "be"),
    ("brasil", "br"),
    ("brazil", "br"),
    ("canada", "ca"),
    ("chile", "cl"),
    ("china", "cn"),
    ("colombia", "co"),
    ("czech republic", "cz"),
    ("czechia", "cz"),
    ("danmark", "dk"),
    ("denmark", "dk"),
    ("deutschland", "de"),
    ("eire", "ie"),
    ("england", "gb"),
    ("espana", "es"),
    ("finland", "fi"),
    ("france", "fr"),
    ("germany", "de"),
    ("great britain", "gb"),
    ("greece", "gr"),
    ("hong kong", "hk"),
    ("hungary", "hu"),
    ("india", "in"),
    ("indonesia", "id"),
    ("ireland", "ie"),
    ("israel", "il"),
    ("italia", "it"),
    ("italy", "it"),
    ("japan", "jp"),
    ("luxembourg", "lu"),
    ("malaysia", "my"),
    ("mexico", "mx"),
    ("nederland", "nl"),
    ("netherlands", "nl"),
    ("new zealand", "nz"),
    ("nigeria", "ng"),
    ("norge", "no"),
    ("northern ireland", "gb"),
    ("norway", "no"),
    ("oesterreich", "at"),
    ("osterreich", "at"),
    ("philippines", "ph"),
    ("poland", "pl"),
    ("polska", "pl"),
    ("portugal", "pt"),
    ("republic of ireland", "ie"),
    ("russia", "ru"),
    ("schweiz", "ch"),
    ("scotland", "gb"),
    ("singapore", "sg"),
    ("south africa", "za"),
    ("south korea", "kr"),
    ("spain", "es"),
    ("suisse", "ch"),
    ("suomi", "fi"),
    ("sverige", "se"),
    ("sweden", "se"),
    ("switzerland", "ch"),
    ("the netherlands", "nl"),
    ("turkey", "tr"),
    ("turkiye", "tr"),
    ("u k", "gb"),
    ("u s a", "us"),
    ("uae", "ae"),
    ("uk", "gb"),
    ("ukraine", "ua"),
    ("united arab emirates", "ae"),
    ("united kingdom", "gb"),
    ("united states", "us"),
    ("united states of america", "us"),
    ("us", "us"),
    ("usa", "us"),
    ("wales", "gb"),
];

fn find(table: &'static [(&str, &str)], words: &str) -> Option<&'static str> {
    table.binary_search_by_key(&words, |&(name, _)| name).ok().map(|at| table[at].1)
}

/// The code of a state, by its folded name or code.
pub(super) fn state(words: &str) -> Option<&'static str> {
    find(STATES, words).or_else(|| state_code(words))
}

/// The code of a state, by code alone.
pub(super) fn state_code(word: &str) -> Option<&'static str> {
    (2..=3)
        .contains(&word.len())
        .then(|| STATES.iter().find(|(_, code)| *code == word))
        .flatten()
        .map(|(_, code)| *code)
}

/// The code of a country by its folded name.
pub(super) fn country(words: &str) -> Option<&'static str> {
    find(COUNTRIES, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for table in [STATES, COUNTRIES] {
            assert!(
                table.is_sorted_by(|a, b| a.0 < b.0),
                "{:?}",
                table.windows(2).find(|w| w[0].0 >= w[1].0)
            );
        }
        assert_eq!((state("texas"), state("tx"), country("uk")), (Some("tx"), Some("tx"), Some("gb")));
        assert_eq!((state("zz"), country("utopia")), (None, None));
    }
}
