//! The policies that hold unless somebody says otherwise, as a table.

#![cfg(test)]

use cedar::Policies;
use domain::{
    Connection, DefinitionRef, InstallationId, ItemKind, ItemNumber, Login, OwnerList, Permission,
    Provider, Repository, RepositoryAccess, RepositoryId, TenantId, Ticket,
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

fn connection(of: &TenantId, owners: &[&str]) -> Connection {
    Connection {
        tenant: of.clone(),
        provider: Provider::Github,
        installation: InstallationId(1),
        owners: OwnerList::new(owners.iter().map(|owner| owner.parse().unwrap()).collect()),
    }
}

fn ticket(of: &TenantId, owner: &str) -> Ticket {
    Ticket {
        tenant: of.clone(),
        provider: Provider::Github,
        installation: InstallationId(1),
        repository: Repository {
            id: RepositoryId(1),
            owner: owner.parse().unwrap(),
            name: "widgets".parse().unwrap(),
        },
        number: ItemNumber(7),
        kind: ItemKind::Issue,
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
    let ada = Person::of(resource.connection, "ada".parse().unwrap());
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
    let acme = tenant("acme");
    let (connection, gate) = (connection(&acme, &["Octo-Demo", "other"]), gate());
    for (owner, owner_allowed) in [
        ("octo-demo", true),
        ("OCTO-demo", true),
        ("other", true),
        ("stranger", false),
        ("octo", false),
    ] {
        let ticket = ticket(&acme, owner);
        let resource = Resource {
            connection: &connection,
            ticket: &ticket,
        };
        for permission in PERMISSIONS {
            let writes = permission >= Some(Permission::Write);
            let denied = |kind, rule: &str| Err((kind, rule.to_owned()));
            let expected = match (owner_allowed, writes) {
                (true, true) => Ok("writers-may-ask".to_owned()),
                (true, false) => denied(DenialKind::PermissionTooLow, "writers-only"),
                (false, _) => denied(DenialKind::OwnerNotAllowed, "allowed-owners-only"),
            };
            for outcome in all_actions(&gate, permission, resource) {
                assert_eq!(outcome, expected, "{permission:?} at {owner}");
            }
        }
    }
}

#[test]
fn nobody_is_allowed_anything_while_no_owner_is_named() {
    let acme = tenant("acme");
    let (connection, ticket, gate) = (connection(&acme, &[]), ticket(&acme, "octo"), gate());
    let resource = Resource {
        connection: &connection,
        ticket: &ticket,
    };
    for outcome in all_actions(&gate, Some(Permission::Admin), resource) {
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
        ticket_of in names(),
        owner in "[A-Za-z0-9-]{1,12}",
        listed in any::<bool>(),
        permission in prop::sample::select(PERMISSIONS.to_vec()),
        access in prop::sample::select(vec![RepositoryAccess::Read, RepositoryAccess::Write]),
        login in "[A-Za-z0-9._-]{1,20}(\\[bot\\])?",
    ) {
        let owners: &[&str] = if listed { &[&owner] } else { &[] };
        let here = connection(&tenant(&connection_of), owners);
        let ticket = ticket(&tenant(&ticket_of), &owner.to_ascii_uppercase());
        let login: Login = login.parse().unwrap();
        let person = Person::of(&connection(&tenant(&person_of), &[]), login);
        let person = match permission {
            Some(permission) => person.with_permission(permission),
            None => person,
        };
        let resource = Resource { connection: &here, ticket: &ticket };
        let own = person_of == connection_of && connection_of == ticket_of;
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
