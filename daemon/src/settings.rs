//! The daemon's settings, read once and judged together.

mod boundary;
mod model;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fmt,
    num::NonZeroU32,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use data_encoding::HEXLOWER;
use domain::{DaemonId, Random};
use secrecy::SecretString;
use telemetry::Endpoint;
use url::Url;

pub(crate) use self::model::ModelSettings;
use crate::{
    History,
    command_line::command_line,
    outside::Hosts,
    sandbox::{Choice, JobLimits, Site},
};

/// How many commits an agent gets to see. The clone is read three times, so all of a long history would cost minutes.
const DEPTH: u32 = 500;
const AGENT_SECONDS: u64 = 1_800;
const DRAIN_SECONDS: u64 = 100;
const IDLE: Duration = Duration::from_mins(5);
/// No agent takes more turns.
const MOST_TURNS: u32 = 10_000;
/// No job's deadline is further away than this.
const LONGEST_SECONDS: u64 = 86_400;
const JOB_PROCESSES: u64 = 4_096;
const JOB_OPEN_FILES: u64 = 65_536;
const JOB_DISK_MIB: u64 = 8_192;
const JOB_FILES: u64 = 2_000_000;
/// Numbers below those that containers can have and systems give out by themselves.
const JOB_USERS: RangeInclusive<u32> = 20_000..=29_999;
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Which agent program is run.
#[derive(Clone, Debug)]
pub(crate) enum HarnessSettings {
    /// Claude Code.
    ClaudeCode {
        /// How many turns it may take, if the operator says so.
        turns: Option<NonZeroU32>,
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

/// One setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its name.
    pub name: &'static str,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub solution: &'static str,
}

/// All settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError(pub Vec<Wrong>);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are wrong:")?;
        for Wrong {
            name,
            reason,
            solution,
        } in &self.0
        {
            write!(f, "\n  {name}: {reason}. {solution}")?;
        }
        Ok(())
    }
}

impl Settings {
    /// Reads the settings from `variables`.
    pub(crate) fn read(
        variables: &HashMap<String, String>,
        random: &dyn Random,
    ) -> Result<Self, SettingsError> {
        let mut reader = Reader {
            variables,
            wrong: Vec::new(),
        };
        let settings = reader.settings(random);
        match settings {
            Some(settings) if reader.wrong.is_empty() => Ok(settings),
            _ => Err(SettingsError(reader.wrong)),
        }
    }
}

struct Reader<'a> {
    variables: &'a HashMap<String, String>,
    wrong: Vec<Wrong>,
}

