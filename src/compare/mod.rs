//! Comparisons: how two rows agree in one respect, as one of a few ordered levels.
//!
//! A [`Comparison`] is data (serde: TOML, JSON) and names the columns it looks at. [`Comparisons::bind`] ties a list of
//! them to a [`Table`](crate::table::Table); the result gives the levels of one pair or of many at once. Level 0 is
//! null (nothing to compare on one side or both), level *i* the *i*-th of the list, and one more is for all else.

mod batch;
mod bind;
mod check;
mod digest;
mod feature;
mod lanes;
mod lists;
mod names;
mod sieve;
mod words;

pub use batch::{Batch, Levels, PerPair, Possible};
pub(crate) use batch::{NEAR, Symbols};
pub use bind::{Comparisons, CustomTest};
pub(crate) use feature::each_word;
pub use names::{NAMES_ALIKE, names_alike};

use serde::{Deserialize, Serialize};

/// How two rows agree in one respect.
///
/// ```
/// use stitchline::compare::{Comparison, Comparisons, Level, Test};
/// use stitchline::table::{ColumnSpec, Kind, RawTable, Table};
///
/// let surname = Comparison::new("surname", ["surname"])
///     .level(Level::new(Test::Exact).with_term_frequency("surname"))
///     .level(Level::new(Test::JaroWinkler(0.88)));
/// let mut raw = RawTable::new(["surname"])?;
/// for (id, name) in [("1", "Robinson"), ("2", "robinson"), ("3", "Robinsen"), ("4", "Lee"), ("5", "")] {
///     raw.push("crm", id, &[name])?;
/// }
/// let table = Table::prepare(raw, &[ColumnSpec::new("surname", Kind::FamilyName)])?;
/// let bound = Comparisons::bind(&table, &[surname])?;
/// let level = |b| bound.level(0, 0, b);
/// assert_eq!([level(1), level(2), level(3), level(4)], [1, 2, 3, 0]);
/// # Ok::<(), stitchline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// What it is called in models and explanations.
    pub name: String,
    /// The columns it looks at, the main one first. The pair is null in it where each of them is missing in either row.
    pub columns: Vec<String>,
    /// Whether it tells people of one household or firm apart, as given names and birth dates do, but addresses and
    /// family names do not. Training keeps apart what relatives share by that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub personal: bool,
    /// Whether a customer has one value in it, as of a national number: rows with values that are in no level (all else)
    /// are never put into one customer by [`contract`](crate::cluster::contract()).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclusive: bool,
    /// Comparisons whose values these are often made of, as e-mail addresses are of names. Where all of them agree,
    /// agreement here is less of a surprise, and training finds out by how much.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made_of: Vec<String>,
    /// Whether the probabilities of the levels stand as they are given, and training leaves them alone. Each level then
    /// has an m and a u; what is left of 1 is that of all else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fixed: bool,
    /// The levels, the closest first; a pair is in the first whose test holds.
    pub levels: Vec<Level>,
}

impl Comparison {
    /// A comparison without levels so far.
    pub fn new(name: impl Into<String>, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Comparison {
            name: name.into(),
            columns,
            personal: false,
            exclusive: false,
            made_of: Vec::new(),
            fixed: false,
            levels: Vec::new(),
        }
    }

    /// Marks that it tells relatives apart.
    #[must_use]
    pub fn personal(mut self) -> Self {
        self.personal = true;
        self
    }

    /// Marks that a customer has one value in it.
    #[must_use]
    pub fn exclusive(mut self) -> Self {
        self.exclusive = true;
        self
    }

    /// Marks that its values are often made of those of other comparisons.
    #[must_use]
    pub fn made_of(mut self, comparisons: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.made_of = comparisons.into_iter().map(Into::into).collect();
        self
    }

    /// Marks that its probabilities stand.
    #[must_use]
    pub fn fixed(mut self) -> Self {
        self.fixed = true;
        self
    }

    /// Adds a level below those that are there.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.levels.push(level);
        self
    }

    /// The number of levels with null and all else.
    pub fn level_count(&self) -> usize {
        self.levels.len() + 2
    }

    /// What a level is called: its own label, or its test in words.
    pub fn level_name(&self, level: u8) -> String {
        match level as usize {
            0 => "null".to_owned(),
            at if at <= self.levels.len() => {
                let level = &self.levels[at - 1];
                level.label.clone().unwrap_or_else(|| level.test.words())
            }
            _ => "else".to_owned(),
        }
    }
}

