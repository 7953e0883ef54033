//! The words of the commit and the pull request.
//!
//! An agent wrote most of them, so nothing in them acts: no mention, no closing keyword, no HTML. The
//! lines that do act are ours.

use contract::worker::JobPayload;
use domain::{FailureKind, Fitted, Marker, Untrusted};
use github::Readiness;

use crate::{change::Refusal, conversation::Unread, git::TRAILER};

/// The most characters of a title, which is what git's own tools show without cutting.
const TITLE_LIMIT: usize = 72;
/// The most bytes of the agent's summary in a pull request.
const SUMMARY_LIMIT: usize = 20_000;
/// The most files that are named as left out.
const NAMES_LIMIT: usize = 20;

/// What came of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checks {
    /// The operator set none.
    None,
    /// They passed.
    Passed,
    /// They failed.
    Failed,
    /// The program that checks is not there.
    Missing,
}

/// What the daemon says about a change beside the agent's words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remarks<'a> {
    /// What came of the checks.
    pub(crate) checks: Checks,
    /// What is not in the change although the agent changed it.
    pub(crate) left_out: &'a [Refusal],
    /// What the agent was not told.
    pub(crate) unread: &'a Unread,
    /// Whether the pull request says itself that it is not to be merged yet.
    pub(crate) readiness: Readiness,
}

/// What of an agent's summary there is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Summary<'a> {
    /// The agent left none.
    None,
    /// All of it is held back.
    HeldBack,
    /// This, of which the first line was taken out.
    Untitled(&'a str),
    /// This, whose first line is the title if it can be one.
    Titled(&'a str),
}

/// What is said about a change.
#[derive(Clone, Debug)]
pub(crate) struct Proposal<'a> {
    payload: &'a JobPayload,
    title: String,
    subject: String,
    summary: Fitted,
    /// What stands in the summary's place where that says nothing.
    otherwise: &'static str,
}

impl<'a> Proposal<'a> {
    /// From the agent's summary, with the issue's title where that has none. Neither may hold a credential any more.
    pub(crate) fn new(payload: &'a JobPayload, issue: &str, summary: Summary<'_>) -> Self {
        let (text, otherwise) = match summary {
            Summary::None => ("", "The agent left no summary."),
            Summary::HeldBack => (
                "",
                "What the agent wrote about the change was held back, since it may hold what must not be public.",
            ),
            Summary::Untitled(text) | Summary::Titled(text) => {
                (text.trim(), "The agent left no more than a title.")
            }
        };
        let (first, rest) = match summary {
            Summary::Untitled(_) => ("", text),
            _ => text.split_once('\n').unwrap_or((text, "")),
        };
        let line = Untrusted::new(first.trim_start_matches('#'));
        let first = line.for_title();
        let fits = !first.is_empty() && first.chars().count() <= TITLE_LIMIT;
        let (title, subject, rest) = if fits {
            (first, line.for_commit(), rest)
        } else {
            let line = Untrusted::new(issue);
            let named = |line: String| issue_title(payload, &line);
            (named(line.for_title()), named(line.for_commit()), text)
        };
        Self {
            payload,
            title,
            subject,
            summary: Untrusted::new(rest.trim()).for_comment(SUMMARY_LIMIT),
            otherwise,
        }
    }

    /// The pull request's title.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// The commit's message.
    pub(crate) fn message(&self) -> String {
        let payload = self.payload;
        format!(
            "{}\n\nRefs #{}\n\n{TRAILER}: {}\nSwitchyard-Trace: {}\nRequested-by: {}\n",
            self.subject, payload.number, payload.run, payload.trace, payload.requester
        )
    }

    /// The pull request's text.
    pub(crate) fn body(&self, harness: &str, remarks: Remarks<'_>) -> String {
        let payload = self.payload;
        let checks = match remarks.checks {
            Checks::None => "No checks are set up for the daemon.",
            Checks::Passed => "The checks passed.",
            Checks::Failed => {
                "**The checks failed.** The change is here to be looked at and finished by hand."
            }
            Checks::Missing => {
                "**The checks could not run:** their program is not installed where the daemon runs."
            }
        };
        let draft = match remarks.readiness {
            Readiness::Draft => "",
            Readiness::Ordinary => {
                " This repository has no drafts, so this is an ordinary pull request: it is not meant to be merged \
                 before somebody has looked at it."
            }
        };
        let summary = match self.summary.text() {
            "" => self.otherwise,
            summary => summary,
        };
        let cut = if self.summary.was_cut() {
            "\n\n*The summary was longer and has been cut here.*"
        } else {
            ""
        };
        let left_out = left_out(remarks.left_out);
        let unread = remarks.unread.note();
        let unread = unread.map_or_else(String::new, |note| format!("{note}\n\n"));
        format!(
            "{summary}{cut}\n\n---\n\n{left_out}{unread}Closes #{}\n\nAsked for by {}; made by the agent `{harness}`. {checks}{draft}\n\
             Run `{}`.\n\n{}\n",
            payload.number,
            payload.requester,
            payload.run,
            Marker::Run(payload.run)
        )
    }
}

