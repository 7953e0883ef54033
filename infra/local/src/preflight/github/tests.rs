//! The check against the simulated GitHub, which is as strict about apps as the real one.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use domain::{ManualClock, SystemClock};
use simgithub::{AppRegistration, Config, DEMONSTRATION_KEY_PEM, Fault, FaultRule, SimGitHub};
use tempfile::TempDir;

use super::*;

const APP_ID: &str = "1234";

/// An app at a GitHub, and what the operator says of it.
struct Scene {
    github: SimGitHub,
    api: Url,
    key: SecretString,
    token: Option<SecretString>,
    clock: SharedClock,
    _state: TempDir,
}

impl Scene {
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut AppRegistration)) -> Self {
        let state = tempfile::tempdir().unwrap();
        let mut app =
            AppRegistration::new(1234, "Iv1.t", "tester", DEMONSTRATION_KEY_PEM, "s".into());
        change(&mut app);
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let clock = Arc::new(|| SystemClock.now());
        let config = Config::new(anywhere, state.path().to_owned(), clock, app);
        let github = SimGitHub::start(config).await.unwrap();
        github
            .create_repository("octo", "widgets", &[("a", "b")])
            .await
            .unwrap();
        Self {
            api: github.api_url().clone(),
            github,
            key: DEMONSTRATION_KEY_PEM.into(),
            token: None,
            clock: Arc::new(SystemClock),
            _state: state,
        }
    }

    async fn checked(&self, app_id: &str, owners: &[&str]) -> Result<Vec<Warning>, String> {
        let claims = Claims {
            api: &self.api,
            app_id,
            private_key: &self.key,
            owners: owners.to_vec(),
            token: self.token.as_ref(),
        };
        let checked = check(&claims, self.clock.clone()).await;
        checked.map_err(|error| error.to_string())
    }

    /// The one thing that is worth a word.
    async fn warned(&self) -> String {
        let accepted = self.checked(APP_ID, &["octo"]).await.unwrap();
        let [warning] = &accepted[..] else {
            panic!("{accepted:?}");
        };
        warning.to_string()
    }

    async fn refused(&self) -> String {
        self.checked(APP_ID, &["octo"]).await.unwrap_err()
    }
}

#[tokio::test]
async fn what_github_takes_is_accepted() {
    let accepted = Scene::start()
        .await
        .checked(APP_ID, &["Octo"])
        .await
        .unwrap();
    assert_eq!(accepted, []);
}

