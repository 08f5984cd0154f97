//! Values numbered anew, in the order of rows.

use super::{Column, Dictionary};
use crate::ahead::fetch;

/// Rows whose values are numbered together, column by column.
const NUMBERED: usize = 128;

/// Values from which on memory is asked for those of rows before they are wanted.
const MANY: usize = 1 << 15;

/// The values of a column numbered anew, in the order of the rows, with the rows of each counted.
struct Numbers {
    /// By the old number, the new one plus one, 0 for values that were not met yet, and how many rows have it.
    met: Vec<(u32, u32)>,
    /// By the new number, the old one; so many of them, the rest is 0.
    used: Vec<u32>,
    length: u32,
}

/// The cells of rows in this order, side by side, out of those in which they came, and the columns' values by the
/// numbers that they have then: in the order in which they are met, those that are not met left out.
pub(super) fn renumbered(columns: &mut [Column], came: &[u32], order: &[u32]) -> Vec<u32> {
    let width = columns.len();
    let mut cells: Vec<u32> = Vec::with_capacity(came.len());
    let mut numbers: Vec<Numbers> = columns.iter().map(|column| Numbers::of(&column.values)).collect();
    let many: Vec<usize> = (0..width).filter(|&at| columns[at].values.len() >= MANY).collect();
    let ask = |some: &[u32]| some.iter().for_each(|&row| fetch(came, row as usize * width));
    let mut chunks = order.chunks(NUMBERED).peekable();
    chunks.peek().into_iter().for_each(|some| ask(some));
    while let Some(some) = chunks.next() {
        chunks.peek().into_iter().for_each(|some| ask(some));
        let from = cells.len();
        for &row in some {
            let row = &came[row as usize * width..][..width];
            cells.extend_from_slice(row);
            many.iter().for_each(|&at| fetch(&numbers[at].met, row[at] as usize));
        }
        for (at, numbers) in numbers.iter_mut().enumerate() {
            numbers.number(&mut cells[from..], at, width);
        }
    }
    for (column, numbers) in columns.iter_mut().zip(numbers) {
        let (used, counts) = numbers.finished();
        column.values = column.values.picked(&used);
        column.counts = counts;
    }
    cells
}

impl Numbers {
    fn of(values: &Dictionary) -> Self {
        // No value is number 0 again.
        let mut met = vec![(0, 0); values.len()];
        met[0].0 = 1;
        // One more, which is written to and does not count.
        Numbers { met, used: vec![0; values.len() + 1], length: 1 }
    }

    /// Numbers the values of rows in one of the columns that stand side by side. Whether a value is a new one nobody can
    /// tell before, so nothing is decided by it.
    fn number(&mut self, rows: &mut [u32], column: usize, width: usize) {
        let Numbers { met, used, length } = self;
        for row in rows.chunks_exact_mut(width) {
            let cell = row[column];
            let (known, count) = &mut met[cell as usize];
            let is_new = *known == 0;
            *known = if is_new { *length + 1 } else { *known };
            *count += 1;
            row[column] = *known - 1;
            used[*length as usize] = cell;
            *length += u32::from(is_new);
        }
    }

    /// By the new number, the old one and how many rows have it.
    fn finished(mut self) -> (Vec<u32>, Vec<u32>) {
        self.used.truncate(self.length as usize);
        let counts = self.used.iter().map(|&symbol| self.met[symbol as usize].1).collect();
        (self.used, counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Kind;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_keep_their_texts(
            cells in prop::collection::vec((0u32..9, 0u32..300), 0..400),
            order in any::<prop::sample::Index>(),
        ) {
            let came: Vec<u32> = cells.iter().flat_map(|&(a, b)| [a, b]).collect();
            let mut values = Dictionary::new();
            (1..300).for_each(|at: u32| assert_eq!(values.intern(&at.to_string()).unwrap(), at));
            let column = |name: &str| {
                Column { name: name.into(), kind: Kind::Text, values: values.clone(), counts: Vec::new() }
            };
            let mut columns = [column("a"), column("b")];
            let mut order_of_rows: Vec<u32> = (0..cells.len() as u32).collect();
            order_of_rows.rotate_left(order.index(cells.len() + 1) % cells.len().max(1));
            let made = renumbered(&mut columns, &came, &order_of_rows);
            for (at, column) in columns.iter().enumerate() {
                let mut met = vec![0];
                for (row, &from) in made.chunks(2).zip(&order_of_rows) {
                    let old = came[from as usize * 2 + at];
                    prop_assert_eq!(column.values.text(row[at]), values.text(old));
                    if !met.contains(&old) {
                        met.push(old);
                    }
                    prop_assert_eq!(met[row[at] as usize], old);
                }
                prop_assert_eq!(column.values.len(), met.len());
                let count = |old: &u32| came.iter().skip(at).step_by(2).filter(|cell| *cell == old).count() as u32;
                prop_assert_eq!(column.counts(), met.iter().map(count).collect::<Vec<u32>>());
            }
        }
    }
}
