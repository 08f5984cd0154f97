//! Who a customer is: records, identifiers, surviving attributes, relations.

use super::{Engine, Published, Resolution, State, apply::ARRIVAL};
use crate::{
    customer::CustomerId,
    error::{Error, ErrorKind, Result},
    graph::{Component, RecordFlags, View, contract},
    record::{Attributes, Identifier, Input, Namespace, PartyKind, RecordKey, Timestamp},
    store::{Table, codec},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A record of a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberRecord {
    /// The key.
    #[serde(flatten)]
    pub key: RecordKey,
    /// Person, organisation or not known.
    pub kind: PartyKind,
    /// Whether interactions imply it, no source states it.
    pub implied: bool,
    /// When it was first observed; none where its source does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// When it was last observed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
    /// How many interactions hang on it.
    pub interactions: u64,
    /// The probability that it is this customer's: that of the weakest link on its way to the founding record.
    pub probability: f64,
}

/// An identifier of a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldIdentifier {
    /// The identifier, or a fact.
    pub identifier: Identifier,
    /// How many of the customer's records carry it.
    pub records: u64,
    /// Whether any of them while authenticated.
    pub authenticated: bool,
    /// Whether other customers have it too.
    pub shared: bool,
    /// Whether so many parties have it that it joins nobody.
    pub generic: bool,
    /// When it was last observed; none where no source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
}

/// A tie of a customer to another record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatedRelation {
    /// What kind of tie.
    pub kind: String,
    /// The part that the member has in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The record at the other end.
    pub other: RecordKey,
    /// Whether the customer is the member; otherwise the other end is.
    pub member: bool,
    /// The customer at the other end, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
}

/// All that is known of a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// The id.
    pub id: CustomerId,
    /// The name to call the customer by, if one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The attributes that survive: of each, the value of the most believed source, the latest among equals.
    pub attributes: Attributes,
    /// Identifiers and facts, by namespace and value.
    pub identifiers: Vec<HeldIdentifier>,
    /// Records, earliest first.
    pub records: Vec<MemberRecord>,
    /// Ties to other records.
    pub relations: Vec<StatedRelation>,
    /// How many interactions.
    pub interactions: u64,
    /// When the customer was first observed; none where no source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// When the customer was last observed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
}

