//! Replacing secrets.

use crate::scene::Scene;

const SECRET: &str = "GITHUB_WEBHOOK_SECRET";
const PREVIOUS: &str = "GITHUB_WEBHOOK_SECRET_PREVIOUS";

/// Whether `webhook`, as it was started last, takes what GitHub signs now.
async fn understood(scene: &Scene) -> bool {
    let guid = scene.github.ping().await.unwrap();
    let delivered = scene
        .github
        .wait_for(crate::scene::PATIENCE, async || {
            let all = scene.github.deliveries().await.unwrap();
            Ok(all
                .into_iter()
                .find(|one| one.guid == guid && one.status_code.is_some()))
        })
        .await;
    delivered.unwrap().status_code == Some(200)
}

#[tokio::test]
async fn github_signs_with_a_new_secret_that_the_functions_know_by_then() {
    let scene = Scene::deployed().await;
    scene.store_app("the first secret");
    scene.start_functions();
    assert!(understood(&scene).await);
    let (printed, error) = scene.run(&["rotate-webhook-secret"], "").await;
    assert_eq!(error, None);
    let new = scene.stored(SECRET).unwrap();
    assert_ne!(new, "the first secret");
    assert_eq!(scene.stored(PREVIOUS).unwrap(), "the first secret");
    assert!(!printed.contains(&new), "{printed}");
    // The new secret was stored before the functions were started anew, in the second place.
    let log = scene.aws.account().log.join(", ");
    let expected = "put /switchyard/dev/GITHUB_WEBHOOK_SECRET_PREVIOUS, update SettingsVersion, \
                    put /switchyard/dev/GITHUB_WEBHOOK_SECRET, put /switchyard/dev/GITHUB_WEBHOOK_SECRET_PREVIOUS, \
                    update SettingsVersion";
    assert_eq!(log, expected);
    // Functions that have not been started since know the old one only, and GitHub has left it behind.
    assert!(!understood(&scene).await);
    scene.start_functions();
    assert!(understood(&scene).await);
}

#[tokio::test]
async fn a_rotation_that_ended_half_way_is_done_again_without_losing_a_webhook() {
    let scene = Scene::deployed().await;
    scene.store_app("old");
    // GitHub signs with the second secret already, and then the program was killed.
    scene.store(PREVIOUS, "half-way");
    scene.github.set_webhook_secret("half-way".into());
    scene.start_functions();
    scene
        .aws
        .account()
        .stack
        .as_mut()
        .unwrap()
        .parameters
        .remove("SettingsVersion");
    let (_, error) = scene.run(&["rotate-webhook-secret"], "").await;
    assert!(error.unwrap().contains("older than this program"));
    // It ended half-way again, and still what GitHub signs is understood.
    assert!(understood(&scene).await);
}

#[tokio::test]
async fn every_api_knows_a_key_of_daemons_before_anybody_uses_it() {
    for (command, name) in [
        ("rotate-token-key", "SWITCHYARD_TOKEN_KEY"),
        ("rotate-daemon-key", "SWITCHYARD_DAEMON_KEY"),
    ] {
        let scene = Scene::deployed().await;
        scene.store_app("secret");
        let old = scene.stored(name).unwrap();
        let (printed, error) = scene.run(&[command], "").await;
        assert_eq!(error, None);
        let new = scene.stored(name).unwrap();
        assert_ne!(new, old);
        assert!(!printed.contains(&new), "{printed}");
        assert_eq!(scene.stored(&format!("{name}_PREVIOUS")), Some(old));
        let log = scene.aws.account().log.join(", ");
        let expected = format!(
            "put /switchyard/dev/{name}_PREVIOUS, update SettingsVersion, put /switchyard/dev/{name}, \
             put /switchyard/dev/{name}_PREVIOUS, update SettingsVersion"
        );
        assert_eq!(log, expected);
    }
}
