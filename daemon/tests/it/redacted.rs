//! Whatever an agent writes, no credential leaves with it.

use std::fmt::Write as _;

use domain::DefinitionName;
use testkit::{IMPLEMENT, INVESTIGATE};

use crate::support::{BRANCH, LEASE_TOKEN, Scene, Setup, git};

/// What looks like a credential, and what only this platform knows to be one.
const KEYS: [&str; 6] = [
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "AKIAABCDEFGHIJKLMNOP",
    "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789-ABCDEF",
    "xoxb-123456789012-abcdefghijklmnop",
    "only-the-daemon-knows-this",
    LEASE_TOKEN,
];

/// Writes the keys wherever an agent can.
fn tells_all() -> String {
    let mut agent = String::new();
    for key in KEYS {
        writeln!(agent, "keys=\"$keys {key}\"").unwrap();
    }
    agent
        + r#"
        for key in $keys; do
            echo "{\"type\":\"step\",\"text\":\"looks at $key\"}"
            echo "$key"
            echo "$key" >> leaked.txt
            mkdir -p named
            echo x > "named/$key"
        done
        echo "{\"type\":\"step\",\"text\":\"the last step\"}"
        echo hello > greeting.txt
        set -- $keys
        echo "Say $2" > "$SWITCHYARD_OUTPUT/summary.md"
        echo "Found $keys." | tee -a "$SWITCHYARD_OUTPUT/summary.md" > "$SWITCHYARD_OUTPUT/findings.md"
        "#
}

async fn told(name: DefinitionName, agent: &str) -> Scene {
    let check = ["/bin/sh", "-c", "cat leaked.txt; exit 1"];
    let setup = Setup {
        check: Some(check.map(str::to_owned).to_vec()),
        secrets: vec!["only-the-daemon-knows-this".into()],
        ..Setup::new(name, agent)
    };
    let mut scene = Scene::prepare(&setup).await;
    scene.platform.change(|state| {
        let payload = state.payload.as_mut().unwrap();
        payload.title = format!("Why is {} refused? And {}?", KEYS[1], KEYS[0]);
    });
    scene.run(setup);
    scene.finished().await;
    scene
}

fn clean(scene: &Scene) {
    let mut public = serde_json::to_string(&scene.hub.state.lock().pulls).unwrap();
    let (events, finished) = scene
        .platform
        .look(|state| (state.events.clone(), state.finished.clone()));
    public += &serde_json::to_string(&(events, finished)).unwrap();
    public += &git(&scene.hub.repository(), &["log", "--all", "-p", "--stat"]);
    for key in KEYS {
        assert!(!public.contains(key), "{key} is in {public}");
        assert!(
            !public.contains(&key[..16]),
            "a part of {key} is in {public}"
        );
    }
}

#[tokio::test]
async fn a_change_is_proposed_without_the_keys_that_an_agent_told() {
    let scene = told(IMPLEMENT, &tells_all()).await;
    clean(&scene);
    let (pull, missing) = scene.pull().await;
    assert_eq!(pull.branch, BRANCH);
    assert_eq!(
        missing.unwrap().kind(),
        domain::FailureKind::CredentialsFound
    );
    let sent = scene.hub.state.lock().pulls[0].clone();
    let (title, body) = (sent["title"].to_string(), sent["body"].to_string());
    assert!(title.starts_with("\"Say ["), "{title}");
    assert!(
        body.contains("Found  [") && body.contains("`leaked.txt ("),
        "{body}"
    );
    let stat = ["diff", "--name-only", "main", BRANCH];
    assert_eq!(git(&scene.hub.repository(), &stat), "greeting.txt\n");
    let steps = scene.platform.look(|state| {
        let texts = state.events.iter().map(|event| event.text.clone());
        texts.collect::<Vec<_>>()
    });
    assert!(steps.iter().any(|text| text == "the last step"));
    let looked = steps.iter().filter(|text| text.starts_with("looks at ["));
    assert_eq!(looked.count(), KEYS.len(), "{steps:?}");
}

#[tokio::test]
async fn the_title_of_the_issue_is_taken_without_the_keys_in_it() {
    let scene = told(IMPLEMENT, "echo hello > greeting.txt").await;
    clean(&scene);
    let title = scene.hub.state.lock().pulls[0]["title"].to_string();
    assert!(title.starts_with("\"Why is ["), "{title}");
}

#[tokio::test]
async fn findings_and_reasons_are_told_without_the_keys() {
    clean(&told(INVESTIGATE, &tells_all()).await);
    let reason = format!(
        "echo 'It holds {} already.' > \"$SWITCHYARD_OUTPUT/summary.md\"",
        KEYS[2]
    );
    let scene = told(IMPLEMENT, &reason).await;
    clean(&scene);
    let said = scene.finished().await.findings.unwrap();
    assert!(said.starts_with("It holds ["), "{said}");
}
