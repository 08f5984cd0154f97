//! Postcodes by their shapes, of many countries at once.

use crate::normalize::fold;

/// A postcode as letters and digits in upper case without anything between, or none where the text has more than twelve
/// of them, fewer than three, or no digit. Any country's; the shape is not checked. O(n).
///
/// ```
/// use stitchline::normalize::address::postcode;
///
/// assert_eq!(postcode::canonical("sw1a 1aa").as_deref(), Some("SW1A1AA"));
/// assert_eq!(postcode::canonical("90210-1234").as_deref(), Some("90210"));
/// assert_eq!(postcode::canonical("none"), None);
/// ```
pub fn canonical(raw: &str) -> Option<String> {
    let mut code = fold::tight(raw);
    code.make_ascii_uppercase();
    // Spreadsheets make numbers of them.
    let plain = raw.trim();
    if let Some(whole) = plain.strip_suffix(".0")
        && whole.bytes().all(|b| b.is_ascii_digit())
    {
        code.pop();
    }
    // The last four of a ZIP+4 are a side of a street, and seldom known.
    if code.len() == 9 && code.bytes().all(|b| b.is_ascii_digit()) {
        code.truncate(5);
    }
    let telling = code.bytes().any(|b| b.is_ascii_digit()) && code.bytes().any(|b| b != b'0');
    ((3..=12).contains(&code.len()) && telling).then_some(code)
}

/// The wider area of a canonical postcode: the outward code of a British or Canadian one (`SW1A`, `K1A`), the routing
/// key of an Irish one, otherwise the first three characters. Always a beginning of the code.
///
/// ```
/// use stitchline::normalize::address::postcode::area;
///
/// assert_eq!((area("SW1A1AA"), area("K1A0B1"), area("90210"), area("10115")), ("SW1A", "K1A", "902", "101"));
/// ```
pub fn area(canonical: &str) -> &str {
    let cut = match shape(canonical) {
        Some(Shape::British) => canonical.len() - 3,
        _ => 3.min(canonical.len()),
    };
    canonical.get(..cut).unwrap_or(canonical)
}

/// What a run of characters can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    British,
    Canadian,
    Irish,
    Dutch,
    /// So many digits.
    Digits(usize),
}

/// The shape of letters and digits in one piece, in any case.
pub(super) fn shape(code: &str) -> Option<Shape> {
    let bytes = code.as_bytes();
    let is = |pattern: &[u8]| {
        bytes.len() == pattern.len()
            && bytes.iter().zip(pattern).all(|(b, p)| match p {
                b'A' => b.is_ascii_alphabetic(),
                b'9' => b.is_ascii_digit(),
                _ => b.is_ascii_alphanumeric(),
            })
    };
    if is(b"A9A9A9") {
        return Some(Shape::Canadian);
    }
    if [&b"A99AA"[..], b"A999AA", b"AA99AA", b"AA999AA", b"A9A9AA", b"AA9A9AA"].iter().any(|p| is(p)) {
        return Some(Shape::British);
    }
    if is(b"9999AA") {
        return Some(Shape::Dutch);
    }
    // Eircode: a routing key and four characters, the first of them a letter.
    if is(b"A99A***") || is(b"A9WA***") {
        return Some(Shape::Irish);
    }
    (bytes.iter().all(u8::is_ascii_digit) && (3..=9).contains(&bytes.len()))
        .then_some(Shape::Digits(bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shapes() {
        for (code, expected) in [
            ("sw1a1aa", Some(Shape::British)),
            ("M11AE", Some(Shape::British)),
            ("K1A0B1", Some(Shape::Canadian)),
            ("1012AB", Some(Shape::Dutch)),
            ("D02X285", Some(Shape::Irish)),
            ("90210", Some(Shape::Digits(5))),
            ("12", None),
            ("flat2", None),
        ] {
            assert_eq!(shape(code), expected, "{code}");
        }
        assert_eq!(canonical("00000"), None);
        assert_eq!(canonical("2000.0").as_deref(), Some("2000"));
        assert_eq!(canonical("1234-567").as_deref(), Some("1234567"));
    }

    proptest! {
        #[test]
        fn any_text(raw in "\\PC{0,20}|[A-Za-z0-9 -]{0,12}") {
            if let Some(code) = canonical(&raw) {
                prop_assert_eq!(canonical(&code), Some(code.clone()));
                prop_assert!(code.starts_with(area(&code)));
            }
        }
    }
}
