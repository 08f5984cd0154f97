//! Countries by code or common name, to read phone numbers in national form.

/// Common names, folded: lower case ASCII letters only.
const NAMES: &[(&str, &str)] = &[
    ("america", "US"),
    ("australia", "AU"),
    ("austria", "AT"),
    ("belgie", "BE"),
    ("belgique", "BE"),
    ("belgium", "BE"),
    ("brasil", "BR"),
    ("brazil", "BR"),
    ("canada", "CA"),
    ("china", "CN"),
    ("czechia", "CZ"),
    ("danmark", "DK"),
    ("denmark", "DK"),
    ("deutschland", "DE"),
    ("england", "GB"),
    ("espana", "ES"),
    ("finland", "FI"),
    ("france", "FR"),
    ("germany", "DE"),
    ("greatbritain", "GB"),
    ("greece", "GR"),
    ("hongkong", "HK"),
    ("india", "IN"),
    ("ireland", "IE"),
    ("italia", "IT"),
    ("italy", "IT"),
    ("japan", "JP"),
    ("luxembourg", "LU"),
    ("mexico", "MX"),
    ("nederland", "NL"),
    ("netherlands", "NL"),
    ("newzealand", "NZ"),
    ("northernireland", "GB"),
    ("norway", "NO"),
    ("osterreich", "AT"),
    ("poland", "PL"),
    ("polska", "PL"),
    ("portugal", "PT"),
    ("schweiz", "CH"),
    ("scotland", "GB"),
    ("singapore", "SG"),
    ("southafrica", "ZA"),
    ("spain", "ES"),
    ("suisse", "CH"),
    ("sverige", "SE"),
    ("sweden", "SE"),
    ("switzerland", "CH"),
    ("uk", "GB"),
    ("unitedkingdom", "GB"),
    ("unitedstates", "US"),
    ("unitedstatesofamerica", "US"),
    ("usa", "US"),
    ("wales", "GB"),
];

/// Every pair of letters, so that a code can be given out without a copy.
static CODES: [[u8; 2]; 676] = {
    let mut codes = [[0; 2]; 676];
    let mut i = 0;
    while i < 676 {
        codes[i] = [b'A' + (i / 26) as u8, b'A' + (i % 26) as u8];
        i += 1;
    }
    codes
};

/// The two-letter code of a country; none where the text is neither a code nor a common name.
pub(super) fn code(raw: &str) -> Option<&'static str> {
    let text = raw.trim();
    if text.len() > 64 {
        return None;
    }
    if let &[a, b] = text.to_ascii_uppercase().as_bytes()
        && a.is_ascii_uppercase()
        && b.is_ascii_uppercase()
        && (a, b) != (b'U', b'K')
    {
        let code = &CODES[usize::from(a - b'A') * 26 + usize::from(b - b'A')];
        return std::str::from_utf8(code).ok();
    }
    let folded = super::fold(text);
    NAMES.binary_search_by_key(&folded.as_str(), |(name, _)| name).ok().map(|at| NAMES[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names() {
        assert!(NAMES.is_sorted());
        assert_eq!(code(" gb "), Some("GB"));
        assert_eq!(code("UK"), Some("GB"));
        assert_eq!(code("Österreich"), Some("AT"));
        assert_eq!(code("United Kingdom"), Some("GB"));
        assert_eq!(code("99501"), None);
        assert_eq!(code("ZZ"), Some("ZZ"));
    }
}
