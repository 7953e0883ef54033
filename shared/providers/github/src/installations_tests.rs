//! Installations as GitHub lists them.

use serde_json::{Value, json};

use super::*;
use crate::{EVENTS, PERMISSIONS};

/// What is different about an installation.
type Changes<'a> = &'a [(&'a str, Value)];

fn registration(permissions: &[(&str, &str)]) -> Registration {
    let registration = json!({
        "slug": "switchyard",
        "html_url": "https://github.com/apps/switchyard",
        "permissions": permissions.iter().copied().collect::<BTreeMap<_, _>>(),
        "events": EVENTS,
    });
    serde_json::from_value(registration).unwrap()
}

fn installation(login: &str, change: Changes<'_>) -> Value {
    let mut one = json!({
        "id": 7,
        "account": {"login": login},
        "html_url": "https://github.com/settings/installations/7",
        "suspended_at": null,
        "permissions": BTreeMap::from(PERMISSIONS),
        "events": EVENTS,
    });
    for (name, value) in change {
        one[name] = value.clone();
    }
    one
}

fn listed(found: &[Value], end: End) -> Installations {
    let found = found.iter().cloned().map(serde_json::from_value);
    let found = found.collect::<Result<_, _>>().unwrap();
    Installations { found, end }
}

/// What is said of `octo`, with the remedy.
fn said(all: &Installations, app: &Registration) -> Option<(String, String)> {
    let obstacle = all.obstacle("octo", app)?;
    Some((obstacle.to_string(), obstacle.remedy()))
}

#[test]
fn each_thing_that_is_in_the_way_is_said_with_what_helps() {
    let page = "https://github.com/settings/installations/7";
    let less = json!({"contents": "read", "issues": "write", "metadata": "read"});
    let cases: [(Changes<'_>, Option<(&str, String)>); 4] = [
        (&[], None),
        (
            &[("suspended_at", json!("2026-11-28T08:00:00Z"))],
            Some((
                "octo has suspended the app, so nobody there is heard",
                format!("unsuspend it at {page}"),
            )),
        ),
        (
            &[("permissions", less)],
            Some((
                "octo has not accepted the permission contents: write, the permission pull_requests: write",
                format!("accept it at {page}"),
            )),
        ),
        (
            &[("events", json!(["issues", "pull_request"]))],
            Some((
                "octo has not accepted the event issue_comment",
                format!("accept it at {page}"),
            )),
        ),
    ];
    for (change, expected) in cases {
        let all = listed(&[installation("Octo", change)], End::Whole);
        let expected = expected.map(|(what, remedy)| (what.to_owned(), remedy));
        assert_eq!(said(&all, &registration(&PERMISSIONS)), expected);
    }
}

#[test]
fn an_owner_is_missing_only_if_the_list_is_whole() {
    let other = [installation("acme", &[])];
    let app = registration(&PERMISSIONS);
    let (what, remedy) = said(&listed(&other, End::Whole), &app).unwrap();
    assert_eq!(
        what,
        "the app is not installed for octo, so nobody there is heard"
    );
    assert_eq!(
        remedy,
        "install it at https://github.com/apps/switchyard/installations/new"
    );
    assert_eq!(said(&listed(&other, End::Open), &app), None);
}

#[test]
fn what_the_registration_lacks_nobody_could_have_accepted() {
    let less = &PERMISSIONS[..3];
    let given = less.iter().copied().collect::<BTreeMap<_, _>>();
    let all = [installation("octo", &[("permissions", json!(given))])];
    assert_eq!(said(&listed(&all, End::Whole), &registration(less)), None);
}
