//! Accounts, repositories, the app and its installations.

use serde_json::{Value, json};

use crate::actions::Act;
use crate::error::Error;
use crate::site::Site;
use crate::state::accounts::Account;
use crate::state::installations::Installation;
use crate::state::refusals;
use crate::state::repositories::{Repository, Setting};
use crate::text::{node_id, time};

/// An account.
pub(crate) fn user(site: &Site, account: &Account) -> Value {
    let login = &account.login;
    json!({
        "login": login,
        "id": account.id,
        "node_id": node_id("U", account.id),
        "avatar_url": "",
        "url": format!("{}/users/{login}", site.api()),
        "html_url": format!("{}/{login}", site.base),
        "type": account.kind.as_str(),
        "site_admin": false,
    })
}

/// A repository.
pub(crate) fn repository(site: &Site, repository: &Repository) -> Value {
    let full_name = repository.full_name();
    let html_url = format!("{}/{full_name}", site.base);
    let visibility = if repository.private {
        "private"
    } else {
        "public"
    };
    json!({
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": full_name,
        "private": repository.private,
        "visibility": visibility,
        "owner": user(site, &repository.owner),
        "html_url": html_url,
        "url": format!("{}/repos/{full_name}", site.api()),
        "clone_url": format!("{html_url}.git"),
        "default_branch": repository.default_branch,
        "description": null,
        "fork": false,
        "archived": repository.has(Setting::Archived),
        "disabled": false,
        "has_issues": repository.has(Setting::Issues),
        "created_at": time(repository.created_at),
        "updated_at": time(repository.created_at),
    })
}

/// A repository as the installation events name it.
pub(crate) fn repository_brief(repository: &Repository) -> Value {
    json!({
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name(),
        "private": repository.private,
    })
}

/// An installation.
pub(crate) fn installation(act: &Act<'_>, installation: &Installation) -> Result<Value, Error> {
    let site = act.site;
    let accepted = site.accepted();
    let suspended = refusals::suspended(act.db, installation.id)?;
    let owner = suspended.map(|_| user(site, &installation.account));
    Ok(json!({
        "id": installation.id,
        "client_id": site.client_id,
        "account": user(site, &installation.account),
        "repository_selection": "all",
        "access_tokens_url":
            format!("{}/app/installations/{}/access_tokens", site.api(), installation.id),
        "repositories_url": format!("{}/installation/repositories", site.api()),
        "html_url": format!("{}/settings/installations/{}", site.base, installation.id),
        "app_id": site.app_id,
        "app_slug": site.slug,
        "target_id": installation.account.id,
        "target_type": installation.account.kind.as_str(),
        "permissions": accepted.permissions,
        "events": accepted.events,
        "created_at": time(installation.created_at),
        "updated_at": time(installation.created_at),
        "single_file_name": null,
        "suspended_by": owner,
        "suspended_at": suspended.map(time),
    }))
}

/// The app, as `performed_via_github_app` and `GET /app` show it.
pub(crate) fn app(site: &Site) -> Value {
    let registration = site.registration();
    json!({
        "id": site.app_id,
        "client_id": site.client_id,
        "slug": site.slug,
        "node_id": node_id("A", site.app_id),
        "name": registration.name,
        "description": null,
        "external_url": site.base,
        "html_url": format!("{}/apps/{}", site.base, site.slug),
        "permissions": registration.permissions,
        "events": registration.events,
    })
}
