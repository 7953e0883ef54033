//! Lists that come in pages.

use domain::Excerpt;
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    GitHubError, GitHubWithToken, answer,
    links::{self, Rel},
    transport::Call,
};

/// Entries on a page: GitHub's most, and so few that a page fits into an answer however long its entries are.
const SIZES: [usize; 2] = [100, 10];
/// The most pages that are read of a list: the first one, and the newest.
const PAGES: usize = 10;

impl GitHubWithToken {
    /// The list at `url`, whose oldest entries come first. Of one that is longer than [`PAGES`] pages, those in the middle
    /// are not read. [`GitHubError::TooLarge`] if even small pages are longer than an answer may be.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        url: &Url,
    ) -> Result<Excerpt<T>, GitHubError> {
        let [usual, small] = SIZES;
        match self.pages(url, usual).await {
            Err(GitHubError::TooLarge { .. }) => self.pages(url, small).await,
            read => read,
        }
    }

    async fn pages<T: DeserializeOwned>(
        &self,
        url: &Url,
        size: usize,
    ) -> Result<Excerpt<T>, GitHubError> {
        let (beginning, last) = self.page(url, size, 1).await?;
        let from = last.saturating_sub(PAGES - 2).max(2);
        let mut newest = Vec::new();
        for number in from..=last {
            newest.extend(self.page(url, size, number).await?.0);
        }
        Ok(Excerpt::new(beginning, (from - 2) * size, newest))
    }

    /// A page, and the number of the last one.
    async fn page<T: DeserializeOwned>(
        &self,
        url: &Url,
        size: usize,
        number: usize,
    ) -> Result<(Vec<T>, usize), GitHubError> {
        let mut url = url.clone();
        url.query_pairs_mut()
            .append_pair("per_page", &size.to_string())
            .append_pair("page", &number.to_string());
        let response = self.send(Call::get(url.clone())).await?;
        let last = links::parameter(&response, &url, Rel::Last, "page");
        let last = last.and_then(|last| last.parse().ok()).unwrap_or(number);
        Ok((answer::read(&response)?, last))
    }
}
