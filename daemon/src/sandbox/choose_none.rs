//! On systems without what sandboxes are made of.

use std::path::{Path, PathBuf};

use domain::Random;

use super::{Choice, Confinement, JobLimits, Level, NoSandbox, Sandbox, SandboxSettings, Site};
use crate::Reaper;

impl Sandbox {
    /// A sandbox that holds nothing back.
    pub fn none(_program: PathBuf, limits: JobLimits, reaper: Reaper) -> Self {
        Self {
            level: Level::None,
            passed_over: Vec::new(),
            limits,
            reaper,
        }
    }

    /// There is none to choose.
    #[expect(
        clippy::unused_async,
        reason = "there is something to wait for on Linux"
    )]
    pub async fn choose(
        settings: &SandboxSettings,
        _work_dir: &Path,
        reaper: Reaper,
        _random: &dyn Random,
    ) -> Result<Self, NoSandbox> {
        match (settings.choice, settings.site) {
            (Choice::Only(Level::None), _) | (Choice::Auto, Site::Simulated) => Ok(Self::none(
                settings.program.clone(),
                settings.limits,
                reaper,
            )),
            _ => Err(NoSandbox(vec!["this system is not Linux".to_owned()])),
        }
    }

    /// What the next job is confined by.
    #[expect(clippy::unused_self, reason = "it has users to give out on Linux")]
    pub(crate) fn confinement(&self) -> Confinement {
        Confinement::new(None)
    }
}