impl Engine {
    /// All that is known of a customer, by any id that it ever had.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where the id stands for nobody, [`ErrorKind::InvalidInput`] where it stands for several,
    /// or where the store cannot be read.
    pub fn profile(&self, id: CustomerId) -> Result<Profile> {
        let snapshot = self.snapshot();
        let project = self.policy().project;
        let founder = match snapshot.resolve_id(id, None) {
            Resolution::One(candidate) => snapshot.state.founder(project, candidate.id),
            Resolution::Several { .. } => {
                return Err(
                    Error::invalid("the customer has been divided: ask for each of its parts").in_field("id")
                );
            }
            Resolution::Nobody => None,
        };
        let founder = founder
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "the id stands for nobody").in_field("id"))?;
        self.profile_of(&snapshot, founder)
    }

    fn profile_of(&self, snapshot: &Published, founder: u32) -> Result<Profile> {
        let state = &*snapshot.state;
        let identity = &state.identity;
        let mut members: Vec<u32> = identity.members(founder).collect();
        members.sort_unstable_by(|&a, &b| identity.order(a, b));
        let probabilities = snapshot.with_view(None, |view| confidence(&view, founder));
        let mut records = Vec::with_capacity(members.len());
        for &record in &members {
            let row = &identity.records[record];
            records.push(MemberRecord {
                key: identity.key(record),
                kind: row.kind,
                implied: row.flags.has(RecordFlags::IMPLIED),
                first: Timestamp::from_micros(row.observed)?.dated(),
                last: Timestamp::from_micros(row.last)?.dated(),
                interactions: u64::from(row.interactions),
                probability: probabilities.get(&record).copied().unwrap_or(1.0),
            });
        }
        let (attributes, name) = self.surviving(state, &members)?;
        let first = records.iter().filter_map(|record| record.first).min();
        let last = records.iter().filter_map(|record| record.last).max();
        Ok(Profile {
            id: state.id_of(self.policy().project, founder),
            name,
            attributes,
            identifiers: self.identifiers(snapshot, founder, &members)?,
            interactions: records.iter().map(|record| record.interactions).sum(),
            relations: self.relations(snapshot, &members)?,
            records,
            first,
            last,
        })
    }

    fn identifiers(
        &self,
        snapshot: &Published,
        founder: u32,
        members: &[u32],
    ) -> Result<Vec<HeldIdentifier>> {
        let state = &*snapshot.state;
        let identity = &state.identity;
        let mut held: BTreeMap<(&str, &str), HeldIdentifier> = BTreeMap::new();
        for &record in members {
            for (_, cell) in identity.claims(record) {
                let row = &identity.identifiers[cell.identifier];
                let (namespace, value) =
                    (identity.namespaces.name(row.namespace), identity.texts.get(row.value));
                let last = Timestamp::from_micros(identity.records[record].last)?.dated();
                let Some(known) = Namespace::new(namespace) else { continue };
                let own = held.entry((namespace, value)).or_insert_with(|| {
                    let fact = known.is_fact();
                    let mut carriers = identity.carriers(cell.identifier);
                    HeldIdentifier {
                        shared: !fact
                            && carriers.any(|r| state.customer_of(r).is_some_and(|other| other != founder)),
                        generic: row.generic && !fact,
                        identifier: Identifier::canonical(known, value.to_owned()),
                        records: 0,
                        authenticated: false,
                        last,
                    }
                });
                own.records += 1;
                own.authenticated |= cell.flags.authenticated;
                own.last = own.last.max(last);
            }
        }
        Ok(held.into_values().collect())
    }

    /// The golden record: of each attribute the value of the source that the policy prefers, then the latest.
    fn surviving(&self, state: &State, members: &[u32]) -> Result<(Attributes, Option<String>)> {
        let identity = &state.identity;
        let prefer = &self.policy().prefer_sources;
        let rank =
            |source: &str| prefer.iter().position(|preferred| preferred == source).unwrap_or(prefer.len());
        let mut order: Vec<(usize, std::cmp::Reverse<i64>, RecordKey, u32)> = members
            .iter()
            .map(|&record| {
                let key = identity.key(record);
                (rank(&key.source), std::cmp::Reverse(identity.records[record].last), key, record)
            })
            .collect();
        order.sort();
        let mut attributes = Attributes::new();
        let mut name = None;
        for (_, _, key, record) in order {
            for own in self.content(state, record, &key)? {
                for (field, value) in own {
                    if value != crate::Value::Null {
                        attributes.entry(field).or_insert(value);
                    }
                }
            }
            let facts = identity.claims(record).map(|(_, cell)| &identity.identifiers[cell.identifier]);
            let names = facts.filter(|row| identity.namespaces.name(row.namespace) == "name");
            let fullest =
                names.map(|row| identity.texts.get(row.value)).max_by_key(|text| (text.len(), *text));
            if name.is_none() {
                name = fullest.map(title);
            }
        }
        // Names of people are facts; an organisation's is an attribute.
        if members.iter().any(|&record| identity.records[record].kind == PartyKind::Organisation) {
            name = name.or_else(|| attributes.get("name")?.as_text().map(str::to_owned));
        }
        Ok((attributes, name))
    }

    /// The attributes of a record, the latest first: its own, or those of its participants.
    fn content(&self, state: &State, record: u32, key: &RecordKey) -> Result<Vec<Attributes>> {
        /// An implied record may have any number of interactions; the latest tell enough.
        const LATEST: usize = 16;
        let row = &state.identity.records[record];
        let decode = |number: u32| -> Result<Input> {
            let entry = self.store().get(Table::Inputs, u64::from(number))?.unwrap_or_default();
            codec::decode(entry.get(ARRIVAL..).unwrap_or_default())
        };
        if !row.flags.has(RecordFlags::IMPLIED) {
            let Input::Record(record) = decode(row.from)? else { return Ok(Vec::new()) };
            return Ok(vec![record.attributes]);
        }
        let range = (i64::MIN, i64::MAX);
        let merge = crate::timeline::Merge::new(
            &state.timeline,
            &state.identity,
            std::iter::once(record),
            range,
            false,
            None,
        );
        let mut found = Vec::new();
        for interaction in merge.take(LATEST) {
            let Input::Interaction(interaction) = decode(state.timeline.rows[interaction].from)? else {
                continue;
            };
            let source = &interaction.key.source;
            let own = interaction.participants.iter().filter(|participant| {
                participant.role == crate::Role::Customer
                    && crate::record::implied_key(source, &participant.claims).as_ref() == Some(key)
            });
            found.extend(own.map(|participant| participant.attributes.clone()));
        }
        Ok(found)
    }

    fn relations(&self, snapshot: &Published, members: &[u32]) -> Result<Vec<StatedRelation>> {
        let state = &*snapshot.state;
        let mut found = Vec::new();
        for &record in members {
            for (_, row) in state.relations.of(record).filter(|(_, row)| row.holds) {
                let member = row.member == record;
                let other = if member { row.of } else { row.member };
                let entry = self.store().get(Table::Inputs, u64::from(row.from))?.unwrap_or_default();
                let role = match codec::decode(entry.get(ARRIVAL..).unwrap_or_default())? {
                    Input::Relation(relation) => relation.role,
                    _ => None,
                };
                let customer =
                    state.customer_of(other).map(|founder| state.id_of(self.policy().project, founder));
                let kind = state.relations.kinds.name(row.kind).to_owned();
                found.push(StatedRelation { kind, role, other: state.identity.key(other), member, customer });
            }
        }
        found.sort_by(|a, b| {
            (&a.kind, &a.other, a.member, &a.role).cmp(&(&b.kind, &b.other, b.member, &b.role))
        });
        found.dedup();
        Ok(found)
    }
}

/// How surely each record of a component belongs to its customer.
fn confidence(view: &View<'_>, founder: u32) -> BTreeMap<u32, f64> {
    let Some(component) = Component::around(view, founder) else { return BTreeMap::new() };
    let confidence = contract(&component, view, true).confidence();
    component.records.iter().zip(confidence).map(|(member, confidence)| (member.row, confidence)).collect()
}

/// A canonical name with capitals, given name first.
fn title(canonical: &str) -> String {
    let words = canonical.split(['|', ' ']).filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    words.map(capital).collect::<Vec<_>>().join(" ")
}
