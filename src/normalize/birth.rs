//! Dates of birth to `YYYY-MM-DD`.

use jiff::civil::Date;

/// The canonical form of a date of birth, or none where the text is no calendar date between 1901 and today's century,
/// or a common placeholder (1 January 1900, 1901 or 1970).
///
/// Takes `1980-12-31`, `19801231`, `31/12/1980`, `31.12.1980`, `12/31/1980` and a time after the date. Where day and
/// month are both 12 or less the order is day before month, unless `month_first`.
///
/// ```
/// use stitchline::normalize::birth::canonical;
///
/// assert_eq!(canonical("31.12.1980", false).as_deref(), Some("1980-12-31"));
/// assert_eq!(canonical("02/01/1980", true).as_deref(), Some("1980-02-01"));
/// assert_eq!(canonical("1900-01-01", false), None);
/// ```
pub fn canonical(raw: &str, month_first: bool) -> Option<String> {
    let text = raw.trim();
    if text.len() > 40 {
        return None;
    }
    let text = text.split(['T', ' ']).next()?;
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let (year, month, day) = match parts.as_slice() {
        [all] if all.len() == 8 && all.is_ascii() => (&all[..4], &all[4..6], &all[6..]),
        [y, m, d] if y.len() == 4 => (*y, *m, *d),
        [first, second, y] if y.len() == 4 => {
            let swap = if month_first { !above_12(first) } else { above_12(second) };
            if swap { (*y, *first, *second) } else { (*y, *second, *first) }
        }
        _ => return None,
    };
    let number = |t: &str| t.bytes().all(|b| b.is_ascii_digit()).then(|| t.parse::<i16>().ok()).flatten();
    let (y, m, d) = (number(year)?, i8::try_from(number(month)?).ok()?, i8::try_from(number(day)?).ok()?);
    let date = Date::new(y, m, d).ok()?;
    let placeholder = m == 1 && d == 1 && matches!(y, 1900 | 1901 | 1970);
    ((1901..2100).contains(&y) && !placeholder).then(|| date.to_string())
}

fn above_12(text: &str) -> bool {
    text.parse::<u8>().is_ok_and(|n| n > 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for raw in [
            "1980-12-31",
            "19801231",
            "31/12/1980",
            "12/31/1980",
            "31.12.1980",
            "1980-12-31T00:00:00Z",
            " 1980/12/31 ",
        ] {
            assert_eq!(canonical(raw, false).as_deref(), Some("1980-12-31"), "{raw}");
            assert_eq!(canonical(raw, true).as_deref(), Some("1980-12-31"), "{raw}");
        }
        assert_eq!(canonical("03/04/1980", false).as_deref(), Some("1980-04-03"));
        assert_eq!(canonical("03/04/1980", true).as_deref(), Some("1980-03-04"));
        for raw in [
            "",
            "1980",
            "1980-02-30",
            "1970-01-01",
            "0000-00-00",
            "31/12/80",
            "x/y/1980",
            "9999999-01-01",
            "+980-1-1",
            "1éé01231",
        ] {
            assert_eq!(canonical(raw, false), None, "{raw}");
        }
    }
}
