//! Given names that stand for each other: a table of formal names and their short forms.

use std::{borrow::Cow, collections::HashMap, sync::OnceLock};

const ENGLISH: &str = include_str!("english.txt");
const MORE: &str = include_str!("more.txt");

/// The table, from a name to the groups it is in. A group is a formal name with its short forms, its number the line.
struct Table {
    groups: HashMap<Cow<'static, str>, Vec<u16>, foldhash::fast::FixedState>,
    formal: Vec<&'static str>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = ENGLISH.lines().chain(MORE.lines()).filter(|line| !line.starts_with('#'));
        let mut table = Table { groups: HashMap::default(), formal: Vec::new() };
        for (number, line) in (0..u16::MAX).zip(lines) {
            table.formal.push(line.split(' ').next().unwrap_or_default());
            for (at, name) in line.split(' ').enumerate() {
                let other = if at > 0 { other_ending(name) } else { None };
                for name in std::iter::once(Cow::Borrowed(name)).chain(other.map(Cow::Owned)) {
                    let groups = table.groups.entry(name).or_default();
                    if groups.last() != Some(&number) {
                        groups.push(number);
                    }
                }
            }
        }
        table
    })
}

/// The other way to write the end of a short form: `robby` and `robbie` sound the same.
fn other_ending(name: &str) -> Option<String> {
    const SHORTEST: usize = 4;
    let (stem, end) = match name.strip_suffix("ie") {
        Some(stem) => (stem, "y"),
        None => (name.strip_suffix('y')?, "ie"),
    };
    (name.len() >= SHORTEST && !stem.ends_with(['a', 'e', 'i', 'o', 'u'])).then(|| [stem, end].concat())
}

/// The groups that a folded given name is in, ascending: numbers of formal names, stable within a version of the
/// library. Empty where the name is in no table. O(1).
pub fn groups(name: &str) -> &'static [u16] {
    table().groups.get(name).map_or(&[], Vec::as_slice)
}

/// The formal names that a folded given name may be short for, the name itself included where it is one.
///
/// ```
/// use stitchline::normalize::nickname;
///
/// assert!(nickname::formal("peggy").any(|name| name == "margaret"));
/// assert_eq!(nickname::formal("xyzzy").count(), 0);
/// ```
pub fn formal(name: &str) -> impl Iterator<Item = &'static str> {
    let table = table();
    groups(name).iter().filter_map(|&group| table.formal.get(usize::from(group)).copied())
}

/// Whether two different folded given names may be one person's: one is short for the other, or both are for the same.
/// Symmetric, and not transitive. O(groups of both), of which a name has about two.
///
/// ```
/// use stitchline::normalize::nickname::share;
///
/// assert!(share("bob", "robert") && share("bob", "rob") && share("peggy", "meg"));
/// assert!(!share("bob", "bob") && !share("robert", "ruth"));
/// ```
pub fn share(a: &str, b: &str) -> bool {
    let (mut x, mut y) = (groups(a), groups(b));
    if a == b {
        return false;
    }
    while let ([first, ..], [second, ..]) = (x, y) {
        match first.cmp(second) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => x = &x[1..],
            std::cmp::Ordering::Greater => y = &y[1..],
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::fold;

    #[test]
    fn the_table_is_folded_and_ordered() {
        let table = table();
        assert!(table.formal.len() > 1100);
        for (name, groups) in &table.groups {
            assert_eq!(fold::words(name), **name);
            assert!(groups.is_sorted_by(|a, b| a < b), "{name} stands twice on a line");
        }
    }

    #[test]
    fn short_forms_share() {
        for (a, b) in [
            ("william", "bill"),
            ("liz", "betty"),
            ("jose", "pepe"),
            ("sasha", "aleksandr"),
            ("hans", "johannes"),
            ("mhd", "mohammed"),
            ("margaret", "peggie"),
            // Written with the other ending in the table.
            ("robert", "robbie"),
            ("bobby", "robbie"),
        ] {
            assert!(share(a, b) && share(b, a), "{a} {b}");
        }
        assert!(!share("", "bob") && !share("aaron", "ronald"));
        // Formal names have one ending.
        assert!(!groups("dorothy").is_empty() && groups("dorothie").is_empty());
    }
}
