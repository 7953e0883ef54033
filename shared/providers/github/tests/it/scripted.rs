//! The GitHub clients against answers that a healthy GitHub does not give.

use std::sync::Arc;

use domain::{Clock as _, MessageId, Permission, RepositoryAccess};
use futures_util::future::join_all;
use github::GitHubError;
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;

use crate::support::{
    LOOK, MAY, MINT, Server, answer, clock, code, github, hour, issue, look, minted,
};

const COMMENTS: &str = "POST /repos/octo-demo/widgets/issues/3/comments";

#[tokio::test]
async fn a_token_is_scoped_kept_and_replaced_before_its_end() {
    let clock = clock();
    let server = Server::start([
        minted("a.very-long_token", hour(&clock)),
        answer(LOOK, 200, MAY),
        answer(LOOK, 200, MAY),
    ])
    .await;
    let github = github(&server.url, Arc::clone(&clock));
    assert_eq!(look(&github).await, Ok(Permission::Write));
    look(&github).await.unwrap();
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
    server.then([minted("next", hour(&clock)), answer(LOOK, 200, MAY)]);
    look(&github).await.unwrap();
    assert_eq!(server.seen().last().unwrap().bearer(), "next");
    server.spent();
}

#[tokio::test]
async fn whoever_needs_a_token_that_is_being_minted_waits_for_it() {
    let clock = clock();
    let looks = std::iter::repeat_n(answer(LOOK, 200, MAY), 20);
    let server = Server::start([minted("one", hour(&clock))]).await;
    server.then(looks);
    let github = github(&server.url, clock);
    let calls = (0..20).map(|_| look(&github));
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
    let server = Server::start([minted("revoked", hour(&clock)), answer(LOOK, 200, MAY)]).await;
    let github = github(&server.url, Arc::clone(&clock));
    look(&github).await.unwrap();
    clock.advance(SignedDuration::from_mins(1));
    server.then([
        answer(LOOK, 401, "{}"),
        minted("fresh", hour(&clock)),
        answer(LOOK, 200, MAY),
    ]);
    look(&github).await.unwrap();
    assert_eq!(server.lines(), [MINT, LOOK, LOOK, MINT, LOOK]);

    clock.advance(SignedDuration::from_mins(1));
    server.then([
        answer(LOOK, 401, "{}"),
        minted("also refused", hour(&clock)),
    ]);
    server.then(std::iter::repeat_n(answer(LOOK, 401, "{}"), 4));
    let refused = look(&github).await;
    assert_eq!(refused, Err(GitHubError::Unauthorized));
    server.spent();
}

