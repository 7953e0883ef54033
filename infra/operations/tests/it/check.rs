//! Whether everything is in place.

use crate::scene::Scene;

/// What is made where there is none.
const KEYS: [&str; 2] = ["SWITCHYARD_TOKEN_KEY", "SWITCHYARD_DAEMON_KEY"];

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
        wrong.contains(&"make bootstrap-github STAGE=dev OWNER=octo"),
        "{printed}"
    );
    for command in [
        "--name /switchyard/dev/GITHUB_APP_ID --value YOUR-APP-ID",
        "--name /switchyard/dev/GITHUB_APP_PRIVATE_KEY --value file://your-app.private-key.pem",
        "tr -d '\\n' | aws ssm put-parameter --type SecureString --name /switchyard/dev/GITHUB_WEBHOOK_SECRET --value file:///dev/stdin",
    ] {
        assert!(printed.contains(command), "{printed}");
    }
}

#[tokio::test]
async fn keys_that_nobody_has_to_choose_are_made_once_and_never_shown() {
    let scene = Scene::deployed().await;
    let (printed, error) = scene.run(&["check"], "").await;
    assert!(error.is_some(), "the app is still missing");
    let keys = KEYS.map(|name| scene.stored(name).unwrap());
    assert!(keys.iter().all(|key| key.len() == 64), "256 bits each");
    assert_ne!(keys[0], keys[1]);
    for name in KEYS {
        let made = format!("✓ /switchyard/dev/{name} was missing and is made");
        assert!(printed.contains(&made), "{printed}");
    }

    let (again, _) = scene.run(&["check"], "").await;
    assert_eq!(KEYS.map(|name| scene.stored(name).unwrap()), keys);
    for name in KEYS {
        let stored = format!("✓ /switchyard/dev/{name} is stored");
        assert!(again.contains(&stored), "{again}");
    }
    for key in &keys {
        assert!(!printed.contains(key) && !again.contains(key));
    }
}

#[tokio::test]
async fn a_key_is_encrypted_as_the_stack_says() {
    let scene = Scene::deployed().await;
    let key = "arn:aws:kms:eu-west-1:123456789012:key/1";
    let named = ("ParameterKeyArn".to_owned(), key.to_owned());
    let mut stack = scene.aws.account().stack.take().unwrap();
    stack.parameters.extend([named]);
    scene.aws.account().stack = Some(stack);
    scene.run(&["check"], "").await;
    let account = scene.aws.account();
    for name in KEYS {
        assert_eq!(account.keys[&format!("/switchyard/dev/{name}")], key);
    }
}

#[tokio::test]
async fn the_settings_of_another_stage_are_no_good() {
    let scene = complete().await;
    let line = ["check", "--stage", "prod", "--stack", "switchyard-dev"];
    let (printed, error) = scene.run(&line, "").await;
    assert!(error.is_some());
    let expected = "✗ the stack switchyard-dev reads its settings under /switchyard/dev, which are not those of the stage prod";
    assert!(wrong(&printed).contains(&expected), "{printed}");
}

#[tokio::test]
async fn a_key_that_cannot_be_made_is_said_and_what_is_there_is_not_overwritten() {
    let scene = complete().await;
    // The service knows no empty value, and counts one of spaces as there.
    scene.store("SWITCHYARD_TOKEN_KEY", " ");
    let (printed, error) = scene.run(&["check"], "").await;
    assert!(error.unwrap().starts_with("1 of"), "{printed}");
    let wrong = wrong(&printed);
    assert!(
        wrong[0].contains("SWITCHYARD_TOKEN_KEY is missing and was not made"),
        "{printed}"
    );
    assert!(wrong[1].contains("nothing was overwritten"), "{printed}");
    assert_eq!(scene.stored("SWITCHYARD_TOKEN_KEY").unwrap(), " ");
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
    assert!(
        wrong(&printed)[0].contains("not installed for octo"),
        "{printed}"
    );
}

#[tokio::test]
async fn an_owner_who_suspended_the_app_is_found() {
    let scene = complete().await;
    let (printed, _) = scene.run(&["check"], "").await;
    assert!(printed.contains("✓ nothing keeps the app from working for octo"));
    scene
        .github
        .suspend_installation("octo/demo")
        .await
        .unwrap();
    let (printed, error) = scene.run(&["check"], "").await;
    assert!(error.unwrap().starts_with("1 of"), "{printed}");
    assert!(
        wrong(&printed)[0].contains("octo has suspended the app"),
        "{printed}"
    );
    assert!(
        wrong(&printed)[1].contains("/settings/installations/"),
        "{printed}"
    );
}

#[tokio::test]
async fn each_owner_who_may_start_work_is_asked_after() {
    let scene = complete().await;
    let mut stack = scene.aws.account().stack.take().unwrap();
    let owners = ("AllowedOwners".to_owned(), "octo,acme".to_owned());
    stack.parameters.extend([owners]);
    scene.aws.account().stack = Some(stack);
    let (printed, error) = scene.run(&["check"], "").await;
    assert!(error.unwrap().starts_with("1 of"), "{printed}");
    assert!(
        wrong(&printed)[0].contains("not installed for acme"),
        "{printed}"
    );
}
