//! Asking a condition of two rows, with SQL's three values of truth.

use super::{
    pattern::Pattern,
    sql::{self, Expr, Naming, Side},
};
use crate::{
    compare::CustomTest,
    error::{Error, Result},
    normalize::{date::Day, value},
    similarity::{damerau_levenshtein, jaro, jaro_winkler, levenshtein},
    table::Table,
};
use std::borrow::Cow;

/// A condition in SQL as a test. Columns are read as text, empty text is null.
///
/// ```
/// use stitchline::compare::CustomTest;
/// use stitchline::splink::SqlTest;
/// use stitchline::table::{ColumnSpec, Kind, RawTable, Table};
///
/// let mut raw = RawTable::new(["pc"])?;
/// raw.push("s", "1", &["SW1A 1AA"])?;
/// raw.push("s", "2", &["SW1A 2BB"])?;
/// let table = Table::prepare(raw, &[ColumnSpec::new("pc", Kind::Exact)])?;
/// let test = SqlTest::new("substr(\"pc_l\", 1, 4) = substr(\"pc_r\", 1, 4)")?;
/// assert!(test.holds(&table, 0, 1));
/// assert!(SqlTest::new("soundex(\"pc_l\") = soundex(\"pc_r\")").is_err());
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SqlTest {
    expr: Expr,
    columns: Vec<String>,
    patterns: Vec<(String, Pattern)>,
}

impl SqlTest {
    /// A test out of a condition.
    ///
    /// # Errors
    /// Where it has something that is not supported, or its answer could change with the order of the two rows.
    pub fn new(condition: &str) -> Result<Self> {
        Self::of(sql::parse(condition, Naming::Suffix)?)
            .map_err(|error| error.in_field(format!("SQL `{}`", sql::shown(condition))))
    }

    pub(super) fn of(expr: Expr) -> Result<Self> {
        if !expr.is_symmetric() {
            return Err(Error::invalid("depends on the order of the two records, which is not supported"));
        }
        let mut columns = Vec::new();
        expr.columns(&mut columns);
        let mut patterns = Vec::new();
        prepare(&expr, &mut patterns)?;
        Ok(SqlTest { expr, columns, patterns })
    }

    /// The columns that it looks at.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}

impl CustomTest for SqlTest {
    fn holds(&self, table: &Table, a: u32, b: u32) -> bool {
        let places: smallvec::SmallVec<[Option<usize>; 4]> =
            self.columns.iter().map(|name| table.find(name)).collect();
        let ask = Ask { test: self, table, places: &places, a, b };
        matches!(ask.value(&self.expr), Value::Truth(true))
    }
}

/// Functions by their names and numbers of arguments.
const FUNCTIONS: &[(&str, std::ops::RangeInclusive<usize>)] = &[
    ("abs", 1..=1),
    ("array_length", 1..=1),
    ("coalesce", 1..=8),
    ("damerau_levenshtein", 2..=2),
    ("epoch", 1..=1),
    ("greatest", 2..=8),
    ("jaccard", 2..=2),
    ("jaro_similarity", 2..=2),
    ("jaro_winkler_similarity", 2..=2),
    ("least", 2..=8),
    ("length", 1..=1),
    ("levenshtein", 2..=2),
    ("list_intersect", 2..=2),
    ("lower", 1..=1),
    ("nullif", 2..=2),
    ("regexp_extract", 2..=3),
    ("substr", 2..=3),
    ("trim", 1..=1),
    ("try_strptime", 2..=2),
    ("strptime", 2..=2),
    ("upper", 1..=1),
];

/// Whether a function is known.
pub(super) fn known(name: &str, arguments: usize) -> Result<()> {
    let own = FUNCTIONS.iter().find(|(own, _)| *own == name);
    match own {
        Some((_, counts)) if counts.contains(&arguments) => Ok(()),
        Some(_) => {
            Err(Error::invalid(format!("calls `{name}` with {arguments} arguments, which is not supported")))
        }
        None => Err(Error::invalid(format!("calls `{name}`, which is not supported"))),
    }
}

/// Whether a function's arguments can change places.
pub(super) fn is_symmetric(name: &str) -> bool {
    matches!(
        name,
        "damerau_levenshtein"
            | "greatest"
            | "jaccard"
            | "jaro_similarity"
            | "jaro_winkler_similarity"
            | "least"
            | "levenshtein"
            | "list_intersect"
    )
}

/// Looks at what must be constant.
fn prepare(expr: &Expr, patterns: &mut Vec<(String, Pattern)>) -> Result<()> {
    match expr {
        Expr::Call(name, parts) => {
            match (name.as_str(), &parts[..]) {
                ("regexp_extract", [_, Expr::Text(pattern), rest @ ..]) => {
                    if !matches!(rest, [] | [Expr::Number(0.0)]) {
                        return Err(Error::invalid("extracts a group of a pattern, which is not supported"));
                    }
                    patterns.push((pattern.clone(), Pattern::new(pattern)?));
                }
                ("regexp_extract", _) => return Err(Error::invalid("has a pattern that is no text")),
                ("try_strptime" | "strptime", [_, Expr::Text(format)]) if supported(format) => {}
                ("try_strptime" | "strptime", [_, Expr::Text(format)]) => {
                    return Err(Error::invalid(format!("has the format `{format}`, which is not supported")));
                }
                ("try_strptime" | "strptime", _) => {
                    return Err(Error::invalid("has a format that is no text"));
                }
                _ => {}
            }
            parts.iter().try_for_each(|part| prepare(part, patterns))
        }
        Expr::And(parts) | Expr::Or(parts) => parts.iter().try_for_each(|part| prepare(part, patterns)),
        Expr::Binary(_, a, b) => prepare(a, patterns).and_then(|()| prepare(b, patterns)),
        Expr::Not(inner) | Expr::IsNull(inner) => prepare(inner, patterns),
        _ => Ok(()),
    }
}

fn supported(format: &str) -> bool {
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c == '%' && !chars.next().is_some_and(|c| "YmdHMS".contains(c)) {
            return false;
        }
    }
    true
}

