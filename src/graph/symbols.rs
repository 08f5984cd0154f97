//! Names that recur on every row (sources, namespaces, kinds, channels) as small numbers.

use crate::error::{Error, Result};
use std::{collections::HashMap, sync::Arc};

/// The number of a name.
pub(crate) type Symbol = u16;

/// Names by number and numbers by name. A clone shares both.
#[derive(Debug, Clone, Default)]
pub(crate) struct Symbols(Arc<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Symbol, foldhash::fast::FixedState>,
    /// The number of a name at a place that follows from its length and its last bytes: most names are found here
    /// without hashing them.
    quick: [Symbol; QUICK],
}

const QUICK: usize = 64;

/// The place of a name in `quick`.
fn quick(name: &str) -> usize {
    let last = name.as_bytes().last_chunk::<2>().map_or(0, |last| u16::from_le_bytes(*last));
    usize::from(last).wrapping_mul(0x9e5).wrapping_add(name.len() * 7) % QUICK
}

impl Default for Inner {
    fn default() -> Self {
        Inner { names: Vec::new(), numbers: HashMap::default(), quick: [Symbol::MAX; QUICK] }
    }
}

impl Symbols {
    /// The number of a name that is known.
    pub(crate) fn find(&self, name: &str) -> Option<Symbol> {
        let quick = self.0.quick[quick(name)];
        match self.0.names.get(usize::from(quick)) {
            Some(known) if **known == *name => Some(quick),
            _ => self.0.numbers.get(name).copied(),
        }
    }

    /// The number of a name, new where it is not known.
    ///
    /// # Errors
    /// Where 65,535 names are known already.
    pub(crate) fn intern(&mut self, name: &str) -> Result<Symbol> {
        if let Some(known) = self.find(name) {
            return Ok(known);
        }
        let full = || {
            Error::invalid("is one of more than 65,535 different names: sources, kinds and channels are few")
        };
        let number =
            Symbol::try_from(self.0.names.len()).ok().filter(|&n| n < Symbol::MAX).ok_or_else(full)?;
        let inner = Arc::make_mut(&mut self.0);
        let name: Arc<str> = name.into();
        inner.quick[quick(&name)] = number;
        inner.names.push(name.clone());
        inner.numbers.insert(name, number);
        Ok(number)
    }

    /// The name.
    pub(crate) fn name(&self, symbol: Symbol) -> &str {
        self.0.names.get(usize::from(symbol)).map_or("", |name| name)
    }

    /// All names in the order of their numbers.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.names.iter().map(|name| &**name)
    }
}
