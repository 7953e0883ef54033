//! Reading what was said about an issue or pull request.

use domain::{
    CommitSha, Excerpt, IssueComment, ItemNumber, Line, MessageId, ReviewVerdict, Standing, Thread,
};
use github::{GitHubError, GitHubWithToken};
use secrecy::SecretString;

use crate::support::{Answer, Server, answer, clock, http, widgets};

const NUMBER: ItemNumber = ItemNumber(3);
const COMMENTS: &str = "/repos/octo-demo/widgets/issues/3/comments";

fn reader(server: &Server) -> GitHubWithToken {
    let token = SecretString::from("read");
    GitHubWithToken::new(http(&[&server.url]), server.url.clone(), token, clock())
}

/// A page of a list that has `last` pages.
fn page(size: usize, number: usize, last: usize, body: &str) -> Answer {
    let line = format!("GET {COMMENTS}?per_page={size}&page={number}");
    let page = answer(line.leak(), 200, body);
    if number == last {
        return page;
    }
    let at =
        |page: usize| format!("<https://elsewhere.example{COMMENTS}?per_page={size}&page={page}>");
    let links = format!(
        "{}; rel=\"next\", {}; rel=\"last\"",
        at(number + 1),
        at(last)
    );
    page.header("link", links)
}

fn comment(id: usize) -> String {
    format!(
        r#"[{{"id":{id},"user":{{"login":"ada"}},"created_at":"2026-11-27T20:00:00Z","body":"text {id}"}}]"#
    )
}

fn ids(comments: &[IssueComment]) -> Vec<u64> {
    let numbers = comments.iter().map(|comment| comment.id.number());
    numbers.map(Option::unwrap).collect()
}

#[tokio::test]
async fn a_list_of_one_page_is_one_request() {
    let body = r#"[{"id":1,"user":null,"created_at":"2026-11-27T20:00:00Z","body":null}]"#;
    let server = Server::start([page(100, 1, 1, body)]).await;
    let read = reader(&server)
        .comments(&widgets(42), NUMBER)
        .await
        .unwrap();
    let gone = IssueComment {
        id: MessageId::from(1),
        author: None,
        standing: Standing::Unknown,
        changed: "2026-11-27T20:00:00Z".parse().unwrap(),
        at: "2026-11-27T20:00:00Z".parse().unwrap(),
        text: String::new(),
    };
    assert_eq!(read, Excerpt::whole(vec![gone]));
    let seen = server.seen();
    assert_eq!(seen[0].headers["accept"], "application/vnd.github+json");
    assert_eq!((seen.len(), seen[0].bearer()), (1, "read"));
}

#[tokio::test]
async fn what_writers_are_to_the_repository_and_when_a_text_was_changed_is_read() {
    for (said, standing) in [
        ("OWNER", Standing::Owner),
        ("MEMBER", Standing::Member),
        ("COLLABORATOR", Standing::Collaborator),
        ("CONTRIBUTOR", Standing::Contributor),
        ("NONE", Standing::Stranger),
        ("FIRST_TIMER", Standing::Unknown),
    ] {
        let body = format!(
            r#"[{{"id":1,"user":{{"login":"ada"}},"author_association":"{said}","created_at":"2026-11-27T20:00:00Z",
                "updated_at":"2026-11-27T21:00:00Z","body":"text"}}]"#
        );
        let server = Server::start([page(100, 1, 1, &body)]).await;
        let read = reader(&server).comments(&widgets(42), NUMBER).await;
        let comment = read.unwrap().beginning()[0].clone();
        assert_eq!(comment.standing, standing);
        assert_eq!(comment.changed.to_string(), "2026-11-27T21:00:00Z");
    }
}

#[tokio::test]
async fn of_a_long_list_the_first_page_and_the_newest_are_read_on_the_same_server() {
    let pages = (1..=3).map(|number| page(100, number, 3, &comment(number)));
    let server = Server::start(pages).await;
    let read = reader(&server)
        .comments(&widgets(42), NUMBER)
        .await
        .unwrap();
    assert_eq!(
        (ids(read.beginning()), ids(read.newest())),
        (vec![1], vec![2, 3])
    );
    assert_eq!(read.left_out(), 0);
    server.spent();

    let pages = [1].into_iter().chain(12..=20);
    let server = Server::start(pages.map(|number| page(100, number, 20, &comment(number)))).await;
    let read = reader(&server)
        .comments(&widgets(42), NUMBER)
        .await
        .unwrap();
    assert_eq!(ids(read.beginning()), [1]);
    assert_eq!(ids(read.newest()), (12..=20).collect::<Vec<_>>());
    assert_eq!(read.left_out(), 1_000);
    server.spent();
}

#[tokio::test]
async fn pages_that_are_too_long_are_read_in_small_ones() {
    let long = format!("[{}]", "\"x\",".repeat(30_000));
    let server = Server::start([page(100, 1, 1, &long), page(10, 1, 1, &comment(7))]).await;
    let read = reader(&server)
        .comments(&widgets(42), NUMBER)
        .await
        .unwrap();
    assert_eq!(ids(read.beginning()), [7]);
    server.spent();

    let server = Server::start([page(100, 1, 1, &long), page(10, 1, 1, &long)]).await;
    let read = reader(&server).comments(&widgets(42), NUMBER).await;
    assert!(
        matches!(read, Err(GitHubError::TooLarge { .. })),
        "{read:?}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    for (status, expected) in [
        (404, GitHubError::NotFound),
        (410, GitHubError::Gone),
        (403, GitHubError::Forbidden),
    ] {
        let line = "GET /repos/octo-demo/widgets/issues/3/comments?per_page=100&page=1";
        let server = Server::start([answer(line, status, "{}")]).await;
        let read = reader(&server).comments(&widgets(42), NUMBER).await;
        assert_eq!(read, Err(expected));
    }
}

