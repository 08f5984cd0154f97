//! Looking ahead: reads what the next inputs will need, many at once, so that their cache misses overlap.
//!
//! Nothing depends on what is read here. One input after the other, each look-up waits for memory several times; for
//! a block of inputs the same loads run side by side.

use super::customers;
use crate::{
    engine::state::State,
    graph::{NONE, Symbol},
    record::{Input, Namespace},
};
use smallvec::SmallVec;

/// Inputs looked at together: enough to keep the memory busy, few enough to stay cached until their turn.
pub(crate) const BLOCK: usize = 32;

/// Reads what the interactions among these inputs will need. One input alone has nothing to overlap with.
pub(crate) fn look_ahead(state: &State, inputs: &[Input]) {
    if inputs.len() < 2 {
        return;
    }
    let identity = &state.identity;
    let facts = [Namespace::NAME, Namespace::BIRTH].map(|name| identity.namespaces.find(name.as_str()));
    // The hashes of identifiers, each with the participant that carries it.
    let mut hashes: Vec<(u32, u64)> = Vec::with_capacity(inputs.len() * 4);
    let mut sources: Vec<Symbol> = Vec::with_capacity(inputs.len() * 2);
    let mut read = 0u64;
    {
        let keys = state.timeline.peek();
        for input in inputs {
            let Input::Interaction(interaction) = input else { continue };
            let Some(source) = identity.sources.find(&interaction.key.source) else { continue };
            read ^= u64::from(keys.row(identity.hash(source, interaction.key.id.as_bytes())).unwrap_or(NONE));
            for participant in customers(interaction) {
                let carrier = sources.len() as u32;
                sources.push(source);
                for claim in &participant.claims {
                    let identifier = &claim.identifier;
                    if let Some(namespace) = identity.namespaces.find(identifier.namespace().as_str()) {
                        hashes.push((carrier, identity.hash(namespace, identifier.value().as_bytes())));
                    }
                }
            }
        }
    }
    let rows: Vec<(u32, Option<u32>)> = {
        let index = identity.peek_identifiers();
        hashes.iter().map(|&(carrier, hash)| (carrier, index.row(hash))).collect()
    };
    let known = |row: Option<u32>| row.and_then(|row| identity.identifiers.get(row));
    for &(_, row) in &rows {
        read ^= known(row).map_or(0, |row| u64::from(row.first_cell) ^ u64::from(row.value.at));
    }
    for &(_, row) in &rows {
        let Some(row) = known(row) else { continue };
        read ^= identity.texts.bytes_of(row.value).first().map_or(0, |&byte| u64::from(byte));
    }
    let records: Vec<Option<u32>> = {
        let index = identity.peek_implied();
        rows.chunk_by(|a, b| a.0 == b.0)
            .map(|of_one| {
                let set: Option<SmallVec<[u32; 8]>> = of_one
                    .iter()
                    .map(|&(_, row)| row)
                    .filter(|&row| known(row).is_none_or(|row| !facts.contains(&Some(row.namespace))))
                    .collect();
                let mut set = set?;
                set.sort_unstable();
                set.dedup();
                index.row(identity.hash_set(*sources.get(of_one[0].0 as usize)?, &set))
            })
            .collect()
    };
    let known = |row: Option<u32>| row.and_then(|row| identity.records.get(row));
    for &row in &records {
        read ^= known(row).map_or(0, |row| u64::from(row.first_cell));
    }
    for &row in &records {
        let cell = known(row).and_then(|row| identity.cells.get(row.first_cell));
        read ^= cell.map_or(0, |cell| u64::from(cell.identifier));
    }
    std::hint::black_box(read);
}
