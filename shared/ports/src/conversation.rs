//! Where people talk.

use std::fmt::Debug;

use async_trait::async_trait;
use domain::{Marker, MessageId, Subject};
use jiff::Timestamp;

use crate::ProviderError;

/// What a glance at something that was said shows of what became of it. Each provider has its own sign for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It was seen, and is worked on.
    Seen,
    /// It is done.
    Done,
    /// It did not go as it was asked for.
    NotAsAsked,
    /// It is not done.
    Declined,
}

/// A provider as a place where people talk. Texts are in its own markup.
#[async_trait]
pub trait Conversation: Debug + Send + Sync {
    /// Says `text` on the subject. Saying it twice makes two messages.
    async fn say(&self, subject: &Subject, text: &str) -> Result<MessageId, ProviderError>;

    /// Replaces the text of a message of ours. [`ProviderError::Gone`] if it was deleted.
    async fn edit(
        &self,
        subject: &Subject,
        message: MessageId,
        text: &str,
    ) -> Result<(), ProviderError>;

    /// Our own message that bears `marker`, among those written or changed at `since` or later. Others can write the marker
    /// too; theirs are passed over.
    async fn find(
        &self,
        subject: &Subject,
        marker: &Marker,
        since: Timestamp,
    ) -> Result<Option<MessageId>, ProviderError>;

    /// Shows `sign` on `message`, or on the subject itself if there is none. Doing it again changes nothing.
    async fn react(
        &self,
        subject: &Subject,
        message: Option<MessageId>,
        sign: Sign,
    ) -> Result<(), ProviderError>;
}
