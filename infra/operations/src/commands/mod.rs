//! What can be done with a stack.

mod check;
mod destroy;
mod github;
mod ready;
mod rotate;

use anyhow::{Context as _, Result};
use secrecy::SecretString;
use std::collections::HashMap;

use crate::{
    Arguments, Command, World,
    github::as_app,
    settings::{APP_ID, PRIVATE_KEY},
    stack::Stack,
};

/// Does what the command line says.
pub async fn run(arguments: Arguments, world: &mut World<'_>) -> Result<()> {
    let Arguments { target, command } = arguments;
    match command {
        Command::Ready(options) => ready::run(world, &target, &options).await,
        Command::Github(options) => github::run(world, &target, &options).await,
        Command::Check => check::run(world, &target).await,
        Command::Reload => rotate::reload(world, &target).await,
        Command::RotateWebhookSecret => rotate::webhook_secret(world, &target).await,
        Command::RotateTokenKey => rotate::token_key(world, &target).await,
        Command::RotateDaemonKey => rotate::daemon_key(world, &target).await,
        Command::PointWebhook => github::point_webhook(world, &target).await,
        Command::Destroy(options) => destroy::run(world, &target, &options).await,
    }
}

/// The app of a stack, by the settings that are stored.
fn app_of(
    world: &World<'_>,
    stack: &Stack,
    stored: &HashMap<&'static str, SecretString>,
) -> Result<::github::GitHub> {
    let missing = "the app's settings are not stored: run `make bootstrap-github` first";
    let id = stored.get(APP_ID).context(missing)?;
    let key = stored.get(PRIVATE_KEY).context(missing)?;
    as_app(&stack.address_of("GitHubApiUrl")?, id, key, &world.clock)
}
