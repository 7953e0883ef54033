//! Whether git is there and new enough. Daemons clone with it, and the simulated GitHub serves with it.

use std::io;

use tokio::process::Command;

/// The oldest that everything here works with: major and minor version.
const OLDEST: (u32, u32) = (2, 30);

/// Why git cannot be used, in words for the person who started the stack.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GitError {
    /// It is not there.
    #[error("git is not found in PATH ({path}). Install git {}.{} or newer.", OLDEST.0, OLDEST.1)]
    Missing {
        /// Where it was looked for.
        path: String,
    },
    /// It is there, but does not run.
    #[error("git cannot be run: {reason}. Install git {}.{} or newer.", OLDEST.0, OLDEST.1)]
    Broken {
        /// What happened instead.
        reason: String,
    },
    /// It is too old.
    #[error("this is {version}, which is too old. Install git {}.{} or newer.", OLDEST.0, OLDEST.1)]
    TooOld {
        /// What it calls itself.
        version: String,
    },
}

/// Looks at the git in `path`.
pub(crate) async fn check(path: &str) -> Result<(), GitError> {
    let run = Command::new("git")
        .arg("--version")
        .env_clear()
        .env("PATH", path)
        .output();
    let output = run.await.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => GitError::Missing {
            path: path.to_owned(),
        },
        _ => GitError::Broken {
            reason: error.to_string(),
        },
    })?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match version(&said) {
        Some(found) if found >= OLDEST => Ok(()),
        Some(_) => Err(GitError::TooOld { version: said }),
        None => Err(GitError::Broken {
            reason: format!("it ended with {}", output.status),
        }),
    }
}

/// The version in words such as `git version 2.39.5 (Apple Git-154)`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said
        .strip_prefix("git version ")?
        .split(|one: char| !one.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    async fn with(script: Option<&str>) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        if let Some(script) = script {
            let git = folder.path().join("git");
            fs::write(&git, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let checked = check(&folder.path().display().to_string()).await;
        checked.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn only_a_git_that_is_new_enough_will_do() {
        with(Some("echo git version 2.47.3")).await.unwrap();
        with(Some("echo git version 3.0.1.windows.1"))
            .await
            .unwrap();
        for (script, reason) in [
            (None, "git is not found in PATH (/"),
            (
                Some("echo git version 2.29.9"),
                "git version 2.29.9, which is too old",
            ),
            (Some("echo git version 1.99"), "too old"),
            (
                Some("exit 3"),
                "git cannot be run: it ended with exit status: 3",
            ),
        ] {
            let said = with(script).await.unwrap_err();
            assert!(
                said.contains(reason) && said.ends_with("Install git 2.30 or newer."),
                "{said}"
            );
        }
    }
}
