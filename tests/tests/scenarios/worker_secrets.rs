//! Nothing secret gets where it does not belong.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use domain::{DefinitionName, RunState};
use secrecy::ExposeSecret;
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::{
    support::{ADA, HONEST_AGENT, REPOSITORY, World},
    worker_machine::{Machine, WEBHOOK_SECRET},
    worker_support::{Gate, until},
};

/// How the tokens of installations begin, a JWT, and a token of the worker protocol.
const TOKENS: [&str; 3] = ["ghs_", "eyJhbGciOi", "eyJtYXkiOi"];

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    let plain = entries.filter(|entry| entry.file_type().is_file());
    plain.map(walkdir::DirEntry::into_path).collect()
}

fn clean(what: &str, text: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(!text.contains(secret), "{secret:?} is in {what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_logs_leftovers_or_public() {
    let (machine, gate) = (Machine::new().await, Gate::new());
    let seen = gate.path("seen");
    // The agent notes what it can see: its environment, git's settings, and every command line.
    let script = format!(
        "(env; cat .git/config; cat /proc/[0-9]*/cmdline | tr '\\0' ' '; \
         tr '\\0' '\\n' < /proc/$PPID/environ) > {} 2> /dev/null\n{}",
        seen.display(),
        gate.before(HONEST_AGENT)
    );
    let _up = machine.up(Some(&script)).await;
    machine.ask().await;
    gate.reached().await;
    let kept: serde_json::Value = serde_json::from_str(&machine.file("secrets.json")).unwrap();
    let mut secrets: Vec<String> = TOKENS.map(str::to_owned).into();
    secrets.push(WEBHOOK_SECRET.to_owned());
    secrets.push(kept["tokens"].as_str().unwrap().to_owned());
    secrets.push(kept["webhook"].as_str().unwrap().to_owned());

    // While the agent works: what it sees, and the clone with all around it.
    let sight = fs::read_to_string(&seen).unwrap();
    assert!(sight.contains("SWITCHYARD_RUN=") && sight.contains("repositoryformatversion"));
    clean("sight of the agent", &sight, &secrets);
    let work = files(machine.work());
    assert!(work.iter().any(|path| path.ends_with(".git/config")));
    for path in &work {
        let bytes = fs::read(path).unwrap_or_default();
        clean(
            &path.display().to_string(),
            &String::from_utf8_lossy(&bytes),
            &secrets,
        );
    }

    // The secrets do look as assumed: the message that waits in the queue has a token in it.
    let queue = files(&machine.state().join("aws"));
    let holds =
        |path: &PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).contains(TOKENS[2]);
    assert!(queue.iter().any(holds));
    let installation = machine.github.installation_id(REPOSITORY).await.unwrap();
    let minted = machine.github.mint_token(installation.unwrap(), None, None);
    assert!(minted.await.unwrap().expose_secret().starts_with(TOKENS[0]));

    gate.open();
    machine.ends_well().await;
    let work = machine.work().to_owned();
    let of_runs = || {
        files(&work)
            .iter()
            .any(|path| path.display().to_string().contains("/run_"))
    };
    until("the job's folder is gone", || !of_runs()).await;
    let logs = files(&machine.state().join("log"));
    assert!(logs.len() >= 2, "{logs:?}");
    for path in logs.iter().chain([&machine.state().join("errors")]) {
        clean(
            &path.display().to_string(),
            &fs::read_to_string(path).unwrap(),
            &secrets,
        );
    }
    for issue in [
        machine.issue,
        machine.github.pulls(REPOSITORY).await.unwrap()[0].number,
    ] {
        let body = machine.github.issue(REPOSITORY, issue).await.unwrap().body;
        clean("an issue", &body.unwrap_or_default(), &secrets);
        for comment in machine.github.comments(REPOSITORY, issue).await.unwrap() {
            clean("a comment", &comment.body, &secrets);
        }
    }
}

/// What looks like a credential; an agent may find such things in a repository or be told them.
const KEYS: [&str; 3] = [
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "AKIAABCDEFGHIJKLMNOP",
    "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789-ABCDEF",
];

/// Everything that people can read about the one issue and what came of it.
async fn public(world: &World) -> String {
    let github = world.github();
    let pulls = github.pulls(REPOSITORY).await.unwrap();
    let mut all = String::new();
    for number in pulls.iter().map(|pull| pull.number).chain([world.issue]) {
        let issue = github.issue(REPOSITORY, number).await.unwrap();
        let comments = github.comments(REPOSITORY, number).await.unwrap();
        writeln!(all, "{issue:?}\n{comments:?}").unwrap();
    }
    for pull in pulls {
        let head = pull.pull.unwrap().head;
        let file = github.file_at(REPOSITORY, &head, "leaked.txt");
        assert_eq!(file.await.unwrap(), None);
    }
    all
}

/// A world in which an agent that tells the keys wherever it can was asked for this.
async fn told(name: DefinitionName) -> World {
    let world = World::start().await;
    let keys = KEYS.join(" ");
    let agent = format!(
        "{HONEST_AGENT}
        for key in {keys}; do
            echo \"{{\\\"type\\\":\\\"step\\\",\\\"text\\\":\\\"looks at $key\\\"}}\"
            echo \"$key\" | tee -a leaked.txt >> \"$SWITCHYARD_OUTPUT/findings.md\"
            echo \"It says $key.\" >> \"$SWITCHYARD_OUTPUT/summary.md\"
        done"
    );
    let _daemon = world.daemon(&agent);
    world.comment(ADA, &format!("bot:{name}")).await;
    let (state, text) = match name {
        IMPLEMENT => (RunState::Incomplete, "leaked.txt"),
        _ => (RunState::Succeeded, "It is in `a.txt`."),
    };
    world.ends(name, state, text).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_public_holds_the_keys_that_an_agent_tells() {
    for name in [IMPLEMENT, INVESTIGATE] {
        let world = told(name).await;
        clean("public", &public(&world).await, &KEYS.map(str::to_owned));
        if name == IMPLEMENT {
            world.one_pull().await;
        }
    }
}
