//! Timelines in pages, sums by channel, and interactions of nobody.

use super::{
    Engine, Item, Published, Resolution, State,
    apply::{ARRIVAL, named_records},
    item::{Contents, decode_interaction},
    resolve::Cluster,
};
use crate::{
    customer::CustomerId,
    error::{Error, ErrorKind, Result},
    graph::{Component, NONE, contract},
    record::{Channel, Direction, Interaction, InteractionKey, RecordKey, Timestamp},
    store::{Store, Table},
    timeline::{Cursor, Merge, Query},
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// A part of a timeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// The interactions, in the order asked for.
    pub items: Vec<Item>,
    /// Where to go on; none at the end.
    #[serde(skip)]
    pub next: Option<Cursor>,
}

/// What happened on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChannelSummary {
    /// The channel.
    pub channel: Channel,
    /// How many interactions.
    pub count: u64,
    /// Milliseconds from their starts to their ends.
    pub duration_ms: u64,
    /// Milliseconds waiting.
    pub queue_ms: u64,
    /// Milliseconds talking.
    pub talk_ms: u64,
    /// When the first began.
    pub first: Timestamp,
    /// When the last began.
    pub last: Timestamp,
}

/// An interaction that is nobody's yet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unresolved {
    /// The interaction.
    #[serde(flatten)]
    pub interaction: Interaction,
    /// Who may be meant.
    pub candidates: Resolution,
}

/// A timeline to be asked for: conditions, then [`page`](TimelineRequest::page) or [`summary`](TimelineRequest::summary).
#[derive(Debug, Clone)]
#[must_use]
pub struct TimelineRequest<'a> {
    engine: &'a Engine,
    id: CustomerId,
    query: Query,
}

impl Engine {
    /// The timeline of a customer, by any id that it ever had. Newest first unless asked otherwise.
    pub fn timeline(&self, id: CustomerId) -> TimelineRequest<'_> {
        TimelineRequest { engine: self, id, query: Query::default() }
    }

    /// Interactions that are nobody's, latest first, at most `limit`: those whose identifiers several customers share
    /// or so many use that they tell nothing, and those without any.
    ///
    /// Time: one look at every interaction.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn unresolved(&self, limit: usize) -> Result<Vec<Unresolved>> {
        let snapshot = self.snapshot();
        let state = &*snapshot.state;
        let mut rows: Vec<u32> = Vec::new();
        for row in 0..state.timeline.rows.len() as u32 {
            let held = &state.timeline.rows[row];
            if !state.timeline.holds(row, None) {
                continue;
            }
            let nobody = held.record == NONE
                || state.customer_of(held.record).is_none()
                    && (!held.several || self.customers_of(state, row)?.is_empty());
            if nobody {
                rows.push(row);
            }
        }
        let key = |row: &u32| {
            let held = &state.timeline.rows[*row];
            (held.start, state.identity.sources.name(held.source), state.timeline.ids.get(held.key))
        };
        rows.sort_unstable_by(|a, b| key(b).cmp(&key(a)));
        rows.truncate(limit);
        let one = |row: u32| {
            let record = state.timeline.rows[row].record;
            let candidates =
                if record == NONE { Resolution::Nobody } else { snapshot.resolve_row(record, None) };
            Ok(Unresolved { interaction: read_interaction(self.store(), state, row)?, candidates })
        };
        rows.into_iter().map(one).collect()
    }

    /// The records on which an interaction hangs, in the order of its participants; none where there is no such
    /// interaction.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn records_of(&self, key: &InteractionKey) -> Result<Option<Vec<RecordKey>>> {
        let state = self.snapshot().state;
        let row = state.timeline.find(&state.identity, &key.source, &key.id);
        let Some(row) = row.filter(|&row| state.timeline.holds(row, None)) else { return Ok(None) };
        let interaction = read_interaction(self.store(), &state, row)?;
        Ok(Some(
            named_records(&state.identity, &interaction).map(|record| state.identity.key(record)).collect(),
        ))
    }

    /// The founding records of the customers on whose records an interaction hangs.
    pub(crate) fn customers_of(&self, state: &State, row: u32) -> Result<Vec<u32>> {
        let held = &state.timeline.rows[row];
        if held.record == NONE {
            return Ok(Vec::new());
        }
        if !held.several {
            return Ok(state.customer_of(held.record).into_iter().collect());
        }
        let interaction = read_interaction(self.store(), state, row)?;
        let mut founders: Vec<u32> = named_records(&state.identity, &interaction)
            .filter_map(|record| state.customer_of(record))
            .collect();
        founders.sort_unstable();
        founders.dedup();
        Ok(founders)
    }
}

