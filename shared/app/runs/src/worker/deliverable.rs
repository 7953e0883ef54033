//! Whether a pull request that a daemon reports is the run's own.

use domain::{CodeTarget, Deliverable, Outcome, PullRequest, Repository};
use ports::{ProviderError, PullHead};
use url::Url;

use super::{Worker, WorkerError};

const NOT_OWN: WorkerError = WorkerError::Invalid {
    what: "the pull request is not one of this run's own repository and branch",
};

/// The pull request that an outcome delivers, if it does.
pub(super) fn pull_request(outcome: &Outcome) -> Option<&PullRequest> {
    match outcome {
        Outcome::Succeeded {
            deliverable: Deliverable::PullRequest(pull),
        }
        | Outcome::Incomplete {
            deliverable: Deliverable::PullRequest(pull),
            ..
        } => Some(pull),
        Outcome::Succeeded { .. }
        | Outcome::Incomplete { .. }
        | Outcome::Unchanged
        | Outcome::Failed { .. }
        | Outcome::Cancelled
        | Outcome::Expired => None,
    }
}

impl Worker {
    /// Makes sure that `pull`, whose branch is one of the run's, is its own, by what its host says about it, its address included. A daemon
    /// may say anything, and its words end up as a link in a comment. When the host cannot be asked, the address that
    /// follows from the run's own repository is enough, so that no finished work is lost. Where pages are elsewhere than
    /// clones no address follows, and the host has to be asked.
    pub(super) async fn own_pull(
        &self,
        target: &CodeTarget,
        pull: &PullRequest,
    ) -> Result<(), WorkerError> {
        let repository = target.repository();
        let named = self.address(pull);
        if pull.number.0 == 0 {
            return Err(NOT_OWN);
        }
        let asked = self.parts.code_host.pull_head(target, pull.number.0.into());
        match self.in_time(asked).await {
            Ok(found) if is_own(&found, repository, pull) => Ok(()),
            Ok(found) => {
                tracing::warn!(
                    ?found,
                    "a daemon reports a pull request that is not its own"
                );
                Err(NOT_OWN)
            }
            Err(error) if named.is_some_and(|named| named.is(repository)) => {
                tracing::warn!(%error, "the pull request could not be looked at");
                Ok(())
            }
            // It may be the repository's newer name, which only the host knows.
            Err(ProviderError::Gone) => Err(NOT_OWN),
            Err(error) => Err(error.into()),
        }
    }

    /// The repository that a pull request's address names, if it is an address of pull requests where clones come from.
    fn address(&self, pull: &PullRequest) -> Option<Named> {
        let url: Url = pull.url.parse().ok()?;
        let path = url.as_str().strip_prefix(self.parts.web.as_str())?;
        let mut parts = path.split('/');
        let named = Named {
            owner: parts.next()?.to_owned(),
            name: parts.next()?.to_owned(),
        };
        let rest: Vec<&str> = parts.collect();
        // Normalised by the parser, so what is written otherwise is refused.
        let whole = url.as_str() == pull.url && rest == ["pull", &pull.number.to_string()];
        whole.then_some(named)
    }
}

struct Named {
    owner: String,
    name: String,
}

impl Named {
    fn is(&self, repository: &Repository) -> bool {
        self.owner.eq_ignore_ascii_case(repository.owner.as_str())
            && self.name.eq_ignore_ascii_case(repository.name.as_str())
    }
}

fn is_own(found: &PullHead, repository: &Repository, pull: &PullRequest) -> bool {
    found.repository == Some(repository.id) && found.branch == pull.branch && found.url == pull.url
}
