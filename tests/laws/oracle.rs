//! What the engine must answer, computed from scratch over the surviving inputs.
//!
//! Plain collections, no indexes, everything recomputed at every step. Shares with the library only the rules that are
//! public: [`MatchWeight`], [`Policy`], name conflicts, the keys of implied records, the ids of founders.

use crate::contraction;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};
use stitchline::{
    Assertion, Claim, CustomerId, Identifier, Input, Interaction, InteractionKey, MatchWeight, Namespace,
    Normalizer, Participant, PartyKind, Policy, Record, RecordKey, Role, Verdict, Verification,
    engine::{Largest, SharedIdentifier, SizedCustomer},
    normalize::junk,
    record::implied_key,
    store::codec,
};

/// The most facts of one namespace that an implied record keeps.
const MAX_FACTS: usize = 8;

/// A record that is there.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    pub(crate) key: RecordKey,
    pub(crate) implied: bool,
    pub(crate) observed: i64,
    pub(crate) last: i64,
    pub(crate) kind: PartyKind,
    /// Identifiers and facts, and whether authenticated.
    pub(crate) carries: BTreeMap<Identifier, bool>,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Customer {
    pub(crate) id: CustomerId,
    pub(crate) records: BTreeSet<RecordKey>,
}

/// Everything that follows from inputs and a policy.
#[derive(Debug)]
pub(crate) struct Oracle {
    pub(crate) policy: Policy,
    /// In the order (observed, source, id).
    pub(crate) parties: Vec<Party>,
    pub(crate) interactions: Vec<Interaction>,
    /// By customer id.
    pub(crate) customers: BTreeMap<CustomerId, Customer>,
    pub(crate) unresolved: BTreeSet<RecordKey>,
    normalizer: Normalizer,
}

/// Who an identifier or a record stands for, without probabilities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    One(CustomerId),
    Several(BTreeSet<CustomerId>),
    Nobody,
}

/// The stored form, by which versions of the same time are ordered.
pub(crate) fn encoded(input: &Input) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(input, &mut bytes);
    bytes
}

/// The participants who identify somebody.
pub(crate) fn customers_in(interaction: &Interaction) -> impl Iterator<Item = &Participant> {
    interaction.participants.iter().filter(|p| p.role == Role::Customer)
}

/// The version that holds of each key: the latest one, unless a deletion came at its time or after.
struct Versions<K, V> {
    held: BTreeMap<K, (i64, Vec<u8>, V)>,
    deleted: BTreeMap<K, i64>,
}

impl<K: Ord + Clone, V> Versions<K, V> {
    fn new() -> Self {
        Versions { held: BTreeMap::new(), deleted: BTreeMap::new() }
    }

    fn add(&mut self, key: K, time: i64, bytes: Vec<u8>, value: V) {
        let later = self.held.get(&key).is_none_or(|(t, b, _)| (*t, b) < (time, &bytes));
        if later {
            self.held.insert(key, (time, bytes, value));
        }
    }

    fn delete(&mut self, key: K, at: i64) {
        let known = self.deleted.entry(key).or_insert(at);
        *known = (*known).max(at);
    }

    fn present(self) -> Vec<V> {
        let Versions { held, deleted } = self;
        held.into_iter()
            .filter(|(key, (time, ..))| deleted.get(key).is_none_or(|at| at < time))
            .map(|(_, (.., value))| value)
            .collect()
    }
}

