//! How our functions start: beside the least that a function in Rust can be, and beside Python and Node.
//!
//! Every program is started on its own by a stand-in of Lambda's Runtime API, in turns, so that whatever the
//! machine is busy with meets all of them. Our functions find an account around them and do real work, and so
//! do programs in Python and Node that do the same as one of them; the others answer one word. Times depend on
//! the machine and are only told; bytes and counts are held to limits.

#![expect(clippy::unwrap_used, reason = "a bench may fall over, as a test may")]

mod claims;
mod front;
mod limits;
mod options;
mod process;
mod provider;
mod report;
mod runtime_api;
mod scene;
mod size;

#[path = "../../tests/events/world.rs"]
#[expect(dead_code, reason = "samples need more of it than a bench does")]
mod world;

use std::{collections::HashMap, process::ExitCode};

use anyhow::{Context, Result};

use front::Authority;
use jiff::SignedDuration;
use options::Options;
use process::{Program, Sample};
use provider::People;
use scene::Scene;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let options = Options::read(std::env::args().skip(1))?;
    let programs = options.programs();
    let samples = rounds(&programs, options.rounds).await?;
    report::print(&programs, &samples)?;
    let exceeded = limits::exceeded(&programs, &samples)?;
    for line in &exceeded {
        report::line(&format!("too much: {line}"))?;
    }
    Ok(if exceeded.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn rounds(programs: &[Program], rounds: usize) -> Result<HashMap<&'static str, Vec<Sample>>> {
    let state = tempfile::tempdir()?;
    let authority = Authority::new()?;
    let (trusted, count) = authority.trust(state.path())?;
    report::line(&format!("{rounds} rounds, {count} trusted authorities"))?;
    let log = state.path().join("log");
    let mut samples: HashMap<&'static str, Vec<Sample>> = HashMap::new();
    for round in 0..rounds {
        let people = People::start(SignedDuration::ZERO).await?;
        // Each round begins with another program, so that none always follows the same one.
        for place in 0..programs.len() {
            let program = &programs[(round + place) % programs.len()];
            let scene = Scene::set(program, &people, &authority, &trusted).await?;
            let measured = process::measure(program, &scene, &log).await;
            let sample = measured.with_context(|| {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                format!("{} said:\n{said}", program.name)
            })?;
            samples.entry(program.name).or_default().push(sample);
        }
    }
    Ok(samples)
}
