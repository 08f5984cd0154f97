//! One component with its decisions, and what is needed to name its parts.

use super::{
    Compared, EvidenceRef, Step, Word,
    path::{Hop, Link, Links},
};
use crate::{
    engine::Engine,
    error::Result,
    graph::{Component, Contraction, Decision, Evidence, MatchWeight, NONE, Symbol, View, contract},
    normalize::name,
    record::{Identifier, Input, Namespace, RecordKey, Timestamp, Verdict},
};
use std::collections::HashMap;

/// The most carriers that are looked at to count the parties on an identifier that joins nobody.
const MAX_CARRIERS: usize = 1024;

/// A component, decided.
pub(super) struct Case<'a> {
    pub(super) engine: &'a Engine,
    pub(super) view: View<'a>,
    pub(super) component: Component,
    pub(super) decided: Contraction,
    /// For each record the one whose cluster took it in, and the decision that did; none for founders.
    above: Vec<Option<(u32, usize)>>,
}

impl<'a> Case<'a> {
    /// The component of a record that is there.
    pub(super) fn around(engine: &'a Engine, view: View<'a>, row: u32) -> Option<Self> {
        let component = Component::around(&view, row)?;
        let decided = contract(&component, &view, true);
        let mut above = vec![None; component.records.len()];
        for (at, decision) in decided.decisions.iter().enumerate() {
            if decision.refused.is_none() {
                let (elder, younger) = (decision.left.min(decision.right), decision.left.max(decision.right));
                above[younger as usize] = Some((elder, at));
            }
        }
        Some(Case { engine, view, component, decided, above })
    }

    pub(super) fn place(&self, row: u32) -> Option<u32> {
        self.component.records.iter().position(|member| member.row == row).map(|place| place as u32)
    }

    pub(super) fn key(&self, place: u32) -> RecordKey {
        self.view.identity.key(self.component.records[place as usize].row)
    }

    pub(super) fn cluster(&self, place: u32) -> u32 {
        self.decided.cluster[place as usize]
    }

    /// The rows of the members of a cluster.
    pub(super) fn members(&self, cluster: u32) -> impl Iterator<Item = u32> {
        let all = self.decided.cluster.iter().zip(&self.component.records);
        all.filter(move |&(&own, _)| own == cluster).map(|(_, member)| member.row)
    }

    /// What somebody said of two records.
    pub(super) fn word(&self, a: u32, b: u32, verdict: Verdict) -> Result<Word> {
        let row = |place: u32| self.component.records[place as usize].row;
        word(self.engine, &self.view, row(a), row(b), verdict)
    }

    pub(super) fn evidence(&self, evidence: Evidence) -> Result<EvidenceRef> {
        Ok(match evidence {
            Evidence::Same(place) => {
                let (a, b) = self.component.same[place as usize];
                EvidenceRef::Word(self.word(a, b, Verdict::Same)?)
            }
            Evidence::Shared(place) => {
                let row = self.component.shared[place as usize].identifier;
                EvidenceRef::Identifier { identifier: identifier(&self.view, row) }
            }
        })
    }

    /// The evidence inside a cluster.
    pub(super) fn links(&self, cluster: u32) -> Links {
        let inside = |record: u32| self.cluster(record) == cluster;
        let words = self.component.same.iter().enumerate().filter(|(_, (a, b))| inside(*a) && inside(*b));
        let words = words.map(|(place, &(a, b))| Link {
            evidence: Evidence::Same(place as u32),
            strength: MatchWeight::from_bits(1000.0),
            records: vec![a, b],
        });
        let shared = self.component.shared.iter().enumerate().filter_map(|(place, shared)| {
            let carriers = shared.carriers.iter().map(|&(record, _)| record);
            let records: Vec<u32> = carriers.filter(|&record| inside(record)).collect();
            let evidence = Evidence::Shared(place as u32);
            (records.len() > 1).then_some(Link { evidence, strength: shared.weight, records })
        });
        Links::new(self.component.records.len(), words.chain(shared).collect())
    }

    /// The decision that brought two records of one cluster together.
    pub(super) fn joined_by(&self, mut a: u32, mut b: u32) -> Option<&Decision> {
        let mut last = None;
        // Clusters are taken in ever later on the way up, so the earlier step is always taken first.
        while a != b {
            let time = |record: u32| self.above[record as usize].map_or(usize::MAX, |(_, at)| at);
            if time(b) < time(a) {
                std::mem::swap(&mut a, &mut b);
            }
            let (next, at) = self.above[a as usize]?;
            (a, last) = (next, Some(at));
        }
        self.decided.decisions.get(last?)
    }

    pub(super) fn step(&self, links: &Links, hop: Hop) -> Result<Step> {
        let evidence = links.evidence[hop.evidence].evidence;
        let (mut weight, mut parties, mut authenticated) = (None, 1, false);
        if let Evidence::Shared(place) = evidence {
            let shared = &self.component.shared[place as usize];
            let vouched = |record: u32| shared.carriers.iter().any(|&(own, auth)| own == record && auth);
            authenticated = vouched(hop.from) && vouched(hop.to);
            weight = Some(shared.weight);
            parties = parties_on(&self.view, shared.identifier);
        }
        let total = match evidence {
            Evidence::Same(_) => None,
            Evidence::Shared(_) => self.joined_by(hop.from, hop.to).and_then(|decision| decision.total),
        };
        Ok(Step {
            from: self.key(hop.from),
            to: self.key(hop.to),
            evidence: self.evidence(evidence)?,
            weight,
            parties,
            authenticated,
            total,
            probability: total.map_or(1.0, MatchWeight::probability),
        })
    }

