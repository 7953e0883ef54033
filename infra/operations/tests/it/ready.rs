//! Whether a stage can be deployed.

use crate::scene::Scene;

/// What is made where there is none.
const KEYS: [&str; 2] = ["SWITCHYARD_TOKEN_KEY", "SWITCHYARD_DAEMON_KEY"];

#[tokio::test]
async fn a_new_stage_needs_owners_and_gets_its_keys() {
    let scene = Scene::empty().await;
    let (_, error) = scene.run(&["ready"], "").await;
    let error = error.unwrap();
    assert!(
        error.contains("AllowedOwners") && error.contains("OWNERS=your-org"),
        "{error}"
    );
    for name in KEYS {
        assert_eq!(scene.stored(name), None);
    }

    let (printed, error) = scene.run(&["ready", "--owners", "octo"], "").await;
    assert_eq!(error, None);
    assert!(
        printed.contains("make bootstrap-github STAGE=dev"),
        "{printed}"
    );
    let keys = KEYS.map(|name| scene.stored(name).unwrap());
    assert_ne!(keys[0], keys[1]);
    assert!(keys.iter().all(|key| !printed.contains(key)));

    let (_, error) = scene.run(&["ready", "--owners", "octo"], "").await;
    assert_eq!(error, None);
    assert_eq!(KEYS.map(|name| scene.stored(name).unwrap()), keys);
}

#[tokio::test]
async fn keys_are_made_where_the_stack_will_look_and_as_it_may_decrypt() {
    let scene = Scene::empty().await;
    let key = "arn:aws:kms:eu-west-1:123456789012:key/1";
    let line = [
        "ready",
        "--owners",
        "octo",
        "--parameter-root",
        "/team/agents",
        "--parameter-key",
        key,
    ];
    let (_, error) = scene.run(&line, "").await;
    assert_eq!(error, None);
    let account = scene.aws.account();
    for name in KEYS {
        assert_eq!(account.keys[&format!("/team/agents/dev/{name}")], key);
    }
}

#[tokio::test]
async fn what_is_not_given_stays_as_the_stack_has_it() {
    let scene = Scene::deployed().await;
    let key = "arn:aws:kms:eu-west-1:123456789012:key/1";
    let mut stack = scene.aws.account().stack.take().unwrap();
    for (name, value) in [("ParameterRoot", "/team"), ("ParameterKeyArn", key)] {
        stack.parameters.insert(name.to_owned(), value.to_owned());
    }
    scene.aws.account().stack = Some(stack);
    scene.run(&["ready"], "").await;
    scene
        .run(
            &["ready", "--parameter-root", "/other", "--parameter-key", ""],
            "",
        )
        .await;
    let account = scene.aws.account();
    for name in KEYS {
        assert_eq!(account.keys[&format!("/team/dev/{name}")], key);
        assert!(
            account
                .parameters
                .contains_key(&format!("/other/dev/{name}"))
        );
        assert!(!account.keys.contains_key(&format!("/other/dev/{name}")));
    }
}

#[tokio::test]
async fn a_stage_that_runs_needs_its_settings_and_says_which_and_how() {
    let scene = Scene::deployed().await;
    scene.store("GITHUB_APP_ID", "77");
    let (_, error) = scene.run(&["ready"], "").await;
    let error = error.unwrap();
    assert!(
        error.contains("GITHUB_APP_PRIVATE_KEY, GITHUB_WEBHOOK_SECRET"),
        "{error}"
    );
    assert!(error.contains("make bootstrap-github STAGE=dev"), "{error}");
    let command =
        "aws ssm put-parameter --type SecureString --name /switchyard/dev/GITHUB_WEBHOOK_SECRET";
    assert!(error.contains(command), "{error}");

    scene.store_app("secret");
    let (_, error) = scene.run(&["ready"], "").await;
    assert_eq!(error, None);
    // A workflow runs this, which must not see a secret.
    assert_eq!(scene.aws.account().decryptions, 0);
}

#[tokio::test]
async fn the_model_providers_key_is_needed_only_by_a_daemon_that_gets_it() {
    let scene = Scene::deployed().await;
    scene.store_app("secret");
    let (_, error) = scene.run(&["ready", "--with-model-key"], "").await;
    assert!(error.unwrap().contains("/switchyard/dev/ANTHROPIC_API_KEY"));
    scene.store("ANTHROPIC_API_KEY", "sk");
    let (_, error) = scene.run(&["ready", "--with-model-key"], "").await;
    assert_eq!(error, None);
    let named = [
        "ready",
        "--with-model-key",
        "--model-secret",
        "OPENAI_API_KEY",
    ];
    let (_, error) = scene.run(&named, "").await;
    assert!(error.unwrap().contains("/switchyard/dev/OPENAI_API_KEY"));
}

#[tokio::test]
async fn what_cannot_be_updated_is_not_tried() {
    let scene = Scene::deployed().await;
    scene.store_app("secret");
    for (status, advice) in [
        ("UPDATE_IN_PROGRESS", "wait"),
        ("ROLLBACK_COMPLETE", "make destroy STAGE=dev"),
    ] {
        scene.aws.account().stack.as_mut().unwrap().status = status;
        let (_, error) = scene.run(&["ready"], "").await;
        let error = error.unwrap();
        assert!(error.contains(status) && error.contains(advice), "{error}");
    }
}

#[tokio::test]
async fn credentials_that_aws_does_not_take_are_called_so() {
    let scene = Scene::deployed().await;
    for code in ["ExpiredToken", "InvalidClientTokenId"] {
        scene.aws.account().refusal = Some(code);
        let (_, error) = scene.run(&["ready"], "").await;
        let error = error.unwrap();
        assert!(
            error.contains("does not accept the credentials") && error.contains(code),
            "{error}"
        );
    }
    scene.aws.account().refusal = Some("AccessDenied");
    let (_, error) = scene.run(&["ready"], "").await;
    assert!(error.unwrap().contains("AccessDenied: not today"));
}

#[tokio::test]
async fn a_token_of_the_operators_needs_exactly_one_owner() {
    let scene = Scene::deployed().await;
    scene.store_app("secret");
    scene.store("SWITCHYARD_GITHUB_TOKEN", "gho_operators");
    let (_, error) = scene.run(&["ready"], "").await;
    assert_eq!(error, None);
    let (printed, error) = scene.run(&["ready", "--owners", "octo,other"], "").await;
    let error = error.unwrap();
    for said in [
        "/switchyard/dev/SWITCHYARD_GITHUB_TOKEN is stored",
        "octo,other",
        "aws ssm delete-parameter --name /switchyard/dev/SWITCHYARD_GITHUB_TOKEN",
    ] {
        assert!(error.contains(said), "{error}");
    }
    assert!(!printed.contains("gho_operators") && !error.contains("gho_operators"));
    assert_eq!(scene.aws.account().decryptions, 0);
}