#[tokio::test]
async fn a_key_of_another_app_is_refused_by_name() {
    let said = Scene::start()
        .await
        .checked("4321", &["octo"])
        .await
        .unwrap_err();
    assert!(
        said.contains("does not accept GITHUB_APP_ID 4321"),
        "{said}"
    );
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_without_asking() {
    let mut scene = Scene::start().await;
    scene.key = "/home/ada/key.pem".into();
    let said = scene.refused().await;
    assert!(
        said.contains("GITHUB_APP_PRIVATE_KEY: it is not a private key"),
        "{said}"
    );
}

#[tokio::test]
async fn permissions_and_events_that_are_missing_are_named() {
    let few = |app: &mut AppRegistration| {
        app.permissions = BTreeMap::from([("metadata".to_owned(), "read".to_owned())]);
        app.permissions
            .insert("contents".to_owned(), "read".to_owned());
        app.events = vec!["issues".to_owned()];
    };
    let said = Scene::with(few).await.refused().await;
    for lacking in [
        "the permission contents: write",
        "the permission issues: write",
        "the permission pull_requests: write",
        "the event issue_comment",
        "the event pull_request",
    ] {
        assert!(said.contains(lacking), "{said}");
    }
    assert!(
        !said.contains("metadata") && said.contains("Permissions & events"),
        "{said}"
    );
}

#[tokio::test]
async fn an_owner_without_the_app_is_warned_about() {
    let accepted = Scene::start()
        .await
        .checked(APP_ID, &["octo", "acme"])
        .await
        .unwrap();
    let [warning] = &accepted[..] else {
        panic!("{accepted:?}");
    };
    let said = warning.to_string();
    assert!(
        said.contains("not installed for acme") && said.contains("/installations/new"),
        "{said}"
    );
}

#[tokio::test]
async fn an_owner_who_suspended_the_app_is_warned_about() {
    let scene = Scene::start().await;
    scene
        .github
        .suspend_installation("octo/widgets")
        .await
        .unwrap();
    let said = scene.warned().await;
    assert!(
        said.contains("octo has suspended the app") && said.contains("/settings/installations/"),
        "{said}"
    );
}

#[tokio::test]
async fn an_owner_who_has_not_accepted_what_the_app_needs_is_warned_about() {
    let few = |app: &mut AppRegistration| {
        app.permissions.remove("pull_requests");
        app.events = vec!["issues".to_owned(), "pull_request".to_owned()];
    };
    let scene = Scene::with(few).await;
    let permissions = github::PERMISSIONS.map(|(name, level)| (name.to_owned(), level.to_owned()));
    let events = github::EVENTS.map(str::to_owned);
    scene.github.ask_for(permissions.into(), events.into());
    let said = scene.warned().await;
    let expected =
        "octo has not accepted the permission pull_requests: write, the event issue_comment";
    assert!(said.contains(expected), "{said}");
}

#[tokio::test]
async fn a_token_of_the_operators_that_github_does_not_take_is_refused_by_name() {
    let mut scene = Scene::start().await;
    scene.token = Some("gho_of-the-operator".into());
    let said = scene.refused().await;
    assert!(
        said.contains("does not accept SWITCHYARD_GITHUB_TOKEN") && said.contains("or unset it"),
        "{said}"
    );
    assert!(!said.contains("gho_"), "{said}");
}

#[tokio::test]
async fn a_token_of_the_operators_is_asked_about_the_owner_it_is_for() {
    let mut scene = Scene::start().await;
    let installed = scene.github.installation_id("octo/widgets").await.unwrap();
    let minted = scene
        .github
        .mint_token(installed.unwrap(), None, None)
        .await;
    scene.token = Some(minted.unwrap());
    assert_eq!(scene.checked(APP_ID, &["octo"]).await.unwrap(), []);
    let said = scene.checked(APP_ID, &["nobody-there"]).await.unwrap_err();
    assert!(said.contains("no account nobody-there"), "{said}");
    let rule = FaultRule::new("/api/v3/users/octo", 9, Fault::Status(502));
    scene.github.faults().add(rule);
    let accepted = scene.checked(APP_ID, &["octo"]).await.unwrap();
    assert!(matches!(accepted[..], [Warning::Unwell(_)]));
}

#[tokio::test]
async fn an_address_where_nobody_is_or_that_is_no_api_is_named() {
    let mut scene = Scene::start().await;
    scene.api = scene.github.base_url().clone();
    let said = scene.refused().await;
    assert!(
        said.contains("is not the base of GitHub's API") && said.contains("/api/v3"),
        "{said}"
    );
    scene.api = "http://127.0.0.1:9/api/v3".parse().unwrap();
    let said = scene.refused().await;
    assert!(
        said.contains("http://127.0.0.1:9/api/v3 cannot be reached: Connection refused"),
        "{said}"
    );
    scene.api = "https://no-such-host.invalid/api/v3".parse().unwrap();
    let said = scene.refused().await;
    assert!(
        said.contains("https://no-such-host.invalid/api/v3 cannot be reached: "),
        "{said}"
    );
}

#[tokio::test]
async fn a_bad_day_of_githubs_keeps_nothing_from_starting() {
    let scene = Scene::start().await;
    let rule = FaultRule::new("/api/v3/app", 9, Fault::Status(502));
    scene.github.faults().add(rule);
    let accepted = scene.checked(APP_ID, &["octo"]).await.unwrap();
    let [Warning::Unwell(_)] = &accepted[..] else {
        panic!("{accepted:?}");
    };
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told() {
    let mut scene = Scene::start().await;
    let ahead = Arc::new(ManualClock::default());
    ahead.advance(SignedDuration::from_secs(50));
    scene.clock = ahead;
    let accepted = scene.checked(APP_ID, &["octo"]).await.unwrap();
    let said: Vec<String> = accepted.iter().map(ToString::to_string).collect();
    assert!(
        said.iter()
            .any(|said| said.contains("ahead of GitHub's; set it")),
        "{said:?}"
    );
}
