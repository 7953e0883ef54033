//! The emulator of AWS: a process of its own, with an environment of its own.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;
use url::Url;

use crate::{caller::Caller, certificate::Certificate, group::Group, patience::eventually};

/// The Region that everything is deployed to.
pub(crate) const REGION: &str = "us-east-1";
/// The credentials that the emulator takes for those of the account's owner.
pub(crate) const OWNER: &str = "test";
const STARTING: Duration = Duration::from_secs(30);

/// A running emulator. Dropping it ends it and the functions that it runs.
#[derive(Debug)]
pub(crate) struct Emulator {
    _group: Group,
    /// Where it listens.
    pub(crate) url: Url,
    /// What it answers with.
    pub(crate) certificate: Certificate,
}

impl Emulator {
    /// Starts `program` and waits until it answers.
    pub(crate) async fn start(program: &Path, state: &Path, port: u16) -> Result<Self> {
        let port = free(port)?;
        let folder = state.join("emulator");
        let certificate = Certificate::make(&folder)?;
        let url: Url = format!("https://127.0.0.1:{port}/").parse()?;
        let program = absolute(program, "make .venv-emulator/installed")?;
        let environment = environment(&program, &folder, port, &certificate, &url);
        let log = state.join("log").join("emulator.log");
        let mut group = Group::start(Command::new(&program), &environment, &log)?;
        let caller = Caller::new(&certificate)?;
        let health = url.join("_ministack/health")?;
        let answering = eventually("the emulator answers", STARTING, async || {
            Ok(caller
                .get(&health)
                .await
                .ok()
                .filter(|answer| answer.status.is_success()))
        });
        tokio::select! {
            biased;
            ended = group.wait() => bail!("the emulator ended: {}", ended?),
            answer = answering => drop(answer?),
        }
        Ok(Self {
            _group: group,
            url,
            certificate,
        })
    }
}

// It hands its own environment to the functions, so it gets nothing of the caller's. It decides on every call by
// the policies of the caller's role, as AWS does.
fn environment(
    program: &Path,
    folder: &Path,
    port: u16,
    certificate: &Certificate,
    url: &Url,
) -> BTreeMap<String, String> {
    let beside = program.parent().unwrap_or(folder).display();
    let folder = folder.display().to_string();
    [
        ("PATH", format!("{beside}:/usr/local/bin:/usr/bin:/bin")),
        ("HOME", folder.clone()),
        ("TMPDIR", folder),
        ("BIND_HOST", "127.0.0.1".to_owned()),
        ("GATEWAY_PORT", port.to_string()),
        ("MINISTACK_REGION", REGION.to_owned()),
        ("AUTH", "true".to_owned()),
        ("IOT_MTLS_ENABLED", "0".to_owned()),
        ("USE_SSL", "1".to_owned()),
        ("MINISTACK_SSL_CERT", certificate.server_file.clone()),
        ("MINISTACK_SSL_KEY", certificate.key_file.clone()),
        ("SSL_CERT_FILE", certificate.authority_file.clone()),
        // Without it the functions would go to AWS itself.
        (
            "AWS_ENDPOINT_URL",
            url.as_str().trim_end_matches('/').to_owned(),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// A port that nobody listens on, or the wanted one.
fn free(wanted: u16) -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted))
        .with_context(|| format!("port {wanted} cannot be listened on: stop what uses it"))?;
    Ok(listener.local_addr()?.port())
}

/// The path of a program that somebody has to have made.
pub(crate) fn absolute(program: &Path, made_by: &str) -> Result<PathBuf> {
    if !program.exists() {
        bail!("{} is not there: run `{made_by}`", program.display());
    }
    Ok(std::path::absolute(program)?)
}
