//! Who may use whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{Member, members, read};

/// A crate, and the crates of ours that its shipped code may use. What only tests use is free.
struct Room {
    path: &'static str,
    may_use: &'static [&'static str],
}

/// `{path}: {what its shipped code may use}`, from the bottom up. A new crate gets its line here and its sentence in
/// ARCHITECTURE.md.
const ROOMS: &[Room] = &[
    room("shared/domain", &[]),
    room("shared/settings", &["shared/domain"]),
    // What definitions compute, check and fill in: pure.
    room("shared/expr", &[]),
    room("shared/engine", &["shared/domain", "shared/expr"]),
    room("shared/contract", &["shared/domain"]),
    // What people and their programs send and get, described once.
    room("shared/public", &["shared/contract"]),
    room("shared/telemetry", &["shared/domain"]),
    // Who may do what: the gate and its port, and behind it the one owner of Cedar.
    room("shared/policy", &["shared/domain"]),
    room("shared/cedar", &["shared/domain", "shared/policy"]),
    // What use cases ask of providers.
    room("shared/ports", &["shared/domain"]),
    // Adapters: never one on another, but providers on the one guarded client.
    room("shared/store", &["shared/domain", "shared/contract"]),
    room("shared/queues", &["shared/contract"]),
    room("shared/blobs", &[]),
    room("shared/ingress", &["shared/domain"]),
    room("shared/egress", &["shared/domain", "shared/contract"]),
    room(
        "shared/providers/github",
        &["shared/domain", "shared/ports", "shared/egress"],
    ),
    // Use cases. They know providers by the ports alone.
    room(
        "shared/app/runs",
        &[
            "shared/domain",
            "shared/engine",
            "shared/contract",
            "shared/policy",
            "shared/ports",
            "shared/store",
            "shared/queues",
        ],
    ),
    room(
        "shared/app/intake",
        &[
            "shared/domain",
            "shared/engine",
            "shared/contract",
            "shared/policy",
            "shared/ports",
            "shared/store",
            "shared/queues",
            "shared/blobs",
            "shared/ingress",
            "shared/app/runs",
        ],
    ),
    room(
        "shared/app/notify",
        &[
            "shared/domain",
            "shared/engine",
            "shared/ports",
            "shared/store",
            "shared/app/runs",
        ],
    ),
    room(
        "shared/app/schedules",
        &[
            "shared/domain",
            "shared/contract",
            "shared/policy",
            "shared/store",
            "shared/app/runs",
            "shared/app/intake",
        ],
    ),
    room(
        "shared/kit",
        &[
            "shared/domain",
            "shared/settings",
            "shared/contract",
            "shared/telemetry",
        ],
    ),
    // What the functions have in common that have the table and GitHub.
    room(
        "shared/compose",
        &[
            "shared/domain",
            "shared/settings",
            "shared/contract",
            "shared/store",
            "shared/queues",
            "shared/providers/github",
            "shared/app/runs",
            "shared/kit",
        ],
    ),
    // The functions, each by what it may touch. `webhook` reads no table and asks no provider.
    room(
        "functions/webhook",
        &[
            "shared/domain",
            "shared/settings",
            "shared/engine",
            "shared/contract",
            "shared/queues",
            "shared/blobs",
            "shared/ingress",
            "shared/kit",
        ],
    ),
    room(
        "functions/triage",
        &[
            "shared/domain",
            "shared/settings",
            "shared/engine",
            "shared/contract",
            "shared/policy",
            "shared/cedar",
            "shared/blobs",
            "shared/app/runs",
            "shared/app/intake",
            "shared/kit",
            "shared/compose",
        ],
    ),
    room(
        "functions/worker",
        &[
            "shared/domain",
            "shared/settings",
            "shared/engine",
            "shared/contract",
            "shared/providers/github",
            "shared/app/runs",
            "shared/kit",
            "shared/compose",
        ],
    ),
    room(
        "functions/scheduler",
        &[
            "shared/domain",
            "shared/settings",
            "shared/engine",
            "shared/policy",
            "shared/queues",
            "shared/app/runs",
            "shared/app/intake",
            "shared/app/schedules",
            "shared/kit",
            "shared/compose",
        ],
    ),
    room(
        "functions/relay",
        &[
            "shared/domain",
            "shared/contract",
            "shared/settings",
            "shared/store",
            "shared/app/runs",
            "shared/app/notify",
            "shared/kit",
            "shared/compose",
        ],
    ),
    // What it answers is about Switchyard itself: neither the table nor a queue nor a provider is within its reach.
    room(
        "functions/api",
        &[
            "shared/settings",
            "shared/contract",
            "shared/public",
            "shared/kit",
        ],
    ),
    // It runs beside agents: neither the table nor the use cases are within its reach.
    room(
        "daemon",
        &[
            "shared/domain",
            "shared/settings",
            "shared/contract",
            "shared/queues",
            "shared/egress",
            "shared/providers/github",
            "shared/telemetry",
        ],
    ),
    // The specification of runs stands by itself.
    room("tests/model", &[]),
    // It has no code, and nothing that is shipped may use it.
    room("infra/features", &[]),
    // They stand in for AWS and GitHub, and must not share the product's mistakes.
    room("infra/aws-local", &["infra/features"]),
    room("infra/github", &[]),
    room(
        "infra/local",
        &[
            "shared/domain",
            "shared/settings",
            "shared/engine",
            "shared/contract",
            "shared/telemetry",
            "shared/store",
            "shared/egress",
            "shared/providers/github",
            "shared/app/runs",
            "shared/app/intake",
            "shared/app/notify",
            "shared/app/schedules",
            "shared/kit",
            "functions/webhook",
            "functions/triage",
            "functions/worker",
            "functions/scheduler",
            "functions/relay",
            "functions/api",
            "daemon",
            "infra/aws-local",
            "infra/github",
            "infra/features",
        ],
    ),
    // It operates a stack from outside, as its operator.
    room(
        "infra/operations",
        &[
            "shared/domain",
            "shared/settings",
            "shared/egress",
            "shared/providers/github",
            "shared/kit",
            "infra/features",
        ],
    ),
    // It looks at a deployed stack from outside: the table, and what people see.
    room(
        "infra/emulator-proof",
        &[
            "shared/domain",
            "shared/store",
            "shared/egress",
            "shared/kit",
            "infra/github",
            "infra/features",
        ],
    ),
];

