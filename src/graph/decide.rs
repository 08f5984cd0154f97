//! Keeping decisions up to date: which records an input touches, and their clusters decided anew.

use super::{
    CellFlags, Component, Identity, NONE, RecordFlags, Rules, View, contract,
    tables::{Crowd, full},
};
use crate::error::Result;
use smallvec::SmallVec;

/// A crowd with one more member, who shows `more`; none where that is nothing new.
fn added(crowd: &Crowd, more: &Crowd) -> Option<Crowd> {
    let new = more.values.iter().any(|value| crowd.values.binary_search(value).is_err())
        || more.initials.iter().any(|initial| crowd.initials.binary_search(initial).is_err());
    new.then(|| {
        let mut all = crowd.clone();
        all.values.extend_from_slice(&more.values);
        all.values.sort_unstable();
        all.values.dedup();
        all.initials.extend_from_slice(&more.initials);
        all.initials.sort_unstable();
        all.initials.dedup();
        all
    })
}

/// Collects what inputs touch and decides it when asked.
#[derive(Debug, Default)]
pub(crate) struct Decider {
    dirty: Vec<u32>,
    /// For each record the last round in which it was decided.
    seen: Vec<u32>,
    round: u32,
}

/// The records whose clusters were decided anew.
pub(crate) type Touched = Vec<u32>;

impl Decider {
    /// The record must be decided anew.
    pub(crate) fn touch(&mut self, record: u32) {
        self.dirty.push(record);
    }

    /// A record carries one more identifier or fact. [`Self::shown`] must follow once all are linked.
    pub(crate) fn link(
        &mut self,
        identity: &mut Identity,
        record: u32,
        identifier: u32,
        flags: CellFlags,
        from: u32,
    ) -> Result<()> {
        identity.link(record, identifier, flags, from)?;
        self.touch(record);
        Ok(())
    }

    /// A record shows more than before: each identifier it carries may now be shared by too many.
    pub(crate) fn shown(&mut self, identity: &mut Identity, rules: &Rules, record: u32) -> Result<()> {
        // What the record shows by itself, which is all where nobody else carries an identifier.
        let view = View::now(identity, rules);
        let mut alone = Crowd::default();
        view.show(record, &mut alone);
        if alone == Crowd::default() {
            // Whoever shows nothing adds to no crowd, and a crowd that is not kept shows one party at most.
            return Ok(());
        }
        let several = view.parties(&alone) > 1;
        let mut at = identity.records[record].first_cell;
        while let Some(&cell) = identity.cells.get(at) {
            at = cell.next_claim;
            if cell.until != NONE {
                continue;
            }
            let row = &identity.identifiers[cell.identifier];
            if row.generic || row.carriers < 2 && !several || rules.of(row.namespace).fact {
                continue;
            }
            let view = View::now(identity, rules);
            let crowd = match identity.crowd(cell.identifier) {
                None => view.crowd(cell.identifier),
                Some(known) => match added(known, &alone) {
                    None => continue,
                    Some(crowd) => crowd,
                },
            };
            self.judge(identity, rules, cell.identifier, crowd)?;
        }
        Ok(())
    }

    /// Ends cells of a record; everything that they tied is decided anew.
    pub(crate) fn unlink(
        &mut self,
        identity: &mut Identity,
        rules: &Rules,
        record: u32,
        cells: &[u32],
        until: u32,
    ) -> Result<()> {
        if cells.is_empty() {
            return Ok(());
        }
        self.touch(record);
        // What the record no longer shows matters to every identifier that it carried.
        let carried: Vec<u32> = identity.claims(record).map(|(_, cell)| cell.identifier).collect();
        for &identifier in &carried {
            let row = &identity.identifiers[identifier];
            if !row.generic && !rules.of(row.namespace).fact {
                let others: Vec<u32> = identity.carriers(identifier).collect();
                others.into_iter().for_each(|other| self.touch(other));
            }
        }
        cells.iter().for_each(|&cell| identity.unlink(cell, until));
        for identifier in carried {
            let row = &identity.identifiers[identifier];
            if rules.of(row.namespace).fact {
                continue;
            }
            let was = row.generic;
            let crowd = View::now(identity, rules).crowd(identifier);
            self.judge(identity, rules, identifier, crowd)?;
            if was && !identity.identifiers[identifier].generic {
                let all: Vec<u32> = identity.carriers(identifier).collect();
                all.into_iter().for_each(|other| self.touch(other));
            }
        }
        Ok(())
    }

    /// Sets what an identifier's carriers show, and whether they are too many.
    fn judge(&mut self, identity: &mut Identity, rules: &Rules, identifier: u32, crowd: Crowd) -> Result<()> {
        let row = &identity.identifiers[identifier];
        let limit = rules.of(row.namespace).sharing_limit;
        let parties = View::now(identity, rules).parties(&crowd);
        let generic = row.role || parties > limit;
        if generic && !row.generic {
            let all: Vec<u32> = identity.carriers(identifier).collect();
            all.into_iter().for_each(|other| self.touch(other));
        }
        let keep = !generic && (row.carriers > 1 || parties > 1);
        identity.identifiers.get_mut(identifier).ok_or_else(full)?.generic = generic;
        identity.set_crowd(identifier, keep.then_some(crowd), parties)
    }

