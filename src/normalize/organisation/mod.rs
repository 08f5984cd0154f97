//! Names of organisations: the name apart from its legal form.

mod forms;

use super::{fold, junk};
use smallvec::SmallVec;
use std::borrow::Cow;

/// A name in parts, folded.
///
/// ```
/// use stitchline::normalize::organisation::Organisation;
///
/// let a = Organisation::parse("The Acme & Söhne Intl. G.m.b.H. & Co. KG").unwrap();
/// assert_eq!((a.name(), a.form()), ("acme sohne international", Some("gmbh co kg")));
/// let b = Organisation::parse("Open Joint Stock Company Gazprom").unwrap();
/// assert_eq!(b, Organisation::parse("OAO Gazprom").unwrap());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Organisation {
    name: String,
    form: Option<&'static str>,
}

impl Organisation {
    /// A name in one text. None where no word is left, or the text stands for nothing. O(n).
    pub fn parse(raw: &str) -> Option<Self> {
        if junk::is_nothing(raw) {
            return None;
        }
        let raw = without_asides(raw);
        let folded = fold::words(&raw.replace(['&', '+'], " and "));
        let joined = join_letters(&folded);
        let mut words: SmallVec<[&str; 8]> = joined.split(' ').filter(|word| !word.is_empty()).collect();
        let mut form = None;
        // Forms stand at the end, some at the begin, and more than one may (`Co. Ltd.`).
        while let Some((size, code)) = at_end(&words).filter(|(size, _)| *size < words.len()) {
            form = Some(code);
            words.truncate(words.len() - size);
            while words.len() > 1 && words.last() == Some(&"and") {
                words.pop();
            }
        }
        if form.is_none()
            && let Some((size, code)) = at_begin(&words).filter(|(size, _)| *size < words.len())
        {
            form = Some(code);
            words.drain(..size);
        }
        if words.len() > 1 && words[0] == "the" {
            words.remove(0);
        }
        if words.len() > 1 {
            let first = words[0];
            words.retain(|word| *word != "and");
            if words.is_empty() {
                words.push(first);
            }
        }
        let name =
            words.iter().map(|word| forms::plain(word).unwrap_or(word)).collect::<SmallVec<[&str; 8]>>();
        let name = name.join(" ");
        (!name.is_empty()).then_some(Organisation { name, form })
    }

    /// The folded name without the legal form.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The code of the legal form, as `ltd`, `gmbh`, `sa`; forms written out and cut have the same.
    pub fn form(&self) -> Option<&'static str> {
        self.form
    }

    /// First letters of the name's words, where it has two or more: `ibm`.
    pub fn initials(&self) -> Option<String> {
        let letters: String = self.name.split(' ').filter_map(|word| word.chars().next()).collect();
        (letters.chars().count() > 1).then_some(letters)
    }

    /// The name's words in alphabetical order.
    pub fn sorted(&self) -> String {
        let mut words: SmallVec<[&str; 8]> = self.name.split(' ').collect();
        words.sort_unstable();
        words.join(" ")
    }
}

/// A name without asides of several words, such as a branch or a former name in brackets behind it. One word is often a
/// country or the legal form, and what stands in brackets at the begin is the name.
fn without_asides(raw: &str) -> Cow<'_, str> {
    let begin = raw.find(char::is_alphanumeric).unwrap_or(raw.len());
    if !raw[begin..].contains(['(', '[']) {
        return Cow::Borrowed(raw);
    }
    let mut out = raw[..begin].to_owned();
    let mut rest = &raw[begin..];
    while let Some(at) = rest.find(['(', '[']) {
        out.push_str(&rest[..at]);
        let inner = &rest[at + 1..];
        let end = inner.find([')', ']']).unwrap_or(inner.len());
        out.push(' ');
        if inner[..end].split_whitespace().nth(1).is_none() {
            out.push_str(&inner[..end]);
        }
        out.push(' ');
        rest = inner[end..].strip_prefix([')', ']']).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn at_end(words: &[&str]) -> Option<(usize, &'static str)> {
    forms::FORMS.iter().find(|(form, _)| words.ends_with(form)).map(|(form, code)| (form.len(), *code))
}

fn at_begin(words: &[&str]) -> Option<(usize, &'static str)> {
    forms::FORMS
        .iter()
        .find(|(form, code)| forms::BEFORE.contains(code) && words.starts_with(form))
        .map(|(form, code)| (form.len(), *code))
}

/// Joins letters that stand alone: `g m b h` is `gmbh`, `s a` is `sa`. The words are folded already.
fn join_letters(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    let mut single = false;
    for word in folded.split(' ') {
        let alone = word.len() == 1 && word.as_bytes()[0].is_ascii_alphabetic();
        let together = single && alone;
        if !out.is_empty() && !together {
            out.push(' ');
        }
        out.push_str(word);
        single = alone;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_forms() {
        for (raw, name, form) in [
            ("Deutsche Bank AG", "deutsche bank", Some("ag")),
            ("Deutsche Bank Aktiengesellschaft", "deutsche bank", Some("ag")),
            ("Acme Ltd.", "acme", Some("ltd")),
            ("ACME LIMITED", "acme", Some("ltd")),
            ("Acme Co., Ltd", "acme", Some("ltd")),
            ("Société Générale S.A.", "societe generale", Some("sa")),
            ("Telefónica, S. A.", "telefonica", Some("sa")),
            ("Smith & Sons", "smith sons", None),
            ("Smith and Sons Pty Ltd", "smith sons", Some("pty ltd")),
            ("I.B.M. Corp", "ibm", Some("corp")),
            ("Acme sp. z o.o.", "acme", Some("sp zoo")),
            ("The The", "the", None),
            ("SA", "sa", None),
            ("Marks & Spencer plc", "marks spencer", Some("plc")),
            ("AND", "and", None),
            ("Acme (Leeds branch) Ltd", "acme", Some("ltd")),
            ("(Acme) Tools [formerly Bolt", "acme tools", None),
            ("Acme (ООО)", "acme ооо", None),
            ("Acme (UK) Limited", "acme uk", Some("ltd")),
        ] {
            let found = Organisation::parse(raw).unwrap();
            assert_eq!((found.name(), found.form()), (name, form), "{raw}");
        }
        assert_eq!(
            Organisation::parse("International Business Machines").unwrap().initials().as_deref(),
            Some("ibm")
        );
        assert_eq!(Organisation::parse(" - "), None);
    }

    proptest! {
        #[test]
        fn any_text(raw in "\\PC{0,60}|([A-Za-z&.]{1,6}| |Ltd|and|the){0,12}") {
            if let Some(found) = Organisation::parse(&raw) {
                prop_assert_eq!(fold::words(found.name()), found.name());
                prop_assert!(!found.name().is_empty());
                prop_assert!(found.sorted().len() == found.name().len());
            }
        }
    }
}
