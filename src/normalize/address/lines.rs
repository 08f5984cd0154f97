//! Lines of an address to its parts.

use super::{
    Address, postcode,
    postcode::Shape,
    push_short, region,
    words::{is_kind, is_unit},
};
use crate::normalize::fold;
use smallvec::SmallVec;

/// A word of an address as folded, with `/` and `-` between numbers kept.
type Words = SmallVec<[String; 8]>;

/// Most segments and most words that are looked at.
const MOST_SEGMENTS: usize = 16;
const MOST_WORDS: usize = 64;

/// Reads streets alone.
pub(super) fn street(raw: &str) -> Address {
    let mut address = Address::default();
    for segment in segments(raw) {
        street_words(&mut address, segment, false);
    }
    address
}

/// Reads a whole address.
pub(super) fn parse(raw: &str) -> Address {
    let mut address = Address::default();
    let mut segments = segments(raw);
    if segments.len() > 1
        && let Some(country) = segments.last().and_then(|last| region::country(&last.join(" ")))
    {
        address.country = country.to_owned();
        segments.pop();
    }
    take_postcode(&mut address, &mut segments);
    take_state(&mut address, &mut segments);
    let whole = segments.len() == 1;
    if segments.len() > 1
        && let Some(last) = segments.last()
        && !last.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        && !last.first().is_some_and(|word| is_unit(word))
    {
        address.city = short(last);
        segments.pop();
    }
    for segment in segments {
        street_words(&mut address, segment, whole);
    }
    address
}

fn short(words: &[String]) -> String {
    let mut out = String::new();
    words.iter().for_each(|word| push_short(&mut out, word));
    out
}

fn segments(raw: &str) -> SmallVec<[Words; 6]> {
    fold::bounded(raw)
        .split([',', ';', '\n', '\r', '|'])
        .map(segment)
        .filter(|words| !words.is_empty())
        .take(MOST_SEGMENTS)
        .collect()
}

fn segment(raw: &str) -> Words {
    let mut words = Words::new();
    for written in raw.split_whitespace() {
        // 12-14, 3/14 and 12a stay whole; every other sign parts words.
        let number = written.trim_matches(|c: char| !c.is_alphanumeric());
        let compound = number.len() <= 16
            && number.starts_with(|c: char| c.is_ascii_digit())
            && number.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-".contains(&b));
        if written.starts_with('#') && !number.is_empty() && number.bytes().all(|b| b.is_ascii_alphanumeric())
        {
            words.extend(["unit".to_owned(), number.to_ascii_lowercase()]);
        } else if compound {
            words.push(number.to_ascii_lowercase());
        } else {
            let folded = fold::words(written);
            words.extend(folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned));
        }
        if words.len() >= MOST_WORDS {
            break;
        }
    }
    words.truncate(MOST_WORDS);
    words
}

