//! Looking ahead: reads what the next inputs will need, many at once, so that their cache misses overlap.
//!
//! Nothing depends on what is read here. One input after the other, each look-up waits for memory several times; for
//! a block of inputs the same loads run side by side. Hashes are kept for the turn of each input.

use super::customers;
use crate::{
    engine::state::State,
    graph::{Identity, Symbol},
    record::{ImpliedId, Input, Interaction},
};
use smallvec::SmallVec;

/// Inputs looked at together: enough to keep the memory busy, few enough to stay cached until their turn.
pub(crate) const BLOCK: usize = 32;

/// What look-ups of an interaction begin with.
#[derive(Debug)]
pub(crate) struct Foreseen {
    source: Symbol,
    /// The hash of its key.
    pub(super) key: u64,
    /// The records that its customers name, each with the hash of its key, in the order of the participants; none
    /// where nothing identifies one.
    pub(super) named: SmallVec<[Option<Named>; 1]>,
}

/// An implied record by its id and the hash of its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    pub(super) id: ImpliedId,
    pub(super) hash: u64,
}

impl Foreseen {
    pub(super) fn of(identity: &Identity, source: Symbol, interaction: &Interaction) -> Self {
        let named = customers(interaction).map(|participant| {
            let id = ImpliedId::of(&participant.claims)?;
            Some(Named { id, hash: identity.hash(source, &id.0) })
        });
        Foreseen { source, key: identity.hash(source, interaction.key.id.as_bytes()), named: named.collect() }
    }
}

/// What is known of the inputs of a block before their turn.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    foreseen: Vec<Option<Foreseen>>,
    /// The next input's place in the block.
    next: usize,
    rows: Vec<u32>,
    hashes: Vec<u64>,
}

impl Ahead {
    /// What is known of the next input, where anything is.
    pub(crate) fn next(&mut self) -> Option<Foreseen> {
        self.next += 1;
        self.foreseen.get_mut(self.next - 1)?.take()
    }

    /// Whether the block is at its end.
    pub(crate) fn is_done(&self) -> bool {
        self.next >= self.foreseen.len()
    }

    /// Reads what the interactions of the next block will need.
    pub(crate) fn look<'a>(&mut self, state: &State, inputs: impl Iterator<Item = &'a Input> + Clone) {
        let identity = &state.identity;
        self.next = 0;
        self.hashes.clear();
        self.rows.clear();
        self.foreseen.clear();
        self.foreseen.extend(inputs.clone().map(|input| match input {
            Input::Interaction(interaction) => {
                let source = identity.sources.find(&interaction.key.source)?;
                Some(Foreseen::of(identity, source, interaction))
            }
            _ => None,
        }));
        let foreseen = self.foreseen.iter().flatten();
        let named = || foreseen.clone().flat_map(|one| one.named.iter().flatten());
        let mut read =
            foreseen.clone().fold(0, |read, one| read ^ u64::from(state.timeline.peek(one.key).is_some()));
        self.rows.extend(named().filter_map(|named| identity.peek_record(named.hash)));
        for &row in &self.rows {
            read ^= identity.records.get(row).map_or(0, |row| u64::from(row.from) ^ row.last as u64);
        }
        // Identifiers matter where their record is new.
        self.rows.clear();
        for (input, foreseen) in inputs.zip(&self.foreseen) {
            let (Input::Interaction(interaction), Some(foreseen)) = (input, foreseen) else { continue };
            for (participant, named) in customers(interaction).zip(&foreseen.named) {
                let Some(named) = named else { continue };
                if identity.find_implied(named.hash, foreseen.source, named.id).is_some() {
                    continue;
                }
                self.hashes.extend(participant.claims.iter().filter_map(|claim| {
                    let namespace = identity.namespaces.find(claim.identifier.namespace().as_str())?;
                    Some(identity.hash(namespace, claim.identifier.value().as_bytes()))
                }));
            }
        }
        self.rows.extend(self.hashes.iter().filter_map(|&hash| identity.peek_identifier(hash)));
        let rows = || self.rows.iter().filter_map(|&row| identity.identifiers.get(row));
        read ^= rows().fold(0, |read, row| read ^ u64::from(row.first_cell) ^ u64::from(row.value.at));
        for row in rows() {
            read ^= identity.texts.bytes_of(row.value).first().map_or(0, |&byte| u64::from(byte));
            read ^= identity.cells.get(row.first_cell).map_or(0, |cell| u64::from(cell.record));
        }
        std::hint::black_box(read);
    }
}
