//! Keys as types: each builds its text and reads it back, and nobody else formats one.
//!
//! ```text
//! pk                                        sk                                     what
//! TKT#<tenant>#<connection>#<subject>       RUN#<P>                                the head of a run
//!                                           STP#<P>#<path>#<attempt>               a step attempt: what the run waits for
//!                                           TRK#<P>#request                        where it is told: where it was asked for
//!                                           EVT#<P>#<fence>#<first>                a batch of progress events
//!                                           FND#<P>                                findings
//!                                           ASK#<name>##<run id>                   a request that waits for the slot
//!                                           BRF#<run id>                           what was asked, written once
//!                                           HLT                                    a request to stop that is in force
//!                                           ANS#<account>                          who was told once that they may not ask
//! LIM#<tenant>#<connection>                 ANS#<minute>                           the answer to a stranger in that minute
//! GAP#<provider>                            GAP                                    when lost deliveries were looked for
//! DLV#<tenant>#<connection>#<id>            DLV                                    a delivery
//! ```
//!
//! `P` is `<name>#<key>#<sequence>`; the key is empty, since no definition has runs beside one another yet.

use std::fmt;

use domain::{
    AccountId, ConnectionId, DefinitionName, DeliveryKey, Fence, Provider, RunId, RunKey,
    RunSequence, StepRef, SubjectKey, TenantId,
};

/// The text of a primary key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.pk, self.sk)
    }
}

/// Everything that a key can name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// The head of a run.
    Run(RunKey),
    /// A step attempt of a run.
    Step(RunKey, StepRef),
    /// The place where a run was asked for, and is told.
    Tracking(RunKey),
    /// A request that waits for the slot of a definition on a subject, by the id of the run that it will be.
    Ask(SubjectKey, DefinitionName, RunId),
    /// A batch of progress events of a run.
    Events {
        /// The run.
        run: RunKey,
        /// The lease under which it was told.
        fence: Fence,
        /// How many events that lease had told before.
        first: u32,
    },
    /// What an investigation found.
    Findings(RunKey),
    /// What was asked.
    Brief(SubjectKey, RunId),
    /// The newest request to stop.
    Stop(SubjectKey),
    /// That a person was told once that they may not ask here.
    Answered(SubjectKey, AccountId),
    /// That a connection has answered a stranger in that minute since 1970.
    Slot {
        /// Whose it is.
        tenant: TenantId,
        /// The connection.
        connection: ConnectionId,
        /// The minute.
        minute: u64,
    },
    /// When what a provider could not bring was looked for.
    Gaps(Provider),
    /// A delivery.
    Delivery(DeliveryKey),
}

const RUN: &str = "RUN";
const STEP: &str = "STP";
const TRACKING: &str = "TRK";
/// The place where a run was asked for.
const REQUEST: &str = "request";
const ASK: &str = "ASK";
const EVENTS: &str = "EVT";
const FINDINGS: &str = "FND";
const BRIEF: &str = "BRF";
const STOP: &str = "HLT";
const ANSWERED: &str = "ANS";
const LIMIT: &str = "LIM";
const GAPS: &str = "GAP";
const DELIVERY: &str = "DLV";
const SUBJECT: &str = "TKT";

impl Name {
    /// The key's text.
    pub fn key(&self) -> Key {
        match self {
            Self::Run(run) => Key {
                pk: subject_pk(&run.subject),
                sk: run_sk(RUN, run),
            },
            Self::Step(run, StepRef { path, attempt }) => Key {
                pk: subject_pk(&run.subject),
                sk: format!("{}#{path}#{attempt:03}", run_sk(STEP, run)),
            },
            Self::Tracking(run) => Key {
                pk: subject_pk(&run.subject),
                sk: format!("{}#{REQUEST}", run_sk(TRACKING, run)),
            },
            Self::Ask(subject, name, run) => Key {
                pk: subject_pk(subject),
                sk: format!("{}{run}", asks_prefix(*name)),
            },
            Self::Events { run, fence, first } => Key {
                pk: subject_pk(&run.subject),
                sk: format!("{}{first:06}", events_prefix(run, *fence)),
            },
            Self::Findings(run) => Key {
                pk: subject_pk(&run.subject),
                sk: run_sk(FINDINGS, run),
            },
            Self::Brief(subject, run) => Key {
                pk: subject_pk(subject),
                sk: format!("{BRIEF}#{run}"),
            },
            Self::Stop(subject) => Key {
                pk: subject_pk(subject),
                sk: STOP.to_owned(),
            },
            Self::Answered(subject, account) => Key {
                pk: subject_pk(subject),
                sk: format!("{ANSWERED}#{account}"),
            },
            Self::Slot {
                tenant,
                connection,
                minute,
            } => Key {
                pk: format!("{LIMIT}#{tenant}#{connection}"),
                sk: format!("{ANSWERED}#{minute}"),
            },
            Self::Gaps(provider) => Key {
                pk: format!("{GAPS}#{provider}"),
                sk: GAPS.to_owned(),
            },
            Self::Delivery(key) => Key {
                pk: format!(
                    "{DELIVERY}#{}#{}#{}",
                    key.tenant(),
                    key.connection(),
                    key.id()
                ),
                sk: DELIVERY.to_owned(),
            },
        }
    }

