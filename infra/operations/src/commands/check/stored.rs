//! The settings in Parameter Store.

use std::collections::HashMap;

use secrecy::SecretString;

use super::Finding;
use crate::{
    World,
    arguments::Target,
    settings::{MADE, MODEL_SECRETS, OF_THE_APP, Settings, model_secret},
    stack::Stack,
};

/// Looks at each setting that the stack needs. The keys of daemons and their tokens are made where there are none, so
/// that a stack which SAM's own commands deployed gets them too; the others are for a person.
pub(super) async fn look(
    world: &World<'_>,
    target: &Target,
    stack: &Stack,
    settings: &Settings,
    stored: &HashMap<&'static str, SecretString>,
) -> Vec<Finding> {
    let model_key = stack.parameter("DaemonModelKey") == Some("true");
    let needed = OF_THE_APP.into_iter().chain(MADE);
    let needed =
        needed.chain(model_key.then(|| model_secret(stack.parameter("DaemonModelSecret"))));
    let mut findings = Vec::new();
    for name in needed {
        findings.push(if stored.contains_key(name) {
            Finding::good(format_args!("{} is stored", settings.path(name)))
        } else if MADE.contains(&name) {
            made(world, settings, name).await
        } else {
            let what = format!("{} is missing", settings.path(name));
            Finding::bad(what, remedy(target, stack, settings, name))
        });
    }
    findings
}

async fn made(world: &World<'_>, settings: &Settings, name: &str) -> Finding {
    let path = settings.path(name);
    match settings.make(name, world.random.as_ref()).await {
        Ok(()) => Finding::good(format_args!(
            "{path} was missing and is made: a random key, shown to nobody"
        )),
        Err(error) => Finding::bad(
            format_args!("{path} is missing and was not made"),
            format_args!("{error:#}"),
        ),
    }
}

/// What only a person can do about a setting that is missing.
fn remedy(target: &Target, stack: &Stack, settings: &Settings, name: &str) -> String {
    let command = settings.command(name);
    if MODEL_SECRETS.contains(&name) {
        return command;
    }
    let owners = stack.parameter("AllowedOwners").unwrap_or_default();
    let owner = owners.split(',').next().unwrap_or_default();
    format!(
        "make bootstrap-github STAGE={} OWNER={owner}\n    or, with an app that you have: {command}",
        target.stage
    )
}
