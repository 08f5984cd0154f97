//! Letters of other scripts in Latin ones: Cyrillic, Greek, Armenian, Arabic and Persian, Khmer, kana and Hangul, letter by
//! letter as passports roughly do. What is in none of them, Chinese characters among them, stays as it is.

use unicode_normalization::UnicodeNormalization;

const LETTERS: &[(&str, &str)] = &[
    // Cyrillic.
    ("а", "a"),
    ("б", "b"),
    ("в", "v"),
    ("г", "g"),
    ("ґ", "g"),
    ("д", "d"),
    ("еёэ", "e"),
    ("ж", "zh"),
    ("з", "z"),
    ("ийіїы", "i"),
    ("к", "k"),
    ("л", "l"),
    ("м", "m"),
    ("н", "n"),
    ("о", "o"),
    ("п", "p"),
    ("р", "r"),
    ("с", "s"),
    ("т", "t"),
    ("уў", "u"),
    ("ф", "f"),
    ("х", "kh"),
    ("ц", "ts"),
    ("ч", "ch"),
    ("ш", "sh"),
    ("щ", "shch"),
    ("ьъ", ""),
    ("ю", "yu"),
    ("я", "ya"),
    ("є", "ye"),
    ("ј", "j"),
    // Greek.
    ("α", "a"),
    ("β", "v"),
    ("γ", "g"),
    ("δ", "d"),
    ("ε", "e"),
    ("ζ", "z"),
    ("ηι", "i"),
    ("θ", "th"),
    ("κ", "k"),
    ("λ", "l"),
    ("μ", "m"),
    ("ν", "n"),
    ("ξ", "x"),
    ("οω", "o"),
    ("π", "p"),
    ("ρ", "r"),
    ("σς", "s"),
    ("τ", "t"),
    ("υ", "y"),
    ("φ", "f"),
    ("χ", "ch"),
    ("ψ", "ps"),
    // Armenian.
    ("ա", "a"),
    ("բփպ", "b"),
    ("գ", "g"),
    ("դ", "d"),
    ("եէը", "e"),
    ("զ", "z"),
    ("թտ", "t"),
    ("ժ", "zh"),
    ("ի", "i"),
    ("լ", "l"),
    ("խ", "kh"),
    ("ծց", "ts"),
    ("կք", "k"),
    ("հ", "h"),
    ("ձ", "dz"),
    ("ղ", "gh"),
    ("ճչ", "ch"),
    ("մ", "m"),
    ("յ", "y"),
    ("ն", "n"),
    ("շ", "sh"),
    ("ոօ", "o"),
    ("ջ", "j"),
    ("ռր", "r"),
    ("ս", "s"),
    ("վւ", "v"),
    ("ֆ", "f"),
    // Arabic and Persian.
    ("اأآةىع", "a"),
    ("ب", "b"),
    ("تط", "t"),
    ("ث", "th"),
    ("ج", "j"),
    ("حهھ", "h"),
    ("خ", "kh"),
    ("دض", "d"),
    ("ذ", "dh"),
    ("ر", "r"),
    ("زظ", "z"),
    ("سص", "s"),
    ("شژ", "sh"),
    ("غ", "gh"),
    ("ف", "f"),
    ("ق", "q"),
    ("كک", "k"),
    ("ل", "l"),
    ("م", "m"),
    ("ن", "n"),
    ("وؤ", "u"),
    ("يیئإ", "i"),
    ("ء", ""),
    ("پ", "p"),
    ("چ", "ch"),
    ("گ", "g"),
    // Khmer; vowels that are not written are left out, and signs that change how a letter is said.
    ("កគ", "k"),
    ("ខឃ", "kh"),
    ("ង", "ng"),
    ("ចឆជឈ", "ch"),
    ("ញ", "nh"),
    ("ដឌ", "d"),
    ("ឋឍថធ", "th"),
    ("ណន", "n"),
    ("តទ", "t"),
    ("ប", "b"),
    ("ផភ", "ph"),
    ("ព", "p"),
    ("ម\u{17c6}", "m"),
    ("យ", "y"),
    ("រ", "r"),
    ("លឡ", "l"),
    ("វ", "v"),
    ("ស", "s"),
    ("ហ\u{17c7}", "h"),
    ("\u{17b6}", "a"),
    ("\u{17b7}\u{17b8}\u{17b9}ឥឦ", "i"),
    ("\u{17ba}\u{17be}", "eu"),
    ("\u{17bb}ឧ", "u"),
    ("\u{17bc}ឩ", "ou"),
    ("\u{17bd}", "uo"),
    ("\u{17bf}", "eua"),
    ("\u{17c0}", "ie"),
    ("\u{17c1}\u{17c2}ឯ", "e"),
    ("\u{17c3}ឰ", "ai"),
    ("\u{17c4}ឱ", "o"),
    ("\u{17c5}ឪឳ", "au"),
    ("ឫឬ", "ru"),
    ("ឭឮ", "lu"),
    ("អ\u{17c8}\u{17c9}\u{17ca}\u{17cb}\u{17cc}\u{17cd}\u{17d0}\u{17d2}", ""),
    // Katakana; hiragana is moved there.
    ("アァ", "a"),
    ("イィ", "i"),
    ("ウゥ", "u"),
    ("エェ", "e"),
    ("オォヲ", "o"),
    ("カ", "ka"),
    ("キ", "ki"),
    ("ク", "ku"),
    ("ケ", "ke"),
    ("コ", "ko"),
    ("サ", "sa"),
    ("シ", "shi"),
    ("ス", "su"),
    ("セ", "se"),
    ("ソ", "so"),
    ("タ", "ta"),
    ("チ", "chi"),
    ("ツ", "tsu"),
    ("テ", "te"),
    ("ト", "to"),
    ("ナ", "na"),
    ("ニ", "ni"),
    ("ヌ", "nu"),
    ("ネ", "ne"),
    ("ノ", "no"),
    ("ハ", "ha"),
    ("ヒ", "hi"),
    ("フ", "fu"),
    ("ヘ", "he"),
    ("ホ", "ho"),
    ("マ", "ma"),
    ("ミ", "mi"),
    ("ム", "mu"),
    ("メ", "me"),
    ("モ", "mo"),
    ("ヤャ", "ya"),
    ("ユュ", "yu"),
    ("ヨョ", "yo"),
    ("ラ", "ra"),
    ("リ", "ri"),
    ("ル", "ru"),
    ("レ", "re"),
    ("ロ", "ro"),
    ("ワ", "wa"),
    ("ン", "n"),
    ("ガ", "ga"),
    ("ギ", "gi"),
    ("グ", "gu"),
    ("ゲ", "ge"),
    ("ゴ", "go"),
    ("ザ", "za"),
    ("ジ", "ji"),
    ("ズ", "zu"),
    ("ゼ", "ze"),
    ("ゾ", "zo"),
    ("ダ", "da"),
    ("デ", "de"),
    ("ド", "do"),
    ("バ", "ba"),
    ("ビ", "bi"),
    ("ブ", "bu"),
    ("ベ", "be"),
    ("ボ", "bo"),
    ("パ", "pa"),
    ("ピ", "pi"),
    ("プ", "pu"),
    ("ペ", "pe"),
    ("ポ", "po"),
    ("ヴ", "vu"),
    ("ー", ""),
];

