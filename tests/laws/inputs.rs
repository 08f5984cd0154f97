//! Random inputs from small pools, so that identifiers, keys and times collide.

use proptest::{collection::vec, option, prelude::*, sample::select};
use std::{fmt, sync::LazyLock};
use stitchline::{
    Assertion, Channel, Claim, Direction, Exclusive, Identifier, Input, Interaction, InteractionKey,
    Namespace, NamespacePolicy, Participant, PartyKind, Policy, Record, RecordKey, Relation, Role, Timestamp,
    Verdict, Verification, record::implied_key,
};

/// Noon of so many half days after the first of January.
pub(crate) fn at(half_days: i64) -> Timestamp {
    Timestamp::from_micros(1_767_268_800_000_000 + half_days * 43_200_000_000).expect("within range")
}

pub(crate) const SOURCES: [&str; 3] = ["calls", "crm", "web"];

/// Keys of stated records.
pub(crate) static RECORDS: LazyLock<Vec<RecordKey>> = LazyLock::new(|| {
    let keys = [
        ("crm", "r1"),
        ("crm", "r2"),
        ("crm", "r3"),
        ("crm", "r4"),
        ("web", "r1"),
        ("web", "r2"),
        ("a/b%", "r"),
    ];
    keys.map(|(source, id)| RecordKey::new(source, id)).to_vec()
});

/// Identifiers, without facts and records.
static PLAIN: LazyLock<Vec<Identifier>> = LazyLock::new(|| {
    let phones = ["+442079460101", "+442079460102", "+442079460103"];
    let emails = ["ann@example.com", "bob@example.com", "info@example.com", "desk@example.com"];
    let others = [
        (Namespace::LOGIN, ["u1", "u2", "u3"]),
        (Namespace::CRM, ["c1", "c2", "c3"]),
        (Namespace::new("crm.east").expect("a name"), ["e1", "e2", "blocked-1"]),
        (Namespace::ACCOUNT, ["n11", "n12", "blocked-2"]),
        (Namespace::COOKIE, ["k1", "k2", "k3"]),
        (Namespace::DEVICE, ["d1", "d2", "d3"]),
        (Namespace::new("ticket").expect("a name"), ["t1", "t2", "t3"]),
    ];
    let mut all: Vec<Identifier> =
        phones.iter().map(|raw| Identifier::phone(raw).expect("a number")).collect();
    all.extend(emails.iter().map(|raw| Identifier::email(raw).expect("an address")));
    for (namespace, values) in others {
        let one = |raw: &str| Identifier::opaque(namespace.clone(), raw).expect("an id");
        all.extend(values.iter().map(|raw| one(raw)));
    }
    all
});

static FACTS: LazyLock<Vec<Identifier>> = LazyLock::new(|| {
    let names = [
        ("Ann", "Lee"),
        ("Bob", "Lee"),
        ("Anna", "Smith"),
        ("Lee", "Ann"),
        ("", "Lee"),
        ("Carl", ""),
        ("B", "Lee"),
        ("Dora", "Lee"),
        ("Emil", "Lee"),
        ("Fay", "Lee"),
        ("Gus", "Lee"),
        ("Hal", "Lee"),
    ];
    let births = ["1980-02-03", "1981-02-03", "1982-02-03"];
    let names = names.iter().filter_map(|(given, family)| Identifier::name(given, family));
    names.chain(births.iter().filter_map(|raw| Identifier::birth(raw, false))).collect()
});

static NAMED: LazyLock<Vec<Identifier>> = LazyLock::new(|| RECORDS.iter().map(Identifier::record).collect());

/// All identifiers and facts that inputs carry.
pub(crate) fn all_identifiers() -> impl Iterator<Item = &'static Identifier> {
    PLAIN.iter().chain(FACTS.iter()).chain(NAMED.iter())
}

fn identifier() -> impl Strategy<Value = Identifier> {
    prop_oneof![
        12 => select(PLAIN.as_slice()),
        4 => select(FACTS.as_slice()),
        2 => select(NAMED.as_slice()),
    ]
}

fn claim() -> impl Strategy<Value = Claim> {
    (identifier(), prop::bool::weighted(0.25)).prop_map(|(identifier, sure)| Claim {
        identifier,
        verification: if sure { Verification::Authenticated } else { Verification::Stated },
    })
}

/// Participants whose identifiers recur, so that interactions meet on one implied record.
fn claims() -> impl Strategy<Value = Vec<Claim>> {
    let usual = (select(PLAIN.as_slice()), vec(select(FACTS.as_slice()), 0..3))
        .prop_map(|(one, facts)| std::iter::once(one).chain(facts).map(Claim::from).collect::<Vec<_>>());
    let crowded = (select(PLAIN.as_slice()), vec(select(FACTS.as_slice()), 4..9))
        .prop_map(|(one, facts)| std::iter::once(one).chain(facts).map(Claim::from).collect::<Vec<_>>());
    let naming = (select(NAMED.as_slice()), option::of(claim()))
        .prop_map(|(one, more)| std::iter::once(one.into()).chain(more).collect::<Vec<_>>());
    prop_oneof![5 => usual, 5 => vec(claim(), 0..5), 2 => naming, 1 => crowded]
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0..10i64).prop_map(at)
}

