//! Finding the strongest sandbox that works.

use std::{io, path::Path, path::PathBuf};

use domain::Random;

use super::{
    Choice, Confinement, Level, NoSandbox, Sandbox, SandboxSettings, Site, plan::Rights, stage,
    users::Users, view::View,
};
use crate::{
    Reaper,
    process::{Invocation, Limits, ProcessExit, Pulse, Watch, supervise},
    workspace::Workspace,
};

/// How long the trivial program of a probe may take.
const PROBE: std::time::Duration = std::time::Duration::from_secs(20);

/// What a sandbox works with.
#[derive(Debug)]
pub(super) struct Means {
    pub(super) program: PathBuf,
    pub(super) users: Option<Users>,
    pub(super) view: View,
    /// Whose rights namespaces are made with.
    pub(super) rights: Rights,
}

impl Sandbox {
    /// A sandbox that holds nothing back.
    pub fn none(program: PathBuf, limits: super::JobLimits, reaper: Reaper) -> Self {
        Self {
            level: Level::None,
            passed_over: Vec::new(),
            limits,
            reaper,
            means: Means {
                program,
                users: None,
                view: View::new("".as_ref(), &[], &[]),
                rights: Rights::User,
            },
        }
    }

    /// Chooses by running a trivial program at each level that is wanted, the strongest first. `work_dir` is where
    /// jobs will have their folders.
    pub async fn choose(
        settings: &SandboxSettings,
        work_dir: &Path,
        reaper: Reaper,
        random: &dyn Random,
    ) -> Result<Self, NoSandbox> {
        let mut reasons = Vec::new();
        for (level, rights) in wanted(settings.choice) {
            let mut sandbox = match Self::untried(level, settings, work_dir, reaper) {
                Ok(sandbox) => sandbox,
                Err(reason) => {
                    reasons.push(format!("{level}: {reason}"));
                    continue;
                }
            };
            sandbox.means.rights = rights;
            match sandbox.probe(work_dir, random).await {
                Ok(()) => {
                    sandbox.passed_over = reasons;
                    return Ok(sandbox);
                }
                Err(reason) => reasons.push(format!("{level}: {reason}")),
            }
        }
        let open = match (settings.choice, settings.site) {
            (Choice::Only(Level::None), _) | (Choice::Auto, Site::Simulated) => true,
            (Choice::Only(_), _) | (Choice::Auto, Site::Real) => false,
        };
        if !open {
            return Err(NoSandbox(reasons));
        }
        if !reasons.is_empty() {
            tracing::warn!(reasons = reasons.join("; "), "no sandbox works here");
        }
        Ok(Self {
            passed_over: reasons,
            ..Self::none(settings.program.clone(), settings.limits, reaper)
        })
    }

    fn untried(
        level: Level,
        settings: &SandboxSettings,
        work_dir: &Path,
        reaper: Reaper,
    ) -> io::Result<Self> {
        let users = if rustix::process::geteuid().is_root() {
            Some(Users::take(&settings.users, work_dir)?)
        } else if level == Level::Uid {
            return Err(io::Error::other(
                "only a daemon that is root can start jobs as another user",
            ));
        } else {
            None
        };
        let mut hidden = settings.hidden.clone();
        hidden.push(work_dir.to_owned());
        Ok(Self {
            level,
            passed_over: Vec::new(),
            limits: settings.limits,
            reaper,
            means: Means {
                program: settings.program.clone(),
                users,
                view: View::new(&settings.path, &settings.readable, &hidden),
                rights: Rights::User,
            },
        })
    }

    /// Runs a program that does nothing, as a job would.
    async fn probe(&self, work_dir: &Path, random: &dyn Random) -> io::Result<()> {
        let workspace = Workspace::probe(work_dir, self.confinement(), random)?;
        let call = Invocation {
            program: stage::SELF.into(),
            arguments: stage::nothing(),
            environment: Vec::new(),
            folder: workspace.scratch(),
            input: Vec::new(),
            doors: Vec::new(),
        };
        let limits = Limits {
            wall: PROBE,
            output_bytes: 64 * 1024,
        };
        let pulse = Pulse::begin();
        let watch = Watch {
            on_line: &mut |_| (),
            pulse: &pulse,
            until: std::pin::pin!(std::future::pending()),
        };
        let ended = supervise(&call, limits, self, &workspace, watch).await;
        let cleared = self.clear(&workspace).await;
        match (ended.map_err(io::Error::other)?.end, cleared) {
            (ProcessExit::Exited(status), Ok(())) if status.success() => Ok(()),
            (_, Err(left)) => Err(io::Error::other(left)),
            (end, Ok(())) => Err(io::Error::other(format!(
                "a trivial program did not run: {end:?}"
            ))),
        }
    }

    /// What the next job is confined by.
    pub(crate) fn confinement(&self) -> Confinement {
        Confinement::new(self.means.users.as_ref().map(Users::next))
    }
}

/// The levels to try, the strongest first. Root's own rights make namespaces that show what the operator may read;
/// a container's root may not have them, and may have those of any user.
fn wanted(choice: Choice) -> Vec<(Level, Rights)> {
    let namespaces = if rustix::process::geteuid().is_root() {
        vec![
            (Level::Namespaces, Rights::Root),
            (Level::Namespaces, Rights::User),
        ]
    } else {
        vec![(Level::Namespaces, Rights::User)]
    };
    let uid = (Level::Uid, Rights::User);
    match choice {
        Choice::Auto => namespaces.into_iter().chain([uid]).collect(),
        Choice::Only(Level::Namespaces) => namespaces,
        Choice::Only(Level::Uid) => vec![uid],
        Choice::Only(Level::None) => Vec::new(),
    }
}
