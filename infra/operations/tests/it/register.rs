//! Registering an app by a browser.

use reqwest::{StatusCode, redirect::Policy};

use crate::scene::{Scene, Screen};

const COMMAND: [&str; 5] = ["github", "--owner", "octo", "--listen", "127.0.0.1:0"];

#[expect(
    clippy::disallowed_methods,
    reason = "this is a browser, not the product"
)]
fn browser() -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none());
    builder.build().unwrap()
}

/// What a form field or an attribute holds, as a browser reads it.
fn unescape(text: &str) -> String {
    text.replace("&#34;", "\"")
        .replace("&#38;", "&")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

/// Opens the page and presses its button; gives where GitHub sends the browser.
async fn press(link: &str) -> String {
    let page = browser().get(link).send().await.unwrap();
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let page = page.text().await.unwrap();
    let action = unescape(between(&page, "action=\"", "\""));
    let manifest = unescape(between(&page, "name=\"manifest\" value=\"", "\""));
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("manifest", &manifest)
        .finish();
    let answer = browser()
        .post(action)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

async fn visit(url: &str) -> (StatusCode, String) {
    let answer = browser().get(url).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// Registers as a person who does everything right; gives what was printed.
async fn register(scene: &Scene, more: &[&str]) -> (String, Option<String>) {
    let screen = Screen::default();
    let line = [&COMMAND, more].concat();
    let person = async {
        let back = press(&screen.link().await).await;
        visit(&back).await
    };
    let (error, (status, shown)) = tokio::join!(scene.run_on(&screen, &line, ""), person);
    if error.is_none() {
        assert_eq!(status, StatusCode::OK, "{shown}");
        assert!(shown.contains("/installations/new"), "{shown}");
    }
    (screen.text(), error)
}

#[tokio::test]
async fn an_app_is_registered_and_its_settings_stored_and_never_shown() {
    let scene = Scene::deployed().await;
    let (printed, error) = register(&scene, &["--org", "octo"]).await;
    assert_eq!(error, None);
    assert_eq!(scene.stored("GITHUB_APP_ID").unwrap(), "77");
    let pem = scene.stored("GITHUB_APP_PRIVATE_KEY").unwrap();
    assert!(pem.contains("PRIVATE KEY"));
    let secret = scene.stored("GITHUB_WEBHOOK_SECRET").unwrap();
    let token_key = scene.stored("SWITCHYARD_TOKEN_KEY").unwrap();
    let daemon_key = scene.stored("SWITCHYARD_DAEMON_KEY").unwrap();
    assert!(printed.contains("/installations/new"), "{printed}");
    for secret in [&pem, &secret, &token_key, &daemon_key] {
        assert!(!printed.contains(secret.as_str()), "{printed}");
    }
    // Nothing has run with other settings, so nothing is started anew.
    let log = scene.aws.account().log.join(", ");
    let expected = "put /switchyard/dev/SWITCHYARD_TOKEN_KEY, put /switchyard/dev/SWITCHYARD_DAEMON_KEY, \
                    put /switchyard/dev/GITHUB_APP_PRIVATE_KEY, \
                    put /switchyard/dev/GITHUB_WEBHOOK_SECRET, put /switchyard/dev/GITHUB_APP_ID";
    assert_eq!(log, expected);

    // What was stored works: GitHub takes the key, and signs with the secret that webhook then knows.
    scene.start_functions();
    scene
        .github
        .create_repository("octo", "demo", &[("a", "b")])
        .await
        .unwrap();
    let (printed, error) = scene.run(&["check"], "").await;
    assert_eq!(error, None, "{printed}");
}

#[tokio::test]
async fn an_app_that_is_there_is_replaced_only_on_purpose() {
    let scene = Scene::deployed().await;
    scene.store_app("old secret");
    scene.store("GITHUB_WEBHOOK_SECRET_PREVIOUS", "older");
    let (_, error) = scene.run(&COMMAND, "").await;
    let error = error.unwrap();
    assert!(
        error.contains("GITHUB_APP_PRIVATE_KEY") && error.contains("REPLACE"),
        "{error}"
    );
    assert_eq!(scene.stored("GITHUB_WEBHOOK_SECRET").unwrap(), "old secret");

    let (_, error) = register(&scene, &["--replace"]).await;
    assert_eq!(error, None);
    assert_ne!(scene.stored("GITHUB_WEBHOOK_SECRET").unwrap(), "old secret");
    assert_eq!(scene.stored("GITHUB_WEBHOOK_SECRET_PREVIOUS"), None);
    assert_eq!(
        scene.stored("SWITCHYARD_TOKEN_KEY").unwrap(),
        "0123456789abcdef0123456789abcdef"
    );
    assert_eq!(
        scene.aws.account().log.last().unwrap(),
        "update SettingsVersion"
    );
}

#[tokio::test]
async fn only_the_browser_that_started_here_is_listened_to() {
    let scene = Scene::deployed().await;
    let screen = Screen::default();
    let person = async {
        let link = screen.link().await;
        let back = press(&link).await;
        let forged = back.split_once("&state=").unwrap().0;
        for url in [forged.to_owned(), format!("{forged}&state=guess")] {
            assert_eq!(visit(&url).await.0, StatusCode::FORBIDDEN);
        }
        let rebound = browser()
            .get(&link)
            .header("host", "evil.example")
            .send()
            .await;
        assert_eq!(rebound.unwrap().status(), StatusCode::FORBIDDEN);
        assert_eq!(scene.stored("GITHUB_APP_ID"), None);
        visit(&back).await
    };
    let (error, (status, _)) = tokio::join!(scene.run_on(&screen, &COMMAND, ""), person);
    assert_eq!((error, status), (None, StatusCode::OK));
}

#[tokio::test]
async fn a_code_that_github_does_not_know_stores_nothing_and_is_told_on_both_sides() {
    let scene = Scene::deployed().await;
    let screen = Screen::default();
    let person = async {
        let back = press(&screen.link().await).await;
        let (start, rest) = back.split_once("code=").unwrap();
        let (_, state) = rest.split_once('&').unwrap();
        visit(&format!("{start}code=unknown&{state}")).await
    };
    let (error, (_, shown)) = tokio::join!(scene.run_on(&screen, &COMMAND, ""), person);
    assert!(error.unwrap().contains("older than an hour"));
    assert!(shown.contains("older than an hour"), "{shown}");
    assert_eq!(scene.stored("GITHUB_APP_ID"), None);
}

#[tokio::test]
async fn the_key_of_the_operator_encrypts_if_there_is_one() {
    let scene = Scene::deployed().await;
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/1";
    scene
        .aws
        .account()
        .stack
        .as_mut()
        .unwrap()
        .parameters
        .insert("ParameterKeyArn".to_owned(), arn.to_owned());
    let (_, error) = register(&scene, &[]).await;
    assert_eq!(error, None);
    let account = scene.aws.account();
    assert_eq!(account.keys.len(), 5);
    assert!(account.keys.values().all(|key| key == arn));
}
