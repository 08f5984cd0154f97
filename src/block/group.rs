//! From the values of rows to blocks: equal values together, what is too large split by further keys.

use super::{
    RuleReport,
    alike::{Alike, Member},
    values::{Entries, Values, pair_count, split},
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
}

/// Makes the blocks of two rows and more out of values of rows of which the equal ones are found, in the order of their
/// first rows, so that the rows of one and of the next are near each other where the table's are. What was found is used
/// up.
pub(super) fn group(
    entries: &Entries,
    alike: &mut Alike,
    values: &Values<'_>,
    split_by: &[usize],
    largest: usize,
    report: &mut RuleReport,
) -> Blocks {
    let largest = u32::try_from(largest).unwrap_or(u32::MAX);
    divide(entries, alike, values, split_by, largest, report);
    let grouped = alike.members.iter().map(|own| if own.size > 1 { own.size as usize } else { 0 });
    let (rows, count) = grouped.fold((0, 0), |(rows, count), size| (rows + size, count + usize::from(size > 0)));
    let mut blocks = Blocks { rows: vec![0; rows], ends: Vec::with_capacity(count) };
    let mut end = 0;
    for at in 0..alike.members.len() {
        let place = match alike.members[at] {
            Member { size: 0, .. } => continue,
            // Where the block's next row goes stands with its first.
            Member { size: 1, link } => {
                let next = &mut alike.members[link as usize].link;
                *next += 1;
                *next
            }
            Member { size, .. } => {
                let place = end;
                alike.members[at].link = place;
                end += size;
                blocks.ends.push(end);
                report.count(size as usize);
                place
            }
        };
        blocks.rows[place as usize] = entries.row(at);
    }
    report.blocks = blocks.len() as u64;
    blocks
}

/// Divides blocks that are too large by further keys, one after the other; what is too large even then is left out.
fn divide(
    entries: &Entries,
    alike: &mut Alike,
    values: &Values<'_>,
    split_by: &[usize],
    largest: u32,
    report: &mut RuleReport,
) {
    let of_large = |members: &[Member], at: u32| match members[at as usize] {
        Member { size: 1, link } => Some(link).filter(|&first| members[first as usize].size > largest),
        Member { size, .. } => Some(at).filter(|_| size > largest),
    };
    // Places with the first of their blocks.
    let mut large: Vec<(u32, u32)> = (0..alike.members.len() as u32)
        .filter_map(|at| Some((at, of_large(&alike.members, at)?)))
        .collect();
    let is_first = |large: &[(u32, u32)]| large.iter().filter(|(at, first)| at == first).count() as u64;
    report.split = is_first(&large);
    let mut keys: Vec<(u32, u32)> = Vec::new();
    for &by in split_by {
        if large.is_empty() {
            return;
        }
        keys.clear();
        for &(at, first) in &large {
            let row = entries.row(at as usize);
            let key = split(alike.members[first as usize].link, values.of(row, by));
            // Parts of blocks may have met by chance, with a row in both.
            let own = keys.iter().rev().take_while(|(_, other)| entries.row(*other as usize) == row);
            let twice = own.clone().any(|(other, _)| *other == key);
            keys.push((if twice { 0 } else { key }, at));
        }
        large.iter().for_each(|&(at, _)| alike.members[at as usize] = Member::default());
        alike.find_among(keys.iter().copied(), u64::MAX);
        large.retain_mut(|(at, first)| of_large(&alike.members, *at).map(|own| *first = own).is_some());
    }
    report.left_out = is_first(&large);
    for (at, _) in large {
        let member = std::mem::take(&mut alike.members[at as usize]);
        if member.size > 1 {
            report.pairs_left_out += pair_count(u64::from(member.size));
        }
    }
}