const fn room(path: &'static str, may_use: &'static [&'static str]) -> Room {
    Room { path, may_use }
}

/// Fixtures, which nothing that is shipped may use.
const FIXTURES: &str = "shared/testkit";

/// It looks at everything, and nothing looks at it.
const TESTS: &str = "tests";

/// What the domain must stay free of, at any distance: it is pure.
const NOT_IN_THE_DOMAIN: [&str; 8] = [
    "tokio",
    "serde_json",
    "http",
    "hyper",
    "axum",
    "reqwest",
    "rusqlite",
    "tracing",
];

/// What the whole tree stays free of: there is one TLS, rustls with ring.
const NOWHERE: [&str; 5] = [
    "aws-lc-rs",
    "aws-lc-sys",
    "openssl",
    "openssl-sys",
    "native-tls",
];

#[test]
fn every_crate_has_a_room() {
    let found: BTreeSet<String> = members().into_iter().map(|member| member.path).collect();
    let mut known: BTreeSet<String> = ROOMS.iter().map(|room| room.path.to_owned()).collect();
    known.extend([TESTS.to_owned(), FIXTURES.to_owned()]);
    assert_eq!(
        found, known,
        "the members of the workspace (left) and the rooms of this test (right) differ: give a new crate \
         its place here and in ARCHITECTURE.md, and take out one that is gone"
    );
}

#[test]
fn arrows_point_down() {
    let members = members();
    for room in ROOMS {
        let used: BTreeSet<String> = member(&members, room.path).uses().into_iter().collect();
        let allowed: BTreeSet<String> =
            room.may_use.iter().map(|path| (*path).to_owned()).collect();
        let forbidden: Vec<_> = used.difference(&allowed).collect();
        assert!(
            forbidden.is_empty(),
            "{} uses {forbidden:?}. Move the code to the room it belongs to (a rule about a noun: domain; a use case: \
             app; a byte layout: contract, ingress or a provider; a table key: store), or make it a dev-dependency if \
             only tests need it",
            room.path
        );
        let unused: Vec<_> = allowed.difference(&used).collect();
        assert!(unused.is_empty(), "{} no longer uses {unused:?}", room.path);
    }
}

#[test]
fn what_is_allowed_is_below() {
    for (place, room) in ROOMS.iter().enumerate() {
        for used in room.may_use {
            let below = ROOMS[..place].iter().any(|below| below.path == *used);
            assert!(below, "{} may use {used}, which is not below it", room.path);
        }
    }
}

#[test]
fn use_cases_know_no_provider() {
    for room in ROOMS {
        let uses = room.may_use.iter();
        let provider = uses.filter(|path| path.starts_with("shared/providers/"));
        let app = room.path.starts_with("shared/app/");
        assert!(
            !app || provider.clone().next().is_none(),
            "{} may use {:?}: ask for it by a port (shared/ports)",
            room.path,
            provider.collect::<Vec<_>>()
        );
    }
}

#[test]
fn the_domain_and_the_gate_are_pure() {
    let (members, lock) = (members(), Lock::read());
    for path in ["shared/domain", "shared/policy", "shared/ports"] {
        let reached = lock.reach(member(&members, path).uses_foreign());
        let impure: Vec<&String> = reached
            .iter()
            .filter(|name| NOT_IN_THE_DOMAIN.contains(&name.as_str()) || name.starts_with("aws-"))
            .collect();
        assert!(
            impure.is_empty(),
            "{path} reaches {impure:?}: it decides, and does no input or output"
        );
    }
    // Had the lock not been understood, nothing would be reached and nothing found.
    let reached = lock.reach(member(&members, "shared/domain").uses_foreign());
    assert!(reached.contains("serde_core"), "{reached:?}");
}

#[test]
fn there_is_one_tls() {
    let lock = Lock::read();
    let found: Vec<&&str> = NOWHERE
        .iter()
        .filter(|name| lock.0.contains_key(**name))
        .collect();
    assert!(
        found.is_empty(),
        "{found:?} came into the tree: switch off the default features that bring it"
    );
    assert!(lock.0.contains_key("ring"));
}

fn member<'a>(members: &'a [Member], path: &str) -> &'a Member {
    members.iter().find(|member| member.path == path).unwrap()
}

/// What each locked package depends on, by name.
struct Lock(BTreeMap<String, BTreeSet<String>>);

impl Lock {
    fn read() -> Self {
        let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for block in read("Cargo.lock").split("[[package]]").skip(1) {
            let name = block
                .lines()
                .find_map(|line| line.strip_prefix("name = "))
                .unwrap();
            let listed = block.lines().filter_map(|line| line.strip_prefix(" \""));
            // A line is `name`, or `name version` where several versions are locked.
            let listed = listed.filter_map(|line| line.split([' ', '"']).next());
            packages
                .entry(name.trim_matches('"').to_owned())
                .or_default()
                .extend(listed.map(str::to_owned));
        }
        Self(packages)
    }

    /// Everything reached from `names`, which are reached too.
    fn reach(&self, names: Vec<&str>) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<String> = names.into_iter().map(str::to_owned).collect();
        while let Some(name) = next.pop() {
            next.extend(self.0.get(&name).into_iter().flatten().cloned());
            if !reached.insert(name.clone()) {
                next.retain(|other| !reached.contains(other));
            }
        }
        reached
    }
}
