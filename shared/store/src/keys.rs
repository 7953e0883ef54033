//! Keys as types: each builds its text and reads it back, and nobody else formats one.
//!
//! ```text
//! pk                                        sk                                     what
//! TKT#<tenant>#<provider>#<repo>#<number>   RUN#<name>#<sequence>                  ticket, run, step and job in one
//!                                           EVT#<name>#<sequence>#<fence>#<first>  a batch of progress events
//!                                           FND#<name>#<sequence>                  findings
//!                                           BRF#<run id>                           what was asked, written once
//!                                           HLT                                    a request to stop that is in force
//!                                           ANS#<login>                            who was told once that they may not ask
//! LIM#<provider>#<installation>             ANS#<minute>                           the answer to a stranger in that minute
//! GAP#<provider>                            GAP                                    when lost deliveries were looked for
//! DLV#<provider>#<installation>#<id>        DLV                                    a delivery
//! ```

use std::fmt;

use domain::{
    DefinitionName, DeliveryKey, Fence, InstallationId, ItemNumber, Login, Provider, RepositoryId,
    RunId, RunKey, RunSequence, TicketKey,
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
    /// A run with its ticket, step and job.
    Run(RunKey),
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
    Brief(TicketKey, RunId),
    /// The newest request to stop.
    Stop(TicketKey),
    /// That a person was told once that they may not ask here.
    Answered(TicketKey, Login),
    /// That an installation has answered a stranger in that minute since 1970.
    Slot {
        /// The provider.
        provider: Provider,
        /// The installation.
        installation: InstallationId,
        /// The minute.
        minute: u64,
    },
    /// When what a provider could not bring was looked for.
    Gaps(Provider),
    /// A delivery.
    Delivery(DeliveryKey),
}

const RUN: &str = "RUN";
const EVENTS: &str = "EVT";
const FINDINGS: &str = "FND";
const BRIEF: &str = "BRF";
const STOP: &str = "HLT";
const ANSWERED: &str = "ANS";
const LIMIT: &str = "LIM";
const GAPS: &str = "GAP";
const DELIVERY: &str = "DLV";
const TICKET: &str = "TKT";

