//! From text to digits: finds the number in the text, takes off the extension and reads
//! the digits of all scripts and the letters of vanity numbers.
//!
//! Follows libphonenumber's regular expressions (`VALID_PHONE_NUMBER`, `EXTN_PATTERN` and
//! their parts), written out by hand.

use super::table::is_alphanumeric;
use super::{PhoneError, Short};

/// libphonenumber refuses longer input, in characters.
const MAX_INPUT: usize = 250;

/// More digits than any prefix, calling code and national number have together.
const MAX_DIGITS: usize = 64;

/// Longest extension that is understood.
pub(super) const MAX_EXTENSION: usize = 20;

/// ASCII digits without a heap allocation.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    // A transform rule may put a few digits in front.
    bytes: [u8; MAX_DIGITS + 8],
    len: u8,
}

impl Digits {
    pub(super) const fn new() -> Digits {
        Digits { bytes: [0; MAX_DIGITS + 8], len: 0 }
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// False when the digit does not fit.
    #[inline]
    fn push(&mut self, digit: u8) -> bool {
        if usize::from(self.len) >= MAX_DIGITS {
            return false;
        }
        self.bytes[usize::from(self.len)] = digit;
        self.len += 1;
        true
    }

    /// Replaces the content by the parts in a row, as far as they fit.
    pub(super) fn join(&mut self, parts: [&[u8]; 3]) -> &[u8] {
        self.len = 0;
        for part in parts {
            let from = usize::from(self.len);
            let count = part.len().min(self.bytes.len() - from);
            self.bytes[from..from + count].copy_from_slice(&part[..count]);
            self.len += count as u8;
        }
        self.as_slice()
    }
}

/// A number as it was written, without a trace of its formatting.
pub(super) struct Scanned {
    /// Whether a plus sign came first, so that a calling code follows.
    pub(super) plus: bool,
    pub(super) extension: Short<MAX_EXTENSION>,
}

/// Finds the number in `raw` and puts its digits into `digits`, which is empty.
#[inline]
pub(super) fn scan(raw: &str, digits: &mut Digits) -> Result<Scanned, PhoneError> {
    if raw.len() > MAX_INPUT && raw.chars().nth(MAX_INPUT).is_some() {
        return Err(PhoneError::TooLong);
    }
    match scan_plain(raw.as_bytes(), digits) {
        Some(plus) => Ok(Scanned { plus, extension: Short::new() }),
        None => scan_any(raw, digits),
    }
}

/// The usual case: digits between spaces, hyphens, dots, slashes and brackets, perhaps after
/// a plus sign.  `None` when there is anything else to look at, otherwise whether there is
/// the sign.
#[inline]
fn scan_plain(raw: &[u8], digits: &mut Digits) -> Option<bool> {
    let (mut plus, mut started) = (false, false);
    // The length stays in a register.
    let mut len = 0;
    for &byte in raw {
        match byte {
            b'0'..=b'9' => {
                started = true;
                if len >= MAX_DIGITS {
                    return None;
                }
                digits.bytes[len] = byte;
                len += 1;
            }
            b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'[' | b']' => {}
            b'+' if !started => (started, plus) = (true, true),
            // Text before the number is no matter, except for RFC 3966 parameters.
            _ if !started && byte.is_ascii() && byte != b';' => {}
            _ => return None,
        }
    }
    digits.len = len as u8;
    (len >= 3).then_some(plus)
}

/// Everything that [`scan_plain`] leaves.
#[cold]
fn scan_any(raw: &str, digits: &mut Digits) -> Result<Scanned, PhoneError> {
    if raw.trim().is_empty() {
        return Err(PhoneError::Empty);
    }
    let refused = || {
        if raw.chars().any(|c| digit(c).is_some()) { PhoneError::NotANumber } else { PhoneError::NoDigits }
    };
    let text = Text::of(raw).ok_or_else(refused)?;
    let mut number = text.as_slice();
    if !is_viable(number) {
        return Err(refused());
    }
    let mut extension = Short::new();
    if let Some(found) = find_extension(number, 0)
        && is_viable(&number[..found.start])
    {
        for &c in &number[found.digits] {
            extension.extend(&[b'0' + digit(c).unwrap_or(0)]);
        }
        number = &number[..found.start];
    }
    let signs = number.iter().take_while(|&&c| is_plus(c)).count();
    read_digits(&number[signs..], digits)?;
    Ok(Scanned { plus: signs > 0, extension })
}

/// Characters without a heap allocation; the input is never longer than this.
struct Text {
    chars: [char; MAX_INPUT],
    len: usize,
}

impl Text {
    fn push_str(&mut self, part: &str) {
        for c in part.chars() {
            if let Some(free) = self.chars.get_mut(self.len) {
                *free = c;
                self.len += 1;
            }
        }
    }

