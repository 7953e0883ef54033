//! Whether everything comes to rest: from every world that can come to be, the good end can be reached by what happens
//! without faults. With schedulers that are fair, that means that it is reached.
//!
//! The checker's own `eventually` overlooks cycles and joins; this walks the whole graph and then goes back from the good
//! ends.

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
};

use stateright::Model;

use crate::{
    Action, Looks, Protocol, World,
    properties::{is_at_rest, is_good},
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

/// How a world was reached first.
#[derive(Clone, Copy)]
struct Origin {
    from: u32,
    action: u16,
}

/// Walks through everything that can come to be.
pub fn settle(protocol: &Protocol) -> Settling {
    let mut walk = Walk::default();
    for world in protocol.init_states() {
        walk.reach(world, Origin { from: 0, action: 0 });
    }
    while let Some((number, world)) = walk.frontier.pop_front() {
        if is_end(protocol, &world) {
            walk.ends.push(number);
        }
        let mut actions = Vec::new();
        protocol.actions(&world, &mut actions);
        for (action, number_of_action) in actions.into_iter().zip(0..) {
            let Some(next) = protocol.next_state(&world, action) else {
                continue;
            };
            let origin = Origin {
                from: number,
                action: number_of_action,
            };
            let next = walk.reach(next, origin);
            if action.is_fair() {
                walk.fair.push((next, number));
            }
        }
    }
    walk.finish(protocol)
}

/// Without `scheduler`, due times that nobody needs stay.
fn is_end(protocol: &Protocol, world: &World) -> bool {
    let rests = match protocol.looks {
        Looks::Always => is_at_rest(world),
        Looks::Never => world.is_quiet(),
    };
    rests && is_good(protocol, world)
}

#[derive(Default)]
struct Walk {
    numbers: HashMap<u64, u32>,
    origins: Vec<Origin>,
    frontier: VecDeque<(u32, World)>,
    /// From where to where one comes without faults, backwards.
    fair: Vec<(u32, u32)>,
    ends: Vec<u32>,
}

impl Walk {
    fn reach(&mut self, world: World, origin: Origin) -> u32 {
        let mut hasher = DefaultHasher::new();
        world.hash(&mut hasher);
        let new = u32::try_from(self.origins.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(hasher.finish()).or_insert(new);
        if number == new {
            self.origins.push(origin);
            self.frontier.push_back((number, world));
        }
        number
    }

    fn finish(mut self, protocol: &Protocol) -> Settling {
        self.fair.sort_unstable();
        let mut reaches = vec![false; self.origins.len()];
        let mut next = self.ends.clone();
        while let Some(number) = next.pop() {
            if std::mem::replace(&mut reaches[number as usize], true) {
                continue;
            }
            let start = self.fair.partition_point(|(to, _)| *to < number);
            let before = self.fair[start..].iter();
            next.extend(before.take_while(|(to, _)| *to == number).map(|(_, from)| *from));
        }
        let trapped = reaches.iter().position(|reaches| !reaches);
        Settling {
            worlds: self.origins.len(),
            ends: self.ends.len(),
            trap: trapped.map(|number| self.way(protocol, number)),
        }
    }

    /// The actions that lead to a world.
    fn way(&self, protocol: &Protocol, mut number: usize) -> Vec<Action> {
        let mut numbers = Vec::new();
        while number != 0 {
            numbers.push(self.origins[number].action);
            number = self.origins[number].from as usize;
        }
        let mut way = Vec::new();
        let Some(mut world) = protocol.init_states().pop() else {
            return way;
        };
        for number in numbers.into_iter().rev() {
            let mut actions = Vec::new();
            protocol.actions(&world, &mut actions);
            let action = actions[usize::from(number)];
            way.push(action);
            if let Some(next) = protocol.next_state(&world, action) {
                world = next;
            }
        }
        way
    }
}