impl TimelineRequest<'_> {
    /// Not before this time.
    pub fn from(mut self, at: Timestamp) -> Self {
        self.query.from = Some(at);
        self
    }

    /// Before this time.
    pub fn until(mut self, at: Timestamp) -> Self {
        self.query.until = Some(at);
        self
    }

    /// On this channel; several calls allow several channels.
    pub fn channel(mut self, channel: Channel) -> Self {
        self.query.channels.push(channel);
        self
    }

    /// In this direction.
    pub fn direction(mut self, direction: Direction) -> Self {
        self.query.direction = Some(direction);
        self
    }

    /// Of this kind; several calls allow several kinds.
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.query.kinds.push(kind.into());
        self
    }

    /// On records that are the customer's with at least this probability.
    pub fn min_probability(mut self, probability: f64) -> Self {
        self.query.min_probability = probability;
        self
    }

    /// Also what happened with those who are stated to be members of the customer, as of an account or a household;
    /// not with members of these.
    pub fn with_members(mut self) -> Self {
        self.query.with_members = true;
        self
    }

    /// Newest first (as it is unless asked otherwise).
    pub fn newest_first(mut self) -> Self {
        self.query.oldest_first = false;
        self
    }

    /// Earliest first.
    pub fn oldest_first(mut self) -> Self {
        self.query.oldest_first = true;
        self
    }

    /// On from where a page ended. The cursor may be older than any number of writes, merges and splits.
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.query.after = Some(cursor);
        self
    }

    /// As known at that time: as if nothing had been ingested later.
    pub fn as_of(mut self, at: Timestamp) -> Self {
        self.query.as_of = Some(at);
        self
    }

    /// With all these conditions at once.
    pub fn query(mut self, query: Query) -> Self {
        self.query = query;
        self
    }

    /// The next `limit` interactions.
    ///
    /// Time: proportional to `limit` and the number of the customer's records, and to what filters leave out on the
    /// way.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where the id stands for nobody, [`ErrorKind::InvalidInput`] where it stands for several
    /// (a customer that has been divided: ask for each), or where the store cannot be read.
    pub fn page(self, limit: usize) -> Result<Page> {
        let snapshot = self.engine.snapshot();
        let state = &*snapshot.state;
        let at = self.input(&snapshot)?;
        let members = self.members(&snapshot, at)?;
        let mut rows = Vec::with_capacity(limit.min(1024));
        let mut more = false;
        for row in self.rows(state, &members, at) {
            if rows.len() == limit {
                more = true;
                break;
            }
            rows.push(row);
        }
        let next = rows.last().filter(|_| more).map(|&row| Cursor {
            start: state.timeline.rows[row].start,
            key: state.timeline.key(&state.identity, row),
        });
        let items = self.items(state, &rows, &members)?;
        Ok(Page { items, next })
    }

    fn items(&self, state: &State, rows: &[u32], members: &[u32]) -> Result<Vec<Item>> {
        let numbers = rows.iter().map(|&row| u64::from(state.timeline.rows[row].from)).collect();
        let page = Arc::new(Contents::of(&self.engine.0, numbers));
        let mut keys: Vec<(u32, Arc<RecordKey>)> = Vec::new();
        let mut channel = (u16::MAX, Channel::Web);
        let mut items = Vec::with_capacity(rows.len());
        for (place, &row) in rows.iter().enumerate() {
            let held = &state.timeline.rows[row];
            if channel.0 != held.channel {
                channel = (held.channel, Channel::named(state.timeline.channels.name(held.channel)));
            }
            let mut record = held.record;
            let decoded = OnceLock::new();
            if held.several {
                let interaction = read_interaction(self.engine.store(), state, row)?;
                record = record_on(state, held.record, members, &interaction);
                decoded.get_or_init(|| interaction);
            }
            let key = match keys.iter().find(|(known, _)| *known == record) {
                Some((_, key)) => key.clone(),
                None => {
                    let key = Arc::new(state.identity.key(record));
                    keys.push((record, key.clone()));
                    key
                }
            };
            items.push(Item {
                start: Timestamp::from_micros(held.start)?,
                channel: channel.1.clone(),
                direction: held.direction,
                record: key,
                page: page.clone(),
                place,
                decoded,
            });
        }
        Ok(items)
    }

    /// Counts and time spent, by channel.
    ///
    /// # Errors
    /// As [`page`](TimelineRequest::page).
    pub fn summary(self) -> Result<Vec<ChannelSummary>> {
        let snapshot = self.engine.snapshot();
        let state = &*snapshot.state;
        let at = self.input(&snapshot)?;
        let members = self.members(&snapshot, at)?;
        let mut channels: BTreeMap<u16, ChannelSummary> = BTreeMap::new();
        for row in self.rows(state, &members, at) {
            let row = &state.timeline.rows[row];
            let start = Timestamp::from_micros(row.start)?;
            let own = channels.entry(row.channel).or_insert_with(|| ChannelSummary {
                channel: Channel::named(state.timeline.channels.name(row.channel)),
                count: 0,
                duration_ms: 0,
                queue_ms: 0,
                talk_ms: 0,
                first: start,
                last: start,
            });
            own.count += 1;
            own.duration_ms += (row.end - row.start).max(0) as u64 / 1000;
            own.queue_ms += u64::from(row.queue_ms);
            own.talk_ms += u64::from(row.talk_ms);
            own.first = own.first.min(start);
            own.last = own.last.max(start);
        }
        let mut channels: Vec<_> = channels.into_values().collect();
        channels.sort_by(|a, b| a.channel.cmp(&b.channel));
        Ok(channels)
    }

    fn input(&self, snapshot: &Published) -> Result<Option<u32>> {
        let Some(at) = self.query.as_of else { return Ok(None) };
        // Before the first input nobody was known.
        Ok(Some(self.engine.input_as_of(&snapshot.state, at)?.ok_or_else(nobody)?))
    }

    /// The records whose interactions are shown.
    fn members(&self, snapshot: &Published, at: Option<u32>) -> Result<Vec<u32>> {
        let project = snapshot.rules.policy().project;
        let known = snapshot.state.founder(project, self.id).and_then(|record| snapshot.cluster(record, at));
        let cluster = match known.filter(|cluster| cluster.resolved) {
            Some(cluster) => cluster,
            None => match snapshot.resolve_id(self.id, at) {
                Resolution::One(candidate) => {
                    let founder = snapshot.state.founder(project, candidate.id).ok_or_else(nobody)?;
                    snapshot.cluster(founder, at).ok_or_else(nobody)?
                }
                Resolution::Several { .. } => {
                    return Err(Error::invalid("the customer has been divided: ask for each of its parts")
                        .in_field("id"));
                }
                Resolution::Nobody => return Err(nobody()),
            },
        };
        if !self.query.with_members {
            return Ok(self.sure(snapshot, cluster, at));
        }
        let relations = &snapshot.state.relations;
        let ties = cluster
            .members
            .iter()
            .flat_map(|&record| relations.as_of(record, at).map(move |tie| (record, tie.1)));
        let those: Vec<u32> =
            ties.filter(|(record, tie)| tie.of == *record && tie.holds).map(|(_, tie)| tie.member).collect();
        let mut shown = self.sure(snapshot, cluster, at);
        for member in those {
            match snapshot.cluster(member, at) {
                Some(own) if own.resolved => shown.extend(self.sure(snapshot, own, at)),
                // Nobody's by itself, and a member all the same.
                Some(_) => shown.push(member),
                None => {}
            }
        }
        shown.sort_unstable();
        shown.dedup();
        Ok(shown)
    }

    /// The records of a customer that are linked surely enough.
    fn sure(&self, snapshot: &Published, cluster: Cluster, at: Option<u32>) -> Vec<u32> {
        let (founder, members) = (cluster.founder, cluster.members);
        if self.query.min_probability <= 0.0 {
            return members;
        }
        snapshot.with_view(at, |view| {
            let Some(component) = Component::around(&view, founder) else { return Vec::new() };
            let decided = contract(&component, &view, true);
            let confidence = decided.confidence();
            let place = |record: u32| component.records.iter().position(|member| member.row == record);
            members
                .iter()
                .copied()
                .filter(|&record| {
                    place(record).is_some_and(|place| confidence[place] >= self.query.min_probability)
                })
                .collect()
        })
    }

    /// The rows that fit, in order, from the cursor on.
    fn rows<'s>(
        &self,
        state: &'s State,
        members: &[u32],
        at: Option<u32>,
    ) -> impl Iterator<Item = u32> + use<'s> {
        let query = self.query.clone();
        let oldest_first = query.oldest_first;
        let mut low = query.from.map_or(i64::MIN, Timestamp::micros);
        let mut high = query.until.map_or(i64::MAX, Timestamp::micros);
        if let Some(cursor) = &query.after {
            if oldest_first {
                low = low.max(cursor.start)
            } else {
                high = high.min(cursor.start.saturating_add(1))
            }
        }
        let symbols = |table: &crate::graph::Symbols, names: &mut dyn Iterator<Item = &str>| -> Vec<u16> {
            names.filter_map(|name| table.find(name)).collect()
        };
        let channels = symbols(&state.timeline.channels, &mut query.channels.iter().map(Channel::as_str));
        let kinds = symbols(&state.timeline.kinds, &mut query.kinds.iter().map(String::as_str));
        let merge = Merge::new(
            &state.timeline,
            &state.identity,
            members.iter().copied(),
            (low, high),
            oldest_first,
            at,
        );
        merge
            .take_while(move |&row| {
                let start = state.timeline.rows[row].start;
                if oldest_first { start < high } else { start >= low }
            })
            .filter(move |&row| {
                let held = &state.timeline.rows[row];
                (query.channels.is_empty() || channels.contains(&held.channel))
                    && (query.kinds.is_empty() || kinds.contains(&held.kind))
                    && query.direction.is_none_or(|direction| direction == held.direction)
                    && query.after.as_ref().is_none_or(|cursor| {
                        let key = (
                            held.start,
                            state.identity.sources.name(held.source),
                            state.timeline.ids.get(held.key),
                        );
                        let mark = (cursor.start, cursor.key.source.as_str(), cursor.key.id.as_str());
                        if oldest_first { key > mark } else { key < mark }
                    })
            })
    }
}

/// The record of the customer on which an interaction hangs that hangs on several.
fn record_on(state: &State, first: u32, members: &[u32], interaction: &Interaction) -> u32 {
    let mut named = named_records(&state.identity, interaction);
    named.find(|record| members.contains(record)).unwrap_or(first)
}

fn nobody() -> Error {
    Error::new(ErrorKind::NotFound, "the id stands for nobody").in_field("id")
}

/// The content of an interaction.
pub(crate) fn read_interaction(store: &dyn Store, state: &State, row: u32) -> Result<Interaction> {
    let entry = store.get(Table::Inputs, u64::from(state.timeline.rows[row].from))?;
    decode_interaction(entry.as_deref().and_then(|entry| entry.get(ARRIVAL..)).unwrap_or_default())
}
