//! Names of persons to comparable parts: given and family names, generation, title, nickname and former name.
//!
//! What comes in is text as a source wrote it, whole or in columns; what goes out is a [`PersonName`] of folded words,
//! or none where there is no name. No table of names is asked which word is a family name: order, commas, particles,
//! titles and upper case decide.

mod tokens;
mod words;

use super::{fold, junk};
use smallvec::SmallVec;
use tokens::{Token, Tokens};

/// A name in parts, each of folded words joined by one space (see [`fold`]).
///
/// ```
/// use stitchline::normalize::person::PersonName;
///
/// let name = PersonName::parse("Dr. Ludwig M. van der Groß-Berg, Jr.").unwrap();
/// assert_eq!((name.given(), name.family()), ("ludwig m", "van der gross berg"));
/// assert_eq!((name.first(), name.middle(), name.family_core()), ("ludwig", "m", "gross berg"));
/// assert_eq!((name.title(), name.generation()), (Some("dr"), Some(2)));
/// assert_eq!(PersonName::parse("GARCÍA, José").unwrap(), PersonName::parse("José GARCÍA").unwrap());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct PersonName {
    /// Given names, then the family name.
    text: Box<str>,
    given: u16,
    family: u16,
    /// Bytes of particles with the space behind them at the begin of the family name.
    particles: u16,
    generation: Option<u8>,
    title: Option<&'static str>,
    alias: Option<Box<str>>,
    former: Option<Box<str>>,
}

/// Words that say: what follows was the family name before marriage.
fn is_born(word: &str) -> bool {
    matches!(word, "nee" | "ne" | "geb" | "geborene" | "born" | "formerly" | "z domu")
}

impl PersonName {
    /// A name in one text. `Family, Given` by a comma; else the last word is the family name, with the particles
    /// before it (`van der`, `de la`, `bin`); words in upper case among others are the family name (`DUPONT Jean`). A
    /// single word is a family name. None where no word is left, or the text stands for nothing. O(n).
    pub fn parse(raw: &str) -> Option<Self> {
        Self::read(raw, Side::Whole).filter(|name| !name.is_empty())
    }

    /// A name in columns; empty text where there is no such column. A family name alone
    /// that has a comma (`Lee, Ann`) is parsed as a whole; without one nobody knows, and it stays a family name. None
    /// where nothing is left. O(n).
    ///
    /// ```
    /// use stitchline::normalize::person::PersonName;
    ///
    /// let name = PersonName::from_parts("Ann-Marie", "Q", "O'Neil Jr").unwrap();
    /// assert_eq!((name.given(), name.family(), name.generation()), ("ann marie q", "oneil", Some(2)));
    /// assert_eq!(PersonName::from_parts("", "", "Lee, Ann").unwrap().given(), "ann");
    /// ```
    pub fn from_parts(given: &str, middle: &str, family: &str) -> Option<Self> {
        let first = Self::read(given, Side::Given);
        let second = Self::read(middle, Side::Given);
        let last = Self::read(family, Side::Family);
        let empty = |name: &Option<PersonName>| name.as_ref().is_none_or(PersonName::is_empty);
        if empty(&second) && empty(&first) && family.contains(',') {
            return Self::parse(family);
        }
        let names: SmallVec<[PersonName; 3]> = [first, second, last].into_iter().flatten().collect();
        let of = |part: fn(&PersonName) -> &str| {
            names.iter().map(part).filter(|text| !text.is_empty()).collect::<SmallVec<[&str; 3]>>().join(" ")
        };
        let (given, family) = (of(PersonName::given), of(PersonName::family));
        let mut name = PersonName::build(&given, &family);
        name.generation = names.iter().find_map(|name| name.generation);
        name.title = names.iter().find_map(|name| name.title);
        name.alias = names.iter().find_map(|name| name.alias.clone());
        name.former = names.iter().find_map(|name| name.former.clone());
        (!name.is_empty()).then_some(name)
    }

    /// Given names, middle names included; empty where none is known.
    pub fn given(&self) -> &str {
        &self.text[..usize::from(self.given)]
    }

    /// The first of the given names.
    pub fn first(&self) -> &str {
        self.given().split(' ').next().unwrap_or_default()
    }

    /// The given names but the first.
    pub fn middle(&self) -> &str {
        self.given().split_once(' ').map_or("", |(_, rest)| rest)
    }