    /// Whether two records are parted once this evidence is gone, decided anew.
    pub(super) fn parts(&self, links: &Links, without: &[usize], a: u32, b: u32) -> bool {
        let gone: Vec<Evidence> = without.iter().map(|&at| links.evidence[at].evidence).collect();
        let same = self.component.same.iter().enumerate();
        let same = same.filter(|(place, _)| !gone.contains(&Evidence::Same(*place as u32)));
        let shared = self.component.shared.iter().enumerate();
        let shared = shared.filter(|(place, _)| !gone.contains(&Evidence::Shared(*place as u32)));
        let component = Component {
            records: self.component.records.clone(),
            shared: shared.map(|(_, shared)| shared.clone()).collect(),
            same: same.map(|(_, &pair)| pair).collect(),
            different: self.component.different.clone(),
            own: self.component.own.clone(),
        };
        // Decided with a trace, since the shortcut for components without guards takes them to be connected.
        let decided = contract(&component, &self.view, true);
        decided.cluster[a as usize] != decided.cluster[b as usize]
    }
}

/// An identifier by its row.
pub(super) fn identifier(view: &View<'_>, row: u32) -> Identifier {
    let held = &view.identity.identifiers[row];
    let namespace = namespace(view, held.namespace);
    Identifier::canonical(namespace, view.identity.texts.get(held.value).to_owned())
}

pub(super) fn namespace(view: &View<'_>, symbol: Symbol) -> Namespace {
    Namespace::new(view.identity.namespaces.name(symbol)).unwrap_or(Namespace::RECORD)
}

/// How many different parties the carriers of an identifier show.
pub(super) fn parties_on(view: &View<'_>, identifier: u32) -> u32 {
    let mut crowd = crate::graph::Crowd::default();
    for cell in view.carriers(identifier).take(MAX_CARRIERS) {
        view.show(cell.record, &mut crowd);
    }
    view.parties(&crowd)
}

/// What somebody said of two records.
pub(super) fn word(engine: &Engine, view: &View<'_>, a: u32, b: u32, verdict: Verdict) -> Result<Word> {
    let held = view.assertions(a).find(|&(other, said, _)| other == b && said == verdict);
    let input = held.map_or(NONE, |(_, _, row)| row.from);
    let at = Timestamp::from_micros(held.map_or(0, |(_, _, row)| row.at)).unwrap_or_default();
    let (by, note) = match engine.input(input)? {
        Some(Input::Assertion(assertion)) => (assertion.by, assertion.note),
        _ => (String::new(), None),
    };
    Ok(Word { a: view.identity.key(a), b: view.identity.key(b), verdict, by, at, note })
}

/// Everything that speaks for or against two records being one customer, by themselves.
pub(super) fn compare(engine: &Engine, view: &View<'_>, a: u32, b: u32) -> Result<Vec<Compared>> {
    let mut found = Vec::new();
    if a == b {
        return Ok(found);
    }
    for verdict in [Verdict::Same, Verdict::Different] {
        if view.assertions(a).any(|(other, said, _)| other == b && said == verdict) {
            found.push(Compared::Said(word(engine, view, a, b, verdict)?));
        }
    }
    let claims = |record: u32| {
        let mut by_namespace: HashMap<Symbol, Vec<(u32, bool)>> = HashMap::new();
        for cell in view.claims(record) {
            let own = by_namespace.entry(view.identity.identifiers[cell.identifier].namespace).or_default();
            own.push((cell.identifier, cell.flags.authenticated));
        }
        by_namespace
    };
    let (left, right) = (claims(a), claims(b));
    let mut both: Vec<Symbol> = left.keys().copied().filter(|symbol| right.contains_key(symbol)).collect();
    both.sort_unstable_by_key(|&symbol| {
        (std::cmp::Reverse(view.rules.of(symbol).weight), view.identity.namespaces.name(symbol))
    });
    for symbol in both {
        let (mine, theirs, rule) = (&left[&symbol], &right[&symbol], view.rules.of(symbol));
        let text = |row: u32| view.identity.texts.get(view.identity.identifiers[row].value);
        let mut common: Vec<(u32, bool)> = mine
            .iter()
            .filter_map(|&(row, vouched)| {
                theirs.iter().find(|&&(other, _)| other == row).map(|&(_, too)| (row, vouched && too))
            })
            .collect();
        common.sort_unstable_by_key(|&(row, _)| text(row));
        for &(row, authenticated) in &common {
            let identifier = identifier(view, row);
            found.push(if rule.fact {
                Compared::Agrees { fact: identifier }
            } else {
                let (weight, parties) = (view.weight(row), parties_on(view, row));
                Compared::Shared { identifier, weight, parties, authenticated }
            });
        }
        let conflicts = |x: u32, y: u32| Some(symbol) != view.rules.name || name::conflict(text(x), text(y));
        let all = mine.iter().all(|&(x, _)| theirs.iter().all(|&(y, _)| conflicts(x, y)));
        if common.is_empty() && rule.telling && all {
            let texts = |rows: &[(u32, bool)]| {
                let mut texts: Vec<String> = rows.iter().map(|&(row, _)| text(row).to_owned()).collect();
                texts.sort_unstable();
                texts
            };
            found.push(Compared::Contradicts {
                namespace: namespace(view, symbol),
                a: texts(mine),
                b: texts(theirs),
                weight: rule.fact.then(|| MatchWeight::ZERO - rule.contradiction),
            });
        }
    }
    Ok(found)
}