const LEADS: [&str; 19] =
    ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"];
const VOWELS: [&str; 21] = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi",
    "yu", "eu", "ui", "i",
];
const TAILS: [&str; 28] = [
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t",
    "ng", "t", "t", "k", "t", "p", "t",
];

/// A text with letters of other scripts in Latin ones, in lower case where it changes them. Hangul syllables become
/// words of their own. O(n).
///
/// ```
/// use stitchline::normalize::script::latin;
///
/// assert_eq!(latin("Сергей Лавров"), "sergei lavrov");
/// assert_eq!(latin("バラク・オバマ"), "baraku・obama");
/// assert_eq!(latin("김정은").trim(), "gim jeong eun");
/// assert_eq!(latin("Ann 王"), "Ann 王");
/// ```
pub fn latin(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in super::fold::bounded(raw).chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        let code = u32::from(c);
        if let Some(at) = code.checked_sub(0xac00).filter(|at| *at < 11_172) {
            let (lead, vowel, tail) = (at / 588, at % 588 / 28, at % 28);
            out.extend([LEADS[lead as usize], VOWELS[vowel as usize], TAILS[tail as usize], " "]);
            continue;
        }
        let moved = match code {
            0x3041..=0x3096 => char::from_u32(code + 0x60).unwrap_or(c),
            _ => c,
        };
        let mut lower = moved.to_lowercase();
        let first = lower.next().unwrap_or(moved);
        let plain = match first {
            'ά' => 'α',
            'έ' => 'ε',
            'ή' => 'η',
            'ί' | 'ϊ' | 'ΐ' => 'ι',
            'ό' => 'ο',
            'ύ' | 'ϋ' | 'ΰ' => 'υ',
            'ώ' => 'ω',
            other => other,
        };
        let known = |letter: char| LETTERS.iter().find(|(letters, _)| letters.contains(letter));
        // A letter with a mark that is in no line is the letter.
        match known(plain).or_else(|| known(plain.nfd().next()?)) {
            Some((_, latin)) => out.push_str(latin),
            None => out.push(c),
        }
    }
    out
}

/// Whether [`latin`] would change a text: whether it has a letter of one of the other scripts.
pub fn is_other(raw: &str) -> bool {
    !raw.is_ascii()
        && raw.chars().any(|c| {
            matches!(
                u32::from(c),
                0x370..=0x58f | 0x600..=0x6ff | 0x1780..=0x17d3 | 0x3040..=0x30ff | 0xac00..=0xd7a3
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_stands_once() {
        let mut all: Vec<char> = LETTERS.iter().flat_map(|(letters, _)| letters.chars()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn names() {
        for (raw, expected) in [
            ("Κυριάκος", "kyriakos"),
            ("Բարակ", "barak"),
            ("محمد", "mhmd"),
            ("ひろ", "hiro"),
            ("គឹម តារា", "kim tara"),
            ("ចាន់", "chan"),
            ("ម៉ាណែត", "manet"),
            ("Ѓорѓи", "gorgi"),
            ("Żółć", "Żółć"),
        ] {
            assert_eq!(latin(raw), expected);
            assert_eq!(is_other(raw), raw != expected, "{raw}");
        }
        assert!(!is_other("Ann 王") && !is_other("") && is_other("Ann Иванова"));
    }
}
