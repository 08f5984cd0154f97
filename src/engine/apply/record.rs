//! Records as their sources state them: versions and deletions.

use super::{Applier, Outcome, add, take};
use crate::{
    error::{Error, Result},
    graph::{CellFlags, NONE, OlderRow, RecordFlags, full, next_row},
    record::{Identifier, Record, RecordKey, Timestamp},
};

impl Applier<'_> {
    pub(super) fn record(&mut self, record: &Record) -> Result<Outcome> {
        let row = self.state.identity.intern_record(&record.key.source, &record.key.id)?;
        let held = self.state.identity.records[row];
        let time = record.observed_at.micros();
        if held.flags.has(RecordFlags::DELETED) {
            if time <= held.observed {
                return Ok(Outcome::Superseded);
            }
        } else if held.flags.has(RecordFlags::STATED)
            && let Some(outcome) = self.stands(time, held.observed, held.from)?
        {
            return Ok(outcome);
        }
        let mut wanted = self.claims(&record.claims)?;
        let named = Identifier::record(&record.key);
        let own = self.state.identity.find_identifier(named.namespace().as_str(), named.value());
        if let Some(own) = own.filter(|&own| self.is_named(own)) {
            add(&mut wanted, own, CellFlags::default());
        }
        let number = self.log()?;
        self.keep_older(row, number)?;
        let current = self.state.identity.records.get_mut(row).ok_or_else(full)?;
        self.state.stated += usize::from(!current.flags.has(RecordFlags::STATED));
        current.flags.set(RecordFlags::STATED, true);
        current.flags.set(RecordFlags::DELETED, false);
        (current.observed, current.last, current.kind, current.from) = (time, time, record.kind, number);
        let mut ended = Vec::new();
        for (cell, held) in self.state.identity.claims(row) {
            if !take(&mut wanted, held.identifier, held.flags) {
                ended.push(cell);
            }
        }
        self.decider.touch(row);
        self.decider.unlink(&mut self.state.identity, self.rules, row, &ended, number)?;
        self.link_all(row, wanted, number)?;
        Ok(Outcome::Accepted)
    }

    /// Files the version of a record that ends now.
    fn keep_older(&mut self, record: u32, until: u32) -> Result<()> {
        let identity = &mut self.state.identity;
        let held = identity.records[record];
        if held.from == NONE {
            return Ok(());
        }
        let stated = held.flags.has(RecordFlags::STATED);
        let older = next_row(identity.older.len())?;
        let row = OlderRow {
            observed: held.observed,
            kind: held.kind,
            stated,
            from: held.from,
            until,
            older: held.older,
        };
        identity.older.push(row);
        identity.records.get_mut(record).ok_or_else(full)?.older = older;
        Ok(())
    }

    pub(super) fn delete_record(&mut self, key: &RecordKey, at: Timestamp) -> Result<Outcome> {
        if key.id.starts_with('~') {
            return Err(Error::invalid("is implied by interactions: delete those").in_field("id"));
        }
        let row = self.state.identity.intern_record(&key.source, &key.id)?;
        let held = self.state.identity.records[row];
        if held.from != NONE && at.micros() <= held.observed {
            if held.flags.has(RecordFlags::DELETED) {
                return Ok(if at.micros() == held.observed {
                    Outcome::Duplicate
                } else {
                    Outcome::Superseded
                });
            }
            if at.micros() < held.observed {
                return Ok(Outcome::Superseded);
            }
        }
        let number = self.log()?;
        self.keep_older(row, number)?;
        let current = self.state.identity.records.get_mut(row).ok_or_else(full)?;
        self.state.stated -= usize::from(current.flags.has(RecordFlags::STATED));
        current.flags.set(RecordFlags::STATED, false);
        current.flags.set(RecordFlags::DELETED, true);
        (current.observed, current.from) = (at.micros(), number);
        let cells: Vec<u32> = self.state.identity.claims(row).map(|(cell, _)| cell).collect();
        self.touch_asserted(row);
        self.decider.touch(row);
        self.decider.unlink(&mut self.state.identity, self.rules, row, &cells, number)?;
        Ok(Outcome::Accepted)
    }

    /// Those whom people tied to a record must be decided anew when it goes.
    pub(super) fn touch_asserted(&mut self, record: u32) {
        let identity = &self.state.identity;
        for (_, row) in identity.asserted.iter_from((record, 0)).take_while(|&(of, _)| of == record) {
            let row = &identity.assertions[row];
            self.decider.touch(row.a);
            self.decider.touch(row.b);
        }
    }
}
