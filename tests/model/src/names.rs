//! Names of what the model is about: runs, nodes, deliveries, processes, daemons and times.

use std::fmt;

use serde::Serialize;

/// How many runs the slot can have, one after another.
pub const RUNS: usize = 3;
/// How many nodes a plan can have.
pub const NODES: usize = 3;
/// How many deliveries there can be.
pub const DELIVERIES: usize = 3;
/// How many use cases can be at work at once, apart from those that daemons call.
pub const PROCESSES: usize = 3;
/// How many daemons there can be.
pub const DAEMONS: usize = 2;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $count:expr, $letter:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(into = "String")]
        pub struct $name(u8);

        impl $name {
            /// Every one there can be, in order.
            pub fn all() -> impl Iterator<Item = Self> {
                (0..u8::try_from($count).unwrap_or(u8::MAX)).map(Self)
            }

            /// The one at `index`, counted from 0.
            pub const fn at(index: u8) -> Self {
                Self(index)
            }

            /// Its number, from 0.
            pub const fn position(self) -> u8 {
                self.0
            }

            /// Its place in a list.
            pub fn index(self) -> usize {
                usize::from(self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0 + 1)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.to_string()
            }
        }
    };
}

name!(
    /// A run, by its sequence number in the slot.
    Run, RUNS, "run "
);
name!(
    /// A node of the plan.
    Node, NODES, "node "
);
name!(
    /// A delivery: a request that came in.
    Delivery, DELIVERIES, "delivery "
);
name!(
    /// One that carries out use cases: a function's instance.
    Process, PROCESSES, "process "
);
name!(
    /// A worker daemon.
    Daemon, DAEMONS, "daemon "
);

impl Run {
    /// The run after this one, if the model has room for it.
    pub fn next(self) -> Option<Self> {
        (self.index() + 1 < RUNS).then(|| Self(self.0 + 1))
    }
}

/// Who carries out an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub enum Actor {
    /// A function's instance.
    Process(Process),
    /// The worker API on behalf of a daemon.
    Daemon(Daemon),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process(process) => process.fmt(f),
            Self::Daemon(daemon) => daemon.fmt(f),
        }
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.to_string()
    }
}

/// When a request was made, by the provider's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Asked(pub u8);

/// A set of nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Nodes(u8);

impl Nodes {
    /// Adds one.
    pub fn insert(&mut self, node: Node) {
        self.0 |= 1 << node.0;
    }

    /// Takes one out.
    pub fn remove(&mut self, node: Node) {
        self.0 &= !(1 << node.0);
    }

    /// The first of them.
    pub fn first(self) -> Option<Node> {
        Node::all().find(|node| self.0 & (1 << node.0) != 0)
    }

    /// The set as a number, which is different for every set.
    pub const fn bits(self) -> u8 {
        self.0
    }
}
