//! Values that are no names: numbers, categories, lists and free text.

use super::{date, email, fold, junk};

/// A number as people write it: digits grouped by comma, dot, apostrophe or space, a sign or brackets for negative ones,
/// a currency sign, a per cent sign (not divided). None where the text is no number. O(n).
///
/// One separator followed by exactly three digits could be either: it is taken for grouping where the number before it
/// has three digits or fewer and is not 0 and it is a comma, and for a decimal point where it is a dot.
///
/// ```
/// use stitchline::normalize::value::number;
///
/// assert_eq!(number("1,234.50"), Some(1234.5));
/// assert_eq!(number("€ 1.234,50"), Some(1234.5));
/// assert_eq!(number("(12)"), Some(-12.0));
/// assert_eq!(number("1.5e3"), Some(1500.0));
/// assert_eq!(number("12 apples"), None);
/// ```
pub fn number(raw: &str) -> Option<f64> {
    let text = raw.trim();
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    let bracketed = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let sign = |c: char| matches!(c, '$' | '€' | '£' | '¥' | '₹' | '%') || c.is_whitespace();
    let text = bracketed.unwrap_or(text).trim_matches(sign);
    let (negative, digits) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest.trim_matches(sign)),
        None => (bracketed.is_some(), text.strip_prefix('+').unwrap_or(text).trim_matches(sign)),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',') {
        return None;
    }
    let value: f64 = plain(digits)?.parse().ok().filter(|value: &f64| value.is_finite())?;
    // Minus nothing is nothing.
    Some(if negative && value != 0.0 { -value } else { value })
}

/// Digits with at most one decimal point.
fn plain(text: &str) -> Option<String> {
    let (dot, comma) = (text.rfind('.'), text.rfind(','));
    let decimal = match (dot, comma) {
        (Some(dot), Some(comma)) => Some(if dot > comma { '.' } else { ',' }),
        (Some(_), None) => (text.matches('.').count() == 1).then_some('.'),
        (None, Some(at)) => {
            let grouped = text.len() - at == 4 && at <= 3 && !text.starts_with('0') && at > 0;
            (text.matches(',').count() == 1 && !grouped).then_some(',')
        }
        (None, None) => None,
    };
    let mut out = String::with_capacity(text.len());
    let mut pointed = false;
    for c in text.chars() {
        match c {
            c if c.is_ascii_digit() || matches!(c, 'e' | 'E' | '-' | '+') => out.push(c),
            c if Some(c) == decimal && !pointed => {
                pointed = true;
                out.push('.');
            }
            '.' | ',' if !pointed => {}
            '\'' | '’' | ' ' | '_' | '\u{a0}' | '\u{202f}' if !pointed => {}
            _ => return None,
        }
    }
    Some(out)
}

/// A category: folded words, none where it stands for nothing. O(n).
pub fn category(raw: &str) -> Option<String> {
    let words = fold::words(raw);
    // `no` and `false` are categories, though they are nothing as identifiers.
    let kept = matches!(words.as_str(), "no" | "false" | "true" | "na");
    (!words.is_empty() && (kept || words.chars().count() == 1 || !junk::is_nothing(raw))).then_some(words)
}

/// The sex or gender that a text says, as `f`, `m` or `x`; none where it says none of these.
///
/// ```
/// use stitchline::normalize::value::gender;
///
/// assert_eq!((gender("Female"), gender("M"), gender("?")), (Some("f"), Some("m"), None));
/// ```
pub fn gender(raw: &str) -> Option<&'static str> {
    Some(match fold::words(raw).as_str() {
        "f" | "female" | "w" | "woman" | "weiblich" | "femme" | "mujer" | "femenino" | "feminin" | "girl" => {
            "f"
        }
        "m" | "male" | "man" | "mannlich" | "homme" | "hombre" | "masculino" | "masculin" | "boy" => "m",
        "x" | "d" | "nb" | "divers" | "diverse" | "non binary" | "nonbinary" | "other" => "x",
        _ => return None,
    })
}

/// Yes or no, as a text says it; none where it says neither.
pub fn yes_or_no(raw: &str) -> Option<bool> {
    Some(match fold::words(raw).as_str() {
        "1" | "true" | "t" | "yes" | "y" | "ja" | "si" | "oui" | "on" => true,
        "0" | "false" | "f" | "no" | "n" | "nein" | "non" | "off" => false,
        _ => return None,
    })
}

