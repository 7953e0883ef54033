//! Gives a credential for the repository of a job, just in time.

use contract::worker::{GitAccess, GitToken, GitTokenRequest, TokenSource};
use domain::{RepositoryAccess, RunHead};

use super::{Leaseholder, Worker, WorkerError};
use crate::OperatorToken;

impl Worker {
    /// Mints a credential for the job's one repository. The most it may do follows from the task on record; what is asked
    /// for can only be less. Where the operator set a token, it is that one.
    pub async fn mint_git_token(
        &self,
        holder: &Leaseholder,
        request: GitTokenRequest,
    ) -> Result<GitToken, WorkerError> {
        let head = self.head_of(holder.job()).await?;
        let step = self.leased_step(holder).await?;
        head.may_have_credential(step.value(), holder.fence(), self.parts.clock.now())?;
        if let Some(own) = &self.parts.operator_token {
            return of_operator(own, &head);
        }
        let task = self.definition(head.definition())?.task();
        let access = match (task.access(), request.access) {
            (RepositoryAccess::Write, GitAccess::Write) => RepositoryAccess::Write,
            (RepositoryAccess::Write, GitAccess::Read) | (RepositoryAccess::Read, _) => {
                RepositoryAccess::Read
            }
        };
        let asked = self.parts.code_host.mint_token(head.target(), access);
        let minted = self
            .in_time(asked)
            .await
            .map_err(WorkerError::no_credential)?;
        tracing::info!(tenant.id = %holder.tenant(), "minted a credential for the repository");
        Ok(GitToken {
            token: minted.token,
            expires_at: minted.expires_at,
            source: TokenSource::Installation,
        })
    }
}

/// The operator's token. How long it works nobody knows here, so it is given for the time that the work has.
fn of_operator(own: &OperatorToken, head: &RunHead) -> Result<GitToken, WorkerError> {
    let token = own.of(head.target().repository()).ok_or_else(|| {
        tracing::error!("the operator's token is not for the owner of this repository");
        WorkerError::RepositoryRefused
    })?;
    tracing::info!("gave the operator's own credential");
    Ok(GitToken {
        token,
        expires_at: head.deadline(),
        source: TokenSource::Operator,
    })
}
