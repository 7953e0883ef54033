//! A token that the provider made.

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

/// A token for one repository. Nothing may be assumed about its length or shape.
#[derive(Clone, Debug, Deserialize)]
pub struct MintedToken {
    /// The token; as git's password the user name is `x-access-token`.
    pub token: SecretString,
    /// When it stops working.
    pub expires_at: Timestamp,
}
