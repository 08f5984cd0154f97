//! An ordered set of small keys: a B+ tree whose copies share nodes.

use std::sync::Arc;

const LEAF: usize = 128;
const INNER: usize = 64;
/// Fewer keys than this are added one by one.
const FEW: usize = 16;

#[derive(Debug, Clone)]
enum Node<K> {
    Leaf(Vec<K>),
    /// The least key below each child, and the child. The first child also holds what is less than its key.
    Inner(Vec<(K, Arc<Node<K>>)>),
}

/// An ordered set that only grows. Search and insertion take O(log n); a clone shares all nodes.
#[derive(Debug, Clone)]
pub(crate) struct OrdSet<K> {
    root: Arc<Node<K>>,
}

impl<K> Default for OrdSet<K> {
    fn default() -> Self {
        OrdSet { root: Arc::new(Node::Leaf(Vec::new())) }
    }
}

impl<K: Copy + Ord> OrdSet<K> {
    /// Adds a key; false where it was there.
    pub(crate) fn insert(&mut self, key: K) -> bool {
        let (added, split) = insert(&mut self.root, key);
        if let Some((least, right)) = split {
            let left = std::mem::replace(&mut self.root, Arc::new(Node::Leaf(Vec::new())));
            let first = first_key(&left).unwrap_or(key).min(key);
            self.root = Arc::new(Node::Inner(vec![(first, left), (least, right)]));
        }
        added
    }

    /// Adds many keys, which are in order and each there once. Each node is copied and searched once for all of them.
    pub(crate) fn extend_sorted(&mut self, keys: &[K]) {
        if keys.len() < FEW {
            keys.iter().for_each(|&key| {
                self.insert(key);
            });
            return;
        }
        let mut level = extend(&mut self.root, keys);
        while level.len() > 1 {
            level =
                level.chunks(INNER).map(|part| (part[0].0, Arc::new(Node::Inner(part.to_vec())))).collect();
        }
        if let Some((_, root)) = level.pop() {
            self.root = root;
        }
    }

    /// The keys from `low` on that stand in one leaf, in order; empty only where there are none from `low` on.
    pub(crate) fn from(&self, low: K) -> &[K] {
        let mut node = &*self.root;
        let mut next: Option<&Node<K>> = None;
        loop {
            match node {
                Node::Leaf(keys) => {
                    let at = keys.partition_point(|&key| key < low);
                    if at < keys.len() {
                        return &keys[at..];
                    }
                    let Some(mut node) = next else { return &[] };
                    loop {
                        match node {
                            Node::Leaf(keys) => return keys,
                            Node::Inner(children) => node = &children[0].1,
                        }
                    }
                }
                Node::Inner(children) => {
                    let at = child_of(children, low);
                    if let Some((_, after)) = children.get(at + 1) {
                        next = Some(after);
                    }
                    node = &children[at].1;
                }
            }
        }
    }

    /// The keys below `high` that stand in one leaf, in order; empty only where there are none below `high`.
    pub(crate) fn below(&self, high: K) -> &[K] {
        let mut node = &*self.root;
        let mut previous: Option<&Node<K>> = None;
        loop {
            match node {
                Node::Leaf(keys) => {
                    let at = keys.partition_point(|&key| key < high);
                    if at > 0 {
                        return &keys[..at];
                    }
                    let Some(mut node) = previous else { return &[] };
                    loop {
                        match node {
                            Node::Leaf(keys) => return keys,
                            Node::Inner(children) => node = &children[children.len() - 1].1,
                        }
                    }
                }
                Node::Inner(children) => {
                    let at = child_of(children, high);
                    if at > 0 {
                        previous = Some(&children[at - 1].1);
                    }
                    node = &children[at].1;
                }
            }
        }
    }

    /// Whether all keys stand in one leaf.
    pub(crate) fn is_flat(&self) -> bool {
        matches!(&*self.root, Node::Leaf(_))
    }

    /// The keys from `low` on, in order.
    pub(crate) fn iter_from(&self, low: K) -> impl Iterator<Item = K> {
        let mut slice = self.from(low);
        std::iter::from_fn(move || {
            let (&first, rest) = slice.split_first()?;
            slice = rest;
            if slice.is_empty() {
                let more = self.from(first);
                slice = match more.get(1..) {
                    Some([]) | None => self.after(first),
                    Some(more) => more,
                };
            }
            Some(first)
        })
    }