fn record() -> impl Strategy<Value = Input> {
    let kind = prop_oneof![
        6 => Just(PartyKind::Unknown),
        2 => Just(PartyKind::Person),
        1 => Just(PartyKind::Organisation),
    ];
    (select(RECORDS.as_slice()), time(), kind, vec(claim(), 0..5), option::weighted(0.2, 0..2i64)).prop_map(
        |(key, observed_at, kind, claims, tag)| {
            let mut record = Record::new(key.source, key.id, observed_at).kind(kind);
            record.claims = claims;
            match tag {
                Some(tag) => record.attribute("tag", tag).into(),
                None => record.into(),
            }
        },
    )
}

fn participant() -> impl Strategy<Value = Participant> {
    let role = prop_oneof![8 => Just(Role::Customer), 1 => Just(Role::Agent), 1 => Just(Role::Bot)];
    (role, claims()).prop_map(|(role, claims)| Participant { role, claims, ..Participant::default() })
}

fn interaction_key() -> impl Strategy<Value = InteractionKey> {
    (select(&SOURCES[..]), 0..5usize).prop_map(|(source, id)| InteractionKey::new(source, format!("i{id}")))
}

fn interaction() -> impl Strategy<Value = Input> {
    let several =
        prop_oneof![6 => vec(participant(), 1..2), 3 => vec(participant(), 2..4), 1 => Just(Vec::new())];
    let channel = select(vec![Channel::Voice, Channel::Chat, Channel::Email, Channel::named("kiosk")]);
    let direction = select(vec![Direction::Unknown, Direction::Inbound, Direction::Outbound]);
    let times = (time(), option::weighted(0.2, 0..3i64), option::weighted(0.3, time()));
    (interaction_key(), times, several, channel, direction).prop_map(
        |(key, (start, length, observed_at), participants, channel, direction)| {
            let mut new = Interaction::new(key.source, key.id, start).channel(channel).direction(direction);
            new.end = length.map(|hours| start.plus_micros(hours * 3_600_000_000));
            new.talk_ms = length.map(|hours| hours as u64);
            new.observed_at = observed_at;
            new.participants = participants;
            new.into()
        },
    )
}

/// Keys that assertions and relations speak of: of stated records, and of some implied ones.
fn any_key() -> impl Strategy<Value = RecordKey> {
    let implied = (select(&SOURCES[..]), select(PLAIN.as_slice()))
        .prop_map(|(source, one)| implied_key(source, &[one.into()]).expect("it is no fact"));
    prop_oneof![4 => select(RECORDS.as_slice()), 1 => implied]
}

fn assertion() -> impl Strategy<Value = Option<Input>> {
    let verdict =
        prop_oneof![3 => Just(Verdict::Same), 3 => Just(Verdict::Different), 2 => Just(Verdict::Retracted)];
    (any_key(), any_key(), verdict, time()).prop_map(|(a, b, verdict, at)| {
        (a != b).then(|| Assertion { a, b, verdict, by: "steward".to_owned(), at, note: None }.into())
    })
}

fn relation() -> impl Strategy<Value = Input> {
    (any_key(), any_key(), time(), any::<bool>()).prop_map(|(from, to, observed_at, holds)| {
        let kind = "member_of".to_owned();
        Relation { from, to, kind, role: None, observed_at, holds, attributes: Default::default() }.into()
    })
}

fn deletion() -> impl Strategy<Value = Input> {
    let of_record =
        (select(RECORDS.as_slice()), time()).prop_map(|(key, at)| Input::DeleteRecord { key, at });
    let of_interaction =
        (interaction_key(), time()).prop_map(|(key, at)| Input::DeleteInteraction { key, at });
    prop_oneof![of_record, of_interaction]
}

/// An input, or an earlier one delivered again.
#[derive(Debug, Clone)]
enum Step {
    New(Box<Input>),
    Again(prop::sample::Index),
}

fn fresh(input: Input) -> Step {
    Step::New(Box::new(input))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        7 => record().prop_map(fresh),
        8 => interaction().prop_map(fresh),
        2 => assertion().prop_filter_map("two records", |input| input.map(fresh)),
        1 => relation().prop_map(fresh),
        2 => deletion().prop_map(fresh),
        1 => any::<prop::sample::Index>().prop_map(Step::Again),
    ]
}

