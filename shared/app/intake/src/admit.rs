//! Whether the person who asks may.

use domain::{Connection, Permission, Refusal, StepName};
use policy::{Action, Allowed, Denial, DenialKind, Person, Reason, Resource};
use ports::ProviderError;

use runs::{AppError, OpenDelivery};

use crate::{Triage, request::Request};

impl Triage {
    /// Permission to take `action` on what the request is about, or why it is refused. The question is put before
    /// the provider is asked what the person may do there, which is only asked where that decides.
    pub(crate) async fn admit<A: Action>(
        &self,
        action: A,
        request: &Request,
        connection: &Connection,
        record: &mut OpenDelivery,
    ) -> Result<Result<Allowed<A>, Refusal>, AppError> {
        let resource = Resource {
            connection,
            owners: self.connections.owners(connection),
            subject: &request.subject,
            target: &request.target,
        };
        let sender = Person::of(connection, request.sender.account.clone());
        let early = self.gate.ask(action.clone(), sender.clone(), resource);
        let asked = match early {
            Err(denial) if denial.kind == DenialKind::PermissionTooLow => {
                let Some(permission) = self.permission(request).await? else {
                    let unseen = "the app may not see the sender's permission";
                    record.note(self.clock.now(), StepName::Permitted, unseen);
                    return Ok(Err(Refusal::NoAccess));
                };
                let sender = sender.with_permission(permission);
                self.gate.ask(action, sender, resource)
            }
            decided => decided,
        };
        Ok(match asked {
            Ok(allowed) => {
                let words = allowed.reason().words.as_str();
                record.note(self.clock.now(), StepName::Permitted, words);
                Ok(allowed)
            }
            Err(denial) => {
                let (refusal, note) = refusal(&denial);
                record.note(self.clock.now(), StepName::Permitted, note);
                Err(refusal)
            }
        })
    }

    /// What the sender may do in the repository, if the app may see it.
    async fn permission(&self, request: &Request) -> Result<Option<Permission>, AppError> {
        let (target, sender) = (&request.target, &request.sender.account);
        let asked = self.authority.permission(sender, target);
        match asked.await {
            Ok(permission) => Ok(Some(permission)),
            Err(ProviderError::Gone | ProviderError::Forbidden) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a denial means for the verdict. People are told what a policy says of itself, and not what fails here.
fn refusal(denial: &Denial) -> (Refusal, &str) {
    let Reason { rule, words } = &denial.reason;
    match denial.kind {
        DenialKind::OwnerNotAllowed => (Refusal::OwnerNotAllowed, words.as_str()),
        DenialKind::PermissionTooLow => (Refusal::PermissionTooLow, words.as_str()),
        DenialKind::Undecided => {
            tracing::error!(
                metric.DeliveriesLost = 1_u64,
                rule,
                reason = words,
                "no policy decides"
            );
            (
                Refusal::Broken,
                "the policies do not decide it; an operator has to look",
            )
        }
    }
}
