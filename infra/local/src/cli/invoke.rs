//! `switchyard-local invoke`

use std::{
    fs::{self, File},
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    pin::{Pin, pin},
};

use anyhow::{Context, Result, bail};
use aws_local::Durability;
use domain::{Clock as _, SystemClock, SystemRandom};
use serde_json::Value;
use settings::{GITHUB_WEBHOOK_SECRET, SWITCHYARD_DAEMON_KEY, SWITCHYARD_TOKEN_KEY};
use tempfile::TempDir;

use super::{
    Vars, env,
    start::{interrupted, note},
};
use crate::{
    cargo_lambda::{INVOKE_ADDRESS, Watch, invoke, listens},
    private,
    samples::SampleEvent,
    secrets::Secrets,
    stack::{GitHubAt, Schedule, Stack, StackConfig},
};

/// The file beside the state that holds, while `make watch` is up, its functions' settings and where they are invoked.
const SETTINGS: &str = "functions.env";
/// Any port that is free.
const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

#[derive(Debug, clap::Args)]
pub(crate) struct Invocation {
    /// The sample, such as `events/webhook-function-url.json`.
    event: PathBuf,
    /// The directory with the state of the stack that `make watch` has started, if it is up.
    #[arg(long, default_value = ".switchyard")]
    state: PathBuf,
}

/// Hands a sample to its function, signed as the stack wants it, and shows the answer. The stack is the one that
/// `make watch` has started, or else one of its own with a state that goes with it.
pub(super) async fn run(invocation: &Invocation, vars: &Vars) -> Result<()> {
    let sample = SampleEvent::read(&invocation.event)?;
    let cargo = vars.get("CARGO").map_or("cargo", String::as_str);
    let folder = private::temporary().context("a temporary folder")?;
    // Asked for before anything starts: an interrupt ends what was started, and takes the folder along.
    let mut stop = pin!(interrupted());
    let stop: Stop<'_> = stop.as_mut();
    let answer = match watched(&invocation.state).await? {
        Some((at, secrets)) => {
            note(&"the stack of `make watch` is up; the function's log is where it runs")?;
            hand(cargo, at, &sample, &secrets, &folder, stop).await?
        }
        None => Box::pin(alone(cargo, &sample, &folder, stop)).await?,
    };
    Ok(writeln!(io::stdout(), "{answer:#}")?)
}

/// Completes when somebody asks for the end.
type Stop<'a> = Pin<&'a mut (dyn Future<Output = Result<()>> + 'a)>;

/// What comes of `work`, unless somebody asks for the end first.
async fn unless<T>(stop: Stop<'_>, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        done = work => done,
        stopped = stop => {
            stopped?;
            bail!("interrupted before the answer was there")
        }
    }
}

/// Hands it over, unless somebody is too impatient for the answer.
async fn hand(
    cargo: &str,
    at: SocketAddr,
    sample: &SampleEvent,
    secrets: &Secrets,
    folder: &TempDir,
    stop: Stop<'_>,
) -> Result<Value> {
    let event = sample.signed(secrets, SystemClock.now(), &SystemRandom)?;
    let answering = invoke(cargo, at, sample.function(), &event, folder.path());
    unless(stop, answering).await
}

/// Starts a stack and `cargo lambda watch` for this one call. What the function sets going, such as a message in a queue,
/// is up to the functions in this process, until the answer is there.
async fn alone(
    cargo: &str,
    sample: &SampleEvent,
    folder: &TempDir,
    mut stop: Stop<'_>,
) -> Result<Value> {
    let config = own(folder.path().join("state"));
    let stack = unless(stop.as_mut(), Box::pin(Stack::start(config))).await?;
    let settings = folder.path().join(SETTINGS);
    env::write(
        &mut File::create(&settings)?,
        &stack.settings_for_other_processes()?,
    )?;
    // Until it listens it has built nothing, so that it goes with its own group.
    let watch = unless(stop.as_mut(), Watch::start(cargo, &settings)).await?;
    let (at, secrets) = (watch.address(), stack.secrets());
    let answer = hand(cargo, at, sample, secrets, folder, stop).await;
    watch.end().await;
    stack.shutdown().await;
    answer
}

/// A stack in memory that is in nobody's way.
fn own(state: PathBuf) -> StackConfig {
    let mut config = StackConfig::new(state);
    config.durability = Durability::Memory;
    (config.listen, config.api, config.aws) = (ANY, ANY, ANY);
    config.github = GitHubAt::Simulated(ANY);
    config.schedule = Schedule::ByHand;
    config
}

/// Where the functions of `make watch` are invoked and the secrets of its stack, if it is up.
async fn watched(state: &Path) -> Result<Option<(SocketAddr, Secrets)>> {
    let path = state.join(SETTINGS);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let of = |name| env::read(&text, name).with_context(|| format!("{name} in {}", path.display()));
    let Some(at) = env::read(&text, INVOKE_ADDRESS).and_then(|at| at.parse().ok()) else {
        return Ok(None);
    };
    // One that was killed leaves its file behind.
    if !listens(at).await {
        return Ok(None);
    }
    let secrets = Secrets::new(
        of(GITHUB_WEBHOOK_SECRET.name())?.into(),
        of(SWITCHYARD_TOKEN_KEY.name())?.into(),
        of(SWITCHYARD_DAEMON_KEY.name())?.into(),
    );
    Ok(Some((at, secrets)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use tokio::net::TcpListener;

    #[test]
    fn make_watch_is_looked_for_where_it_is() {
        let script = include_str!("../../../../.ci/watch");
        assert!(script.contains(&format!("$state/{SETTINGS}")));
        assert!(script.contains(&format!("s/^{INVOKE_ADDRESS}=")));
    }

    #[test]
    fn no_page_in_a_browser_invokes_what_make_watch_runs() {
        let script = include_str!("../../../../.ci/watch");
        let watch = script.lines().find(|line| line.contains(" lambda watch "));
        assert!(watch.unwrap().contains(" --disable-cors "), "{watch:?}");
        assert!(!script.contains("127.0.0.1"), "an address that is known");
    }

    #[test]
    fn a_stack_for_one_call_takes_no_port_that_another_may_have() {
        let config = own("state".into());
        let GitHubAt::Simulated(github) = config.github else {
            panic!("{:?}", config.github);
        };
        let listens = [config.listen, config.api, config.aws, github];
        assert_eq!(listens.map(|at| at.port()), [0; 4]);
    }

    #[tokio::test]
    async fn make_watch_is_asked_only_while_its_functions_listen() {
        let state = tempfile::tempdir().unwrap();
        let functions = TcpListener::bind(ANY).await.unwrap();
        let at = functions.local_addr().unwrap();
        let mut settings = BTreeMap::from([(INVOKE_ADDRESS.to_owned(), at.to_string())]);
        for name in [
            GITHUB_WEBHOOK_SECRET.name(),
            SWITCHYARD_TOKEN_KEY.name(),
            SWITCHYARD_DAEMON_KEY.name(),
        ] {
            settings.insert(name.to_owned(), "a secret".to_owned());
        }
        let mut file = File::create(state.path().join(SETTINGS)).unwrap();
        env::write(&mut file, &settings).unwrap();
        let (known, _) = watched(state.path()).await.unwrap().unwrap();
        assert_eq!(known, at);
        drop(functions);
        assert!(watched(state.path()).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_state_that_nobody_watches_has_no_secrets_to_sign_with() {
        let state = tempfile::tempdir().unwrap();
        assert!(watched(state.path()).await.unwrap().is_none());
    }
}