fn namespace_policy() -> impl Strategy<Value = NamespacePolicy> {
    let weight = select(vec![0.0, 0.5, 8.0, 16.0, 23.9, 24.0, 25.0, 26.0, 26.0, 28.0, 28.0, 36.0, 36.0]);
    let exclusive = prop_oneof![
        4 => Just(None),
        2 => Just(Some(Exclusive { most: 1, within_days: None })),
        1 => Just(Some(Exclusive { most: 2, within_days: None })),
        1 => (1..3u32, 1..3u32).prop_map(|(most, days)| Some(Exclusive { most, within_days: Some(days) })),
    ];
    (weight, 0..3i32, 1..5u32, exclusive, select(vec![0.0, 5.0, 10.0, 40.0]), prop::bool::weighted(0.3))
        .prop_map(|(weight_bits, priority, sharing_limit, exclusive, contradiction_bits, blocks)| {
            NamespacePolicy {
                weight_bits,
                priority,
                sharing_limit,
                exclusive,
                contradiction_bits,
                blocked: if blocks { vec!["blocked*".to_owned()] } else { Vec::new() },
                allowed: Vec::new(),
            }
        })
}

const NAMESPACES: [&str; 11] =
    ["phone", "email", "login", "crm", "account", "cookie", "device", "ticket", "record", "name", "birth"];

/// The default policy, or one with everything at random.
pub(crate) fn policy() -> impl Strategy<Value = Policy> {
    let random = (
        vec(namespace_policy(), NAMESPACES.len()),
        option::weighted(0.3, namespace_policy()),
        select(vec![-20.0, -20.0, -20.0, -10.0, 0.0, 6.0]),
        select(vec![4.0, 4.0, 0.0, -3.0]),
        any::<bool>(),
    );
    let random = random.prop_map(|(mut own, east, prior_bits, authenticated_bits, roles)| {
        let mut policy = Policy { prior_bits, authenticated_bits, ..Policy::default() };
        if roles {
            policy.email.roles = vec!["Desk".to_owned()];
        }
        if let Some(east) = east {
            policy
                .namespaces
                .insert("crm.east".to_owned(), NamespacePolicy { contradiction_bits: 0.0, ..east });
        }
        for name in NAMESPACES {
            let own = own.pop().expect("one for each");
            // What has no effect on facts is refused, and the other way round.
            let own = match name {
                "name" | "birth" => NamespacePolicy {
                    weight_bits: 0.0,
                    exclusive: own.exclusive,
                    contradiction_bits: own.contradiction_bits,
                    ..NamespacePolicy::default()
                },
                _ => NamespacePolicy { contradiction_bits: 0.0, ..own },
            };
            policy.namespaces.insert(name.to_owned(), own);
        }
        policy
    });
    prop_oneof![1 => Just(Policy::default()), 4 => random]
}

/// A policy, inputs in batches, and a seed for whatever else a law needs at random.
#[derive(Clone)]
pub(crate) struct Scenario {
    pub(crate) policy: Policy,
    pub(crate) batches: Vec<Vec<Input>>,
    pub(crate) seed: u64,
}

impl Scenario {
    /// All inputs in the order of arrival.
    pub(crate) fn inputs(&self) -> Vec<Input> {
        self.batches.iter().flatten().cloned().collect()
    }

    /// The inputs in the form that the command line reads, a line each.
    pub(crate) fn lines(&self) -> String {
        let lines = self.batches.iter().flatten();
        lines.map(|input| serde_json::to_string(input).expect("inputs have a text form") + "\n").collect()
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<usize> = self.batches.iter().map(Vec::len).collect();
        write!(f, "batches of {sizes:?}, seed {}\n{}", self.seed, self.lines())
    }
}

/// At most `most` inputs in batches of random sizes.
pub(crate) fn scenario(most: usize) -> impl Strategy<Value = Scenario> {
    let sizes = vec(prop_oneof![3 => 1..2usize, 2 => 2..6usize, 1 => 6..40usize], most);
    (policy(), vec(step(), 1..most), sizes, any::<u64>()).prop_map(|(policy, steps, sizes, seed)| {
        let mut inputs: Vec<Input> = Vec::new();
        for step in steps {
            match step {
                Step::New(input) => inputs.push(*input),
                Step::Again(_) if inputs.is_empty() => {}
                Step::Again(which) => inputs.push(which.get(&inputs).clone()),
            }
        }
        let mut rest = inputs.into_iter();
        let batches = sizes.into_iter().map(|size| rest.by_ref().take(size).collect::<Vec<_>>());
        let batches = batches.filter(|batch| !batch.is_empty()).collect();
        Scenario { policy, batches, seed }
    })
}

/// A small generator for shuffles, so that a law needs no other randomness than its scenario.
pub(crate) struct Shuffle(pub(crate) u64);

impl Shuffle {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Cuts items into batches of random sizes.
    pub(crate) fn batches<T>(&mut self, items: Vec<T>) -> Vec<Vec<T>> {
        let mut rest = items.into_iter().peekable();
        let mut batches = Vec::new();
        while rest.peek().is_some() {
            let size = 1 + [0, 0, 2, 5, 50][self.below(5)];
            batches.push(rest.by_ref().take(size).collect());
        }
        batches
    }
}
