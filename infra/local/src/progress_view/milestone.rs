//! The milestones of a run, as a person wants to see them.

use domain::{Stage, clip};
use jiff::SignedDuration;

use super::layout::{Sign, View};
use crate::daemons::DaemonEvent;

/// The most bytes that are shown of a text of any length.
const TEXT_LIMIT: usize = 400;

/// Something that happened. Its texts may come from anybody.
#[derive(Clone, Debug)]
pub(crate) enum Milestone {
    /// A repository was made.
    RepositoryCreated {
        /// Owner and name.
        name: String,
        /// Its page.
        url: String,
    },
    /// Somebody opened an issue.
    IssueOpened {
        /// Its number.
        number: u64,
        /// Its title.
        title: String,
        /// Its page.
        url: String,
    },
    /// Somebody wrote a comment.
    CommentWritten {
        /// Who.
        author: String,
        /// What.
        text: String,
        /// Where.
        url: String,
    },
    /// A webhook was answered.
    DeliveryVerified {
        /// The delivery's id.
        delivery: String,
        /// What it is about.
        event: String,
        /// The status of the answer; a 2xx says that the delivery is kept.
        status_code: u16,
        /// How long the answer took, in milliseconds.
        millis: u64,
    },
    /// It was decided what a delivery means.
    Decision {
        /// Each decision on the way, and its reason.
        steps: Vec<(String, String)>,
        /// What came of it.
        verdict: String,
    },
    /// A job waits for a daemon.
    JobQueued {
        /// Its run.
        run: String,
        /// Its id.
        job: String,
    },
    /// A daemon took the job.
    Claimed {
        /// Which.
        daemon: String,
        /// How often the job has been taken.
        attempt: u32,
    },
    /// The daemon or its agent came further.
    Step {
        /// At which stage.
        stage: Stage,
        /// What is done.
        text: String,
    },
    /// A draft pull request was opened.
    PullRequestOpened {
        /// Its number.
        number: u64,
        /// Its title, if known.
        title: Option<String>,
        /// The branch it is to merge.
        branch: String,
        /// Its page, if known.
        url: Option<String>,
    },
    /// The tracking comment shows the end.
    CommentFinished {
        /// Where, if known.
        url: Option<String>,
        /// The state it shows.
        state: String,
    },
    /// Which agent will do the work.
    Agent {
        /// As a person knows it.
        agent: String,
        /// What holds it.
        sandbox: String,
    },
    /// Something about the daemon itself.
    Daemon(DaemonEvent),
    /// The run ended.
    Finished {
        /// How: a state, and if it is not a good one `: ` and the reason.
        outcome: String,
        /// How long it took.
        duration: SignedDuration,
    },
}

impl Milestone {
    pub(super) fn view(&self) -> View {
        match self {
            Self::RepositoryCreated { name, url } => {
                View::new(Sign::Person, "repository", short(name)).link(Some(url))
            }
            Self::IssueOpened { number, title, url } => {
                View::new(Sign::Person, "issue", format!("#{number} {}", short(title)))
                    .link(Some(url))
            }
            Self::CommentWritten { author, text, url } => View::new(
                Sign::Person,
                "comment",
                format!("{author}: {}", short(text)),
            )
            .link(Some(url)),
            Self::DeliveryVerified {
                delivery,
                event,
                status_code,
                millis,
            } => verified(delivery, event, *status_code, *millis),
            Self::Decision { steps, verdict } => {
                View::new(Sign::System, "decision", verdict).list(steps)
            }
            Self::JobQueued { run, job } => {
                let list = [("run", run), ("job", job)];
                let list = list.map(|(name, id)| (name.to_owned(), id.clone()));
                View::new(Sign::System, "queue", "a job waits for a daemon").list(&list)
            }
            Self::Claimed { daemon, attempt } => {
                let again = if *attempt > 1 {
                    format!(" (attempt {attempt})")
                } else {
                    String::new()
                };
                View::new(
                    Sign::System,
                    "daemon",
                    format!("{daemon} takes the job{again}"),
                )
            }
            Self::Step { stage, text } => View::new(Sign::Work, stage.to_string(), short(text)),
            Self::PullRequestOpened {
                number,
                title,
                branch,
                url,
            } => {
                let title = title.as_deref().map(|title| format!(" {},", short(title)));
                let title = title.unwrap_or_default();
                let detail = format!("#{number}{title} a draft, from {branch}");
                View::new(Sign::Done, "pull request", detail).link(url.as_deref())
            }
            Self::CommentFinished { url, state } => {
                let detail = format!("the tracking comment says: {}", short(state));
                View::new(sign(state), "comment", detail).link(url.as_deref())
            }
            Self::Agent { agent, sandbox } => {
                let list = [("sandbox".to_owned(), sandbox.clone())];
                View::new(Sign::System, "agent", agent).list(&list)
            }
            Self::Daemon(event) => {
                let sign = match event {
                    DaemonEvent::Ended { .. } => Sign::Failed,
                    DaemonEvent::Ending { .. } | DaemonEvent::Gone => Sign::System,
                };
                View::new(sign, "daemon", event.to_string())
            }
            Self::Finished { outcome, duration } => finished(outcome, *duration),
        }
    }
}

fn verified(delivery: &str, event: &str, status_code: u16, millis: u64) -> View {
    let list = [("delivery".to_owned(), delivery.to_owned())];
    let (sign, verb) = match status_code {
        200..=299 => (Sign::Done, "verified and kept"),
        _ => (Sign::Failed, "not taken"),
    };
    let detail = format!("{event} {verb}: {status_code} after {millis} ms");
    View::new(sign, "webhook", detail).list(&list)
}

fn finished(outcome: &str, duration: SignedDuration) -> View {
    let (state, reason) = outcome.split_once(": ").unwrap_or((outcome, ""));
    let colon = if reason.is_empty() { "" } else { ": " };
    let detail = format!("{state} after {}{colon}{reason}", spoken(duration));
    View::new(sign(state), "run", detail)
}

fn sign(state: &str) -> Sign {
    if state == "succeeded" {
        Sign::Done
    } else {
        Sign::Failed
    }
}

fn short(text: &str) -> String {
    let shown = clip(text, TEXT_LIMIT);
    if shown.len() < text.len() {
        format!("{shown}…")
    } else {
        shown.to_owned()
    }
}

/// A duration in the units a person would use.
fn spoken(duration: SignedDuration) -> String {
    let tenths = duration.as_millis().max(0) / 100;
    if tenths < 600 {
        format!("{}.{} s", tenths / 10, tenths % 10)
    } else {
        format!("{} min {:02} s", tenths / 600, tenths / 10 % 60)
    }
}
