//! The GitHub clients against answers that a healthy GitHub does not give.

use std::sync::Arc;

use domain::{Clock as _, ItemNumber, ManualClock, Permission, PullRequest, SharedClock};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use switchyard_egress::{
    Access, COMMENT_LIMIT, GitHubError, GitHubWithToken, NewPull, Reaction, ReactionTarget,
};

use crate::support::{Answer, INSTALLATION, Server, answer, github, http, widgets};

const MINT: &str = "POST /app/installations/7/access_tokens";
const LOOK: &str = "GET /repos/octo-demo/widgets";
const INFO: &str = r#"{"id":42,"default_branch":"main"}"#;
const COMMENTS: &str = "POST /repos/octo-demo/widgets/issues/3/comments";

fn minted(token: &str, expires_at: Timestamp) -> Answer {
    let body = format!(r#"{{"token":"{token}","expires_at":"{expires_at}","permissions":{{}}}}"#);
    answer(MINT, 201, &body)
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::default())
}

fn hour(clock: &ManualClock) -> Timestamp {
    clock.now() + SignedDuration::from_hours(1)
}

fn new_pull() -> NewPull {
    NewPull {
        title: "Fix it".to_owned(),
        body: "Closes #3".to_owned(),
        head: "bot/fix".to_owned(),
        base: "main".to_owned(),
    }
}

fn with_token(server: &Server, clock: Arc<ManualClock>) -> GitHubWithToken {
    let token = SecretString::from("given");
    GitHubWithToken::new(
        http(&[&server.url]),
        server.url.clone(),
        token,
        clock as SharedClock,
    )
}

#[tokio::test]
async fn a_token_is_scoped_kept_and_replaced_before_its_end() {
    let clock = clock();
    let server = Server::start([
        minted("a.very-long_token", hour(&clock)),
        answer(LOOK, 200, INFO),
        answer(LOOK, 200, INFO),
    ])
    .await;
    let github = github(&server.url, Arc::clone(&clock));
    let info = github.repository(INSTALLATION, &widgets(42)).await.unwrap();
    assert_eq!(info.default_branch, "main");
    github.repository(INSTALLATION, &widgets(42)).await.unwrap();
    assert_eq!(server.lines(), [MINT, LOOK, LOOK]);
    let seen = server.seen();
    assert_eq!(
        seen[0].body,
        r#"{"repository_ids":[42],"permissions":{"metadata":"read"}}"#
    );
    assert_eq!(seen[0].bearer().split('.').count(), 3);
    assert_eq!(seen[1].bearer(), "a.very-long_token");
    assert_eq!(seen[1].headers["x-github-api-version"], "2022-11-28");
    assert_eq!(seen[1].headers["accept"], "application/vnd.github+json");

    clock.advance(SignedDuration::from_mins(56));
    server.then([minted("next", hour(&clock)), answer(LOOK, 200, INFO)]);
    github.repository(INSTALLATION, &widgets(42)).await.unwrap();
    assert_eq!(server.seen().last().unwrap().bearer(), "next");
    server.spent();
}

#[tokio::test]
async fn whoever_needs_a_token_that_is_being_minted_waits_for_it() {
    let clock = clock();
    let looks = std::iter::repeat_n(answer(LOOK, 200, INFO), 20);
    let server = Server::start([minted("one", hour(&clock))]).await;
    server.then(looks);
    let github = github(&server.url, clock);
    let repository = widgets(42);
    let calls = (0..20).map(|_| github.repository(INSTALLATION, &repository));
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(
        server.lines().iter().filter(|line| *line == MINT).count(),
        1
    );
    server.spent();
}

#[tokio::test]
async fn a_revoked_token_is_replaced_once() {
    let clock = clock();
    let server = Server::start([
        minted("revoked", hour(&clock)),
        answer(LOOK, 401, "{}"),
        minted("fresh", hour(&clock)),
        answer(LOOK, 200, INFO),
    ])
    .await;
    let github = github(&server.url, Arc::clone(&clock));
    github.repository(INSTALLATION, &widgets(42)).await.unwrap();
    assert_eq!(server.lines(), [MINT, LOOK, MINT, LOOK]);

    server.then([
        answer(LOOK, 401, "{}"),
        minted("also refused", hour(&clock)),
        answer(LOOK, 401, "{}"),
    ]);
    let refused = github.repository(INSTALLATION, &widgets(42)).await;
    assert_eq!(refused, Err(GitHubError::Unauthorized));
    server.spent();
}

