//! Who may use whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{Member, members, read};

/// A floor of the house: its crates, and the floors that their shipped code may stand on. What only tests
/// use is free.
struct Layer {
    name: &'static str,
    members: &'static [&'static str],
    may_use: &'static [&'static str],
}

const LAYERS: [Layer; 14] = [
    Layer {
        name: "domain",
        members: &["shared/domain"],
        may_use: &[],
    },
    Layer {
        name: "telemetry",
        members: &["shared/telemetry"],
        may_use: &["domain"],
    },
    Layer {
        name: "contract",
        members: &["shared/contract"],
        may_use: &["domain"],
    },
    Layer {
        name: "queues",
        members: &["shared/queues"],
        may_use: &["domain", "contract"],
    },
    Layer {
        name: "egress",
        members: &["shared/egress"],
        may_use: &["domain", "contract"],
    },
    Layer {
        name: "adapters of the platform",
        members: &["shared/store", "shared/blobs", "shared/ingress"],
        may_use: &["domain", "contract"],
    },
    Layer {
        name: "app",
        members: &["shared/app"],
        may_use: &[
            "domain",
            "contract",
            "queues",
            "egress",
            "adapters of the platform",
        ],
    },
    Layer {
        name: "kit",
        members: &["shared/kit"],
        may_use: &["contract", "telemetry"],
    },
    Layer {
        name: "functions",
        members: &[
            "functions/webhook",
            "functions/triage",
            "functions/worker",
            "functions/scheduler",
            "functions/relay",
        ],
        may_use: &[
            "domain",
            "contract",
            "queues",
            "egress",
            "adapters of the platform",
            "app",
            "kit",
        ],
    },
    // It runs beside agents: neither the table nor the verbs are within its reach.
    Layer {
        name: "daemon",
        members: &["daemon"],
        may_use: &["domain", "contract", "queues", "egress", "telemetry"],
    },
    // They stand in for AWS and GitHub, and must not share the product's mistakes.
    Layer {
        name: "stand-ins",
        members: &["infra/endpoints", "infra/github"],
        may_use: &[],
    },
    Layer {
        name: "one machine",
        members: &["infra/local"],
        may_use: &[
            "domain",
            "contract",
            "queues",
            "egress",
            "adapters of the platform",
            "app",
            "telemetry",
            "kit",
            "functions",
            "daemon",
            "stand-ins",
        ],
    },
    // It operates a stack from outside, as its operator.
    Layer {
        name: "operator's tool",
        members: &["infra/setup"],
        may_use: &["domain", "egress", "kit"],
    },
    // It looks at a deployed stack from outside: the table, and what people see.
    Layer {
        name: "deployed",
        members: &["infra/deployed"],
        may_use: &[
            "domain",
            "egress",
            "adapters of the platform",
            "kit",
            "stand-ins",
        ],
    },
];

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

fn layer_of(member: &str) -> Option<&'static Layer> {
    LAYERS.iter().find(|layer| layer.members.contains(&member))
}

#[test]
fn every_crate_stands_on_a_floor() {
    let found: BTreeSet<String> = members().into_iter().map(|member| member.path).collect();
    let mut known: BTreeSet<String> = LAYERS
        .iter()
        .flat_map(|layer| layer.members.iter().map(|path| (*path).to_owned()))
        .collect();
    known.insert(TESTS.to_owned());
    assert_eq!(
        found, known,
        "the members of the workspace (left) and the layers of this test (right) differ: give a new crate \
         its place here and in ARCHITECTURE.md, and take out one that is gone"
    );
}

#[test]
fn arrows_point_down() {
    let mut wrong = Vec::new();
    for member in members() {
        let Some(layer) = layer_of(&member.path) else {
            continue;
        };
        for used in member.uses() {
            let below = layer_of(&used).filter(|below| layer.may_use.contains(&below.name));
            if below.is_none() {
                wrong.push(format!(
                    "{} ({}) uses {used}; it may only use {:?}",
                    member.path, layer.name, layer.may_use
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "dependencies that the layers forbid. Move the code to the floor it belongs to (a rule about a noun: domain; \
         a verb across nouns: app; a byte layout: contract, ingress or egress; a table key: store), or make it a \
         dev-dependency if only tests need it:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_domain_is_pure() {
    let members = members();
    let domain = member(&members, "shared/domain");
    let reached = Lock::read().reach(domain.uses_foreign());
    let impure: Vec<&String> = reached
        .iter()
        .filter(|name| NOT_IN_THE_DOMAIN.contains(&name.as_str()) || name.starts_with("aws-"))
        .collect();
    assert!(
        impure.is_empty(),
        "the domain reaches {impure:?}: it decides, and does no input or output"
    );
    // Had the lock not been understood, nothing would be reached and nothing found.
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