    /// The keys of the leaf that follows the one in which `key` is last.
    fn after(&self, key: K) -> &[K] {
        let mut node = &*self.root;
        let mut next: Option<&Node<K>> = None;
        while let Node::Inner(children) = node {
            let at = child_of(children, key);
            if let Some((_, after)) = children.get(at + 1) {
                next = Some(after);
            }
            node = &children[at].1;
        }
        let Some(mut node) = next else { return &[] };
        loop {
            match node {
                Node::Leaf(keys) => return keys,
                Node::Inner(children) => node = &children[0].1,
            }
        }
    }

    /// All keys in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = K> {
        let mut stack = vec![(&*self.root, 0)];
        std::iter::from_fn(move || {
            loop {
                let (node, at) = stack.pop()?;
                match node {
                    Node::Leaf(keys) => {
                        if let Some(&key) = keys.get(at) {
                            stack.push((node, at + 1));
                            return Some(key);
                        }
                    }
                    Node::Inner(children) => {
                        if let Some((_, child)) = children.get(at) {
                            stack.push((node, at + 1));
                            stack.push((child, 0));
                        }
                    }
                }
            }
        })
    }

    /// A set of keys that are in order already, in O(n).
    pub(crate) fn from_sorted(keys: &[K]) -> Self {
        if keys.len() <= LEAF {
            return OrdSet { root: Arc::new(Node::Leaf(keys.to_vec())) };
        }
        let mut level: Vec<(K, Arc<Node<K>>)> =
            keys.chunks(LEAF * 3 / 4).map(|leaf| (leaf[0], Arc::new(Node::Leaf(leaf.to_vec())))).collect();
        while level.len() > 1 {
            level = level
                .chunks(INNER * 3 / 4)
                .map(|part| (part[0].0, Arc::new(Node::Inner(part.to_vec()))))
                .collect();
        }
        match level.pop() {
            Some((_, root)) => OrdSet { root },
            None => OrdSet::default(),
        }
    }

    /// Bytes of memory held, shared or not.
    pub(crate) fn bytes(&self) -> usize {
        fn of<K>(node: &Node<K>) -> usize {
            match node {
                Node::Leaf(keys) => keys.capacity() * size_of::<K>() + 56,
                Node::Inner(children) => {
                    children.capacity() * size_of::<(K, usize)>()
                        + 56
                        + children.iter().map(|(_, child)| of(child)).sum::<usize>()
                }
            }
        }
        of(&self.root)
    }
}

fn child_of<K: Copy + Ord>(children: &[(K, Arc<Node<K>>)], key: K) -> usize {
    children.partition_point(|&(least, _)| least <= key).saturating_sub(1)
}

fn first_key<K: Copy>(node: &Node<K>) -> Option<K> {
    match node {
        Node::Leaf(keys) => keys.first().copied(),
        Node::Inner(children) => children.first().map(|&(key, _)| key),
    }
}

type Split<K> = Option<(K, Arc<Node<K>>)>;

fn insert<K: Copy + Ord>(node: &mut Arc<Node<K>>, key: K) -> (bool, Split<K>) {
    match Arc::make_mut(node) {
        Node::Leaf(keys) => {
            let Err(at) = keys.binary_search(&key) else { return (false, None) };
            if keys.len() < LEAF {
                keys.insert(at, key);
                return (true, None);
            }
            // Keys that arrive in order leave full leaves behind.
            let middle = if at == keys.len() { LEAF - LEAF / 8 } else { LEAF / 2 };
            let mut right = Vec::with_capacity(LEAF);
            right.extend_from_slice(&keys[middle..]);
            keys.truncate(middle);
            if at <= middle && at < LEAF {
                keys.insert(at.min(keys.len()), key)
            } else {
                right.insert(at - middle, key)
            }
            (true, Some((right[0], Arc::new(Node::Leaf(right)))))
        }
        Node::Inner(children) => {
            let at = child_of(children, key);
            if key < children[at].0 {
                children[at].0 = key;
            }
            let (added, split) = insert(&mut children[at].1, key);
            let Some(split) = split else { return (added, None) };
            children.insert(at + 1, split);
            if children.len() <= INNER {
                return (added, None);
            }
            let right =
                children.split_off(if at + 2 == children.len() { INNER - INNER / 8 } else { INNER / 2 });
            (added, Some((right[0].0, Arc::new(Node::Inner(right)))))
        }
    }
}

