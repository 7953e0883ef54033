//! What a decision costs by policies, beside the plain comparison that says the same of the standard ones.

#![expect(clippy::expect_used, reason = "a bench may fall over, as a test may")]

use std::sync::LazyLock;

use cedar::Policies;
use divan::{Bencher, black_box};
use domain::{
    CodeTarget, Connection, DefinitionRef, OwnerList, Permission, RepositoryAccess, Subject,
};
use policy::{
    Decider, Decision, Denial, DenialKind, Gate, Person, Question, Reason, Resource, StartRun,
};

static CONNECTION: LazyLock<Connection> = LazyLock::new(|| testkit::connection("acme", 1));

static OWNERS: LazyLock<OwnerList> =
    LazyLock::new(|| OwnerList::new(vec!["octo-demo".parse().expect("a login")]));

static SUBJECT: LazyLock<Subject> =
    LazyLock::new(|| testkit::issue(&CONNECTION, &testkit::widgets(1), 7));

static TARGET: LazyLock<CodeTarget> =
    LazyLock::new(|| testkit::code(&CONNECTION, &testkit::widgets(1)));

/// What the standard policies say, without policies.
#[derive(Debug)]
struct Plain;

impl Decider for Plain {
    fn decide(&self, question: &Question<'_>) -> Decision {
        let (owners, target) = (question.resource.owners, question.resource.target);
        let reason = |words: &str| Reason {
            rule: "plain".to_owned(),
            words: words.to_owned(),
        };
        let deny = |kind, words: &str| {
            let reason = reason(words);
            Decision::Deny(Denial { kind, reason })
        };
        if !owners.admits(&target.repository().owner) {
            deny(DenialKind::OwnerNotAllowed, "not on the list")
        } else if question.person.permission() < Some(Permission::Write) {
            deny(DenialKind::PermissionTooLow, "may not write")
        } else {
            Decision::Allow(reason("may write"))
        }
    }
}

fn main() {
    divan::main();
}

/// Once for each process: schema and policies, parsed and validated.
#[divan::bench]
fn load() -> Policies {
    Policies::standard().expect("the standard policies")
}

#[divan::bench]
fn decide_plainly(bencher: Bencher<'_, '_>) {
    ask(bencher, &Gate::new(Plain));
}

#[divan::bench]
fn decide_by_policies(bencher: Bencher<'_, '_>) {
    ask(bencher, &Gate::new(load()));
}

fn ask(bencher: Bencher<'_, '_>, gate: &Gate) {
    let ada = Person::of(&CONNECTION, testkit::requester("ada"));
    let ada = ada.with_permission(Permission::Write);
    let resource = Resource {
        connection: &CONNECTION,
        owners: &OWNERS,
        subject: &SUBJECT,
        target: &TARGET,
    };
    let definition = DefinitionRef {
        name: testkit::IMPLEMENT,
        version: 1,
    };
    let action = StartRun::of(definition, &testkit::task(RepositoryAccess::Write));
    assert!(
        gate.ask(action, ada.clone(), resource).is_ok(),
        "a writer may"
    );
    bencher.bench_local(|| gate.ask(black_box(action), ada.clone(), resource).is_ok());
}
