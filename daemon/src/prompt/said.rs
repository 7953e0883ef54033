//! What people said, without what no reader sees, and cut to what fits.

use contract::worker::JobPayload;
use domain::{
    CommitSha, Excerpt, IssueComment, Line, Login, Place, Review, ReviewComment, ReviewVerdict,
    Thread, Untrusted, clip,
};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    fit::{Ends, Made, Piece, fit},
    limits::Limits,
    pages::Pages,
    writer::{Entry, Moment, Relation, late},
};
use crate::conversation::{Conversation, Diff, Part, PullTalk, is_upkeep};

/// What an entry takes beside its text: who wrote it, and when.
const HEADING: usize = 200;
/// The most bytes of a file's path.
const PATH: usize = 512;

/// Everything that people outside said.
#[derive(Debug, Serialize)]
pub(crate) struct Said {
    /// Title and text stand with the job.
    #[serde(skip)]
    pub(super) title: String,
    #[serde(skip)]
    pub(super) body: String,
    /// The comment that asked, if it is not among the comments.
    #[serde(skip)]
    pub(super) request: Option<String>,
    /// The comment that asked, wherever it stands.
    #[serde(skip)]
    asked: Option<String>,
    pub(super) comments: Listed<Comment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pull_request: Option<OfPull>,
    /// How many entries are not told because they were written or changed after the request.
    pub(super) late: usize,
}

/// What there is of a pull request alone.
#[derive(Debug, Serialize)]
pub(super) struct OfPull {
    /// Its newest commit, if that is not the one to work on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) moved_to: Option<CommitSha>,
    pub(super) diff: Change,
    pub(super) reviews: Listed<ReviewSaid>,
    pub(super) threads: Listed<ThreadSaid>,
}

/// A list, oldest first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Listed<E> {
    Entries(Vec<Piece<E>>),
    Unread,
}

/// A change, as a diff.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    Text(String),
    TooLarge,
    Unread,
}

/// Who wrote an entry, and when.
#[derive(Debug, Serialize)]
pub(super) struct Byline {
    pub(super) author: Option<Login>,
    pub(super) relation: Relation,
    pub(super) at: Timestamp,
    pub(super) moment: Moment,
}

#[derive(Debug, Serialize)]
pub(super) struct Comment {
    #[serde(flatten)]
    pub(super) by: Byline,
    pub(super) role: Role,
    pub(super) text: String,
}

/// What a comment is to the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// It asked for the job.
    Request,
    /// It is what came of an earlier job.
    Earlier,
    /// Any other.
    Talk,
}

#[derive(Debug, Serialize)]
pub(super) struct ReviewSaid {
    #[serde(flatten)]
    pub(super) by: Byline,
    pub(super) verdict: &'static str,
    pub(super) text: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ThreadSaid {
    pub(super) path: String,
    pub(super) line: Option<u64>,
    /// Whether the line has been changed since it was written about.
    pub(super) outdated: bool,
    pub(super) comments: Vec<Piece<Comment>>,
}

impl Said {
    /// The title.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// The text of the issue or pull request.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// The comment that asked.
    pub(crate) fn asked(&self) -> Option<&str> {
        self.asked.as_deref()
    }

    /// The newest commit of the pull request, if that is not the one to work on.
    pub(crate) fn moved_to(&self) -> Option<&CommitSha> {
        self.pull_request.as_ref()?.moved_to.as_ref()
    }
}

/// What people said about what `payload` is about, within `limits`.
pub(crate) fn said<'a>(
    payload: &'a JobPayload,
    conversation: &'a Conversation,
    pages: &Pages<'a>,
    limits: &Limits,
) -> Said {
    let cutter = Cutter {
        payload,
        pages,
        limits,
    };
    let asked = payload.request.as_deref();
    let title = clip(&payload.title, limits.title);
    let title = Untrusted::new(title).for_prompt_verbatim();
    let talk = &conversation.pull;
    Said {
        title: clip(&title, limits.title).to_owned(),
        body: cutter.text(&payload.body, limits.body),
        request: cutter.request(&conversation.comments),
        asked: asked.map(|asked| cutter.text(asked, limits.request)),
        comments: listed(&conversation.comments, |all| cutter.comments(all)),
        pull_request: talk.as_ref().map(|talk| cutter.of_pull(talk)),
        late: late(payload, conversation),
    }
}

struct Cutter<'a, 'c> {
    payload: &'a JobPayload,
    pages: &'c Pages<'a>,
    limits: &'c Limits,
}

fn listed<'a, T, E>(part: &'a Part<T>, list: impl Fn(&'a T) -> Vec<Piece<E>>) -> Listed<E> {
    match part {
        Part::Read(all) => Listed::Entries(list(all)),
        Part::Unread => Listed::Unread,
    }
}