    /// Decides all that was touched and gives the records concerned, in the order of their rows.
    pub(crate) fn decide(&mut self, identity: &mut Identity, rules: &Rules) -> Result<Touched> {
        self.round = self.round.wrapping_add(1);
        self.seen.resize(identity.records.len(), 0);
        if self.round == 0 {
            self.seen.fill(0);
            self.round = 1;
        }
        let mut touched = Vec::with_capacity(self.dirty.len());
        for record in std::mem::take(&mut self.dirty) {
            if std::mem::replace(&mut self.seen[record as usize], self.round) == self.round {
                continue;
            }
            if let Some(own) = Self::alone(identity, rules, record) {
                let somebody = !own.is_empty() || !identity.records[record].flags.has(RecordFlags::IMPLIED);
                Self::settle(identity, record, record, !somebody, false)?;
                own.iter().try_for_each(|&identifier| Self::give(identity, identifier, record))?;
                Self::set_next(identity, record, record)?;
                touched.push(record);
                continue;
            }
            let view = View::now(identity, rules);
            let Some(component) = Component::around(&view, record) else {
                let row = identity.records.get_mut(record).ok_or_else(full)?;
                (row.cluster, row.next) = (NONE, NONE);
                row.flags.set(RecordFlags::UNRESOLVED, false);
                touched.push(record);
                continue;
            };
            let decided = contract(&component, &view, false);
            // The customer of a record; none where it is nobody's.
            let customer = |place: u32| {
                let known = !decided.unresolved[place as usize];
                let founder = decided.cluster[place as usize];
                if known { component.records[founder as usize].row } else { NONE }
            };
            for (shared, &contested) in component.shared.iter().zip(&decided.contested) {
                let whose = if contested { NONE } else { customer(shared.carriers[0].0) };
                Self::give(identity, shared.identifier, whose)?;
            }
            for &(place, identifier) in &component.own {
                Self::give(identity, identifier, customer(place))?;
            }
            // The last member met of each cluster, to close its ring.
            let mut last: Vec<u32> = vec![NONE; component.records.len()];
            for (place, member) in component.records.iter().enumerate() {
                self.seen[member.row as usize] = self.round;
                touched.push(member.row);
                let founder = decided.cluster[place] as usize;
                let founder_row = component.records[founder].row;
                let before = std::mem::replace(&mut last[founder], member.row);
                Self::settle(identity, member.row, founder_row, decided.unresolved[place], decided.refusals)?;
                let next = if before == NONE { member.row } else { founder_row };
                Self::set_next(identity, member.row, next)?;
                if before != NONE {
                    Self::set_next(identity, before, member.row)?;
                }
            }
        }
        touched.sort_unstable();
        touched.dedup();
        Ok(touched)
    }

    /// The identifiers that may join and are those of a record alone, which nothing ties to another one; none where
    /// something may.
    fn alone(identity: &Identity, rules: &Rules, record: u32) -> Option<SmallVec<[u32; 8]>> {
        if !identity.is_present(record)
            || identity.asserted.from((record, 0)).first().is_some_and(|&(of, _)| of == record)
        {
            return None;
        }
        let view = View::now(identity, rules);
        let mut own = SmallVec::new();
        for (_, cell) in identity.claims(record) {
            if !cell.flags.fact && view.weight(cell.identifier).is_some() {
                if identity.identifiers[cell.identifier].carriers > 1 {
                    return None;
                }
                own.push(cell.identifier);
            }
        }
        Some(own)
    }

    /// Writes down whose an identifier is.
    fn give(identity: &mut Identity, identifier: u32, customer: u32) -> Result<()> {
        if identity.identifiers[identifier].customer != customer {
            identity.identifiers.get_mut(identifier).ok_or_else(full)?.customer = customer;
        }
        Ok(())
    }

    /// Writes down what was decided of a record.
    fn settle(
        identity: &mut Identity,
        record: u32,
        founder: u32,
        unresolved: bool,
        refusals: bool,
    ) -> Result<()> {
        let current = &identity.records[record];
        let mut flags = current.flags;
        flags.set(RecordFlags::UNRESOLVED, unresolved);
        flags.set(RecordFlags::REFUSED, refusals);
        if current.cluster != founder || current.flags != flags {
            let row = identity.records.get_mut(record).ok_or_else(full)?;
            (row.cluster, row.flags) = (founder, flags);
        }
        Ok(())
    }

    fn set_next(identity: &mut Identity, record: u32, next: u32) -> Result<()> {
        if identity.records[record].next != next {
            identity.records.get_mut(record).ok_or_else(full)?.next = next;
        }
        Ok(())
    }
}
