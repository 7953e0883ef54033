//! Whether everything is in place.

use crate::scene::Scene;

async fn complete() -> Scene {
    let scene = Scene::deployed().await;
    scene.store_app("secret");
    scene.start_functions();
    scene
        .github
        .create_repository("octo", "demo", &[("a", "b")])
        .await
        .unwrap();
    scene
}

/// What is marked as wrong, with what to do about it.
fn wrong(printed: &str) -> Vec<&str> {
    let lines: Vec<&str> = printed.lines().collect();
    let pairs = lines.windows(2).filter(|pair| pair[0].contains('✗'));
    pairs
        .flat_map(|pair| [pair[0], pair[1]])
        .map(str::trim)
        .collect()
}

#[tokio::test]
async fn what_is_right_is_ticked() {
    let scene = complete().await;
    let (printed, error) = scene.run(&["check"], "").await;
    assert_eq!(error, None, "{printed}");
    assert!(
        printed.lines().all(|line| line.trim().starts_with('✓')),
        "{printed}"
    );
    assert!(printed.lines().count() >= 10, "{printed}");
}

#[tokio::test]
async fn a_stack_without_settings_says_what_to_do() {
    let scene = Scene::deployed().await;
    let (printed, error) = scene.run(&["check"], "").await;
    assert!(error.is_some());
    let wrong = wrong(&printed);
    assert!(
        wrong.contains(&"✗ /switchyard/dev/GITHUB_APP_ID is missing"),
        "{printed}"
    );
    assert!(
        wrong.contains(&"make bootstrap-github STAGE=dev OWNER=your-org"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_webhook_that_goes_elsewhere_is_found_and_put_right() {
    let scene = complete().await;
    let elsewhere = "https://old.example/webhooks/github";
    scene
        .github
        .set_webhook_url(Some(elsewhere.parse().unwrap()));
    let (printed, error) = scene.run(&["check"], "").await;
    assert!(error.unwrap().starts_with("1 of"), "{printed}");
    assert!(wrong(&printed)[0].contains(elsewhere), "{printed}");
    assert_eq!(wrong(&printed)[1], "make point-webhook STAGE=dev");
    let (_, error) = scene.run(&["point-webhook"], "").await;
    assert_eq!(error, None);
    let (printed, error) = scene.run(&["check"], "").await;
    assert_eq!(error, None, "{printed}");
}

#[tokio::test]
async fn functions_that_know_another_secret_are_found() {
    let scene = complete().await;
    scene.store("GITHUB_WEBHOOK_SECRET", "another one");
    let (printed, error) = scene.run(&["check"], "").await;
    assert!(error.is_some());
    assert!(wrong(&printed)[1].contains("make reload"), "{printed}");
}

#[tokio::test]
async fn an_app_that_github_does_not_know_is_found() {
    let scene = complete().await;
    scene.store("GITHUB_APP_ID", "78");
    let (printed, error) = scene.run(&["check"], "").await;
    assert!(error.is_some());
    assert!(
        wrong(&printed)[1].contains("Compare the stored id"),
        "{printed}"
    );
    scene.store("GITHUB_APP_PRIVATE_KEY", "no key");
    let (printed, _) = scene.run(&["check"], "").await;
    assert!(
        printed.contains("the stored private key cannot be used"),
        "{printed}"
    );
}

#[tokio::test]
async fn an_app_that_nobody_installed_is_found() {
    let scene = Scene::deployed().await;
    scene.store_app("secret");
    scene.start_functions();
    let (printed, error) = scene.run(&["check"], "").await;
    assert!(error.is_some());
    assert!(wrong(&printed)[0].contains("not installed"), "{printed}");
}
