//! What people do with pull requests, by hand.

use crate::actions::pull::{self, NewPull};
use crate::actions::review::{self, Remark};
use crate::error::Error;
use crate::git::pulls::follow;
use crate::server::SimGitHub;
use crate::state::{issues, repositories, reviews};

impl SimGitHub {
    /// Opens a pull request that goes from one branch of the repository to another, and gives its number.
    pub async fn open_pull(
        &self,
        repository: &str,
        author: &str,
        (title, body): (&str, &str),
        (head, base): (&str, &str),
    ) -> Result<u64, Error> {
        let repository = self.repository(repository).await?;
        let git = &self.hub.git;
        let head_sha = git.head(&repository, head).await?;
        let base_sha = git.head(&repository, base).await?;
        let commits = match (&base_sha, &head_sha) {
            (Some(base), Some(head)) => git.ahead(&repository, base, head).await?,
            _ => 0,
        };
        let new = NewPull {
            title: title.to_owned(),
            body: Some(body.to_owned()),
            draft: false,
            head: head.to_owned(),
            base: base.to_owned(),
            head_sha,
            base_sha,
            commits,
        };
        let (author, within) = (author.to_owned(), repository.clone());
        let opened = self
            .hub
            .write(move |act| Ok(pull::open(act, &within, &act.actor(&author)?, new)?.number));
        let number = opened.await?;
        follow(&self.hub, &repository).await?;
        Ok(number)
    }

    /// Answers the first comment on lines that belongs to a review, and gives the answer's id.
    pub async fn answer_review(&self, id: u64, author: &str, body: &str) -> Result<u64, Error> {
        let (author, body) = (author.to_owned(), body.to_owned());
        self.hub
            .write(move |act| {
                let pull = issues::by_id(act.db, reviews::find(act.db, id)?.issue_id)?;
                let repository = repositories::by_id(act.db, pull.repository_id)?;
                let all = reviews::comments(act.db, pull.id)?;
                let first = all.into_iter().find(|one| one.review_id == id);
                let first = first.ok_or(Error::NotFound)?;
                let answer = Remark {
                    path: first.path,
                    line: first.line,
                    start_line: first.start_line,
                    side: Some(first.side),
                    body,
                    in_reply_to: Some(first.id),
                };
                let actor = act.actor(&author)?;
                Ok(review::remark(act, &repository, &pull, &actor, &answer)?.id)
            })
            .await
    }
}
