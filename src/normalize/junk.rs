//! Values that stand for "nothing" and would tie strangers together.

/// Texts that sources write where there is nothing, in lower case and without spaces.
const NOTHING: &[&str] = &[
    "#n/a",
    "(null)",
    "-",
    "--",
    "---",
    ".",
    "?",
    "[object object]",
    "[objectobject]",
    "anon",
    "anonymous",
    "blank",
    "blocked",
    "default",
    "deleted",
    "dummy",
    "empty",
    "example",
    "false",
    "guest",
    "invalid",
    "missing",
    "n.a.",
    "n/a",
    "na",
    "nan",
    "nil",
    "no",
    "nobody",
    "noname",
    "none",
    "not available",
    "notapplicable",
    "notavailable",
    "notprovided",
    "notset",
    "null",
    "private",
    "restricted",
    "tbc",
    "tbd",
    "test",
    "tester",
    "testing",
    "testuser",
    "true",
    "unavailable",
    "undefined",
    "unidentified",
    "unknown",
    "user",
    "withheld",
    "xx",
    "xxx",
    "xxxx",
    "xxxxx",
];

/// For each first byte the lengths of the words of a list, as bits: most texts are none of them by these alone.
pub(crate) const fn shapes(words: &[&str]) -> [u32; 128] {
    let (mut shapes, mut at) = ([0u32; 128], 0);
    while at < words.len() {
        let word = words[at].as_bytes();
        shapes[word[0] as usize] |= 1 << word.len();
        at += 1;
    }
    shapes
}

/// Whether a text begins as one of the words does and is as long.
#[inline]
pub(crate) fn is_shaped(text: &str, shapes: &[u32; 128], fold: impl Fn(u8) -> u8) -> bool {
    let first = text.bytes().next().and_then(|byte| shapes.get(usize::from(fold(byte))));
    first.is_some_and(|lengths| text.len() < 32 && lengths >> text.len() & 1 != 0)
}

const SHAPES_OF_NOTHING: [u32; 128] = shapes(NOTHING);

const SHAPES_OF_NOBODY: [u32; 128] = shapes(NOBODY);

/// Local parts of addresses that nobody reads.
const NOBODY: &[&str] = &[
    "anonymous",
    "asdf",
    "devnull",
    "do-not-reply",
    "donotreply",
    "mailer-daemon",
    "n-a",
    "na",
    "nobody",
    "noemail",
    "no-email",
    "no-mail",
    "nomail",
    "no-reply",
    "none",
    "noreply",
    "notprovided",
    "null",
    "test",
    "tester",
    "testing",
    "undefined",
    "unknown",
];

/// Whether a raw value of any namespace stands for nothing: a word such as `null` or `anonymous`, no letter and no
/// digit at all, or one character again and again.
///
/// ```
/// use stitchline::normalize::junk::is_nothing;
///
/// assert!(is_nothing("N/A") && is_nothing("0000-0000") && is_nothing(" "));
/// assert!(!is_nothing("0000-0001"));
/// ```
pub fn is_nothing(raw: &str) -> bool {
    let is_word = |text: &str| {
        is_shaped(text, &SHAPES_OF_NOTHING, |byte| byte.to_ascii_lowercase())
            && NOTHING.binary_search(&text.to_ascii_lowercase().as_str()).is_ok()
    };
    // Most values begin with two letters or digits that differ.
    if let [first, second, .., last] = raw.as_bytes()
        && first.is_ascii_alphanumeric()
        && second.is_ascii_alphanumeric()
        && !first.eq_ignore_ascii_case(second)
        && last.is_ascii_graphic()
    {
        return is_word(raw);
    }
    let text = raw.trim();
    if is_word(text) {
        return true;
    }
    let mut telling = text.chars().filter(|c| c.is_alphanumeric());
    match telling.next() {
        None => true,
        Some(first) => {
            let mut count = 1;
            telling.all(|c| {
                count += 1;
                c.eq_ignore_ascii_case(&first)
            }) && count > 2
        }
    }
}