/// Seconds since 1970 of a text by a format.
fn time(text: &str, format: &str) -> Option<f64> {
    let (mut year, mut month, mut day, mut clock) = (1970, 1, 1, [0u32; 3]);
    let mut rest = text.trim();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            rest = rest.strip_prefix(c)?;
            continue;
        }
        let what = chars.next()?;
        let most = if what == 'Y' { 4 } else { 2 };
        let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let number: u32 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        match what {
            'Y' => year = number,
            'm' => month = number,
            'd' => day = number,
            'H' if number < 24 => clock[0] = number,
            'M' if number < 60 => clock[1] = number,
            'S' if number < 60 => clock[2] = number,
            _ => return None,
        }
    }
    let day = Day::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)?;
    let seconds = clock[0] * 3600 + clock[1] * 60 + clock[2];
    rest.is_empty().then(|| days(day) * 86_400.0 + f64::from(seconds))
}

/// Days since 1970, by the calendar of Gregory.
fn days(day: Day) -> f64 {
    let (year, month) = (i64::from(day.year()), i64::from(day.month()));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    (days + (153 * month + 2) / 5 + i64::from(day.day()) - 1 - 719_468) as f64
}

/// A value of SQL.
#[derive(Debug, Clone)]
enum Value<'t> {
    Null,
    Truth(bool),
    Number(f64),
    Text(Cow<'t, str>),
    List(Vec<String>),
}

impl<'t> Value<'t> {
    fn text(self) -> Option<Cow<'t, str>> {
        match self {
            Value::Text(text) => Some(text),
            Value::Number(number) => Some(number.to_string().into()),
            _ => None,
        }
    }

    fn number(self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(number),
            Value::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    fn list(self) -> Option<Vec<String>> {
        match self {
            Value::List(list) => Some(list),
            Value::Text(text) => Some(value::list(&text)),
            _ => None,
        }
    }
}

struct Ask<'t> {
    test: &'t SqlTest,
    table: &'t Table,
    places: &'t [Option<usize>],
    a: u32,
    b: u32,
}

