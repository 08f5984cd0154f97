//! A person's name as written, cut into words that remember how they were written.

use crate::normalize::fold::{self, is_joiner, letter_into};
use smallvec::SmallVec;

/// One word, hyphens in it turned to spaces, by its place in [`Tokens::text`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    from: usize,
    to: usize,
    /// Letters of it as written, and how many of them are upper case.
    letters: u32,
    upper: u32,
    /// Follows a dot without a space: the D of `Ph.D.`
    pub(super) glued: bool,
    /// How many commas stand before it.
    pub(super) segment: u32,
    /// Stands in quotes or brackets.
    pub(super) aside: bool,
}

impl Token {
    /// Two letters or more, all of them upper case.
    pub(super) fn is_shouted(&self) -> bool {
        self.letters > 1 && self.upper == self.letters
    }
}

/// The words of a name.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    text: String,
    pub(super) list: SmallVec<[Token; 8]>,
}

impl Tokens {
    pub(super) fn word(&self, token: &Token) -> &str {
        &self.text[token.from..token.to]
    }

    /// Whether any word has a lower-case letter, so that upper case says something.
    pub(super) fn mixed_case(&self) -> bool {
        self.list.iter().any(|token| token.letters > 1 && token.upper < token.letters)
    }

    /// Reads a name. O(n).
    pub(super) fn read(raw: &str) -> Self {
        let mut tokens = Tokens::default();
        tokens.text.reserve(raw.len().min(fold::MOST_BYTES));
        let (mut segment, mut closing, mut glued) = (0, None, false);
        let mut open: Option<Token> = None;
        let mut hyphen = false;
        for c in fold::bounded(raw).chars() {
            if Some(c) == closing {
                tokens.close(&mut open);
                (closing, glued, hyphen) = (None, false, false);
                continue;
            }
            if is_joiner(c) {
                continue;
            }
            let at = tokens.text.len();
            if hyphen && open.is_some() {
                tokens.text.push(' ');
            }
            let from = tokens.text.len();
            letter_into(&mut tokens.text, c);
            if tokens.text.len() > from {
                let aside = closing.is_some();
                let token =
                    open.get_or_insert(Token { from, to: from, letters: 0, upper: 0, glued, segment, aside });
                token.to = tokens.text.len();
                token.letters += u32::from(c.is_alphabetic());
                token.upper += u32::from(c.is_uppercase());
                (glued, hyphen) = (false, false);
                continue;
            }
            tokens.text.truncate(at);
            match c {
                '-' | '‐' | '‑' | '–' => hyphen = open.is_some(),
                _ if unicode_normalization::char::is_combining_mark(c) => {}
                _ => {
                    glued = c == '.' && open.is_some();
                    hyphen = false;
                    tokens.close(&mut open);
                    match c {
                        ',' | ';' => segment += 1,
                        '"' | '“' | '”' => closing = Some(if c == '"' { '"' } else { '”' }),
                        '(' => closing = Some(')'),
                        '[' => closing = Some(']'),
                        _ => {}
                    }
                }
            }
        }
        tokens.close(&mut open);
        tokens
    }

    fn close(&mut self, open: &mut Option<Token>) {
        self.list.extend(open.take());
    }
}
