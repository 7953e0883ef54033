//! Reviewing pull requests, with comments on their lines.

use serde_json::json;

use super::announce::about_repository;
use super::{Act, Actor};
use crate::error::Error;
use crate::shape;
use crate::state::issues::Issue;
use crate::state::repositories::Repository;
use crate::state::reviews::{self, Review, ReviewComment};

/// What a reviewer says about the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// It may be merged.
    Approve,
    /// It may not be merged as it is.
    RequestChanges,
    /// Neither.
    Comment,
}

impl Opinion {
    /// The opinion of GitHub's word for it.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "APPROVE" => Some(Self::Approve),
            "REQUEST_CHANGES" => Some(Self::RequestChanges),
            "COMMENT" => Some(Self::Comment),
            _ => None,
        }
    }

    fn state(self) -> &'static str {
        match self {
            Self::Approve => "APPROVED",
            Self::RequestChanges => "CHANGES_REQUESTED",
            Self::Comment => "COMMENTED",
        }
    }
}

/// A comment on a line to be.
#[derive(Clone, Debug)]
pub(crate) struct Remark {
    pub(crate) path: String,
    pub(crate) line: Option<u64>,
    pub(crate) start_line: Option<u64>,
    pub(crate) side: Option<String>,
    pub(crate) body: String,
    /// The comment it answers.
    pub(crate) in_reply_to: Option<u64>,
}

/// Submits a review with its comments.
pub(crate) fn submit(
    act: &Act<'_>,
    repository: &Repository,
    pull: &Issue,
    actor: &Actor,
    (opinion, body): (Opinion, &str),
    remarks: &[Remark],
) -> Result<Review, Error> {
    let half = pull.pull.as_ref().ok_or(Error::NotFound)?;
    if opinion != Opinion::Approve && body.trim().is_empty() && remarks.is_empty() {
        return Err(Error::Unprocessable(
            "Unprocessable Entity: body is missing".to_owned(),
        ));
    }
    if actor.account.id == pull.author.id && opinion != Opinion::Comment {
        let what = match opinion {
            Opinion::Approve => "approve",
            _ => "request changes on",
        };
        let message = format!("Can not {what} your own pull request");
        return Err(Error::Unprocessable(message));
    }
    let new = Review {
        id: 0,
        issue_id: pull.id,
        author: actor.account.clone(),
        state: opinion.state().to_owned(),
        body: body.to_owned(),
        sha: half.head_sha.clone(),
        submitted_at: act.now,
    };
    let review = reviews::find(act.db, reviews::insert(act.db, &new)?)?;
    let fields = json!({
        "review": shape::review(act, repository, pull, &review)?,
        "pull_request": shape::pull(act, repository, pull)?,
    });
    let event = "pull_request_review";
    about_repository(
        act,
        repository,
        event,
        Some("submitted"),
        &actor.account,
        fields,
    )?;
    for remark in remarks {
        add(act, repository, pull, actor, &review, remark)?;
    }
    Ok(review)
}

/// Comments on a line, as a review of its own.
pub(crate) fn remark(
    act: &Act<'_>,
    repository: &Repository,
    pull: &Issue,
    actor: &Actor,
    remark: &Remark,
) -> Result<ReviewComment, Error> {
    let remarks = std::slice::from_ref(remark);
    let said = (Opinion::Comment, "");
    let review = submit(act, repository, pull, actor, said, remarks)?;
    let all = reviews::comments(act.db, pull.id)?;
    let mut mine = all.into_iter().filter(|one| one.review_id == review.id);
    mine.next().ok_or(Error::NotFound)
}

fn add(
    act: &Act<'_>,
    repository: &Repository,
    pull: &Issue,
    actor: &Actor,
    review: &Review,
    remark: &Remark,
) -> Result<(), Error> {
    let missing = |field| {
        Error::invalid(
            "PullRequestReviewComment",
            Some(field),
            "missing_field",
            None,
        )
    };
    if remark.body.trim().is_empty() {
        return Err(missing("body"));
    }
    if remark.path.is_empty() {
        return Err(missing("path"));
    }
    let new = ReviewComment {
        id: 0,
        issue_id: pull.id,
        review_id: review.id,
        author: actor.account.clone(),
        in_reply_to: remark.in_reply_to,
        body: remark.body.clone(),
        path: remark.path.clone(),
        sha: review.sha.clone(),
        line: remark.line,
        start_line: remark.start_line,
        side: remark.side.clone().unwrap_or_else(|| "RIGHT".to_owned()),
        diff_hunk: String::new(),
        created_at: act.now,
        updated_at: act.now,
    };
    let id = reviews::insert_comment(act.db, &new)?;
    let comment = reviews::comment_of(act.db, id)?;
    let fields = json!({
        "comment": shape::review_comment(act, repository, pull, &comment)?,
        "pull_request": shape::pull(act, repository, pull)?,
    });
    let event = "pull_request_review_comment";
    about_repository(
        act,
        repository,
        event,
        Some("created"),
        &actor.account,
        fields,
    )
}
