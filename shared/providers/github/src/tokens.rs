//! Installation tokens that are kept while they are good.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{InstallationId, RepositoryId};
use jiff::{SignedDuration, Timestamp};
use ports::MintedToken;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex as AsyncMutex;

use crate::{GitHubError, scope::Scope};

/// A kept token is replaced this long before its end.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// From this many entries on, those that are over are cleared away first.
const CROWDED: usize = 256;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TokenKey {
    pub(crate) installation: InstallationId,
    pub(crate) repository: RepositoryId,
    pub(crate) scope: Scope,
}

/// A token, and since when it is there.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) token: SecretString,
    pub(crate) minted: Timestamp,
    expires_at: Timestamp,
}

type Slot = Arc<AsyncMutex<Option<Kept>>>;

/// The tokens by what they are good for. Whoever needs one that is being minted waits for it instead
/// of minting a second.
#[derive(Debug, Default)]
pub(crate) struct TokenCache(Mutex<HashMap<TokenKey, Slot>>);

impl TokenCache {
    /// The kept token, or else the one that `mint` makes.
    pub(crate) async fn get<F>(
        &self,
        key: TokenKey,
        now: Timestamp,
        mint: F,
    ) -> Result<Kept, GitHubError>
    where
        F: AsyncFnOnce() -> Result<MintedToken, GitHubError>,
    {
        let slot = self.slot(key, now);
        let mut held = slot.lock().await;
        if let Some(kept) = held.as_ref().filter(|kept| kept.expires_at - MARGIN > now) {
            return Ok(kept.clone());
        }
        *held = None;
        let MintedToken { token, expires_at } = mint().await?;
        let kept = Kept {
            token,
            minted: now,
            expires_at,
        };
        *held = Some(kept.clone());
        Ok(kept)
    }

    /// Forgets `token`, which GitHub refused, unless another has taken its place already.
    pub(crate) async fn drop_token(&self, key: TokenKey, token: &SecretString, now: Timestamp) {
        let slot = self.slot(key, now);
        let mut held = slot.lock().await;
        if held
            .as_ref()
            .is_some_and(|kept| kept.token.expose_secret() == token.expose_secret())
        {
            *held = None;
        }
    }

    fn slot(&self, key: TokenKey, now: Timestamp) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= CROWDED {
            slots.retain(|_, slot| in_use(slot, now));
        }
        Arc::clone(slots.entry(key).or_default())
    }
}

/// A slot that somebody holds is in use, and so is one whose token is still good.
fn in_use(slot: &Slot, now: Timestamp) -> bool {
    Arc::strong_count(slot) > 1
        || slot.try_lock().is_ok_and(|held| {
            held.as_ref()
                .is_some_and(|kept| kept.expires_at - MARGIN > now)
        })
}
