//! The order of rows in which those that are alike stand near each other.

use super::{Column, Dictionary};

/// Columns by which rows are put near their like, the most telling last: values that many rows have, but few beside
/// the number of rows. Names before others: those that are misspelt are often next to each other still, and most blocks
/// are of rows whose names are alike.
fn telling(columns: &[Column], distinct: &[usize], rows: usize) -> Vec<usize> {
    let mut some: Vec<(bool, usize, usize)> = (0..columns.len())
        .map(|at| (!columns[at].kind.is_of_person(), distinct[at], at))
        .filter(|(_, values, _)| values.saturating_mul(*values) >= rows && values.saturating_mul(8) <= rows)
        .collect();
    some.sort_unstable();
    some.truncate(2);
    some.into_iter().rev().map(|(.., at)| at).collect()
}

/// For each place near its like, the row's place in `order`, which are places in `came`. `distinct` says how many values
/// each column has in rows.
pub(super) fn rank(columns: &[Column], distinct: &[usize], came: &[u32], order: &[u32]) -> Vec<u32> {
    let width = columns.len();
    let mut rank: Vec<u32> = (0..order.len() as u32).collect();
    for at in telling(columns, distinct, order.len()) {
        let places = places(&columns[at].values);
        // In the order of memory first, since what comes of it is a fraction of it.
        let own: Vec<u32> = came.iter().skip(at).step_by(width).map(|&cell| places[cell as usize]).collect();
        let own: Vec<u32> = order.iter().map(|&row| own[row as usize]).collect();
        rank = counted(&rank, &own, places.len());
    }
    rank
}

/// The place of each value in the order of texts.
fn places(values: &Dictionary) -> Vec<u32> {
    let mut sorted: Vec<(u64, u32)> = values.texts().map(|text| head(text.as_bytes())).zip(0..).collect();
    sorted.sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| values.text(a.1).cmp(values.text(b.1))).then(a.1.cmp(&b.1))
    });
    let mut places = vec![0u32; sorted.len()];
    (0u32..).zip(&sorted).for_each(|(at, &(_, symbol))| places[symbol as usize] = at);
    places
}

/// The first bytes as a number: texts are in its order, but where it is the same.
pub(crate) fn head(bytes: &[u8]) -> u64 {
    let mut head = [0; 8];
    let length = bytes.len().min(8);
    head[..length].copy_from_slice(&bytes[..length]);
    u64::from_be_bytes(head)
}

/// Sorts all rows by their numbers below `most`; equal ones stay in their order. O(n + most).
fn counted(rows: &[u32], numbers: &[u32], most: usize) -> Vec<u32> {
    let mut starts = vec![0u32; most + 1];
    numbers.iter().for_each(|&number| starts[number as usize + 1] += 1);
    (1..starts.len()).for_each(|at| starts[at] += starts[at - 1]);
    let mut sorted = vec![0u32; rows.len()];
    for &row in rows {
        let at = &mut starts[numbers[row as usize] as usize];
        sorted[*at as usize] = row;
        *at += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counting_is_a_stable_sort(
            (order, numbers) in (0usize..40).prop_flat_map(|rows| (
                Just((0..rows as u32).collect::<Vec<u32>>()).prop_shuffle(), prop::collection::vec(0u32..6, rows),
            )),
        ) {
            let mut expected = order.clone();
            expected.sort_by_key(|&row| numbers[row as usize]);
            prop_assert_eq!(counted(&order, &numbers, 6), expected);
        }

        #[test]
        fn places_are_those_of_the_texts_in_order(texts in prop::collection::vec("[a-b]{0,10}", 0..30)) {
            let mut values = Dictionary::new();
            for text in &texts {
                values.intern(text).unwrap();
            }
            let mut sorted: Vec<&str> = values.texts().collect();
            sorted.sort_unstable();
            for (symbol, place) in (0u32..).zip(places(&values)) {
                prop_assert_eq!(sorted[place as usize], values.text(symbol));
            }
        }
    }
}
