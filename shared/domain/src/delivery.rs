//! One inbound request and what became of it.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    CommitSha, DefinitionName, DeliveryKey, IdempotencyKey, ItemKind, MessageId, NearMiss, RunId,
    RunKey, Subject, TraceId,
};

/// A delivery's record: the verdict, and the trace of decisions that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its identity.
    pub key: DeliveryKey,
    /// The trace id of the whole way from here to the commit.
    pub trace: TraceId,
    /// When the webhook function accepted it.
    pub received_at: Timestamp,
    /// What became of it.
    pub verdict: Verdict,
    /// The decisions in their order, readable by the person who asked.
    pub steps: Vec<TraceStep>,
    /// When the scheduler looks at it: while it is interrupted, and while its answer has not been told.
    pub due_at: Option<Timestamp>,
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Processing stopped half-way; the scheduler sends it again.
    Interrupted {
        /// How often it has been tried.
        attempts: u32,
        /// Where to tell the person who asked if it is given up; none where that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply: Option<Box<Reply>>,
        /// What it was about to do. Whoever takes it up does that, and nothing else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        intent: Option<Box<Intent>>,
    },
    /// It starts the run at the place that it names, which is on record before the run is.
    Starting {
        /// The run.
        start: Box<Start>,
    },
    /// It waits for the slot of its definition on the subject.
    Waiting {
        /// The run that it will be, at the place that was taken when it began to wait.
        start: Box<Start>,
    },
    /// It stops the runs at these places, and has refused so many requests that waited.
    Stopping {
        /// The runs.
        runs: Vec<RunKey>,
        /// How many requests.
        waiting: u32,
    },
    /// It asks for nothing.
    Ignored,
    /// It asks for something that may not be done.
    Refused {
        /// Why.
        refusal: Refusal,
        /// Where to tell the person who asked; none where nobody is to be told.
        reply: Option<Box<Reply>>,
    },
    /// Its verified bytes could not be understood.
    Rejected,
    /// It was tried for as long as makes sense; an operator must look.
    Failed,
}

impl Verdict {
    /// The verdict in one word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Interrupted { .. } => "interrupted",
            Self::Starting { .. } => "starting",
            Self::Waiting { .. } => "waiting",
            Self::Stopping { .. } => "stopping",
            Self::Ignored => "ignored",
            Self::Refused { .. } => "refused",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }
}

/// A run that a delivery starts: where, and what was decided about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The place of the run.
    pub run: RunKey,
    /// Its id.
    pub id: RunId,
    /// The version of the definition.
    pub version: u32,
    /// The revision to work on, where it is a pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<CommitSha>,
}

/// What a delivery is about to do. It is on record before anything of it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "intent", rename_all = "snake_case")]
pub enum Intent {
    /// To start this run.
    Start(Box<Start>),
    /// To wait with it.
    Wait(Box<Start>),
    /// To stop these runs.
    Stop {
        /// The runs.
        runs: Vec<RunKey>,
        /// How many requests that waited it has refused.
        waiting: u32,
    },
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// The owner of the repository is not on the tenant's list.
    OwnerNotAllowed,
    /// The person may not write to the repository.
    PermissionTooLow,
    /// The definition does not apply to this kind of item.
    WrongItem {
        /// The definition.
        name: DefinitionName,
        /// The kind of item it was asked for on.
        kind: ItemKind,
    },
    /// A run of the same definition is already at work on the same item.
    AlreadyRunning {
        /// The definition.
        name: DefinitionName,
        /// The run that holds the place.
        run: Box<RunKey>,
    },
    /// There was nothing to stop.
    NothingToStop,
    /// It waited for its turn, and was stopped before it had one.
    Stopped,
    /// The start came late, and the same was asked for again since.
    AskedAgain {
        /// The definition.
        name: DefinitionName,
        /// The run of the later request.
        run: Box<RunKey>,
    },
    /// It was meant as a command, and is not one.
    NearMiss {
        /// What it comes close to.
        miss: NearMiss,
    },
    /// What happened cannot be mended by trying again; an operator must look.
    Broken,
    /// It was tried for as long as makes sense.
    GivenUp,
    /// The provider does not let the app see what it needs to decide.
    NoAccess,
}

/// Where to tell the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Where they asked.
    pub subject: Subject,
    /// What they said to ask, if they asked in a message.
    pub message: Option<MessageId>,
    /// The request, however it comes.
    pub request: IdempotencyKey,
    /// When they asked, by the provider's clock.
    pub asked_at: Timestamp,
    /// How much to say.
    #[serde(default)]
    pub say: Say,
}

/// How much to say to a person whose request is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Say {
    /// Why, in a comment.
    #[default]
    Words,
    /// Only a reaction: the person was told before, or too many others were.
    Sign,
}

impl Verdict {
    /// What is to be done, if that is on record.
    pub fn intent(&self) -> Option<Intent> {
        match self {
            Self::Starting { start } => Some(Intent::Start(start.clone())),
            Self::Waiting { start } => Some(Intent::Wait(start.clone())),
            Self::Stopping { runs, waiting } => Some(Intent::Stop {
                runs: runs.clone(),
                waiting: *waiting,
            }),
            Self::Interrupted { intent, .. } => intent.as_deref().cloned(),
            Self::Ignored | Self::Refused { .. } | Self::Rejected | Self::Failed => None,
        }
    }

