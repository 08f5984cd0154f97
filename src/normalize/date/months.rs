//! Names of months in nine languages.

/// Beginnings of names, folded, in alphabetical order, and the month. A word is a month where it begins with one of
/// these and is one of the names in full or cut.
const NAMES: &[(&str, u8)] = &[
    ("abril", 4),
    ("agosto", 8),
    ("agustus", 8),
    ("aout", 8),
    ("april", 4),
    ("aprile", 4),
    ("augusti", 8),
    ("august", 8),
    ("augustus", 8),
    ("avril", 4),
    ("december", 12),
    ("decembre", 12),
    ("desember", 12),
    ("dezember", 12),
    ("dezembro", 12),
    ("dicembre", 12),
    ("diciembre", 12),
    ("enero", 1),
    ("febbraio", 2),
    ("febrero", 2),
    ("februar", 2),
    ("februari", 2),
    ("february", 2),
    ("fevereiro", 2),
    ("fevrier", 2),
    ("gennaio", 1),
    ("giugno", 6),
    ("grudnia", 12),
    ("grudzien", 12),
    ("janeiro", 1),
    ("januar", 1),
    ("januari", 1),
    ("january", 1),
    ("janvier", 1),
    ("juillet", 7),
    ("juin", 6),
    ("juli", 7),
    ("julho", 7),
    ("julio", 7),
    ("july", 7),
    ("june", 6),
    ("junho", 6),
    ("juni", 6),
    ("junio", 6),
    ("jaenner", 1),
    ("janner", 1),
    ("kwiecien", 4),
    ("kwietnia", 4),
    ("lipca", 7),
    ("lipiec", 7),
    ("listopad", 11),
    ("listopada", 11),
    ("luglio", 7),
    ("lutego", 2),
    ("luty", 2),
    ("maart", 3),
    ("maerz", 3),
    ("maggio", 5),
    ("mai", 5),
    ("maio", 5),
    ("maj", 5),
    ("maja", 5),
    ("march", 3),
    ("marco", 3),
    ("mars", 3),
    ("marzec", 3),
    ("marca", 3),
    ("marz", 3),
    ("marzo", 3),
    ("may", 5),
    ("mayo", 5),
    ("mei", 5),
    ("mrt", 3),
    ("mrz", 3),
    ("november", 11),
    ("novembre", 11),
    ("novembro", 11),
    ("noviembre", 11),
    ("october", 10),
    ("octobre", 10),
    ("octubre", 10),
    ("oktober", 10),
    ("ottobre", 10),
    ("outubro", 10),
    ("pazdziernik", 10),
    ("pazdziernika", 10),
    ("september", 9),
    ("septembre", 9),
    ("septiembre", 9),
    ("set", 9),
    ("setembro", 9),
    ("settembre", 9),
    ("sierpien", 8),
    ("sierpnia", 8),
    ("stycznia", 1),
    ("styczen", 1),
    ("wrzesien", 9),
    ("wrzesnia", 9),
    ("czerwca", 6),
    ("czerwiec", 6),
];

/// The month that a folded word names, whole or cut to three letters or more; none where the beginnings of several
/// months fit (`jui`) or none does.
pub(super) fn month(word: &str) -> Option<u8> {
    if word.len() < 3 || word.len() > 12 {
        return None;
    }
    if let Some(&(_, month)) = NAMES.iter().find(|(name, _)| *name == word) {
        return Some(month);
    }
    let mut fits = NAMES.iter().filter(|(name, _)| name.starts_with(word)).map(|&(_, month)| month);
    let first = fits.next()?;
    fits.all(|month| month == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::month;

    #[test]
    fn names_and_beginnings() {
        for (word, number) in [
            ("jan", 1),
            ("sept", 9),
            ("december", 12),
            ("marz", 3),
            ("mai", 5),
            ("may", 5),
            ("dez", 12),
            ("okt", 10),
        ] {
            assert_eq!(month(word), Some(number), "{word}");
        }
        for word in ["", "ju", "x", "mar1", "jus", "anna"] {
            assert_eq!(month(word), None, "{word}");
        }
        assert_eq!(month("mar"), Some(3));
    }
}
