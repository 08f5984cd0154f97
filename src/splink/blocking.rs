//! Splink's blocking rules to ours.

use super::{
    native::beginning,
    sql::{self, Expr, Naming},
};
use crate::{
    block::{BlockingRule, Key, Part},
    error::{Error, Result},
};

/// A rule out of its SQL.
pub(super) fn rule(text: &str) -> Result<BlockingRule> {
    let expr = sql::parse(text, Naming::Prefix)?;
    let unsupported = |what: &Expr| {
        Error::invalid(format!(
            "`{what}` is no equality of one column or its beginning, which is all that is supported"
        ))
        .in_field(format!("blocking rule `{}`", sql::shown(text)))
    };
    let mut parts = Vec::new();
    flatten(&expr, &mut parts);
    let mut keys = Vec::new();
    for part in parts {
        let Expr::Binary("=", a, b) = part else { return Err(unsupported(part)) };
        // Both sides are the same expression of one row each.
        if **a != b.turned() {
            return Err(unsupported(part));
        }
        let key = match (&**a, beginning(a)) {
            (Expr::Column(_, name), _) => Key::whole(name.clone()),
            (_, Some((name, count))) => Key::part(name, Part::Prefix(count)),
            _ => return Err(unsupported(part)),
        };
        // Said twice it asks for nothing more.
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(BlockingRule::new(keys))
}

fn flatten<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>) {
    match expr {
        Expr::And(inner) => inner.iter().for_each(|part| flatten(part, parts)),
        other => parts.push(other),
    }
}
