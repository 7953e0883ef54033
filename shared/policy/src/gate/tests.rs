use domain::{Connection, DefinitionRef, OwnerList, RepositoryAccess};
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

fn connection((tenant, installation): (u8, u64)) -> Connection {
    testkit::connection(&tenant.to_string(), installation)
}

fn subject(at: (u8, u64)) -> Subject {
    testkit::issue(&connection(at), &testkit::widgets(1), 7)
}

fn target(at: (u8, u64)) -> CodeTarget {
    testkit::code(&connection(at), &testkit::widgets(1))
}

fn start(access: RepositoryAccess) -> StartRun {
    StartRun::of(DEFINITION, &testkit::task(access))
}

fn person(at: (u8, u64)) -> Person {
    Person::of(&connection(at), testkit::requester("ada"))
}

proptest! {
    #[test]
    fn no_decider_lets_anybody_cross_to_another_tenant_or_connection(
        known_by in (0_u8..2, 0_u64..2),
        asked_by in (0_u8..2, 0_u64..2),
        talked_at in (0_u8..2, 0_u64..2),
        changed_at in (0_u8..2, 0_u64..2),
    ) {
        let (connection, subject, target) = (connection(asked_by), subject(talked_at), target(changed_at));
        let owners = OwnerList::default();
        let resource = Resource { connection: &connection, owners: &owners, subject: &subject, target: &target };
        let asked = Gate::new(Lenient).ask(StopRuns, person(known_by), resource);
        let own = [known_by, talked_at, changed_at].iter().all(|at| *at == asked_by);
        prop_assert_eq!(asked.is_ok(), own);
        if let Ok(allowed) = asked {
            prop_assert_eq!(allowed.tenant(), allowed.person().tenant());
            prop_assert_eq!((allowed.subject(), allowed.target()), (&subject, &target));
        }
    }
}

#[test]
fn the_decider_decides_and_its_reason_goes_along() {
    let here = (1, 1);
    let resource = Resource {
        connection: &connection(here),
        owners: &OwnerList::default(),
        subject: &subject(here),
        target: &target(here),
    };
    let gate = Gate::new(Readers);
    let read = gate.ask(start(RepositoryAccess::Read), person(here), resource);
    let read = read.unwrap();
    assert_eq!(read.action().definition(), DEFINITION);
    assert_eq!(read.reason().rule, "readers");
    let write = gate.ask(start(RepositoryAccess::Write), person(here), resource);
    assert_eq!(write.unwrap_err().kind, DenialKind::PermissionTooLow);
    let stop = gate.ask(StopRuns, person(here), resource);
    assert_eq!(stop.unwrap_err().kind, DenialKind::PermissionTooLow);
}
