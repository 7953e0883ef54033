//! What checking a scenario found, in words.

use std::{
    fmt::{self, Write as _},
    time::{Duration, Instant},
};

use stateright::{Checker as _, HasDiscoveries, Model as _, Path};

use crate::{Action, Protocol, settle};

/// How many threads check.
pub const THREADS: usize = 2;

/// The property that [`settle()`] is about.
pub const COMES_TO_REST: &str = "everything comes to rest";

/// A way that shows that a property does not hold, if there is one.
pub fn counterexample(protocol: &Protocol, property: &'static str) -> Option<Vec<Action>> {
    if property == COMES_TO_REST {
        return settle(protocol).trap;
    }
    let wanted = HasDiscoveries::AnyOf([property].into());
    let all = protocol.clone().checker().threads(THREADS);
    let all = all.finish_when(wanted).spawn_bfs().join();
    all.discovery(property).map(Path::into_actions)
}

/// What was found.
#[derive(Debug)]
pub struct Report {
    /// How many worlds can come to be.
    pub states: usize,
    /// The longest of the shortest ways to one of them.
    pub depth: usize,
    /// How long the checker took.
    pub checked: Duration,
    /// How long it took to find out whether everything comes to rest.
    pub settled: Duration,
    /// How many worlds the walk found that looks for good ends: as many as the checker, if it came to its end.
    pub walked: usize,
    /// How many good ends there are.
    pub ends: usize,
    /// What does not hold, and how to see it.
    pub broken: Vec<(String, Vec<Action>)>,
}

impl Report {
    /// Checks everything about a scenario. If a property does not hold, the first one found is told.
    pub fn of(protocol: &Protocol) -> Self {
        let begun = Instant::now();
        let all = protocol.clone().checker().threads(THREADS);
        let all = all.finish_when(HasDiscoveries::AnyFailures);
        let all = all.spawn_bfs().join();
        let checked = begun.elapsed();
        let found = all.discoveries().into_iter();
        let mut broken: Vec<(String, Vec<Action>)> = found
            .map(|(name, path)| (name.to_owned(), path.into_actions()))
            .collect();
        let mut report = Self {
            states: all.unique_state_count(),
            depth: all.max_depth(),
            checked,
            settled: Duration::ZERO,
            walked: 0,
            ends: 0,
            broken: Vec::new(),
        };
        if broken.is_empty() {
            let begun = Instant::now();
            let settling = settle(protocol);
            report.settled = begun.elapsed();
            report.walked = settling.worlds;
            report.ends = settling.ends;
            let trap = settling.trap.into_iter();
            broken.extend(trap.map(|way| (COMES_TO_REST.to_owned(), way)));
        }
        report.broken = broken;
        report
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            states,
            depth,
            checked,
            settled,
            ends,
            broken,
            walked: _,
        } = self;
        write!(
            f,
            "{states} states, depth {depth}, {ends} ends, checked in {checked:.1?}, settled in {settled:.1?}"
        )?;
        for (name, actions) in broken {
            write!(f, "\n  it is not true that {name}:")?;
            for action in actions {
                f.write_char('\n')?;
                write!(f, "    {action}")?;
            }
        }
        Ok(())
    }
}