impl Name {
    /// The key's text.
    pub fn key(&self) -> Key {
        match self {
            Self::Run(run) => Key {
                pk: ticket_pk(&run.ticket),
                sk: run_sk(RUN, run),
            },
            Self::Events { run, fence, first } => Key {
                pk: ticket_pk(&run.ticket),
                sk: format!("{}{first:06}", events_prefix(run, *fence)),
            },
            Self::Findings(run) => Key {
                pk: ticket_pk(&run.ticket),
                sk: run_sk(FINDINGS, run),
            },
            Self::Brief(ticket, run) => Key {
                pk: ticket_pk(ticket),
                sk: format!("{BRIEF}#{run}"),
            },
            Self::Stop(ticket) => Key {
                pk: ticket_pk(ticket),
                sk: STOP.to_owned(),
            },
            // Logins are compared without regard to case.
            Self::Answered(ticket, login) => Key {
                pk: ticket_pk(ticket),
                sk: format!("{ANSWERED}#{}", login.as_str().to_ascii_lowercase()),
            },
            Self::Slot {
                provider,
                installation,
                minute,
            } => Key {
                pk: format!("{LIMIT}#{provider}#{installation}"),
                sk: format!("{ANSWERED}#{minute}"),
            },
            Self::Gaps(provider) => Key {
                pk: format!("{GAPS}#{provider}"),
                sk: GAPS.to_owned(),
            },
            Self::Delivery(key) => Key {
                pk: format!(
                    "{DELIVERY}#{}#{}#{}",
                    key.provider, key.installation, key.id
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
            ([DELIVERY, provider, installation, id], [DELIVERY]) => Self::Delivery(DeliveryKey {
                provider: parse_provider(provider)?,
                installation: InstallationId(installation.parse().ok()?),
                id: id.parse().ok()?,
            }),
            ([GAPS, provider], [GAPS]) => Self::Gaps(parse_provider(provider)?),
            ([LIMIT, provider, installation], [ANSWERED, minute]) => Self::Slot {
                provider: parse_provider(provider)?,
                installation: InstallationId(installation.parse().ok()?),
                minute: minute.parse().ok()?,
            },
            ([TICKET, rest @ ..], sk) => Self::under_ticket(parse_ticket(rest)?, sk)?,
            _ => return None,
        };
        // A key that reads well but is written differently, such as one with leading zeros, is not ours.
        (name.key() == *key).then_some(name)
    }

    fn under_ticket(ticket: TicketKey, sk: &[&str]) -> Option<Self> {
        match sk {
            [RUN, name, sequence] => Some(Self::Run(parse_run(ticket, name, sequence)?)),
            [FINDINGS, name, sequence] => Some(Self::Findings(parse_run(ticket, name, sequence)?)),
            [EVENTS, name, sequence, fence, first] => Some(Self::Events {
                run: parse_run(ticket, name, sequence)?,
                fence: Fence(fence.parse().ok()?),
                first: first.parse().ok()?,
            }),
            [STOP] => Some(Self::Stop(ticket)),
            [ANSWERED, login] => Some(Self::Answered(ticket, login.parse().ok()?)),
            [BRIEF, run] => Some(Self::Brief(ticket, run.parse().ok()?)),
            _ => None,
        }
    }
}

pub(crate) fn ticket_pk(ticket: &TicketKey) -> String {
    let TicketKey {
        tenant,
        provider,
        repository,
        number,
    } = ticket;
    format!("{TICKET}#{tenant}#{provider}#{repository}#{number}")
}

pub(crate) fn runs_prefix(name: DefinitionName) -> String {
    format!("{RUN}#{name}#")
}

pub(crate) fn events_prefix(run: &RunKey, fence: Fence) -> String {
    format!("{}#{:03}#", run_sk(EVENTS, run), fence.0)
}

fn run_sk(kind: &str, run: &RunKey) -> String {
    format!("{kind}#{}#{:06}", run.name, run.sequence)
}

fn parse_provider(text: &str) -> Option<Provider> {
    (text == "github").then_some(Provider::Github)
}

fn parse_ticket(parts: &[&str]) -> Option<TicketKey> {
    let [tenant, provider, repository, number] = parts else {
        return None;
    };
    Some(TicketKey {
        tenant: tenant.parse().ok()?,
        provider: parse_provider(provider)?,
        repository: RepositoryId(repository.parse().ok()?),
        number: ItemNumber(number.parse().ok()?),
    })
}

fn parse_run(ticket: TicketKey, name: &str, sequence: &str) -> Option<RunKey> {
    Some(RunKey {
        ticket,
        name: name.parse().ok()?,
        sequence: RunSequence(sequence.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn ticket() -> impl Strategy<Value = TicketKey> {
        ("ten_[a-z0-9-]{1,40}", any::<u64>(), any::<u64>()).prop_map(
            |(tenant, repository, number)| TicketKey {
                tenant: tenant.parse().unwrap(),
                provider: Provider::Github,
                repository: RepositoryId(repository),
                number: ItemNumber(number),
            },
        )
    }

    fn run() -> impl Strategy<Value = RunKey> {
        (
            ticket(),
            prop::sample::select(vec![
                DefinitionName::literal("implement"),
                DefinitionName::literal("ship-it"),
            ]),
            any::<u32>(),
        )
            .prop_map(|(ticket, name, n)| RunKey {
                ticket,
                name,
                sequence: RunSequence(n),
            })
    }

    fn delivery() -> impl Strategy<Value = DeliveryKey> {
        (any::<u64>(), "[!-\"$-~]{1,100}").prop_map(|(installation, id)| DeliveryKey {
            provider: Provider::Github,
            installation: InstallationId(installation),
            id: id.parse().unwrap(),
        })
    }

    fn name() -> impl Strategy<Value = Name> {
        prop_oneof![
            run().prop_map(Name::Run),
            run().prop_map(Name::Findings),
            (run(), any::<u32>(), any::<u32>()).prop_map(|(run, fence, first)| Name::Events {
                run,
                fence: Fence(fence),
                first
            }),
            (ticket(), any::<u64>()).prop_map(|(ticket, seed)| {
                let run = RunId::mint(Timestamp::UNIX_EPOCH, &SeededRandom::new(seed));
                Name::Brief(ticket, run)
            }),
            ticket().prop_map(Name::Stop),
            (ticket(), "[a-z0-9._\\[\\]-]{1,100}")
                .prop_map(|(ticket, login)| Name::Answered(ticket, login.parse().unwrap())),
            (any::<u64>(), any::<u64>()).prop_map(|(installation, minute)| Name::Slot {
                provider: Provider::Github,
                installation: InstallationId(installation),
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
            pk: "TKT#ten_a#github#1#2".to_owned(),
            sk: sk.to_owned(),
        };
        assert!(Name::parse(&key("RUN#implement#000001")).is_some());
        for bad in [
            "RUN#implement#1",
            "RUN#Deploy#000001",
            "RUN#implement#000001#",
            "run",
        ] {
            assert_eq!(Name::parse(&key(bad)), None, "{bad}");
        }
    }
}