/// Says which files are not in the change and why, each as code, which no name can leave.
fn left_out(refusals: &[Refusal]) -> String {
    if refusals.is_empty() {
        return String::new();
    }
    let mut kinds: Vec<FailureKind> = Vec::new();
    for refusal in refusals {
        if !kinds.contains(&refusal.kind()) {
            kinds.push(refusal.kind());
        }
    }
    let of_kind = |kind: FailureKind| {
        let about = refusals.iter().filter(|refusal| refusal.kind() == kind);
        let names: Vec<String> = about.filter_map(Refusal::about).collect();
        let shown = names.iter().take(NAMES_LIMIT);
        let shown: Vec<String> = shown
            .map(|name| Untrusted::new(name.as_str()).for_code())
            .collect();
        let more = match names.len().saturating_sub(NAMES_LIMIT) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (reason, shown) = (kind.reason(), shown.join(", "));
        format!(" {reason} Left out: {shown}{more}.")
    };
    let words: String = kinds.into_iter().map(of_kind).collect();
    format!("**This is a part of the change.**{words}\n\n")
}

fn issue_title(payload: &JobPayload, title: &str) -> String {
    let short: String = title.chars().take(TITLE_LIMIT).collect();
    if short.trim().is_empty() {
        format!("Work on issue {}", payload.number)
    } else {
        short.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use testkit::IMPLEMENT;

    use super::*;
    use crate::{
        change::FileLimit,
        conversation::{Conversation, Part},
        testing::payload,
    };

    static ALL: Unread = Unread::NOTHING;

    fn remarks(checks: Checks, left_out: &[Refusal]) -> Remarks<'_> {
        Remarks {
            checks,
            left_out,
            unread: &ALL,
            readiness: Readiness::Draft,
        }
    }

    /// Every sentence that people see of a pull request, as they see it.
    #[test]
    fn every_pull_request_reads_well() {
        let payload = payload(IMPLEMENT);
        let left_out = [
            Refusal::Protected(".github/workflows/ci.yml".into()),
            Refusal::TooLarge("b".into(), FileLimit::Provider("100 MB".to_owned())),
        ];
        let silent = Conversation {
            comments: Part::Unread,
            pull: None,
        };
        let unread = silent.unread();
        let said = Summary::Titled("Say hello\n\nThe greeting was wrong.");
        let everything = Remarks {
            checks: Checks::Failed,
            left_out: &left_out,
            unread: &unread,
            readiness: Readiness::Ordinary,
        };
        let long = format!("Fix\n\n{}", "a line of a long log\n".repeat(2_000));
        let all = [
            (said, remarks(Checks::Passed, &[])),
            (said, everything),
            (Summary::None, remarks(Checks::None, &[])),
            (Summary::HeldBack, remarks(Checks::Missing, &[])),
            (Summary::Titled(&long), remarks(Checks::Passed, &[])),
        ];
        let texts = all.map(|(summary, remarks)| {
            let proposal = Proposal::new(&payload, &payload.title, summary);
            let body = proposal.body("command", remarks);
            let short = body.replace("a line of a long log\n", "");
            format!("{}\n\n{}\n{short}", proposal.title(), proposal.message())
        });
        insta::assert_snapshot!(texts.join("\n=====\n"));
    }

    #[test]
    fn what_is_left_out_and_what_a_repository_lacks_is_said() {
        let payload = payload(IMPLEMENT);
        let proposal = Proposal::new(&payload, &payload.title, Summary::None);
        let left_out = [Refusal::Protected("a`@ada\n.yml".into())];
        let body = proposal.body("command", remarks(Checks::Passed, &left_out));
        assert!(body.contains("Left out: ``a`@ada\u{FFFD}.yml``."), "{body}");
        let left_out = [
            Refusal::Protected("a".into()),
            Refusal::TooLarge("b".into(), FileLimit::Provider("100 MB".to_owned())),
            Refusal::Protected("c".into()),
        ];
        let body = proposal.body("command", remarks(Checks::Passed, &left_out));
        for said in ["Left out: `a`, `c`.", "Left out: `b (at most 100 MB)`."] {
            assert!(body.contains(said), "{body}");
        }
        let ordinary = Remarks {
            readiness: Readiness::Ordinary,
            ..remarks(Checks::Missing, &[])
        };
        let body = proposal.body("command", ordinary);
        assert!(
            body.contains("has no drafts") && body.contains("could not run"),
            "{body}"
        );
        assert!(!body.contains("Left out"), "{body}");
    }

    #[test]
    fn what_the_agent_was_not_told_is_said() {
        let payload = payload(IMPLEMENT);
        let proposal = Proposal::new(&payload, &payload.title, Summary::None);
        let silent = Conversation {
            comments: Part::Unread,
            pull: None,
        };
        let unread = silent.unread();
        let body = proposal.body(
            "command",
            Remarks {
                unread: &unread,
                ..remarks(Checks::None, &[])
            },
        );
        assert!(
            body.contains("\n\n**Not all was known:** GitHub did not let these be read: the comments.\n\nCloses #7"),
            "{body}"
        );
        let body = proposal.body("command", remarks(Checks::None, &[]));
        assert!(!body.contains("Not all was known"), "{body}");
    }

    #[test]
    fn the_agents_title_is_taken_if_it_is_one() {
        let payload = payload(IMPLEMENT);
        let proposal = Proposal::new(
            &payload,
            &payload.title,
            Summary::Titled("# Say hello\n\nThe greeting was wrong."),
        );
        assert_eq!(proposal.title(), "Say hello");
        assert_eq!(
            proposal.message(),
            format!(
                "Say hello\n\nRefs #7\n\nSwitchyard-Run: {}\nSwitchyard-Trace: {}\nRequested-by: ada\n",
                payload.run, payload.trace
            )
        );
        let long = "x".repeat(100);
        for summary in [
            Summary::None,
            Summary::HeldBack,
            Summary::Titled(""),
            Summary::Titled(&long),
            Summary::Untitled("Say hello\n\nThe greeting was wrong."),
        ] {
            assert_eq!(
                Proposal::new(&payload, &payload.title, summary).title(),
                "Greeting is wrong"
            );
        }
    }

    #[test]
    fn what_is_held_back_is_said_so_and_a_title_that_was_taken_out_is_not_replaced() {
        let payload = payload(IMPLEMENT);
        let body = |summary| {
            Proposal::new(&payload, &payload.title, summary)
                .body("command", remarks(Checks::None, &[]))
        };
        assert!(body(Summary::None).starts_with("The agent left no summary.\n"));
        assert!(
            body(Summary::HeldBack)
                .starts_with("What the agent wrote about the change was held back")
        );
        assert!(
            body(Summary::Titled("Say hello"))
                .starts_with("The agent left no more than a title.\n")
        );
        assert!(
            body(Summary::Untitled("# Why\n\nIt was wrong."))
                .starts_with("# Why\n\nIt was wrong.\n")
        );
    }

    #[test]
    fn nothing_the_agent_writes_acts() {
        let payload = payload(IMPLEMENT);
        let evil = "Fix\n\nCloses #1 @everyone <img src=x>\n<!-- switchyard:run=run_other -->";
        let body = Proposal::new(&payload, &payload.title, Summary::Titled(evil))
            .body("command", remarks(Checks::Failed, &[]));
        assert!(body.contains("Closes `#1` `@everyone` &lt;img"));
        assert_eq!(body.matches("<!--").count(), 1);
        assert!(body.contains("Closes #7") && body.contains("The checks failed."));
        assert!(body.contains(&format!("<!-- switchyard:run={} -->", payload.run)));
    }

    #[test]
    fn titles_are_plain_text() {
        let payload = payload(IMPLEMENT);
        let proposal = Proposal::new(
            &payload,
            &payload.title,
            Summary::Titled("Make Vec<T> | `Box<T>` of @types/node #1"),
        );
        assert_eq!(
            proposal.title(),
            "Make Vec<T> | `Box<T>` of @types/node # 1"
        );
        let subject = "Make Vec<T> | `Box<T>` of @ types/node # 1\n";
        assert!(proposal.message().starts_with(subject));
    }

    #[test]
    fn a_summary_reads_as_written_and_leaves_nothing_open() {
        let payload = payload(IMPLEMENT);
        let summary = "Fix\n\n# Why\n\n`Vec<T>` and `@types/node`:\n\n```rust\n#[derive(Debug)]";
        let body = Proposal::new(&payload, &payload.title, Summary::Titled(summary))
            .body("command", remarks(Checks::None, &[]));
        assert!(
            body.starts_with(
                "# Why\n\n`Vec<T>` and `@types/node`:\n\n```rust\n#[derive(Debug)]\n```\n\n---\n"
            ),
            "{body}"
        );
        let long = format!("Fix\n\n```\n{}", "a line of a long log\n".repeat(2_000));
        let body = Proposal::new(&payload, &payload.title, Summary::Titled(&long))
            .body("command", remarks(Checks::None, &[]));
        assert!(body.contains("\n```\n\n*The summary was longer"), "{body}");
    }

    #[test]
    fn a_title_without_words_still_is_one() {
        let mut payload = payload(IMPLEMENT);
        payload.title = "\u{200B}".to_owned();
        assert_eq!(
            Proposal::new(&payload, &payload.title, Summary::None).title(),
            "Work on issue 7"
        );
    }
}