    /// Reads a key's text; none if no code of ours wrote it.
    pub fn parse(key: &Key) -> Option<Self> {
        let pk: Vec<&str> = key.pk.split('#').collect();
        let sk: Vec<&str> = key.sk.split('#').collect();
        let name = match (pk.as_slice(), sk.as_slice()) {
            ([DELIVERY, tenant, connection, id], [DELIVERY]) => Self::Delivery(DeliveryKey::new(
                tenant.parse().ok()?,
                connection.parse().ok()?,
                id.parse().ok()?,
            )),
            ([GAPS, provider], [GAPS]) => Self::Gaps(parse_provider(provider)?),
            ([LIMIT, tenant, connection], [ANSWERED, minute]) => Self::Slot {
                tenant: tenant.parse().ok()?,
                connection: connection.parse().ok()?,
                minute: minute.parse().ok()?,
            },
            ([SUBJECT, tenant, connection, id], sk) => {
                let (tenant, connection) = (tenant.parse().ok()?, connection.parse().ok()?);
                Self::under(SubjectKey::new(tenant, connection, id.parse().ok()?), sk)?
            }
            _ => return None,
        };
        // A key that reads well but is written differently, such as one with leading zeros, is not ours.
        (name.key() == *key).then_some(name)
    }

    fn under(subject: SubjectKey, sk: &[&str]) -> Option<Self> {
        match sk {
            [RUN, name, "", sequence] => Some(Self::Run(parse_run(subject, name, sequence)?)),
            [STEP, name, "", sequence, path, attempt] => {
                let step = StepRef {
                    path: path.parse().ok()?,
                    attempt: attempt.parse().ok()?,
                };
                Some(Self::Step(parse_run(subject, name, sequence)?, step))
            }
            [TRACKING, name, "", sequence, REQUEST] => {
                Some(Self::Tracking(parse_run(subject, name, sequence)?))
            }
            [ASK, name, "", run] => Some(Self::Ask(subject, name.parse().ok()?, run.parse().ok()?)),
            [FINDINGS, name, "", sequence] => {
                Some(Self::Findings(parse_run(subject, name, sequence)?))
            }
            [EVENTS, name, "", sequence, fence, first] => Some(Self::Events {
                run: parse_run(subject, name, sequence)?,
                fence: Fence(fence.parse().ok()?),
                first: first.parse().ok()?,
            }),
            [STOP] => Some(Self::Stop(subject)),
            [ANSWERED, account] => Some(Self::Answered(subject, account.parse().ok()?)),
            [BRIEF, run] => Some(Self::Brief(subject, run.parse().ok()?)),
            _ => None,
        }
    }
}

pub(crate) fn subject_pk(subject: &SubjectKey) -> String {
    let (tenant, connection, id) = (subject.tenant(), subject.connection(), subject.id());
    format!("{SUBJECT}#{tenant}#{connection}#{id}")
}

pub(crate) fn runs_prefix(name: DefinitionName) -> String {
    format!("{RUN}#{name}##")
}

pub(crate) fn asks_prefix(name: DefinitionName) -> String {
    format!("{ASK}#{name}##")
}

/// The partition of the index that lists the runs of a tenant.
pub(crate) fn runs_of_tenant(tenant: &TenantId) -> String {
    format!("{tenant}#run")
}

pub(crate) fn events_prefix(run: &RunKey, fence: Fence) -> String {
    format!("{}#{:03}#", run_sk(EVENTS, run), fence.0)
}

