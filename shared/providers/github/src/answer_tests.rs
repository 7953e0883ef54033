//! What answers mean, one by one.

use http::{HeaderMap, HeaderName};

use super::*;

const NOW: i64 = 1_000_000;

type Headers<'a> = &'a [(&'static str, &'a str)];

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn response(status: u16, headers: &[(&'static str, &str)], body: &str) -> Response {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
    let status = StatusCode::from_u16(status).unwrap();
    Response {
        status,
        headers,
        body: body.to_owned().into(),
    }
}

fn sorted(status: u16, headers: &[(&'static str, &str)], body: &str) -> GitHubError {
    sort(response(status, headers, body), at(NOW)).unwrap_err()
}

#[test]
fn each_status_is_a_decision() {
    let invalid = |message: &str| GitHubError::Invalid {
        message: message.to_owned(),
    };
    let unavailable = |reason: &str| GitHubError::Unavailable {
        reason: reason.to_owned(),
    };
    let cases = [
        (401, "{}", GitHubError::Unauthorized),
        (
            403,
            r#"{"message":"Resource not accessible by integration"}"#,
            GitHubError::Forbidden,
        ),
        (403, "<html>", GitHubError::Forbidden),
        (404, "", GitHubError::NotFound),
        (410, "{}", GitHubError::Gone),
        (451, "{}", GitHubError::Forbidden),
        (
            422,
            r#"{"message":"Validation Failed","errors":[{"message":"Body is too long"},{"code":"x"},"y"]}"#,
            invalid("Validation Failed; Body is too long; x; y"),
        ),
        (
            406,
            r#"{"message":"Sorry, the diff exceeded the maximum number of lines (20000)"}"#,
            GitHubError::TooLarge {
                reason: "Sorry, the diff exceeded the maximum number of lines (20000)".to_owned(),
            },
        ),
        (408, "", unavailable("408 Request Timeout")),
        (500, "<html>", unavailable("500 Internal Server Error")),
        (502, "", unavailable("502 Bad Gateway")),
        (
            409,
            r#"{"message":"Git Repository is empty."}"#,
            GitHubError::unexpected("status 409 Conflict: Git Repository is empty."),
        ),
    ];
    for (status, body, expected) in cases {
        assert_eq!(sorted(status, &[], body), expected, "{status} {body}");
    }
    for status in [200, 201, 204, 301] {
        assert!(sort(response(status, &[], ""), at(NOW)).is_ok(), "{status}");
    }
    let long = sorted(
        422,
        &[],
        &format!(r#"{{"message":"{}"}}"#, "é".repeat(1_000)),
    );
    assert_eq!(long, invalid(&"é".repeat(150)));
}

#[test]
fn a_limit_ends_when_github_says_and_a_minute_later_when_it_does_not() {
    let spent = ("x-ratelimit-remaining", "0");
    let cases: [(u16, Headers<'_>, &str, i64); 9] = [
        (429, &[], "", 60),
        (429, &[("retry-after", "7")], "", 7),
        (403, &[("retry-after", "120")], "", 120),
        (403, &[spent, ("x-ratelimit-reset", "1000900")], "", 900),
        (
            403,
            &[
                ("retry-after", "5"),
                spent,
                ("x-ratelimit-reset", "1000900"),
            ],
            "",
            5,
        ),
        (
            403,
            &[],
            r#"{"message":"You have exceeded a secondary rate limit."}"#,
            60,
        ),
        (403, &[("retry-after", "soon")], "", 60),
        // A time in the past, as when the clocks differ, and one that no limit lasts for.
        (403, &[spent, ("x-ratelimit-reset", "999000")], "", 1),
        (429, &[("retry-after", "999999")], "", 3_600),
    ];
    for (status, headers, body, seconds) in cases {
        let expected = GitHubError::RateLimited {
            until: at(NOW + seconds),
        };
        assert_eq!(
            sorted(status, headers, body),
            expected,
            "{status} {headers:?}"
        );
    }
    let some = [
        ("x-ratelimit-remaining", "1"),
        ("x-ratelimit-reset", "1000900"),
    ];
    assert_eq!(sorted(403, &some, "{}"), GitHubError::Forbidden);
}

#[test]
fn the_last_request_of_a_window_is_noticed() {
    let until =
        |headers: &[(&'static str, &str)]| exhausted_until(&response(200, headers, ""), at(NOW));
    let reset = ("x-ratelimit-reset", "1000900");
    assert_eq!(
        until(&[("x-ratelimit-remaining", "0"), reset]),
        Some(at(NOW + 900))
    );
    assert_eq!(until(&[("x-ratelimit-remaining", "1"), reset]), None);
    assert_eq!(
        until(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "5")]),
        None
    );
    assert_eq!(until(&[]), None);
}

#[test]
fn what_cannot_be_read_is_unexpected() {
    assert!(matches!(
        read::<Vec<u8>>(&response(200, &[], "<html>")),
        Err(GitHubError::Unexpected { .. })
    ));
    assert!(matches!(
        read::<Vec<u8>>(&response(301, &[], "[]")),
        Err(GitHubError::Unexpected { .. })
    ));
    assert_eq!(read::<Vec<u8>>(&response(200, &[], "[1]")), Ok(vec![1]));
}
