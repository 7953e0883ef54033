//! The worker protocol's client.

use std::time::Duration;

use contract::{
    Problem, ProblemKind, Slug,
    worker::{EventsRequest, FinishRequest, GitAccess},
};
use domain::{JobId, Outcome, SeededRandom};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use switchyard_egress::{WorkerClient, WorkerError};

use testkit::scripted::{Answer, Server, answer, http};

const KEY: &str = "daemon-key";

fn job() -> JobId {
    JobId::mint(Timestamp::UNIX_EPOCH, &SeededRandom::new(1))
}

fn line(action: &str) -> &'static str {
    format!("POST /base/worker/v1/jobs/{}/{action}", job()).leak()
}

fn problem(action: &str, slug: &Slug, status: u16) -> Answer {
    let kind = ProblemKind::of(slug.as_str()).unwrap();
    assert_eq!(kind.status(), status, "{slug}");
    let problem = Problem::new(kind, "detail");
    let body = serde_json::to_string(&problem).unwrap();
    answer(line(action), status, &body)
}

fn client(server: &Server) -> WorkerClient {
    WorkerClient::new(
        http(&[&server.url]),
        server.url.join("/base/").unwrap(),
        KEY.into(),
    )
}

fn token() -> SecretString {
    SecretString::from("lease")
}

#[tokio::test]
async fn each_call_goes_to_its_route_with_its_token() {
    let server = Server::start([
        answer(
            line("heartbeat"),
            200,
            r#"{"expires_at":"2026-01-01T00:00:00Z","cancel":"expired"}"#,
        ),
        answer(line("events"), 204, ""),
        answer(
            line("git-token"),
            200,
            r#"{"token":"g","expires_at":"2026-01-01T00:00:00Z"}"#,
        ),
        answer(line("finish"), 204, ""),
    ])
    .await;
    let client = client(&server);
    let beat = client.heartbeat(job(), &token()).await.unwrap();
    assert_eq!(beat.cancel, Some(contract::worker::CancelReason::Expired));
    let events = EventsRequest {
        first: 3,
        events: Vec::new(),
    };
    client.events(job(), &token(), &events).await.unwrap();
    let git = client
        .git_token(job(), &token(), GitAccess::Write)
        .await
        .unwrap();
    assert_eq!(git.token.expose_secret(), "g");
    let end = FinishRequest {
        outcome: Outcome::Cancelled,
        spent: domain::Spent::default(),
        revision: None,
        findings: None,
    };
    client.finish(job(), &token(), &end).await.unwrap();
    let seen = server.seen();
    assert!(seen.iter().all(|seen| seen.bearer() == "lease"));
    assert_eq!(seen[0].body, "{}");
    assert_eq!(seen[1].body, r#"{"first":3,"events":[]}"#);
    server.spent();
}

#[tokio::test]
async fn refusals_are_told_apart_by_their_slug() {
    let cases = [
        (Slug::LEASE_STALE, 409, WorkerError::LeaseStale),
        (Slug::JOB_FINISHED, 409, WorkerError::JobFinished),
        (Slug::JOB_LEASED, 409, WorkerError::JobLeased),
        (Slug::UNAUTHORIZED, 401, WorkerError::Unauthorized),
        (Slug::DAEMON_UNPROVEN, 401, WorkerError::Unproven),
        (Slug::NOT_FOUND, 404, WorkerError::NotFound),
    ];
    let server = Server::start([]).await;
    let client = client(&server);
    let daemon = "d-1".parse().unwrap();
    let refused = async || {
        let (token, at) = (token(), Timestamp::UNIX_EPOCH);
        let claim = client.claim(job(), &token, &daemon, at);
        claim.await.unwrap_err()
    };
    for (slug, status, expected) in cases {
        server.then([problem("claim", &slug, status)]);
        let refused = refused().await;
        assert_eq!(refused, expected);
        assert!(!refused.is_transient());
    }
    server.then([problem("claim", &Slug::JOB_WAITING, 409).header("retry-after", 9)]);
    let retry_after = Duration::from_secs(9);
    assert_eq!(refused().await, WorkerError::JobWaiting { retry_after });
    server.then([problem("claim", &Slug::TOO_LARGE, 413)]);
    let refused = refused().await;
    assert!(matches!(refused, WorkerError::Refused(problem) if problem.code == Slug::TOO_LARGE));
}

#[tokio::test]
async fn an_api_in_trouble_is_unavailable_and_nonsense_is_not() {
    let server = Server::start([
        problem("finish", &Slug::UNAVAILABLE, 503).header("retry-after", 9),
        answer(line("finish"), 429, "slow down"),
        answer(line("finish"), 404, "<html>"),
        answer(line("heartbeat"), 200, "<html>"),
    ])
    .await;
    let client = client(&server);
    let end = FinishRequest {
        outcome: Outcome::Expired,
        spent: domain::Spent::default(),
        revision: None,
        findings: None,
    };
    let unavailable = |reason: &str, retry_after| WorkerError::Unavailable {
        reason: reason.to_owned(),
        retry_after,
    };
    let first = client.finish(job(), &token(), &end).await.unwrap_err();
    assert_eq!(
        first,
        unavailable("503 Service Unavailable", Some(Duration::from_secs(9)))
    );
    let second = client.finish(job(), &token(), &end).await.unwrap_err();
    assert_eq!(second, unavailable("429 Too Many Requests", None));
    let third = client.finish(job(), &token(), &end).await.unwrap_err();
    assert!(matches!(third, WorkerError::Unexpected { .. }));
    let fourth = client.heartbeat(job(), &token()).await.unwrap_err();
    assert!(matches!(fourth, WorkerError::Unexpected { .. }));

    let refused = WorkerClient::new(http(&[]), "http://10.0.0.1".parse().unwrap(), KEY.into());
    let refused = refused.heartbeat(job(), &token()).await.unwrap_err();
    assert!(matches!(refused, WorkerError::Misconfigured { .. }));
}
