//! Postal addresses to comparable parts, without a gazetteer: punctuation, order, shapes of postcodes and the words for
//! kinds of streets decide what is what.
//!
//! What comes in is text, in one line ([`Address::parse`]) or in columns ([`Address::from_parts`]); what goes out is an
//! [`Address`] of folded words in which `street` and `st` are the same.

mod lines;
pub mod postcode;
mod region;
mod words;

use super::{fold, junk};

/// An address in parts. A part that is not known is empty.
///
/// ```
/// use stitchline::normalize::address::Address;
///
/// let a = Address::parse("Flat 2, 14a High Street, London SW1A 1AA, UK").unwrap();
/// assert_eq!((&*a.unit, &*a.house, &*a.street), ("2", "14a", "high st"));
/// assert_eq!((&*a.city, &*a.postcode, &*a.country), ("london", "SW1A1AA", "gb"));
/// let b = Address::parse("1600 Pennsylvania Ave NW, Washington, DC 20500").unwrap();
/// assert_eq!((&*b.house, &*b.street, &*b.city, &*b.state), ("1600", "pennsylvania av nw", "washington", "dc"));
/// let c = Address::parse("Hauptstraße 5, 10115 Berlin").unwrap();
/// assert_eq!((&*c.house, &*c.street, &*c.city, &*c.postcode), ("5", "hauptst", "berlin", "10115"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Address {
    /// The number of a flat, suite or floor.
    pub unit: String,
    /// The house number: `14a`, `12-14`.
    pub house: String,
    /// The street with its kind in short form; also a house's name, where there is one.
    pub street: String,
    /// The town.
    pub city: String,
    /// The code of a state or province, or its folded name where it is none that is known.
    pub state: String,
    /// The postcode, as [`postcode::canonical`] gives it.
    pub postcode: String,
    /// The country: ISO 3166-1 in two letters in lower case, or its folded name where it is none that is known.
    pub country: String,
    /// The number of a post office box.
    pub po_box: String,
}

impl Address {
    /// An address in one text, lines separated by commas, semicolons or line ends. None where nothing is left. O(n).
    pub fn parse(raw: &str) -> Option<Self> {
        (!junk::is_nothing(raw)).then(|| lines::parse(raw)).filter(|address| *address != Address::default())
    }

    /// An address in columns; empty text where there is no such column. Lines of the street may hold anything; what
    /// they hold of city, state and postcode counts where the columns are empty. None where nothing is left. O(n).
    pub fn from_parts(
        lines: &[&str],
        city: &str,
        state: &str,
        postcode: &str,
        country: &str,
    ) -> Option<Self> {
        let mut address = Address {
            city: self::city(city).unwrap_or_default(),
            state: self::state(state).unwrap_or_default(),
            postcode: postcode::canonical(postcode).unwrap_or_default(),
            country: self::country(country).unwrap_or_default(),
            ..Address::default()
        };
        let street =
            lines.iter().filter(|line| !junk::is_nothing(line)).copied().collect::<Vec<_>>().join(", ");
        let bare = address.city.is_empty() && address.postcode.is_empty();
        let read = if bare { lines::parse(&street) } else { lines::street(&street) };
        for (own, other) in [
            (&mut address.unit, read.unit),
            (&mut address.house, read.house),
            (&mut address.street, read.street),
            (&mut address.city, read.city),
            (&mut address.state, read.state),
            (&mut address.postcode, read.postcode),
            (&mut address.country, read.country),
            (&mut address.po_box, read.po_box),
        ] {
            if own.is_empty() {
                *own = other;
            }
        }
        (address != Address::default()).then_some(address)
    }

    /// A column of streets: unit, house number, box and street, and never a city or postcode. None where nothing is
    /// left. O(n).
    ///
    /// ```
    /// use stitchline::normalize::address::Address;
    ///
    /// let street = Address::street_line("Unit 3/14 North Road").unwrap();
    /// assert_eq!((&*street.unit, &*street.house, &*street.street), ("3", "14", "n rd"));
    /// ```
    pub fn street_line(raw: &str) -> Option<Self> {
        (!junk::is_nothing(raw)).then(|| lines::street(raw)).filter(|address| *address != Address::default())
    }

    /// The parts in one line, in a fixed order: box, unit, house, street, city, state, postcode, country.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for part in [
            &self.po_box,
            &self.unit,
            &self.house,
            &self.street,
            &self.city,
            &self.state,
            &self.postcode,
            &self.country,
        ] {
            if !part.is_empty() {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(part);
            }
        }
        text
    }
}

/// The name of a town, folded, its words in short form (`Saint` and `St`). None where nothing is left.
pub fn city(raw: &str) -> Option<String> {
    (!junk::is_nothing(raw)).then(|| short_words(raw)).filter(|text| !text.is_empty())
}

/// The code of a state of the United States, Canada or Australia, or any other region's folded name. None where
/// nothing is left.
pub fn state(raw: &str) -> Option<String> {
    let words = fold::words(raw);
    let words = region::state(&words).map_or(words, str::to_owned);
    (!words.is_empty() && (words.len() == 2 || !junk::is_nothing(raw))).then_some(words)
}

/// The ISO 3166-1 code of a country in lower case where its name is known, or its folded name. None where nothing is
/// left.
pub fn country(raw: &str) -> Option<String> {
    let words = fold::words(raw);
    let words = region::country(&words).map_or(words, str::to_owned);
    (!words.is_empty() && (words.len() == 2 || !junk::is_nothing(raw))).then_some(words)
}

/// Folded words, each in its short form.
fn short_words(raw: &str) -> String {
    let mut out = String::new();
    for word in fold::words(raw).split(' ').filter(|word| !word.is_empty()) {
        push_short(&mut out, word);
    }
    out
}

fn push_short(out: &mut String, word: &str) {
    if !out.is_empty() {
        out.push(' ');
    }
    match words::end(word) {
        Some(stem) => out.extend([stem, "st"]),
        None => match word.strip_suffix("str").filter(|stem| stem.len() > 3) {
            Some(stem) => out.extend([stem, "st"]),
            None => out.push_str(words::short(word)),
        },
    }
}

#[cfg(test)]
mod tests;
