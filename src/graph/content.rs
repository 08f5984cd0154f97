//! What a cluster shows: the values that guards compare.

use super::{Component, Rules, Symbol, View, view::initial};
use crate::{normalize::name, record::PartyKind};

/// What the records of one cluster show, taken together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    pub(crate) person: bool,
    pub(crate) organisation: bool,
    /// Facts and exclusive values in order: (namespace, identifier, group of co-stated values, first, last).
    pub(crate) values: Vec<Shown>,
}

/// One value and when it was observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) namespace: Symbol,
    pub(crate) identifier: u32,
    /// The least identifier among values of the namespace that some record states together.
    pub(crate) group: u32,
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Content {
    /// Of one record.
    pub(crate) fn of(component: &Component, record: u32) -> Self {
        let member = &component.records[record as usize];
        let mut values = Vec::with_capacity(member.shows.len());
        for together in member.shows.chunk_by(|a, b| a.0 == b.0) {
            let group = together[0].1;
            values.extend(together.iter().map(|&(namespace, identifier)| Shown {
                namespace,
                identifier,
                group,
                first: member.observed,
                last: member.last,
            }));
        }
        Content {
            person: member.kind == PartyKind::Person,
            organisation: member.kind == PartyKind::Organisation,
            values,
        }
    }

    /// Whether it shows anything that a guard could object to.
    pub(crate) fn is_blank(&self) -> bool {
        self.values.is_empty() && !self.person && !self.organisation
    }

    /// Adds what another cluster shows.
    pub(crate) fn absorb(&mut self, other: &Content) {
        self.person |= other.person;
        self.organisation |= other.organisation;
        for shown in &other.values {
            let key = (shown.namespace, shown.identifier);
            match self.values.binary_search_by_key(&key, |own| (own.namespace, own.identifier)) {
                Err(at) => self.values.insert(at, *shown),
                Ok(at) => {
                    let (mine, theirs) = (self.values[at].group, shown.group);
                    let own = &mut self.values[at];
                    own.first = own.first.min(shown.first);
                    own.last = own.last.max(shown.last);
                    if mine != theirs {
                        self.join_groups(shown.namespace, mine, theirs);
                    }
                }
            }
        }
        // A group is named by a member, which is here by now, perhaps in a group of another name.
        for shown in &other.values {
            let group = |identifier: u32| {
                let key = (shown.namespace, identifier);
                let at = self.values.binary_search_by_key(&key, |own| (own.namespace, own.identifier));
                at.map_or(shown.group, |at| self.values[at].group)
            };
            let (mine, theirs) = (group(shown.identifier), group(shown.group));
            if mine != theirs {
                self.join_groups(shown.namespace, mine, theirs);
            }
        }
    }

    fn join_groups(&mut self, namespace: Symbol, a: u32, b: u32) {
        for own in self
            .values
            .iter_mut()
            .filter(|own| own.namespace == namespace && (own.group == a || own.group == b))
        {
            own.group = a.min(b);
        }
    }

    /// The values of one namespace.
    pub(crate) fn of_namespace(&self, namespace: Symbol) -> &[Shown] {
        let start = self.values.partition_point(|shown| shown.namespace < namespace);
        let len = self.values[start..].partition_point(|shown| shown.namespace == namespace);
        &self.values[start..start + len]
    }

    /// The first exclusive namespace (by name) that both together exceed: it, and how many values there would be.
    pub(crate) fn exceeds(&self, other: &Content, view: &View<'_>) -> Option<(Symbol, u32)> {
        let mut worst: Option<(Symbol, u32)> = None;
        for mine in self.values.chunk_by(|a, b| a.namespace == b.namespace) {
            let namespace = mine[0].namespace;
            let Some(exclusive) = view.rules.of(namespace).exclusive else { continue };
            let theirs = other.of_namespace(namespace);
            if theirs.is_empty() {
                continue;
            }
            let mut both = Content { values: mine.to_vec(), ..Content::default() };
            both.absorb(&Content { values: theirs.to_vec(), ..Content::default() });
            let count = both.most_within(exclusive.within_days);
            let name = |symbol| view.identity.namespaces.name(symbol);
            if count > exclusive.most && worst.is_none_or(|(known, _)| name(namespace) < name(known)) {
                worst = Some((namespace, count));
            }
        }
        worst
    }

    /// The most groups of values seen within a window of so many days, or ever.
    fn most_within(&self, days: Option<u32>) -> u32 {
        let mut groups: Vec<(u32, i64, i64)> =
            self.values.iter().map(|v| (v.group, v.first, v.last)).collect();
        groups.sort_unstable();
        groups.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.2 = kept.2.max(next.2);
            }
            same
        });
        let Some(days) = days else { return groups.len() as u32 };
        let window = i64::from(days).saturating_mul(86_400_000_000);
        // A window that holds the most can be moved until it begins where some value was last seen.
        let within = |begin: i64| {
            groups.iter().filter(|g| g.2 >= begin && g.1 <= begin.saturating_add(window)).count()
        };
        groups.iter().map(|g| within(g.2)).max().unwrap_or(0) as u32
    }

    /// The facts that speak against one customer: namespaces in which both show values and none agree.
    pub(crate) fn contradictions(&self, other: &Content, view: &View<'_>) -> Vec<Symbol> {
        let mut found = Vec::new();
        for mine in self.values.chunk_by(|a, b| a.namespace == b.namespace) {
            let namespace = mine[0].namespace;
            if !view.rules.of(namespace).fact {
                continue;
            }
            let theirs = other.of_namespace(namespace);
            let text =
                |shown: &Shown| view.identity.texts.get(view.identity.identifiers[shown.identifier].value);
            let conflict = |a: &Shown, b: &Shown| {
                if Some(namespace) == view.rules.name {
                    name::conflict(text(a), text(b))
                } else {
                    a.identifier != b.identifier
                }
            };
            if !theirs.is_empty() && mine.iter().all(|a| theirs.iter().all(|b| conflict(a, b))) {
                found.push(namespace);
            }
        }
        // Their numbers depend on which came first.
        found.sort_unstable_by_key(|&namespace| view.identity.namespaces.name(namespace));
        found
    }

    /// How many different parties it shows, as far as values can tell.
    pub(crate) fn parties(&self, view: &View<'_>, rules: &Rules) -> u32 {
        let mut most = 1;
        for values in self.values.chunk_by(|a, b| a.namespace == b.namespace) {
            let count = if Some(values[0].namespace) == rules.name {
                let text = |shown: &Shown| {
                    view.identity.texts.get(view.identity.identifiers[shown.identifier].value)
                };
                let mut initials: Vec<char> =
                    values.iter().filter_map(|shown| initial(text(shown))).collect();
                initials.sort_unstable();
                initials.dedup();
                initials.len()
            } else if rules.of(values[0].namespace).telling {
                let mut groups: Vec<u32> = values.iter().map(|shown| shown.group).collect();
                groups.sort_unstable();
                groups.dedup();
                groups.len()
            } else {
                0
            };
            most = most.max(count as u32);
        }
        most
    }
}
