//! Pushing the one branch of a run.

use domain::{Login, RunBranches, RunId};
use secrecy::SecretString;

use super::{Base, Fresh, Git, GitError, Source, Verdict};

/// The trailer in the message of a run's commit, which says whose it is.
pub(crate) const TRAILER: &str = "Switchyard-Run";

/// How much of a branch is looked at to learn whose it is.
const DEPTH: &str = "--depth=50";

/// Pushing failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PushError {
    /// The first name is none that may be pushed to.
    #[error("{0:?} is not a branch of a run")]
    Branch(String),
    /// No name is left: each is taken, or in the way of another.
    #[error("no name is left for the branch of a run")]
    Taken,
    /// The branch holds commits of somebody else.
    #[error("somebody else has pushed to {0:?}")]
    Changed(String),
    /// The provider refused it, or git failed by itself.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl PushError {
    /// Whether the workflows of the commit are what the provider refuses.
    pub(crate) fn is_about_workflows(&self) -> bool {
        matches!(self.verdict(), Verdict::Forbidden(_))
    }

    /// What it means for what was to be done.
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Git(error) => error.verdict(),
            Self::Branch(_) | Self::Taken | Self::Changed(_) => Verdict::Other,
        }
    }
}

/// What is pushed where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Push<'a> {
    /// The repository.
    pub(crate) source: &'a Source,
    /// What the commit was made on.
    pub(crate) base: &'a Base,
    /// The commit.
    pub(crate) commit: &'a str,
    /// The branches it may go to.
    pub(crate) branches: &'a RunBranches,
    /// The run whose they are.
    pub(crate) run: RunId,
    /// Who commits for it.
    pub(crate) bot: &'a Login,
}

/// What is at a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
enum There {
    /// Nothing.
    Nothing,
    /// The very commit that is to be pushed.
    Same,
    /// What this run left there, or the base itself; by its name.
    Own(String),
    /// Somebody else's work on what this run left there.
    Changed,
    /// Somebody else's branch.
    Foreign,
}

impl Verdict {
    /// Whether the branch under another name may be taken.
    fn is_about_the_name(&self) -> bool {
        matches!(self, Self::InTheWay | Self::Rules)
    }
}

/// Puts the commit on the first of the run's branches that can take it, and touches nothing else: what an earlier attempt
/// of the same run left there is replaced, what anybody else did is not. Says which branch it was.
pub(crate) async fn push(
    git: &Git,
    fresh: &Fresh,
    push: Push<'_>,
    token: &SecretString,
) -> Result<String, PushError> {
    let remote = Remote {
        git,
        fresh,
        push,
        address: git.address(&push.source.path()),
        token,
    };
    let mut ruled_out = None;
    for (place, branch) in push.branches.names().enumerate() {
        if !remote.may_be_pushed(&branch).await {
            if place == 0 {
                return Err(PushError::Branch(branch));
            }
            continue;
        }
        let there = match remote.look(&branch).await? {
            There::Same => return Ok(branch),
            There::Changed => return Err(PushError::Changed(branch)),
            There::Foreign => continue,
            There::Nothing => String::new(),
            There::Own(tip) => tip,
        };
        let Err(error) = remote.put(&branch, &there).await else {
            return Ok(branch);
        };
        // When an answer is lost, git's transport may send the same push again by itself, and the second one is refused
        // because of the first.
        match remote.look(&branch).await? {
            There::Same => return Ok(branch),
            There::Changed => return Err(PushError::Changed(branch)),
            _ if !error.verdict().is_about_the_name() => return Err(error.into()),
            _ if error.verdict() == Verdict::Rules => ruled_out = Some(error),
            _ => {}
        }
    }
    Err(ruled_out.map_or(PushError::Taken, PushError::Git))
}

/// One commit of a branch.
struct Commit {
    committer: String,
    /// The run that its message says it is of; empty for none.
    run: String,
}

/// The repository at the provider, as a push sees it.
struct Remote<'a> {
    git: &'a Git,
    fresh: &'a Fresh,
    push: Push<'a>,
    address: String,
    token: &'a SecretString,
}

impl Remote<'_> {
    /// Whether `branch` is a name that git takes and not the branch that the work is for.
    async fn may_be_pushed(&self, branch: &str) -> bool {
        let reference = format!("refs/heads/{branch}");
        let format = ["check-ref-format", &reference];
        let format = self.fresh.call(self.git, self.git.home(), &format);
        format.run().await.is_ok() && branch != self.push.base.branch && !branch.starts_with('-')
    }

    async fn tip(&self, branch: &str) -> Result<Option<String>, GitError> {
        let reference = format!("refs/heads/{branch}");
        let list = ["ls-remote", "--refs", "--", &self.address, &reference];
        let call = self.fresh.call(self.git, self.git.home(), &list);
        let line = call.token(self.token).line().await?;
        Ok(line.split_ascii_whitespace().next().map(str::to_owned))
    }

    async fn look(&self, branch: &str) -> Result<There, GitError> {
        let Some(tip) = self.tip(branch).await? else {
            return Ok(There::Nothing);
        };
        if tip == self.push.commit {
            return Ok(There::Same);
        }
        if tip == self.push.base.commit {
            return Ok(There::Own(tip));
        }
        let commits = self.commits(branch, &tip).await?;
        let of_run = |commit: &&Commit| commit.run == self.push.run.to_string();
        let newest = commits.first().filter(of_run);
        Ok(
            // Somebody who amends a commit of ours keeps what its message says, but not who committed it.
            if newest.is_some_and(|newest| newest.committer == self.push.bot.as_str()) {
                There::Own(tip)
            } else if commits.iter().any(|commit| of_run(&commit)) {
                There::Changed
            } else {
                There::Foreign
            },
        )
    }

    /// The newest commits of the branch, newest first.
    async fn commits(&self, branch: &str, tip: &str) -> Result<Vec<Commit>, GitError> {
        let home = self.git.home();
        let reference = format!("refs/heads/{branch}");
        let fetch = ["fetch", "--quiet", DEPTH, "--no-tags", "--"];
        let fetch = [&fetch[..], &[&self.address, &reference]].concat();
        let fetched = self.fresh.call(self.git, home, &fetch);
        fetched.token(self.token).run().await?;
        let format = format!("--format=%cn%x00%(trailers:key={TRAILER},valueonly,separator=%x20)");
        let log = ["log", "-50", "--first-parent", &format, tip, "--"];
        let log = self.fresh.call(self.git, home, &log).run().await?;
        let log = String::from_utf8_lossy(&log);
        let commit = |line: &str| {
            let (committer, run) = line.split_once('\0')?;
            Some(Commit {
                committer: committer.to_owned(),
                run: run.trim().to_owned(),
            })
        };
        Ok(log.lines().filter_map(commit).collect())
    }

    /// Whoever else moves the branch after it was looked at wins: their work is not ours to throw away.
    async fn put(&self, branch: &str, there: &str) -> Result<(), GitError> {
        let reference = format!("refs/heads/{branch}");
        let lease = format!("--force-with-lease={reference}:{there}");
        let change = format!("{}:{reference}", self.push.commit);
        let push = ["push", "--porcelain", "--no-verify", &lease, "--"];
        let push = [&push[..], &[&self.address, &change]].concat();
        let call = self.fresh.call(self.git, self.git.home(), &push);
        call.token(self.token).run().await.map(drop)
    }
}
