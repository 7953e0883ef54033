//! Issues and pull requests as places where people talk.

use async_trait::async_trait;
use domain::{Marker, MessageId, Subject};
use jiff::Timestamp;
use ports::{Conversation, ProviderError, Sign};

use crate::{GitHub, Reaction};

#[async_trait]
impl Conversation for GitHub {
    async fn say(&self, subject: &Subject, text: &str) -> Result<MessageId, ProviderError> {
        Ok(self.create_comment(subject, text).await?)
    }

    async fn edit(
        &self,
        subject: &Subject,
        message: MessageId,
        text: &str,
    ) -> Result<(), ProviderError> {
        Ok(self.update_comment(subject, message, text).await?)
    }

    async fn find(
        &self,
        subject: &Subject,
        marker: &Marker,
        since: Timestamp,
    ) -> Result<Option<MessageId>, ProviderError> {
        Ok(self.find_comment(subject, marker, Some(since)).await?)
    }

    async fn react(
        &self,
        subject: &Subject,
        message: Option<MessageId>,
        sign: Sign,
    ) -> Result<(), ProviderError> {
        let reaction = match sign {
            Sign::Seen => Reaction::Eyes,
            Sign::Done => Reaction::Rocket,
            Sign::NotAsAsked => Reaction::Confused,
            Sign::Declined => Reaction::ThumbsDown,
        };
        Ok(Self::react(self, subject, message, reaction).await?)
    }
}
