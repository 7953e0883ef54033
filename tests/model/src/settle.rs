//! Whether everything comes to rest: from every world that can come to be, a good end can be reached by what happens without
//! faults. Where nothing that can happen is put off for ever, that means that it is reached.
//!
//! The checker's own `eventually` overlooks cycles and joins, and things are looked at again and again here; so this walks the
//! whole graph, and then goes back from the good ends.

use crate::{
    Action, Looks, Protocol, World,
    properties::{is_at_rest, is_good},
    walk::Walk,
};

/// What was found.
#[derive(Clone, Debug)]
pub struct Settling {
    /// How many worlds can come to be.
    pub worlds: usize,
    /// How many of them are good ends.
    pub ends: usize,
    /// How to come to a world from which no good end can be reached, by the shortest way, if there is one.
    pub trap: Option<Vec<Action>>,
}

/// Walks through everything that can come to be.
pub fn settle(protocol: &Protocol) -> Settling {
    let mut walk = Walk::new(protocol);
    let mut ends = Vec::new();
    // From where to where one comes without faults, backwards.
    let mut fair = Vec::new();
    while let Some((number, world, edges)) = walk.next() {
        if is_end(protocol, &world) {
            ends.push(number);
        }
        let edges = edges.into_iter().filter(|edge| edge.action.is_fair());
        fair.extend(edges.map(|edge| (edge.to, edge.from)));
    }
    let trapped = trapped(walk.reached(), &ends, fair);
    Settling {
        worlds: walk.reached(),
        ends: ends.len(),
        trap: trapped.map(|number| walk.way(number).0),
    }
}

/// Whether all is done and well. Without `scheduler`, due times that nobody needs stay.
pub(crate) fn is_end(protocol: &Protocol, world: &World) -> bool {
    let rests = match protocol.looks {
        Looks::Always => is_at_rest(world),
        Looks::Never => world.is_quiet(),
    };
    rests && is_good(protocol, world)
}

/// The nearest world from which no end can be reached.
fn trapped(worlds: usize, ends: &[u32], mut fair: Vec<(u32, u32)>) -> Option<u32> {
    fair.sort_unstable();
    let mut reaches = vec![false; worlds];
    let mut next = ends.to_vec();
    while let Some(number) = next.pop() {
        if std::mem::replace(&mut reaches[number as usize], true) {
            continue;
        }
        let start = fair.partition_point(|(to, _)| *to < number);
        let before = fair[start..].iter();
        next.extend(
            before
                .take_while(|(to, _)| *to == number)
                .map(|(_, from)| *from),
        );
    }
    let trapped = reaches.iter().position(|reaches| !reaches)?;
    u32::try_from(trapped).ok()
}
