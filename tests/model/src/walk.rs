//! Walks through every world that can come to be, nearest first, by one thread, so that it finds the same each time.

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
};

use stateright::Model;

use crate::{Action, Protocol, World};

/// How a world was reached first.
#[derive(Clone, Copy)]
struct Origin {
    from: u32,
    action: u16,
}

/// What has been reached.
pub(crate) struct Walk<'a> {
    protocol: &'a Protocol,
    /// By fingerprint. Two worlds with the same one are taken for one; with 64 bits and millions of worlds that is unlikely.
    numbers: HashMap<u64, u32>,
    origins: Vec<Origin>,
    frontier: VecDeque<(u32, World)>,
}

/// A step from one world to another, both by number.
pub(crate) struct Edge {
    pub(crate) from: u32,
    pub(crate) action: Action,
    pub(crate) to: u32,
}

impl<'a> Walk<'a> {
    /// Begins where the protocol begins.
    pub(crate) fn new(protocol: &'a Protocol) -> Self {
        let mut walk = Self {
            protocol,
            numbers: HashMap::new(),
            origins: Vec::new(),
            frontier: VecDeque::new(),
        };
        for world in protocol.init_states() {
            walk.reach(world, Origin { from: 0, action: 0 });
        }
        walk
    }

    /// The next world, with all that can happen in it.
    pub(crate) fn next(&mut self) -> Option<(u32, World, Vec<Edge>)> {
        let (from, world) = self.frontier.pop_front()?;
        let mut edges = Vec::new();
        let actions = enabled(self.protocol, &world);
        for (action, number) in actions.into_iter().zip(0..) {
            let Some(next) = self.protocol.next_state(&world, action) else {
                continue;
            };
            let origin = Origin {
                from,
                action: number,
            };
            let to = self.reach(next, origin);
            edges.push(Edge { from, action, to });
        }
        Some((from, world, edges))
    }

    /// How many worlds were reached.
    pub(crate) fn reached(&self) -> usize {
        self.origins.len()
    }

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

    /// The actions that lead to a world by the shortest way, and that world.
    pub(crate) fn way(&self, mut number: u32) -> (Vec<Action>, Option<World>) {
        let mut numbers = Vec::new();
        while number != 0 {
            let origin = self.origins[number as usize];
            numbers.push(origin.action);
            number = origin.from;
        }
        let mut world = self.protocol.init_states().pop();
        let mut way = Vec::new();
        for number in numbers.into_iter().rev() {
            let Some(last) = &world else { break };
            let action = enabled(self.protocol, last)[usize::from(number)];
            way.push(action);
            world = self.protocol.next_state(last, action);
        }
        (way, world)
    }
}

fn enabled(protocol: &Protocol, world: &World) -> Vec<Action> {
    let mut actions = Vec::new();
    protocol.actions(world, &mut actions);
    actions
}
