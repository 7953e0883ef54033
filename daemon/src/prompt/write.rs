//! What people said as the text of a prompt.

use std::fmt::{self, Display, Write as _};

use domain::{Login, Standing};

use super::{
    fit::Piece,
    said::{Byline, Change, Comment, Listed, OfPull, ReviewSaid, Role, Said, ThreadSaid},
    writer::{Moment, Relation},
};

/// The most characters of a file's path that are shown: its end says most.
const PATH: usize = 100;

/// Writes a prompt. Every line of ours begins with a mark that nobody outside can know.
pub(super) struct Writer<'a> {
    mark: &'a str,
    out: String,
}

impl<'a> Writer<'a> {
    pub(super) fn new(mark: &'a str) -> Self {
        Self {
            mark,
            out: String::new(),
        }
    }

    /// What was written.
    pub(super) fn text(&self) -> &str {
        &self.out
    }

    /// The comments come last, and what was asked for among the newest of them.
    pub(super) fn write(&mut self, said: &Said) {
        self.part("Title", &said.title);
        self.part("Text", &said.body);
        if let Some(pull) = &said.pull_request {
            self.pull(pull);
        }
        self.list("comments", &said.comments, Self::comment);
        if said.late > 0 {
            self.line(format_args!(
                "{} of what others said was written or changed after the request, and is not told",
                said.late
            ));
        }
        if let Some(request) = &said.request {
            self.part("Request", request);
        }
    }

    fn pull(&mut self, pull: &OfPull) {
        match &pull.diff {
            Change::Text(diff) => self.part("What it changes", diff),
            Change::TooLarge => {
                self.line("What it changes is too large to be shown here; look at it with git");
            }
            Change::Unread => {
                self.line("What it changes could not be read; look at it with git");
            }
        }
        self.list("reviews", &pull.reviews, Self::review);
        self.list("comments on lines", &pull.threads, Self::thread);
    }

    fn list<E>(&mut self, what: &str, listed: &Listed<E>, write: impl Fn(&mut Self, &E)) {
        match listed {
            Listed::Unread => self.line(format_args!("The {what} could not be read")),
            Listed::Entries(pieces) => self.pieces(what, pieces, write),
        }
    }

    fn pieces<E>(&mut self, what: &str, pieces: &[Piece<E>], write: impl Fn(&mut Self, &E)) {
        for piece in pieces {
            match piece {
                Piece::Entry(entry) => write(self, entry),
                Piece::LeftOut { left_out } => self.line(format_args!(
                    "{left_out} {what} are left out here; more is in the file that SWITCHYARD_CONTEXT names"
                )),
            }
        }
    }

    fn comment(&mut self, comment: &Comment) {
        let (by, text) = (&comment.by, &comment.text);
        let said = said(by.moment);
        match comment.role {
            Role::Talk => self.part(format_args!("Comment by {by}{said}"), text),
            Role::Earlier => self.part(
                format_args!("Comment by {by}, on an earlier request{said}"),
                text,
            ),
            Role::Request => self.part(format_args!("Comment by {by}, which is the request"), text),
        }
    }

    fn review(&mut self, review: &ReviewSaid) {
        let said = said(review.by.moment);
        let heading = format!("Review by {}, which {}{said}", review.by, review.verdict);
        if review.text.is_empty() {
            self.line(heading);
        } else {
            self.part(heading, &review.text);
        }
    }

    fn thread(&mut self, thread: &ThreadSaid) {
        match (thread.line, thread.outdated) {
            (None, _) => self.line("Comments on a file"),
            (Some(line), false) => self.line(format_args!("Comments on line {line} of a file")),
            (Some(line), true) => self.line(format_args!(
                "Comments on what was line {line} of a file and was changed since"
            )),
        }
        self.named(&thread.path);
        self.pieces("of these comments", &thread.comments, |writer, comment| {
            let said = said(comment.by.moment);
            writer.part(format_args!("{}{said}", comment.by), &comment.text);
        });
    }

    /// The name of the file, in a line that is not ours: people chose it.
    fn named(&mut self, path: &str) {
        let surplus = path.chars().count().saturating_sub(PATH);
        let shown: String = path.chars().skip(surplus).collect();
        let cut = if surplus > 0 { "…" } else { "" };
        let name = serde_json::Value::from(format!("{cut}{shown}"));
        // Writing to a string cannot fail.
        writeln!(self.out, "{name}").ok();
    }

    fn part(&mut self, heading: impl Display, text: &str) {
        if !text.trim().is_empty() {
            self.line(format_args!("{heading}:"));
            self.out.push_str(text.trim_end());
            self.out.push('\n');
        }
    }

    /// A line of ours. Nothing that people wrote may be in it but a login, whose letters are none of a sentence.
    fn line(&mut self, words: impl Display) {
        // Writing to a string cannot fail.
        writeln!(self.out, "\n{} {words}", self.mark).ok();
    }
}

impl Display for Byline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.author.as_ref();
        let name = name.map_or("an account that is gone", Login::as_str);
        let relation = relation(self.relation);
        let at = self.at.strftime("%Y-%m-%d %H:%M UTC");
        write!(f, "{name} ({relation}), {at}")
    }
}

const fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Requester => "who asked",
        Relation::Bot => "this bot",
        Relation::Other(Standing::Owner) => "owner",
        Relation::Other(Standing::Member) => "member",
        Relation::Other(Standing::Collaborator) => "collaborator",
        Relation::Other(Standing::Contributor) => "contributor",
        Relation::Other(Standing::Stranger) => "no part of the repository",
        Relation::Other(Standing::Unknown) => "unknown",
    }
}

const fn said(moment: Moment) -> &'static str {
    match moment {
        Moment::Before => "",
        Moment::ChangedAfter => ", changed after the request",
        Moment::After => ", said after the request",
    }
}
