//! One process from its start to its end, and what it used.

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use tokio::process::{Child, Command};

use crate::{
    options::PEERS,
    runtime_api::RuntimeApi,
    scene::{Expected, Scene},
};

/// How often a process is invoked after its first time.
pub(crate) const WARM: u32 = 20;

/// A program to measure.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Its name in the tables.
    pub(crate) name: &'static str,
    /// The file to run.
    pub(crate) file: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<String>,
    /// What it does.
    pub(crate) kind: Kind,
}

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A function of ours, which finds an AWS account around it.
    Ours,
    /// A program of another language that does what the function of ours with this name does.
    Alike(&'static str),
    /// Something that answers one word and calls nobody.
    Idle,
}

/// What one run of a process came to.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// From its start to the first connection to AWS; none where there is none.
    pub(crate) own: Option<Duration>,
    /// From its start until it asks for its first event.
    pub(crate) init: Duration,
    /// Processor time until then.
    pub(crate) init_cpu: Duration,
    /// From the first event to its answer.
    pub(crate) first: Duration,
    /// The same for each event after it.
    pub(crate) warm: Vec<Duration>,
    /// Processor time of an invocation after the first one.
    pub(crate) warm_cpu: Duration,
    /// The most memory it ever held, in KiB.
    pub(crate) peak: u64,
    /// Requests to AWS before it asked for its first event.
    pub(crate) init_requests: Vec<String>,
    /// TLS handshakes with AWS before it asked for its first event.
    pub(crate) init_handshakes: u32,
    /// TLS handshakes with AWS during the first invocation.
    pub(crate) first_handshakes: u32,
}

/// Starts the program in `scene`, invokes it, and ends it.
pub(crate) async fn measure(program: &Program, scene: &Scene, log: &Path) -> Result<Sample> {
    let mut api = RuntimeApi::start().await?;
    scene.front.take();
    let (start, mut child) = spawn(program, scene, &api, log)?;
    let ready = tokio::select! {
        ready = api.asked() => ready?,
        ended = child.wait() => anyhow::bail!("it ended at once: {}", ended?),
    };
    let pid = child.id().context("it has ended")?;
    let init_cpu = processor_time(pid)?;
    let before = scene.front.take();
    let (first, answer) = api.invoke(scene.first.clone()).await?;
    check(program, scene.expected, &answer)?;
    let during = scene.front.take();
    let mut warm = Vec::new();
    let used = processor_time(pid)?;
    for event in scene.warm(&answer)? {
        let (took, answer) = api.invoke(event).await?;
        check(program, scene.expected.again(), &answer)?;
        warm.push(took);
    }
    let warm_cpu = processor_time(pid)?.saturating_sub(used) / WARM;
    let peak = peak_memory(pid)?;
    child.kill().await?;
    Ok(Sample {
        own: before.first.map(|first| first - start),
        init: ready - start,
        init_cpu,
        first,
        warm,
        warm_cpu,
        peak,
        init_requests: before.requests,
        init_handshakes: before.handshakes,
        first_handshakes: during.handshakes,
    })
}

fn spawn(
    program: &Program,
    scene: &Scene,
    api: &RuntimeApi,
    log: &Path,
) -> Result<(Instant, Child)> {
    let mut command = Command::new(&program.file);
    command
        .args(&program.arguments)
        .env_clear()
        .envs(&scene.environment)
        .env("AWS_LAMBDA_RUNTIME_API", api.address())
        .env("AWS_LAMBDA_FUNCTION_NAME", program.name)
        .current_dir(PEERS)
        .stdin(std::process::Stdio::null())
        .stdout(File::create(log)?)
        .stderr(File::options().append(true).open(log)?)
        .kill_on_drop(true);
    let start = Instant::now();
    let child = command
        .spawn()
        .with_context(|| format!("cannot start {}", program.file.display()))?;
    Ok((start, child))
}

fn check(program: &Program, expected: Expected, answer: &str) -> Result<()> {
    anyhow::ensure!(
        expected.met_by(answer),
        "{} answered {answer}, and {expected:?} was expected",
        program.name
    );
    Ok(())
}

/// What all threads of a process have used so far.
fn processor_time(pid: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        let used = text.split_whitespace().next().context("no time")?;
        nanoseconds += used.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

fn peak_memory(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(number.context("no peak")?.parse()?)
}
