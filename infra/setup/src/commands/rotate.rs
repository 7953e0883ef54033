//! Replacing secrets while everything runs.
//!
//! Functions know two secrets, the second one under the name that ends with `_PREVIOUS`. A new secret is made known
//! to all of them before anybody signs with it, and the old one stays known afterwards.

use anyhow::{Context as _, Result};

use crate::{
    World,
    arguments::Target,
    commands::app_of,
    secrets,
    settings::{OLD_TOKEN_KEY, OLD_WEBHOOK_SECRET, Place, TOKEN_KEY, WEBHOOK_SECRET},
    stack::Stack,
};

/// Lets the functions read their settings anew.
pub(super) async fn reload(world: &mut World<'_>, target: &Target) -> Result<()> {
    let stack = Stack::get(&world.cloud, &target.stack(), &target.stage).await?;
    restart(world, &stack).await
}

/// Replaces what webhooks are signed with. If this ends half-way, it can simply be done again.
pub(super) async fn webhook_secret(world: &mut World<'_>, target: &Target) -> Result<()> {
    let stack = Stack::get(&world.cloud, &target.stack(), &target.stage).await?;
    let settings = stack.settings(&world.cloud)?;
    let stored = settings.read().await?;
    let old = stored
        .get(WEBHOOK_SECRET)
        .context("no webhook secret is stored: run `make bootstrap-github` first")?;
    let app = app_of(world, &stack, &stored)?;
    let new = secrets::make(world.random.as_ref());
    // An earlier rotation may have ended with GitHub signing with the second secret, whose place is needed now.
    app.sign_webhooks_with(old).await?;
    settings.put(OLD_WEBHOOK_SECRET, &new, Place::Any).await?;
    restart(world, &stack).await?;
    app.sign_webhooks_with(&new).await?;
    settings.put(WEBHOOK_SECRET, &new, Place::Any).await?;
    settings.put(OLD_WEBHOOK_SECRET, old, Place::Any).await?;
    // One that started between these two knows the new secret twice and the old one not at all.
    restart(world, &stack).await?;
    world
        .terminal
        .good("GitHub signs webhooks with a new secret")?;
    world.terminal.say(format_args!(
        "  The old one stays valid for webhooks on their way and for redeliveries. After a day, forget it:\n    aws ssm delete-parameter --name {} && make reload STAGE={}",
        settings.path(OLD_WEBHOOK_SECRET),
        target.stage
    ))
}

/// Replaces what the daemons' tokens are signed with.
pub(super) async fn token_key(world: &mut World<'_>, target: &Target) -> Result<()> {
    let stack = Stack::get(&world.cloud, &target.stack(), &target.stage).await?;
    let settings = stack.settings(&world.cloud)?;
    let stored = settings.read().await?;
    let old = stored
        .get(TOKEN_KEY)
        .context("no token key is stored: run `make deploy` first")?;
    let new = secrets::make(world.random.as_ref());
    settings.put(OLD_TOKEN_KEY, &new, Place::Any).await?;
    restart(world, &stack).await?;
    settings.put(TOKEN_KEY, &new, Place::Any).await?;
    settings.put(OLD_TOKEN_KEY, old, Place::Any).await?;
    restart(world, &stack).await?;
    world
        .terminal
        .good("the daemons' tokens are signed with a new key")?;
    world.terminal.say(format_args!(
        "  The old one stays valid for jobs that are under way. When they are done, forget it:\n    aws ssm delete-parameter --name {} && make reload STAGE={}",
        settings.path(OLD_TOKEN_KEY),
        target.stage
    ))
}

async fn restart(world: &mut World<'_>, stack: &Stack) -> Result<()> {
    let clock = world.clock.clone();
    stack
        .reload(&world.cloud, clock.as_ref(), world.pace)
        .await?;
    world
        .terminal
        .good("the functions read their settings anew")
}
