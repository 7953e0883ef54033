//! Who owns what is heavy, and who may come near it.

use std::collections::BTreeSet;

use crate::workspace::{Member, members};

/// Dependencies that cost bytes, time to build, or thought, each with the one crate whose shipped code names it.
const OWNERS: [(&str, &str); 12] = [
    ("cedar-policy", "shared/cedar"),
    ("dynoxide-rs", "infra/aws-local"),
    ("jlens-core", "shared/expr"),
    ("jsonschema", "shared/expr"),
    ("minijinja", "shared/expr"),
    ("nix", "daemon"),
    ("opentelemetry-otlp", "shared/telemetry"),
    ("opentelemetry_sdk", "shared/telemetry"),
    ("s3s", "infra/aws-local"),
    ("seccompiler", "daemon"),
    ("tower-http", "shared/kit"),
    ("utoipa", "shared/public"),
];

/// The functions in which people's requests are decided. No other one carries Cedar's megabytes.
const DECIDES: [&str; 1] = ["functions/triage"];

#[test]
fn each_heavy_dependency_has_one_owner() {
    let members = members();
    for (package, owner) in OWNERS {
        let users = members.iter();
        // `infra/features` has no code: it names crates for their features.
        let users = users.filter(|member| {
            member.path != "infra/features" && member.uses_foreign().contains(&package)
        });
        let users: Vec<&str> = users.map(|member| member.path.as_str()).collect();
        assert_eq!(
            users,
            [owner],
            "{package} belongs to {owner}: ask it, or change this test with a reason"
        );
    }
}

#[test]
fn cedar_is_only_where_something_is_decided() {
    let members = members();
    let reaching = members.iter().filter(|member| {
        member.path.starts_with("functions/") && reach(&members, member).contains("shared/cedar")
    });
    let reaching: Vec<&str> = reaching.map(|member| member.path.as_str()).collect();
    assert_eq!(reaching, DECIDES);
    let daemon = members.iter().find(|member| member.path == "daemon");
    assert!(!reach(&members, daemon.unwrap()).contains("shared/cedar"));
}

/// Every crate of ours that the shipped code of one uses, at any distance.
pub(crate) fn reach(members: &[Member], from: &Member) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut next = from.uses();
    while let Some(path) = next.pop() {
        let used = members.iter().find(|member| member.path == path);
        if reached.insert(path) {
            next.extend(used.map(Member::uses).unwrap_or_default());
        }
    }
    reached
}
