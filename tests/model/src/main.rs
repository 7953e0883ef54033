//! Prints how large the scenarios are, and how long it takes to check them.

use std::{
    io::{self, Write as _},
    time::Instant,
};

use stateright::{Checker as _, Model as _};
use switchyard_model::{scenarios, settle};

fn main() -> io::Result<()> {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let mut out = io::stdout().lock();
    for scenario in scenarios() {
        if !scenario.name.contains(&wanted) {
            continue;
        }
        let begun = Instant::now();
        let checker = scenario.protocol.clone().checker().threads(2).spawn_bfs().join();
        let (states, depth) = (checker.unique_state_count(), checker.max_depth());
        let checked = begun.elapsed();
        writeln!(out, "{}: {states} states, depth {depth}, {checked:.1?}", scenario.name)?;
        for (name, path) in checker.discoveries() {
            writeln!(out, "  {name}")?;
            for action in path.into_actions() {
                writeln!(out, "    {action}")?;
            }
        }
        let begun = Instant::now();
        let settled = settle(&scenario.protocol);
        let took = begun.elapsed();
        writeln!(out, "  {} worlds, {} ends, {took:.1?}", settled.worlds, settled.ends)?;
        for action in settled.trap.into_iter().flatten() {
            writeln!(out, "    {action}")?;
        }
    }
    Ok(())
}
