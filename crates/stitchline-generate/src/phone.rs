//! Phone numbers: new ones of a country in E.164 form, and the ways in which people write them.

use crate::Country;
use crate::lists::LISTS;
use crate::rng::Rng;

/// So many random digits.
fn digits(rng: &mut Rng, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + rng.below(10) as u8)).collect()
}

/// A random exchange of the North American plan: 200 to 999, without the service codes N11 and 555.
fn exchange(rng: &mut Rng) -> u64 {
    loop {
        let nxx = 200 + rng.below(800);
        if nxx % 100 != 11 && nxx != 555 {
            return nxx;
        }
    }
}

/// A number of a mobile.
pub(crate) fn mobile(country: Country, rng: &mut Rng) -> String {
    match country {
        Country::Us => {
            let prefixes = &LISTS.city(country, rng).prefixes;
            let area = &rng.pick(prefixes)[..3];
            format!("+1{area}{}{}", exchange(rng), digits(rng, 4))
        }
        Country::Gb => {
            let block = *rng.pick(&["71", "72", "73", "74", "75", "77", "78", "79"]);
            // Within the blocks the third digit is kept where nearly all ranges are in use.
            format!("+44{block}{}{}", rng.pick(&[1, 2, 3, 5, 8]), digits(rng, 7))
        }
        Country::De => {
            let (block, rest) = *rng.pick(&[
                ("151", 8),
                ("1520", 7),
                ("1573", 7),
                ("1590", 7),
                ("160", 7),
                ("170", 7),
                ("171", 7),
                ("172", 7),
                ("175", 7),
                ("176", 8),
                ("179", 7),
            ]);
            format!("+49{block}{}{}", rng.between(2, 10), digits(rng, rest - 1))
        }
        Country::Es => format!("+346{}", digits(rng, 8)),
    }
}

/// A number of a landline under this prefix; after many attempts a neighbouring exchange.
pub(crate) fn landline(country: Country, prefix: &str, attempt: u32, rng: &mut Rng) -> String {
    let code = country.dialling_code();
    match country {
        Country::Us if prefix.len() < 6 || attempt > 20 => {
            format!("+1{}{}{}", &prefix[..3], exchange(rng), digits(rng, 4))
        }
        Country::Us => format!("+1{prefix}{}", digits(rng, 4)),
        Country::Gb => {
            let first = if prefix.len() == 2 { *rng.pick(&[3, 7, 8]) } else { rng.between(2, 5) };
            format!("+{code}{prefix}{first}{}", digits(rng, 9 - prefix.len()))
        }
        Country::De => {
            let local = 10_usize.saturating_sub(prefix.len()).clamp(5, 8);
            format!("+{code}{prefix}{}{}", rng.between(2, 9), digits(rng, local - 1))
        }
        Country::Es => format!("+{code}{prefix}{}{}", rng.between(1, 9), digits(rng, 8 - prefix.len())),
    }
}

/// The country of a generated number.
pub(crate) fn country_of(e164: &str) -> Country {
    match &e164[..3] {
        "+44" => Country::Gb,
        "+49" => Country::De,
        "+34" => Country::Es,
        _ => Country::Us,
    }
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Style {
    E164,
    National,
    International,
    TrunkZero,
    DoubleZero,
}

impl Style {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Style::E164 => "e164",
            Style::National => "national",
            Style::International => "international_with_spaces",
            Style::TrunkZero => "trunk_zero_in_parentheses",
            Style::DoubleZero => "double_zero_prefix",
        }
    }
}

/// The number as somebody wrote it, in one of the usual ways of its country.
pub(crate) fn written(e164: &str, rng: &mut Rng) -> (String, Style) {
    use Style::{DoubleZero, E164, International, National, TrunkZero};
    if e164.len() < 9 || rng.chance(0.30) {
        return (e164.to_owned(), E164);
    }
    let country = country_of(e164);
    let code = country.dialling_code();
    let n = &e164[1 + code.len()..];
    let (a, b, c) = (&n[..3], &n[3..6], &n[6..]);
    let of = rng.index(6);
    match country {
        Country::Us => match of {
            0 => (format!("({a}) {b}-{c}"), National),
            1 => (format!("{a}-{b}-{c}"), National),
            2 => (format!("{a}.{b}.{c}"), National),
            3 => (n.to_owned(), National),
            4 => (format!("1{n}"), International),
            _ => (format!("+1 ({a}) {b}-{c}"), International),
        },
        Country::Gb | Country::De => match of {
            0 => (format!("0{n}"), National),
            1 if country == Country::De => (format!("0{a}/{b}{c}"), National),
            1 => (format!("0{} {}", &n[..4], &n[4..]), National),
            2 => (format!("+{code} (0){n}"), TrunkZero),
            3 => (format!("00{code}{n}"), DoubleZero),
            4 => (format!("0{a}-{b}-{c}"), National),
            _ => (format!("+{code} {a} {b}{c}"), International),
        },
        Country::Es => match of {
            0 | 1 => (n.to_owned(), National),
            2 => (format!("{a} {b} {c}"), National),
            3 => (format!("+34 {a} {b} {c}"), International),
            4 => (format!("+34 {n}"), International),
            _ => (format!("0034{n}"), DoubleZero),
        },
    }
}

/// The number with one wrong digit.
pub(crate) fn mistyped(e164: &str, rng: &mut Rng) -> String {
    let at = 4 + rng.index(e164.len().saturating_sub(4).max(1));
    e164.chars()
        .enumerate()
        .map(
            |(i, c)| {
                if i == at { char::from(b'0' + (c as u8 - b'0' + 1 + rng.below(9) as u8) % 10) } else { c }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_lengths_of_their_country() {
        let mut rng = Rng::stream(1, 0, 0);
        for _ in 0..500 {
            assert_eq!(mobile(Country::Us, &mut rng).len(), 12);
            assert_eq!(mobile(Country::Gb, &mut rng).len(), 13);
            assert_eq!(mobile(Country::Es, &mut rng).len(), 12);
            assert!((13..=15).contains(&mobile(Country::De, &mut rng).len()));
            assert_eq!(landline(Country::Gb, "1223", 0, &mut rng).len(), 13);
            assert_eq!(landline(Country::Us, "212", 0, &mut rng).len(), 12);
        }
    }

    #[test]
    fn every_style_keeps_the_digits() {
        let mut rng = Rng::stream(2, 0, 0);
        let mut seen = std::collections::BTreeSet::new();
        for country in [Country::Us, Country::Gb, Country::De, Country::Es] {
            for _ in 0..200 {
                let number = mobile(country, &mut rng);
                let (text, style) = written(&number, &mut rng);
                let kept: String = text.chars().filter(char::is_ascii_digit).collect();
                assert!(kept.ends_with(&number[1 + country.dialling_code().len()..]), "{number} {text}");
                seen.insert(style);
            }
        }
        assert_eq!(seen.len(), 5);
    }

    #[test]
    fn a_mistyped_number_differs_in_one_digit() {
        let mut rng = Rng::stream(3, 0, 0);
        let wrong = mistyped("+447712345678", &mut rng);
        assert_eq!(wrong.chars().zip("+447712345678".chars()).filter(|(a, b)| a != b).count(), 1);
    }
}