impl<'a> Cutter<'a, '_> {
    /// Markdown as a reader of the page sees it.
    fn text(&self, text: &'a str, limit: usize) -> String {
        Ends::of(&self.pages.of(text), limit).with(|bytes| self.note(bytes))
    }

    fn note(&self, bytes: usize) -> String {
        format!("({bytes} bytes are left out here{})", self.limits.more)
    }

    fn by(&self, author: Option<&Login>, at: Timestamp, entry: Entry<'_>) -> Byline {
        Byline {
            author: author.cloned(),
            relation: entry.relation(self.payload),
            at,
            moment: entry.moment(self.payload),
        }
    }

    fn is_late<'e>(&self, entry: impl Into<Entry<'e>>) -> bool {
        entry.into().is_late(self.payload)
    }

    fn is_request(&self, comment: &IssueComment) -> bool {
        self.payload.comment == Some(comment.id)
    }

    /// The comment that asked, if it is not among `comments`.
    fn request(&self, comments: &'a Part<Excerpt<IssueComment>>) -> Option<String> {
        let request = self.payload.request.as_deref()?;
        if comments.entries().any(|comment| self.is_request(comment)) {
            return None;
        }
        Some(self.text(request, self.limits.request))
    }

    fn comments(&self, all: &'a Excerpt<IssueComment>) -> Vec<Piece<Comment>> {
        let is_request = |comment: &IssueComment| self.is_request(comment);
        fit(all, self.limits.comments, is_request, |one| {
            self.comment(one)
        })
    }

    /// The request is told as it was decided on, whatever became of the comment.
    fn comment(&self, comment: &'a IssueComment) -> Option<Made<Comment>> {
        if self.is_late(comment) || is_upkeep(comment, self.payload) {
            return None;
        }
        let (role, text) = match &self.payload.request {
            Some(request) if self.is_request(comment) => {
                (Role::Request, self.text(request, self.limits.request))
            }
            _ => {
                let text = self.text(&comment.text, self.limits.entry);
                (self.role(comment), text)
            }
        };
        made(Comment {
            by: self.by(comment.author.as_ref(), comment.at, comment.into()),
            role,
            text,
        })
    }

    fn role(&self, comment: &IssueComment) -> Role {
        let own = |author: &Login| author.same_account(&self.payload.bot);
        if comment.author.as_ref().is_some_and(own) {
            Role::Earlier
        } else {
            Role::Talk
        }
    }

    fn of_pull(&self, talk: &'a PullTalk) -> OfPull {
        OfPull {
            moved_to: talk.moved_to.clone(),
            diff: self.change(&talk.diff),
            reviews: listed(&talk.reviews, |all| {
                fit(all, self.limits.reviews, |_| false, |one| self.review(one))
            }),
            threads: listed(&talk.threads, |all| {
                fit(all, self.limits.threads, |_| false, |one| self.thread(one))
            }),
        }
    }

    fn change(&self, diff: &Part<Diff>) -> Change {
        match diff {
            Part::Read(Diff::Text(text)) => {
                let clean = |part: &str| Untrusted::new(part).for_prompt_verbatim();
                let ends = Ends::of(text, self.limits.diff);
                Change::Text(ends.changed(clean, |bytes| self.note(bytes)))
            }
            Part::Read(Diff::TooLarge) => Change::TooLarge,
            Part::Unread => Change::Unread,
        }
    }

    /// A review that says nothing and decides nothing only holds comments on lines.
    fn review(&self, review: &'a Review) -> Option<Made<ReviewSaid>> {
        if self.is_late(review) {
            return None;
        }
        let text = self.text(&review.text, self.limits.entry);
        if text.is_empty() && review.verdict == ReviewVerdict::Commented {
            return None;
        }
        Some(Made {
            length: text.len() + HEADING,
            entry: ReviewSaid {
                by: self.by(review.author.as_ref(), review.at, review.into()),
                verdict: verdict(review.verdict),
                text,
            },
        })
    }

    fn remark(&self, remark: &'a ReviewComment) -> Option<Made<Comment>> {
        if self.is_late(remark) {
            return None;
        }
        made(Comment {
            by: self.by(remark.author.as_ref(), remark.at, remark.into()),
            role: Role::Talk,
            text: self.text(&remark.text, self.limits.entry),
        })
    }

    fn thread(&self, thread: &'a Thread) -> Option<Made<ThreadSaid>> {
        let all: Excerpt<&'a ReviewComment> = Excerpt::whole(thread.comments().iter().collect());
        let said = |one: &&'a ReviewComment| self.remark(one);
        let comments = fit(&all, self.limits.thread, |_| false, said);
        let Place { path, line } = thread.place();
        let (line, outdated) = match *line {
            Line::At(line) => (Some(line), false),
            Line::Outdated(line) => (Some(line), true),
            Line::Whole => (None, false),
        };
        let path = Untrusted::new(clip(path, PATH)).for_prompt_verbatim();
        let length: usize = comments.iter().map(length).sum();
        (!comments.is_empty()).then(|| Made {
            length: length + path.len() + HEADING,
            entry: ThreadSaid {
                path,
                line,
                outdated,
                comments,
            },
        })
    }
}

fn made(comment: Comment) -> Option<Made<Comment>> {
    (!comment.text.is_empty()).then(|| Made {
        length: comment.text.len() + HEADING,
        entry: comment,
    })
}

fn length(piece: &Piece<Comment>) -> usize {
    match piece {
        Piece::Entry(comment) => comment.text.len() + HEADING,
        Piece::LeftOut { .. } => HEADING,
    }
}

const fn verdict(verdict: ReviewVerdict) -> &'static str {
    match verdict {
        ReviewVerdict::Approved => "approves",
        ReviewVerdict::ChangesRequested => "asks for changes",
        ReviewVerdict::Commented => "comments",
        ReviewVerdict::Dismissed => "was dismissed",
    }
}
