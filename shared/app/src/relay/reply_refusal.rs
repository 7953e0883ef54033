//! Tells a person why their request was refused.

use domain::{DeliveryKey, Refusal, Reply, Verdict};
use egress::{GitHubError, Reaction, ReactionTarget};

use super::{Relay, final_refusal, markup, slack_before};
use crate::{AppError, told::about_delivery};

impl Relay {
    /// Answers a refused request once, where it was made.
    pub async fn reply_refusal(&self, key: &DeliveryKey) -> Result<(), AppError> {
        let Some(delivery) = self.store.delivery(key, self.clock.now()).await? else {
            return Ok(());
        };
        about_delivery(&delivery);
        let Verdict::Refused {
            refusal,
            reply: Some(reply),
        } = &delivery.verdict
        else {
            return Ok(());
        };
        match self
            .answer(key, refusal, reply, slack_before(delivery.received_at))
            .await
        {
            Ok(()) => {
                tracing::info!(metric.CommentsWritten = 1_u64, "a refusal was answered");
                if let Some(comment) = reply.comment {
                    let target = ReactionTarget::Comment(comment);
                    let (installation, repository) = (reply.installation, &reply.repository);
                    self.react(installation, repository, target, Reaction::Confused)
                        .await;
                }
                Ok(())
            }
            Err(error) if final_refusal(&error) => {
                tracing::warn!(
                    metric.CommentsRefused = 1_u64,
                    "the provider takes no answer there"
                );
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn answer(
        &self,
        key: &DeliveryKey,
        refusal: &Refusal,
        reply: &Reply,
        since: jiff::Timestamp,
    ) -> Result<(), GitHubError> {
        let Reply {
            installation,
            repository,
            number,
            ..
        } = reply;
        let marker = markup::delivery_marker(key);
        let found = self
            .github
            .find_comment(*installation, repository, *number, &marker, Some(since))
            .await?;
        if found.is_none() {
            let text = markup::refusal(refusal, &marker);
            self.github
                .create_comment(*installation, repository, *number, &text)
                .await?;
        }
        Ok(())
    }
}
