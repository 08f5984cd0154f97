//! Codes that names sounding alike in English share: Soundex, NYSIIS and Metaphone.
//!
//! Accents are taken off first (compatibility decomposition, marks dropped), so that `Çáŕẗéř` is read as `Carter`.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Base letters in upper case.
fn letters(text: &str) -> Vec<char> {
    if text.is_ascii() {
        return text.bytes().map(|byte| byte.to_ascii_uppercase().into()).collect();
    }
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_uppercase).collect()
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'A' | 'E' | 'I' | 'O' | 'U')
}

/// American Soundex: the first character and three digits, with `H` and `W` not parting equal codes.
///
/// Empty text gives an empty code; a first character that is no letter is kept. O(n). Source: Russell 1918, as the
/// United States National Archives codes it.
///
/// # Example
/// ```
/// use stitchline::similarity::soundex;
///
/// assert_eq!(soundex("Ashcraft"), "A261");
/// assert_eq!(soundex("Robert"), soundex("Rupert"));
/// ```
#[must_use]
pub fn soundex(text: &str) -> String {
    let digit = |c: char| match c {
        'B' | 'F' | 'P' | 'V' => Some('1'),
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => Some('2'),
        'D' | 'T' => Some('3'),
        'L' => Some('4'),
        'M' | 'N' => Some('5'),
        'R' => Some('6'),
        _ => None,
    };
    let letters = letters(text);
    let Some((first, rest)) = letters.split_first() else {
        return String::new();
    };
    let mut code = vec![*first];
    let mut last = digit(*first);
    for c in rest {
        match digit(*c) {
            Some(next) if last != Some(next) => {
                code.push(next);
                last = Some(next);
            }
            None if !matches!(c, 'H' | 'W') => last = None,
            _ => {}
        }
    }
    code.resize(4, '0');
    code.into_iter().collect()
}

/// The code of the New York State Identification and Intelligence System, not cut to six letters.
///
/// O(n). Source: Taft 1970.
///
/// # Example
/// ```
/// use stitchline::similarity::nysiis;
///
/// assert_eq!(nysiis("Catherine"), "CATARAN");
/// assert_eq!(nysiis("Catherine"), nysiis("Katerina"));
/// ```
#[must_use]
pub fn nysiis(text: &str) -> String {
    // Letters keep their accents here, as the reference vectors have them.
    let mut name: Vec<char> = text.chars().flat_map(char::to_uppercase).collect();
    let starts = |name: &[char], start: &str| {
        name.iter().copied().zip(start.chars()).filter(|(a, b)| a == b).count() == start.len()
    };
    let replace = |name: &mut Vec<char>, old: usize, new: &str| drop(name.splice(..old, new.chars()));
    if starts(&name, "MAC") {
        replace(&mut name, 3, "MCC");
    } else if starts(&name, "KN") {
        replace(&mut name, 1, "");
    } else if starts(&name, "K") {
        replace(&mut name, 1, "C");
    } else if starts(&name, "PH") || starts(&name, "PF") {
        replace(&mut name, 2, "FF");
    } else if starts(&name, "SCH") {
        replace(&mut name, 3, "SSS");
    }
    let ending = match name.as_slice() {
        [.., 'I' | 'E', 'E'] => Some('Y'),
        [.., 'D' | 'R' | 'N', 'T'] | [.., 'R' | 'N', 'D'] => Some('D'),
        _ => None,
    };
    if let Some(ending) = ending {
        name.truncate(name.len() - 2);
        name.push(ending);
    }
    let Some(first) = name.first() else {
        return String::new();
    };
    let mut key = vec![*first];
    let mut i = 1;
    while i < name.len() {
        let (before, rest) = (name[i - 1], &name[i..]);
        let (code, taken): (&[char], usize) = match rest {
            ['E', 'V', ..] => (&['A', 'F'], 2),
            ['A' | 'E' | 'I' | 'O' | 'U', ..] => (&['A'], 1),
            ['Q', ..] => (&['G'], 1),
            ['Z', ..] => (&['S'], 1),
            ['M', ..] | ['K', 'N', ..] => (&['N'], 1),
            ['K', ..] => (&['C'], 1),
            ['S', 'C', 'H', ..] => (&['S', 'S'], 3),
            ['P', 'H', ..] => (&['F'], 2),
            ['H', after @ ..] if !is_vowel(before) || !after.first().is_some_and(|c| is_vowel(*c)) => {
                (if is_vowel(before) { &['A'] } else { &name[i - 1..i] }, 1)
            }
            ['W', ..] if is_vowel(before) => (&name[i - 1..i], 1),
            _ => (&rest[..1], 1),
        };
        if code.last() != key.last() {
            key.extend_from_slice(code);
        }
        i += taken;
    }
    if key.len() > 1 && key.ends_with(&['S']) {
        key.pop();
    }
    if key.ends_with(&['A', 'Y']) {
        key.truncate(key.len() - 2);
        key.push('Y');
    }
    if key.len() > 1 && key.ends_with(&['A']) {
        key.pop();
    }
    key.into_iter().collect()
}