#[tokio::test]
async fn a_known_limit_stops_calls_before_they_are_made() {
    let clock = clock();
    let server = Server::start([
        minted("one", hour(&clock)),
        answer(
            COMMENTS,
            403,
            r#"{"message":"You have exceeded a secondary rate limit"}"#,
        )
        .header("retry-after", 30),
    ])
    .await;
    let github = github(&server.url, Arc::clone(&clock));
    let repository = widgets(42);
    let write = || github.create_comment(INSTALLATION, &repository, ItemNumber(3), "Hi");
    let Err(GitHubError::RateLimited { until }) = write().await else {
        panic!()
    };
    let wait = until.duration_since(clock.now());
    assert!((SignedDuration::from_secs(28)..=SignedDuration::from_secs(30)).contains(&wait));

    // Whatever the installation wants now fails with the same time and without a request.
    assert_eq!(write().await, Err(GitHubError::RateLimited { until }));
    assert_eq!(server.lines().len(), 2);
    clock.advance(SignedDuration::from_secs(31));
    server.then([answer(COMMENTS, 201, r#"{"id":9}"#)]);
    assert_eq!(write().await.unwrap().0, 9);
    server.spent();
}

#[tokio::test]
async fn the_last_request_of_a_window_counts_as_a_limit() {
    let clock = clock();
    let reset = clock.now().as_second() + 600;
    let server = Server::start([
        minted("one", hour(&clock)),
        answer(LOOK, 200, INFO)
            .header("x-ratelimit-remaining", 0)
            .header("x-ratelimit-reset", reset),
    ])
    .await;
    let github = github(&server.url, clock);
    assert!(github.repository(INSTALLATION, &widgets(42)).await.is_ok());
    let until = Timestamp::from_second(reset).unwrap();
    let limited = github.repository(INSTALLATION, &widgets(42)).await;
    assert_eq!(limited, Err(GitHubError::RateLimited { until }));
    server.spent();
}

#[tokio::test]
async fn reading_is_tried_twice_and_writing_once() {
    let clock = clock();
    let server = Server::start([
        answer(MINT, 502, ""),
        minted("one", hour(&clock)),
        answer(LOOK, 500, "<html>"),
        answer(LOOK, 200, INFO),
    ])
    .await;
    let github = github(&server.url, clock);
    assert!(github.repository(INSTALLATION, &widgets(42)).await.is_ok());
    assert_eq!(server.lines(), [MINT, MINT, LOOK, LOOK]);

    server.then([answer(LOOK, 503, ""), answer(LOOK, 503, "")]);
    let down = github.repository(INSTALLATION, &widgets(42)).await;
    assert!(
        matches!(&down, Err(error) if error.is_transient()),
        "{down:?}"
    );

    let before = server.lines().len();
    server.then([
        answer(
            MINT,
            201,
            r#"{"token":"talk","expires_at":"2099-01-01T00:00:00Z"}"#,
        ),
        answer(COMMENTS, 500, ""),
    ]);
    let down = github
        .create_comment(INSTALLATION, &widgets(42), ItemNumber(3), "Hi")
        .await;
    assert!(
        matches!(down, Err(GitHubError::Unavailable { .. })),
        "{down:?}"
    );
    assert_eq!(server.lines()[before..], [MINT, COMMENTS]);
    server.spent();
}

#[tokio::test]
async fn a_renamed_repository_is_found_on_the_same_github_only() {
    let clock = clock();
    let server = Server::start([
        minted("one", hour(&clock)),
        answer(LOOK, 301, "{}").header("location", "/repositories/42"),
        answer("GET /repositories/42", 200, INFO),
        answer(LOOK, 307, "{}").header("location", "http://127.0.0.1:1/steal"),
    ])
    .await;
    let github = github(&server.url, clock);
    assert!(github.repository(INSTALLATION, &widgets(42)).await.is_ok());
    let elsewhere = github.repository(INSTALLATION, &widgets(42)).await;
    assert!(
        matches!(elsewhere, Err(GitHubError::Unexpected { .. })),
        "{elsewhere:?}"
    );
    server.spent();
}

#[tokio::test]
async fn the_app_hears_what_is_wrong_with_its_settings() {
    let server = Server::start([
        answer(
            "GET /app",
            401,
            r#"{"message":"A JSON web token could not be decoded"}"#,
        ),
        answer(
            MINT,
            422,
            r#"{"message":"The permissions requested are not granted"}"#,
        ),
        answer(MINT, 404, "{}"),
        answer(
            MINT,
            403,
            r#"{"message":"This installation has been suspended"}"#,
        ),
        answer(
            MINT,
            201,
            r#"{"token":"","expires_at":"2099-01-01T00:00:00Z"}"#,
        ),
        answer(MINT, 201, "garbage"),
    ])
    .await;
    let github = github(&server.url, clock());
    let bot = github.bot_login().await;
    assert!(
        matches!(bot, Err(GitHubError::Misconfigured { .. })),
        "{bot:?}"
    );
    let repository = widgets(42);
    let mint = || github.mint_git_token(INSTALLATION, &repository, Access::Write);
    assert_eq!(mint().await.unwrap_err(), GitHubError::Forbidden);
    assert_eq!(mint().await.unwrap_err(), GitHubError::NotFound);
    assert_eq!(mint().await.unwrap_err(), GitHubError::Forbidden);
    assert!(matches!(mint().await, Err(GitHubError::Unexpected { .. })));
    assert!(matches!(mint().await, Err(GitHubError::Unexpected { .. })));
    server.spent();
}

#[tokio::test]
async fn git_tokens_are_never_shared_and_never_reach_workflows() {
    let clock = clock();
    let ends = hour(&clock);
    let server = Server::start([minted("a", ends), minted("b", ends)]).await;
    let github = github(&server.url, Arc::clone(&clock));
    let write = github
        .mint_git_token(INSTALLATION, &widgets(42), Access::Write)
        .await
        .unwrap();
    let read = github
        .mint_git_token(INSTALLATION, &widgets(42), Access::Read)
        .await
        .unwrap();
    assert_eq!(
        (write.token.expose_secret(), read.token.expose_secret()),
        ("a", "b")
    );
    assert_eq!(write.expires_at, ends);
    let bodies: Vec<String> = server.seen().into_iter().map(|seen| seen.body).collect();
    let permissions = r#"{"contents":"write","metadata":"read","pull_requests":"write"}"#;
    assert_eq!(
        bodies[0],
        format!(r#"{{"repository_ids":[42],"permissions":{permissions}}}"#)
    );
    let permissions = r#"{"contents":"read","metadata":"read"}"#;
    assert_eq!(
        bodies[1],
        format!(r#"{{"repository_ids":[42],"permissions":{permissions}}}"#)
    );
}

#[tokio::test]
async fn a_comment_that_is_too_long_is_not_sent() {
    let server = Server::start([]).await;
    let github = github(&server.url, clock());
    let long = "é".repeat(COMMENT_LIMIT + 1);
    let refused = github
        .create_comment(INSTALLATION, &widgets(42), ItemNumber(3), &long)
        .await;
    assert!(matches!(refused, Err(GitHubError::Invalid { .. })));
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn the_own_comment_is_found_across_pages_and_not_another_accounts() {
    let clock = clock();
    let marker = "<!-- switchyard:run=run_1 -->";
    let other =
        |id: u32| format!(r#"{{"id":{id},"body":"{marker}","user":{{"login":"mallory"}}}}"#);
    let first: Vec<String> = (0..100).map(other).collect();
    let second = format!(
        r#"[{{"id":200,"body":null,"user":null}},{{"id":201,"body":"x {marker}","user":{{"login":"Switchyard[bot]"}}}}]"#
    );
    let page = "GET /repos/octo-demo/widgets/issues/3/comments?per_page=100&since=1970-01-12T13%3A46%3A40Z&page=1";
    let next = "GET /repos/octo-demo/widgets/issues/3/comments?per_page=100&since=1970-01-12T13%3A46%3A40Z&page=2";
    let server = Server::start([
        answer("GET /app", 200, r#"{"id":1,"slug":"switchyard"}"#),
        minted("one", hour(&clock)),
        answer(page, 200, &format!("[{}]", first.join(","))),
        answer(next, 200, &second),
        answer(page, 200, "[]"),
    ])
    .await;
    let github = github(&server.url, clock);
    let since = Some(Timestamp::from_millisecond(1_000_000_900).unwrap());
    let repository = widgets(42);
    let find = || github.find_comment(INSTALLATION, &repository, ItemNumber(3), marker, since);
    assert_eq!(find().await.unwrap().unwrap().0, 201);
    assert_eq!(find().await.unwrap(), None);
    server.spent();
}

#[tokio::test]
async fn reactions_and_roles_are_read_as_github_means_them() {
    let clock = clock();
    let comment = "POST /repos/octo-demo/widgets/issues/comments/5/reactions";
    let item = "POST /repos/octo-demo/widgets/issues/3/reactions";
    let role = "GET /repos/octo-demo/widgets/collaborators/ada/permission";
    let server = Server::start([
        minted("talk", hour(&clock)),
        answer(comment, 200, "{}"),
        answer(item, 201, "{}"),
        minted("look", hour(&clock)),
        answer(
            role,
            200,
            r#"{"permission":"write","role_name":"maintain","user":{}}"#,
        ),
    ])
    .await;
    let github = github(&server.url, clock);
    let repository = widgets(42);
    let react = |target, reaction| github.react(INSTALLATION, &repository, target, reaction);
    let comment = ReactionTarget::Comment(domain::CommentId(5));
    react(comment, Reaction::Eyes).await.unwrap();
    react(ReactionTarget::Item(ItemNumber(3)), Reaction::ThumbsDown)
        .await
        .unwrap();
    let ada = "ada".parse().unwrap();
    let permission = github.permission(INSTALLATION, &repository, &ada).await;
    assert_eq!(permission, Ok(Permission::Maintain));
    let bodies: Vec<String> = server.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(
        bodies[1..3],
        [r#"{"content":"eyes"}"#, r#"{"content":"-1"}"#]
    );
    server.spent();
}

#[tokio::test]
async fn a_pull_request_that_exists_already_is_the_result() {
    let pulls = "POST /repos/octo-demo/widgets/pulls";
    let list = "GET /repos/octo-demo/widgets/pulls?state=open&head=octo-demo%3Abot%2Ffix";
    let exists = r#"{"message":"Validation Failed","errors":[{"message":"A pull request already exists for octo-demo:bot/fix."}]}"#;
    let other = r#"{"number":1,"html_url":"http://x/1","head":{"ref":"other"}}"#;
    let own = r#"{"number":2,"html_url":"http://x/2","head":{"ref":"bot/fix"}}"#;
    let server = Server::start([
        answer(pulls, 422, exists),
        answer(list, 200, &format!("[{other},{own}]")),
        answer(pulls, 201, own),
        answer(
            pulls,
            422,
            r#"{"message":"Validation Failed","errors":[{"message":"No commits"}]}"#,
        ),
        answer(list, 200, &format!("[{other}]")),
        answer(LOOK, 401, "{}"),
    ])
    .await;
    let github = with_token(&server, clock());
    let expected = PullRequest {
        number: ItemNumber(2),
        branch: "bot/fix".to_owned(),
        url: "http://x/2".to_owned(),
    };
    let repository = widgets(42);
    let create = || async { github.create_draft_pull(&repository, &new_pull()).await };
    assert_eq!(create().await.unwrap(), expected);
    assert_eq!(create().await.unwrap(), expected);
    assert!(matches!(create().await, Err(GitHubError::Invalid { .. })));
    assert_eq!(
        github.find_pull_by_head(&repository, "bot/fix").await,
        Ok(None)
    );
    assert_eq!(
        github.default_branch(&repository).await,
        Err(GitHubError::Unauthorized)
    );
    assert!(server.seen().iter().all(|seen| seen.bearer() == "given"));
    assert!(server.seen()[0].body.contains(r#""draft":true"#));
    server.spent();
}

#[tokio::test]
async fn a_github_that_may_not_be_reached_is_a_matter_of_settings() {
    let github = GitHubWithToken::new(
        http(&[]),
        "http://10.0.0.1/api/v3".parse().unwrap(),
        SecretString::from("t"),
        clock() as SharedClock,
    );
    let refused = github.default_branch(&widgets(42)).await;
    assert!(
        matches!(refused, Err(GitHubError::Misconfigured { .. })),
        "{refused:?}"
    );
}
