//! Whether everything is in place. What nobody has to choose is put in place where it is missing.

mod app;
mod reach;
mod stored;

use std::fmt;

use anyhow::{Result, bail};

use crate::{World, arguments::Target, stack::Stack};

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
    findings.extend(of_another_stage(target, &stack));
    findings.extend(stored::look(world, target, &stack, &settings, &stored).await);
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

/// A stack that reads the settings of another stage: what is done to the one is done to the other, its removal too.
fn of_another_stage(target: &Target, stack: &Stack) -> Option<Finding> {
    let (stage, path) = (&target.stage, stack.output("SettingsPath").ok()?);
    (!target.owns(path)).then(|| {
        Finding::bad(
            format_args!("the stack {} reads its settings under {path}, which are not those of the stage {stage}", stack.name),
            format_args!("Name the stage that it is with STAGE=; or, if it is {stage}, deploy it again and store its settings anew."),
        )
    })
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
