//! The app's own comments.

use domain::{CommentId, InstallationId, ItemNumber, Login, Repository};
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{GitHub, GitHubError, answer, scope::Scope, transport::Call};

/// The most characters GitHub takes in a comment.
pub const COMMENT_LIMIT: usize = 65_536;
const PAGE: usize = 100;
/// A search gives up after this many pages rather than miss the comment silently.
const PAGES: usize = 50;

#[derive(Serialize)]
struct Body<'a> {
    body: &'a str,
}

#[derive(Deserialize)]
struct Created {
    id: CommentId,
}

#[derive(Deserialize)]
struct Comment {
    id: CommentId,
    body: Option<String>,
    user: Option<Author>,
}

#[derive(Deserialize)]
struct Author {
    login: String,
}

impl GitHub {
    /// Writes a new comment on an issue or pull request. [`GitHubError::Invalid`] without a call if it is
    /// longer than [`COMMENT_LIMIT`] characters. Doing it twice makes two comments.
    pub async fn create_comment(
        &self,
        installation: InstallationId,
        repository: &Repository,
        number: ItemNumber,
        body: &str,
    ) -> Result<CommentId, GitHubError> {
        check(body)?;
        let number = number.to_string();
        let url = self.in_repository(repository, &["issues", &number, "comments"])?;
        let call = Call::write(Method::POST, url, &Body { body })?;
        let response = self
            .0
            .as_installation(installation, repository, Scope::Talk, call)
            .await?;
        Ok(answer::read::<Created>(&response)?.id)
    }

    /// Replaces the text of a comment of the app. [`GitHubError::NotFound`] if it was deleted;
    /// [`GitHubError::Invalid`] without a call if the text is longer than [`COMMENT_LIMIT`] characters.
    pub async fn update_comment(
        &self,
        installation: InstallationId,
        repository: &Repository,
        comment: CommentId,
        body: &str,
    ) -> Result<(), GitHubError> {
        check(body)?;
        let comment = comment.to_string();
        let url = self.in_repository(repository, &["issues", "comments", &comment])?;
        let call = Call::write(Method::PATCH, url, &Body { body })?.repeatable();
        let response = self
            .0
            .as_installation(installation, repository, Scope::Talk, call)
            .await?;
        answer::read::<Created>(&response).map(drop)
    }

    /// The app's own first comment that holds `marker`, among those changed at `since` or later.
    /// Comments of other accounts are passed over: anyone can write the marker.
    pub async fn find_comment(
        &self,
        installation: InstallationId,
        repository: &Repository,
        number: ItemNumber,
        marker: &str,
        since: Option<Timestamp>,
    ) -> Result<Option<CommentId>, GitHubError> {
        let bot = self.bot_login().await?;
        let number = number.to_string();
        let mut url = self.in_repository(repository, &["issues", &number, "comments"])?;
        url.query_pairs_mut()
            .append_pair("per_page", &PAGE.to_string());
        if let Some(since) = since {
            let whole = Timestamp::from_second(since.as_second()).unwrap_or(since);
            url.query_pairs_mut()
                .append_pair("since", &whole.to_string());
        }
        for page in 1..=PAGES {
            let mut url = url.clone();
            url.query_pairs_mut().append_pair("page", &page.to_string());
            let call = Call::get(url);
            let response = self
                .0
                .as_installation(installation, repository, Scope::Talk, call)
                .await?;
            let comments: Vec<Comment> = answer::read(&response)?;
            if let Some(found) = comments.iter().find(|comment| comment.is_own(&bot, marker)) {
                return Ok(Some(found.id));
            }
            if comments.len() < PAGE {
                return Ok(None);
            }
        }
        Err(GitHubError::unexpected("too many comments to search"))
    }
}

impl Comment {
    fn is_own(&self, bot: &Login, marker: &str) -> bool {
        let author = self.user.as_ref().map_or("", |user| &user.login);
        author.eq_ignore_ascii_case(bot.as_str())
            && self.body.as_ref().is_some_and(|body| body.contains(marker))
    }
}

fn check(body: &str) -> Result<(), GitHubError> {
    if body.chars().count() > COMMENT_LIMIT {
        let message = format!("the comment is longer than {COMMENT_LIMIT} characters");
        return Err(GitHubError::Invalid { message });
    }
    Ok(())
}