impl Oracle {
    pub(crate) fn new<'a>(policy: &Policy, inputs: impl IntoIterator<Item = &'a Input>) -> Self {
        let mut records: Versions<RecordKey, &Record> = Versions::new();
        let mut interactions: Versions<InteractionKey, &Interaction> = Versions::new();
        let mut words: Versions<BTreeSet<RecordKey>, &Assertion> = Versions::new();
        for input in inputs {
            let bytes = encoded(input);
            match input {
                Input::Record(r) => records.add(r.key.clone(), r.observed_at.micros(), bytes, r),
                Input::Interaction(i) => interactions.add(i.key.clone(), i.version().micros(), bytes, i),
                Input::Assertion(a) => {
                    words.add([a.a.clone(), a.b.clone()].into(), a.at.micros(), bytes, a);
                }
                // Ties never join anybody.
                Input::Relation(_) => {}
                Input::DeleteRecord { key, at } => records.delete(key.clone(), at.micros()),
                Input::DeleteInteraction { key, at } => interactions.delete(key.clone(), at.micros()),
                _ => unreachable!("no other inputs are generated"),
            }
        }
        let interactions: Vec<Interaction> = interactions.present().into_iter().cloned().collect();
        let mut oracle = Oracle {
            policy: policy.clone(),
            parties: parties(records.present(), &interactions),
            interactions,
            customers: BTreeMap::new(),
            unresolved: BTreeSet::new(),
            normalizer: Normalizer::new(policy).expect("the policy is valid"),
        };
        let words: Vec<&Assertion> = words.present();
        let pairs = |verdict: Verdict| -> Vec<(usize, usize)> {
            let mut pairs: Vec<_> = words
                .iter()
                .filter(|word| word.verdict == verdict)
                .filter_map(|word| {
                    let (a, b) = (oracle.place(&word.a)?, oracle.place(&word.b)?);
                    Some((a.min(b), a.max(b)))
                })
                .collect();
            pairs.sort_unstable();
            pairs
        };
        let clusters = contraction::decide(&oracle, &pairs(Verdict::Same), &pairs(Verdict::Different));
        for cluster in clusters {
            let records: BTreeSet<RecordKey> =
                cluster.places.iter().map(|&place| oracle.parties[place].key.clone()).collect();
            if cluster.unresolved {
                oracle.unresolved.extend(records);
                continue;
            }
            let founder = cluster.places.first().expect("a cluster has a record");
            let id = CustomerId::founded_by(policy.project, &oracle.parties[*founder].key);
            oracle.customers.insert(id, Customer { id, records });
        }
        oracle
    }

    fn place(&self, key: &RecordKey) -> Option<usize> {
        self.parties.iter().position(|party| party.key == *key)
    }

    /// The weight of a namespace's identifiers; none where they never join.
    pub(crate) fn base_weight(&self, identifier: &Identifier) -> Option<MatchWeight> {
        let own = self.policy.namespace(identifier.namespace());
        let weight = MatchWeight::from_bits(own.weight_bits);
        let email = *identifier.namespace() == Namespace::EMAIL;
        let blocked = email && self.normalizer.is_role(identifier.value())
            || own.blocked.iter().any(|pattern| junk::matches(pattern, identifier.value()));
        (!identifier.is_fact() && weight != MatchWeight::ZERO && !blocked).then_some(weight)
    }

    /// Whether different values of a namespace mean different parties.
    pub(crate) fn is_telling(&self, namespace: &Namespace) -> bool {
        self.policy.namespace(namespace).exclusive.is_some_and(|e| e.most == 1 && e.within_days.is_none())
    }

    /// How many different parties the carriers of an identifier show.
    fn parties_on(&self, identifier: &Identifier) -> u32 {
        let (mut initials, mut values) = (BTreeSet::new(), BTreeMap::<_, BTreeSet<_>>::new());
        for party in self.parties.iter().filter(|party| party.carries.contains_key(identifier)) {
            for shown in party.carries.keys() {
                if *shown.namespace() == Namespace::NAME {
                    initials.extend(initial(shown.value()));
                } else if *shown.namespace() == Namespace::BIRTH || self.is_telling(shown.namespace()) {
                    values.entry(shown.namespace()).or_default().insert(shown.value());
                }
            }
        }
        let most = values.values().map(BTreeSet::len).max().unwrap_or(0);
        most.max(initials.len()).max(1) as u32
    }

    /// The weight of a shared identifier; none where it joins nobody.
    pub(crate) fn weight(&self, identifier: &Identifier) -> Option<MatchWeight> {
        let weight = self.base_weight(identifier)?;
        let parties = self.parties_on(identifier);
        let limit = self.policy.namespace(identifier.namespace()).sharing_limit;
        (parties <= limit).then(|| weight - MatchWeight::from_bits(f64::from(parties).log2()))
    }

    /// The largest customers, and the identifiers that most share.
    pub(crate) fn largest(&self) -> Largest {
        const LISTED: usize = 10;
        let sized = self.customers.values().map(|one| (one.id, one.records.len() as u64));
        let mut customers: Vec<SizedCustomer> = sized
            .filter(|(_, records)| *records > 1)
            .map(|(id, records)| SizedCustomer { id, records })
            .collect();
        customers.sort_by_key(|one| (Reverse(one.records), one.id));
        customers.truncate(LISTED);
        let carried: BTreeSet<&Identifier> =
            self.parties.iter().flat_map(|party| party.carries.keys()).filter(|one| !one.is_fact()).collect();
        let joining = carried.into_iter().filter(|one| self.weight(one).is_some());
        let mut shared: Vec<SharedIdentifier> = joining
            .map(|one| SharedIdentifier {
                identifier: one.clone(),
                records: self.parties.iter().filter(|party| party.carries.contains_key(one)).count() as u64,
                parties: self.parties_on(one).into(),
                limit: self.policy.namespace(one.namespace()).sharing_limit.into(),
            })
            .filter(|one| one.records > 1)
            .collect();
        let name = |one: &SharedIdentifier| {
            (one.identifier.namespace().as_str().to_owned(), one.identifier.value().to_owned())
        };
        shared.sort_by_key(|one| (Reverse(one.records), name(one)));
        let most_carried = shared.iter().take(LISTED).cloned().collect();
        shared.retain(|one| one.parties > 1);
        shared.sort_by_key(|one| (one.limit - one.parties, Reverse(one.records), name(one)));
        shared.truncate(LISTED);
        Largest { customers, most_carried, nearest_limit: shared }
    }

    pub(crate) fn customer_of(&self, key: &RecordKey) -> Option<CustomerId> {
        self.customers.values().find(|customer| customer.records.contains(key)).map(|customer| customer.id)
    }

    /// Who an identifier stands for.
    pub(crate) fn resolve(&self, identifier: &Identifier) -> Who {
        let carriers: Vec<&Party> =
            self.parties.iter().filter(|party| party.carries.contains_key(identifier)).collect();
        if carriers.is_empty() {
            return match identifier.named_record() {
                Some(key) => self.resolve_record(&key),
                None => Who::Nobody,
            };
        }
        let customers: BTreeSet<CustomerId> =
            carriers.iter().filter_map(|party| self.customer_of(&party.key)).collect();
        match (customers.len(), self.weight(identifier)) {
            (0, _) => Who::Nobody,
            (1, Some(_)) => Who::One(customers.into_iter().next().expect("there is one")),
            _ => Who::Several(customers),
        }
    }

    /// Whose a record is, or who shares its identifiers where it identifies nobody.
    pub(crate) fn resolve_record(&self, key: &RecordKey) -> Who {
        if let Some(id) = self.customer_of(key) {
            return Who::One(id);
        }
        let Some(place) = self.place(key) else { return Who::Nobody };
        let mut found = BTreeSet::new();
        for identifier in self.parties[place].carries.keys().filter(|identifier| !identifier.is_fact()) {
            let carriers = self.parties.iter().filter(|party| party.carries.contains_key(identifier));
            found.extend(carriers.filter_map(|party| self.customer_of(&party.key)));
        }
        if found.is_empty() { Who::Nobody } else { Who::Several(found) }
    }

    /// The records on which an interaction hangs.
    pub(crate) fn records_of(&self, interaction: &Interaction) -> Vec<RecordKey> {
        customers_in(interaction).filter_map(|p| implied_key(&interaction.key.source, &p.claims)).collect()
    }

    /// The customers on whose records an interaction hangs.
    pub(crate) fn customers_on(&self, interaction: &Interaction) -> BTreeSet<CustomerId> {
        self.records_of(interaction).iter().filter_map(|key| self.customer_of(key)).collect()
    }

    /// A customer's interactions, earliest first, each with the record on which it hangs.
    pub(crate) fn timeline(&self, id: CustomerId) -> Vec<(Interaction, RecordKey)> {
        let Some(customer) = self.customers.get(&id) else { return Vec::new() };
        let mut items: Vec<(Interaction, RecordKey)> = self
            .interactions
            .iter()
            .filter_map(|interaction| {
                let records = self.records_of(interaction);
                let own = records.into_iter().find(|key| customer.records.contains(key))?;
                Some((interaction.clone(), own))
            })
            .collect();
        items.sort_by(|(a, _), (b, _)| (a.start, &a.key).cmp(&(b.start, &b.key)));
        items
    }
}

