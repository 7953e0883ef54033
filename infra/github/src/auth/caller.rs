//! Whom a request comes from, and what that caller may do.

use crate::actions::Act;
use crate::auth::jwt;
use crate::error::Error;
use crate::hub::Hub;
use crate::state::refusals;
use crate::state::repositories::{self, Repository, Setting};
use crate::state::tokens::{self, Token};
use crate::text;

/// Whom a request comes from.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// No credentials.
    Anonymous,
    /// The app itself, by JWT.
    App,
    /// An installation, by token.
    Installation(Token),
}

/// What GitHub says to whoever writes to an archived repository.
pub(crate) const ARCHIVED: &str = "Repository was archived so is read-only.";

/// How much of a permission is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Read,
    Write,
}

impl Caller {
    /// What the rate limit counts by.
    pub(crate) fn rate_key(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::App => "app".to_owned(),
            Self::Installation(token) => format!("installation ID {}", token.installation_id),
        }
    }

    /// Only the app itself may pass.
    pub(crate) fn require_app(&self) -> Result<(), Error> {
        match self {
            Self::App => Ok(()),
            Self::Anonymous | Self::Installation(_) => {
                Err(Error::Unauthorized(jwt::JwtError::Undecodable.to_string()))
            }
        }
    }

    /// The repository, if this caller may do `level` with at least one of `permissions` there.
    pub(crate) fn repository(
        &self,
        act: &Act<'_>,
        owner: &str,
        name: &str,
        permissions: &[&str],
        level: Level,
    ) -> Result<Repository, Error> {
        let repository = repositories::find(act.db, owner, name)?;
        self.may(&repository, permissions, level)?;
        Ok(repository)
    }

    /// Refuses as GitHub does: 404 for what the caller may not know of, 401 or 403 for the rest.
    pub(crate) fn may(
        &self,
        repository: &Repository,
        permissions: &[&str],
        level: Level,
    ) -> Result<(), Error> {
        match self {
            Self::Anonymous if repository.private => Err(Error::NotFound),
            Self::Anonymous if level == Level::Read => Ok(()),
            Self::Anonymous => Err(Error::Unauthorized("Requires authentication".to_owned())),
            Self::App => Err(not_accessible()),
            Self::Installation(token) => within(token, repository, permissions, level),
        }?;
        if repository.has(Setting::Archived) && level == Level::Write {
            return Err(Error::Forbidden(ARCHIVED.to_owned()));
        }
        Ok(())
    }
}

fn within(
    token: &Token,
    repository: &Repository,
    permissions: &[&str],
    level: Level,
) -> Result<(), Error> {
    let limited = token
        .repositories
        .as_ref()
        .is_some_and(|ids| !ids.contains(&repository.id));
    if limited || repository.installation_id != Some(token.installation_id) {
        return Err(Error::NotFound);
    }
    let enough = permissions
        .iter()
        .any(|name| match token.permissions.get(*name) {
            Some(have) => have == "write" || level == Level::Read,
            None => false,
        });
    if enough {
        Ok(())
    } else {
        Err(not_accessible())
    }
}

/// What a token lacks a permission for.
pub(crate) fn not_accessible() -> Error {
    Error::Forbidden("Resource not accessible by integration".to_owned())
}

/// A suspended installation can do nothing at all.
pub(crate) fn not_suspended(act: &Act<'_>, installation_id: u64) -> Result<(), Error> {
    match refusals::suspended(act.db, installation_id)? {
        None => Ok(()),
        Some(_) => Err(Error::Forbidden(
            "This installation has been suspended".to_owned(),
        )),
    }
}

/// Who holds this credential: a JWT of the app or an installation token.
pub(crate) async fn authenticate(hub: &Hub, credential: &str) -> Result<Caller, Error> {
    if !credential.starts_with("gh") && credential.split('.').count() == 3 {
        return jwt::verify(credential, &hub.key, &hub.site, hub.now())
            .map(|()| Caller::App)
            .map_err(|error| Error::Unauthorized(error.to_string()));
    }
    installation(hub, credential)
        .await
        .map(Caller::Installation)
}

/// The live token of this value; 401 for any other.
pub(crate) async fn installation(hub: &Hub, value: &str) -> Result<Token, Error> {
    let hash = text::sha256_hex(value.as_bytes());
    hub.read(move |act| {
        let token = tokens::find(act.db, &hash)?;
        let token = token
            .filter(|token| !token.revoked && token.expires_at > act.now)
            .ok_or_else(|| Error::Unauthorized("Bad credentials".to_owned()))?;
        not_suspended(act, token.installation_id)?;
        Ok(token)
    })
    .await
}
