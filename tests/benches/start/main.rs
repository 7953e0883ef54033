//! How our functions start: beside the least that a function in Rust can be, and beside Python and Node.
//!
//! Every program is started on its own by a stand-in of Lambda's Runtime API, in turns, so that whatever the
//! machine is busy with meets all of them. Our functions find an account around them and do real work; the
//! others answer one word. Times depend on the machine and are only told; bytes and counts are held to limits.

#![expect(clippy::unwrap_used, reason = "a bench may fall over, as a test may")]

mod front;
mod limits;
mod process;
mod provider;
mod report;
mod runtime_api;
mod scene;
mod size;

#[path = "../../tests/events/world.rs"]
#[expect(dead_code, reason = "samples need more of it than a bench does")]
mod world;

use std::{collections::HashMap, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};

use front::Authority;
use jiff::SignedDuration;
use process::{Kind, Program, Sample};
use provider::People;
use scene::Scene;

/// Our functions.
const OURS: [&str; 5] = ["webhook", "triage", "worker", "scheduler", "relay"];
/// Where the other programs lie.
const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/start/peers");

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
    let (authority, trusted) = (Authority::new()?, state.path().join("trusted.pem"));
    let count = authority.trust(&trusted)?;
    report::line(&format!("{rounds} rounds, {count} trusted authorities"))?;
    let trusted = trusted.to_str().context("a path")?;
    let log = state.path().join("log");
    let mut samples: HashMap<&'static str, Vec<Sample>> = HashMap::new();
    for round in 0..rounds {
        let people = People::start(SignedDuration::ZERO).await?;
        // Each round begins with another program, so that none always follows the same one.
        for place in 0..programs.len() {
            let program = &programs[(round + place) % programs.len()];
            let scene = Scene::set(program, &people, &authority, trusted).await?;
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

/// Where the programs are.
struct Options {
    rounds: usize,
    functions: PathBuf,
    hello: Option<PathBuf>,
    python: Option<PathBuf>,
    node: Option<PathBuf>,
}

impl Options {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let release = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/release");
        let mut options = Self {
            rounds: 15,
            functions: release.into(),
            hello: None,
            python: None,
            node: None,
        };
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .with_context(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--rounds" => options.rounds = value.parse()?,
                "--functions" => options.functions = value.into(),
                "--hello" => options.hello = Some(value.into()),
                "--python" => options.python = Some(value.into()),
                "--node" => options.node = Some(value.into()),
                other => bail!("{other} is not known"),
            }
        }
        Ok(options)
    }

    fn programs(&self) -> Vec<Program> {
        let program = |name, file, arguments: &[&str], kind| Program {
            name,
            file,
            arguments: arguments.iter().map(|one| (*one).to_owned()).collect(),
            kind,
        };
        let ours = OURS.map(|name| program(name, self.functions.join(name), &[], Kind::Ours));
        let hello = self.hello.clone();
        let hello = hello.map(|file| program("hello, Rust", file, &[], Kind::Peer));
        let python = self.python.clone().map(|file| {
            let arguments = ["-m", "awslambdaric", "handler.handle"];
            program("hello, Python", file, &arguments, Kind::Peer)
        });
        let looped = format!("{PEERS}/loop.mjs");
        let node = self.node.clone();
        let node = node.map(|file| program("hello, Node", file, &[looped.as_str()], Kind::Peer));
        ours.into_iter()
            .chain(hello)
            .chain(python)
            .chain(node)
            .collect()
    }
}
