//! Whether everything is in place.

mod app;
mod reach;

use std::{collections::HashMap, fmt};

use anyhow::{Result, bail};
use secrecy::SecretString;

use crate::{
    World,
    arguments::Target,
    settings::{DAEMON_KEY, MADE, MODEL_SECRETS, OF_THE_APP, Settings, TOKEN_KEY, model_secret},
    stack::Stack,
};

/// What was looked at, and what there is to do about it.
pub(super) struct Finding {
    what: String,
    remedy: Option<String>,
}

impl Finding {
    fn good(what: impl fmt::Display) -> Self {
        Self {
            what: what.to_string(),
            remedy: None,
        }
    }

    fn bad(what: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Self {
            what: what.to_string(),
            remedy: Some(remedy.to_string()),
        }
    }
}

/// Looks at everything, even after something was found to be wrong.
pub(super) async fn run(world: &mut World<'_>, target: &Target) -> Result<()> {
    let stack = Stack::get(&world.cloud, &target.stack(), &target.stage).await?;
    let settings = stack.settings(&world.cloud)?;
    let stored = settings.read().await?;
    let mut findings = vec![state(&stack)];
    findings.extend(settings_of(target, &stack, &settings, &stored));
    findings.extend(app::look(world, target, &stack, &stored).await);
    findings.extend(reach::look(&stack, &stored).await);
    let mut wrong = 0;
    for Finding { what, remedy } in &findings {
        match remedy {
            None => world.terminal.good(what)?,
            Some(remedy) => {
                wrong += 1;
                world.terminal.bad(what, remedy)?;
            }
        }
    }
    if wrong > 0 {
        bail!("{wrong} of {} are not as they have to be", findings.len());
    }
    Ok(())
}

fn state(stack: &Stack) -> Finding {
    let (name, state) = (&stack.name, stack.status.as_str());
    let what = format!("the stack {name} is in the state {state}");
    if matches!(state, "CREATE_COMPLETE" | "UPDATE_COMPLETE") {
        Finding::good(what)
    } else {
        Finding::bad(
            what,
            "Its events in CloudFormation say why. Deploy it again.",
        )
    }
}

fn settings_of(
    target: &Target,
    stack: &Stack,
    settings: &Settings,
    stored: &HashMap<&'static str, SecretString>,
) -> Vec<Finding> {
    let model_key = stack.parameter("DaemonModelKey") == Some("true");
    let needed = OF_THE_APP.into_iter().chain(MADE);
    let needed =
        needed.chain(model_key.then(|| model_secret(stack.parameter("DaemonModelSecret"))));
    let look = |name| {
        let path = settings.path(name);
        if stored.contains_key(name) {
            return Finding::good(format_args!("{path} is stored"));
        }
        let remedy = match name {
            _ if MODEL_SECRETS.contains(&name) => settings.command(name),
            TOKEN_KEY | DAEMON_KEY => format!("make deploy STAGE={}", target.stage),
            _ => format!(
                "make bootstrap-github STAGE={} OWNER=your-org",
                target.stage
            ),
        };
        Finding::bad(format_args!("{path} is missing"), remedy)
    };
    needed.map(look).collect()
}
