//! Interactions: versions, deletions, and the records on which they hang.

use super::{Applier, Foreseen, Outcome, customers, implied::Party, named_records};
use crate::{
    error::Result,
    graph::{NONE, Symbol, full},
    record::{Input, Interaction, InteractionKey, Timestamp},
    store::codec,
    timeline::{Entry, InteractionRow},
};
use smallvec::SmallVec;

impl Applier<'_> {
    pub(super) fn interaction(
        &mut self,
        interaction: &Interaction,
        foreseen: Option<Foreseen>,
    ) -> Result<Outcome> {
        let key = &interaction.key;
        let source = self.source(key)?;
        let foreseen = foreseen.unwrap_or_else(|| Foreseen::of(&self.state.identity, source, interaction));
        let place = self.state.timeline.place(foreseen.key, source, &key.id);
        let held = place.known.map(|known| known.latest);
        if let Some(held) = held {
            let row = self.state.timeline.rows[held];
            if row.deleted {
                if interaction.version().micros() <= row.start {
                    return Ok(Outcome::Superseded);
                }
            } else {
                let old = self.content(row.from)?;
                if *old == *self.pending.proposed() {
                    return Ok(Outcome::Duplicate);
                }
                let Input::Interaction(before) = codec::decode(&old)? else { return Err(full()) };
                let order = interaction.version().cmp(&before.version());
                if order.then_with(|| self.pending.proposed().cmp(&old)).is_lt() {
                    return Ok(Outcome::Superseded);
                }
            }
        }
        let kind =
            self.state.timeline.kinds.intern(&interaction.kind).map_err(|error| error.in_field("kind"))?;
        let channel = interaction.channel.as_str();
        let channel =
            self.state.timeline.channels.intern(channel).map_err(|error| error.in_field("channel"))?;
        // Whatever can be refused is refused before anything changes.
        let mut parties: SmallVec<[Party<'_>; 1]> = SmallVec::new();
        for (participant, named) in customers(interaction).zip(&foreseen.named) {
            if let &Some(named) = named {
                parties.push(self.party(source, participant, named, held.is_some())?);
            }
        }
        let number = self.log()?;
        if let Some(held) = held {
            self.end_interaction(held, number)?;
        }
        let text = match held {
            Some(held) => self.state.timeline.rows[held].key,
            None => self.state.timeline.ids.push(&key.id).ok_or_else(full)?,
        };
        let start = interaction.start.micros();
        let short = |ms: Option<u64>| ms.map_or(0, |ms| u32::try_from(ms).unwrap_or(u32::MAX));
        let row = InteractionRow {
            source: place.source,
            kind,
            channel,
            direction: interaction.direction,
            deleted: false,
            several: false,
            key: text,
            start,
            end: interaction.end.map_or(start, Timestamp::micros),
            queue_ms: short(interaction.queue_ms),
            talk_ms: short(interaction.talk_ms),
            record: NONE,
            from: number,
            until: NONE,
            later: false,
            latest: NONE,
        };
        let row = self.state.timeline.push(&place, row)?;
        self.state.timeline.live += 1;
        let mut records: SmallVec<[u32; 4]> = SmallVec::new();
        for party in parties {
            let record = self.attach(source, &party, start, number, &records)?;
            if !records.contains(&record) {
                self.state.timeline.enter(Entry::new(record, start, row));
                records.push(record);
            }
        }
        if let Some(&first) = records.first() {
            let row = self.state.timeline.rows.get_mut(row).ok_or_else(full)?;
            (row.record, row.several) = (first, records.len() > 1);
        }
        Ok(Outcome::Accepted)
    }

    fn source(&mut self, key: &InteractionKey) -> Result<Symbol> {
        self.state.identity.sources.intern(&key.source).map_err(|error| error.in_field("source"))
    }

    /// Ends the version of an interaction and takes it off its records.
    fn end_interaction(&mut self, row: u32, number: u32) -> Result<()> {
        let held = self.state.timeline.rows[row];
        self.state.timeline.rows.get_mut(row).ok_or_else(full)?.until = number;
        if held.deleted {
            return Ok(());
        }
        self.state.timeline.live -= 1;
        if held.record == NONE {
            return Ok(());
        }
        for record in self.records_of(row)? {
            let current = self.state.identity.records.get_mut(record).ok_or_else(full)?;
            current.interactions -= 1;
            if current.interactions > 0 {
                self.rebuild_implied(record, number)?;
                continue;
            }
            self.state.implied -= 1;
            let (cells, carried): (Vec<u32>, Vec<u32>) =
                self.state.identity.claims(record).map(|(cell, held)| (cell, held.identifier)).unzip();
            self.touch_asserted(record);
            self.decider.touch(record);
            self.decider.unlink(&mut self.state.identity, self.rules, record, &cells, number)?;
            for identifier in carried {
                self.unname_record(identifier, number)?;
            }
        }
        Ok(())
    }

    /// The records on which an interaction hangs.
    fn records_of(&mut self, row: u32) -> Result<Vec<u32>> {
        let held = self.state.timeline.rows[row];
        if !held.several {
            return Ok(vec![held.record]);
        }
        let Input::Interaction(interaction) = codec::decode(&self.content(held.from)?)? else {
            return Err(full());
        };
        let mut records: Vec<u32> = named_records(&self.state.identity, &interaction).collect();
        records.sort_unstable();
        records.dedup();
        Ok(records)
    }

    pub(super) fn delete_interaction(&mut self, key: &InteractionKey, at: Timestamp) -> Result<Outcome> {
        let source = self.source(key)?;
        let hash = self.state.identity.hash(source, key.id.as_bytes());
        let place = self.state.timeline.place(hash, source, &key.id);
        let held = place.known.map(|known| known.latest);
        if let Some(held) = held {
            let row = self.state.timeline.rows[held];
            if row.deleted {
                match at.micros().cmp(&row.start) {
                    std::cmp::Ordering::Less => return Ok(Outcome::Superseded),
                    std::cmp::Ordering::Equal => return Ok(Outcome::Duplicate),
                    std::cmp::Ordering::Greater => {}
                }
            } else {
                let Input::Interaction(before) = codec::decode(&self.content(row.from)?)? else {
                    return Err(full());
                };
                if at < before.version() {
                    return Ok(Outcome::Superseded);
                }
            }
        }
        let number = self.log()?;
        let text = match held {
            Some(held) => {
                self.end_interaction(held, number)?;
                self.state.timeline.rows[held].key
            }
            None => self.state.timeline.ids.push(&key.id).ok_or_else(full)?,
        };
        let row = InteractionRow {
            source: place.source,
            key: text,
            deleted: true,
            start: at.micros(),
            from: number,
            ..InteractionRow::default()
        };
        self.state.timeline.push(&place, row)?;
        Ok(Outcome::Accepted)
    }
}
