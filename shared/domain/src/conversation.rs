//! What people have said about an issue or a pull request. All texts are untrusted.

use jiff::Timestamp;

use crate::{Login, MessageId, ReviewCommentId};

/// A list, oldest first, of which a part in the middle may be missing because it is too long to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt<T> {
    beginning: Vec<T>,
    left_out: usize,
    newest: Vec<T>,
}

impl<T> Excerpt<T> {
    /// A list that begins with `beginning`, goes on with `left_out` entries that nobody read, and ends with `newest`.
    pub const fn new(beginning: Vec<T>, left_out: usize, newest: Vec<T>) -> Self {
        Self {
            beginning,
            left_out,
            newest,
        }
    }

    /// A list of which all is there.
    pub const fn whole(entries: Vec<T>) -> Self {
        Self::new(entries, 0, Vec::new())
    }

    /// How many entries are missing.
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    /// The entries before those that are missing.
    pub fn beginning(&self) -> &[T] {
        &self.beginning
    }

    /// The entries after those that are missing.
    pub fn newest(&self) -> &[T] {
        &self.newest
    }

    /// The same list of what `change` makes of the entries it keeps.
    pub fn filter_map<U>(self, change: impl Fn(T) -> Option<U>) -> Excerpt<U> {
        Excerpt {
            beginning: self.beginning.into_iter().filter_map(&change).collect(),
            left_out: self.left_out,
            newest: self.newest.into_iter().filter_map(&change).collect(),
        }
    }
}

/// What a writer is to the repository, as the provider tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The repository is theirs.
    Owner,
    /// They belong to the organisation that has it.
    Member,
    /// They were invited to it.
    Collaborator,
    /// A change of theirs is in it.
    Contributor,
    /// Nothing.
    Stranger,
    /// The provider does not say, or says something new.
    Unknown,
}

/// A comment on an issue or a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueComment {
    /// Its id.
    pub id: MessageId,
    /// Who wrote it; none if the account is gone.
    pub author: Option<Login>,
    /// What they are to the repository.
    pub standing: Standing,
    /// When it was written.
    pub at: Timestamp,
    /// When it was changed last; the same if it never was.
    pub changed: Timestamp,
    /// What it says, as Markdown.
    pub text: String,
}

/// A review of a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Who reviewed; none if the account is gone.
    pub author: Option<Login>,
    /// What they are to the repository.
    pub standing: Standing,
    /// When it was submitted. When it was changed the provider does not tell.
    pub at: Timestamp,
    /// What it came to.
    pub verdict: ReviewVerdict,
    /// What it says about the whole, as Markdown; often nothing.
    pub text: String,
}

/// What a review came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewVerdict {
    /// The change may be merged.
    Approved,
    /// It may not be merged as it is.
    ChangesRequested,
    /// Neither.
    Commented,
    /// It does not count any more.
    Dismissed,
}

/// A comment on lines of a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewComment {
    /// Its number.
    pub id: ReviewCommentId,
    /// The first comment of its thread; none if it is that one.
    pub answers: Option<ReviewCommentId>,
    /// Who wrote it; none if the account is gone.
    pub author: Option<Login>,
    /// What they are to the repository.
    pub standing: Standing,
    /// When it was written.
    pub at: Timestamp,
    /// When it was changed last; the same if it never was.
    pub changed: Timestamp,
    /// What it is about.
    pub place: Place,
    /// What it says, as Markdown.
    pub text: String,
}

/// What a comment on lines is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, by its path in the repository. Names of files hold whatever their authors like.
    pub path: String,
    /// Where in it.
    pub line: Line,
}

/// Where in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// At this line of the newest commit.
    At(u64),
    /// At this line of the commit that it was written about; it has been changed since.
    Outdated(u64),
    /// Nowhere: the whole file is meant.
    Whole,
}

/// Comments on the same lines that answer one another, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    place: Place,
    comments: Vec<ReviewComment>,
}

impl Thread {
    /// What it is about.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// Its comments; never none.
    pub fn comments(&self) -> &[ReviewComment] {
        &self.comments
    }

    /// The threads of `comments`, in the order in which they began. A comment whose thread's beginning was not read
    /// begins one itself.
    pub fn gather(comments: Excerpt<ReviewComment>) -> Excerpt<Self> {
        let beginning = join(Vec::new(), comments.beginning);
        let before = beginning.len();
        let mut all = join(beginning, comments.newest);
        let newest = all.split_off(before);
        Excerpt::new(all, comments.left_out, newest)
    }
}

fn join(mut threads: Vec<Thread>, comments: Vec<ReviewComment>) -> Vec<Thread> {
    for comment in comments {
        let first = comment.answers.unwrap_or(comment.id);
        let same = |thread: &&mut Thread| {
            let begun = &thread.comments[0];
            begun.answers.unwrap_or(begun.id) == first
        };
        match threads.iter_mut().find(same) {
            Some(thread) => thread.comments.push(comment),
            None => threads.push(Thread {
                place: comment.place.clone(),
                comments: vec![comment],
            }),
        }
    }
    threads
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(id: u64, answers: Option<u64>) -> ReviewComment {
        ReviewComment {
            id: ReviewCommentId(id),
            answers: answers.map(ReviewCommentId),
            author: None,
            standing: Standing::Unknown,
            at: Timestamp::UNIX_EPOCH,
            changed: Timestamp::UNIX_EPOCH,
            place: Place {
                path: format!("{}.txt", answers.unwrap_or(id)),
                line: Line::At(1),
            },
            text: String::new(),
        }
    }

    fn ids(threads: &[Thread]) -> Vec<Vec<u64>> {
        let of = |thread: &Thread| thread.comments().iter().map(|one| one.id.0).collect();
        threads.iter().map(of).collect()
    }

    #[test]
    fn answers_stand_with_what_they_answer() {
        let all = vec![
            comment(1, None),
            comment(2, None),
            comment(3, Some(1)),
            comment(4, Some(2)),
            comment(5, Some(1)),
        ];
        let threads = Thread::gather(Excerpt::whole(all));
        assert_eq!(ids(threads.beginning()), [vec![1, 3, 5], vec![2, 4]]);
        assert_eq!(threads.beginning()[1].place().path, "2.txt");
    }

    #[test]
    fn threads_whose_beginning_was_not_read_stand_where_they_go_on() {
        let beginning = vec![comment(1, None)];
        let newest = vec![
            comment(8, Some(5)),
            comment(9, Some(1)),
            comment(10, Some(5)),
        ];
        let threads = Thread::gather(Excerpt::new(beginning, 3, newest));
        assert_eq!(ids(threads.beginning()), [vec![1, 9]]);
        assert_eq!(ids(threads.newest()), [vec![8, 10]]);
        assert_eq!(threads.left_out(), 3);
    }
}
