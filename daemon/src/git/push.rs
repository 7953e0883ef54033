//! Pushing the one branch of a run.

use secrecy::SecretString;

use super::{Base, Fresh, Git, GitError, Source};

/// Pushing failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PushError {
    /// The branch is none that may be pushed to.
    #[error("{0:?} is not a branch of a run")]
    Branch(String),
    /// The provider refused the branch; trying again does not help.
    #[error("the provider refused the branch: {0}")]
    Rejected(String),
    /// The provider could not be reached, or git failed by itself.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl PushError {
    /// Whether the same push may succeed in a moment.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Git(error) if error.is_transient())
    }
}

/// Puts `commit` on `branch`, whatever an earlier attempt of the same run left there, and touches nothing else.
pub(crate) async fn push(
    git: &Git,
    fresh: &Fresh,
    base: &Base,
    source: &Source,
    (commit, branch): (&str, &str),
    token: &SecretString,
) -> Result<(), PushError> {
    let reference = format!("refs/heads/{branch}");
    let format = fresh
        .call(git, git.home(), &["check-ref-format", &reference])
        .run()
        .await;
    if format.is_err() || branch == base.branch || branch.starts_with('-') {
        return Err(PushError::Branch(branch.to_owned()));
    }
    let address = git.address(&source.path());
    let list = ["ls-remote", "--refs", "--", &address, &reference];
    let look = async || -> Result<String, GitError> {
        let line = fresh.call(git, git.home(), &list).token(token).line();
        let line = line.await?;
        let found = line.split_ascii_whitespace().next();
        Ok(found.unwrap_or_default().to_owned())
    };
    let there = look().await?;
    if there == commit {
        return Ok(());
    }
    // Whoever else moves the branch in between wins: their work is not ours to throw away.
    let lease = format!("--force-with-lease={reference}:{there}");
    let change = format!("{commit}:{reference}");
    let push = [
        "push",
        "--porcelain",
        "--no-verify",
        &lease,
        "--",
        &address,
        &change,
    ];
    let pushed = fresh.call(git, git.home(), &push).token(token).run().await;
    match pushed {
        Ok(_) => Ok(()),
        Err(GitError::Failed {
            answer, complaint, ..
        }) if refused(&answer) => {
            // When an answer is lost, git's transport may send the same push again by itself, and the second
            // one is refused because of the first.
            if look().await? == commit {
                return Ok(());
            }
            Err(PushError::Rejected(complaint))
        }
        Err(other) => Err(other.into()),
    }
}

// In the porcelain form a reference that was not accepted has a line that starts so.
fn refused(answer: &[u8]) -> bool {
    String::from_utf8_lossy(answer)
        .lines()
        .any(|line| line.starts_with("!\t"))
}
