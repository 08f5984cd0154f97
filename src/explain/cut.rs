//! What parts two records: evidence on which all depends, and the smallest set whose removal leaves no path.

use super::path::{Hop, Links};
use petgraph::{Graph, algo::ford_fulkerson, graph::NodeIndex, visit::EdgeRef};
use std::collections::VecDeque;

/// The evidence without which there is no path, in the order of the path.
pub(super) fn bridges(links: &Links, path: &[Hop]) -> Vec<usize> {
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return Vec::new() };
    // Whatever parts the two lies on every path, so also on this one.
    path.iter()
        .map(|hop| hop.evidence)
        .filter(|&without| links.shortest(first.from, last.to, |at| at != without).is_none())
        .collect()
}

/// The smallest set of evidence without which there is no path between two records, the nearest to `a` among several.
///
/// A maximum flow in which each piece of evidence, split into a way in and a way out, lets one unit through (K. Menger,
/// 1927; L. R. Ford and D. R. Fulkerson, 1956).
pub(super) fn smallest_cut(links: &Links, a: u32, b: u32) -> Vec<usize> {
    let (records, count) = (links.of_record.len(), links.evidence.len());
    if a == b || count == 0 {
        return Vec::new();
    }
    let without_end = u32::try_from(count).unwrap_or(u32::MAX - 1) + 1;
    let mut network: Graph<(), u32> = Graph::new();
    let nodes: Vec<NodeIndex> = (0..records + 2 * count).map(|_| network.add_node(())).collect();
    for (at, link) in links.evidence.iter().enumerate() {
        let (enter, leave) = (nodes[records + 2 * at], nodes[records + 2 * at + 1]);
        network.add_edge(enter, leave, 1);
        for &record in &link.records {
            network.add_edge(nodes[record as usize], enter, without_end);
            network.add_edge(leave, nodes[record as usize], without_end);
        }
    }
    let (_, flow) = ford_fulkerson(&network, nodes[a as usize], nodes[b as usize]);
    // What can still be reached from `a` where there is capacity left, or flow to send back.
    let mut reached = vec![false; nodes.len()];
    let mut open = VecDeque::from([nodes[a as usize]]);
    reached[a as usize] = true;
    while let Some(node) = open.pop_front() {
        let forth = network.edges_directed(node, petgraph::Direction::Outgoing);
        let forth = forth.filter(|edge| flow[edge.id().index()] < *edge.weight()).map(|edge| edge.target());
        let back = network.edges_directed(node, petgraph::Direction::Incoming);
        let back = back.filter(|edge| flow[edge.id().index()] > 0).map(|edge| edge.source());
        for next in forth.chain(back) {
            if !std::mem::replace(&mut reached[next.index()], true) {
                open.push_back(next);
            }
        }
    }
    (0..count).filter(|at| reached[records + 2 * at] && !reached[records + 2 * at + 1]).collect()
}
