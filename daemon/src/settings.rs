//! The daemon's settings, read once and judged together.

mod boundary;
mod model;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    num::NonZeroU32,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use data_encoding::HEXLOWER;
use domain::{DaemonId, Random};
use secrecy::SecretString;
use settings::{
    GITHUB_API_URL, GITHUB_GIT_URL, JOBS_QUEUE_URL, OTEL_EXPORTER_OTLP_ENDPOINT,
    OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, PATH, Program, RUST_LOG,
    Reader, SWITCHYARD_AGENT_IDLE_SECONDS, SWITCHYARD_AGENT_LOGS, SWITCHYARD_AGENT_SECONDS,
    SWITCHYARD_AGENT_TURNS, SWITCHYARD_CHECK_COMMAND, SWITCHYARD_CLONE_DEPTH, SWITCHYARD_COMMAND,
    SWITCHYARD_DAEMON_ID, SWITCHYARD_DAEMON_KEY, SWITCHYARD_DRAIN_SECONDS, SWITCHYARD_HARNESS,
    SWITCHYARD_SANDBOX_HIDDEN, SWITCHYARD_SANDBOX_READABLE, SWITCHYARD_STAGE, SWITCHYARD_WORK_DIR,
    SWITCHYARD_WORKER_URL, Setting, SettingsError,
};
use telemetry::Endpoint;
use url::Url;

pub(crate) use self::model::ModelSettings;
use crate::{
    History,
    command_line::command_line,
    outside::Hosts,
    sandbox::{Choice, JobLimits, Site},
};

/// The harness that is any program.
const COMMAND: &str = "command";

/// Which agent program is run.
#[derive(Clone, Debug)]
pub(crate) enum HarnessSettings {
    /// Claude Code.
    ClaudeCode {
        /// How many turns it may take.
        turns: NonZeroU32,
    },
    /// Any program.
    Command(Vec<String>),
}

/// Everything the environment says.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) jobs_queue: String,
    pub(crate) api: Url,
    /// What the daemon proves itself with at the API.
    pub(crate) key: SecretString,
    pub(crate) github_api: Url,
    pub(crate) github_git: Url,
    pub(crate) history: History,
    pub(crate) harness: HarnessSettings,
    pub(crate) model: Option<ModelSettings>,
    pub(crate) check: Option<Vec<String>>,
    pub(crate) work_dir: PathBuf,
    pub(crate) agent_logs: Option<PathBuf>,
    pub(crate) agent: Duration,
    pub(crate) idle: Option<Duration>,
    pub(crate) model_idle: Duration,
    pub(crate) drain: Duration,
    pub(crate) id: DaemonId,
    pub(crate) path: String,
    pub(crate) level: tracing::Level,
    pub(crate) stage: String,
    pub(crate) spans: Option<Endpoint>,
    pub(crate) sandbox: Choice,
    pub(crate) site: Site,
    pub(crate) hosts: Hosts,
    pub(crate) readable: Vec<PathBuf>,
    pub(crate) hidden: Vec<PathBuf>,
    pub(crate) job_users: RangeInclusive<u32>,
    pub(crate) job_limits: JobLimits,
}

impl Settings {
    /// Reads the settings from `variables`.
    pub(crate) fn read(
        variables: &HashMap<String, String>,
        random: &dyn Random,
    ) -> Result<Self, SettingsError> {
        let all = settings::Settings::from_vars(variables.clone());
        let mut read = all.reader(Program::Daemon);
        let settings = Self::of(&mut read, variables, random);
        read.finish(|| settings)
    }

