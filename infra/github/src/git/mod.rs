//! Bare repositories and git over HTTP.

pub(crate) mod backend;
pub(crate) mod changes;
pub(crate) mod http;
pub(crate) mod import;
pub(crate) mod lfs;
pub(crate) mod pulls;
pub(crate) mod query;
mod report;
pub(crate) mod sync;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::error::Error;
use crate::state::repositories::Repository;

/// Examines each push. It is a fixed text and takes nothing from outside but what it compares.
const HOOK: &str = include_str!("../../hooks/pre-receive");

/// How the repositories behave, beside where their hooks are.
const SETTINGS: [(&str, &str); 6] = [
    ("gc.auto", "0"),
    ("receive.autogc", "false"),
    // Nobody pushes to the references of pull requests.
    ("receive.hideRefs", "refs/pull"),
    ("uploadpack.allowFilter", "true"),
    ("uploadpack.allowTipSHA1InWant", "true"),
    ("uploadpack.allowReachableSHA1InWant", "true"),
];

/// Where the bare repositories are and how `git` is run.
#[derive(Clone, Debug)]
pub(crate) struct Git {
    root: PathBuf,
    hooks: PathBuf,
    program_path: OsString,
    /// Bytes above which a file is refused.
    file_limit: u64,
}

impl Git {
    /// Prepares the directories of repositories and hooks under `state`.
    pub(crate) fn prepare(
        state: &Path,
        program_path: OsString,
        file_limit: u64,
    ) -> io::Result<Self> {
        let state = state.canonicalize()?;
        let (root, hooks) = (state.join("repositories"), state.join("hooks"));
        std::fs::create_dir_all(&root)?;
        std::fs::create_dir_all(&hooks)?;
        let hook = hooks.join("pre-receive");
        std::fs::write(&hook, HOOK)?;
        make_executable(&hook)?;
        Ok(Self {
            root,
            hooks,
            program_path,
            file_limit,
        })
    }

    /// The directory of a repository.
    pub(crate) fn directory(&self, repository: &Repository) -> PathBuf {
        self.root.join(repository.git_path())
    }

    /// `git` with an empty environment and no configuration but ours, which is killed when it is no
    /// longer waited for.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("git");
        command
            .env_clear()
            .env("PATH", &self.program_path)
            .env("HOME", &self.root)
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CONFIG_COUNT", (SETTINGS.len() + 1).to_string())
            .env("GIT_CONFIG_KEY_0", "core.hooksPath")
            .env("GIT_CONFIG_VALUE_0", &self.hooks)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for (index, (name, value)) in (1..).zip(SETTINGS) {
            command
                .env(format!("GIT_CONFIG_KEY_{index}"), name)
                .env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        command
    }

    /// Runs `git` in a repository and gives its output whatever the exit status.
    pub(crate) async fn run(
        &self,
        repository: &Repository,
        arguments: &[&str],
        input: Option<Vec<u8>>,
    ) -> Result<Output, Error> {
        let mut command = self.command();
        command
            .arg("--git-dir")
            .arg(self.directory(repository))
            .args(arguments);
        if input.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn()?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            stdin.write_all(&input).await?;
        }
        Ok(child.wait_with_output().await?)
    }

    /// Runs `git` in a repository and gives what it wrote, if it succeeded.
    pub(crate) async fn text(
        &self,
        repository: &Repository,
        arguments: &[&str],
    ) -> Result<String, Error> {
        let output = self.run(repository, arguments, None).await?;
        succeeded(&output)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The error text of a run that failed.
pub(crate) fn succeeded(output: &Output) -> Result<(), Error> {
    if output.status.success() {
        return Ok(());
    }
    Err(Error::Git(
        String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    ))
}

#[cfg(unix)]
fn make_executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755))
}
