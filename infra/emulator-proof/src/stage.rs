//! The deployed stack with everything around it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use data_encoding::HEXLOWER;
use domain::{Random as _, SharedClock, SystemRandom};
use secrecy::SecretString;
use store::Store;
use url::Url;

use crate::{
    account::{Account, Resource},
    address,
    arguments::Options,
    board::Board,
    caller::Caller,
    emulator::Emulator,
    front::Front,
    iam::{self, Iam},
    people::{APP_ID, OWNER, People},
    sam::{ARTEFACTS, STACK, Sam},
    worker::{Addresses, Workers},
};

/// Where the settings are kept.
pub(crate) const SETTINGS: &str = "/switchyard/check";

/// Everything that is up.
pub(crate) struct Stage {
    pub(crate) people: People,
    pub(crate) account: Account,
    pub(crate) sam: Sam,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) caller: Caller,
    pub(crate) front: Front,
    pub(crate) workers: Workers,
    pub(crate) webhook: Url,
    /// The base of the HTTP API.
    pub(crate) api: Url,
    pub(crate) state: PathBuf,
    pub(crate) emulator: Emulator,
}

impl Stage {
    /// Deploys and puts everything around it.
    pub(crate) async fn raise(
        options: &Options,
        state: &Path,
        clock: SharedClock,
        board: &mut Board<'_>,
    ) -> Result<Self> {
        let starting = Emulator::start(&options.emulator, state, options.aws_port);
        let emulator = board
            .prove("emulator", async {
                let emulator = starting.await?;
                let how = "answers over TLS and decides by policies".to_owned();
                Ok((emulator, how))
            })
            .await?;
        let account = Account::owner(&emulator)?;
        let (webhook_secret, daemon_key) = (secret(), secret());
        let files = &options.repository;
        let people = People::start(
            options.github_port,
            state,
            clock,
            webhook_secret.clone(),
            files,
        )
        .await?;
        let settings = store_settings(&account, &webhook_secret, &daemon_key);
        board.prove("settings: SSM SecureString", settings).await?;
        let sam = Sam::new(&options.sam, &options.template, &emulator, state)?;
        let parameters = parameters(options, &people);
        let deploying = deploy(&account, &sam, &parameters);
        let (outputs, resources) = board.prove("template: sam deploy", deploying).await?;

        let output = |name: &str| of(&outputs, name);
        let webhook = address::at(&emulator.url, output("WebhookUrl")?)?;
        let worker = address::at(&emulator.url, output("WorkerUrl")?)?;
        let api = address::at(&emulator.url, output("ApiUrl")?)?;
        let caller = Caller::new(&emulator.certificate)?;
        let base = webhook.join("..")?;
        let front = Front::start(options.front_port, caller.clone(), base, worker.clone()).await?;
        let iam = Iam {
            caller: &caller,
            url: &emulator.url,
            resources: &resources,
        };
        iam.adapt().await?;
        let credentials = iam.take_on(iam::DAEMON).await?;
        let addresses = Addresses {
            aws: emulator.url.as_str(),
            authority: &emulator.certificate.authority_file,
            worker: worker.as_str(),
            key: &daemon_key,
            jobs: output("JobsQueueUrl")?,
            github_api: people.github.api_url().as_str(),
            github_git: people.github.git_url().as_str(),
        };
        let workers = Workers::new(&options.daemon, addresses, &credentials, state)?;
        let state = state.to_owned();
        Ok(Self {
            people,
            account,
            sam,
            parameters,
            outputs,
            resources,
            caller,
            front,
            workers,
            webhook,
            api,
            state,
            emulator,
        })
    }

    /// What the stack says under this name.
    pub(crate) fn output(&self, name: &str) -> Result<&str> {
        of(&self.outputs, name)
    }

    /// The table.
    pub(crate) fn store(&self) -> Result<Store> {
        let table = self.output("TableName")?.to_owned();
        let client = self.account.clients.dynamodb();
        Ok(Store::new(client, table, Arc::new(SystemRandom)))
    }