#[tokio::test]
async fn reviews_and_comments_on_lines_are_told_apart() {
    let reviews = r#"[
        {"id":1,"user":{"login":"bob"},"submitted_at":"2026-11-27T20:00:00Z","author_association":"MEMBER","state":"APPROVED","body":""},
        {"id":2,"user":{"login":"bob"},"state":"PENDING","body":"not yet said"},
        {"id":3,"user":{"login":"bob"},"submitted_at":"2026-11-27T20:01:00Z","state":"CHANGES_REQUESTED","body":"No."},
        {"id":4,"user":{"login":"bob"},"submitted_at":"2026-11-27T20:02:00Z","state":"DISMISSED","body":null}
    ]"#;
    let lines = r#"[
        {"id":5,"user":{"login":"bob"},"author_association":"CONTRIBUTOR","created_at":"2026-11-27T20:00:00Z","updated_at":"2026-11-27T20:00:09Z","path":"a.txt","line":2,"original_line":1,"body":"Why?"},
        {"id":6,"user":{"login":"bob"},"created_at":"2026-11-27T20:00:00Z","path":"b.txt","line":null,"original_line":9,"body":"Old."},
        {"id":7,"user":{"login":"ada"},"created_at":"2026-11-27T20:00:00Z","path":"a.txt","line":2,"in_reply_to_id":5,"body":"So."},
        {"id":8,"user":{"login":"bob"},"created_at":"2026-11-27T20:00:00Z","path":"c.txt","line":null,"original_line":null,"body":"All."}
    ]"#;
    let at = |what: &str| -> &'static str {
        format!("GET /repos/octo-demo/widgets/pulls/3/{what}?per_page=100&page=1").leak()
    };
    let answers = [
        answer(at("reviews"), 200, reviews),
        answer(at("comments"), 200, lines),
    ];
    let server = Server::start(answers).await;
    let reader = reader(&server);
    let read = reader.reviews(&widgets(42), NUMBER).await.unwrap();
    let verdicts: Vec<_> = read.beginning().iter().map(|one| one.verdict).collect();
    assert_eq!(
        verdicts,
        [
            ReviewVerdict::Approved,
            ReviewVerdict::ChangesRequested,
            ReviewVerdict::Dismissed
        ]
    );
    let standings: Vec<_> = read.beginning().iter().map(|one| one.standing).collect();
    assert_eq!(standings[..2], [Standing::Member, Standing::Unknown]);
    let read = reader.review_comments(&widgets(42), NUMBER).await.unwrap();
    let first = &read.beginning()[0];
    assert_eq!(first.standing, Standing::Contributor);
    assert!(first.changed > first.at);
    let threads = Thread::gather(read);
    let places: Vec<_> = threads
        .beginning()
        .iter()
        .map(|thread| (thread.place().line, thread.comments().len()))
        .collect();
    assert_eq!(
        places,
        [(Line::At(2), 2), (Line::Outdated(9), 1), (Line::Whole, 1)]
    );
}

#[tokio::test]
async fn a_diff_is_asked_for_as_one() {
    const PULL: &str = "GET /repos/octo-demo/widgets/pulls/3";
    let [base, head]: [CommitSha; 2] = ["a", "b"].map(|one| one.repeat(40).parse().unwrap());
    let compared = format!("GET /repos/octo-demo/widgets/compare/{base}...{head}");
    let too_large = r#"{"message":"Sorry, the diff exceeded the maximum number of lines (20000)"}"#;
    let pull = format!(
        r#"{{"head":{{"sha":"{head}"}},"base":{{"sha":"{base}"}},"comments":2,"review_comments":0}}"#
    );
    let server = Server::start([
        answer(PULL, 200, &pull),
        answer(PULL, 200, "diff --git a/a b/a\n"),
        answer(compared.leak(), 200, "diff --git a/b b/b\n"),
        answer(PULL, 406, too_large),
    ])
    .await;
    let reader = reader(&server);
    let now = reader.pull_now(&widgets(42), NUMBER).await.unwrap();
    assert_eq!((&now.head, now.comments), (&head, 2));
    let diff = reader.pull_diff(&widgets(42), NUMBER).await;
    assert_eq!(diff.as_deref(), Ok("diff --git a/a b/a\n"));
    let diff = reader.diff_since(&widgets(42), &base, &head).await;
    assert_eq!(diff.as_deref(), Ok("diff --git a/b b/b\n"));
    let diff = reader.pull_diff(&widgets(42), NUMBER).await;
    assert!(
        matches!(diff, Err(GitHubError::TooLarge { .. })),
        "{diff:?}"
    );
    let accepted = server.seen();
    let accepted: Vec<_> = accepted
        .iter()
        .map(|seen| &seen.headers["accept"])
        .collect();
    assert_eq!(accepted[0], "application/vnd.github+json");
    assert!(
        accepted[1..]
            .iter()
            .all(|one| *one == "application/vnd.github.diff")
    );
    server.spent();
}