/// The original Metaphone: consonants by their sound, `0` for th and `X` for sh; vowels only at a word's start.
///
/// White space parts words and is kept as one space. O(n). Source: Philips 1990.
///
/// # Example
/// ```
/// use stitchline::similarity::metaphone;
///
/// assert_eq!(metaphone("Thumb"), "0M");
/// assert_eq!(metaphone("Philip"), metaphone("Filip"));
/// ```
#[must_use]
pub fn metaphone(text: &str) -> String {
    let name = letters(text);
    let silent = matches!(name.as_slice(), ['K' | 'G' | 'P', 'N', ..] | ['W', 'R', ..] | ['A', 'E', ..]);
    let name = &name[usize::from(silent)..];
    let mut code = String::new();
    let mut i = 0;
    while i < name.len() {
        let rest = &name[i..];
        let before = i.checked_sub(1).map(|at| name[at]);
        let next = rest.get(1).copied();
        let vowel_next = next.is_some_and(is_vowel);
        if next == Some(rest[0]) && rest[0] != 'C' {
            i += 1;
            continue;
        }
        let (sound, taken) = match rest {
            [c, ..] if c.is_whitespace() => {
                (if code.is_empty() || code.ends_with(' ') { "" } else { " " }, 1)
            }
            [c @ ('A' | 'E' | 'I' | 'O' | 'U'), ..] if before.is_none_or(char::is_whitespace) => {
                code.push(*c);
                ("", 1)
            }
            ['B'] if before == Some('M') => ("", 1),
            ['B', ..] => ("B", 1),
            ['C', 'I', 'A', ..] | ['C', 'H', ..] => ("X", 2),
            ['C', 'I' | 'E' | 'Y', ..] => ("S", 2),
            ['C', ..] => ("K", 1),
            ['D', 'G', 'I' | 'E' | 'Y', ..] => ("J", 3),
            ['D', ..] => ("T", 1),
            ['G', 'I' | 'E' | 'Y', ..] => ("J", 1),
            ['G', 'H', c, ..] if !is_vowel(*c) => ("", 2),
            ['G', 'N'] => ("", 2),
            ['G', ..] => ("K", 1),
            ['H', ..] if i == 0 || vowel_next || !before.is_some_and(is_vowel) => ("H", 1),
            ['K', ..] if before == Some('C') => ("", 1),
            ['K' | 'Q', ..] => ("K", 1),
            ['P', 'H', ..] => ("F", 2),
            ['P', ..] => ("P", 1),
            ['S', 'H', ..] => ("X", 2),
            ['S', 'I', 'O' | 'A', ..] => ("X", 3),
            ['S', ..] => ("S", 1),
            ['T', 'I', 'O' | 'A', ..] => ("X", 1),
            ['T', 'H', ..] => ("0", 2),
            ['T', 'C', 'H', ..] => ("", 1),
            ['T', ..] => ("T", 1),
            ['V' | 'F', ..] => ("F", 1),
            ['W', 'H', ..] if i == 0 => ("W", 2),
            ['W', ..] if vowel_next => ("W", 1),
            ['X', 'H', ..] | ['X', 'I', 'O' | 'A', ..] if i == 0 => ("X", 1),
            ['X', ..] if i == 0 => ("S", 1),
            ['X', ..] => ("KS", 1),
            ['Y', ..] if vowel_next => ("Y", 1),
            ['Z', ..] => ("S", 1),
            ['J', ..] => ("J", 1),
            ['L', ..] => ("L", 1),
            ['M', ..] => ("M", 1),
            ['N', ..] => ("N", 1),
            ['R', ..] => ("R", 1),
            _ => ("", 1),
        };
        code.push_str(sound);
        i += taken;
    }
    code
}