    /// The roles, to be changed.
    pub(crate) fn iam(&self) -> Iam<'_> {
        Iam {
            caller: &self.caller,
            url: &self.emulator.url,
            resources: &self.resources,
        }
    }

    /// Everything that a function has logged.
    pub(crate) async fn log(&self, function: &str) -> Result<Vec<String>> {
        let group = self.log_group(function)?;
        self.account.log(group).await
    }

    /// Whether a function has logged a line with `text`.
    pub(crate) async fn logged(&self, function: &str, text: &str) -> Result<Option<()>> {
        let lines = self.log(function).await?;
        Ok(lines.iter().any(|line| line.contains(text)).then_some(()))
    }

    /// Puts what the functions logged beside the other logs.
    pub(crate) async fn save_logs(&self) -> Result<()> {
        for function in ["webhook", "triage", "worker", "api", "scheduler", "relay"] {
            let lines = self.log(function).await?;
            let file = self.state.join("log").join(format!("{function}.jsonl"));
            fs::write(file, lines.join("\n"))?;
        }
        Ok(())
    }

    /// The name of a function's log group.
    pub(crate) fn log_group(&self, function: &str) -> Result<&str> {
        let mut logical = function.to_owned();
        logical[..1].make_ascii_uppercase();
        logical.push_str("Logs");
        let found = self.resources.iter().find(|one| one.logical == logical);
        Ok(&found.with_context(|| format!("no {logical}"))?.physical)
    }
}

fn of<'a>(outputs: &'a BTreeMap<String, String>, name: &str) -> Result<&'a str> {
    let found = outputs.get(name).map(String::as_str);
    found.with_context(|| format!("the stack has no output {name}"))
}

async fn store_settings(
    account: &Account,
    webhook: &SecretString,
    daemons: &SecretString,
) -> Result<((), String)> {
    let settings = [
        ("GITHUB_APP_ID", APP_ID.to_string().into()),
        (
            "GITHUB_APP_PRIVATE_KEY",
            simgithub::DEMONSTRATION_KEY_PEM.into(),
        ),
        ("GITHUB_WEBHOOK_SECRET", webhook.clone()),
        ("SWITCHYARD_TOKEN_KEY", secret()),
        ("SWITCHYARD_DAEMON_KEY", daemons.clone()),
    ];
    for (name, value) in &settings {
        let name = format!("{SETTINGS}/{name}");
        account.store_setting(&name, value).await?;
    }
    let how = format!("{} under {SETTINGS}, none in plain text", settings.len());
    Ok(((), how))
}

async fn deploy(
    account: &Account,
    sam: &Sam,
    parameters: &BTreeMap<String, String>,
) -> Result<((BTreeMap<String, String>, Vec<Resource>), String)> {
    let bucket = account.clients.s3().create_bucket().bucket(ARTEFACTS);
    bucket.send().await.context("the bucket for the code")?;
    sam.deploy(parameters).await?;
    let outputs = account.outputs(STACK).await?;
    let resources = account.resources(STACK).await?;
    let functions = resources
        .iter()
        .filter(|one| one.kind == "AWS::Lambda::Function")
        .count();
    let how = format!(
        "{} resources, {functions} functions from their own bootstraps",
        resources.len()
    );
    Ok(((outputs, resources), how))
}

fn parameters(options: &Options, people: &People) -> BTreeMap<String, String> {
    let trimmed = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
    [
        ("Stage", "check".to_owned()),
        ("Architecture", options.architecture().to_owned()),
        // The emulator knows no alarms on expressions.
        ("Monitoring", "false".to_owned()),
        ("AllowedOwners", OWNER.to_owned()),
        ("GitHubApiUrl", trimmed(people.github.api_url())),
        ("GitHubGitUrl", trimmed(people.github.git_url())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// A secret of 256 bits.
fn secret() -> SecretString {
    let mut bytes = [0; 32];
    SystemRandom.fill(&mut bytes);
    HEXLOWER.encode(&bytes).into()
}
