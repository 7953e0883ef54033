//! The webhooks that GitHub has sent, and sending one again.

use domain::{Arrival, AttemptId, DeliveryAttempt, DeliveryId};
use http::Method;
use jiff::Timestamp;
use ports::{SentCursor, SentPage};
use serde::Deserialize;

use crate::{
    GitHub, GitHubError, answer,
    links::{self, Rel},
    transport::Call,
};

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

impl GitHub {
    /// What was sent, from `cursor` on. GitHub remembers three days.
    pub async fn sent_deliveries(
        &self,
        cursor: Option<SentCursor>,
    ) -> Result<SentPage, GitHubError> {
        let mut url = self.0.transport.url(&["app", "hook", "deliveries"])?;
        url.query_pairs_mut().append_pair("per_page", PAGE);
        if let Some(cursor) = cursor {
            let cursor = cursor.as_str();
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        let response = self.0.as_app(Call::get(url.clone())).await?;
        let sent: Vec<Sent> = answer::read(&response)?;
        Ok(SentPage {
            attempts: sent.into_iter().map(Sent::into_attempt).collect(),
            next: links::parameter(&response, &url, Rel::Next, "cursor").map(SentCursor::new),
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
