//! Conditions that tests of our own express: these run on the vector kernels.

use super::sql::{Expr, Side};
use crate::compare::Test;

/// The test that says the same as an expression, and the column that it is of where there is one; none where no test
/// says just that.
pub(super) fn test(expr: &Expr, main: &str) -> Option<Test> {
    let on = |column: &str, test: Test| {
        if column == main { test } else { Test::On(column.to_owned(), Box::new(test)) }
    };
    match expr {
        Expr::And(parts) => {
            if let Some(swapped) = swapped(parts, main) {
                return Some(swapped);
            }
            Some(Test::All(parts.iter().map(|part| test(part, main)).collect::<Option<_>>()?))
        }
        Expr::Or(parts) => Some(match no_day(parts) {
            Some(column) => on(column, no_day_test()),
            None => Test::Any(parts.iter().map(|part| test(part, main)).collect::<Option<_>>()?),
        }),
        Expr::Binary("=", a, b) => {
            if let Some(column) = same_column(a, b) {
                return Some(on(column, Test::Exact));
            }
            if let Some(column) = same_local_part(a, b) {
                return Some(on(column, Test::SameLocalPart));
            }
            // Equal beginnings: those of texts that are shorter are equal where the texts are.
            let (column, count) = beginning(a)?;
            (beginning(b)? == (column, count) && opposite(inner(a)?, inner(b)?))
                .then(|| on(column, Test::Any(vec![Test::Exact, Test::Prefix(count)])))
        }
        Expr::Binary(sign @ (">=" | "<="), a, b) => {
            let (Expr::Call(name, parts), Expr::Number(bound)) = (&**a, &**b) else { return None };
            let [x, y] = &parts[..] else {
                return days(sign, name, parts, *bound).map(|(c, test)| on(c, test));
            };
            let local = same_local_part(x, y);
            let column = local.or_else(|| same_column(x, y))?;
            let share = (0.0..=1.0).contains(bound) && *sign == ">=";
            let edits = *bound >= 0.0 && *bound <= 1000.0 && bound.fract() == 0.0 && *sign == "<=";
            let test = match name.as_str() {
                "jaro_winkler_similarity" if share && local.is_some() => Test::LocalPartJaroWinkler(*bound),
                _ if local.is_some() => return None,
                "jaro_winkler_similarity" if share => Test::JaroWinkler(*bound),
                "jaro_similarity" if share => Test::Jaro(*bound),
                "levenshtein" if edits => Test::Levenshtein(*bound as u32),
                "damerau_levenshtein" if edits => Test::DamerauLevenshtein(*bound as u32),
                _ => return None,
            };
            Some(on(column, test))
        }
        _ => None,
    }
}

/// Columns of the two rows, one each.
fn same_column<'e>(a: &'e Expr, b: &Expr) -> Option<&'e str> {
    let (Expr::Column(x, first), Expr::Column(y, second)) = (a, b) else { return None };
    (x != y && first == second).then_some(first)
}

/// What stands before the `@` in a column of the two rows: the column.
fn same_local_part<'e>(a: &'e Expr, b: &'e Expr) -> Option<&'e str> {
    let of = |expr: &'e Expr| {
        let Expr::Call(name, parts) = expr else { return None };
        let [Expr::Call(inner, parts), Expr::Text(nothing)] = &parts[..] else { return None };
        let (column, pattern) = match &parts[..] {
            [column, Expr::Text(pattern), Expr::Number(0.0)] | [column, Expr::Text(pattern)] => {
                (column, pattern)
            }
            _ => return None,
        };
        let is = name == "nullif" && inner == "regexp_extract" && nothing.is_empty() && pattern == "^[^@]+";
        is.then_some(column)
    };
    same_column(of(a)?, of(b)?)
}

fn opposite(a: &Expr, b: &Expr) -> bool {
    same_column(a, b).is_some()
}

fn inner(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Call(_, parts) => parts.first(),
        _ => None,
    }
}

/// `substr(column, 1, n)`.
pub(super) fn beginning(expr: &Expr) -> Option<(&str, u32)> {
    let Expr::Call(name, parts) = expr else { return None };
    match (name.as_str(), &parts[..]) {
        ("substr", [Expr::Column(_, column), Expr::Number(1.0), Expr::Number(count)])
            if *count >= 1.0 && *count <= 1000.0 && count.fract() == 0.0 =>
        {
            Some((column, *count as u32))
        }
        _ => None,
    }
}

/// `"f_l" = "s_r" AND "f_r" = "s_l"`.
fn swapped(parts: &[Expr], main: &str) -> Option<Test> {
    let [Expr::Binary("=", a, b), Expr::Binary("=", c, d)] = parts else { return None };
    let crossed = |x: &Expr, y: &Expr| match (x, y) {
        (Expr::Column(Side::Left, f), Expr::Column(Side::Right, s))
        | (Expr::Column(Side::Right, s), Expr::Column(Side::Left, f)) => Some((f.clone(), s.clone())),
        _ => None,
    };
    let ((f, s), (g, t)) = (crossed(a, b)?, crossed(c, d)?);
    if f == s || (f != t || s != g) {
        return None;
    }
    Some(if f == main {
        Test::Swapped(s)
    } else if s == main {
        Test::Swapped(f)
    } else {
        Test::On(f, Box::new(Test::Swapped(s)))
    })
}

/// Neither row or only one has a day.
pub(super) fn no_day_test() -> Test {
    Test::Not(Box::new(Test::Days(u32::MAX)))
}

/// `day IS NULL OR day IS NULL`, of the two rows: the column.
fn no_day(parts: &[Expr]) -> Option<&str> {
    let [Expr::IsNull(a), Expr::IsNull(b)] = parts else { return None };
    same_column(day(a)?, day(b)?)
}

/// `try_strptime(column, '%Y-%m-%d')`: the column.
fn day(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Call(name, parts) if name == "try_strptime" => match &parts[..] {
            [column @ Expr::Column(..), Expr::Text(format)] if format == "%Y-%m-%d" => Some(column),
            _ => None,
        },
        _ => None,
    }
}

/// `abs(epoch(day) - epoch(day)) <= seconds` of days in ISO form.
fn days<'e>(sign: &str, name: &str, parts: &'e [Expr], bound: f64) -> Option<(&'e str, Test)> {
    let [Expr::Binary("-", a, b)] = parts else { return None };
    let epoch = |expr: &'e Expr| match expr {
        Expr::Call(name, parts) if name == "epoch" => match &parts[..] {
            [column @ Expr::Column(..)] => Some(column),
            [other] => day(other),
            _ => None,
        },
        _ => None,
    };
    let column = same_column(epoch(a)?, epoch(b)?)?;
    let most = (bound / 86_400.0).floor();
    (sign == "<=" && name == "abs" && (0.0..1e8).contains(&most)).then_some((column, Test::Days(most as u32)))
}
