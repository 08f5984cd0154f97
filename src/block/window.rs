//! Sorted neighbourhood (Hernández and Stolfo 1995): rows in the order of their keys, each with the few next to it.

use super::Key;
use crate::{
    error::Result,
    table::{Table, head},
};

/// Rows in the order of a rule's keys.
#[derive(Debug)]
pub(super) struct Window {
    sorted: Vec<u32>,
    /// Of each row, one more than its place; 0 for rows that lack a key.
    places: Vec<u32>,
    /// How many rows are near each other.
    width: usize,
}

impl Window {
    /// Rows that have all keys, sorted by the text of each, one key after the other, and then by their place in the order
    /// of the table's keys, which depends on neither the order of the input nor that in which the table holds its rows.
    /// O(rows × keys), and the distinct values sorted.
    pub(super) fn new(table: &Table, keys: &[Key], width: usize) -> Result<Window> {
        let mut by = Vec::with_capacity(keys.len());
        for key in keys {
            let column = table.column_of(key.columns().next().unwrap_or_default())?;
            by.push((column, order(table, column, key)));
        }
        let rank = |row: u32, (column, ranks): &(usize, Vec<u32>)| ranks[table.symbol(row, *column) as usize];
        let mut sorted: Vec<u32> = (0..table.len() as u32).map(|place| table.ranked(place)).collect();
        sorted.retain(|&row| by.iter().all(|own| rank(row, own) != 0));
        let mut spare = vec![0u32; sorted.len()];
        // The last key first, by counting, which keeps equal ones in their order.
        for own in by.iter().rev() {
            let mut ends = vec![0u32; own.1.iter().max().map_or(0, |&most| most as usize) + 1];
            sorted.iter().for_each(|&row| ends[rank(row, own) as usize] += 1);
            let mut sum = 0;
            ends.iter_mut().for_each(|end| sum += std::mem::replace(end, sum));
            for &row in &sorted {
                let at = &mut ends[rank(row, own) as usize];
                spare[*at as usize] = row;
                *at += 1;
            }
            std::mem::swap(&mut sorted, &mut spare);
        }
        let mut places = vec![0u32; table.len()];
        (1u32..).zip(&sorted).for_each(|(place, &row)| places[row as usize] = place);
        Ok(Window { sorted, places, width })
    }

    /// The rows from a place on that are near the first of them.
    fn at(&self, place: usize) -> &[u32] {
        &self.sorted[place..self.sorted.len().min(place + self.width)]
    }

    /// For each row but the last, it and those after it that are near, with the number of its pairs with these.
    pub(super) fn all(&self) -> impl Iterator<Item = (&[u32], u64)> {
        (1..self.sorted.len()).map(|next| self.at(next - 1)).map(|rows| (rows, rows.len() as u64 - 1))
    }

    /// The rows with greater numbers that one is compared with.
    pub(super) fn after(&self, row: u32) -> impl Iterator<Item = u32> {
        let near = match self.places[row as usize] as usize {
            0 => 0..0,
            place => place.saturating_sub(self.width)..self.sorted.len().min(place + self.width - 1),
        };
        self.sorted[near].iter().copied().filter(move |other| *other > row)
    }

    /// Whether two rows are compared.
    #[inline]
    pub(super) fn has(&self, a: u32, b: u32) -> bool {
        let (a, b) = (self.places[a as usize], self.places[b as usize]);
        a != 0 && b != 0 && (a.abs_diff(b) as usize) < self.width
    }
}

/// For each distinct value of a column, its place in the order of what the key makes of it; equal texts have one place,
/// from 1 on, and no text has 0.
fn order(table: &Table, column: usize, key: &Key) -> Vec<u32> {
    let (mut all, mut ends) = (String::new(), Vec::new());
    for value in table.columns()[column].values().texts() {
        key.texts(value, &mut |text| all.push_str(text));
        ends.push(all.len());
    }
    let text = |at: u32| {
        let from = if at == 0 { 0 } else { ends[at as usize - 1] };
        &all.as_bytes()[from..ends[at as usize]]
    };
    // Most texts differ in their first bytes.
    let mut sorted: Vec<(u64, u32)> = (0..ends.len() as u32).map(|at| (head(text(at)), at)).collect();
    sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| text(a.1).cmp(text(b.1))));
    let mut places = vec![0u32; ends.len()];
    let (mut place, mut last) = (0, &b""[..]);
    for (_, at) in sorted {
        let own = text(at);
        place += u32::from(own != last);
        places[at as usize] = place;
        last = own;
    }
    places
}
