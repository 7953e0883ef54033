//! The GitHub clients against the simulated GitHub, which shares no code with them.

use std::{sync::Arc, time::Duration};

use domain::{
    Clock as _, CodeTarget, Connection, ItemNumber, ManualClock, Marker, MessageId, Permission,
    Repository, RepositoryAccess, Subject,
};
use github::{
    GitHub, GitHubError, GitHubSettings, GitHubWithToken, NewPull, PullError, Reaction, Readiness,
};
use secrecy::SecretString;
use simgithub::{AppRegistration, Config, Fault, FaultRule, SimGitHub};
use tempfile::TempDir;

use crate::support::{KEY, http, widgets};

struct World {
    sim: SimGitHub,
    github: GitHub,
    clock: Arc<ManualClock>,
    repository: Repository,
    connection: Connection,
    _state: TempDir,
}

impl World {
    fn code(&self) -> CodeTarget {
        testkit::code(&self.connection, &self.repository)
    }

    fn issue(&self, number: u64) -> Subject {
        testkit::issue(&self.connection, &self.repository, number)
    }

    async fn permission(&self, login: &str) -> Result<Permission, GitHubError> {
        let handle = login.parse().unwrap();
        self.github.permission(&self.code(), &handle).await
    }
}

const NAME: &str = "octo-demo/widgets";