    fn as_slice(&self) -> &[char] {
        &self.chars[..self.len]
    }

    /// The part of `raw` that holds the number; `None` when its phone-context is malformed.
    fn of(raw: &str) -> Option<Text> {
        const CONTEXT: &str = ";phone-context=";
        let mut text = Text { chars: ['\0'; MAX_INPUT], len: 0 };
        if let Some((before, after)) = raw.split_once(CONTEXT) {
            let context = after.split(';').next().unwrap_or("");
            if !is_context(context) {
                return None;
            }
            // A context may also be a domain, which says nothing about the number.
            if context.starts_with('+') {
                text.push_str(context);
            }
            // A "tel:" behind the context leaves nothing.
            text.push_str(match raw.find("tel:") {
                Some(at) => before.get(at + 4..).unwrap_or(""),
                None => before,
            });
        } else {
            text.push_str(possible_number(raw));
        }
        const SUBADDRESS: [char; 6] = [';', 'i', 's', 'u', 'b', '='];
        if let Some(at) = text.as_slice().windows(6).position(|w| w == SUBADDRESS)
            && at > 0
        {
            text.len = at;
        }
        Some(text)
    }
}

/// Cuts text before the first digit or plus sign, punctuation at the end, and a second
/// number as in `555 1234 x302/x2303`.
fn possible_number(raw: &str) -> &str {
    let start = raw.find(|c| is_plus(c) || digit(c).is_some()).unwrap_or(raw.len());
    let number = raw[start..].trim_end_matches(|c| c != '#' && !is_alphanumeric(c));
    for (at, _) in number.match_indices(['/', '\\']) {
        if number[at + 1..].trim_start_matches(' ').starts_with('x') {
            return &number[..at];
        }
    }
    number
}

/// A phone-context of RFC 3966: a global number or a domain name.
fn is_context(context: &str) -> bool {
    if let Some(number) = context.strip_prefix('+') {
        return number.chars().any(|c| digit(c).is_some())
            && number.chars().all(|c| matches!(c, '-' | '.' | '(' | ')') || digit(c).is_some());
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c == '-' || c.is_ascii_alphabetic() || digit(c).is_some())
    };
    let domain = context.strip_suffix('.').unwrap_or(context);
    let top = domain.rsplit('.').next().unwrap_or("");
    domain.split('.').all(is_label) && top.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Whether the text could be a number: two digits, or at least three among punctuation,
/// followed by more of that, letters and an extension.
fn is_viable(text: &[char]) -> bool {
    if let [first, second] = *text {
        return digit(first).is_some() && digit(second).is_some();
    }
    let mut at = text.iter().take_while(|&&c| is_plus(c)).count();
    for _ in 0..3 {
        at += text[at..].iter().take_while(|&&c| is_punctuation(c)).count();
        if text.get(at).is_none_or(|&c| digit(c).is_none()) {
            return false;
        }
        at += 1;
    }
    let tail = text[at..]
        .iter()
        .take_while(|&&c| {
            is_punctuation(c) || c.is_ascii_alphabetic() || is_folded_ascii(c) || digit(c).is_some()
        })
        .count();
    at + tail == text.len() || find_extension(text, at).is_some_and(|found| found.start <= at + tail)
}

/// An extension at the end of a text.
struct Extension {
    /// Where its label begins.
    start: usize,
    digits: std::ops::Range<usize>,
}

/// The extension with the longest label that begins at `from` or later.
fn find_extension(text: &[char], from: usize) -> Option<Extension> {
    let hash = text.last() == Some(&'#');
    let stop = text.len() - usize::from(hash);
    let count = text[..stop].iter().rev().take_while(|&&c| digit(c).is_some()).count();
    if count == 0 || count > MAX_EXTENSION {
        return None;
    }
    let digits = stop - count..stop;
    // No label contains a digit.
    let last = text[..digits.start].iter().rposition(|&c| digit(c).is_some());
    (last.map_or(from, |last| from.max(last + 1))..digits.start)
        .find(|&start| is_extension_label(&text[start..digits.start], count, hash))
        .map(|start| Extension { start, digits })
}

/// Whether `label` can stand before an extension of `count` digits.  The less a label says,
/// the fewer digits it may have, lest two numbers side by side become one with an extension.
fn is_extension_label(label: &[char], count: usize, hash: bool) -> bool {
    if !hash && starts_with(label, ";ext=") == Some(&[]) {
        return true;
    }
    // " 503#", the hash behind it being the only hint.
    if hash && count <= 6 && label.iter().all(|c| matches!(c, '-' | ' ')) {
        return true;
    }
    let rest = skip(label, |c| matches!(c, ' ' | '\u{A0}' | '\t' | ','));
    let explicit = ["ext", "xt"]
        .iter()
        .find_map(|word| starts_with(rest, word))
        .map(|rest| {
            let rest = ["ensio\u{301}", "ensio", "ensi\u{F3}"]
                .iter()
                .find_map(|word| starts_with(rest, word))
                .unwrap_or(rest);
            starts_with(rest, "n").unwrap_or(rest)
        })
        .or_else(|| {
            // The same in full width.
            let rest = ["ｅｘｔ", "ｘｔ"].iter().find_map(|word| starts_with(rest, word))?;
            Some(starts_with(rest, "ｎ").unwrap_or(rest))
        })
        .or_else(|| ["доб", "anexo"].iter().find_map(|word| starts_with(rest, word)));
    if explicit.is_some_and(ends_label) {
        return true;
    }
    if count > 15 {
        return false;
    }
    // Pauses as in dialling strings: ",,12" and ";12", or single commas.
    let rest_with_commas = skip(label, |c| matches!(c, ' ' | '\u{A0}' | '\t'));
    if [",,", ";"].iter().any(|pause| starts_with(rest_with_commas, pause).is_some_and(ends_label)) {
        return true;
    }
    if count > 9 {
        return false;
    }
    let ambiguous = ["x", "ｘ", "#", "＃", "~", "～", "int", "ｉｎｔ"];
    let commas = skip(rest_with_commas, |c| c == ',');
    (commas.len() < rest_with_commas.len() && ends_label(commas))
        || ambiguous.iter().any(|word| starts_with(rest, word).is_some_and(ends_label))
}

/// What may stand between the word of a label and the digits.
fn ends_label(rest: &[char]) -> bool {
    let rest = match rest {
        [':' | '.' | '．', rest @ ..] => rest,
        _ => rest,
    };
    rest.iter().all(|c| matches!(c, ' ' | '\u{A0}' | '\t' | ',' | '-'))
}

fn skip(text: &[char], what: impl Fn(char) -> bool) -> &[char] {
    &text[text.iter().take_while(|&&c| what(c)).count()..]
}

/// What follows `word`, which is lower case, in the text of any case.
fn starts_with<'t>(text: &'t [char], word: &str) -> Option<&'t [char]> {
    let mut rest = text;
    for expected in word.chars() {
        let (&first, tail) = rest.split_first()?;
        if first != expected && lower(first) != expected {
            return None;
        }
        rest = tail;
    }
    Some(rest)
}

