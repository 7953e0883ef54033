//! Starting a stack.

use std::{collections::BTreeMap, io, net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::{Context, Result};
use aws_local::{Access, Endpoints};
use domain::{Random, SharedClock, SharedRandom, SystemRandom};
use kit::Clients;
use secrecy::SecretString;
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
    private,
    secrets::Secrets,
    template::{Template, World},
    work_folder::WorkFolder,
};

impl Stack {
    /// Starts everything but daemons. State that is there is taken up where it was left.
    pub async fn start(config: StackConfig) -> Result<Self> {
        furnish(&config)?;
        let random: SharedRandom = Arc::new(SystemRandom);
        let secrets = Secrets::keep(&config.state, random.as_ref())?;
        let work = make_work_folder(&config, random.as_ref())?;
        let listener = listen(config.listen, "--listen").await?;
        let address = listener.local_addr()?;
        let api_listener = listen(config.api, "--api").await?;
        let api = api_listener.local_addr()?;
        let token = settings::access_token(&config, &secrets, random.as_ref());
        let endpoints = start_endpoints(&config, token).await?;
        let github = start_github(&config, &secrets, address).await?;
        let urls = github
            .as_ref()
            .map(|sim| (sim.api_url().clone(), sim.git_url().clone()));
        let app = GitHubApp::of(&config, &secrets, urls).context("no GitHub")?;

        let template = read_template(&config, &app, &endpoints, [address, api])?;
        let aws = Clients::new(endpoints.sdk_config("deployment"));
        account::create(&template, &aws).await?;
        let all = settings::of_functions(&template, &config, &app, &secrets);
        let functions = Arc::new(Functions::new(match &config.functions {
            FunctionsAt::Mounted => Place::Mounted(Box::new(Mounted::connect(&Parts {
                settings: &all,
                endpoints: &endpoints,
                clock: config.clock.clone(),
                random: random.clone(),
                log: config.log.clone(),
            })?)),
            FunctionsAt::Remote(base) => Place::Remote(Remote::new(base.clone())?),
        }));
        let daemon_environment =
            settings::of_daemons(&template, &config, &secrets, &endpoints, &work.jobs());
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
            api,
            daemon_environment,
            work,
            random,
            moves: watch::Sender::new(0),
            stop: stop.clone().drop_guard(),
            tracker: TaskTracker::new(),
        };
        stack.work(listener, api_listener, &stop)?;
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
        for (name, value) in settings::of_aws(&self.endpoints, "functions") {
            merged.insert(name.to_owned(), value);
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
    Ok(listener.map_err(|error| taken(address, option, &error))?)
}

fn taken(address: SocketAddr, option: &'static str, reason: &io::Error) -> StackError {
    StackError::Listen {
        address,
        option,
        reason: reason.to_string(),
    }
}

/// The folders of the state, which nobody else may look into.
fn furnish(config: &StackConfig) -> Result<(), StackError> {
    let state = |path: PathBuf| {
        move |error: io::Error| StackError::State {
            path,
            reason: error.to_string(),
        }
    };
    private::make(&config.state).map_err(state(config.state.clone()))?;
    for name in ["aws", "github", "log"] {
        let path = config.state.join(name);
        private::folder(&path).map_err(state(path))?;
    }
    Ok(())
}

fn make_work_folder(config: &StackConfig, random: &dyn Random) -> Result<WorkFolder, StackError> {
    WorkFolder::make(&config.temporary, random).map_err(|error| StackError::Temporary {
        path: config.temporary.clone(),
        reason: error.to_string(),
    })
}

async fn start_endpoints(config: &StackConfig, token: SecretString) -> Result<Endpoints> {
    let clock = clock_of(&config.clock);
    let endpoints = aws_local::Config {
        listen: config.aws,
        state: config.state.join("aws"),
        clock,
        durability: config.durability,
    };
    let started = Endpoints::start_for(endpoints, Access::Holders(token)).await;
    started.map_err(|error| match error {
        aws_local::StartError::Listen { address, source } => {
            taken(address, "--aws", &source).into()
        }
        other => anyhow::Error::new(other).context("the AWS endpoints"),
    })
}

/// The simulated GitHub, with webhooks to `address` from its first moment: somebody may comment before the rest stands.
async fn start_github(
    config: &StackConfig,
    secrets: &Secrets,
    address: SocketAddr,
) -> Result<Option<SimGitHub>> {
    let GitHubAt::Simulated(listen) = config.github else {
        return Ok(None);
    };
    let key = simgithub::DEMONSTRATION_KEY_PEM;
    let mut app = AppRegistration::new(
        APP_ID,
        "Iv1.local",
        "switchyard",
        key,
        settings::simulated_webhook_secret(config, secrets),
    );
    app.webhook_url = Some(base(address).join("webhooks/github")?);
    let state = config.state.join("github");
    let mut sim = simgithub::Config::new(listen, state, clock_of(&config.clock), app);
    sim.program_path = config.path.clone().into();
    // A branch is not known everywhere at once, as on any ordinary day there. Tokens are, since each wait for one would cost a
    // demonstration seconds.
    sim.propagation.branch = simgithub::Propagation::mild().branch;
    let started = SimGitHub::start(sim).await;
    started.map(Some).map_err(|error| match error {
        simgithub::StartError::Listen(address, source) => {
            taken(address, "--github-listen", &source).into()
        }
        other => anyhow::Error::new(other).context("the simulated GitHub"),
    })
}

fn clock_of(clock: &SharedClock) -> Arc<dyn Fn() -> jiff::Timestamp + Send + Sync> {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}

fn read_template(
    config: &StackConfig,
    app: &GitHubApp,
    endpoints: &Endpoints,
    [functions, api]: [SocketAddr; 2],
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
        account: aws_local::ACCOUNT.to_owned(),
        region: aws_local::REGION.to_owned(),
        stack: "switchyard-local".to_owned(),
        aws_url: endpoints.url().to_owned(),
        function_url: base(functions).into(),
        api_url: base(api).into(),
    };
    Template::read(&config.template, &world).context("template.yaml")
}