fn run_sk(kind: &str, run: &RunKey) -> String {
    format!("{kind}#{}##{:06}", run.name, run.sequence)
}

fn parse_provider(text: &str) -> Option<Provider> {
    (text == "github").then_some(Provider::Github)
}

fn parse_run(subject: SubjectKey, name: &str, sequence: &str) -> Option<RunKey> {
    Some(RunKey {
        subject,
        name: name.parse().ok()?,
        sequence: RunSequence(sequence.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use domain::{Connection, InstallationId, SeededRandom};
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn connection() -> impl Strategy<Value = Connection> {
        ("ten_[a-z0-9-]{1,40}", any::<u64>()).prop_map(|(tenant, installation)| {
            let installation = InstallationId::from(installation);
            Connection::new(tenant.parse().unwrap(), Provider::Github, installation)
        })
    }

    fn subject() -> impl Strategy<Value = SubjectKey> {
        let id = "[A-Za-z0-9._:=-]{1,63}/[A-Za-z0-9._:=-]{1,63}";
        (connection(), id).prop_map(|(connection, id)| {
            let tenant = connection.tenant().clone();
            SubjectKey::new(tenant, connection.id(), id.parse().unwrap())
        })
    }

    fn run() -> impl Strategy<Value = RunKey> {
        (
            subject(),
            prop::sample::select(vec![
                DefinitionName::literal("implement"),
                DefinitionName::literal("ship-it"),
            ]),
            any::<u32>(),
        )
            .prop_map(|(subject, name, n)| RunKey {
                subject,
                name,
                sequence: RunSequence(n),
            })
    }

    fn delivery() -> impl Strategy<Value = DeliveryKey> {
        (connection(), "[!-\"$-~]{1,100}")
            .prop_map(|(connection, id)| DeliveryKey::by(&connection, id.parse().unwrap()))
    }

    fn name() -> impl Strategy<Value = Name> {
        prop_oneof![
            run().prop_map(Name::Run),
            run().prop_map(Name::Findings),
            run().prop_map(Name::Tracking),
            (run(), "[a-z0-9.-]{1,60}", any::<u32>()).prop_map(|(run, path, attempt)| {
                let path = path.parse().unwrap();
                Name::Step(run, StepRef { path, attempt })
            }),
            (run(), any::<u64>()).prop_map(|(run, seed)| {
                let id = RunId::mint(Timestamp::UNIX_EPOCH, &SeededRandom::new(seed));
                Name::Ask(run.subject, run.name, id)
            }),
            (run(), any::<u32>(), any::<u32>()).prop_map(|(run, fence, first)| Name::Events {
                run,
                fence: Fence(fence),
                first
            }),
            (subject(), any::<u64>()).prop_map(|(subject, seed)| {
                let run = RunId::mint(Timestamp::UNIX_EPOCH, &SeededRandom::new(seed));
                Name::Brief(subject, run)
            }),
            subject().prop_map(Name::Stop),
            (subject(), "[A-Za-z0-9._:=-]{1,63}")
                .prop_map(|(subject, account)| Name::Answered(subject, account.parse().unwrap())),
            (connection(), any::<u64>()).prop_map(|(connection, minute)| Name::Slot {
                tenant: connection.tenant().clone(),
                connection: connection.id(),
                minute,
            }),
            Just(Name::Gaps(Provider::Github)),
            delivery().prop_map(Name::Delivery),
        ]
    }

    proptest! {
        #[test]
        fn a_key_survives_its_text(name in name()) {
            prop_assert_eq!(Name::parse(&name.key()), Some(name));
        }

        #[test]
        fn no_text_makes_the_parser_fall_over(pk: String, sk: String) {
            prop_assert_eq!(Name::parse(&Key { pk, sk }), None);
        }
    }

    #[test]
    fn keys_written_differently_are_not_ours() {
        let key = |sk: &str| Key {
            pk: format!("TKT#ten_a#con_{}#1/2", "0".repeat(26)),
            sk: sk.to_owned(),
        };
        assert!(Name::parse(&key("RUN#implement##000001")).is_some());
        for bad in [
            "RUN#implement##1",
            "RUN#Deploy##000001",
            "RUN#implement##000001#",
            "run",
        ] {
            assert_eq!(Name::parse(&key(bad)), None, "{bad}");
        }
    }
}
