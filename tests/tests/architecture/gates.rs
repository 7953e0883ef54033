//! Where proofs are made. A proof whose fields are private is made by its own crate alone; this says which of the
//! others calls the gate.

use crate::sources::sources;

/// What is called to get a proof or the gate itself, and the one shipped file, beside the one that defines it, that does.
const GATES: [(&str, &str, &str); 9] = [
    (
        "github::verify(",
        "shared/ingress/src/github/verify.rs",
        "functions/webhook/src/accept.rs",
    ),
    (
        "Policies::standard(",
        "shared/cedar/src/policies.rs",
        "functions/triage/src/lib.rs",
    ),
    (
        "impl Decider for",
        "shared/policy/src/lib.rs",
        "shared/cedar/src/decide.rs",
    ),
    (
        ".with_permission(",
        "shared/policy/src/person.rs",
        "shared/app/intake/src/admit.rs",
    ),
    (
        "gate.ask(",
        "shared/policy/src/lib.rs",
        "shared/app/intake/src/admit.rs",
    ),
    (
        "Tick::of_invocation(",
        "shared/policy/src/tick.rs",
        "functions/scheduler/src/lib.rs",
    ),
    (
        "ChangeRecord::of(",
        "shared/app/notify/src/change_record.rs",
        "functions/relay/src/lib.rs",
    ),
    (
        ".leaseholder(",
        "shared/app/runs/src/worker/authorize.rs",
        "functions/worker/src/holder.rs",
    ),
    (
        ".claimant(",
        "shared/app/runs/src/worker/authorize.rs",
        "functions/worker/src/routes/claim.rs",
    ),
];

/// The same as paths, by which a call would not be seen.
const AS_PATHS: [&str; 4] = [
    "Gate::ask",
    "Person::with_permission",
    "Worker::leaseholder",
    "Worker::claimant",
];

/// Whether a line that is no comment names it.
fn is_called(text: &str, path: &str) -> bool {
    let mut code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.any(|line| line.contains(path))
}

#[test]
fn nobody_goes_by_a_gate_unseen() {
    for path in AS_PATHS {
        let mut naming = sources()
            .iter()
            .filter(|source| source.shipped() && is_called(&source.text, path));
        let naming = naming.next().map(|source| source.path.as_str());
        assert_eq!(naming, None, "call {path} as a method");
    }
}

#[test]
fn each_proof_has_one_gate() {
    for (call, defined, gate) in GATES {
        let calling = sources().iter().filter(|source| {
            source.shipped() && source.path != defined && source.text.contains(call)
        });
        let calling: Vec<&str> = calling.map(|source| source.path.as_str()).collect();
        assert_eq!(
            calling,
            [gate],
            "{call} is called where a proof has its gate, and nowhere else"
        );
    }
}
