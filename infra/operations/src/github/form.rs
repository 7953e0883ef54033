//! The form that hands the manifest over to GitHub.

use anyhow::{Context as _, Result};
use askama::Template;
use url::Url;

/// A page with one button.
#[derive(Clone, Debug, Template)]
#[template(path = "form.html")]
pub(crate) struct Form {
    name: String,
    /// Where the app will belong, in words.
    owner: String,
    webhook: String,
    action: String,
    manifest: String,
}

impl Form {
    /// The form for `manifest` at the GitHub whose pages are at `web`.
    pub(crate) fn new(
        web: &Url,
        org: Option<&str>,
        state: &str,
        name: &str,
        webhook: &Url,
        manifest: &super::Manifest,
    ) -> Result<Self> {
        let mut action = web.clone();
        let mut segments = action
            .path_segments_mut()
            .map_err(|()| anyhow::anyhow!("{web} is no address of pages"))?;
        segments.pop_if_empty();
        if let Some(org) = org {
            segments.extend(["organizations", org]);
        }
        segments.extend(["settings", "apps", "new"]);
        drop(segments);
        action.query_pairs_mut().append_pair("state", state);
        Ok(Self {
            name: name.to_owned(),
            owner: org.map_or_else(
                || "your account".to_owned(),
                |org| format!("the organisation {org}"),
            ),
            webhook: webhook.to_string(),
            action: action.into(),
            manifest: serde_json::to_string(manifest).context("the manifest has no JSON form")?,
        })
    }
}
