//! From the values of rows to blocks: equal values together, what is too large split by further keys.

use super::{
    RuleReport, radix,
    values::{Values, pair_count, split},
};

/// The blocks of one rule.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    rows: Vec<u32>,
    ends: Vec<u32>,
}

impl Blocks {
    pub(super) fn block(&self, at: usize) -> &[u32] {
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.rows[from as usize..self.ends[at] as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len()).map(|at| self.block(at))
    }

    /// The places of rows in all blocks together.
    pub(super) fn places(&self) -> usize {
        self.rows.len()
    }

    fn push(&mut self, rows: impl Iterator<Item = u32>) {
        self.rows.extend(rows);
        self.ends.push(self.rows.len() as u32);
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.ends.clear();
    }

    /// In the order of their first rows, so that the rows of one and of the next are near each other where the
    /// table's are.
    fn ordered(&self, rows: usize, firsts: &mut Vec<(u32, u32)>, spare: &mut Vec<(u32, u32)>) -> Blocks {
        // Rows are few beside 2^32; what is sorted by is in the upper bits.
        let shift = (rows as u32).leading_zeros();
        firsts.clear();
        firsts.extend((0u32..).zip(self.all()).map(|(at, block)| ((block[0] + 1) << shift, at)));
        radix::sort(firsts, spare);
        let mut ordered =
            Blocks { rows: Vec::with_capacity(self.rows.len()), ends: Vec::with_capacity(self.ends.len()) };
        for &(_, at) in &*firsts {
            ordered.push(self.block(at as usize).iter().copied());
        }
        ordered
    }
}

/// Room that is used again for one rule after the other.
#[derive(Default)]
pub(super) struct Spare {
    entries: Vec<(u32, u32)>,
    firsts: Vec<(u32, u32)>,
    blocks: Blocks,
}

/// Sorts values with their rows by these.
pub(super) fn sort(entries: &mut [(u32, u32)], spare: &mut Spare) {
    radix::sort(entries, &mut spare.entries);
}

/// Makes the blocks of two rows and more out of values with their rows, sorted by these; rows of a value in order.
pub(super) fn group(
    sorted: &[(u32, u32)],
    values: &Values<'_>,
    split_by: &[usize],
    largest: usize,
    report: &mut RuleReport,
    spare: &mut Spare,
) -> Blocks {
    let Spare { entries: spare, firsts, blocks } = spare;
    blocks.clear();
    let mut split_by = split_by.iter();
    let mut own: Vec<u32> = Vec::new();
    let mut further: Vec<(u32, u32)>;
    let mut sorted = sorted;
    let mut first = true;
    while !sorted.is_empty() {
        let next = split_by.next();
        let mut entries = Vec::new();
        let mut from = 0;
        while from < sorted.len() {
            let (key, at) = (sorted[from].0, from);
            // Parts of blocks may have met by chance, with a row in both.
            let mut ascending = true;
            from += 1;
            while from < sorted.len() && sorted[from].0 == key {
                ascending &= sorted[from - 1].1 < sorted[from].1;
                from += 1;
            }
            let block = &sorted[at..from];
            if block.len() < 2 {
                continue;
            }
            if ascending && block.len() <= largest {
                blocks.push(block.iter().map(|&(_, row)| row));
                report.count(block.len());
                continue;
            }
            own.clear();
            own.extend(block.iter().map(|&(_, row)| row));
            if !ascending {
                own.sort_unstable();
                own.dedup();
            }
            if own.len() <= largest {
                if own.len() > 1 {
                    blocks.push(own.iter().copied());
                    report.count(own.len());
                }
                continue;
            }
            report.split += u64::from(first);
            match next {
                Some(&place) => {
                    entries.extend(own.iter().map(|&row| (split(key, values.of(row, place)), row)));
                }
                None => {
                    report.left_out += 1;
                    report.pairs_left_out += pair_count(own.len() as u64);
                }
            }
        }
        first = false;
        radix::sort(&mut entries, spare);
        further = entries;
        sorted = &further;
    }
    report.blocks = blocks.len() as u64;
    blocks.ordered(values.table().len(), firsts, spare)
}
