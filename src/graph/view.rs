//! The graph as it is now, or as it was after an earlier input.

use super::{
    Identity, MatchWeight, NONE, RecordFlags, Rules,
    tables::{AssertionRow, Cell, Crowd},
};
use crate::record::{PartyKind, Verdict};

/// What the decision needs to know of a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) observed: i64,
    pub(crate) last: i64,
    pub(crate) kind: PartyKind,
    pub(crate) implied: bool,
}

/// When an implied record was first and last seen, after that input.
pub(crate) type Times<'a> = &'a dyn Fn(u32, u32) -> (i64, i64);

/// Reads the tables as of an input, or as of now.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) rules: &'a Rules,
    as_of: Option<(u32, Times<'a>)>,
}

impl<'a> View<'a> {
    pub(crate) fn now(identity: &'a Identity, rules: &'a Rules) -> Self {
        View { identity, rules, as_of: None }
    }

    /// As after input `at`.
    pub(crate) fn as_of(identity: &'a Identity, rules: &'a Rules, at: u32, times: Times<'a>) -> Self {
        View { identity, rules, as_of: Some((at, times)) }
    }

    fn holds(&self, from: u32, until: u32) -> bool {
        match self.as_of {
            None => until == NONE,
            Some((at, _)) => from <= at && at < until,
        }
    }

    /// The record, if it is there.
    pub(crate) fn record(&self, record: u32) -> Option<Seen> {
        let row = &self.identity.records[record];
        let implied = row.flags.has(RecordFlags::IMPLIED);
        let Some((at, times)) = self.as_of else {
            let seen = Seen { observed: row.observed, last: row.last, kind: row.kind, implied };
            return self.identity.is_present(record).then_some(seen);
        };
        if implied {
            self.claims(record).next()?;
            let (observed, last) = times(record, at);
            return Some(Seen { observed, last, kind: row.kind, implied });
        }
        if row.from <= at {
            let seen = Seen { observed: row.observed, last: row.last, kind: row.kind, implied };
            return row.flags.has(RecordFlags::STATED).then_some(seen);
        }
        let mut older = row.older;
        while let Some(version) = self.identity.older.get(older) {
            if version.from <= at {
                let seen =
                    Seen { observed: version.observed, last: version.observed, kind: version.kind, implied };
                return (at < version.until && version.stated).then_some(seen);
            }
            older = version.older;
        }
        None
    }

    /// The cells of a record.
    pub(crate) fn claims(&self, record: u32) -> impl Iterator<Item = &'a Cell> {
        let view = *self;
        let mut at = self.identity.records[record].first_cell;
        std::iter::from_fn(move || {
            let cell = view.identity.cells.get(at)?;
            at = cell.next_claim;
            Some(cell)
        })
        .filter(move |cell| view.holds(cell.from, cell.until))
    }

    /// The cells of an identifier.
    pub(crate) fn carriers(&self, identifier: u32) -> impl Iterator<Item = &'a Cell> {
        let view = *self;
        self.identity.cells_of(identifier).filter(move |cell| view.holds(cell.from, cell.until))
    }

    /// The words on a record: the other record, and the verdict.
    pub(crate) fn assertions(&self, record: u32) -> impl Iterator<Item = (u32, Verdict, &'a AssertionRow)> {
        let view = *self;
        self.identity
            .asserted
            .iter_from((record, 0))
            .take_while(move |&(of, _)| of == record)
            .map(move |(_, row)| &view.identity.assertions[row])
            .filter(move |row| view.holds(row.from, row.until))
            .map(move |row| (if row.a == record { row.b } else { row.a }, row.verdict, row))
    }

    /// The weight of a shared identifier; none where it joins nobody.
    pub(crate) fn weight(&self, identifier: u32) -> Option<MatchWeight> {
        let row = &self.identity.identifiers[identifier];
        let rule = self.rules.of(row.namespace);
        if rule.weight == MatchWeight::ZERO || row.role {
            return None;
        }
        let parties = match self.as_of {
            None if row.generic => return None,
            None => u32::from(row.parties.max(1)),
            Some(_) => self.parties(&self.crowd(identifier)),
        };
        (parties <= rule.sharing_limit).then(|| rule.weight - MatchWeight::log2(parties))
    }

    /// How many different parties a crowd shows.
    pub(crate) fn parties(&self, crowd: &Crowd) -> u32 {
        let kinds = crowd.values.chunk_by(|a, b| a.0 == b.0).map(<[_]>::len).max().unwrap_or(0);
        (kinds.max(crowd.initials.len()) as u32).max(1)
    }

    /// What the carriers of an identifier show, counted until it is too much.
    pub(crate) fn crowd(&self, identifier: u32) -> Crowd {
        let limit = self.rules.of(self.identity.identifiers[identifier].namespace).sharing_limit;
        let mut crowd = Crowd::default();
        for cell in self.carriers(identifier) {
            self.show(cell.record, &mut crowd);
            if self.parties(&crowd) > limit {
                break;
            }
        }
        crowd
    }

    /// Adds to a crowd what a record shows; true where it was new.
    pub(crate) fn show(&self, record: u32, crowd: &mut Crowd) -> bool {
        let mut added = false;
        for cell in self.claims(record) {
            let row = &self.identity.identifiers[cell.identifier];
            if Some(row.namespace) == self.rules.name {
                if let Some(initial) = initial(self.identity.texts.get(row.value))
                    && let Err(at) = crowd.initials.binary_search(&initial)
                {
                    crowd.initials.insert(at, initial);
                    added = true;
                }
            } else if self.rules.of(row.namespace).telling {
                let value = (row.namespace, cell.identifier);
                if let Err(at) = crowd.values.binary_search(&value) {
                    crowd.values.insert(at, value);
                    added = true;
                }
            }
        }
        added
    }
}

/// The initial of the given name in a canonical name.
pub(crate) fn initial(name: &str) -> Option<char> {
    name.split('|').next()?.chars().next()
}
