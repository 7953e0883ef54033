//! What people do, by hand.

use crate::actions::issue::Edit;
use crate::actions::review::{self, Opinion, Remark};
use crate::actions::{comment, issue, label};
use crate::error::Error;
use crate::git::import::Author;
use crate::git::sync::sync;
use crate::server::SimGitHub;
use crate::state::{accounts, comments, issues, repositories};

impl SimGitHub {
    /// Opens an issue in a repository (`owner/name`) and gives its number.
    pub async fn open_issue(
        &self,
        repository: &str,
        author: &str,
        title: &str,
        body: &str,
    ) -> Result<u64, Error> {
        let [repository, author, title, body] =
            [repository, author, title, body].map(str::to_owned);
        self.hub
            .write(move |act| {
                let repository = repositories::by_full_name(act.db, &repository)?;
                let actor = act.actor(&author)?;
                Ok(issue::open(act, &repository, &actor, &title, Some(&body))?.number)
            })
            .await
    }

    /// Comments on an issue or a pull request and gives the comment's id.
    pub async fn comment(
        &self,
        repository: &str,
        number: u64,
        author: &str,
        body: &str,
    ) -> Result<u64, Error> {
        let [repository, author, body] = [repository, author, body].map(str::to_owned);
        self.hub
            .write(move |act| {
                let repository = repositories::by_full_name(act.db, &repository)?;
                let target = issues::find(act.db, repository.id, number)?;
                let actor = act.actor(&author)?;
                Ok(comment::create(act, &repository, &target, &actor, &body)?.id)
            })
            .await
    }

    /// Changes the text of any comment.
    pub async fn edit_comment(&self, id: u64, actor: &str, body: &str) -> Result<(), Error> {
        let (actor, body) = (actor.to_owned(), body.to_owned());
        self.hub
            .write(move |act| {
                let found = comments::find(act.db, id)?;
                let target = issues::by_id(act.db, found.issue_id)?;
                let repository = repositories::by_id(act.db, target.repository_id)?;
                comment::edit(act, &repository, &found, &act.actor(&actor)?, &body).map(drop)
            })
            .await
    }

    /// Deletes any comment.
    pub async fn delete_comment(&self, id: u64, actor: &str) -> Result<(), Error> {
        let actor = actor.to_owned();
        self.hub
            .write(move |act| {
                let found = comments::find(act.db, id)?;
                let target = issues::by_id(act.db, found.issue_id)?;
                let repository = repositories::by_id(act.db, target.repository_id)?;
                comment::delete(act, &repository, &found, &act.actor(&actor)?)
            })
            .await
    }

    /// Reviews a pull request with comments on lines (path, line, text) and gives the review's id.
    pub async fn review(
        &self,
        repository: &str,
        number: u64,
        author: &str,
        said: (Opinion, &str),
        remarks: &[(&str, u64, &str)],
    ) -> Result<u64, Error> {
        let [repository, author, body] = [repository, author, said.1].map(str::to_owned);
        let remark = |(path, line, body): &(&str, u64, &str)| Remark {
            path: (*path).to_owned(),
            line: Some(*line),
            start_line: None,
            side: None,
            body: (*body).to_owned(),
            in_reply_to: None,
        };
        let remarks: Vec<Remark> = remarks.iter().map(remark).collect();
        let opinion = said.0;
        self.hub
            .write(move |act| {
                let repository = repositories::by_full_name(act.db, &repository)?;
                let pull = issues::find(act.db, repository.id, number)?;
                let (actor, said) = (act.actor(&author)?, (opinion, body.as_str()));
                Ok(review::submit(act, &repository, &pull, &actor, said, &remarks)?.id)
            })
            .await
    }

    /// Puts a label on an issue or a pull request.
    pub async fn add_label(
        &self,
        repository: &str,
        number: u64,
        actor: &str,
        name: &str,
    ) -> Result<(), Error> {
        let [repository, actor, name] = [repository, actor, name].map(str::to_owned);
        self.hub
            .write(move |act| {
                let repository = repositories::by_full_name(act.db, &repository)?;
                let target = issues::find(act.db, repository.id, number)?;
                label::add(act, &repository, &target, &act.actor(&actor)?, &name)
            })
            .await
    }

    /// Takes a label off an issue or a pull request.
    pub async fn remove_label(
        &self,
        repository: &str,
        number: u64,
        actor: &str,
        name: &str,
    ) -> Result<(), Error> {
        let [repository, actor, name] = [repository, actor, name].map(str::to_owned);
        self.hub
            .write(move |act| {
                let repository = repositories::by_full_name(act.db, &repository)?;
                let target = issues::find(act.db, repository.id, number)?;
                label::remove(act, &repository, &target, &act.actor(&actor)?, &name)
            })
            .await
    }

    /// Closes an issue or a pull request.
    pub async fn close_issue(
        &self,
        repository: &str,
        number: u64,
        actor: &str,
    ) -> Result<(), Error> {
        self.set_open(repository, number, actor, false).await
    }

    /// Opens a closed issue or pull request again.
    pub async fn reopen_issue(
        &self,
        repository: &str,
        number: u64,
        actor: &str,
    ) -> Result<(), Error> {
        self.set_open(repository, number, actor, true).await
    }

    async fn set_open(
        &self,
        repository: &str,
        number: u64,
        actor: &str,
        open: bool,
    ) -> Result<(), Error> {
        let (repository, actor) = (repository.to_owned(), actor.to_owned());
        self.hub
            .write(move |act| {
                let repository = repositories::by_full_name(act.db, &repository)?;
                let target = issues::find(act.db, repository.id, number)?;
                let edit = Edit {
                    open: Some(open),
                    ..Edit::default()
                };
                issue::edit(act, &repository, &target, &act.actor(&actor)?, edit).map(drop)
            })
            .await
    }

    /// Pushes one commit with these files to a branch, which is made from the default branch if
    /// there is none. Gives the commit's id.
    pub async fn push(
        &self,
        repository: &str,
        branch: &str,
        author: &str,
        message: &str,
        files: &[(&str, &str)],
    ) -> Result<String, Error> {
        let repository = self.repository(repository).await?;
        let login = author.to_owned();
        let author = self
            .hub
            .read(move |act| accounts::find(act.db, &login))
            .await?;
        let author = Author {
            login: author.login,
            now: self.hub.now(),
            message: message.to_owned(),
        };
        let files: Vec<_> = files
            .iter()
            .map(|(path, content)| ((*path).to_owned(), content.as_bytes().to_vec()))
            .collect();
        let git = &self.hub.git;
        let parent = match git.head(&repository, branch).await? {
            Some(sha) => Some(sha),
            None => git.head(&repository, &repository.default_branch).await?,
        };
        git.commit(&repository, branch, parent.as_deref(), &author, &files)
            .await?;
        sync(&self.hub, &repository, &author.login).await?;
        git.head(&repository, branch).await?.ok_or(Error::NotFound)
    }
}
