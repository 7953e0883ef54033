//! The policies that hold unless somebody says otherwise, as a table.

#![cfg(test)]

use cedar::Policies;
use domain::{
    AccountId, CodeTarget, Connection, DefinitionRef, OwnerList, Permission, Repository,
    RepositoryAccess, RepositoryId, Requester, Subject, TenantId,
};
use policy::{
    Action, Decider, Decision, Denial, DenialKind, Gate, GetHelp, Person, Question, Resource,
    StartRun, StopRuns,
};
use proptest::prelude::*;

const PERMISSIONS: [Option<Permission>; 7] = [
    None,
    Some(Permission::None),
    Some(Permission::Read),
    Some(Permission::Triage),
    Some(Permission::Write),
    Some(Permission::Maintain),
    Some(Permission::Admin),
];

fn tenant(name: &str) -> TenantId {
    format!("ten_{name}").parse().unwrap()
}

/// A tenant's connection with the owners that it may work for, and an issue that it reaches.
struct Scene {
    connection: Connection,
    owners: OwnerList,
    subject: Subject,
    target: CodeTarget,
}

impl Scene {
    fn new(of: &str, owners: &[&str], issue_of: &str, owner: &str) -> Self {
        let [connection, other] = [of, issue_of].map(|tenant| testkit::connection(tenant, 1));
        let repository = Repository {
            id: RepositoryId::from(1),
            owner: owner.parse().unwrap(),
            name: "widgets".parse().unwrap(),
        };
        Self {
            owners: OwnerList::new(owners.iter().map(|owner| owner.parse().unwrap()).collect()),
            subject: testkit::issue(&other, &repository, 7),
            target: testkit::code(&other, &repository),
            connection,
        }
    }

    fn resource(&self) -> Resource<'_> {
        Resource {
            connection: &self.connection,
            owners: &self.owners,
            subject: &self.subject,
            target: &self.target,
        }
    }
}

fn start(access: RepositoryAccess) -> StartRun {
    let definition = DefinitionRef {
        name: testkit::IMPLEMENT,
        version: 1,
    };
    StartRun::of(definition, &testkit::task(access))
}

fn gate() -> Gate {
    Gate::new(Policies::standard().unwrap())
}

/// What comes of asking: nothing is in the way, or the rule that is.
fn asked<A: Action>(
    gate: &Gate,
    action: A,
    permission: Option<Permission>,
    resource: Resource<'_>,
) -> Result<String, (DenialKind, String)> {
    let ada = Person::of(resource.connection, testkit::requester("ada"));
    let ada = match permission {
        Some(permission) => ada.with_permission(permission),
        None => ada,
    };
    let told = |denial: Denial| (denial.kind, denial.reason.rule);
    let allowed = gate.ask(action, ada, resource).map_err(told)?;
    Ok(allowed.reason().rule.clone())
}

fn all_actions(
    gate: &Gate,
    permission: Option<Permission>,
    resource: Resource<'_>,
) -> [Result<String, (DenialKind, String)>; 4] {
    [
        asked(gate, start(RepositoryAccess::Write), permission, resource),
        asked(gate, start(RepositoryAccess::Read), permission, resource),
        asked(gate, StopRuns, permission, resource),
        asked(gate, GetHelp, permission, resource),
    ]
}

#[test]
fn every_permission_for_every_action_of_allowed_owners_and_others() {
    let gate = gate();
    for (owner, owner_allowed) in [
        ("octo-demo", true),
        ("OCTO-demo", true),
        ("other", true),
        ("stranger", false),
        ("octo", false),
    ] {
        let scene = Scene::new("acme", &["Octo-Demo", "other"], "acme", owner);
        for permission in PERMISSIONS {
            let writes = permission >= Some(Permission::Write);
            let denied = |kind, rule: &str| Err((kind, rule.to_owned()));
            let expected = match (owner_allowed, writes) {
                (true, true) => Ok("writers-may-ask".to_owned()),
                (true, false) => denied(DenialKind::PermissionTooLow, "writers-only"),
                (false, _) => denied(DenialKind::OwnerNotAllowed, "allowed-owners-only"),
            };
            for outcome in all_actions(&gate, permission, scene.resource()) {
                assert_eq!(outcome, expected, "{permission:?} at {owner}");
            }
        }
    }
}

#[test]
fn nobody_is_allowed_anything_while_no_owner_is_named() {
    let scene = Scene::new("acme", &[], "acme", "octo");
    for outcome in all_actions(&gate(), Some(Permission::Admin), scene.resource()) {
        let (kind, _) = outcome.unwrap_err();
        assert_eq!(kind, DenialKind::OwnerNotAllowed);
    }
}

fn names() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn a_decision_never_crosses_tenants(
        person_of in names(),
        connection_of in names(),
        subject_of in names(),
        owner in "[A-Za-z0-9-]{1,12}",
        listed in any::<bool>(),
        permission in prop::sample::select(PERMISSIONS.to_vec()),
        access in prop::sample::select(vec![RepositoryAccess::Read, RepositoryAccess::Write]),
        account in any::<u64>(),
        handle in "[A-Za-z0-9._-]{1,20}(\\[bot\\])?",
    ) {
        let owners: &[&str] = if listed { &[&owner] } else { &[] };
        let scene = Scene::new(&connection_of, owners, &subject_of, &owner.to_ascii_uppercase());
        let account = Requester::new(AccountId::from(account), handle.parse().unwrap());
        let person = Person::of(&testkit::connection(&person_of, 1), account);
        let person = match permission {
            Some(permission) => person.with_permission(permission),
            None => person,
        };
        let resource = scene.resource();
        let own = person_of == connection_of && connection_of == subject_of;
        // The gate would not even ask; the policies by themselves do not let anybody cross either.
        let question = Question { person: &person, action: start(access).kind(), resource };
        let decided = POLICIES.with(|policies| policies.decide(&question));
        prop_assert!(own || matches!(decided, Decision::Deny(_)), "{decided:?}");
        let asked = GATE.with(|gate| gate.ask(start(access), person, resource));
        prop_assert_eq!(asked.is_ok(), own && listed && permission >= Some(Permission::Write));
        if let Ok(allowed) = asked {
            prop_assert_eq!(allowed.tenant(), &tenant(&person_of));
            prop_assert_eq!(allowed.person().tenant(), allowed.tenant());
        }
    }
}

thread_local! {
    static POLICIES: Policies = Policies::standard().unwrap();
    static GATE: Gate = gate();
}
