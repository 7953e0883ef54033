//! Removing a stack.

use crate::{aws::TABLE, scene::Scene};

async fn running() -> Scene {
    let scene = Scene::deployed().await;
    scene.store_app("secret");
    scene.aws.account().objects = ["a", "b", "c"].map(str::to_owned).to_vec();
    scene
}

fn deleted(scene: &Scene) -> bool {
    let account = scene.aws.account();
    account.log.iter().any(|line| line == "delete stack")
}

#[tokio::test]
async fn nothing_is_removed_unless_the_stage_is_named() {
    let scene = running().await;
    for typed in ["", "\n", "prod\n", "yes\n"] {
        let (_, error) = scene.run(&["destroy"], typed).await;
        assert!(error.unwrap().contains("nothing was removed"));
    }
    assert!(!deleted(&scene));
    assert_eq!(scene.aws.account().objects.len(), 3);
}

#[tokio::test]
async fn the_stack_goes_and_what_stays_is_told() {
    let scene = running().await;
    let (printed, error) = scene.run(&["destroy"], "dev\n").await;
    assert_eq!(error, None);
    assert!(deleted(&scene) && scene.aws.account().objects.is_empty());
    assert!(printed.contains("3 bodies"), "{printed}");
    assert!(
        printed.contains("AWS::Logs::LogGroup kept-logs"),
        "{printed}"
    );
    assert!(
        printed.contains("/switchyard/dev/GITHUB_APP_PRIVATE_KEY"),
        "{printed}"
    );
    assert!(scene.stored("GITHUB_APP_PRIVATE_KEY").is_some());
}

#[tokio::test]
async fn settings_go_only_on_purpose() {
    let scene = running().await;
    let paths: Vec<String> = scene.aws.account().parameters.keys().cloned().collect();
    assert_eq!(paths.len(), 5);
    let line = ["destroy", "--confirm", "dev", "--with-settings"];
    let (printed, error) = scene.run(&line, "").await;
    assert_eq!(error, None);
    let deleted = printed.find("5 settings are deleted").unwrap();
    for path in paths {
        let told = printed.find(&path);
        assert!(told.is_some_and(|told| told < deleted), "{printed}");
    }
    assert!(scene.aws.account().parameters.is_empty());
}

#[tokio::test]
async fn the_paths_of_settings_are_named_before_anybody_agrees() {
    let scene = running().await;
    for stack in ["kept", "gone"] {
        if stack == "gone" {
            scene.aws.account().stack = None;
        }
        let (printed, error) = scene.run(&["destroy", "--with-settings"], "\n").await;
        assert!(error.unwrap().contains("nothing was removed"));
        assert!(
            printed.contains("\n  /switchyard/dev/GITHUB_APP_PRIVATE_KEY\n"),
            "{printed}"
        );
        assert!(scene.stored("GITHUB_APP_PRIVATE_KEY").is_some());
    }
}

#[tokio::test]
async fn settings_of_another_stage_are_not_deleted_with_a_stack() {
    let scene = running().await;
    let line = [
        "destroy",
        "--stage",
        "prod",
        "--stack",
        "switchyard-dev",
        "--confirm",
        "prod",
        "--with-settings",
    ];
    let (_, error) = scene.run(&line, "").await;
    let error = error.unwrap();
    assert!(
        error.contains("under /switchyard/dev, which are not those of the stage prod"),
        "{error}"
    );
    assert!(!deleted(&scene));
    assert!(scene.stored("GITHUB_APP_PRIVATE_KEY").is_some());
}

#[tokio::test]
async fn a_protected_table_keeps_the_stack() {
    let scene = running().await;
    scene.aws.account().protected = true;
    let (_, error) = scene.run(&["destroy", "--confirm", "dev"], "").await;
    let error = error.unwrap();
    assert!(
        error.contains(TABLE) && error.contains("--no-deletion-protection-enabled"),
        "{error}"
    );
    assert!(!deleted(&scene));
}

#[tokio::test]
async fn a_stack_that_cannot_be_deleted_is_told() {
    let scene = running().await;
    scene.aws.account().stack = None;
    let (printed, error) = scene.run(&["destroy"], "").await;
    assert_eq!(error, None);
    assert!(
        printed.contains("There is no stack switchyard-dev"),
        "{printed}"
    );
}