    /// The family name with its particles; empty where none is known.
    pub fn family(&self) -> &str {
        &self.text[self.text.len() - usize::from(self.family)..]
    }

    /// The family name without the particles before it.
    pub fn family_core(&self) -> &str {
        &self.family()[usize::from(self.particles)..]
    }

    /// 1 for senior, 2 for junior or the second, 3 and 4.
    pub fn generation(&self) -> Option<u8> {
        self.generation
    }

    /// The title in one common word: `mr`, `mrs`, `ms`, `dr`, `prof`, `sheikh`.
    pub fn title(&self) -> Option<&'static str> {
        self.title
    }

    /// A nickname that stood in quotes or brackets: `William "Bill" Smith`.
    pub fn alias(&self) -> Option<&str> {
        self.alias.as_deref()
    }

    /// The family name before marriage, where it was said: `Ann Lee, née Smith`.
    pub fn former(&self) -> Option<&str> {
        self.former.as_deref()
    }

    /// Given names and family name, joined by one space.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The words of given and family name in alphabetical order, so that their order does not count.
    pub fn sorted(&self) -> String {
        let mut words: SmallVec<[&str; 8]> = self.text.split(' ').filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        words.join(" ")
    }

    /// First letters of all words, in their order: `jfk`.
    pub fn initials(&self) -> String {
        self.text.split(' ').filter_map(|word| word.chars().next()).collect()
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    fn build(given: &str, family: &str) -> Self {
        // Folded text of a bounded value can grow; what does not fit is left out.
        let (given, family) = (fold::cut(given, 30_000).trim_end(), fold::cut(family, 30_000).trim_end());
        let gap = if given.is_empty() || family.is_empty() { "" } else { " " };
        let mut particles = 0;
        while let Some((word, rest)) = family[particles..].split_once(' ') {
            if !words::is_particle(word) {
                break;
            }
            particles = family.len() - rest.len();
        }
        PersonName {
            text: [given, gap, family].concat().into(),
            given: given.len() as u16,
            family: family.len() as u16,
            particles: particles as u16,
            ..PersonName::default()
        }
    }

    fn read(raw: &str, side: Side) -> Option<Self> {
        if junk::is_nothing(raw) && raw.trim().chars().count() != 1 {
            return None;
        }
        let tokens = Tokens::read(raw);
        let mut found = Found::default();
        let names = found.sort(&tokens, side);
        let split = match side {
            Side::Given => names.len(),
            Side::Family => 0,
            Side::Whole => family_begin(&tokens, &names),
        };
        let comma = matches!(side, Side::Whole)
            && names.first().zip(names.last()).is_some_and(|(first, last)| first.segment < last.segment);
        let (given, family) = if comma {
            // What stands before the comma is the family name.
            let head = names.partition_point(|token| token.segment == names[0].segment);
            (join(&tokens, &names[head..]), join(&tokens, &names[..head]))
        } else if let (Side::Whole, Some(head)) = (side, shouted_head(&tokens, &names)) {
            (join(&tokens, &names[head..]), join(&tokens, &names[..head]))
        } else {
            (join(&tokens, &names[..split]), join(&tokens, &names[split..]))
        };
        let mut name = PersonName::build(&given, &family);
        (name.generation, name.title) = (found.generation, found.title);
        name.alias = (!found.alias.is_empty()).then(|| found.alias.into());
        name.former = (!found.former.is_empty()).then(|| found.former.into());
        Some(name)
    }
}

/// What a text is said to hold.
#[derive(Debug, Clone, Copy)]
enum Side {
    Given,
    Family,
    Whole,
}

/// What is no name but stood with it.
#[derive(Debug, Default)]
struct Found {
    generation: Option<u8>,
    title: Option<&'static str>,
    alias: String,
    former: String,
}

