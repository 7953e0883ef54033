//! The webhooks that GitHub has sent, and sending one again.

use domain::{Arrival, AttemptId, DeliveryAttempt, DeliveryId};
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use crate::{
    GitHub, GitHubError, answer,
    links::{self, Rel},
    transport::Call,
};
use egress::Response;

/// The most that GitHub tells at once.
const PAGE: &str = "100";
/// A body that is larger than the receiver takes does not become smaller.
const TOO_LARGE: u16 = 413;

#[derive(Deserialize)]
struct Sent {
    id: AttemptId,
    guid: DeliveryId,
    delivered_at: Timestamp,
    status_code: u16,
    event: String,
}

/// Where a list goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(Url);

/// A part of the list of what was sent, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentPage {
    /// The attempts.
    pub attempts: Vec<DeliveryAttempt>,
    /// Where the list goes on, if it does.
    pub next: Option<Cursor>,
}

impl GitHub {
    /// What was sent, from `cursor` on. GitHub remembers three days.
    pub async fn sent_deliveries(&self, cursor: Option<Cursor>) -> Result<SentPage, GitHubError> {
        let url = if let Some(Cursor(url)) = cursor {
            url
        } else {
            let mut url = self.0.transport.url(&["app", "hook", "deliveries"])?;
            url.query_pairs_mut().append_pair("per_page", PAGE);
            url
        };
        let response = self.0.as_app(Call::get(url.clone())).await?;
        let sent: Vec<Sent> = answer::read(&response)?;
        Ok(SentPage {
            attempts: sent.into_iter().map(Sent::into_attempt).collect(),
            next: next(&response, &url),
        })
    }

    /// Sends a webhook again as it was, under the same delivery id.
    pub async fn redeliver(&self, attempt: AttemptId) -> Result<(), GitHubError> {
        let id = attempt.to_string();
        let segments = ["app", "hook", "deliveries", &id, "attempts"];
        let url = self.0.transport.url(&segments)?;
        let call = Call::write(Method::POST, url, &serde_json::json!({}))?;
        self.0.as_app(call).await.map(drop)
    }
}

impl Sent {
    fn into_attempt(self) -> DeliveryAttempt {
        let arrival = match self.status_code {
            200..=299 => Arrival::Taken,
            TOO_LARGE => Arrival::TooLarge,
            _ => Arrival::Failed,
        };
        DeliveryAttempt {
            id: self.id,
            delivery: self.guid,
            event: self.event,
            at: self.delivered_at,
            arrival,
        }
    }
}

/// Where the next page begins.
fn next(response: &Response, here: &Url) -> Option<Cursor> {
    let cursor = links::parameter(response, here, Rel::Next, "cursor")?;
    let mut next = here.clone();
    next.query_pairs_mut()
        .clear()
        .append_pair("per_page", PAGE)
        .append_pair("cursor", &cursor);
    Some(Cursor(next))
}