/// Lower case, by the rules of a case-insensitive regular expression: other forms of a
/// letter count as the letter.
fn lower(c: char) -> char {
    match c {
        'İ' | 'ı' => 'i',
        'ſ' => 's',
        '\u{1C81}' => 'д',
        '\u{1C82}' => 'о',
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

/// Characters that equal an ASCII letter when case is ignored.
fn is_folded_ascii(c: char) -> bool {
    matches!(c, 'İ' | 'ı' | 'ſ' | '\u{212A}')
}

fn is_plus(c: char) -> bool {
    matches!(c, '+' | '＋')
}

/// Punctuation within a number; `x` stands for a carrier code, `*` is dialled as such.
fn is_punctuation(c: char) -> bool {
    matches!(
        c,
        '-' | 'x' | 'X' | ' ' | '(' | ')' | '.' | '[' | ']' | '/' | '~' | '*'
            | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' | '\u{FF0D}'..='\u{FF0F}'
            | '\u{A0}' | '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{3000}'
            | '\u{FF08}' | '\u{FF09}' | '\u{FF3B}' | '\u{FF3D}'
            | '\u{2053}' | '\u{223C}' | '\u{FF5E}'
    )
}

/// Drops the punctuation.  From three letters on, the text is a vanity number, whose letters
/// mean the digits on their keys (and which has no digits of other scripts).
fn read_digits(text: &[char], digits: &mut Digits) -> Result<(), PhoneError> {
    let vanity = text.iter().filter(|c| c.is_ascii_alphabetic()).count() >= 3;
    digits.len = 0;
    for &c in text {
        let value = if vanity { key(c) } else { digit(c) };
        if let Some(value) = value
            && !digits.push(b'0' + value)
        {
            return Err(PhoneError::TooLong);
        }
    }
    Ok(())
}

/// The digit on whose key a letter is (ITU-T E.161).
fn key(c: char) -> Option<u8> {
    Some(match c.to_ascii_uppercase() {
        c @ '0'..='9' => c as u8 - b'0',
        'A'..='C' => 2,
        'D'..='F' => 3,
        'G'..='I' | 'ı' => 4,
        'J'..='L' => 5,
        'M'..='O' => 6,
        'P'..='S' | 'ſ' => 7,
        'T'..='V' => 8,
        'W'..='Z' => 9,
        _ => return None,
    })
}

/// The zeros of the decimal digits (general category Nd) in Unicode 14; nine digits follow each.
const ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50,
    0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40,
    0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066,
    0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950,
    0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6,
    0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// The value of a decimal digit of any script.
fn digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.is_ascii_digit().then(|| c as u8 - b'0');
    }
    let code = u32::from(c);
    let zero = ZEROS[ZEROS.partition_point(|&zero| zero <= code) - 1];
    (code - zero < 10).then(|| (code - zero) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(raw: &str) -> Option<(bool, String, String)> {
        let mut digits = Digits::new();
        let found = scan(raw, &mut digits).ok()?;
        let digits = String::from_utf8(digits.as_slice().to_owned()).unwrap();
        Some((found.plus, digits, found.extension.as_str().to_owned()))
    }

    fn ok(raw: &str, plus: bool, digits: &str, extension: &str) {
        assert_eq!(scanned(raw), Some((plus, digits.to_owned(), extension.to_owned())), "{raw}");
    }

    fn refused(raw: &str, error: PhoneError) {
        assert_eq!(scan(raw, &mut Digits::new()).err(), Some(error));
    }

    #[test]
    fn phone_scan_drops_punctuation() {
        ok("(020) 7946-0018", false, "02079460018", "");
        ok("Tel: + 44 20.7946/0018)", true, "442079460018", "");
        ok("０２０ー７９４６", false, "0207946", "");
        ok("＋٤٤ 20", true, "4420", "");
        ok("12", false, "12", "");
        ok("1 2 3", false, "123", "");
        ok("1*2*3", false, "123", "");
    }

    #[test]
    fn phone_scan_finds_extensions() {
        for raw in [
            "555 1234 ext. 56",
            "555 1234 x56",
            "555-1234#56",
            "555 1234 Extension: 56",
            "555 1234 56#",
            "555 1234;ext=56",
            "555 1234,,56",
            "555 1234;56",
            "555 1234 доб. 56",
            "555 1234 ｅｘｔ５６",
            "555 1234 int 56",
            "555 1234 extensión 56",
            "555 1234 ~56",
            "555 1234 ANEXO 56",
            "5551234 x56/x78",
        ] {
            ok(raw, false, "5551234", "56");
        }
        ok("555 1234 ext 12345678901234567890", false, "5551234", "12345678901234567890");
        // Too long for so vague a label, hence digits of the number.
        ok("555 1234 x1234567890", false, "55512341234567890", "");
        ok("1-800-FLOWERS x7", false, "18003569377", "7");
    }

    #[test]
    fn phone_scan_reads_rfc3966() {
        ok("tel:7042;phone-context=example.com", false, "7042", "");
        ok("tel:863-1234;phone-context=+1-914-555", true, "19145558631234", "");
        ok("tel:+1-201-555-0123;isub=12345", true, "12015550123", "");
        ok("tel:+1-201-555-0123;ext=77", true, "12015550123", "77");
        for bad in ["", "+", "-a.b", "a..b", "example.1", "+1 2", "a_b"] {
            assert_eq!(scanned(&format!("tel:7042;phone-context={bad}")), None, "{bad}");
        }
    }

    #[test]
    fn phone_scan_refuses_other_text() {
        refused(" \t", PhoneError::Empty);
        refused("call me", PhoneError::NoDigits);
        refused("12 or 3456", PhoneError::NotANumber);
        refused("1234 + 5", PhoneError::NotANumber);
        refused(&"1".repeat(251), PhoneError::TooLong);
        refused(&"1".repeat(250), PhoneError::TooLong);
        refused(&"é".repeat(1 << 20), PhoneError::TooLong);
    }
}