impl Found {
    /// Takes out what is no name; returns the words that are.
    fn sort(&mut self, tokens: &Tokens, side: Side) -> SmallVec<[Token; 8]> {
        let mut names: SmallVec<[Token; 8]> = SmallVec::new();
        let mut born = false;
        for token in &tokens.list {
            let word = tokens.word(token);
            if is_born(word) && (token.aside || !names.is_empty()) && !matches!(side, Side::Given) {
                born = true;
            } else if born {
                add(&mut self.former, word);
            } else if token.aside {
                add(&mut self.alias, word);
            } else {
                names.push(*token);
            }
        }
        // Titles go as long as a name is left; alone, a title is no name either unless it is a name to others.
        while let Some(title) = names.first().and_then(|token| words::title(tokens.word(token))) {
            let alone = names.len() == 1;
            let also_name =
                matches!(title, "gen" | "maj" | "col" | "haji" | "sheikh" | "ing" | "mgr" | "mullah");
            if (alone && also_name) || (alone && matches!(side, Side::Family) && !is_plain_title(title)) {
                break;
            }
            self.title.get_or_insert(title);
            names.remove(0);
        }
        self.ends(tokens, &mut names, side);
        // A title after the comma: `Lee, Dr. Ann`.
        if let Some(at) = names.windows(2).position(|pair| pair[0].segment < pair[1].segment)
            && let Some(title) = words::title(tokens.word(&names[at + 1]))
            && names.len() > at + 2
        {
            self.title.get_or_insert(title);
            names.remove(at + 1);
        }
        names
    }

    /// Takes generations and degrees from the end of the name and from the end of what stands before a comma.
    fn ends(&mut self, tokens: &Tokens, names: &mut SmallVec<[Token; 8]>, side: Side) {
        let mixed = tokens.mixed_case();
        let mut at = names.len();
        while at > 0 {
            at -= 1;
            let token = names[at];
            let last = names.get(at + 1).is_none_or(|next| next.segment > token.segment);
            let word = tokens.word(&token);
            if !last || at == 0 && !matches!(side, Side::Family) {
                continue;
            }
            let behind_comma = at > 0 && names[at - 1].segment < token.segment || token.segment > 0;
            let sure = behind_comma || (mixed && token.is_shouted());
            // Degrees with dots are single letters: Ph.D., M.D.
            if at > 0 && token.glued {
                let pair = (tokens.word(&names[at - 1]), word);
                if matches!(pair, ("ph", "d") | ("m", "d") | ("b", "a") | ("m", "a") | ("d", "d")) && at > 1 {
                    names.drain(at - 1..=at);
                    at -= 1;
                    continue;
                }
            }
            if let Some(generation) = words::generation(word)
                && (at > 0 || names.len() == 1)
                // The first of his name; an only word, or one of several letters with dots (`J.I.`), is an initial.
                && !(word == "i" && (at == 0 || token.glued))
                // The Brazilian family name, and the elder's title as the only other word.
                && !(word == "junior" && names.len() < 3 && matches!(side, Side::Whole))
            {
                self.generation.get_or_insert(generation);
                names.remove(at);
            } else if at > 0 && words::is_degree(word, sure) && (sure || names.len() != 2) {
                names.remove(at);
            }
        }
    }
}

fn is_plain_title(title: &str) -> bool {
    matches!(title, "mr" | "mrs" | "ms" | "mx" | "dr" | "prof")
}

/// Where the family name begins: at the last word, or at the particles before it, or at the first of the last words
/// that alone are in upper case.
fn family_begin(tokens: &Tokens, names: &[Token]) -> usize {
    let Some(mut at) = names.len().checked_sub(1) else { return 0 };
    if tokens.mixed_case() {
        let loud = names.iter().rev().take_while(|token| token.is_shouted()).count();
        if loud > 0 && loud < names.len() {
            at = names.len() - loud;
        }
    }
    while at > 1 && words::is_particle(tokens.word(&names[at - 1])) {
        at -= 1;
    }
    at
}

/// How many words at the begin are the family name because they alone are in upper case.
fn shouted_head(tokens: &Tokens, names: &[Token]) -> Option<usize> {
    if !tokens.mixed_case() {
        return None;
    }
    let head = names.iter().take_while(|token| token.is_shouted()).count();
    let rest = names.get(head..)?;
    (head > 0 && !rest.is_empty() && !rest.iter().any(Token::is_shouted)).then_some(head)
}

fn add(text: &mut String, word: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(word);
}

fn join(tokens: &Tokens, names: &[Token]) -> String {
    let mut text = String::new();
    for (at, token) in names.iter().enumerate() {
        // `Mc Donald` is one word.
        if at > 0 && tokens.word(&names[at - 1]) == "mc" {
            text.push_str(tokens.word(token));
        } else {
            add(&mut text, tokens.word(token));
        }
    }
    text
}

#[cfg(test)]
mod tests;
