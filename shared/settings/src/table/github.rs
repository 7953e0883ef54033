//! GitHub and its app.

use secrecy::SecretString;
use url::Url;

use crate::{
    Declaration, Local,
    Program::{Daemon, LocalStack, Relay, Scheduler, Triage, Webhook, Worker},
    Setting,
    setting::{secret, text, token, url, yes_or_no},
};

declare! {
    /// The base of GitHub's REST API.
    GITHUB_API_URL: Url = url()
        .read_by(&[Triage, Worker, Scheduler, Relay, Daemon])
        .locally(Local::Sets)
        .solve("Set it to https://api.github.com, or to a server's https://HOST/api/v3.");

    /// The base of addresses for clones and of links for people.
    GITHUB_GIT_URL: Url = url()
        .read_by(&[Worker, Daemon, LocalStack])
        .without("it follows from `GITHUB_API_URL`")
        .locally(Local::Sets)
        .solve("Set it to https://github.com, or to a server's address, or leave it out.");

    /// The id of the GitHub App, or its client id.
    GITHUB_APP_ID: String = text("the app's id or client id")
        .read_by(&[Triage, Worker, Scheduler, Relay, LocalStack])
        .or_parameter()
        .locally(Local::Means("needed with `--github URL`"))
        .solve("Set it to the id on the app's page at GitHub.");

    /// The key with which the GitHub App proves itself.
    GITHUB_APP_PRIVATE_KEY: SecretString = secret("the app's RSA key in PEM form")
        .read_by(&[Triage, Worker, Scheduler, Relay, LocalStack])
        .or_parameter()
        .locally(Local::Means("needed with `--github URL`"))
        .solve("Give the app's RSA key in PEM form, as GitHub made it.");

    /// What GitHub signs the app's webhooks with; the simulated GitHub too.
    GITHUB_WEBHOOK_SECRET: SecretString = secret("a secret")
        .read_by(&[Webhook, LocalStack])
        .or_parameter()
        .locally(Local::Means("needed with `--github URL`; else one is made"))
        .solve("Set it to the secret on the app's page at GitHub.");

    /// The webhook secret before, while one takes the other's place.
    GITHUB_WEBHOOK_SECRET_PREVIOUS: SecretString = secret("a secret")
        .read_by(&[Webhook])
        .or_parameter()
        .without("there is one secret");

    /// A token for git that daemons get in place of the app's, for the one allowed owner.
    SWITCHYARD_GITHUB_TOKEN: SecretString = token("a personal or OAuth token")
        .read_by(&[Worker, LocalStack])
        .or_parameter()
        .without("daemons get tokens of the app")
        .solve(
            "Allow exactly one owner in SWITCHYARD_ALLOWED_OWNERS, or remove SWITCHYARD_GITHUB_TOKEN, so that daemons get \
             tokens of the app.",
        );

    /// Whether GitHub is simulated, so that `SWITCHYARD_SANDBOX=auto` may find no sandbox.
    SWITCHYARD_SIMULATED: bool = yes_or_no()
        .read_by(&[Daemon])
        .otherwise("no")
        .locally(Local::Sets)
        .solve("Set it to yes where GitHub is simulated, or leave it out.");
}
