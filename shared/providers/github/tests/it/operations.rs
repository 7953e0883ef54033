//! The operations, request by request.

use std::{sync::Arc, time::Duration};

use axum::Router;
use domain::{ItemNumber, ManualClock, Marker, MessageId, Permission, PullRequest, SharedClock};
use github::{
    COMMENT_LIMIT, GitHubError, GitHubWithToken, NewPull, PullError, Reaction, Readiness,
};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::support::{
    Server, answer, clock, code, github, hour, http, http_within, issue, minted, serve, widgets,
};

fn new_pull() -> NewPull {
    NewPull {
        title: "Fix it".to_owned(),
        body: "Closes #3".to_owned(),
        head: "bot/fix".to_owned(),
        base: "main".to_owned(),
        readiness: Readiness::Draft,
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
async fn a_comment_that_is_too_long_is_not_sent() {
    let server = Server::start([]).await;
    let github = github(&server.url, clock());
    let long = "é".repeat(COMMENT_LIMIT + 1);
    let refused = github.create_comment(&issue(), &long).await;
    assert!(matches!(refused, Err(GitHubError::Invalid { .. })));
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn the_own_comment_is_found_across_pages_and_not_another_accounts() {
    let clock = clock();
    let marker = Marker::Message(MessageId::from(9));
    let other =
        |id: u32| format!(r#"{{"id":{id},"body":"{marker}","user":{{"login":"mallory"}}}}"#);
    let first: Vec<String> = (0..100).map(other).collect();
    let second = format!(
        r#"[{{"id":200,"body":null,"user":null}},
            {{"id":201,"body":"As it says there:\\n\\n    {marker}","user":{{"login":"Switchyard[bot]"}}}},
            {{"id":202,"body":"{marker}\\nNo.","user":{{"login":"Switchyard[bot]"}}}}]"#
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
    let issue = issue();
    let find = || github.find_comment(&issue, &marker, since);
    assert_eq!(find().await, Ok(Some(MessageId::from(202))));
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
    let issue = issue();
    let react = |target, reaction| github.react(&issue, target, reaction);
    let comment = Some(MessageId::from(5));
    react(comment, Reaction::Eyes).await.unwrap();
    react(None, Reaction::ThumbsDown).await.unwrap();
    let ada = "ada".parse().unwrap();
    let permission = github.permission(&code(), &ada).await;
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
    let other = r#"{"number":1,"html_url":"http://x/1","head":{"ref":"other","repo":{"id":42}}}"#;
    let own = r#"{"number":2,"html_url":"http://x/2","head":{"ref":"bot/fix","repo":{"id":42}}}"#;
    let fork = r#"{"number":3,"html_url":"http://x/3","head":{"ref":"bot/fix","repo":{"id":43}}}"#;
    let gone = r#"{"number":4,"html_url":"http://x/4","head":{"ref":"bot/fix","repo":null}}"#;
    let server = Server::start([
        answer(pulls, 422, exists),
        answer(list, 200, &format!("[{fork},{gone},{other},{own}]")),
        answer(pulls, 201, own),
        answer(
            pulls,
            422,
            r#"{"message":"Validation Failed","errors":[{"message":"Nope"}]}"#,
        ),
        answer(list, 200, &format!("[{fork},{gone},{other}]")),
        answer("GET /repos/octo-demo/widgets", 401, "{}"),
    ])
    .await;
    let github = with_token(&server, clock());
    let expected = PullRequest {
        number: ItemNumber(2),
        branch: "bot/fix".to_owned(),
        url: "http://x/2".to_owned(),
    };
    let repository = widgets(42);
    let create = || async { github.create_pull(&repository, &new_pull()).await };
    assert_eq!(create().await.unwrap(), expected);
    assert_eq!(create().await.unwrap(), expected);
    let refused = create().await;
    assert!(
        matches!(refused, Err(PullError::GitHub(GitHubError::Invalid { .. }))),
        "{refused:?}"
    );
    assert_eq!(
        github.find_pull_by_head(&repository, "bot/fix").await,
        Ok(None)
    );
    assert_eq!(
        github.repository(&repository).await,
        Err(GitHubError::Unauthorized)
    );
    assert!(server.seen().iter().all(|seen| seen.bearer() == "given"));
    assert!(server.seen()[0].body.contains(r#""draft":true"#));
    server.spent();
}

#[tokio::test]
async fn a_refused_pull_request_says_what_to_do() {
    let pulls = "POST /repos/octo-demo/widgets/pulls";
    let field = |field: &str| {
        format!(
            r#"{{"message":"Validation Failed","errors":[{{"resource":"PullRequest","field":"{field}","code":"invalid"}}]}}"#
        )
    };
    let own = r#"{"number":2,"html_url":"http://x/2","head":{"ref":"bot/fix","repo":{"id":42}}}"#;
    let server = Server::start([
        answer(pulls, 422, r#"{"message":"Draft pull requests are not supported in this repository."}"#),
        answer(pulls, 422, &field("head")),
        answer(pulls, 422, r#"{"message":"Validation Failed","errors":[{"message":"No commits between main and bot/fix"}]}"#),
        answer(pulls, 422, &field("base")),
        answer(pulls, 201, own),
    ])
    .await;
    let github = with_token(&server, clock());
    let repository = widgets(42);
    for expected in [
        PullError::NoDrafts,
        PullError::HeadUnknown,
        PullError::HeadUnknown,
        PullError::BaseUnknown,
    ] {
        let refused = github.create_pull(&repository, &new_pull()).await;
        assert_eq!(refused, Err(expected));
    }
    let ordinary = NewPull {
        readiness: Readiness::Ordinary,
        ..new_pull()
    };
    assert!(github.create_pull(&repository, &ordinary).await.is_ok());
    assert!(server.seen()[4].body.contains(r#""draft":false"#));
    server.spent();
}

#[tokio::test]
async fn a_token_revokes_itself_and_one_that_is_gone_needs_no_revoking() {
    let own = "DELETE /installation/token";
    let server = Server::start([
        answer(own, 204, ""),
        answer(own, 401, "{}"),
        answer(own, 403, "{}"),
    ])
    .await;
    let github = with_token(&server, clock());
    assert_eq!(github.revoke().await, Ok(()));
    assert_eq!(github.revoke().await, Ok(()));
    assert_eq!(github.revoke().await, Err(GitHubError::Forbidden));
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
    let refused = github.repository(&widgets(42)).await;
    assert!(
        matches!(refused, Err(GitHubError::Misconfigured { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_github_that_never_answers_is_unavailable() {
    let silent = Router::new().fallback(std::future::pending::<()>);
    let url = serve(silent).await;
    let github = GitHubWithToken::new(
        http_within(&[&url], Duration::from_millis(50)),
        url,
        SecretString::from("t"),
        clock() as SharedClock,
    );
    let silence = github.repository(&widgets(42)).await;
    assert!(
        matches!(silence, Err(GitHubError::Unavailable { .. })),
        "{silence:?}"
    );
}
