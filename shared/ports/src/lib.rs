//! What use cases ask of providers.
//!
//! A port names what is wanted of any provider, in the product's own nouns; a crate in `shared/providers` translates it.
//! Use cases know these and no provider. What goes wrong is told as what to do about it, [`ProviderError`].

mod authority;
mod code_host;
mod conversation;
mod error;
mod sent;

pub use authority::Authority;
pub use code_host::{CodeHost, MintedToken, PullHead};
pub use conversation::{Conversation, Sign};
pub use error::ProviderError;
pub use sent::{SentCursor, SentDeliveries, SentPage};
