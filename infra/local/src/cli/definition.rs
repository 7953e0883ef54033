//! `switchyard-local definition`

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use clap::Subcommand;
use engine::{NodePlan, Plan, State, registry::Capabilities};

/// What is done with a definition.
#[derive(Debug, Subcommand)]
pub(super) enum Work {
    /// Say whether a definition makes sense, what it begins by, and what it needs that this build does not have.
    Check {
        /// The definition, in YAML or JSON.
        file: PathBuf,
    },
    /// Draw a definition in Mermaid's language, which many pages show as a picture.
    Draw {
        /// The definition, in YAML or JSON.
        file: PathBuf,
        /// The state of a run of it, as JSON: what has become of each node is drawn too.
        #[arg(long)]
        state: Option<PathBuf>,
    },
}

pub(super) fn run(work: &Work) -> Result<()> {
    let text = match work {
        Work::Check { file } => checked(file, &read(file)?),
        Work::Draw { file, state } => {
            let plan = plan(file, &read(file)?)?;
            let state = state
                .as_deref()
                .map(|path| state_of(&plan, path))
                .transpose()?;
            Ok(engine::draw(&plan, state.as_ref()))
        }
    };
    write!(std::io::stdout().lock(), "{}", text?)?;
    Ok(())
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| file.display().to_string())
}

fn plan(file: &Path, text: &str) -> Result<Plan> {
    Plan::read(text).map_err(|faults| {
        let told: Vec<String> = faults
            .iter()
            .map(|fault| format!("  {}: {}\n      {}", fault.path, fault.reason, fault.fix))
            .collect();
        anyhow!("{} makes no sense:\n{}", file.display(), told.join("\n"))
    })
}

/// What there is to say of a definition that makes sense.
fn checked(file: &Path, text: &str) -> Result<String> {
    let plan = plan(file, text)?;
    let reference = plan.reference();
    let begins: Vec<String> = plan
        .triggers()
        .map(|node| format!("{} ({})", NodePlan::id(node), node.kind().subtype()))
        .collect();
    let mut lines = vec![
        format!(
            "{} version {} makes sense",
            reference.name, reference.version
        ),
        format!(
            "  nodes: {}, of which {} are done by others than the engine",
            plan.node_count(),
            plan.outside_count()
        ),
        format!("  begins by: {}", begins.join(", ")),
    ];
    let missing = plan.unavailable(&Capabilities::of_this_build());
    if missing.is_empty() {
        lines.push("  everything it needs is in this build".to_owned());
    } else {
        lines.push("  cannot be activated in this build:".to_owned());
        lines.extend(missing.iter().map(|fault| {
            format!(
                "    {}: {}\n        {}",
                fault.path, fault.reason, fault.fix
            )
        }));
    }
    Ok(lines.join("\n") + "\n")
}

fn state_of(plan: &Plan, path: &Path) -> Result<State> {
    let text = read(path)?;
    let state: State = serde_json::from_str(&text)
        .with_context(|| format!("{} is no state of a run", path.display()))?;
    if !state.fits(plan) {
        bail!(
            "{} is the state of a run of another definition, or of another version",
            path.display()
        );
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN_LINES: &str = include_str!("../../../../definitions/examples/ten-lines.yaml");

    #[test]
    fn a_definition_is_checked_in_words() {
        let told = checked(Path::new("ten-lines.yaml"), TEN_LINES).unwrap();
        for line in [
            "flaky-tests version 1 makes sense\n",
            "  nodes: 4, of which 1 are done by others than the engine\n",
            "  begins by: start (manual)\n",
            "    nodes.runs: it needs HTTP requests, which is not in this deployment\n",
        ] {
            assert!(told.contains(line), "{told}");
        }
    }

    #[test]
    fn the_readme_shows_what_is_said_and_drawn() {
        let readme = include_str!("../../../../README.md");
        let plan = plan(Path::new("ten-lines.yaml"), TEN_LINES).unwrap();
        for shown in [
            TEN_LINES.to_owned(),
            checked(Path::new("ten-lines.yaml"), TEN_LINES).unwrap(),
            engine::draw(&plan, None),
        ] {
            assert!(readme.contains(&shown), "README.md does not show:\n{shown}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_with_what_to_do() {
        let wrong = TEN_LINES
            .replace("subtype: filter", "subtype: filtre")
            .replace("to: report", "to: raport");
        let told = checked(Path::new("a.yaml"), &wrong)
            .unwrap_err()
            .to_string();
        for line in [
            "a.yaml makes no sense:\n",
            "nodes.flaky.subtype: ",
            "`filter` is near",
            "connections[2].to: ",
        ] {
            assert!(told.contains(line), "{told}");
        }
    }

    #[test]
    fn the_state_of_another_definition_is_not_drawn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let plan = plan(Path::new("ten-lines.yaml"), TEN_LINES).unwrap();
        let state = State::new(&plan);
        fs::write(&path, serde_json::to_string(&state).unwrap()).unwrap();
        assert_eq!(state_of(&plan, &path).unwrap(), state);
        fs::write(&path, r#"{"v":1,"r":{"s":"...."},"x":1}"#).unwrap();
        assert!(state_of(&plan, &path).is_err());
        fs::write(&path, r#"{"v":1,"r":{"s":"."}}"#).unwrap();
        let refused = state_of(&plan, &path).unwrap_err().to_string();
        assert!(refused.contains("another definition"), "{refused}");
    }
}
