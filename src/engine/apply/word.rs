//! What people and sources say of two records: relations and assertions.

use super::{Applier, Outcome};
use crate::{
    engine::state::RelationRow,
    error::Result,
    graph::{AssertionRow, NONE, full, next_row},
    record::{Assertion, Relation, Verdict},
};

impl Applier<'_> {
    pub(super) fn relation(&mut self, relation: &Relation) -> Result<Outcome> {
        let kind =
            self.state.relations.kinds.intern(&relation.kind).map_err(|error| error.in_field("kind"))?;
        let member = self.state.identity.intern_record(&relation.from.source, &relation.from.id)?;
        let of = self.state.identity.intern_record(&relation.to.source, &relation.to.id)?;
        let same = |row: &RelationRow| row.member == member && row.of == of && row.kind == kind;
        let held = self.state.relations.of(member).find(|(_, row)| same(row)).map(|(at, row)| (at, *row));
        let observed = relation.observed_at.micros();
        if let Some((_, held)) = held
            && let Some(outcome) = self.stands(observed, held.observed, held.from)?
        {
            return Ok(outcome);
        }
        let number = self.log()?;
        let relations = &mut self.state.relations;
        if let Some((at, _)) = held {
            relations.rows.get_mut(at).ok_or_else(full)?.until = number;
        }
        let row = next_row(relations.rows.len())?;
        relations.rows.push(RelationRow {
            member,
            of,
            kind,
            holds: relation.holds,
            observed,
            from: number,
            until: NONE,
        });
        relations.by_record.insert((member, row));
        relations.by_record.insert((of, row));
        Ok(Outcome::Accepted)
    }

    pub(super) fn assertion(&mut self, assertion: &Assertion) -> Result<Outcome> {
        let a = self.state.identity.intern_record(&assertion.a.source, &assertion.a.id)?;
        let b = self.state.identity.intern_record(&assertion.b.source, &assertion.b.id)?;
        let identity = &self.state.identity;
        let held = identity.word_on(a, b).map(|row| (row, identity.assertions[row]));
        let at = assertion.at.micros();
        if let Some((_, held)) = held
            && let Some(outcome) = self.stands(at, held.at, held.from)?
        {
            return Ok(outcome);
        }
        let number = self.log()?;
        let identity = &mut self.state.identity;
        if let Some((row, before)) = held {
            identity.assertions.get_mut(row).ok_or_else(full)?.until = number;
            if before.verdict == Verdict::Same {
                // What the word had tied may come apart.
                self.decider.touch(before.a);
                self.decider.touch(before.b);
            }
        }
        let row = next_row(identity.assertions.len())?;
        identity.assertions.push(AssertionRow {
            a,
            b,
            verdict: assertion.verdict,
            at,
            from: number,
            until: NONE,
        });
        identity.asserted.insert((a, row));
        identity.asserted.insert((b, row));
        self.decider.touch(a);
        self.decider.touch(b);
        Ok(Outcome::Accepted)
    }
}
