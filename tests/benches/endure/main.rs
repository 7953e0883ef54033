//! Endurance: many jobs while everything of Switchyard is killed with -9 again and again, and nothing may be
//! lost or doubled. GitHub lives on in this process, as it would; leases and retries run on the real clock, so
//! each kill costs two minutes.
//!
//! ```text
//! make endure JOBS=200 KILLS=5
//! ```

#![expect(clippy::print_stdout, reason = "what it sees is for whoever runs it")]

mod stack;
mod tally;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use domain::{Clock, SystemClock};
use simgithub::{AppRegistration, Config, DEMONSTRATION_KEY_PEM, Permission, SimGitHub};
use tempfile::TempDir;

use stack::Stack;
use tally::Tally;

/// The person who asks.
const ADA: &str = "ada";
const OWNER: &str = "octo-demo";
/// How many repositories the jobs are spread over.
const REPOSITORIES: usize = 5;
/// How long nothing may come to an end before the run is given up.
const PATIENCE: Duration = Duration::from_mins(8);
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// What webhooks are signed with, and the app's number.
pub(crate) const WEBHOOK_SECRET: &str = "the-secret-that-signs-webhooks-0123456789";
pub(crate) const APP_ID: u64 = 77;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(endure(number("JOBS", 200), number("KILLS", 5)))
}

#[expect(clippy::disallowed_methods, reason = "this is a main.rs")]
fn number(name: &str, otherwise: usize) -> usize {
    let given = std::env::var(name).ok();
    given
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

async fn endure(jobs: usize, kills: usize) -> Result<()> {
    let (github_state, state) = (TempDir::new()?, TempDir::new()?);
    let github = github(&github_state).await?;
    let stack = Stack::new(&github, state.path())?;
    let issues = ask(&github, &stack, jobs).await?;
    let mut up = stack.up().await?;
    let mut tally = Tally::default();
    for kill in 1..=kills {
        tally
            .reaches(&github, &issues, jobs * kill / (kills + 1))
            .await?;
        up.kill();
        println!(
            "kill -9 number {kill} after {} of {jobs} jobs",
            tally.ended()
        );
        up = stack.up().await?;
    }
    tally.reaches(&github, &issues, jobs).await?;
    let doubled = tally.doubled(&github, &issues).await?;
    drop(up);
    println!(
        "{jobs} jobs, {kills} kills: {} ended, {doubled} doubled",
        tally.ended()
    );
    ensure!(
        tally.ended() == jobs && doubled == 0,
        "jobs were lost or doubled"
    );
    Ok(())
}

async fn github(state: &TempDir) -> Result<SimGitHub> {
    let app = AppRegistration::new(
        APP_ID,
        "Iv1.m",
        "switchyard",
        DEMONSTRATION_KEY_PEM,
        WEBHOOK_SECRET.into(),
    );
    let config = Config::new(
        SocketAddr::from(([127, 0, 0, 1], 0)),
        state.path().to_owned(),
        Arc::new(|| SystemClock.now()),
        app,
    );
    let github = SimGitHub::start(config).await?;
    github.create_user(ADA).await?;
    for number in 0..REPOSITORIES {
        let files = [("README.md", "# Widgets\n"), ("a.txt", "broken\n")];
        let name = format!("widgets-{number}");
        github.create_repository(OWNER, &name, &files).await?;
        let full = format!("{OWNER}/{name}");
        github.set_permission(&full, ADA, Permission::Write).await?;
    }
    Ok(github)
}

/// One issue for each job, asked for while nobody listens yet.
async fn ask(github: &SimGitHub, stack: &Stack, jobs: usize) -> Result<Vec<(String, u64)>> {
    github.set_webhook_url(Some(stack.webhook()?));
    let mut issues = Vec::new();
    for job in 0..jobs {
        let repository = format!("{OWNER}/widgets-{}", job % REPOSITORIES);
        let title = format!("Number {job} is broken");
        let issue = github
            .open_issue(&repository, ADA, &title, "Please mend it.")
            .await?;
        github
            .comment(&repository, issue, ADA, "bot:implement")
            .await?;
        issues.push((repository, issue));
    }
    Ok(issues)
}