impl<'t> Ask<'t> {
    fn value(&self, expr: &'t Expr) -> Value<'t> {
        match expr {
            Expr::Null => Value::Null,
            Expr::Number(number) => Value::Number(*number),
            Expr::Text(text) => Value::Text(Cow::Borrowed(text)),
            Expr::Column(side, name) => {
                let row = if *side == Side::Left { self.a } else { self.b };
                let own = self.test.columns.iter().position(|column| column == name);
                let text = own.and_then(|at| self.places[at]).map_or("", |place| self.table.text(row, place));
                if text.is_empty() { Value::Null } else { Value::Text(Cow::Borrowed(text)) }
            }
            Expr::IsNull(inner) => Value::Truth(matches!(self.value(inner), Value::Null)),
            Expr::Not(inner) => match self.value(inner) {
                Value::Truth(truth) => Value::Truth(!truth),
                _ => Value::Null,
            },
            Expr::And(parts) => self.all(parts, false),
            Expr::Or(parts) => self.all(parts, true),
            Expr::Binary(sign, a, b) => binary(sign, self.value(a), self.value(b)),
            Expr::Call(name, parts) => self.call(name, parts).unwrap_or(Value::Null),
        }
    }

    /// AND and OR: one part that says `short` decides, a null leaves it open.
    fn all(&self, parts: &'t [Expr], short: bool) -> Value<'t> {
        let mut open = false;
        for part in parts {
            match self.value(part) {
                Value::Truth(truth) if truth == short => return Value::Truth(short),
                Value::Truth(_) => {}
                _ => open = true,
            }
        }
        if open { Value::Null } else { Value::Truth(!short) }
    }

    /// A function's value; none for null.
    fn call(&self, name: &str, parts: &'t [Expr]) -> Option<Value<'t>> {
        let value = |at: usize| self.value(&parts[at]);
        let text = |at: usize| value(at).text();
        let two = || Some((text(0)?, text(1)?));
        Some(match name {
            "lower" => Value::Text(text(0)?.to_lowercase().into()),
            "upper" => Value::Text(text(0)?.to_uppercase().into()),
            "trim" => Value::Text(text(0)?.trim_matches(' ').to_owned().into()),
            "length" => Value::Number(text(0)?.chars().count() as f64),
            "abs" => Value::Number(value(0).number()?.abs()),
            "epoch" => match value(0) {
                Value::Number(seconds) => Value::Number(seconds),
                other => Value::Number(time(&other.text()?, "%Y-%m-%d")?),
            },
            "try_strptime" | "strptime" => Value::Number(time(&text(0)?, &text(1)?)?),
            "nullif" => {
                let (first, second) = (value(0), value(1));
                match binary("=", first.clone(), second) {
                    Value::Truth(true) => return None,
                    _ => first,
                }
            }
            "coalesce" => {
                parts.iter().map(|part| self.value(part)).find(|value| !matches!(value, Value::Null))?
            }
            "least" | "greatest" => {
                let numbers = parts.iter().filter_map(|part| self.value(part).number());
                let pick = if name == "least" { f64::min } else { f64::max };
                Value::Number(numbers.reduce(pick)?)
            }
            "substr" => {
                let (text, from) = (text(0)?, value(1).number()?.max(1.0) as usize);
                let count = if parts.len() == 3 { value(2).number()?.max(0.0) as usize } else { usize::MAX };
                Value::Text(text.chars().skip(from - 1).take(count).collect::<String>().into())
            }
            "regexp_extract" => {
                let Expr::Text(own) = &parts[1] else { return None };
                let pattern =
                    self.test.patterns.iter().find(|(text, _)| text == own).map(|(_, pattern)| pattern)?;
                match text(0)? {
                    Cow::Borrowed(text) => Value::Text(Cow::Borrowed(pattern.extract(text))),
                    Cow::Owned(text) => Value::Text(pattern.extract(&text).to_owned().into()),
                }
            }
            "levenshtein" => two().map(|(a, b)| Value::Number(f64::from(levenshtein(&a, &b).get())))?,
            "damerau_levenshtein" => {
                two().map(|(a, b)| Value::Number(f64::from(damerau_levenshtein(&a, &b).get())))?
            }
            "jaro_similarity" => two().map(|(a, b)| Value::Number(jaro(&a, &b).get()))?,
            "jaro_winkler_similarity" => two().map(|(a, b)| Value::Number(jaro_winkler(&a, &b).get()))?,
            "jaccard" => two().map(|(a, b)| Value::Number(letters_in_common(&a, &b)))?,
            "list_intersect" => {
                let (a, b) = (value(0).list()?, value(1).list()?);
                Value::List(a.into_iter().filter(|item| b.binary_search(item).is_ok()).collect())
            }
            "array_length" => Value::Number(value(0).list()?.len() as f64),
            _ => return None,
        })
    }
}

/// The Jaccard index of the sets of characters.
fn letters_in_common(a: &str, b: &str) -> f64 {
    let set = |text: &str| text.chars().collect::<std::collections::BTreeSet<char>>();
    let (a, b) = (set(a), set(b));
    let both = a.intersection(&b).count();
    let any = a.len() + b.len() - both;
    if any == 0 { 0.0 } else { both as f64 / any as f64 }
}

fn binary<'t>(sign: &str, a: Value<'t>, b: Value<'t>) -> Value<'t> {
    use std::cmp::Ordering;
    let order = match (&a, &b) {
        (Value::Null, _) | (_, Value::Null) => return Value::Null,
        (Value::Text(a), Value::Text(b)) if !matches!(sign, "+" | "-" | "*" | "/") => Some(a.cmp(b)),
        (Value::List(a), Value::List(b)) => Some(a.cmp(b)),
        _ => {
            let (Some(a), Some(b)) = (a.number(), b.number()) else { return Value::Null };
            match sign {
                "+" => return Value::Number(a + b),
                "-" => return Value::Number(a - b),
                "*" => return Value::Number(a * b),
                "/" if b == 0.0 => return Value::Null,
                "/" => return Value::Number(a / b),
                _ => a.partial_cmp(&b),
            }
        }
    };
    let Some(order) = order else { return Value::Null };
    Value::Truth(match sign {
        "=" => order == Ordering::Equal,
        "<>" => order != Ordering::Equal,
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        _ => order != Ordering::Less,
    })
}
