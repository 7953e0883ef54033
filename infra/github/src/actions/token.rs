//! Minting installation tokens.

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use super::Act;
use crate::auth::caller::not_suspended;
use crate::error::Error;
use crate::state::installations;
use crate::state::repositories::{self, Repository};
use crate::state::tokens::{self, Permissions, Token};
use crate::text;

/// Seconds a token lives.
const LIFETIME: i64 = 3_600;

/// Repositories that a token can be limited to.
const MOST_REPOSITORIES: usize = 500;

/// What is asked for. What is `None` or empty is all that the installation has: GitHub takes an
/// empty list or object for one that was left out.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    pub(crate) repositories: Option<Vec<String>>,
    pub(crate) repository_ids: Option<Vec<u64>>,
    pub(crate) permissions: Option<Permissions>,
}

/// A fresh token: the only time its value is known.
pub(crate) struct Minted {
    pub(crate) value: String,
    pub(crate) token: Token,
    /// The repositories it is limited to, if it is.
    pub(crate) repositories: Option<Vec<Repository>>,
}

/// Mints a token for an installation.
pub(crate) fn mint(act: &Act<'_>, installation_id: u64, wish: &Wish) -> Result<Minted, Error> {
    let installation = installations::find(act.db, installation_id)?;
    not_suspended(act, installation.id)?;
    let granted: Vec<Repository> = repositories::all(act.db)?
        .into_iter()
        .filter(|repository| repository.installation_id == Some(installation.id))
        .collect();
    let repositories = chosen(&granted, wish)?;
    let permissions = permitted(&act.site.accepted().permissions, wish)?;
    let expires_at = act.now + LIFETIME;
    let value = shape_of(act.site.app_id, installation.id, expires_at)?;
    let token = Token {
        hash: text::sha256_hex(value.as_bytes()),
        installation_id: installation.id,
        permissions,
        repositories: repositories
            .as_ref()
            .map(|all| all.iter().map(|one| one.id).collect()),
        created_at: act.now,
        expires_at,
        revoked: false,
    };
    tokens::insert(act.db, &token)?;
    Ok(Minted {
        value,
        token,
        repositories,
    })
}

fn chosen(granted: &[Repository], wish: &Wish) -> Result<Option<Vec<Repository>>, Error> {
    let names = wish.repositories.iter().flatten();
    let ids = wish.repository_ids.iter().flatten();
    let asked = names.clone().count() + ids.clone().count();
    if asked == 0 {
        return Ok(None);
    }
    if asked > MOST_REPOSITORIES {
        let message = format!("Too many repositories (the maximum is {MOST_REPOSITORIES})");
        return Err(Error::Unprocessable(message));
    }
    let refused = || {
        Error::Unprocessable(
            "There is at least one repository that does not exist or is not accessible to the \
             parent installation."
                .to_owned(),
        )
    };
    let mut chosen: Vec<Repository> = Vec::new();
    for name in names {
        let found = granted
            .iter()
            .find(|one| one.name.eq_ignore_ascii_case(name));
        chosen.push(found.ok_or_else(refused)?.clone());
    }
    for id in ids {
        let found = granted.iter().find(|one| one.id == *id);
        chosen.push(found.ok_or_else(refused)?.clone());
    }
    chosen.sort_by_key(|one| one.id);
    chosen.dedup_by_key(|one| one.id);
    Ok(Some(chosen))
}

fn permitted(granted: &Permissions, wish: &Wish) -> Result<Permissions, Error> {
    let wanted = match &wish.permissions {
        Some(wanted) if !wanted.is_empty() => wanted,
        _ => return Ok(granted.clone()),
    };
    let mut permitted = wanted.clone();
    for (name, level) in wanted {
        let enough = granted
            .get(name)
            .is_some_and(|have| have == "write" || have == level);
        if !enough || !matches!(level.as_str(), "read" | "write") {
            return Err(Error::Unprocessable(
                "The permissions requested are not granted to this installation.".to_owned(),
            ));
        }
    }
    permitted
        .entry("metadata".to_owned())
        .or_insert_with(|| "read".to_owned());
    Ok(permitted)
}

/// The long stateless-looking shape: `ghs_`, the app's id, and three parts joined by dots.
fn shape_of(app_id: u64, installation_id: u64, expires_at: i64) -> Result<String, Error> {
    let header = json!({"alg": "HS256", "typ": "JWT"}).to_string();
    let claims = json!({
        "iss": "simulated-github",
        "installation": installation_id,
        "exp": expires_at,
        "jti": text::guid()?,
    });
    let signature = text::random::<32>()?;
    Ok(format!(
        "ghs_{app_id}_{}.{}.{}",
        BASE64URL_NOPAD.encode(header.as_bytes()),
        BASE64URL_NOPAD.encode(claims.to_string().as_bytes()),
        BASE64URL_NOPAD.encode(&signature),
    ))
}