/// Adds keys in order to a node: the nodes that take its place.
fn extend<K: Copy + Ord>(node: &mut Arc<Node<K>>, keys: &[K]) -> Vec<(K, Arc<Node<K>>)> {
    match Arc::make_mut(node) {
        Node::Leaf(held) => {
            let merged = merge(held, keys);
            // Leaves that are cut are left with room, as those that split are.
            let size = if merged.len() <= LEAF { LEAF } else { LEAF * 3 / 4 };
            let count = merged.len().div_ceil(size).max(1);
            let even = merged.len().div_ceil(count).max(1);
            merged
                .chunks(even)
                .map(|part| {
                    // A small set stays as small as it is.
                    let mut leaf = Vec::with_capacity(if count > 1 { LEAF } else { part.len() });
                    leaf.extend_from_slice(part);
                    (part[0], Arc::new(Node::Leaf(leaf)))
                })
                .collect()
        }
        Node::Inner(children) => {
            let mut all: Vec<(K, Arc<Node<K>>)> = Vec::with_capacity(children.len() + 1);
            let mut rest = keys;
            let bounds: Vec<K> = children.iter().skip(1).map(|&(least, _)| least).collect();
            for (at, (least, mut child)) in children.drain(..).enumerate() {
                let end = bounds.get(at).map_or(rest.len(), |bound| rest.partition_point(|key| key < bound));
                let (here, after) = rest.split_at(end);
                rest = after;
                if here.is_empty() {
                    all.push((least, child));
                } else {
                    all.extend(extend(&mut child, here));
                }
            }
            let count = all.len().div_ceil(INNER);
            let even = all.len().div_ceil(count).max(1);
            all.chunks(even).map(|part| (part[0].0, Arc::new(Node::Inner(part.to_vec())))).collect()
        }
    }
}

/// Two lists in order as one, each key once.
fn merge<K: Copy + Ord>(a: &[K], b: &[K]) -> Vec<K> {
    let mut merged = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a, b);
    while let (Some(&x), Some(&y)) = (a.first(), b.first()) {
        merged.push(x.min(y));
        if x <= y {
            a = &a[1..];
        }
        if y <= x {
            b = &b[1..];
        }
    }
    merged.extend_from_slice(a);
    merged.extend_from_slice(b);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn equals_a_tree_set(grow in 0u32..6000, steps in prop::collection::vec(0u32..9000, 0..4000), probes in prop::collection::vec(0u32..9100, 50), mut many in prop::collection::vec(0u32..12_000, 0..3000)) {
            let mut set = OrdSet::default();
            let mut plain = BTreeSet::new();
            for i in 0..grow {
                set.insert(i * 3 % 8999);
                plain.insert(i * 3 % 8999);
            }
            let (kept, kept_plain) = (set.clone(), plain.clone());
            for key in steps {
                prop_assert_eq!(set.insert(key), plain.insert(key));
            }
            prop_assert!(set.iter().eq(plain.iter().copied()));
            prop_assert!(kept.iter().eq(kept_plain.iter().copied()));
            for probe in probes {
                prop_assert_eq!(set.from(probe).first(), plain.range(probe..).next());
                prop_assert_eq!(set.below(probe).last(), plain.range(..probe).next_back());
                prop_assert!(set.iter_from(probe).eq(plain.range(probe..).copied()));
            }
            many.sort_unstable();
            many.dedup();
            set.extend_sorted(&many);
            plain.extend(&many);
            prop_assert!(set.iter().eq(plain.iter().copied()));
            for probe in many {
                prop_assert!(set.insert(probe + 20_000) == plain.insert(probe + 20_000));
                prop_assert_eq!(set.below(probe).last(), plain.range(..probe).next_back());
            }
            prop_assert!(set.iter().eq(plain.iter().copied()));
            let sorted: Vec<u32> = plain.iter().copied().collect();
            prop_assert!(OrdSet::from_sorted(&sorted).iter().eq(sorted.iter().copied()));
        }
    }
}
