//! Mints a credential for the repository of a job, just in time.

use contract::worker::{GitAccess, GitToken, GitTokenRequest, TokenSource};
use domain::{JobId, Verb};
use egress::Access;

use super::{Worker, WorkerError};

impl Worker {
    /// Mints a credential for the job's one repository. The most it may do follows from the verb on record; what is asked
    /// for can only be less.
    pub async fn mint_git_token(
        &self,
        token: &str,
        job: JobId,
        request: GitTokenRequest,
    ) -> Result<GitToken, WorkerError> {
        let holder = self.leaseholder(token, job)?;
        let run = self.leased_run(&holder).await?;
        run.may_have_credential(holder.fence, self.clock.now())?;
        let access = match (run.definition.verb, request.access) {
            (Verb::Implement, GitAccess::Write) => Access::Write,
            (Verb::Implement, GitAccess::Read) | (Verb::Investigate, _) => Access::Read,
        };
        let ticket = &run.ticket;
        let asked = self
            .github
            .mint_git_token(ticket.installation, &ticket.repository, access);
        let minted = self
            .in_time(asked)
            .await
            .map_err(WorkerError::no_credential)?;
        tracing::info!(tenant.id = %holder.actor.tenant, "minted a credential for the repository");
        Ok(GitToken {
            token: minted.token,
            expires_at: minted.expires_at,
            source: TokenSource::Installation,
        })
    }
}
