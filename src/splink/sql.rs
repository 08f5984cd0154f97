//! The part of SQL that conditions of Splink are written in: text to a tree.

use crate::error::{Error, Result};
use std::fmt;

/// Which of the two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Column(Side, String),
    Text(String),
    Number(f64),
    Null,
    /// A function by its name in lower case.
    Call(String, Vec<Expr>),
    /// One of `= <> < <= > >= + - * /`.
    Binary(&'static str, Box<Expr>, Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    IsNull(Box<Expr>),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
}

const SIGNS: &[&str] = &["<>", "!=", "<=", ">=", "==", "(", ")", ",", "=", "<", ">", "+", "-", "*", "/", "."];
/// Conditions are not nested deeper than this.
const DEEPEST: usize = 64;

fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let (token, length) = match c {
            '\'' | '"' | '`' => {
                quoted(rest, c).ok_or_else(|| Error::invalid("has a quote without its end"))?
            }
            c if c.is_ascii_digit() => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
                let number = rest[..end].parse().ok().filter(|n: &f64| n.is_finite());
                let number = number
                    .ok_or_else(|| Error::invalid(format!("has `{}`, which is no number", &rest[..end])))?;
                (Token::Number(number), end)
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), end)
            }
            _ => {
                let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
                let sign =
                    sign.ok_or_else(|| Error::invalid(format!("has `{c}`, which is not supported")))?;
                let plain = match *sign {
                    "!=" => "<>",
                    "==" => "=",
                    sign => sign,
                };
                (Token::Sign(plain), sign.len())
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn quoted(rest: &str, quote: char) -> Option<(Token, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            text.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == quote) {
            chars.next();
            text.push(quote);
        } else {
            let token = if quote == '\'' { Token::Text(text) } else { Token::Quoted(text) };
            return Some((token, at + 1));
        }
    }
    None
}

/// How columns of the two rows are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// `name_l` and `name_r`, in conditions.
    Suffix,
    /// `l.name` and `r.name`, in blocking rules.
    Prefix,
}

/// Reads a condition.
pub(super) fn parse(text: &str, naming: Naming) -> Result<Expr> {
    let about = |error: Error| error.in_field(format!("SQL `{}`", shown(text)));
    let tokens = tokens(text).map_err(about)?;
    let mut parser = Parser { tokens, at: 0, naming, depth: 0 };
    let expr = parser.or().map_err(about)?;
    match parser.tokens.get(parser.at) {
        None => Ok(expr),
        Some(token) => Err(about(Error::invalid(format!("{} is not supported there", token.shown())))),
    }
}

/// A condition in one line, cut where it is long.
pub(super) fn shown(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(120) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Token::Word(text) | Token::Quoted(text) | Token::Text(text) => format!("`{text}`"),
            Token::Number(number) => format!("`{number}`"),
            Token::Sign(sign) => format!("`{sign}`"),
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    naming: Naming,
    depth: usize,
}

