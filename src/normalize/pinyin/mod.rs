//! Names in Chinese characters as they are written in Latin letters: read in Mandarin, without tones.
//!
//! A character has one reading here, the most frequent one, but for those that are read otherwise as a family name.
//! Names of other languages in the same characters (Japanese, Cantonese) are read in another way than their owners do.

use std::{borrow::Cow, collections::HashMap, sync::OnceLock};

const READINGS: &str = include_str!("mandarin.txt");

/// Characters that are read otherwise as a family name.
const FAMILIES: &[(&str, &str)] = &[
    ("单單", "shan"),
    ("仇", "qiu"),
    ("任", "ren"),
    ("区區", "ou"),
    ("华華", "hua"),
    ("曾", "zeng"),
    ("朴", "piao"),
    ("查", "zha"),
    ("盖蓋", "ge"),
    ("缪繆", "miao"),
    ("翟", "zhai"),
    ("解", "xie"),
];

/// Family names of two characters.
const OF_TWO: &[&str] = &[
    "欧阳", "歐陽", "上官", "司马", "司馬", "诸葛", "諸葛", "司徒", "东方", "東方", "皇甫", "尉迟", "尉遲",
    "公孙", "公孫", "慕容", "令狐", "夏侯", "宇文", "长孙", "長孫", "轩辕", "軒轅", "端木", "南宫", "南宮",
];

/// Names of more characters than this, written without a space, are not taken apart.
const LONGEST: usize = 4;

/// What a text holds of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Given names.
    Given,
    /// A family name.
    Family,
    /// A whole name, the family name first.
    Whole,
}

fn reading(c: char) -> Option<&'static str> {
    static TABLE: OnceLock<HashMap<char, &'static str, foldhash::fast::FixedState>> = OnceLock::new();
    if !matches!(u32::from(c), 0x4e00..=0x9fff) {
        return None;
    }
    let table = TABLE.get_or_init(|| {
        let lines = READINGS.lines().filter_map(|line| line.split_once(' ')).filter(|(name, _)| *name != "#");
        lines.flat_map(|(syllable, characters)| characters.chars().map(move |c| (c, syllable))).collect()
    });
    table.get(&c).copied()
}

/// Whether a text has Chinese characters that have a reading, and no kana beside them: those are read in Japanese.
pub fn is_read(raw: &str) -> bool {
    !raw.is_ascii()
        && raw.chars().any(|c| reading(c).is_some())
        && !raw.chars().any(|c| matches!(u32::from(c), 0x3040..=0x30ff))
}

/// A name with Chinese characters in Latin letters: characters side by side are one word. A whole name of a few
/// characters alone becomes `family, given`. Any other text stays as it is. O(n).
///
/// ```
/// use stitchline::normalize::pinyin::{Side, latin};
///
/// assert_eq!(latin("张秀英", Side::Whole), "zhang, xiuying");
/// assert_eq!(latin("欧阳 娜娜", Side::Whole), "ouyang, nana");
/// assert_eq!(latin("曾", Side::Family), "zeng");
/// assert_eq!(latin("秀英", Side::Given), "xiuying");
/// assert_eq!(latin("Ann Lee", Side::Whole), "Ann Lee");
/// ```
pub fn latin(raw: &str, side: Side) -> Cow<'_, str> {
    if !is_read(raw) {
        return Cow::Borrowed(raw);
    }
    let alone: Vec<char> = raw.chars().filter(|c| !c.is_whitespace()).collect();
    if side == Side::Whole
        && (2..=LONGEST).contains(&alone.len())
        && alone.iter().all(|&c| reading(c).is_some())
    {
        let words: Vec<&str> = raw.split_whitespace().collect();
        let family = match words[..] {
            [first, _] => first.chars().count(),
            _ => {
                let two: String = alone.iter().take(2).collect();
                1 + usize::from(alone.len() > 2 && OF_TWO.contains(&&*two))
            }
        };
        let (family, given) = alone.split_at(family);
        return Cow::Owned([&*read(family, true), ", ", &*read(given, false)].concat());
    }
    let characters: Vec<char> = raw.chars().collect();
    Cow::Owned(read(&characters, side == Side::Family))
}

fn read(characters: &[char], family: bool) -> String {
    let mut out = String::new();
    for &c in characters {
        let own = FAMILIES.iter().find(|(known, _)| family && characters.len() == 1 && known.contains(c));
        match own.map(|(_, reading)| *reading).or_else(|| reading(c)) {
            Some(reading) => out.push_str(reading),
            None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_has_one_reading() {
        let mut all: Vec<char> = READINGS
            .lines()
            .filter_map(|line| line.split_once(' '))
            .filter(|(name, _)| *name != "#")
            .flat_map(|(syllable, characters)| {
                assert!(syllable.bytes().all(|byte| byte.is_ascii_lowercase()), "{syllable}");
                characters.chars()
            })
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert!(all.len() == count && count > 8000);
        assert!(FAMILIES.iter().flat_map(|(known, _)| known.chars()).all(|c| reading(c).is_some()));
        assert!(OF_TWO.iter().flat_map(|known| known.chars()).all(|c| reading(c).is_some()));
    }

    #[test]
    fn names() {
        for (raw, side, expected) in [
            ("王杰", Side::Whole, "wang, jie"),
            ("劉杰", Side::Whole, "liu, jie"),
            ("单雄信", Side::Whole, "shan, xiongxin"),
            ("欧阳修", Side::Whole, "ouyang, xiu"),
            ("欧阳", Side::Whole, "ou, yang"),
            ("王 杰 (Jay)", Side::Whole, "wang jie (Jay)"),
            ("单单", Side::Given, "dandan"),
            // With kana it is Japanese; and what is in no table stays.
            ("山田 たろう", Side::Whole, "山田 たろう"),
            ("ann", Side::Given, "ann"),
            ("", Side::Whole, ""),
        ] {
            assert_eq!(latin(raw, side), expected, "{raw}");
        }
    }
}