/// Free text: folded words in their order, none where it stands for nothing. O(n).
pub fn text(raw: &str) -> Option<String> {
    let words = fold::words(raw);
    (!words.is_empty() && !junk::is_nothing(raw)).then_some(words)
}

/// Most items of a list that are looked at.
pub const MOST_ITEMS: usize = 256;

/// The items of a list in one field, trimmed, each once and in alphabetical order: a JSON array (`["a", "b"]`), the like
/// without quotes (`[a, b]`, `{a,b}`), or items between `;`, `|` or line ends, else between commas. Items that stand for
/// nothing are left out; at most [`MOST_ITEMS`] are looked at. O(n log n).
///
/// ```
/// use stitchline::normalize::value::list;
///
/// assert_eq!(list("b; a;b"), ["a", "b"]);
/// assert_eq!(list("[\"x, y\", \"z\"]"), ["x, y", "z"]);
/// assert_eq!(list("a, b"), ["a", "b"]);
/// assert!(list("[]").is_empty());
/// ```
pub fn list(raw: &str) -> Vec<String> {
    let mut items = in_order(raw);
    items.sort_unstable();
    items.dedup();
    items
}

/// The items of a list as they come.
fn in_order(raw: &str) -> Vec<String> {
    let text = fold::bounded(raw).trim();
    let inner = [('[', ']'), ('{', '}'), ('(', ')')]
        .iter()
        .find_map(|&(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    let body = inner.unwrap_or(text);
    let separator =
        if inner.is_some() { None } else { [';', '|', '\n'].into_iter().find(|&c| body.contains(c)) };
    let mut items = Vec::new();
    let mut item = String::new();
    let (mut quote, mut closed) = (None, None);
    let mut escaped = false;
    for c in body.chars() {
        match quote {
            Some(_) if escaped => {
                item.push(c);
                escaped = false;
            }
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => {
                closed = quote.take();
                continue;
            }
            // A quote twice is a quote.
            None if closed == Some(c) => {
                item.push(c);
                quote = closed;
            }
            None if matches!(c, '"' | '\'') && inner.is_some() && item.trim().is_empty() => {
                item.clear();
                quote = Some(c);
            }
            None if c == separator.unwrap_or(',') => {
                items.push(std::mem::take(&mut item));
                if items.len() >= MOST_ITEMS {
                    break;
                }
            }
            _ => item.push(c),
        }
        closed = None;
    }
    items.push(item);
    items.truncate(MOST_ITEMS);
    let mut items: Vec<String> = items.iter().map(|item| item.trim().to_owned()).collect();
    items.retain(|item| !item.is_empty() && (item.chars().count() == 1 || !junk::is_nothing(item)));
    items
}

/// The telephone numbers that one field holds, in their order: items between `;`, `|` or line ends or of a JSON array, and in
/// each what stands between commas, slashes, words or plus signs, where all of it is whole numbers by itself. Whole is what
/// begins with `+` or 0, or has ten digits; else the parts are of one number. O(n log n).
///
/// ```
/// use stitchline::normalize::value::phones;
///
/// assert_eq!(phones("020 7946 0123 / 07400 123456"), ["020 7946 0123", "07400 123456"]);
/// assert_eq!(phones("home 020 7946 0123 or mobile +44 7400 123456").len(), 2);
/// assert_eq!(phones("020 7946 0123, ext. 12"), ["020 7946 0123, ext. 12"]);
/// assert_eq!(phones("+49 (0)6221 / 1234567"), ["+49 (0)6221 / 1234567"]);
/// ```
pub fn phones(raw: &str) -> Vec<String> {
    items(raw).iter().flat_map(|item| each_number(item)).map(str::to_owned).collect()
}

/// The first of a text's parts between commas and words, and between slashes where it is too long for one number, that is a
/// whole number; none where it has one part.
pub(crate) fn whole_phone(text: &str) -> Option<&str> {
    let too_long = digits(text) >= TWO_NUMBERS;
    let between = |c: char| too_long && c == '/';
    let mut parts =
        parts_of_number(text).flat_map(|part| part.split(between)).filter(|part| digits(part) > 0);
    let (first, second) = (parts.next()?, parts.next());
    second.and_then(|second| [first, second].into_iter().chain(parts).find(|part| is_whole(part)))
}

/// The e-mail addresses that one field holds, in their order: items as of [`phones`], and where an item has several `@`, the
/// addresses between spaces, commas, slashes and brackets. O(n log n).
///
/// ```
/// use stitchline::normalize::value::emails;
///
/// assert_eq!(emails("ann@example.com, bob@example.com"), ["ann@example.com", "bob@example.com"]);
/// assert_eq!(emails("Lee, Ann <ann@example.com>"), ["Lee, Ann <ann@example.com>"]);
/// ```
pub fn emails(raw: &str) -> Vec<String> {
    let each = |item: String| {
        if item.matches('@').count() < 2 {
            return vec![item];
        }
        let parts =
            item.split(|c: char| c.is_whitespace() || matches!(c, ',' | '/' | '<' | '>' | '(' | ')' | '"'));
        let parts = parts.map(|part| part.trim_matches('\''));
        let found: Vec<String> = parts
            .filter(|part| email::canonical(part, email::Rules::default()).is_ok())
            .map(str::to_owned)
            .collect();
        if found.is_empty() { vec![item] } else { found }
    };
    items(raw).into_iter().flat_map(each).collect()
}

/// The items of what is clearly a list, else the whole field.
fn items(raw: &str) -> Vec<String> {
    let field = fold::bounded(raw).trim();
    let is_list = field.contains([';', '|', '\n']) || field.starts_with(['[', '{']);
    if is_list { in_order(field) } else { vec![field.to_owned()] }
}

/// The least digits of two telephone numbers.
pub(crate) const TWO_NUMBERS: usize = 16;

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// What has digits between what does not stand in a number.
fn parts_of_number(text: &str) -> impl Iterator<Item = &str> {
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '.' | '(' | ')' | '/');
    text.split(move |c| !is_of_number(c)).filter(|part| digits(part) > 0)
}

/// Whether a text can be a telephone number by itself, rather than a part of one, an extension, a date or hours.
fn is_whole(text: &str) -> bool {
    let least = match text.trim_start_matches([' ', '(', '/', '-', '.']).bytes().next() {
        Some(b'+') => 8,
        Some(b'0') => 9,
        _ => 10,
    };
    (least..=15).contains(&digits(text))
}

/// A text parted into the numbers in it, or whole.
fn each_number(text: &str) -> Vec<&str> {
    if digits(text) < TWO_NUMBERS {
        return vec![text];
    }
    let signs: Vec<usize> = text.match_indices('+').map(|(at, _)| at).collect();
    let starts = std::iter::once(0).chain(signs.iter().copied());
    let from_signs = starts.zip(signs.iter().copied().chain([text.len()])).map(|(from, to)| &text[from..to]);
    let ways: [Vec<&str>; 4] = [
        parts_of_number(text).collect(),
        from_signs.collect(),
        text.split('/').collect(),
        text.split_whitespace().collect(),
    ];
    for mut parts in ways {
        parts.retain(|part| digits(part) > 0);
        // Numbers of eight digits need not begin as others do: together they are too long for one.
        let short = |part: &&str| digits(part) == 8 && date::read(part.trim()).is_none();
        // A part may hold several itself.
        let whole = |part: &&str| is_whole(part) || digits(part) >= TWO_NUMBERS;
        if parts.len() > 1 && (parts.iter().all(whole) || parts.iter().all(short)) {
            return parts
                .into_iter()
                .flat_map(|part| each_number(part.trim_matches([' ', '/', '-', '.'])))
                .collect();
        }
    }
    vec![text]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers() {
        for (raw, value) in [
            ("0", 0.0),
            ("-0", 0.0),
            ("42", 42.0),
            ("1 234", 1234.0),
            ("1'234'567.8", 1_234_567.8),
            ("1.234.567", 1_234_567.0),
            ("1,234", 1234.0),
            ("0,234", 0.234),
            ("1,2", 1.2),
            ("1.234", 1.234),
            ("12%", 12.0),
            ("-$5", -5.0),
            (".5", 0.5),
        ] {
            assert_eq!(number(raw), Some(value), "{raw}");
        }
        for raw in ["", "x", "1-2", "1.2.3,4.5", "nan", "inf", "1e999", "--1", "1,2,x", "e5", "١"] {
            assert_eq!(number(raw), None, "{raw}");
        }
    }

    #[test]
    fn numbers_and_addresses_that_share_a_field() {
        for (raw, each) in [
            ("020 7946 0123 / 07400 123456", &["020 7946 0123", "07400 123456"][..]),
            ("020 7946 0123/07400 123456", &["020 7946 0123", "07400 123456"]),
            ("020 7946 0123, 07400 123456", &["020 7946 0123", "07400 123456"]),
            ("07400 123456 or 020 7946 0123", &["07400 123456", "020 7946 0123"]),
            ("home: (020) 7946-0123 mobile: 07400.123.456", &["(020) 7946-0123", "07400.123.456"]),
            ("+442079460123+447400123456", &["+442079460123", "+447400123456"]),
            ("02079460123 07400123456", &["02079460123", "07400123456"]),
            ("415-555-0100, (415) 555-0199", &["415-555-0100", "(415) 555-0199"]),
            ("12 34 56 78 / 87 65 43 21", &["12 34 56 78", "87 65 43 21"]),
            (
                "+44 20 7946 0123 / +44 7400 123456, 0161 496 0000",
                &["+44 20 7946 0123", "+44 7400 123456", "0161 496 0000"],
            ),
            ("[\"020 7946 0123\", \"07400 123456\"]", &["020 7946 0123", "07400 123456"]),
            ("07400 123456; 020 7946 0123, 12", &["07400 123456", "020 7946 0123, 12"]),
        ] {
            assert_eq!(phones(raw), each, "{raw}");
        }
        for one in [
            "020,7946,0123",
            "020 7946 0123 ext 4567",
            "020 7946 3333 x2345678",
            "020 7946 3333 #1234567",
            "020 7946 0123, 0124",
            "+49 (0)30 / 12345678-123",
            "+49 (0)6221 / 1234567",
            "0049 6221 / 98765-43",
            "06221 / 98765432",
            "+44 (0)20 7946 0123",
            "2024-02-16: 020 7946 3333",
            "2024-02-16 / 2023-01-31",
            "020 7946 0123, Mon-Fri 0900-1700",
            "020 7946 0123 / 4 / 5 / 07400 123456",
            "1-800-FLOWERS",
            "",
        ] {
            assert_eq!(phones(one), [one]);
        }
        for (text, whole) in [
            ("020 7946 0123, 0124", Some("020 7946 0123")),
            ("2024-02-16: 020 7946 3333", Some(" 020 7946 3333")),
            ("020 7946 0123, Mon-Fri 0900-1700", Some("020 7946 0123")),
            ("12 or 34", None),
            ("020 7946 0123", None),
            ("", None),
        ] {
            assert_eq!(whole_phone(text), whole, "{text}");
        }
        for (raw, each) in [
            ("ann@example.com / bob@example.com", &["ann@example.com", "bob@example.com"][..]),
            ("ann@example.com bob@example.com", &["ann@example.com", "bob@example.com"]),
            ("'ann@example.com' \"bob@example.com\"", &["ann@example.com", "bob@example.com"]),
            ("Ann <ann@example.com>, Bob (bob@example.com)", &["ann@example.com", "bob@example.com"]),
            ("bob@example.com; ann@example.com", &["bob@example.com", "ann@example.com"]),
            ("ann @gmail.com / ann.l@a.example", &["ann.l@a.example"]),
            ("a@ / b@", &["a@ / b@"]),
            ("a/b@example.com", &["a/b@example.com"]),
            ("ann", &["ann"]),
        ] {
            assert_eq!(emails(raw), each, "{raw}");
        }
    }

    #[test]
    fn categories() {
        assert_eq!(
            (category(" Gold "), category("No"), category("n/a")),
            (Some("gold".into()), Some("no".into()), None)
        );
        assert_eq!((yes_or_no("Y"), yes_or_no("off"), yes_or_no("maybe")), (Some(true), Some(false), None));
        assert_eq!(text("Hello,  WORLD!").as_deref(), Some("hello world"));
    }

    #[test]
    fn lists() {
        assert_eq!(list("['it''s', b]"), ["b", "it's"]);
        assert_eq!(list("a|b,c"), ["a", "b,c"]);
        assert_eq!(list("{2,1,null}"), ["1", "2"]);
        assert!(list(" ").is_empty());
        assert_eq!(list(&"a,".repeat(10_000)), ["a"]);
    }

    proptest! {
        #[test]
        fn any_text(raw in "\\PC{0,60}|[0-9a-c.,;|\\[\\]\"' -]{0,30}") {
            let items = list(&raw);
            prop_assert!(items.is_sorted_by(|a, b| a < b) && items.iter().map(String::len).sum::<usize>() <= raw.len());
            if let Some(value) = number(&raw) {
                prop_assert!(value.is_finite());
            }
            if let Some(words) = category(&raw) {
                prop_assert!(!words.is_empty());
            }
        }

        #[test]
        fn numbers_come_back(value in -1e12f64..1e12) {
            prop_assert_eq!(number(&value.to_string()), Some(value));
        }
    }
}
