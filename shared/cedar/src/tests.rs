//! What is only seen from inside: policies that are wrong, and policies that fail.

use domain::{DefinitionRef, OwnerList, Permission, RepositoryAccess};
use policy::{Allowed, Denial, DenialKind, Gate, Person, Resource, StartRun};

use crate::{LoadError, Policies};

const EVERYBODY: &str =
    r#"@id("everybody") @reason("anybody may") permit (principal, action, resource);"#;

fn ask(policies: &str, access: RepositoryAccess) -> Result<Allowed<StartRun>, Denial> {
    let (connection, widgets) = (testkit::connection("acme", 1), testkit::widgets(1));
    let ada = Person::of(&connection, testkit::requester("ada"));
    let ada = ada.with_permission(Permission::Admin);
    let resource = Resource {
        connection: &connection,
        owners: &OwnerList::default(),
        subject: &testkit::issue(&connection, &widgets, 7),
        target: &testkit::code(&connection, &widgets),
    };
    let gate = Gate::new(Policies::parse(policies).unwrap());
    let definition = DefinitionRef {
        name: testkit::IMPLEMENT,
        version: 1,
    };
    gate.ask(
        StartRun::of(definition, &testkit::task(access)),
        ada,
        resource,
    )
}

#[test]
fn what_nobody_permits_is_denied() {
    let denial = ask("", RepositoryAccess::Write).unwrap_err();
    assert_eq!(denial.kind, DenialKind::Undecided);
    assert_eq!(denial.reason.words, "no policy permits it");
}

#[test]
fn one_that_forbids_wins_and_says_why() {
    let forbid = r#"@id("no-writing") @reason("only reading here") @kind("permission-too-low")
        forbid (principal, action == Switchyard::Action::"StartRun", resource)
        when { context.access == Switchyard::Access::"write" };"#;
    let both = format!("{forbid}\n{EVERYBODY}");
    let denial = ask(&both, RepositoryAccess::Write).unwrap_err();
    assert_eq!(denial.kind, DenialKind::PermissionTooLow);
    assert_eq!(denial.reason.rule, "no-writing");
    assert_eq!(denial.reason.words, "only reading here");
    let allowed = ask(&both, RepositoryAccess::Read).unwrap();
    assert_eq!(allowed.reason().rule, "everybody");
}

#[test]
fn of_several_that_forbid_the_first_kind_is_told() {
    let forbid = |id: &str, kind: &str| {
        format!(
            r#"@id("{id}") @reason("no") @kind("{kind}") forbid (principal, action, resource);"#
        )
    };
    let (low, owner) = (
        forbid("a", "permission-too-low"),
        forbid("b", "owner-not-allowed"),
    );
    let denial = ask(&format!("{low}\n{owner}"), RepositoryAccess::Write).unwrap_err();
    assert_eq!(denial.reason.rule, "b");
    let undecided = forbid("c", "undecided");
    let denial = ask(
        &format!("{low}\n{owner}\n{undecided}"),
        RepositoryAccess::Write,
    )
    .unwrap_err();
    assert_eq!(denial.reason.rule, "c");
}

/// Cedar itself would skip the one that fails, and allow.
#[test]
fn a_policy_that_cannot_be_evaluated_denies() {
    let overflow = "9223372036854775807 + 1 > 0";
    for effect in ["permit", r#"@kind("undecided") forbid"#] {
        let fails = format!(
            r#"@id("fails") @reason("never") {effect} (principal, action, resource) when {{ {overflow} }};"#
        );
        let denial = ask(&format!("{fails}\n{EVERYBODY}"), RepositoryAccess::Read).unwrap_err();
        assert_eq!(denial.kind, DenialKind::Undecided, "{effect}");
        assert_eq!(denial.reason.rule, "evaluation");
        assert!(denial.reason.words.contains("fails"), "{denial:?}");
    }
}

#[test]
fn policies_that_make_no_sense_are_not_loaded() {
    let annotated = |rest: &str| format!(r#"@id("x") @reason("y") {rest}"#);
    let twice = format!("{EVERYBODY}\n{EVERYBODY}");
    let cases: [(&str, &str); 9] = [
        ("permit (principal", "cannot be read"),
        ("permit (principal, action, resource);", "no id"),
        (
            r#"@id("x") permit (principal, action, resource);"#,
            "x has no reason",
        ),
        (
            &annotated("forbid (principal, action, resource);"),
            "x has no kind",
        ),
        (
            &annotated(r#"@kind("other") forbid (principal, action, resource);"#),
            "x has no kind",
        ),
        (
            &annotated(
                r#"permit (principal, action == Switchyard::Action::"StartRuns", resource);"#,
            ),
            "do not fit the schema",
        ),
        (
            &annotated(
                r#"permit (principal, action, resource) when { principal.permissions.contains(Switchyard::Permission::"wirte") };"#,
            ),
            "do not fit the schema",
        ),
        (
            &annotated("permit (principal == ?principal, action, resource);"),
            "template",
        ),
        (&twice, "put together"),
    ];
    for (policies, expected) in cases {
        let error: LoadError = Policies::parse(policies).unwrap_err();
        assert!(error.to_string().contains(expected), "{policies}: {error}");
    }
}