/// Takes a postcode from the last segments: one of a shape with letters anywhere in them, or digits at the begin or end
/// of a segment that is not the first.
fn take_postcode(address: &mut Address, segments: &mut SmallVec<[Words; 6]>) {
    let count = segments.len();
    for at in (0..count).rev() {
        let words = &mut segments[at];
        for begin in (0..words.len()).rev() {
            for size in [2, 1] {
                let Some(run) = words.get(begin..begin + size) else { continue };
                let joined = run.concat();
                let code = joined.replace('-', "");
                let Some(shape) = postcode::shape(&code) else { continue };
                let edge = begin == 0 || begin + size == words.len();
                let digits_alone =
                    run.iter().all(|word| word.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
                let fits = match shape {
                    Shape::Digits(n) => {
                        let alone = count > 1 && at > 0;
                        // `110 001` and `114 55` are in two parts; a house number is not.
                        let parts = size == 1 || (run[0].len() == 3 && matches!(run[1].len(), 2 | 3));
                        // The only segment: at its end, behind the words of a street.
                        let behind = !alone && begin + size == words.len() && begin > 2;
                        digits_alone && parts && n >= 4 && edge && (alone || behind)
                    }
                    _ => size == 2 || begin > 0 || count == 1 || at > 0,
                };
                if fits && let Some(canonical) = postcode::canonical(&code) {
                    address.postcode = canonical;
                    words.drain(begin..begin + size);
                    if words.is_empty() {
                        segments.remove(at);
                    }
                    return;
                }
            }
        }
    }
}

/// Takes a state from the end of the last segment, or a segment that is nothing else.
fn take_state(address: &mut Address, segments: &mut SmallVec<[Words; 6]>) {
    if segments.len() < 2 && address.postcode.is_empty() {
        return;
    }
    let Some(last) = segments.last_mut() else { return };
    let whole = last.join(" ");
    if let Some(state) = region::state(&whole) {
        address.state = state.to_owned();
        segments.pop();
    } else if let Some(state) = last.last().and_then(|word| region::state_code(word))
        && last.len() > 1
        && !(is_kind(state) || matches!(state, "ne" | "nw" | "se" | "sw"))
    {
        address.state = state.to_owned();
        last.pop();
    }
}

/// Takes unit, box and house number from a segment; what is left is street, and behind a kind of street the city where
/// the whole address is one segment.
fn street_words(address: &mut Address, mut words: Words, whole: bool) {
    take_box(address, &mut words);
    take_unit(address, &mut words);
    if address.house.is_empty() {
        take_house(address, &mut words);
    }
    let shorts: SmallVec<[String; 8]> = words.iter().map(|word| short(std::slice::from_ref(word))).collect();
    let kind = shorts.iter().skip(1).rposition(|word| is_kind(word)).map(|at| at + 1);
    let (street, city) = match kind {
        Some(at) if whole && address.city.is_empty() => {
            // `NW` belongs to the street before it.
            let quarter =
                |word: &String| matches!(word.as_str(), "n" | "e" | "s" | "w" | "ne" | "nw" | "se" | "sw");
            shorts.split_at(at + 1 + usize::from(shorts.get(at + 1).is_some_and(quarter)))
        }
        _ => (&shorts[..], &[][..]),
    };
    for word in street {
        if !address.street.is_empty() {
            address.street.push(' ');
        }
        address.street.push_str(word);
    }
    if !city.is_empty() {
        address.city = super::city(&city.join(" ")).unwrap_or_default();
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

fn take_box(address: &mut Address, words: &mut Words) {
    for at in 0..words.len() {
        let word = |k: usize| words.get(at + k).map_or("", String::as_str);
        let length = match (word(0), word(1), word(2)) {
            ("p", "o", "box") => 3,
            ("po" | "post" | "postal", "box", _) => 2,
            ("pobox" | "postfach" | "postbus" | "apartado" | "casilla" | "skrytka", ..) => 1,
            ("box", next, _) if at == 0 && is_number(next) => 1,
            _ => continue,
        };
        if let Some(number) = words.get(at + length).filter(|next| is_number(next)) {
            address.po_box = number.clone();
            words.drain(at..=at + length);
        }
        return;
    }
}

fn take_unit(address: &mut Address, words: &mut Words) {
    for at in 0..words.len() {
        if !is_unit(&words[at]) {
            continue;
        }
        // A unit's number has a digit or is one letter: `Flat 2b`, `Unit C`. `Lot Street` is a street.
        let Some(next) = words.get(at + 1).filter(|next| is_number(next) || next.len() == 1) else {
            continue;
        };
        if let Some((unit, house)) = next.split_once('/') {
            address.unit = unit.to_owned();
            words[at + 1] = house.to_owned();
            words.remove(at);
        } else {
            address.unit = next.clone();
            words.drain(at..=at + 1);
        }
        return;
    }
    // The second floor.
    for at in 0..words.len().saturating_sub(1) {
        if is_number(&words[at]) && matches!(words[at + 1].as_str(), "floor" | "fl") {
            address.unit = words[at].trim_end_matches(|c: char| c.is_ascii_alphabetic()).to_owned();
            words.drain(at..=at + 1);
            return;
        }
    }
}

/// The first number at the begin, or the last at the end; `5 a` is `5a`.
fn take_house(address: &mut Address, words: &mut Words) {
    if words.first().is_some_and(|word| matches!(word.as_str(), "no" | "nr" | "number")) && words.len() > 1 {
        words.remove(0);
    }
    let Some(first) = words.first() else { return };
    if is_ordinal(first) {
        return;
    }
    if is_number(first) {
        let mut house = words.remove(0);
        if let Some((unit, number)) = house.clone().split_once('/') {
            if address.unit.is_empty() && is_number(number) && !unit.is_empty() {
                unit.clone_into(&mut address.unit);
                number.clone_into(&mut house);
            }
        } else if words.len() > 2 && words[0].len() == 1 && words[0].as_bytes()[0].is_ascii_lowercase() {
            let single = &words[0];
            // `14 e main st`: a direction.
            if !matches!(single.as_str(), "n" | "e" | "s" | "w") {
                house.push_str(single);
                words.remove(0);
            }
        }
        address.house = house;
    } else if let Some(at) = words.iter().rposition(|word| is_number(word)).filter(|&at| at > 0) {
        let last = at + 1 == words.len();
        let letter = at + 2 == words.len() && words[at + 1].len() == 1;
        let road =
            matches!(words[at - 1].as_str(), "highway" | "hwy" | "route" | "rte" | "interstate" | "us");
        if (last || letter) && !road && !is_ordinal(&words[at]) {
            let mut house = words.remove(at);
            if letter && let Some(letter) = words.pop() {
                house.push_str(&letter);
            }
            if words.last().is_some_and(|word| matches!(word.as_str(), "no" | "nr" | "number"))
                && words.len() > 1
            {
                words.pop();
            }
            address.house = house;
        }
    }
}

/// `5th`, `42nd`: a street's name.
fn is_ordinal(word: &str) -> bool {
    is_number(word) && ["st", "nd", "rd", "th"].iter().any(|end| word.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_segment() {
        assert_eq!(segment("12-14  High-Street #3B")[..], ["12-14", "high", "street", "unit", "3b"]);
        assert!(is_ordinal("42nd") && !is_ordinal("42"));
    }
}
