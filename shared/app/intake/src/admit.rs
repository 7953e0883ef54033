//! Whether the person who asks may.

use domain::{Connection, Permission, Refusal, StepName};
use github::GitHubError;

use runs::AppError;

use crate::{Triage, request::Request, trace::Trace};

/// What a person must be able to do in the repository to ask for work in it.
const NEEDED: Permission = Permission::Write;

impl Triage {
    /// Why the request is refused, if it is. The cheap question comes before the one that asks the provider.
    pub(crate) async fn admit(
        &self,
        request: &Request,
        connection: &Connection,
        trace: &mut Trace,
    ) -> Result<Option<Refusal>, AppError> {
        let repository = &request.ticket.repository;
        if !connection.owners.admits(&repository.owner) {
            trace.note(
                StepName::Permitted,
                "the repository's owner is not on the list",
            );
            return Ok(Some(Refusal::OwnerNotAllowed));
        }
        let sender = &request.sender.login;
        let asked = self
            .github
            .permission(connection.installation, repository, sender)
            .await;
        let permission = match asked {
            Ok(permission) => permission,
            Err(GitHubError::NotFound | GitHubError::Forbidden | GitHubError::Gone) => {
                trace.note(
                    StepName::Permitted,
                    "the app may not see the sender's permission",
                );
                return Ok(Some(Refusal::NoAccess));
            }
            Err(error) => return Err(error.into()),
        };
        if permission < NEEDED {
            trace.note(
                StepName::Permitted,
                "the sender may not write to the repository",
            );
            return Ok(Some(Refusal::PermissionTooLow));
        }
        trace.note(
            StepName::Permitted,
            "the sender may write to the repository",
        );
        Ok(None)
    }
}