#[tokio::test]
async fn a_token_that_was_just_minted_may_not_be_known_everywhere_yet() {
    for status in [401, 403, 404] {
        let clock = clock();
        let server = Server::start([
            minted("fresh", hour(&clock)),
            answer(LOOK, status, "{}"),
            answer(LOOK, status, "{}"),
            answer(LOOK, 200, MAY),
        ])
        .await;
        let github = github(&server.url, Arc::clone(&clock));
        look(&github).await.unwrap();
        let bearers = server.seen().into_iter().skip(1);
        assert!(bearers.into_iter().all(|seen| seen.bearer() == "fresh"));

        // Once it is known, a refusal is one.
        clock.advance(SignedDuration::from_mins(1));
        if status != 401 {
            server.then([answer(LOOK, status, "{}")]);
            assert!(look(&github).await.is_err());
        }
        server.spent();
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_corrected_by_githubs() {
    for (minutes, message) in [
        (-45, "'Issued at' claim ('iat') must be in the past"),
        (
            45,
            "'Expiration time' claim ('exp') is too far in the future",
        ),
    ] {
        let clock = clock();
        let theirs = clock.now() + SignedDuration::from_mins(minutes);
        let date = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let body = format!(r#"{{"message":"{message}"}}"#);
        let refused = answer("GET /app", 401, &body).header("date", &date);
        let taken = answer("GET /app", 200, r#"{"slug":"switchyard"}"#).header("date", &date);
        let server = Server::start([refused, taken]).await;
        let github = github(&server.url, clock);
        let bot = github.bot_login().await.unwrap();
        assert_eq!(bot.as_str(), "switchyard[bot]");
        let claims: Vec<serde_json::Value> = server
            .seen()
            .iter()
            .map(|seen| {
                let part = seen.bearer().split('.').nth(1).unwrap().to_owned();
                let bytes = data_encoding::BASE64URL_NOPAD.decode(part.as_bytes());
                serde_json::from_slice(&bytes.unwrap()).unwrap()
            })
            .collect();
        let shift = claims[1]["iat"].as_i64().unwrap() - claims[0]["iat"].as_i64().unwrap();
        assert!((shift - minutes * 60).abs() <= 3, "{shift}");
        server.spent();
    }
}

#[tokio::test]
async fn the_end_of_a_window_is_told_by_githubs_clock() {
    let clock = clock();
    let theirs = clock.now() + SignedDuration::from_mins(45);
    let server = Server::start([
        minted("one", hour(&clock)),
        answer(LOOK, 403, "{}")
            .header("x-ratelimit-remaining", 0)
            .header(
                "x-ratelimit-reset",
                (theirs + SignedDuration::from_mins(5)).as_second(),
            )
            .header("date", theirs.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    ])
    .await;
    let github = github(&server.url, Arc::clone(&clock));
    let limited = look(&github).await;
    let Err(GitHubError::RateLimited { until }) = limited else {
        panic!("{limited:?}")
    };
    let wait = until.duration_since(clock.now()).as_secs();
    assert!((290..=301).contains(&wait), "{wait}");
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
    let issue = issue();
    let write = || github.create_comment(&issue, "Hi");
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
    assert_eq!(write().await.unwrap(), MessageId::from(9));
    server.spent();
}

#[tokio::test]
async fn the_last_request_of_a_window_counts_as_a_limit() {
    let clock = clock();
    let reset = clock.now().as_second() + 600;
    let server = Server::start([
        minted("one", hour(&clock)),
        answer(LOOK, 200, MAY)
            .header("x-ratelimit-remaining", 0)
            .header("x-ratelimit-reset", reset),
    ])
    .await;
    let github = github(&server.url, clock);
    assert!(look(&github).await.is_ok());
    let until = Timestamp::from_second(reset).unwrap();
    let limited = look(&github).await;
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
        answer(LOOK, 200, MAY),
    ])
    .await;
    let github = github(&server.url, clock);
    assert!(look(&github).await.is_ok());
    assert_eq!(server.lines(), [MINT, MINT, LOOK, LOOK]);

    server.then([answer(LOOK, 503, ""), answer(LOOK, 503, "")]);
    let down = look(&github).await;
    assert!(
        matches!(&down, Err(GitHubError::Unavailable { .. })),
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
    let down = github.create_comment(&issue(), "Hi").await;
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
        answer("GET /repositories/42", 200, MAY),
        answer(LOOK, 307, "{}").header("location", "http://127.0.0.1:1/steal"),
    ])
    .await;
    let github = github(&server.url, clock);
    assert!(look(&github).await.is_ok());
    let elsewhere = look(&github).await;
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
    let code = code();
    let mint = || github.mint_git_token(&code, RepositoryAccess::Write);
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
        .mint_git_token(&code(), RepositoryAccess::Write)
        .await
        .unwrap();
    let read = github
        .mint_git_token(&code(), RepositoryAccess::Read)
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
    let permissions =
        r#"{"contents":"read","issues":"read","metadata":"read","pull_requests":"read"}"#;
    assert_eq!(
        bodies[1],
        format!(r#"{{"repository_ids":[42],"permissions":{permissions}}}"#)
    );
}
