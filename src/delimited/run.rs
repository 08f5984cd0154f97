//! Rows of CSV that stand in a block of a file as they are, found many bytes at a time.

use std::ops::Range;

/// Bytes that are looked at together.
const CHUNK: usize = 64;

/// Which of at most [`CHUNK`] bytes are one of these marks, as bits from the lowest.
#[inline]
fn places(chunk: &[u8], marks: [u8; 3]) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let Ok(chunk) = <&[u8; CHUNK]>::try_from(chunk) else {
        return (0..).zip(chunk).fold(0, |all, (at, byte)| all | u64::from(marks.contains(byte)) << at);
    };
    let marks = marks.map(|mark| u64::from_le_bytes([mark; 8]));
    let (words, _) = chunk.as_chunks::<8>();
    (0..).step_by(8).zip(words).fold(0, |all, (at, word)| {
        let word = u64::from_le_bytes(*word);
        // The upper bit of each byte that is 0 where the mark is taken off.
        let of = |mark: u64| {
            let rest = word ^ mark;
            !(((rest & LOW) + LOW) | rest | LOW)
        };
        let found = of(marks[0]) | of(marks[1]) | of(marks[2]);
        // These bits side by side.
        all | (found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56 << at
    })
}

/// Rows that stand in a text as they are, one line behind the other.
#[derive(Debug, Default)]
pub(crate) struct Run {
    columns: usize,
    /// Where each field is, row after row.
    fields: Vec<(u32, u32)>,
    /// Where each row ends, and how many lines have then.
    rows: Vec<(u32, u32)>,
    lines: u32,
}

impl Run {
    /// Takes the first lines of a block for rows, as long as they are plain: of so many `columns`, and without quotes but
    /// around whole fields that have none. At most `most` rows, none of a line of more than `max_bytes`.
    pub(super) fn take(
        &mut self,
        block: &[u8],
        delimiter: u8,
        columns: usize,
        (most, max_bytes): (usize, usize),
    ) {
        self.clear(columns);
        // Where the line and the field begin, and the quotes of the field.
        let (mut line, mut from) = (0, 0);
        let (mut opened, mut closed) = (false, None);
        let marks = [delimiter, b'\n', b'"'];
        'all: for (base, chunk) in (0..).step_by(CHUNK).zip(block.chunks(CHUNK)) {
            let mut found = places(chunk, marks);
            while found != 0 {
                let at = base + found.trailing_zeros() as usize;
                found &= found - 1;
                let byte = block[at];
                if byte == delimiter && !opened {
                    self.fields.push((from as u32, at as u32));
                    from = at + 1;
                    continue;
                }
                if byte == b'"' {
                    match closed {
                        None if opened => closed = Some(at),
                        None if at == from => opened = true,
                        // Within a field, or one quote behind another.
                        _ => break 'all,
                    }
                    continue;
                }
                let is_end = byte == b'\n';
                if opened && closed.is_none() {
                    if is_end {
                        break 'all;
                    }
                    continue;
                }
                let to = if is_end && at > from && block[at - 1] == b'\r' { at - 1 } else { at };
                if is_end && to == line {
                    // An empty line is no row.
                    self.lines += 1;
                    (line, from) = (at + 1, at + 1);
                    continue;
                }
                let own = match closed {
                    Some(closed) if closed + 1 != to => break 'all,
                    Some(closed) => (from as u32 + 1, closed as u32),
                    None => (from as u32, to as u32),
                };
                self.fields.push(own);
                (from, opened, closed) = (at + 1, false, None);
                if is_end {
                    if self.fields.len() != (self.rows.len() + 1) * columns || at - line > max_bytes {
                        break 'all;
                    }
                    self.lines += 1;
                    self.rows.push((at as u32 + 1, self.lines));
                    line = at + 1;
                    if self.rows.len() >= most {
                        break 'all;
                    }
                }
            }
        }
        self.cut(self.rows.len());
    }

    fn clear(&mut self, columns: usize) {
        self.columns = columns;
        self.lines = 0;
        self.fields.clear();
        self.rows.clear();
    }

    /// Only the first rows.
    pub(crate) fn cut(&mut self, rows: usize) {
        self.rows.truncate(rows);
        self.fields.truncate(rows * self.columns);
    }

    /// Only the rows that end within so many bytes.
    pub(crate) fn cut_behind(&mut self, bytes: usize) {
        self.cut(self.rows.partition_point(|(end, _)| *end as usize <= bytes));
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many lines and how many bytes they have.
    pub(crate) fn size(&self) -> (u64, usize) {
        self.rows.last().map_or((0, 0), |&(end, lines)| (u64::from(lines), end as usize))
    }

    /// On which of the lines each row is, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = u64> {
        self.rows.iter().map(|&(_, line)| u64::from(line))
    }

    /// Where the fields of one column are.
    pub(crate) fn column(&self, at: usize) -> impl Iterator<Item = Range<usize>> {
        let rows = self.fields.chunks_exact(self.columns.max(1));
        rows.map(move |row| row[at].0 as usize..row[at].1 as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn marks_are_found_wherever_they_are(chunk in prop::collection::vec(any::<u8>(), 0..65)) {
            let marks = [b',', b'\n', 0xff];
            let found = places(&chunk, marks);
            for at in 0..CHUNK {
                let expected = chunk.get(at).is_some_and(|byte| marks.contains(byte));
                prop_assert_eq!(found >> at & 1 != 0, expected);
            }
        }
    }
}
