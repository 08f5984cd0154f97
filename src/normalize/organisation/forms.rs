//! Legal forms of organisations.

/// Folded words of a legal form and its code, the longest first to be found first: what is one form is one code,
/// whether written out or cut.
pub(super) const FORMS: &[(&[&str], &str)] = &[
    (&["open", "joint", "stock", "company"], "oao"),
    (&["public", "joint", "stock", "company"], "pao"),
    (&["closed", "joint", "stock", "company"], "zao"),
    (&["gesellschaft", "mit", "beschrankter", "haftung"], "gmbh"),
    (&["societe", "a", "responsabilite", "limitee"], "sarl"),
    (&["sociedad", "de", "responsabilidad", "limitada"], "sl"),
    (&["societa", "a", "responsabilita", "limitata"], "srl"),
    (&["limited", "liability", "partnership"], "llp"),
    (&["gmbh", "and", "co", "kg"], "gmbh co kg"),
    (&["spolka", "zoo"], "sp zoo"),
    (&["public", "limited", "company"], "plc"),
    (&["limited", "liability", "company"], "llc"),
    (&["societe", "par", "actions", "simplifiee"], "sas"),
    (&["joint", "stock", "company"], "jsc"),
    (&["gmbh", "co", "kg"], "gmbh co kg"),
    (&["ag", "co", "kg"], "ag co kg"),
    (&["sp", "zoo"], "sp zoo"),
    (&["sp", "z", "oo"], "sp zoo"),
    (&["sociedad", "anonima"], "sa"),
    (&["sociedad", "limitada"], "sl"),
    (&["sociedade", "anonima"], "sa"),
    (&["societe", "anonyme"], "sa"),
    (&["societa", "per", "azioni"], "spa"),
    (&["naamloze", "vennootschap"], "nv"),
    (&["besloten", "vennootschap"], "bv"),
    (&["proprietary", "limited"], "pty ltd"),
    (&["private", "limited"], "pvt ltd"),
    (&["eingetragener", "verein"], "ev"),
    (&["pty", "limited"], "pty ltd"),
    (&["pvt", "limited"], "pvt ltd"),
    (&["pty", "ltd"], "pty ltd"),
    (&["pvt", "ltd"], "pvt ltd"),
    (&["pte", "ltd"], "pte ltd"),
    (&["co", "limited"], "ltd"),
    (&["co", "ltd"], "ltd"),
    (&["company", "limited"], "ltd"),
    (&["kabushiki", "kaisha"], "kk"),
    (&["aktiengesellschaft"], "ag"),
    (&["aktiebolag"], "ab"),
    (&["aksjeselskap"], "as"),
    (&["osakeyhtio"], "oy"),
    (&["incorporated"], "inc"),
    (&["corporation"], "corp"),
    (&["kommanditgesellschaft"], "kg"),
    (&["limited"], "ltd"),
    (&["limitada"], "ltda"),
    (&["company"], "co"),
    (&["gmbh"], "gmbh"),
    (&["ggmbh"], "ggmbh"),
    (&["sarl"], "sarl"),
    (&["eurl"], "eurl"),
    (&["ltda"], "ltda"),
    (&["eood"], "eood"),
    (&["corp"], "corp"),
    (&["cvba"], "cvba"),
    (&["bvba"], "bvba"),
    (&["sprl"], "sprl"),
    (&["ltd"], "ltd"),
    (&["plc"], "plc"),
    (&["inc"], "inc"),
    (&["llc"], "llc"),
    (&["llp"], "llp"),
    (&["ohg"], "ohg"),
    (&["gbr"], "gbr"),
    (&["kgaa"], "kgaa"),
    (&["sas"], "sas"),
    (&["spa"], "spa"),
    (&["srl"], "srl"),
    (&["slu"], "sl"),
    (&["oao"], "oao"),
    (&["pao"], "pao"),
    (&["zao"], "zao"),
    (&["ooo"], "ooo"),
    (&["jsc"], "jsc"),
    (&["pjsc"], "pao"),
    (&["ojsc"], "oao"),
    (&["cjsc"], "zao"),
    (&["fze"], "fze"),
    (&["oyj"], "oyj"),
    (&["aps"], "aps"),
    (&["asa"], "asa"),
    (&["kft"], "kft"),
    (&["zrt"], "zrt"),
    (&["doo"], "doo"),
    (&["sro"], "sro"),
    (&["sdn", "bhd"], "sdn bhd"),
    (&["bhd"], "bhd"),
    (&["ag"], "ag"),
    (&["ug"], "ug"),
    (&["kg"], "kg"),
    (&["ek"], "ek"),
    (&["ev"], "ev"),
    (&["eg"], "eg"),
    (&["se"], "se"),
    (&["sa"], "sa"),
    (&["sl"], "sl"),
    (&["bv"], "bv"),
    (&["nv"], "nv"),
    (&["ab"], "ab"),
    (&["as"], "as"),
    (&["oy"], "oy"),
    (&["kk"], "kk"),
    (&["co"], "co"),
    (&["lp"], "lp"),
];

/// Forms that also stand before a name.
pub(super) const BEFORE: &[&str] = &["oao", "pao", "zao", "ooo", "jsc", "kk", "pt", "sc", "aps"];

/// Folded words that differ between writings of one organisation's name.
pub(super) fn plain(word: &str) -> Option<&'static str> {
    Some(match word {
        "intl" | "int" => "international",
        "natl" => "national",
        "assoc" | "assn" => "association",
        "bros" => "brothers",
        "mfg" => "manufacturing",
        "dept" => "department",
        "univ" => "university",
        "svc" | "svcs" => "services",
        "grp" => "group",
        "hldgs" | "hldg" => "holdings",
        "mgmt" => "management",
        "inst" => "institute",
        "tech" => "technology",
        "centre" => "center",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::fold;

    #[test]
    fn forms_are_folded_and_stand_once() {
        for (at, (words, _)) in FORMS.iter().enumerate() {
            assert!(words.iter().all(|word| fold::words(word) == *word), "{words:?}");
            // A form that ends in another one must be found before it.
            for (shorter, _) in &FORMS[..at] {
                assert!(!words.ends_with(shorter), "{words:?} is hidden by {shorter:?}");
            }
        }
    }
}
