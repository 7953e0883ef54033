use domain::{
    Connection, DefinitionRef, InstallationId, ItemKind, ItemNumber, OwnerList, Provider,
    RepositoryAccess,
};
use proptest::prelude::*;

use super::*;
use crate::{ActionKind, StartRun, StopRuns};

const DEFINITION: DefinitionRef = DefinitionRef {
    name: testkit::IMPLEMENT,
    version: 3,
};

/// Says yes to everything, as a policy set might by mistake.
#[derive(Debug)]
struct Lenient;

impl Decider for Lenient {
    fn decide(&self, _question: &Question<'_>) -> Decision {
        Decision::Allow(Reason {
            rule: "all".to_owned(),
            words: "everybody may".to_owned(),
        })
    }
}

/// Allows to start what changes nothing.
#[derive(Debug)]
struct Readers;

impl Decider for Readers {
    fn decide(&self, question: &Question<'_>) -> Decision {
        let reason = Reason {
            rule: "readers".to_owned(),
            words: "only reading".to_owned(),
        };
        match question.action {
            ActionKind::StartRun {
                access: RepositoryAccess::Read,
            } => Decision::Allow(reason),
            _ => Decision::Deny(Denial {
                kind: DenialKind::PermissionTooLow,
                reason,
            }),
        }
    }
}

fn connection(tenant: u8, installation: u64) -> Connection {
    Connection {
        tenant: format!("ten_{tenant}").parse().unwrap(),
        provider: Provider::Github,
        installation: InstallationId(installation),
        owners: OwnerList::default(),
    }
}

fn ticket(tenant: u8, installation: u64) -> Ticket {
    Ticket {
        tenant: format!("ten_{tenant}").parse().unwrap(),
        provider: Provider::Github,
        installation: InstallationId(installation),
        repository: testkit::widgets(1),
        number: ItemNumber(7),
        kind: ItemKind::Issue,
    }
}

fn start(access: RepositoryAccess) -> StartRun {
    StartRun::of(DEFINITION, &testkit::task(access))
}

fn person(tenant: u8) -> Person {
    Person::of(&connection(tenant, 0), "ada".parse().unwrap())
}

proptest! {
    #[test]
    fn no_decider_lets_anybody_cross_to_another_tenant_or_connection(
        person_of in 0_u8..3,
        (connection_of, connection_at) in (0_u8..3, 0_u64..3),
        (ticket_of, ticket_at) in (0_u8..3, 0_u64..3),
    ) {
        let (connection, ticket) = (connection(connection_of, connection_at), ticket(ticket_of, ticket_at));
        let resource = Resource { connection: &connection, ticket: &ticket };
        let asked = Gate::new(Lenient).ask(StopRuns, person(person_of), resource);
        let own = person_of == connection_of && connection_of == ticket_of && connection_at == ticket_at;
        prop_assert_eq!(asked.is_ok(), own);
        if let Ok(allowed) = asked {
            prop_assert_eq!(allowed.tenant(), allowed.person().tenant());
            prop_assert_eq!(allowed.ticket(), &ticket);
        }
    }
}

#[test]
fn the_decider_decides_and_its_reason_goes_along() {
    let (connection, ticket) = (connection(1, 1), ticket(1, 1));
    let resource = Resource {
        connection: &connection,
        ticket: &ticket,
    };
    let gate = Gate::new(Readers);
    let read = gate.ask(start(RepositoryAccess::Read), person(1), resource);
    let read = read.unwrap();
    assert_eq!(read.action().definition(), DEFINITION);
    assert_eq!(read.reason().rule, "readers");
    let write = gate.ask(start(RepositoryAccess::Write), person(1), resource);
    assert_eq!(write.unwrap_err().kind, DenialKind::PermissionTooLow);
    let stop = gate.ask(StopRuns, person(1), resource);
    assert_eq!(stop.unwrap_err().kind, DenialKind::PermissionTooLow);
}