async fn world() -> World {
    let state = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::default());
    let app = AppRegistration::new(
        12_345,
        "Iv1.demo",
        "switchyard",
        KEY,
        SecretString::from("hook"),
    );
    let time = Arc::clone(&clock);
    let config = Config::new(
        "127.0.0.1:0".parse().unwrap(),
        state.path().to_owned(),
        Arc::new(move || time.now()),
        app,
    );
    let sim = SimGitHub::start(config).await.unwrap();
    let id = sim
        .create_repository("octo-demo", "widgets", &[("a.txt", "a")])
        .await
        .unwrap();
    sim.create_user("ada").await.unwrap();
    sim.set_permission(NAME, "ada", simgithub::Permission::Maintain)
        .await
        .unwrap();
    let installation = sim.installation_id(NAME).await.unwrap().unwrap();
    let settings = GitHubSettings {
        api: sim.api_url().clone(),
        app_id: "12345".to_owned(),
        private_key: SecretString::from(KEY),
    };
    let github = GitHub::new(http(&[sim.api_url()]), settings, clock.clone()).unwrap();
    World {
        sim,
        github,
        clock,
        repository: widgets(id),
        connection: testkit::connection("acme", installation),
        _state: state,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_knows_itself_and_asks_about_people() {
    let w = world().await;
    assert_eq!(
        w.github.bot_login().await.unwrap().as_str(),
        "switchyard[bot]"
    );
    assert_eq!(
        w.github.bot_login().await.unwrap().as_str(),
        "switchyard[bot]"
    );
    let asked = w
        .sim
        .requests()
        .iter()
        .filter(|request| request.path.ends_with("/app"))
        .count();
    assert_eq!(asked, 1);
    assert_eq!(w.permission("ada").await, Ok(Permission::Maintain));
    let nobody = w.permission("nobody-at-all").await;
    assert_eq!(nobody, Err(GitHubError::NotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_written_found_and_changed() {
    let w = world().await;
    let opened = w.sim.open_issue(NAME, "ada", "Fix it", "Please");
    let number = opened.await.unwrap();
    let issue = w.issue(number);
    let marker = Marker::Message(MessageId::from(9));
    let asked = w
        .sim
        .comment(NAME, number, "ada", &format!("{marker} by ada"))
        .await
        .unwrap();
    let started = w.clock.now();
    let find = || w.github.find_comment(&issue, &marker, None);
    assert_eq!(find().await.unwrap(), None);
    let own = w
        .github
        .create_comment(&issue, &format!("{marker}\nQueued"))
        .await
        .unwrap();
    assert_eq!(find().await.unwrap(), Some(own));
    let since = w.github.find_comment(&issue, &marker, Some(started));
    assert_eq!(since.await, Ok(Some(own)));
    let update = |text: &'static str| w.github.update_comment(&issue, own, text);
    update("Done").await.unwrap();
    let comments = w.sim.comments(NAME, number).await.unwrap();
    assert_eq!(comments[1].body, "Done");
    assert_eq!(comments[1].author.login, "switchyard[bot]");

    let eyes = |target| w.github.react(&issue, target, Reaction::Eyes);
    for _ in 0..2 {
        eyes(Some(MessageId::from(asked))).await.unwrap();
        eyes(None).await.unwrap();
    }
    assert_eq!(w.sim.reactions(asked).await.unwrap().len(), 1);

    let deleted = w.sim.delete_comment(own.number().unwrap(), "octo-demo");
    deleted.await.unwrap();
    assert_eq!(update("Again").await, Err(GitHubError::NotFound));
    let nowhere = Some(MessageId::from(999_999));
    assert_eq!(eyes(nowhere).await, Err(GitHubError::NotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minted_token_opens_one_draft() {
    let w = world().await;
    w.sim
        .push(NAME, "bot/fix", "ada", "Change", &[("a.txt", "b")])
        .await
        .unwrap();
    let code = w.code();
    let mint = |access| w.github.mint_git_token(&code, access);
    let as_daemon = |token| {
        let api = w.sim.api_url().clone();
        GitHubWithToken::new(http(&[&api]), api, token, w.clock.clone())
    };
    let pull = NewPull {
        title: "Fix it".to_owned(),
        body: "Refs #1".to_owned(),
        head: "bot/fix".to_owned(),
        base: "main".to_owned(),
        readiness: Readiness::Draft,
    };
    let reader = as_daemon(mint(RepositoryAccess::Read).await.unwrap().token);
    let found = reader.repository(&w.repository).await.unwrap();
    assert_eq!(found.default_branch, "main");
    let refused = reader.create_pull(&w.repository, &pull).await;
    assert_eq!(refused, Err(PullError::GitHub(GitHubError::Forbidden)));

    let minted = mint(RepositoryAccess::Write).await.unwrap();
    assert!(minted.expires_at > w.clock.now());
    let daemon = as_daemon(minted.token);
    assert_eq!(
        daemon.find_pull_by_head(&w.repository, "bot/fix").await,
        Ok(None)
    );
    let first = daemon.create_pull(&w.repository, &pull).await.unwrap();
    assert_eq!(
        daemon.create_pull(&w.repository, &pull).await,
        Ok(first.clone())
    );
    assert_eq!(
        daemon.find_pull_by_head(&w.repository, "bot/fix").await,
        Ok(Some(first.clone()))
    );
    assert_eq!(
        (
            first.branch.as_str(),
            w.sim.pulls(NAME).await.unwrap().len()
        ),
        ("bot/fix", 1)
    );

    w.clock.advance(jiff::SignedDuration::from_mins(61));
    assert_eq!(
        daemon.repository(&w.repository).await,
        Err(GitHubError::Unauthorized)
    );
    // The app's own kept tokens are replaced without anybody noticing.
    assert!(w.permission("ada").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_read_reads_what_was_said() {
    let w = world().await;
    let changed = [("a.txt", "b")];
    let pushed = w.sim.push(NAME, "fix", "ada", "Change", &changed);
    pushed.await.unwrap();
    let opened = w
        .sim
        .open_pull(NAME, "ada", ("Fix it", "See #1"), ("fix", "main"));
    let number = ItemNumber(opened.await.unwrap());
    for text in ["one", "two"] {
        w.sim.comment(NAME, number.0, "ada", text).await.unwrap();
    }
    let said = (simgithub::Opinion::Comment, "Well.");
    let remarks = [("a.txt", 1, "Why?")];
    let review = w.sim.review(NAME, number.0, "ada", said, &remarks);
    let answered = w.sim.answer_review(review.await.unwrap(), "ada", "So.");
    answered.await.unwrap();

    let code = w.code();
    let minted = w.github.mint_git_token(&code, RepositoryAccess::Read);
    let api = w.sim.api_url().clone();
    let token = minted.await.unwrap().token;
    let reader = GitHubWithToken::new(http(&[&api]), api, token, w.clock.clone());
    let comments = reader.comments(&w.repository, number).await.unwrap();
    let texts: Vec<_> = comments.beginning().iter().map(|one| &one.text).collect();
    assert_eq!(texts, ["one", "two"]);
    let reviews = reader.reviews(&w.repository, number).await.unwrap();
    assert_eq!(reviews.beginning()[0].text, "Well.");
    let lines = reader.review_comments(&w.repository, number).await;
    let threads = domain::Thread::gather(lines.unwrap());
    assert_eq!(threads.beginning().len(), 1);
    assert_eq!(threads.beginning()[0].comments().len(), 2);
    let now = reader.pull_now(&w.repository, number).await.unwrap();
    assert_eq!((now.comments, now.review_comments), (2, 2));
    let diff = reader.pull_diff(&w.repository, number).await.unwrap();
    assert!(diff.contains("-a\n") && diff.contains("+b\n"), "{diff}");
    let pushed = w.sim.push(NAME, "fix", "ada", "More", &[("a.txt", "c")]);
    pushed.await.unwrap();
    let before = reader.diff_since(&w.repository, &now.base, &now.head);
    assert_eq!(before.await, Ok(diff));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_survived_or_named() {
    let w = world().await;
    let look = || w.permission("ada");
    let fault = |times, fault| {
        w.sim
            .faults()
            .add(FaultRule::new("*/repos/*", times, fault));
    };
    look().await.unwrap();
    for once in [Fault::Status(500), Fault::Reset, Fault::LostAnswer] {
        fault(1, once);
        look().await.unwrap();
    }
    fault(
        1,
        Fault::SecondaryLimit {
            retry_after: Some(Duration::from_mins(1)),
        },
    );
    assert!(matches!(look().await, Err(GitHubError::RateLimited { .. })));
    w.clock.advance(jiff::SignedDuration::from_secs(61));
    look().await.unwrap();
    assert!(w.sim.faults().pending().is_empty());
}