impl Parser {
    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(own)) if *own == sign);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found =
            matches!(self.tokens.get(self.at), Some(Token::Word(own)) if own.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &'static str) -> Result<()> {
        if self.sign(sign) { Ok(()) } else { Err(Error::invalid(format!("lacks `{sign}`"))) }
    }

    fn or(&mut self) -> Result<Expr> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Error::invalid("is nested too deeply"));
        }
        let mut parts = vec![self.and()?];
        while self.word("or") {
            parts.push(self.and()?);
        }
        self.depth -= 1;
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Or(parts) })
    }

    fn and(&mut self) -> Result<Expr> {
        let mut parts = vec![self.not()?];
        while self.word("and") {
            parts.push(self.not()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) })
    }

    fn not(&mut self) -> Result<Expr> {
        let mut odd = false;
        while self.word("not") {
            odd = !odd;
        }
        let inner = self.compared()?;
        Ok(if odd { Expr::Not(Box::new(inner)) } else { inner })
    }

    fn compared(&mut self) -> Result<Expr> {
        let mut left = self.sum()?;
        loop {
            if self.word("is") {
                let not = self.word("not");
                if !self.word("null") {
                    return Err(Error::invalid("has IS without NULL"));
                }
                left = Expr::IsNull(Box::new(left));
                if not {
                    left = Expr::Not(Box::new(left));
                }
                continue;
            }
            let Some(sign) = ["=", "<>", "<=", ">=", "<", ">"].into_iter().find(|sign| self.sign(sign))
            else {
                return Ok(left);
            };
            left = Expr::Binary(sign, Box::new(left), Box::new(self.sum()?));
        }
    }

    fn sum(&mut self) -> Result<Expr> {
        let mut left = self.product()?;
        while let Some(sign) = ["+", "-"].into_iter().find(|sign| self.sign(sign)) {
            left = Expr::Binary(sign, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr> {
        let mut left = self.value()?;
        while let Some(sign) = ["*", "/"].into_iter().find(|sign| self.sign(sign)) {
            left = Expr::Binary(sign, Box::new(left), Box::new(self.value()?));
        }
        Ok(left)
    }

    fn value(&mut self) -> Result<Expr> {
        if self.sign("(") {
            let inner = self.or()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.sign("-") {
            return match self.tokens.get(self.at) {
                Some(Token::Number(number)) => {
                    let number = -*number;
                    self.at += 1;
                    Ok(Expr::Number(number))
                }
                _ => Err(Error::invalid("has `-` before what is no number")),
            };
        }
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        match token {
            Some(Token::Number(number)) => Ok(Expr::Number(number)),
            Some(Token::Text(text)) => Ok(Expr::Text(text)),
            Some(Token::Quoted(name)) => self.column(name),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("null") => Ok(Expr::Null),
            Some(Token::Word(word)) if self.sign("(") => self.call(word.to_ascii_lowercase()),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("case") => {
                Err(Error::invalid("has CASE, which is not supported"))
            }
            Some(Token::Word(word)) => self.column(word),
            Some(token) => Err(Error::invalid(format!("{} is not supported there", token.shown()))),
            None => Err(Error::invalid("ends too early")),
        }
    }

    fn call(&mut self, name: String) -> Result<Expr> {
        let mut arguments = Vec::new();
        if !self.sign(")") {
            loop {
                arguments.push(self.or()?);
                // All values are text here, so a cast to text changes nothing.
                if matches!(name.as_str(), "cast" | "try_cast") {
                    let text = self.word("as")
                        && ["text", "varchar", "string"].into_iter().any(|kind| self.word(kind));
                    if !text {
                        return Err(Error::invalid(
                            "casts to something other than text, which is not supported",
                        ));
                    }
                    self.expect(")")?;
                    return Ok(arguments.remove(0));
                }
                if self.sign(")") {
                    break;
                }
                self.expect(",")?;
            }
        }
        let name = match name.as_str() {
            "substring" | "substr" => "substr".to_owned(),
            "array_length" | "len" | "cardinality" | "list_length" => "array_length".to_owned(),
            "array_intersect" | "list_intersect" => "list_intersect".to_owned(),
            "jaro_winkler" => "jaro_winkler_similarity".to_owned(),
            _ => name,
        };
        super::eval::known(&name, arguments.len())?;
        Ok(Expr::Call(name, arguments))
    }

    fn column(&mut self, name: String) -> Result<Expr> {
        if self.naming == Naming::Prefix {
            let side = match name.as_str() {
                "l" => Side::Left,
                "r" => Side::Right,
                _ => return Err(Error::invalid(format!("has `{name}` without `l.` or `r.` before it"))),
            };
            self.expect(".")?;
            let token = self.tokens.get(self.at).cloned();
            self.at += 1;
            return match token {
                Some(Token::Quoted(name) | Token::Word(name)) => Ok(Expr::Column(side, name)),
                _ => Err(Error::invalid("has a dot without a column behind it")),
            };
        }
        if let Some(own) = name.strip_suffix("_l") {
            Ok(Expr::Column(Side::Left, own.to_owned()))
        } else if let Some(own) = name.strip_suffix("_r") {
            Ok(Expr::Column(Side::Right, own.to_owned()))
        } else {
            Err(Error::invalid(format!("has `{name}`, which ends neither in `_l` nor in `_r`")))
        }
    }
}

impl Expr {
    /// The same with the rows in each other's place.
    pub(super) fn turned(&self) -> Expr {
        let list = |parts: &[Expr]| parts.iter().map(Expr::turned).collect();
        match self {
            Expr::Column(Side::Left, name) => Expr::Column(Side::Right, name.clone()),
            Expr::Column(Side::Right, name) => Expr::Column(Side::Left, name.clone()),
            Expr::Call(name, parts) => Expr::Call(name.clone(), list(parts)),
            Expr::Binary(sign, a, b) => Expr::Binary(sign, Box::new(a.turned()), Box::new(b.turned())),
            Expr::And(parts) => Expr::And(list(parts)),
            Expr::Or(parts) => Expr::Or(list(parts)),
            Expr::Not(inner) => Expr::Not(Box::new(inner.turned())),
            Expr::IsNull(inner) => Expr::IsNull(Box::new(inner.turned())),
            other => other.clone(),
        }
    }

    /// Whether the rows can change places without changing the answer, as far as the form tells.
    pub(super) fn is_symmetric(&self) -> bool {
        self.to_string() == self.turned().to_string()
    }

    /// Columns that it looks at, each once, in order of appearance.
    pub(super) fn columns(&self, found: &mut Vec<String>) {
        match self {
            Expr::Column(_, name) if !found.contains(name) => found.push(name.clone()),
            Expr::Call(_, parts) | Expr::And(parts) | Expr::Or(parts) => {
                parts.iter().for_each(|part| part.columns(found))
            }
            Expr::Binary(_, a, b) => {
                a.columns(found);
                b.columns(found);
            }
            Expr::Not(inner) | Expr::IsNull(inner) => inner.columns(found),
            _ => {}
        }
    }
}

/// One form for all that are equal by the order of operands: operands that may change places are sorted.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sorted = |parts: &[Expr], with: &str| {
            let mut texts: Vec<String> = parts.iter().map(ToString::to_string).collect();
            texts.sort_unstable();
            texts.join(with)
        };
        match self {
            Expr::Column(side, name) => {
                write!(f, "\"{name}_{}\"", if *side == Side::Left { 'l' } else { 'r' })
            }
            Expr::Text(text) => write!(f, "'{text}'"),
            Expr::Number(number) => write!(f, "{number}"),
            Expr::Null => f.write_str("NULL"),
            Expr::Call(name, parts) => {
                // The distance of two numbers is that of the two the other way round.
                let inner = match (name.as_str(), parts.as_slice()) {
                    ("abs", [Expr::Binary("-", a, b)]) => sorted(&[(**a).clone(), (**b).clone()], " - "),
                    _ if super::eval::is_symmetric(name) => sorted(parts, ", "),
                    _ => parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                };
                write!(f, "{name}({inner})")
            }
            Expr::Binary(sign @ ("=" | "<>" | "+" | "*"), a, b) => {
                write!(f, "({})", sorted(&[(**a).clone(), (**b).clone()], &format!(" {sign} ")))
            }
            Expr::Binary(sign, a, b) => write!(f, "({a} {sign} {b})"),
            Expr::And(parts) => write!(f, "({})", sorted(parts, " AND ")),
            Expr::Or(parts) => write!(f, "({})", sorted(parts, " OR ")),
            Expr::Not(inner) => write!(f, "(NOT {inner})"),
            Expr::IsNull(inner) => write!(f, "({inner} IS NULL)"),
        }
    }
}
