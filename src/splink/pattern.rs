//! The few regular expressions that Splink's models extract with: classes of characters and letters, each with how
//! often it may stand, anchored or not.

use crate::error::{Error, Result};

/// One class of characters and how often it stands.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    negated: bool,
    ranges: Vec<(char, char)>,
    least: usize,
    most: usize,
}

/// A pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern {
    begin: bool,
    end: bool,
    parts: Vec<Part>,
}

impl Pattern {
    /// Reads a pattern. Groups, alternatives and escapes other than of signs are not supported.
    pub(super) fn new(text: &str) -> Result<Self> {
        let fault = || Error::invalid(format!("has the pattern `{text}`, which is not supported"));
        let begin = text.starts_with('^');
        let end = text.ends_with('$') && !text.ends_with("\\$");
        let inner = &text[usize::from(begin)..text.len() - usize::from(end)];
        let mut chars = inner.chars().peekable();
        let mut parts = Vec::new();
        while let Some(c) = chars.next() {
            let mut part = Part { negated: false, ranges: Vec::new(), least: 1, most: 1 };
            match c {
                '[' => {
                    part.negated = chars.next_if_eq(&'^').is_some();
                    loop {
                        let from = chars.next().ok_or_else(fault)?;
                        if from == ']' {
                            break;
                        }
                        if from == '\\' || from == '[' {
                            return Err(fault());
                        }
                        let to = if chars.next_if_eq(&'-').is_some() {
                            chars.next().ok_or_else(fault)?
                        } else {
                            from
                        };
                        if to == ']' {
                            part.ranges.extend([(from, from), ('-', '-')]);
                            break;
                        }
                        part.ranges.push((from, to));
                    }
                }
                '.' => part.negated = true,
                '\\' => match chars.next().ok_or_else(fault)? {
                    'd' => part.ranges.push(('0', '9')),
                    sign if sign.is_ascii_punctuation() => part.ranges.push((sign, sign)),
                    _ => return Err(fault()),
                },
                '(' | ')' | '|' | '*' | '+' | '?' | '{' | '}' | '^' | '$' => return Err(fault()),
                letter => part.ranges.push((letter, letter)),
            }
            match chars.peek() {
                Some('?') => part.least = 0,
                Some('+') => part.most = usize::MAX,
                Some('*') => (part.least, part.most) = (0, usize::MAX),
                Some('{') => {
                    chars.next();
                    let bounds: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    let (least, most) = bounds.split_once(',').unwrap_or((&bounds, &bounds));
                    part.least = least.parse().map_err(|_| fault())?;
                    part.most =
                        if most.is_empty() { usize::MAX } else { most.parse().map_err(|_| fault())? };
                    if part.least > part.most {
                        return Err(fault());
                    }
                    parts.push(part);
                    continue;
                }
                _ => {
                    parts.push(part);
                    continue;
                }
            }
            chars.next();
            if chars.peek() == Some(&'?') {
                return Err(fault());
            }
            parts.push(part);
        }
        if parts.len() > 16 || parts.iter().filter(|part| part.most > part.least).count() > 4 {
            return Err(fault());
        }
        Ok(Pattern { begin, end, parts })
    }

    /// The first match, the longest by each part in turn; empty where there is none.
    pub(super) fn extract<'t>(&self, text: &'t str) -> &'t str {
        let last = if self.begin { 0 } else { text.len() };
        for (at, _) in text.char_indices().take_while(|(at, _)| *at <= last) {
            if let Some(end) = self.matches(text, at, 0) {
                return &text[at..end];
            }
        }
        ""
    }

    fn matches(&self, text: &str, at: usize, part: usize) -> Option<usize> {
        let Some(own) = self.parts.get(part) else {
            return (!self.end || at == text.len()).then_some(at);
        };
        // Ends after each number of repetitions, from the most to the least.
        let mut ends = vec![at];
        let mut here = at;
        while ends.len() <= own.most {
            let Some(c) = text[here..].chars().next().filter(|c| own.takes(*c)) else { break };
            here += c.len_utf8();
            ends.push(here);
        }
        ends.iter().skip(own.least).rev().find_map(|end| self.matches(text, *end, part + 1))
    }
}

impl Part {
    fn takes(&self, c: char) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != self.negated
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_of_models() {
        let extract = |pattern: &str, text: &str| Pattern::new(pattern).unwrap().extract(text).to_owned();
        assert_eq!(extract("^[^@]+", "ann@b@c"), "ann");
        assert_eq!(extract("^[^@]+", "@b"), "");
        assert_eq!(extract("^[A-Za-z]{1,2}[0-9][A-Za-z0-9]? [0-9]", "SW1A 1AA"), "SW1A 1");
        assert_eq!(extract("^[A-Za-z]{1,2}[0-9][A-Za-z0-9]?", "M1 1AE"), "M1");
        assert_eq!(extract("[0-9]+$", "ab12c345"), "345");
        assert_eq!(extract("a.c", "xabcx"), "abc");
        assert_eq!(extract("^\\d\\.", "1.2"), "1.");
        for bad in ["(a|b)", "a**", "\\w", "[a", "a{2,1}", "a+?", "*"] {
            assert!(Pattern::new(bad).is_err(), "{bad}");
        }
    }
}
