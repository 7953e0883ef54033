//! Deploying and deleting with SAM's own program, as an operator does.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::{
    emulator::{Emulator, OWNER, REGION, absolute},
    group::Group,
};

/// The stack's name.
pub(crate) const STACK: &str = "switchyard-check";
/// The bucket that the functions' code goes through.
pub(crate) const ARTEFACTS: &str = "switchyard-check-artefacts";

/// SAM's program, bound to the emulator.
#[derive(Debug)]
pub(crate) struct Sam {
    program: PathBuf,
    template: PathBuf,
    environment: BTreeMap<String, String>,
    log: PathBuf,
}

impl Sam {
    /// The program at `program`, for the template that it has built.
    pub(crate) fn new(
        program: &Path,
        template: &Path,
        emulator: &Emulator,
        state: &Path,
    ) -> Result<Self> {
        let program = absolute(program, "make .venv/installed")?;
        let home = state.join("sam").display().to_string();
        let environment = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            // Neither the person's profiles nor their settings of SAM are of any meaning here.
            ("HOME", home),
            ("AWS_ENDPOINT_URL", emulator.url.to_string()),
            ("AWS_CA_BUNDLE", emulator.certificate.authority_file.clone()),
            ("AWS_ACCESS_KEY_ID", OWNER.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("SAM_CLI_TELEMETRY", "0".to_owned()),
        ];
        Ok(Self {
            program,
            template: absolute(template, "make build")?,
            environment: environment
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            log: state.join("log").join("sam.log"),
        })
    }

    /// Deploys with these parameters. What changed is changed, what did not stays.
    pub(crate) async fn deploy(&self, parameters: &BTreeMap<String, String>) -> Result<()> {
        let mut command = Command::new(&self.program);
        command
            .args(["deploy", "--stack-name", STACK, "--s3-bucket", ARTEFACTS])
            .arg("--template-file")
            .arg(&self.template)
            .args(["--capabilities", "CAPABILITY_IAM", "--no-progressbar"])
            .args(["--no-confirm-changeset", "--no-fail-on-empty-changeset"])
            .arg("--parameter-overrides");
        for (name, value) in parameters {
            command.arg(format!("{name}={value}"));
        }
        self.run(command, "sam deploy").await
    }

    /// Deletes the stack.
    pub(crate) async fn delete(&self) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.args(["delete", "--stack-name", STACK, "--no-prompts"]);
        command.args(["--region", REGION, "--s3-bucket", ARTEFACTS]);
        self.run(command, "sam delete").await
    }

    async fn run(&self, command: Command, what: &str) -> Result<()> {
        let mut group = Group::start(command, &self.environment, &self.log)?;
        let status = group.wait().await?;
        if !status.success() {
            bail!("{what} failed: {status}");
        }
        Ok(())
    }
}
