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
    settings::{
        DAEMON_KEY, OLD_DAEMON_KEY, OLD_TOKEN_KEY, OLD_WEBHOOK_SECRET, Place, Settings, TOKEN_KEY,
        WEBHOOK_SECRET,
    },
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
    let settings = replace(world, target, TOKEN_KEY, OLD_TOKEN_KEY).await?;
    world
        .terminal
        .good("the daemons' tokens are signed with a new key")?;
    world.terminal.say(format_args!(
        "  The old one stays valid for jobs that are under way. When they are done, forget it:\n    aws ssm delete-parameter --name {} && make reload STAGE={}",
        settings.path(OLD_TOKEN_KEY),
        target.stage
    ))
}

/// Replaces what daemons prove themselves with. A daemon reads its key when it starts, and `worker` knows both keys until
/// the last daemon with the old one is gone.
pub(super) async fn daemon_key(world: &mut World<'_>, target: &Target) -> Result<()> {
    let settings = replace(world, target, DAEMON_KEY, OLD_DAEMON_KEY).await?;
    world
        .terminal
        .good("daemons that start from now on prove themselves with a new key")?;
    world.terminal.say(format_args!(
        "  The old one stays valid for those at work. Start them anew, and any outside of the stack with the new key:\n    aws ecs update-service --cluster … --service … --force-new-deployment\n  Then forget the old one:\n    aws ssm delete-parameter --name {} && make reload STAGE={}",
        settings.path(OLD_DAEMON_KEY),
        target.stage
    ))
}

/// Replaces a key that the functions know under two names: they know the new one before anybody uses it, and the old
/// one afterwards.
async fn replace(
    world: &mut World<'_>,
    target: &Target,
    name: &str,
    old_name: &str,
) -> Result<Settings> {
    let stack = Stack::get(&world.cloud, &target.stack(), &target.stage).await?;
    let settings = stack.settings(&world.cloud)?;
    let stored = settings.read().await?;
    let missing = || {
        format!(
            "{} is not stored: `make check-deployed STAGE={}` makes it",
            settings.path(name),
            target.stage
        )
    };
    let old = stored.get(name).with_context(missing)?;
    let new = secrets::make(world.random.as_ref());
    settings.put(old_name, &new, Place::Any).await?;
    restart(world, &stack).await?;
    settings.put(name, &new, Place::Any).await?;
    settings.put(old_name, old, Place::Any).await?;
    restart(world, &stack).await?;
    Ok(settings)
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