/// One level of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// What must hold.
    pub test: Test,
    /// What it is called; the test in words where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The column whose values' frequencies adjust the weight: agreement on a rare value says more. Where the test is
    /// [`Test::SharedWords`], the rarest of the shared words counts, whatever else stands beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_frequency: Option<String>,
    /// How much of that adjustment counts, 0 to 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub term_frequency_weight: f64,
    /// Frequencies below this count as this.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub term_frequency_minimum: f64,
    /// Of values that are given to one customer, such as e-mail addresses: so many of the rows that share one are taken
    /// for one customer's, and only those above for a sign that the value is frequent. 0 where every row counts.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub term_frequency_own: u32,
    /// How often pairs that are one customer are expected here. Training holds to it as to
    /// [`TrainOptions::expected_pairs`](crate::model::TrainOptions::expected_pairs) pairs that were seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub m: Option<f64>,
    /// How often two rows at random are expected here, in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub u: Option<f64>,
}

fn one() -> f64 {
    1.0
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference.
fn is_one(value: &f64) -> bool {
    *value == 1.0
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_nought(value: &u32) -> bool {
    *value == 0
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl Level {
    /// A level without term-frequency adjustment.
    pub fn new(test: Test) -> Self {
        Level {
            test,
            label: None,
            term_frequency: None,
            term_frequency_weight: 1.0,
            term_frequency_minimum: 0.0,
            term_frequency_own: 0,
            m: None,
            u: None,
        }
    }

    /// Expected so often of pairs that are one customer, and of two rows at random where that is known.
    #[must_use]
    pub fn expected(mut self, m: f64, u: Option<f64>) -> Self {
        (self.m, self.u) = (Some(m), u);
        self
    }

    /// Adjusted by how frequent the value of this column is.
    #[must_use]
    pub fn with_term_frequency(mut self, column: impl Into<String>) -> Self {
        self.term_frequency = Some(column.into());
        self
    }

    /// Called so.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

/// What must hold of two rows, in the main column of the comparison unless it says otherwise. A test on a value that
/// is missing does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Test {
    /// Equal values.
    Exact,
    /// [`jaro_winkler`](crate::similarity::jaro_winkler()) of at least.
    JaroWinkler(f64),
    /// [`jaro`](crate::similarity::jaro()) of at least.
    Jaro(f64),
    /// [`levenshtein`](crate::similarity::levenshtein()) of at most.
    Levenshtein(u32),
    /// [`osa`](crate::similarity::osa()) of at most.
    Osa(u32),
    /// [`damerau_levenshtein`](crate::similarity::damerau_levenshtein()) of at most.
    DamerauLevenshtein(u32),
    /// [`levenshtein_similarity`](crate::similarity::levenshtein_similarity()) of at least.
    LevenshteinSimilarity(f64),
    /// [`token_sort_ratio`](crate::similarity::token_sort_ratio()) of at least.
    TokenSort(f64),
    /// [`token_set_ratio`](crate::similarity::token_set_ratio()) of at least.
    TokenSet(f64),
    /// [`monge_elkan_both`](crate::similarity::monge_elkan_both()) over Jaro-Winkler of at least.
    MongeElkan(f64),
    /// [`QGrams::jaccard`](crate::similarity::QGrams::jaccard) of pairs of characters of at least.
    BigramJaccard(f64),
    /// Whole names alike: [`names_alike`] of at least.
    NamesAlike(f64),
    /// At least so many words in common.
    SharedWords(u32),
    /// The words in common are at least this share of the words of the one that has fewer.
    WordOverlap(f64),
    /// The first so many characters are equal, and there are that many.
    Prefix(u32),
    /// The last so many characters are equal, and there are that many.
    Suffix(u32),
    /// One is a single letter, and the other begins with it.
    Initial,
    /// One is short for the other, or both are for one name: [`nickname::share`](crate::normalize::nickname::share).
    Nickname,
    /// Both begin with given names of the table of [`nickname`](crate::normalize::nickname), and neither stands for the
    /// other: `mark` and `marsha`, which are two names however alike they look.
    OtherName,
    /// The same [`soundex`](crate::similarity::soundex()).
    Soundex,
    /// The same [`metaphone`](crate::similarity::metaphone()).
    Metaphone,
    /// What stands before the first `@` is equal; of a text without one, all of it.
    SameLocalPart,
    /// [`jaro_winkler`](crate::similarity::jaro_winkler()) of what stands before the `@` of at least.
    LocalPartJaroWinkler(f64),
    /// Dates at most so many days apart.
    Days(u32),
    /// The same year, with day and month in each other's place.
    DayMonthSwapped,
    /// Numbers at most so far apart.
    Difference(f64),
    /// Numbers apart by at most this share of the greater one.
    RelativeDifference(f64),
    /// Places (`latitude longitude`) at most so many kilometres apart.
    Kilometres(f64),
    /// The value of either row here is that of the other row in the named column.
    Swapped(String),
    /// As [`Test::Swapped`], but the values need only have a
    /// [`jaro_winkler`](crate::similarity::jaro_winkler()) of at least.
    SwappedJaroWinkler(String, f64),
    /// The value of one row here is a word of the other row's in the named column: `meyer` of Susan Meyer, who is
    /// Susan Meyer Thomas elsewhere.
    WordOf(String),
    /// Of lists: the test holds of any value of one row and any of the other. Measures of texts, prefixes, suffixes,
    /// codes of sound and parts before the `@`; that two lists share a value is [`Test::SharedWords`].
    AnyValue(Box<Test>),
    /// The test holds in the named column.
    On(String, Box<Test>),
    /// All hold.
    All(Vec<Test>),
    /// Any holds.
    Any(Vec<Test>),
    /// It does not hold.
    Not(Box<Test>),
    /// A test given in code under this name.
    Custom(String),
}

impl Test {
    /// Whether it says that the values of `column` are equal, in a comparison whose main column is `main`.
    pub(crate) fn is_equality_of(&self, column: &str, main: Option<&String>) -> bool {
        match self {
            Test::Exact => main.is_some_and(|main| main == column),
            Test::On(other, test) => other == column && **test == Test::Exact,
            _ => false,
        }
    }

    /// The test in words.
    pub fn words(&self) -> String {
        let joined =
            |tests: &[Test], with: &str| tests.iter().map(Test::words).collect::<Vec<_>>().join(with);
        match self {
            Test::Exact => "equal".into(),
            Test::JaroWinkler(least) => format!("Jaro-Winkler ≥ {least}"),
            Test::Jaro(least) => format!("Jaro ≥ {least}"),
            Test::Levenshtein(most) => format!("Levenshtein ≤ {most}"),
            Test::Osa(most) => format!("OSA ≤ {most}"),
            Test::DamerauLevenshtein(most) => format!("Damerau-Levenshtein ≤ {most}"),
            Test::LevenshteinSimilarity(least) => format!("Levenshtein similarity ≥ {least}"),
            Test::TokenSort(least) => format!("sorted words alike ≥ {least}"),
            Test::TokenSet(least) => format!("sets of words alike ≥ {least}"),
            Test::MongeElkan(least) => format!("Monge-Elkan ≥ {least}"),
            Test::BigramJaccard(least) => format!("bigrams in common ≥ {least}"),
            Test::NamesAlike(least) => format!("names alike ≥ {least}"),
            Test::SharedWords(least) => format!("words in common ≥ {least}"),
            Test::WordOverlap(least) => format!("share of words in common ≥ {least}"),
            Test::Prefix(count) => format!("first {count} characters equal"),
            Test::Suffix(count) => format!("last {count} characters equal"),
            Test::Initial => "an initial".into(),
            Test::Nickname => "a short form".into(),
            Test::OtherName => "another name".into(),
            Test::Soundex => "same Soundex".into(),
            Test::Metaphone => "same Metaphone".into(),
            Test::SameLocalPart => "equal before the @".into(),
            Test::LocalPartJaroWinkler(least) => format!("Jaro-Winkler before the @ ≥ {least}"),
            Test::Days(most) => format!("within {most} days"),
            Test::DayMonthSwapped => "day and month swapped".into(),
            Test::Difference(most) => format!("apart by at most {most}"),
            Test::RelativeDifference(most) => format!("apart by at most {} %", most * 100.0),
            Test::Kilometres(most) => format!("within {most} km"),
            Test::Swapped(column) => format!("swapped with {column}"),
            Test::SwappedJaroWinkler(column, least) => {
                format!("swapped with {column}, Jaro-Winkler ≥ {least}")
            }
            Test::WordOf(column) => format!("a word of {column}"),
            Test::AnyValue(test) => format!("of any two, {}", test.words()),
            Test::On(column, test) => format!("{column} {}", test.words()),
            Test::All(tests) => joined(tests, " and "),
            Test::Any(tests) => joined(tests, " or "),
            Test::Not(test) => format!("not {}", test.words()),
            Test::Custom(name) => name.clone(),
        }
    }
}
