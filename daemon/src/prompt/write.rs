//! What people said as the text of a prompt.

use std::fmt::{Display, Write as _};

use domain::Login;
use jiff::Timestamp;

use super::{
    fit::Piece,
    said::{Change, Comment, Listed, OfPull, ReviewSaid, Role, Said, ThreadSaid},
};

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

    /// The request and what was said last come last.
    pub(super) fn write(&mut self, said: &Said) {
        self.part("Title", &said.title);
        self.part("Text", &said.body);
        if let Some(pull) = &said.pull_request {
            self.pull(pull);
        }
        self.list("comments", &said.comments, Self::comment);
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
        let (who, at) = (name(comment.author.as_ref()), time(comment.at));
        match comment.role {
            Role::Talk => self.part(format_args!("Comment by {who}, {at}"), &comment.text),
            Role::Earlier => self.part(
                format_args!("Comment by {who}, {at}, on an earlier request"),
                &comment.text,
            ),
            Role::Request => self.part(
                format_args!("Comment by {who}, {at}, which is the request"),
                &comment.text,
            ),
        }
    }

    fn review(&mut self, review: &ReviewSaid) {
        let (who, at) = (name(review.author.as_ref()), time(review.at));
        let heading = format!("Review by {who}, {at}, which {}", review.verdict);
        if review.text.is_empty() {
            self.line(heading);
        } else {
            self.part(heading, &review.text);
        }
    }

    fn thread(&mut self, thread: &ThreadSaid) {
        let path = &thread.path;
        match (thread.line, thread.outdated) {
            (None, _) => self.line(format_args!("Comments on the file {path}")),
            (Some(line), false) => self.line(format_args!("Comments on line {line} of {path}")),
            (Some(line), true) => self.line(format_args!(
                "Comments on what was line {line} of {path} and was changed since"
            )),
        }
        self.pieces("of these comments", &thread.comments, |writer, comment| {
            let (who, at) = (name(comment.author.as_ref()), time(comment.at));
            writer.part(format_args!("{who}, {at}"), &comment.text);
        });
    }

    fn part(&mut self, heading: impl Display, text: &str) {
        if !text.trim().is_empty() {
            self.line(format_args!("{heading}:"));
            self.out.push_str(text.trim_end());
            self.out.push('\n');
        }
    }

    fn line(&mut self, words: impl Display) {
        // Writing to a string cannot fail.
        writeln!(self.out, "\n{} {words}", self.mark).ok();
    }
}

fn name(author: Option<&Login>) -> &str {
    author.map_or("an account that is gone", Login::as_str)
}

fn time(at: Timestamp) -> impl Display {
    at.strftime("%Y-%m-%d %H:%M UTC")
}