/// The initial of the given name in a canonical name.
pub(crate) fn initial(name: &str) -> Option<char> {
    name.split('|').next()?.chars().next()
}

fn claims_of<'a>(claims: impl Iterator<Item = &'a Claim>, into: &mut BTreeMap<Identifier, bool>) {
    for claim in claims {
        let sure = claim.verification == Verification::Authenticated && !claim.identifier.is_fact();
        *into.entry(claim.identifier.clone()).or_default() |= sure;
    }
}

/// Stated and implied records, in order.
fn parties(records: Vec<&Record>, interactions: &[Interaction]) -> Vec<Party> {
    let mut implied: BTreeMap<RecordKey, Party> = BTreeMap::new();
    for interaction in interactions {
        let start = interaction.start.micros();
        for participant in customers_in(interaction) {
            let Some(key) = implied_key(&interaction.key.source, &participant.claims) else { continue };
            let party = implied.entry(key.clone()).or_insert_with(|| Party {
                key,
                implied: true,
                observed: start,
                last: start,
                kind: PartyKind::Unknown,
                carries: BTreeMap::new(),
            });
            party.observed = party.observed.min(start);
            party.last = party.last.max(start);
            claims_of(participant.claims.iter(), &mut party.carries);
        }
    }
    for party in implied.values_mut() {
        for namespace in [Namespace::NAME, Namespace::BIRTH] {
            let facts = party.carries.keys().filter(|identifier| *identifier.namespace() == namespace);
            // Identifiers of one namespace are in the order of their values.
            let surplus: Vec<Identifier> = facts.skip(MAX_FACTS).cloned().collect();
            surplus.iter().for_each(|fact| _ = party.carries.remove(fact));
        }
    }
    let mut all: Vec<Party> = records
        .into_iter()
        .map(|record| {
            let mut carries = BTreeMap::new();
            claims_of(record.claims.iter(), &mut carries);
            let own = Identifier::record(&record.key);
            if implied.values().any(|party| party.carries.contains_key(&own)) {
                carries.entry(own).or_default();
            }
            Party {
                key: record.key.clone(),
                implied: false,
                observed: record.observed_at.micros(),
                last: record.observed_at.micros(),
                kind: record.kind,
                carries,
            }
        })
        .collect();
    all.extend(implied.into_values());
    all.sort_by(|a, b| (a.observed, &a.key).cmp(&(b.observed, &b.key)));
    all
}