/// Whether a canonical address is a placeholder: nobody's local part, or the same word on both sides.
pub fn is_nobody(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let second = domain.rsplit_once('.').map_or(domain, |(name, _)| name);
    (is_shaped(local, &SHAPES_OF_NOBODY, |byte| byte) && NOBODY.contains(&local))
        || (local == second && is_nothing(local))
        || is_nothing(local)
        || domain.ends_with(".invalid")
}

/// Whether an E.164 number is a placeholder: seven or more equal digits at its end, or its last nine count up or down.
pub fn is_placeholder_number(e164: &str) -> bool {
    let digits = e164.trim_start_matches('+').as_bytes();
    let equal = digits.iter().rev().take_while(|&&b| b == digits[digits.len() - 1]).count();
    let run = |step: i16| {
        digits.len() > 9
            && digits[digits.len() - 9..]
                .windows(2)
                .all(|pair| (i16::from(pair[1]) - i16::from(pair[0]) - step).rem_euclid(10) == 0)
    };
    equal >= 7 || run(1) || run(-1)
}

/// Whether a value fits a pattern in which `*` stands for any text; letters match without regard to ASCII case.
///
/// Time is proportional to the product of the two lengths at worst.
pub fn matches(pattern: &str, value: &str) -> bool {
    let (pattern, value) = (pattern.as_bytes(), value.as_bytes());
    let (mut p, mut v) = (0, 0);
    let mut star = None;
    while v < value.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, v));
            p += 1;
        } else if p < pattern.len() && pattern[p].eq_ignore_ascii_case(&value[v]) {
            p += 1;
            v += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            v = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&b| b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_found_in_every_dress() {
        for raw in [
            "",
            " ",
            "null",
            "NULL",
            "N/A",
            "anonymous",
            "0000000000",
            "+000 000",
            "----",
            "111-111",
            "aaa",
            "[object Object]",
        ] {
            assert!(is_nothing(raw), "{raw:?}");
        }
        assert!(NOTHING.is_sorted());
        assert!(NOTHING.iter().all(|word| is_nothing(word) && is_nothing(&word.to_ascii_uppercase())));
        for raw in ["0", "12", "a1", "ann", "0010", "u_1"] {
            assert!(!is_nothing(raw), "{raw:?}");
        }
    }

    #[test]
    fn what_begins_with_two_letters_is_judged_as_in_brackets() {
        let letters = ["a", "A", "b", "1", "0", "-", " ", "é"];
        let texts = letters.iter().flat_map(|a| letters.iter().map(move |b| format!("{a}{b}")));
        let texts: Vec<String> = texts.flat_map(|text| letters.map(|c| text.clone() + c)).collect();
        for text in texts.iter().map(String::as_str).chain(["ab", "aa", "null", "na", "nan", "no", "none "]) {
            // No word in brackets is one of those that stand for nothing.
            let expected =
                is_nothing(&format!("({text})")) || NOTHING.contains(&&*text.trim().to_lowercase());
            assert_eq!(is_nothing(text), expected, "{text:?}");
        }
    }

    #[test]
    fn nobody_reads_these() {
        for address in [
            "test@test.com",
            "none@none.com",
            "na@na.com",
            "noemail@example.com",
            "noreply@shop.example",
            "a@b.invalid",
            "null@x.example",
        ] {
            assert!(is_nobody(address), "{address}");
        }
        assert!(!is_nobody("ann@ann.com") && !is_nobody("tess@test.com"));
    }

    #[test]
    fn placeholder_numbers() {
        for number in ["+447700000000", "+34600000000", "+12345678901", "+19876543210"] {
            assert!(is_placeholder_number(number), "{number}");
        }
        assert!(!is_placeholder_number("+442079460123"));
        assert!(!is_placeholder_number("+18005550000"));
    }

    #[test]
    fn patterns() {
        assert!(matches("*@mailinator.com", "x@Mailinator.com"));
        assert!(matches("test*", "test") && matches("a*b*c", "aXXbYYc"));
        assert!(!matches("a*b", "abc") && !matches("", "a") && matches("*", ""));
    }
}
