//! Making accounts and repositories, and setting things up.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use secrecy::SecretString;
use serde_json::json;
use url::Url;

use crate::actions::install;
use crate::config::HookContentType;
use crate::error::Error;
use crate::faults::Faults;
use crate::git::import::Author;
use crate::propagation::Propagation;
use crate::rates::ContentLimit;
use crate::server::SimGitHub;
use crate::state::accounts::{self, Account, AccountKind};
use crate::state::permissions::{self, Permission};
use crate::state::repositories::{self, Repository, Setting};
use crate::state::{deliveries, refs};

impl SimGitHub {
    /// Makes a person; making the same one again changes nothing.
    pub async fn create_user(&self, login: &str) -> Result<Account, Error> {
        check_name(login)?;
        let login = login.to_owned();
        self.hub
            .write(move |act| accounts::ensure(act.db, &login, AccountKind::User))
            .await
    }

    /// Makes an organisation; making the same one again changes nothing.
    pub async fn create_organization(&self, login: &str) -> Result<Account, Error> {
        check_name(login)?;
        let login = login.to_owned();
        self.hub
            .write(move |act| accounts::ensure(act.db, &login, AccountKind::Organization))
            .await
    }

    /// Makes a private repository with these files as the first commit of `main`, and its owner if
    /// there is none. The app is installed on the owner. Files that begin with `#!` are executable.
    /// Gives the repository's id; 422 if there is one of this name.
    pub async fn create_repository(
        &self,
        owner: &str,
        name: &str,
        files: &[(&str, &str)],
    ) -> Result<u64, Error> {
        check_name(owner)?;
        check_name(name)?;
        let (owner, name) = (owner.to_owned(), name.to_owned());
        let draft = self.draft(owner.clone(), name.clone()).await?;
        let author = Author {
            login: draft.owner.login.clone(),
            now: self.hub.now(),
            message: "Initial commit".to_owned(),
        };
        let files: Vec<_> = files
            .iter()
            .map(|(path, content)| ((*path).to_owned(), content.as_bytes().to_vec()))
            .collect();
        self.hub.git.init(&draft).await?;
        self.hub
            .git
            .commit(&draft, &draft.default_branch, None, &author, &files)
            .await?;
        let seen = self.hub.git.refs(&draft).await?;
        self.hub
            .write(move |act| {
                let repository = install::create_repository(act, &owner, &name)?;
                refs::replace(act.db, repository.id, &seen)?;
                Ok(repository.id)
            })
            .await
    }

    /// The repository that is about to be made, so that git can be prepared before it is known.
    pub(super) async fn draft(&self, owner: String, name: String) -> Result<Repository, Error> {
        self.hub
            .read(move |act| {
                if repositories::find(act.db, &owner, &name).is_ok() {
                    let message = Some("name already exists on this account".to_owned());
                    return Err(Error::invalid(
                        "Repository",
                        Some("name"),
                        "custom",
                        message,
                    ));
                }
                let owner = accounts::by_login(act.db, &owner)?.unwrap_or(Account {
                    id: 0,
                    login: owner,
                    kind: AccountKind::User,
                });
                Ok(Repository::draft(owner, name, act.now))
            })
            .await
    }

    /// The id of the app's installation on a repository (`owner/name`), unless it is left out.
    pub async fn installation_id(&self, repository: &str) -> Result<Option<u64>, Error> {
        Ok(self.repository(repository).await?.installation_id)
    }

    /// Gives a person this role in a repository.
    pub async fn set_permission(
        &self,
        repository: &str,
        login: &str,
        permission: Permission,
    ) -> Result<(), Error> {
        let (repository, login) = (repository.to_owned(), login.to_owned());
        self.hub
            .write(move |act| {
                let repository = repositories::by_full_name(act.db, &repository)?;
                let account = accounts::find(act.db, &login)?;
                permissions::set(act.db, &repository, &account, permission)
            })
            .await
    }

