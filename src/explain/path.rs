//! The evidence path between two records, the one whose weakest link is strongest.

use crate::graph::{Evidence, MatchWeight};
use std::collections::VecDeque;

/// Records of one cluster and the evidence among them: a graph of two kinds of nodes, records and evidence.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// The evidence, in the order in which it is applied.
    pub(super) evidence: Vec<Link>,
    /// The evidence of each record, in order.
    pub(super) of_record: Vec<Vec<usize>>,
}

/// One piece of evidence: its strength, and the records that it ties.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) evidence: Evidence,
    pub(super) strength: MatchWeight,
    pub(super) records: Vec<u32>,
}

impl Links {
    /// Of so many records.
    pub(super) fn new(records: usize, evidence: Vec<Link>) -> Self {
        let mut of_record = vec![Vec::new(); records];
        for (at, link) in evidence.iter().enumerate() {
            for &record in &link.records {
                of_record[record as usize].push(at);
            }
        }
        Links { evidence, of_record }
    }

    /// The shortest path between two records over the evidence that `usable` lets through, as (from, evidence, to);
    /// the first in order among several. None where there is none; empty from a record to itself.
    pub(super) fn shortest(&self, a: u32, b: u32, usable: impl Fn(usize) -> bool) -> Option<Vec<Hop>> {
        let mut came: Vec<Option<(u32, usize)>> = vec![None; self.of_record.len()];
        let mut used = vec![false; self.evidence.len()];
        let mut seen = vec![false; self.of_record.len()];
        let mut open = VecDeque::from([a]);
        seen[a as usize] = true;
        while let Some(record) = open.pop_front() {
            if record == b {
                break;
            }
            for &at in &self.of_record[record as usize] {
                if used[at] || !usable(at) {
                    continue;
                }
                used[at] = true;
                for &next in &self.evidence[at].records {
                    if !seen[next as usize] {
                        seen[next as usize] = true;
                        came[next as usize] = Some((record, at));
                        open.push_back(next);
                    }
                }
            }
        }
        if !seen[b as usize] {
            return None;
        }
        let mut path = Vec::new();
        let mut to = b;
        while let Some((from, evidence)) = came[to as usize] {
            path.push(Hop { from, evidence, to });
            to = from;
        }
        path.reverse();
        Some(path)
    }

    /// The path whose weakest evidence is strongest; the fewest steps among several, then the first in order.
    pub(super) fn widest(&self, a: u32, b: u32) -> Option<Vec<Hop>> {
        let mut strengths: Vec<MatchWeight> = self.evidence.iter().map(|link| link.strength).collect();
        strengths.sort_unstable_by(|a, b| b.cmp(a));
        strengths.dedup();
        let at_least = |limit: MatchWeight| self.shortest(a, b, |at| self.evidence[at].strength >= limit);
        // The more evidence is let through, the sooner there is a path.
        let least = strengths.partition_point(|&limit| at_least(limit).is_none());
        match strengths.get(least) {
            Some(&limit) => at_least(limit),
            None => self.shortest(a, b, |_| true),
        }
    }
}

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) from: u32,
    pub(super) evidence: usize,
    pub(super) to: u32,
}
