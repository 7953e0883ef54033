//! What can be looked at.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::actions::announce;
use crate::actions::token::{self, Wish};
use crate::error::Error;
use crate::requests::RequestRecord;
use crate::server::SimGitHub;
use crate::state::comments::Comment;
use crate::state::deliveries::Delivery;
use crate::state::issues::Issue;
use crate::state::reactions::Reaction;
use crate::state::{comments, deliveries, issues, reactions, repositories, tokens};

/// A token that was minted, without its value, which nobody keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MintedToken {
    /// The installation it acts for.
    pub installation_id: u64,
    /// Permission name to `read` or `write`.
    pub permissions: BTreeMap<String, String>,
    /// Ids of the repositories it is limited to; `None` is all of the installation.
    pub repositories: Option<Vec<u64>>,
    /// When it was minted.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it was given back.
    pub revoked: bool,
}

impl SimGitHub {
    /// The full names (`owner/name`) of all repositories.
    pub async fn repositories(&self) -> Result<Vec<String>, Error> {
        let all = self.hub.read(|act| repositories::all(act.db)).await?;
        Ok(all
            .iter()
            .map(repositories::Repository::full_name)
            .collect())
    }

    /// The issues of a repository without its pull requests, newest first, closed ones too.
    pub async fn issues(&self, repository: &str) -> Result<Vec<Issue>, Error> {
        let repository = repository.to_owned();
        let all = self.hub.read(move |act| {
            let repository = repositories::by_full_name(act.db, &repository)?;
            issues::all(act.db, repository.id)
        });
        Ok(all
            .await?
            .into_iter()
            .filter(|one| one.pull.is_none())
            .collect())
    }

    /// An issue or a pull request of a repository (`owner/name`).
    pub async fn issue(&self, repository: &str, number: u64) -> Result<Issue, Error> {
        let repository = repository.to_owned();
        self.hub
            .read(move |act| {
                let repository = repositories::by_full_name(act.db, &repository)?;
                issues::find(act.db, repository.id, number)
            })
            .await
    }

    /// The comments on an issue or a pull request, oldest first.
    pub async fn comments(&self, repository: &str, number: u64) -> Result<Vec<Comment>, Error> {
        let issue = self.issue(repository, number).await?;
        self.hub
            .read(move |act| comments::of_issue(act.db, issue.id, i64::MIN))
            .await
    }

    /// The reactions to a comment or an issue, by its id, oldest first.
    pub async fn reactions(&self, subject_id: u64) -> Result<Vec<Reaction>, Error> {
        self.hub
            .read(move |act| reactions::of_subject(act.db, subject_id))
            .await
    }

    /// The pull requests of a repository, newest first, closed ones too.
    pub async fn pulls(&self, repository: &str) -> Result<Vec<Issue>, Error> {
        let repository = repository.to_owned();
        self.hub
            .read(move |act| {
                let repository = repositories::by_full_name(act.db, &repository)?;
                issues::pulls(act.db, repository.id)
            })
            .await
    }

    /// One pull request; [`Error::NotFound`] for a plain issue.
    pub async fn pull(&self, repository: &str, number: u64) -> Result<Issue, Error> {
        let found = self.issue(repository, number).await?;
        if found.pull.is_some() {
            Ok(found)
        } else {
            Err(Error::NotFound)
        }
    }

    /// The commit of a branch, if there is one.
    pub async fn branch_head(
        &self,
        repository: &str,
        branch: &str,
    ) -> Result<Option<String>, Error> {
        self.hub
            .git
            .head(&self.repository(repository).await?, branch)
            .await
    }

    /// The branches of a repository with their commits.
    pub async fn branches(&self, repository: &str) -> Result<BTreeMap<String, String>, Error> {
        let refs = self
            .hub
            .git
            .refs(&self.repository(repository).await?)
            .await?;
        let branches = refs.into_iter().filter_map(|(name, sha)| {
            name.strip_prefix("refs/heads/")
                .map(|branch| (branch.to_owned(), sha))
        });
        Ok(branches.collect())
    }

    /// The content of a file on a branch, if it is there.
    pub async fn file_at(
        &self,
        repository: &str,
        branch: &str,
        path: &str,
    ) -> Result<Option<Vec<u8>>, Error> {
        let repository = self.repository(repository).await?;
        match self.hub.git.head(&repository, branch).await? {
            Some(sha) => self.hub.git.file(&repository, &sha, path).await,
            None => Ok(None),
        }
    }

    /// Every webhook, sent or pending, oldest first.
    pub async fn deliveries(&self) -> Result<Vec<Delivery>, Error> {
        self.hub.read(|act| deliveries::all(act.db)).await
    }

    /// Sends the newest webhook of this GUID again under the same GUID. Gives the new delivery's id.
    pub async fn redeliver(&self, guid: &str) -> Result<u64, Error> {
        let guid = guid.to_owned();
        self.hub
            .write(move |act| announce::again(act, &deliveries::by_guid(act.db, &guid)?))
            .await
    }

    /// Mints a token without a JWT. `repositories` are names without the owner; `None` is all, as
    /// with `permissions`.
    pub async fn mint_token(
        &self,
        installation_id: u64,
        repositories: Option<&[&str]>,
        permissions: Option<&[(&str, &str)]>,
    ) -> Result<SecretString, Error> {
        let pair = |(name, level): &(&str, &str)| ((*name).to_owned(), (*level).to_owned());
        let wish = Wish {
            repositories: repositories
                .map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
            repository_ids: None,
            permissions: permissions.map(|pairs| pairs.iter().map(pair).collect()),
        };
        let minted = self
            .hub
            .write(move |act| token::mint(act, installation_id, &wish))
            .await?;
        let made_at = minted.token.created_at;
        self.hub.fresh.born(minted.token.hash, made_at);
        Ok(minted.value.into())
    }

    /// Every token ever minted, oldest first.
    pub async fn tokens_minted(&self) -> Result<Vec<MintedToken>, Error> {
        let all = self.hub.read(|act| tokens::all(act.db)).await?;
        let time = |seconds| Timestamp::from_second(seconds).unwrap_or_default();
        Ok(all
            .into_iter()
            .map(|token| MintedToken {
                installation_id: token.installation_id,
                permissions: token.permissions,
                repositories: token.repositories,
                created_at: time(token.created_at),
                expires_at: time(token.expires_at),
                revoked: token.revoked,
            })
            .collect())
    }

    /// The newest requests (10,000 at most since the start), oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.hub.requests.all()
    }
}