    /// Makes a repository private, or readable for everyone.
    pub async fn set_private(&self, repository: &str, on: bool) -> Result<(), Error> {
        self.set(repository, Setting::Private, on).await
    }

    /// Protects the default branch, so that pushes of the app to it are refused.
    pub async fn set_protected(&self, repository: &str, on: bool) -> Result<(), Error> {
        self.set(repository, Setting::Protected, on).await
    }

    /// Takes a repository out of the app's installation, or back into it.
    pub async fn set_installed(&self, repository: &str, on: bool) -> Result<(), Error> {
        self.set(repository, Setting::Installed, on).await
    }

    pub(super) async fn set(
        &self,
        repository: &str,
        setting: Setting,
        on: bool,
    ) -> Result<(), Error> {
        let id = self.repository(repository).await?.id;
        self.hub
            .write(move |act| repositories::set(act.db, id, setting, on))
            .await
    }

    pub(super) async fn repository(&self, full_name: &str) -> Result<Repository, Error> {
        let full_name = full_name.to_owned();
        self.hub
            .read(move |act| repositories::by_full_name(act.db, &full_name))
            .await
    }

    /// Sends webhooks there from now on. With `None` the app's webhook is not active: what happens is
    /// kept to be looked at, but not sent, then or later. A webhook that is sent while nobody listens
    /// has failed, and is sent again only if somebody asks for it.
    pub fn set_webhook_url(&self, url: Option<Url>) {
        self.hub.set_webhook_url(url);
    }

    /// Signs webhooks with this secret from now on.
    pub fn set_webhook_secret(&self, secret: SecretString) {
        *self
            .hub
            .hook
            .secret
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = secret;
    }

    /// Sends webhooks in this format from now on.
    pub fn set_content_type(&self, content_type: HookContentType) {
        *self
            .hub
            .hook
            .content_type
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = content_type;
    }

    /// Sends a `ping` webhook, as GitHub does when an app's webhook is set up. Gives its GUID.
    pub async fn ping(&self) -> Result<String, Error> {
        let url = self
            .hub
            .hook
            .url
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let url = url.map(String::from);
        let site = Arc::clone(&self.hub.site);
        self.hub
            .write(move |act| {
                let hook = json!({
                    "type": "App",
                    "id": site.app_id,
                    "name": "web",
                    "active": true,
                    "events": site.registration().events,
                    "app_id": site.app_id,
                    "config": {"url": url, "content_type": "json", "insecure_ssl": "0"},
                });
                let fields =
                    json!({"zen": "Practicality beats purity.", "hook_id": site.app_id, "hook": hook});
                crate::actions::announce::about_app(act, "ping", None, None, fields)?;
                let newest = deliveries::all(act.db)?.pop().ok_or(Error::NotFound)?;
                Ok(newest.guid)
            })
            .await
    }

    /// From now on fresh tokens and branches become known as slowly as this.
    pub fn set_propagation(&self, propagation: Propagation) {
        self.hub.fresh.set(propagation);
    }

    /// From now on installations meet this secondary limit, or none.
    pub fn set_content_limit(&self, limit: Option<ContentLimit>) {
        self.hub.content.set(limit);
    }

    /// From now on GitHub's clock is so many seconds ahead of the one it was started with, or behind
    /// it. Its `Date` header says so.
    pub fn set_clock_skew(&self, seconds: i64) {
        self.hub.skew.store(seconds, Ordering::SeqCst);
    }

    /// The faults in force.
    pub fn faults(&self) -> &Faults {
        &self.hub.faults
    }
}

/// Names become directories and parts of URLs, so they keep to GitHub's characters.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    let plain = |one: char| one.is_ascii_alphanumeric() || "-_.".contains(one);
    let reserved = matches!(name, "." | ".." | "api") || name.starts_with('-');
    if name.is_empty() || name.len() > 100 || reserved || !name.chars().all(plain) {
        return Err(Error::Unprocessable(format!(
            "{name:?} is not a usable name"
        )));
    }
    Ok(())
}
