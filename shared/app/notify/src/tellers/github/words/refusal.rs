//! Why a request was refused, and what to do.

use domain::{DefinitionName, ItemKind, NearMiss, Refusal};

use crate::tellers::github::markdown;

pub(in crate::tellers::github) fn reason(refusal: &Refusal) -> String {
    match refusal {
        Refusal::OwnerNotAllowed => {
            "Switchyard does not work on repositories of this owner.".to_owned()
        }
        Refusal::PermissionTooLow => {
            "Only people who may write to this repository can ask for work. \
             Ask a maintainer to repeat the request."
                .to_owned()
        }
        Refusal::WrongItem { name, kind } => {
            let (here, there, one) = match kind {
                ItemKind::Issue => ("issues", "pull requests", "a pull request"),
                ItemKind::PullRequest => ("pull requests", "issues", "an issue"),
            };
            let asked = asked(*name);
            format!("{asked} works on {there}, not on {here}. Ask for it on {one}.")
        }
        Refusal::AlreadyRunning { name, .. } => format!(
            "{} is already at work here; its own comment shows how far it is. \
             Wait for it, or write `bot:stop` first.",
            asked(*name)
        ),
        Refusal::NothingToStop => {
            "Nothing is at work here, so there is nothing to stop. What was asked for before and has not \
             begun will not begin."
                .to_owned()
        }
        Refusal::Stopped => "It waited for its turn, and was stopped before it had one.".to_owned(),
        Refusal::AskedAgain { name, .. } => format!(
            "{} could not be started in time, and was asked for again since. Only the \
             later request counts.",
            asked(*name)
        ),
        Refusal::NearMiss { miss } => near_miss(*miss),
        Refusal::Broken => {
            "This request cannot be worked on: something is wrong with what Switchyard keeps about it. \
             Its operator has to look; asking again does not help before."
                .to_owned()
        }
        Refusal::GivenUp => {
            "This request was tried for a day and could not be started. Ask again if it is still wanted."
                .to_owned()
        }
        Refusal::NoAccess => {
            "The app may not see who may write to this repository. Check its permissions."
                .to_owned()
        }
    }
}

fn asked(name: DefinitionName) -> String {
    markdown::code(format_args!("bot:{name}"))
}

fn near_miss(NearMiss { meant }: NearMiss) -> String {
    let alone = "A command stands on a line of its own and holds nothing else.";
    if let Some(command) = meant {
        let command = markdown::code(command);
        return format!("That was almost a command. Write {command}. {alone}");
    }
    let commands = engine::built_in().vocabulary().commands();
    let all: Vec<String> = commands.map(markdown::code).collect();
    format!(
        "That is not a command. There are {}. {alone}",
        all.join(", ")
    )
}