    /// Whether a comment has to tell somebody about it.
    pub fn has_words(&self) -> bool {
        matches!(self, Self::Refused { reply: Some(reply), .. } if reply.say == Say::Words)
    }
}

impl Delivery {
    /// How long a person is tried to be told, and an interrupted delivery to be decided.
    pub const TRIED_FOR: SignedDuration = SignedDuration::from_hours(24);
    /// The longest that one attempt to decide is at work, and what clocks may differ by.
    const ATTEMPT: SignedDuration = SignedDuration::from_secs(60);
    /// How long the stream has to tell an answer before it is offered again.
    pub const FIRST_LOOK: SignedDuration = SignedDuration::from_secs(120);

    /// Whether an interrupted delivery is still tried, and when it is given up.
    ///
    /// Between the two lies the time of an attempt that began at the last moment: a request is never started
    /// and given up at once.
    pub fn trying(&self, now: Timestamp) -> Trying {
        let age = now.duration_since(self.received_at);
        if age <= Self::TRIED_FOR {
            Trying::Again
        } else if age <= Self::TRIED_FOR + Self::ATTEMPT {
            Trying::LastAttempt
        } else {
            Trying::GivenUp
        }
    }

    /// Brings a delivery whose answer has not been told up to date: it is tried again at growing gaps, and
    /// after a day no more.
    pub fn due_to_answer(&mut self, now: Timestamp) -> Answering {
        let age = now.duration_since(self.received_at);
        if !self.verdict.has_words() || age > Self::TRIED_FOR {
            self.due_at = None;
            return Answering::GivenUp;
        }
        self.due_at = Some(now + age.max(Self::FIRST_LOOK));
        Answering::Again
    }
}

/// What becomes of a delivery that is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trying {
    /// An attempt may begin.
    Again,
    /// No attempt begins any more, but one may still be at work.
    LastAttempt,
    /// No attempt is at work any more.
    GivenUp,
}

/// What becomes of an answer that has not been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// It is tried again.
    Again,
    /// Nobody can be told.
    GivenUp,
}

/// One decision on the way of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceStep {
    /// When it was taken.
    pub at: Timestamp,
    /// Which decision.
    pub step: StepName,
    /// What was decided, in a few words; never contents of the delivery.
    pub detail: String,
}

/// The decisions that a delivery passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// The signature held.
    Verified,
    /// The body was understood.
    Parsed,
    /// The first of its key, or not.
    Deduplicated,
    /// A command was found, or not.
    Matched,
    /// The sender may ask, or not.
    Permitted,
    /// One unfinished run per definition and item.
    Capped,
    /// The run has its place.
    Started,
    /// It waits behind another one.
    Queued,
    /// Something outside failed; it is tried again.
    Interrupted,
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verified => "verified",
            Self::Parsed => "parsed",
            Self::Deduplicated => "deduplicated",
            Self::Matched => "matched",
            Self::Permitted => "permitted",
            Self::Capped => "capped",
            Self::Started => "started",
            Self::Queued => "queued",
            Self::Interrupted => "interrupted",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SeededRandom, run_head::tests::head};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn refused(say: Say) -> Delivery {
        let subject = head().subject().clone();
        let key = DeliveryKey::by(subject.connection(), "guid".parse().unwrap());
        let reply = Reply {
            subject,
            message: None,
            request: "label/1".parse().unwrap(),
            asked_at: at(0),
            say,
        };
        Delivery {
            key,
            trace: TraceId::mint(&SeededRandom::new(1)),
            received_at: at(0),
            verdict: Verdict::Refused {
                refusal: Refusal::NothingToStop,
                reply: Some(Box::new(reply)),
            },
            steps: Vec::new(),
            due_at: Some(at(120)),
        }
    }

    #[test]
    fn an_answer_is_tried_for_a_day_at_growing_gaps() {
        let mut delivery = refused(Say::Words);
        let mut looks = 0;
        while let Some(due) = delivery.due_at {
            looks += 1;
            let answering = delivery.due_to_answer(due);
            let gap = delivery.due_at.map(|next| next.duration_since(due));
            match answering {
                Answering::Again => {
                    assert!(gap.unwrap() >= due.duration_since(at(0)).min(Delivery::FIRST_LOOK));
                }
                Answering::GivenUp => assert!(due > at(24 * 3600)),
            }
        }
        assert!((8..15).contains(&looks), "{looks}");
    }

    #[test]
    fn no_attempt_begins_while_a_delivery_may_be_given_up() {
        let delivery = refused(Say::Words);
        let day = 24 * 3600;
        let expected = [
            (day, Trying::Again),
            (day + 1, Trying::LastAttempt),
            (day + 60, Trying::LastAttempt),
            (day + 61, Trying::GivenUp),
        ];
        for (second, trying) in expected {
            assert_eq!(delivery.trying(at(second)), trying, "{second}");
        }
    }

    #[test]
    fn where_nothing_is_to_be_said_nothing_is_due() {
        let mut delivery = refused(Say::Sign);
        assert_eq!(delivery.due_to_answer(at(1)), Answering::GivenUp);
        assert_eq!(delivery.due_at, None);
    }
}
