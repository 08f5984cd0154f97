//! Text for people: numbers, times, durations and tables. Everything from data passes through [`clean`], so that no
//! source can send control characters to a terminal.

use std::borrow::Cow;
use stitchline::Timestamp;

/// Without control characters and marks that turn the direction of writing.
pub(crate) fn clean(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { ' ' } else { c }).collect()
}

/// At most so many characters.
pub(crate) fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// `1,234,567`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 record`, `2 records`.
pub(crate) fn count(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

/// `2026-03-02 08:55:00`, in UTC.
pub(crate) fn time(at: Timestamp) -> String {
    let text = at.to_string().replace('T', " ");
    text.split(['Z', '.']).next().unwrap_or_default().to_owned()
}

/// `2026-03-02 08:55`, in UTC.
pub(crate) fn minute(at: Timestamp) -> String {
    short_to(&time(at), 16)
}

/// `2026-03-02`.
pub(crate) fn day(at: Timestamp) -> String {
    short_to(&time(at), 10)
}

fn short_to(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

/// `45s`, `4m 30s`, `1h 03m`; nothing for nothing.
pub(crate) fn duration(milliseconds: u64) -> String {
    let seconds = (milliseconds + 500) / 1000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => String::new(),
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m {seconds:02}s"),
        (hours, minutes, _) => format!("{}h {minutes:02}m", number(hours)),
    }
}

/// `99.3 %`; never rounded up to certainty or down to nothing.
pub(crate) fn percent(probability: f64) -> String {
    match probability * 100.0 {
        p if p >= 100.0 => "100 %".to_owned(),
        p if p > 99.9 => ">99.9 %".to_owned(),
        p if p > 0.0 && p < 0.1 => "<0.1 %".to_owned(),
        p => format!("{p:.1} %"),
    }
}

/// Reads how many of something are to be shown.
pub(crate) fn limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("shows nothing: give a number from 1 on".to_owned()),
        Ok(limit) => Ok(limit),
        Err(_) => Err("is no number from 1 on".to_owned()),
    }
}

/// Reads how many threads are to work.
pub(crate) fn threads(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|threads| *threads > 0)
        .ok_or_else(|| "is no number of threads: give one from 1 on".to_owned())
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A long text in lines of about so many characters at most, broken behind one of these where there is any.
pub(crate) fn folded(text: &str, behind: &[&str], most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text;
    while rest.chars().count() > most {
        let end = rest.char_indices().nth(most).map_or(rest.len(), |(at, _)| at);
        let ends = behind.iter().filter_map(|sign| Some(rest[..end].rfind(sign)? + sign.len()));
        let at = ends.max().unwrap_or(end);
        lines.push(rest[..at].trim_end().to_owned());
        rest = &rest[at..];
    }
    lines.push(rest.to_owned());
    lines
}

/// `in_person` as words.
pub(crate) fn words(name: &str) -> String {
    clean(&name.replace('_', " "))
}

/// Rows of cells in columns as wide as they must be.
#[derive(Debug, Default)]
pub(crate) struct Table {
    right: Vec<usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table whose columns of these numbers are set to the right.
    pub(crate) fn right(columns: &[usize]) -> Self {
        Table { right: columns.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.iter().map(|cell| clean(cell)).collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows as lines; columns that are empty everywhere are left out.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
        };
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        self.rows.iter().map(move |row| {
            let mut line = String::from(" ");
            for (column, cell) in row.iter().enumerate().filter(|(column, _)| widths[*column] > 0) {
                let pad = " ".repeat(widths[column] - cell.chars().count());
                let (before, after) =
                    if self.right.contains(&column) { (pad.as_str(), "") } else { ("", pad.as_str()) };
                line.push_str(if line == " " { " " } else { "  " });
                line.extend([before, cell, after]);
            }
            line.trim_end().to_owned()
        })
    }
}

/// A field of CSV, quoted where it must be.
pub(crate) fn csv_field(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let all = [0, 12, 999, 1_000, 65_536, 1_234_567].map(number);
        assert_eq!(all, ["0", "12", "999", "1,000", "65,536", "1,234,567"]);
    }

    #[test]
    fn times_and_durations_are_short() {
        let at: Timestamp = "2026-03-02T08:55:00.25+01:00".parse().unwrap();
        assert_eq!((time(at), minute(at)), ("2026-03-02 07:55:00".into(), "2026-03-02 07:55".into()));
        assert_eq!([0, 45_000, 270_000, 3_780_000].map(duration), ["", "45s", "4m 30s", "1h 03m"]);
    }

    #[test]
    fn probabilities_are_not_rounded_to_certainty() {
        assert_eq!([1.0, 0.99999, 0.5, 0.00001].map(percent), ["100 %", ">99.9 %", "50.0 %", "<0.1 %"]);
    }

    #[test]
    fn long_texts_are_folded() {
        let fold = |text, most| folded(text, &[" + ", ", "], most);
        assert_eq!(fold("given + family", 14), ["given + family"]);
        assert_eq!(fold("given + family", 13), ["given +", "family"]);
        assert_eq!(fold("prefix(name, 4) + year(born)", 20), ["prefix(name, 4) +", "year(born)"]);
        assert_eq!(fold("öööööö", 4), ["öööö", "öö"]);
    }

    #[test]
    fn tables_line_up_and_leave_out_empty_columns() {
        let mut table = Table::right(&[2]);
        table.row(["a".into(), String::new(), "1".into()]);
        table.row(["long\x1b[2J".into(), String::new(), "1,000".into()]);
        let lines: Vec<String> = table.lines().collect();
        assert_eq!(lines, ["  a             1", "  long [2J  1,000"]);
    }
}
