//! Whether a stage can be deployed.

use std::collections::HashSet;

use anyhow::{Result, bail};

use crate::{
    Cloud, World,
    arguments::{Ready, Target},
    settings::{MADE, OF_THE_APP, OPERATOR_TOKEN, Settings, model_secret},
    stack::Stack,
};

/// Says what is missing, and fails if a deployment would be in vain. The keys of the daemons and their
/// tokens need nobody to choose them, so they are made here: with them the scheduler works from its first minute on,
/// and a daemon's task can start.
pub(super) async fn run(world: &mut World<'_>, target: &Target, options: &Ready) -> Result<()> {
    let name = target.stack();
    let stack = Stack::find(&world.cloud, &name).await?;
    if let Some(stack) = &stack {
        deployable(stack, target)?;
    }
    let settings = settings(&world.cloud, stack.as_ref(), target, options);
    let owners = owners(stack.as_ref(), target, options)?;
    let stored = settings.names().await?;
    if stored.contains(OPERATOR_TOKEN) && owners.split(',').count() != 1 {
        bail!(
            "{} is stored, which is for the repositories of one owner, and AllowedOwners is {owners}. Give OWNERS=your-org alone, or delete it, so that daemons get tokens of the app:\n  aws ssm delete-parameter --name {0}",
            settings.path(OPERATOR_TOKEN)
        );
    }
    for name in MADE.into_iter().filter(|name| !stored.contains(name)) {
        settings.make(name, world.random.as_ref()).await?;
        let path = settings.path(name);
        world.terminal.good(format_args!("{path} was made"))?;
    }
    let parameter = |name| stack.as_ref().and_then(|stack| stack.parameter(name));
    let model_key = options.with_model_key || parameter("DaemonModelKey") == Some("true");
    let named = options.model_secret.as_deref();
    let secret = model_secret(named.or_else(|| parameter("DaemonModelSecret")));
    if model_key && !stored.contains(secret) {
        let command = settings.command(secret);
        bail!(
            "the daemon is to be given {secret}, which is not stored, so its tasks would not start. Store it:\n  {command}"
        );
    }
    of_the_app(world, target, stack.as_ref(), &settings, &stored)
}

/// The settings that the stack will have: where it will look for them, encrypted as it may decrypt them.
fn settings(cloud: &Cloud, stack: Option<&Stack>, target: &Target, options: &Ready) -> Settings {
    let parameter = |name| stack.and_then(|stack| stack.parameter(name));
    let given = options.parameter_key.as_deref();
    let key = given.or_else(|| parameter("ParameterKeyArn"));
    let given = options.parameter_root.as_deref();
    let prefix = match given.or_else(|| parameter("ParameterRoot")) {
        Some(root) => target.prefix_under(root),
        None => target.prefix(),
    };
    Settings::new(cloud, &prefix, key.filter(|key| !key.is_empty()))
}

fn deployable(stack: &Stack, target: &Target) -> Result<()> {
    let (name, state) = (&stack.name, stack.status.as_str());
    if stack.is_changing() && state != "REVIEW_IN_PROGRESS" {
        bail!("the stack {name} is being changed ({state}): wait until that is over");
    }
    if matches!(
        state,
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED"
    ) {
        bail!(
            "the stack {name} is in the state {state} and cannot be updated: remove it with `make destroy STAGE={}`, then deploy again",
            target.stage
        );
    }
    Ok(())
}

/// The owners that the stack will have.
fn owners<'a>(stack: Option<&'a Stack>, target: &Target, options: &'a Ready) -> Result<&'a str> {
    let known = stack.and_then(|stack| stack.parameter("AllowedOwners"));
    match known {
        _ if !options.owners.is_empty() => Ok(&options.owners),
        Some(known) => Ok(known),
        None => {
            let stage = &target.stage;
            bail!(
                "AllowedOwners is not given: say whose repositories may start work, as in `make deploy STAGE={stage} OWNERS=your-org`"
            )
        }
    }
}

/// A new stack cannot have an app yet, since the app needs the stack's address; an old one should have.
fn of_the_app(
    world: &mut World<'_>,
    target: &Target,
    stack: Option<&Stack>,
    settings: &Settings,
    stored: &HashSet<&'static str>,
) -> Result<()> {
    let missing: Vec<&str> = OF_THE_APP
        .into_iter()
        .filter(|name| !stored.contains(name))
        .collect();
    let stage = &target.stage;
    let next = format!("make bootstrap-github STAGE={stage} OWNER=your-org");
    match stack {
        _ if missing.is_empty() => world.terminal.good("the settings are stored"),
        None => world.terminal.say(format_args!(
            "  The stack {} is new. Once it is there, register its GitHub App: {next}",
            target.stack()
        )),
        // Created by a change set that was never carried out.
        Some(stack) if stack.status.as_str() == "REVIEW_IN_PROGRESS" => Ok(()),
        Some(_) => {
            let commands: Vec<String> = missing.iter().map(|name| settings.command(name)).collect();
            bail!(
                "these settings are missing: {}. Register the GitHub App:\n  {next}\nor store those of one that you have:\n  {}",
                missing.join(", "),
                commands.join("\n  ")
            )
        }
    }
}
