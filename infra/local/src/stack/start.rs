//! Starting a stack.

use std::{collections::BTreeMap, fs, net::SocketAddr, sync::Arc};

use anyhow::{Context, Result};
use domain::{SharedClock, SharedRandom, SystemRandom};
use endpoints::Endpoints;
use kit::Clients;
use simgithub::{AppRegistration, SimGitHub};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use super::{
    FunctionsAt, GitHubAt, Stack, StackConfig, StackError,
    settings::{self, APP_ID, GitHubApp},
};
use crate::{
    account,
    functions::{Functions, Mounted, Parts, Place, Remote},
    secrets::Secrets,
    template::{Template, World},
};

impl Stack {
    /// Starts everything but daemons. State that is there is taken up where it was left.
    pub async fn start(config: StackConfig) -> Result<Self> {
        fs::create_dir_all(&config.state)
            .with_context(|| format!("the state directory {}", config.state.display()))?;
        let random: SharedRandom = Arc::new(SystemRandom);
        let secrets = Secrets::keep(&config.state, random.as_ref()).context("secrets.json")?;
        let listener = listen(config.listen, "--listen").await?;
        let address = listener.local_addr()?;
        let endpoints = start_endpoints(&config).await?;
        let github = start_github(&config, &secrets).await?;
        let urls = github
            .as_ref()
            .map(|sim| (sim.api_url().clone(), sim.git_url().clone()));
        let app = GitHubApp::of(&config, &secrets, urls).context("no GitHub")?;

        let template = read_template(&config, &app, &endpoints, address)?;
        let aws = Clients::new(endpoints::sdk_config_as(endpoints.url(), "deployment"));
        account::create(&template, &aws).await?;
        let all = settings::of_functions(&template, &config, &app, &secrets);
        let functions = Arc::new(Functions::new(match &config.functions {
            FunctionsAt::Mounted => Place::Mounted(Box::new(Mounted::connect(&Parts {
                settings: &all,
                aws_url: endpoints.url(),
                clock: config.clock.clone(),
                random: random.clone(),
            })?)),
            FunctionsAt::Remote(base) => Place::Remote(Remote::new(base.clone())?),
        }));
        let daemon_environment =
            settings::of_daemons(&template, &config, &secrets, endpoints.url());
        let stop = CancellationToken::new();
        let stack = Self {
            config,
            template,
            secrets: Secrets {
                webhook: app.webhook_secret,
                ..secrets
            },
            endpoints,
            github,
            functions,
            address,
            daemon_environment,
            random,
            moves: watch::Sender::new(0),
            stop: stop.clone().drop_guard(),
            tracker: TaskTracker::new(),
        };
        stack.work(listener, &stop)?;
        if let Some(sim) = &stack.github {
            sim.set_webhook_url(Some(stack.url().join("webhooks/github")?));
        }
        Ok(stack)
    }

    /// The settings that functions in another process need, one environment for all of them.
    pub fn settings_for_other_processes(&self) -> Result<BTreeMap<String, String>> {
        let urls = self
            .github
            .as_ref()
            .map(|sim| (sim.api_url().clone(), sim.git_url().clone()));
        let app = GitHubApp::of(&self.config, &self.secrets, urls).context("no GitHub")?;
        let all = settings::of_functions(&self.template, &self.config, &app, &self.secrets);
        let mut merged: BTreeMap<String, String> = all.into_values().flatten().collect();
        for (name, value) in [
            ("AWS_ENDPOINT_URL", self.endpoints.url()),
            ("AWS_ACCESS_KEY_ID", "functions"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", endpoints::REGION),
        ] {
            merged.insert(name.to_owned(), value.to_owned());
        }
        Ok(merged)
    }
}

/// The base of what listens on `address`.
pub(super) fn base(address: SocketAddr) -> Url {
    #[expect(clippy::expect_used, reason = "every socket address makes a URL")]
    Url::parse(&format!("http://{address}/")).expect("every socket address makes a URL")
}

async fn listen(address: SocketAddr, option: &'static str) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    Ok(listener.map_err(|source| StackError::Listen {
        address,
        option,
        source,
    })?)
}

async fn start_endpoints(config: &StackConfig) -> Result<Endpoints> {
    let clock = clock_of(&config.clock);
    let endpoints = Endpoints::start(endpoints::Config {
        listen: config.aws,
        state: config.state.join("aws"),
        clock,
        durability: config.durability,
    });
    endpoints
        .await
        .context("the AWS endpoints (choose another address with --aws)")
}

async fn start_github(config: &StackConfig, secrets: &Secrets) -> Result<Option<SimGitHub>> {
    let GitHubAt::Simulated(listen) = config.github else {
        return Ok(None);
    };
    let key = simgithub::DEMONSTRATION_KEY_PEM;
    let app = AppRegistration::new(
        APP_ID,
        "Iv1.local",
        "switchyard",
        key,
        secrets.webhook.clone(),
    );
    let state = config.state.join("github");
    let mut sim = simgithub::Config::new(listen, state, clock_of(&config.clock), app);
    sim.program_path = config.path.clone().into();
    let started = SimGitHub::start(sim).await;
    started
        .map(Some)
        .context("the simulated GitHub (choose another address with --github-listen)")
}

fn clock_of(clock: &SharedClock) -> Arc<dyn Fn() -> jiff::Timestamp + Send + Sync> {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}

fn read_template(
    config: &StackConfig,
    app: &GitHubApp,
    endpoints: &Endpoints,
    address: SocketAddr,
) -> Result<Template> {
    let trimmed = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
    let mut parameters: BTreeMap<String, String> = [
        ("Stage", "local".to_owned()),
        ("AllowedOwners", "octo-demo".to_owned()),
        ("GitHubApiUrl", trimmed(&app.api)),
        ("GitHubGitUrl", trimmed(&app.git)),
        // The daemon's service only exists with an image; here it is a process.
        ("DaemonImage", "local".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    parameters.extend(config.parameters.clone());
    let world = World {
        parameters,
        account: endpoints::ACCOUNT.to_owned(),
        region: endpoints::REGION.to_owned(),
        stack: "switchyard-local".to_owned(),
        aws_url: endpoints.url().to_owned(),
        function_url: base(address).into(),
    };
    Template::read(&config.template, &world).context("template.yaml")
}