    // Every setting is read before any is missed, so that all that is wrong is said at once.
    fn of(
        read: &mut Reader<'_>,
        variables: &HashMap<String, String>,
        random: &dyn Random,
    ) -> Option<Self> {
        let jobs_queue = read.get(&JOBS_QUEUE_URL);
        let api = read.get(&SWITCHYARD_WORKER_URL);
        let key = read.get(&SWITCHYARD_DAEMON_KEY);
        let github_api = read.get(&GITHUB_API_URL);
        let git = read.get(&GITHUB_GIT_URL);
        let git = git.or_else(|| github_api.as_ref().map(github::git_address));
        let history = history(read);
        let harness = harness(read);
        let model = model::model(read, harness.as_ref());
        let check = command(read, &SWITCHYARD_CHECK_COMMAND);
        let agent = read.get(&SWITCHYARD_AGENT_SECONDS);
        let model_idle = read.get(&SWITCHYARD_AGENT_IDLE_SECONDS);
        let drain = read.get(&SWITCHYARD_DRAIN_SECONDS);
        let id = id(read, random);
        let level = read.parse(&RUST_LOG, |text| text.parse().ok());
        let spans = spans(read, variables);
        let boundary = boundary::boundary(read);
        let (readable, hidden) = (
            read.get(&SWITCHYARD_SANDBOX_READABLE).unwrap_or_default(),
            read.get(&SWITCHYARD_SANDBOX_HIDDEN).unwrap_or_default(),
        );
        // A program of which nothing is known may work in silence; Claude Code says when a tool does.
        let idle = match harness.as_ref()? {
            HarnessSettings::ClaudeCode { .. } => model_idle,
            HarnessSettings::Command(_) => {
                model_idle.filter(|_| read.is_set(&SWITCHYARD_AGENT_IDLE_SECONDS))
            }
        };
        let boundary = boundary?;
        Some(Self {
            jobs_queue: jobs_queue?,
            api: api?,
            key: key?,
            github_api: github_api?,
            github_git: git?,
            idle,
            model_idle: model_idle?,
            history: history?,
            harness: harness?,
            model,
            check,
            work_dir: read.get(&SWITCHYARD_WORK_DIR).unwrap_or_else(work_dir),
            agent_logs: read.get(&SWITCHYARD_AGENT_LOGS),
            agent: agent?,
            drain: drain?,
            id: id?,
            path: read.get(&PATH)?,
            level: level?,
            stage: read.get(&SWITCHYARD_STAGE)?,
            spans,
            sandbox: boundary.sandbox,
            site: boundary.site,
            hosts: boundary.hosts,
            readable,
            hidden,
            job_users: boundary.job_users,
            job_limits: boundary.job_limits,
        })
    }
}

fn harness(read: &mut Reader<'_>) -> Option<HarnessSettings> {
    if read.get(&SWITCHYARD_HARNESS)? != COMMAND {
        let turns = NonZeroU32::new(read.get(&SWITCHYARD_AGENT_TURNS)?)?;
        return Some(HarnessSettings::ClaudeCode { turns });
    }
    if !read.is_set(&SWITCHYARD_COMMAND) {
        read.wrong(&SWITCHYARD_COMMAND, "it is missing");
    }
    command(read, &SWITCHYARD_COMMAND).map(HarnessSettings::Command)
}

fn command(read: &mut Reader<'_>, setting: &Setting<String>) -> Option<Vec<String>> {
    let text = read.get(setting)?;
    command_line(&text)
        .map_err(|error| read.wrong(setting, error.to_string()))
        .ok()
}

fn history(read: &mut Reader<'_>) -> Option<History> {
    let depth = read.get(&SWITCHYARD_CLONE_DEPTH)?;
    Some(NonZeroU32::new(depth).map_or(History::Whole, History::Newest))
}

fn id(read: &mut Reader<'_>, random: &dyn Random) -> Option<DaemonId> {
    let mut unique = [0_u8; 8];
    random.fill(&mut unique);
    let own = format!("daemon-{}", HEXLOWER.encode(&unique));
    let id = read.get(&SWITCHYARD_DAEMON_ID);
    id.or_else(|| own.parse().ok())
}

fn spans(read: &mut Reader<'_>, variables: &HashMap<String, String>) -> Option<Endpoint> {
    // The exporter reads them itself, and passes over what it cannot read.
    read.parse(&OTEL_EXPORTER_OTLP_HEADERS, |headers| {
        let mut pairs = headers.split(',').filter(|pair| !pair.trim().is_empty());
        pairs.all(|pair| pair.contains('=')).then_some(())
    });
    Endpoint::from_vars(variables).unwrap_or_else(|error| {
        let wrong = if error.0 == OTEL_EXPORTER_OTLP_TRACES_ENDPOINT.name() {
            &OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
        } else {
            &OTEL_EXPORTER_OTLP_ENDPOINT
        };
        read.wrong(wrong, "it is not an http or https address");
        None
    })
}

/// Where jobs have their folders if nothing else is said.
pub(crate) fn work_dir() -> PathBuf {
    std::env::temp_dir().join(Path::new("switchyard-daemon"))
}
