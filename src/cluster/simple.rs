//! Ways of clustering that look at one pair at a time: connected components, centres, best links.

use super::{Edge, Objection, Refusal, sort, union::Union};
use crate::weight::MatchWeight;

/// Connected components of the edges of at least `threshold`: for each row the least row of its component. O(n α(n)).
///
/// One wrong edge joins two customers for good; [`contract`](super::contract()) asks what speaks against.
pub fn components(rows: usize, edges: &[Edge], threshold: MatchWeight) -> Vec<u32> {
    let mut union = Union::new(rows);
    for edge in edges.iter().filter(|edge| edge.weight >= threshold) {
        let (a, b) = (union.root(edge.a), union.root(edge.b));
        if a != b {
            union.join(a, b);
        }
    }
    union.least()
}

/// Centre clustering (Haveliwala, Gionis, Indyk 2000): the strongest edge first, a row is a centre or hangs on one.
/// O(n log n).
pub fn centres(rows: usize, edges: &[Edge], threshold: MatchWeight) -> Vec<u32> {
    let mut sorted: Vec<Edge> = edges.iter().filter(|edge| edge.weight >= threshold).copied().collect();
    sort(&mut sorted);
    const FREE: u32 = u32::MAX;
    let mut centre = vec![FREE; rows];
    for edge in &sorted {
        match (centre[edge.a as usize], centre[edge.b as usize]) {
            (FREE, FREE) => {
                centre[edge.a as usize] = edge.a;
                centre[edge.b as usize] = edge.a;
            }
            (own, FREE) if own == edge.a => centre[edge.b as usize] = edge.a,
            (FREE, own) if own == edge.b => centre[edge.a as usize] = edge.b,
            _ => {}
        }
    }
    let mut union = Union::new(rows);
    for (row, &centre) in (0u32..).zip(&centre) {
        if centre != FREE {
            let (a, b) = (union.root(row), union.root(centre));
            if a != b {
                union.join(a, b);
            }
        }
    }
    union.least()
}

/// One to one: the strongest edge first, a row is linked to at most one row of each other source. `source` is a row's
/// source. Gives the least row of each row's cluster, and the links that joined nobody, the strongest first. O(n log n).
pub fn best_links(
    rows: usize,
    edges: &[Edge],
    threshold: MatchWeight,
    source: impl Fn(u32) -> u32,
) -> (Vec<u32>, Vec<Refusal>) {
    let mut sorted: Vec<Edge> = edges.iter().filter(|edge| edge.weight >= threshold).copied().collect();
    sort(&mut sorted);
    let mut union = Union::new(rows);
    let mut sources: Vec<Vec<(u32, u32)>> = (0..rows as u32).map(|row| vec![(source(row), row)]).collect();
    let mut refused = Vec::new();
    for &edge in &sorted {
        let (a, b) = (union.root(edge.a), union.root(edge.b));
        if a == b {
            continue;
        }
        // The rows of each in the order in which they came together.
        let (mine, theirs) = (&sources[a as usize], &sources[b as usize]);
        let same = mine.iter().find_map(|own| Some((own.1, theirs.iter().find(|other| other.0 == own.0)?.1)));
        if let Some((a, b)) = same {
            refused.push(Refusal { edge, by: Objection::OnePerSource { a, b } });
            continue;
        }
        let kept = union.join(a, b);
        let given = std::mem::take(&mut sources[(if kept == a { b } else { a }) as usize]);
        sources[kept as usize].extend(given);
    }
    refused.retain(|refusal| union.root(refusal.edge.a) != union.root(refusal.edge.b));
    (union.least(), refused)
}

/// The edges that hold clusters together: of those within one cluster, the strongest that join what is not joined yet;
/// one fewer than a cluster has rows, where its rows hang together at all. Strongest first. O(e log e).
///
/// ```
/// use stitchline::{MatchWeight, cluster::{Edge, spanning}};
///
/// let edge = |a, b, bits| Edge { weight: MatchWeight::from_bits(bits), a, b };
/// let edges = [edge(0, 1, 3.0), edge(0, 2, 9.0), edge(1, 2, 8.0), edge(2, 3, 9.5)];
/// assert_eq!(spanning(&[0, 0, 0, 3], &edges), [edge(0, 2, 9.0), edge(1, 2, 8.0)]);
/// ```
pub fn spanning(clusters: &[u32], edges: &[Edge]) -> Vec<Edge> {
    let same = |edge: &&Edge| clusters.get(edge.a as usize) == clusters.get(edge.b as usize);
    let known = |edge: &&Edge| (edge.a.max(edge.b) as usize) < clusters.len();
    let mut within: Vec<Edge> = edges.iter().filter(known).filter(same).copied().collect();
    super::sort(&mut within);
    let mut joined = Union::new(clusters.len());
    within.retain(|edge| {
        let (a, b) = (joined.root(edge.a), joined.root(edge.b));
        a != b && {
            joined.join(a, b);
            true
        }
    });
    within
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(a: u32, b: u32, bits: f64) -> Edge {
        Edge { weight: MatchWeight::from_bits(bits), a, b }
    }

    #[test]
    fn a_chain() {
        let edges = [edge(0, 1, 9.0), edge(1, 2, 8.0), edge(2, 3, 7.0), edge(3, 4, -1.0)];
        assert_eq!(components(5, &edges, MatchWeight::ZERO), [0, 0, 0, 0, 4]);
        assert_eq!(centres(5, &edges, MatchWeight::ZERO), [0, 0, 2, 2, 4]);
        let (clusters, refused) = best_links(5, &edges, MatchWeight::ZERO, |row| row % 2);
        assert_eq!(clusters, [0, 0, 2, 2, 4]);
        for refusal in &refused {
            let (a, b) = refusal.by.rows();
            assert_eq!((a % 2, matches!(refusal.by, Objection::OnePerSource { .. })), (b % 2, true));
            assert_ne!(clusters[refusal.edge.a as usize], clusters[refusal.edge.b as usize]);
        }
        assert!(!refused.is_empty());
    }
}
