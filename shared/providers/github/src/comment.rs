//! The app's own comments.

use domain::{Login, Marker, MessageId, Subject};
use egress::Response;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    GitHub, GitHubError, answer, answer::number, item::Item, scope::Scope, transport::Call,
};

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
    #[serde(deserialize_with = "number")]
    id: MessageId,
}

#[derive(Deserialize)]
struct Comment {
    #[serde(deserialize_with = "number")]
    id: MessageId,
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
        subject: &Subject,
        body: &str,
    ) -> Result<MessageId, GitHubError> {
        check(body)?;
        let item = Item::of(subject)?;
        let path = ["issues", item.number.as_str(), "comments"];
        let call = Call::write(
            Method::POST,
            self.in_repository(&item.repository, &path)?,
            &Body { body },
        )?;
        let response = self.talk(&item, call).await?;
        Ok(answer::read::<Created>(&response)?.id)
    }

    /// Replaces the text of a comment of the app. [`GitHubError::NotFound`] if it was deleted;
    /// [`GitHubError::Invalid`] without a call if the text is longer than [`COMMENT_LIMIT`] characters.
    pub async fn update_comment(
        &self,
        subject: &Subject,
        comment: MessageId,
        body: &str,
    ) -> Result<(), GitHubError> {
        check(body)?;
        let item = Item::of(subject)?;
        let path = ["issues", "comments", comment.as_str()];
        let url = self.in_repository(&item.repository, &path)?;
        let call = Call::write(Method::PATCH, url, &Body { body })?.repeatable();
        let response = self.talk(&item, call).await?;
        answer::read::<Created>(&response).map(drop)
    }

    /// The app's own first comment that begins with `marker`, among those changed at `since` or later. Comments of other
    /// accounts are passed over, and so is a marker further down: anyone can write one, and have an agent repeat it.
    pub async fn find_comment(
        &self,
        subject: &Subject,
        marker: &Marker,
        since: Option<Timestamp>,
    ) -> Result<Option<MessageId>, GitHubError> {
        let item = Item::of(subject)?;
        let bot = self.bot_login().await?;
        let path = ["issues", item.number.as_str(), "comments"];
        let mut url = self.in_repository(&item.repository, &path)?;
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
            let response = self.talk(&item, Call::get(url)).await?;
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

    /// Calls with what it takes to talk about an item.
    pub(crate) async fn talk(&self, item: &Item, call: Call) -> Result<Response, GitHubError> {
        self.0
            .as_installation(item.installation, &item.repository, Scope::Talk, call)
            .await
    }
}

impl Comment {
    fn is_own(&self, bot: &Login, marker: &Marker) -> bool {
        let own = |user: &Author| user.login.eq_ignore_ascii_case(bot.as_str());
        self.user.as_ref().is_some_and(own)
            && self.body.as_deref().and_then(Marker::of).as_ref() == Some(marker)
    }
}

fn check(body: &str) -> Result<(), GitHubError> {
    if body.chars().count() > COMMENT_LIMIT {
        let message = format!("the comment is longer than {COMMENT_LIMIT} characters");
        return Err(GitHubError::Invalid { message });
    }
    Ok(())
}
