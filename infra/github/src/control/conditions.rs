//! What owners do to their repositories and to whoever works in them, and what makes GitHub refuse.

use std::collections::BTreeMap;

use serde_json::json;

use crate::actions::{announce, install, issue};
use crate::error::Error;
use crate::server::SimGitHub;
use crate::shape;
use crate::site::Grant;
use crate::state::repositories::{self, Repository, Setting};
use crate::state::{accounts, installations, issues, refusals, renames};

impl SimGitHub {
    /// Turns something about a repository (`owner/name`) on.
    pub async fn turn_on(&self, repository: &str, setting: Setting) -> Result<(), Error> {
        self.set(repository, setting, true).await
    }

    /// Turns something about a repository off.
    pub async fn turn_off(&self, repository: &str, setting: Setting) -> Result<(), Error> {
        self.set(repository, setting, false).await
    }

    /// Lets a ruleset cover the branches that match `pattern` (`*` is any run of characters), so
    /// that pushes of the app to them are refused; `None` covers none.
    pub async fn set_rule(&self, repository: &str, pattern: Option<&str>) -> Result<(), Error> {
        let id = self.repository(repository).await?.id;
        let pattern = pattern.map(str::to_owned);
        self.hub
            .write(move |act| repositories::set_rule(act.db, id, pattern.as_deref()))
            .await
    }

    /// Makes a private repository without any commit. Gives its id.
    pub async fn create_empty_repository(&self, owner: &str, name: &str) -> Result<u64, Error> {
        super::setup::check_name(owner)?;
        super::setup::check_name(name)?;
        let (owner, name) = (owner.to_owned(), name.to_owned());
        let draft = self.draft(owner.clone(), name.clone()).await?;
        self.hub.git.init(&draft).await?;
        self.hub
            .write(move |act| Ok(install::create_repository(act, &owner, &name)?.id))
            .await
    }

    /// Renames a repository (`owner/name`), or gives it to another owner too. Whoever asks for the
    /// former name is led to the new one.
    pub async fn move_repository(
        &self,
        repository: &str,
        owner: &str,
        name: &str,
    ) -> Result<(), Error> {
        super::setup::check_name(name)?;
        let former = self.repository(repository).await?;
        let lock = self.hub.ref_lock(former.id);
        let _held = lock.lock().await;
        let (owner, name) = (owner.to_owned(), name.to_owned());
        let (from, id) = (former.clone(), former.id);
        let moved: Repository = self
            .hub
            .write(move |act| {
                let owner = accounts::find(act.db, &owner)?;
                installations::ensure(act.db, &owner, act.now)?;
                renames::rename(act.db, &from, &owner, &name)?;
                repositories::by_id(act.db, id)
            })
            .await?;
        let to = self.hub.git.directory(&moved);
        if let Some(parent) = to.parent() {
            tokio::fs::create_dir_all(parent).await?;
        }
        tokio::fs::rename(self.hub.git.directory(&former), to).await?;
        Ok(())
    }

    /// Calls the default branch something else. The API leads from the former name to the new one,
    /// git knows only the new one.
    pub async fn rename_default_branch(&self, repository: &str, name: &str) -> Result<(), Error> {
        let former = self.repository(repository).await?;
        let arguments = ["branch", "--move", "--", &former.default_branch, name];
        self.hub.git.text(&former, &arguments).await?;
        let (name, of) = (name.to_owned(), former.clone());
        self.hub
            .write(move |act| renames::rename_default_branch(act.db, &of, &name))
            .await?;
        let login = &former.owner.login;
        crate::git::sync::sync(&self.hub, &former, login).await
    }

    /// Lets the app ask for these permissions and events. Its installations keep what they have until somebody accepts, which
    /// nobody does here.
    pub fn ask_for(&self, permissions: BTreeMap<String, String>, events: Vec<String>) {
        self.hub.site.ask_for(Grant {
            permissions,
            events,
        });
    }

    /// Suspends the installation on the owner of a repository, which is told to the app.
    pub async fn suspend_installation(&self, repository: &str) -> Result<(), Error> {
        self.change_installation(repository, "suspend").await
    }

    /// Lets a suspended installation work again.
    pub async fn unsuspend_installation(&self, repository: &str) -> Result<(), Error> {
        self.change_installation(repository, "unsuspend").await
    }

    async fn change_installation(
        &self,
        repository: &str,
        action: &'static str,
    ) -> Result<(), Error> {
        let repository = self.repository(repository).await?;
        let id = repository.installation_id.ok_or(Error::NotFound)?;
        self.hub
            .write(move |act| {
                match action {
                    "suspend" => refusals::suspend(act.db, id, act.now)?,
                    _ => refusals::unsuspend(act.db, id)?,
                }
                let installation = installations::find(act.db, id)?;
                let fields = json!({
                    "installation": shape::installation(act, &installation)?,
                    "sender": shape::user(act.site, &installation.account),
                });
                announce::about_app(act, "installation", Some(action), Some(id), fields)
            })
            .await
    }

    /// Blocks a person on the owner of a repository: they cannot write there any more.
    pub async fn block(&self, repository: &str, login: &str) -> Result<(), Error> {
        let (repository, login) = (self.repository(repository).await?, login.to_owned());
        self.hub
            .write(move |act| {
                let person = accounts::find(act.db, &login)?;
                refusals::block(act.db, &repository.owner, &person)
            })
            .await
    }

    /// Locks the conversation of an issue or a pull request: only people with write access may
    /// comment.
    pub async fn lock_issue(
        &self,
        repository: &str,
        number: u64,
        actor: &str,
    ) -> Result<(), Error> {
        let [repository, actor] = [repository, actor].map(str::to_owned);
        self.hub
            .write(move |act| {
                let repository = repositories::by_full_name(act.db, &repository)?;
                let mut found = issues::find(act.db, repository.id, number)?;
                found.locked = true;
                issues::update(act.db, &found)?;
                let actor = act.actor(&actor)?;
                issue::announce(
                    act,
                    &repository,
                    &found,
                    &actor,
                    "locked",
                    serde_json::Map::new(),
                )
            })
            .await
    }
}
