//! Text and numbers as HTML.

use std::fmt::{self, Display, Write};

/// A text in HTML, in elements and attributes: escaped, without control characters and marks that turn the direction of
/// writing.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' => f.write_char('\n')?,
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
                    f.write_char('\u{fffd}')?
                }
                c if c.is_control() => f.write_char(' ')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A value as compared, cut where it is long.
pub(super) fn value(text: &str) -> String {
    const MOST: usize = 60;
    if text.is_empty() {
        return "<span class=\"null\">none</span>".to_owned();
    }
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", Escaped(&text[..at])),
        None => Escaped(text).to_string(),
    }
}

/// `1,234,567`.
pub(super) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1.2 M`, `34 k`, for axes.
pub(super) fn rough(value: f64) -> String {
    match value {
        v if v >= 1e9 => format!("{} G", trim(v / 1e9)),
        v if v >= 1e6 => format!("{} M", trim(v / 1e6)),
        v if v >= 1e3 => format!("{} k", trim(v / 1e3)),
        v => trim(v),
    }
}

fn trim(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// `+3.2` or `−3.2`; a dash for no number.
pub(super) fn bits(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.1}", value.abs());
    let sign = if value < 0.0 && text != "0.0" { '−' } else { '+' };
    format!("{sign}{text}")
}

/// A share in per cent, with as many places as tell; a dash for no number.
pub(super) fn percent(value: f64) -> String {
    match value * 100.0 {
        p if !p.is_finite() => "–".to_owned(),
        p if p == 0.0 || p == 100.0 => format!("{p:.0} %"),
        p if p.abs() < 0.001 => format!("{p:.0e} %").replace('e', "×10^"),
        p if p.abs() < 0.1 => format!("{p:.3} %"),
        p if p.abs() < 10.0 => format!("{p:.2} %"),
        p if p > 99.0 => format!("{p:.2} %"),
        p => format!("{p:.1} %"),
    }
}

/// A coordinate with two places.
pub(super) fn place(value: f64) -> String {
    if value.is_finite() { trim2(value) } else { "0".to_owned() }
}

fn trim2(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A size in MB or GB.
pub(super) fn bytes(value: u64) -> String {
    let mega = value as f64 / 1e6;
    if mega >= 1000.0 { format!("{:.2} GB", mega / 1000.0) } else { format!("{mega:.0} MB") }
}

/// Seconds.
pub(super) fn seconds(value: f64) -> String {
    match value {
        v if !v.is_finite() => "–".to_owned(),
        v if v < 9.95 => format!("{v:.2} s"),
        v => format!("{v:.1} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers() {
        let hostile = "<b a='1' b=\"2\">&\u{0}\u{202e}\n";
        assert_eq!(Escaped(hostile).to_string(), "&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp; \u{fffd}\n");
        assert_eq!(
            (count(1234567), rough(1500.0), rough(2e6)),
            ("1,234,567".into(), "1.5 k".into(), "2 M".into())
        );
        assert_eq!((bits(-0.01), bits(-3.25), bits(f64::NAN)), ("+0.0".into(), "−3.2".into(), "–".into()));
        assert_eq!(
            (percent(0.5), percent(1.0), percent(0.000_5)),
            ("50.0 %".into(), "100 %".into(), "0.050 %".into())
        );
        assert_eq!((place(-0.001), place(1.5), place(f64::INFINITY)), ("0".into(), "1.5".into(), "0".into()));
        assert_eq!(value(&"é".repeat(100)).chars().count(), 61);
    }
}