impl Reader<'_> {
    // Every setting is read before any is missed, so that all that is wrong is said at once.
    fn settings(&mut self, random: &dyn Random) -> Option<Settings> {
        let jobs_queue = self.needed("JOBS_QUEUE_URL", "Set it to the address of the jobs queue.");
        let api = self.url(
            "SWITCHYARD_WORKER_URL",
            "Set it to the address of the worker function.",
        );
        let key = self.needed(
            "SWITCHYARD_DAEMON_KEY",
            "Set it to the parameter of this name that the worker function reads.",
        );
        let github_api = self.url(
            "GITHUB_API_URL",
            "Set it to https://api.github.com, or to a server's /api/v3.",
        );
        let github_git = match self.get("GITHUB_GIT_URL") {
            Some(_) => self.url(
                "GITHUB_GIT_URL",
                "Set it to https://github.com, or to a server's address, or leave it out.",
            ),
            None => github_api.as_ref().map(github::git_address),
        };
        let history = self.history();
        let harness = self.harness();
        let model = self.model(harness.as_ref());
        let check = self.command("SWITCHYARD_CHECK_COMMAND");
        let agent = self.seconds("SWITCHYARD_AGENT_SECONDS");
        let idle = self.seconds("SWITCHYARD_AGENT_IDLE_SECONDS");
        let drain = self.seconds("SWITCHYARD_DRAIN_SECONDS");
        let id = self.id(random);
        let level = self.level();
        let spans = self.spans();
        let sandbox = self.sandbox();
        let site = self.site();
        let hosts = self.hosts();
        let job_users = self.job_users();
        let job_limits = self.job_limits();
        Some(Settings {
            jobs_queue: jobs_queue?,
            api: api?,
            key: key?.into(),
            github_api: github_api?,
            github_git: github_git?,
            // A program of which nothing is known may work in silence; Claude Code says when a tool does.
            idle: match harness.as_ref()? {
                HarnessSettings::ClaudeCode { .. } => Some(idle.unwrap_or(IDLE)),
                HarnessSettings::Command(_) => idle,
            },
            model_idle: idle.unwrap_or(IDLE),
            history: history?,
            harness: harness?,
            model,
            check,
            work_dir: self
                .get("SWITCHYARD_WORK_DIR")
                .map_or_else(work_dir, PathBuf::from),
            agent_logs: self.get("SWITCHYARD_AGENT_LOGS").map(PathBuf::from),
            agent: agent.unwrap_or(Duration::from_secs(AGENT_SECONDS)),
            drain: drain.unwrap_or(Duration::from_secs(DRAIN_SECONDS)),
            id: id?,
            path: self.get("PATH").unwrap_or(PATH).to_owned(),
            level,
            stage: self.get("SWITCHYARD_STAGE").unwrap_or("none").to_owned(),
            spans,
            sandbox: sandbox?,
            site: site?,
            hosts: hosts?,
            readable: self.paths("SWITCHYARD_SANDBOX_READABLE"),
            hidden: self.paths("SWITCHYARD_SANDBOX_HIDDEN"),
            job_users: job_users?,
            job_limits: job_limits?,
        })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.trim().is_empty())
    }

    fn complain(&mut self, name: &'static str, reason: impl Into<String>, solution: &'static str) {
        let reason = reason.into();
        self.wrong.push(Wrong {
            name,
            reason,
            solution,
        });
    }

    fn needed(&mut self, name: &'static str, solution: &'static str) -> Option<String> {
        let text = self.get(name).map(str::to_owned);
        if text.is_none() {
            self.complain(name, "it is not set", solution);
        }
        text
    }

    fn url(&mut self, name: &'static str, solution: &'static str) -> Option<Url> {
        let text = self.needed(name, solution)?;
        match text.parse::<Url>() {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                if url.username().is_empty() && url.password().is_none() {
                    return Some(url);
                }
                self.complain(
                    name,
                    "it holds a user name or password",
                    "Take it out; credentials are minted for each job.",
                );
            }
            _ => self.complain(name, "it is not an http or https address", solution),
        }
        None
    }

    fn harness(&mut self) -> Option<HarnessSettings> {
        match self.get("SWITCHYARD_HARNESS").unwrap_or("claude-code") {
            "claude-code" => Some(HarnessSettings::ClaudeCode {
                turns: self.turns(),
            }),
            "command" => {
                let solution =
                    "Set it to the program and its arguments, as words or as a JSON array.";
                self.needed("SWITCHYARD_COMMAND", solution)?;
                self.command("SWITCHYARD_COMMAND")
                    .map(HarnessSettings::Command)
            }
            other => {
                let reason = format!("{other:?} is no harness");
                self.complain(
                    "SWITCHYARD_HARNESS",
                    reason,
                    "Set it to claude-code or command.",
                );
                None
            }
        }
    }

    fn command(&mut self, name: &'static str) -> Option<Vec<String>> {
        let read = command_line(self.get(name)?);
        read.map_err(|error| {
            let solution = "Set it to the program and its arguments, as words or as a JSON array.";
            self.complain(name, error.to_string(), solution);
        })
        .ok()
    }

    fn turns(&mut self) -> Option<NonZeroU32> {
        const NAME: &str = "SWITCHYARD_AGENT_TURNS";
        let turns = self.get(NAME)?.trim().parse().ok();
        let turns = turns.filter(|turns: &NonZeroU32| turns.get() <= MOST_TURNS);
        if turns.is_none() {
            let reason = "it is not a number of turns from 1 to 10000";
            self.complain(NAME, reason, "Correct it, or leave it out.");
        }
        turns
    }

    fn seconds(&mut self, name: &'static str) -> Option<Duration> {
        if let Ok(seconds @ 1..=LONGEST_SECONDS) = self.get(name)?.trim().parse() {
            return Some(Duration::from_secs(seconds));
        }
        let reason = "it is not a number of seconds from 1 to 86400";
        self.complain(name, reason, "Correct it, or leave it out.");
        None
    }

    fn history(&mut self) -> Option<History> {
        let depth = self.get("SWITCHYARD_CLONE_DEPTH");
        if let Ok(depth) = depth.map_or(Ok(DEPTH), |text| text.trim().parse()) {
            return Some(NonZeroU32::new(depth).map_or(History::Whole, History::Newest));
        }
        self.complain(
            "SWITCHYARD_CLONE_DEPTH",
            "it is not a number of commits",
            "Set it to a number, 0 for the whole history, or leave it out.",
        );
        None
    }

    fn id(&mut self, random: &dyn Random) -> Option<DaemonId> {
        let mut unique = [0_u8; 8];
        random.fill(&mut unique);
        let own = format!("daemon-{}", HEXLOWER.encode(&unique));
        let id = self.get("SWITCHYARD_DAEMON_ID").unwrap_or(&own).parse();
        id.map_err(|_| {
            let solution = "Use at most 100 visible ASCII characters, or leave it out.";
            self.complain(
                "SWITCHYARD_DAEMON_ID",
                "it is not a daemon's name",
                solution,
            );
        })
        .ok()
    }

    fn spans(&mut self) -> Option<Endpoint> {
        // The exporter reads them itself, and passes over what it cannot read.
        let headers = self.get("OTEL_EXPORTER_OTLP_HEADERS").unwrap_or_default();
        let mut pairs = headers.split(',').filter(|pair| !pair.trim().is_empty());
        if pairs.any(|pair| !pair.contains('=')) {
            let solution = "Write them as name=value, separated by commas.";
            self.complain(
                "OTEL_EXPORTER_OTLP_HEADERS",
                "they are no headers",
                solution,
            );
        }
        Endpoint::from_vars(self.variables).unwrap_or_else(|error| {
            let solution = "Set it to the collector's address, such as http://localhost:4318, or leave it out.";
            self.complain("OTEL_EXPORTER_OTLP_ENDPOINT", error.to_string(), solution);
            None
        })
    }

    fn level(&mut self) -> tracing::Level {
        let Some(text) = self.get("RUST_LOG") else {
            return tracing::Level::INFO;
        };
        text.parse().unwrap_or_else(|_| {
            self.complain(
                "RUST_LOG",
                "it is not a level",
                "Set it to error, warn, info, debug or trace.",
            );
            tracing::Level::INFO
        })
    }
}

/// Where jobs have their folders if nothing else is said.
pub(crate) fn work_dir() -> PathBuf {
    std::env::temp_dir().join(Path::new("switchyard-daemon"))
}
