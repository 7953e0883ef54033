//! The one place where permission is given.

use std::sync::Arc;

use domain::{CodeTarget, Subject, TenantId};

use crate::{Action, Decider, Decision, Denial, DenialKind, Person, Question, Reason, Resource};

/// That a person was allowed to take an action on a subject. Whoever acts on it reads tenant, subject, code and person
/// from here, so that nothing is done to anything but what was decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed<A: Action> {
    action: A,
    person: Person,
    subject: Subject,
    target: CodeTarget,
    reason: Reason,
}

impl<A: Action> Allowed<A> {
    /// What was allowed.
    pub fn action(&self) -> &A {
        &self.action
    }

    /// To whom.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// The tenant in whose name it is done.
    pub fn tenant(&self) -> &TenantId {
        self.subject.tenant()
    }

    /// On which subject.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// On which code.
    pub fn target(&self) -> &CodeTarget {
        &self.target
    }

    /// Why.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

/// Makes [`Allowed`], and nothing else does.
#[derive(Clone, Debug)]
pub struct Gate(Arc<dyn Decider>);

impl Gate {
    /// A gate at which `decider` decides.
    pub fn new(decider: impl Decider + 'static) -> Self {
        Self(Arc::new(decider))
    }

    /// Permission for `person` to take `action` on the resource, if the decider gives it. Nobody gets any beyond
    /// the tenant and the connection by which they are known, whatever the decider says.
    pub fn ask<A: Action>(
        &self,
        action: A,
        person: Person,
        resource: Resource<'_>,
    ) -> Result<Allowed<A>, Denial> {
        if !resource.is_of(&person) {
            return Err(elsewhere());
        }
        let question = Question {
            person: &person,
            action: action.kind(),
            resource,
        };
        match self.0.decide(&question) {
            Decision::Allow(reason) => Ok(Allowed {
                action,
                person,
                subject: resource.subject.clone(),
                target: resource.target.clone(),
                reason,
            }),
            Decision::Deny(denial) => Err(denial),
        }
    }
}

fn elsewhere() -> Denial {
    Denial {
        kind: DenialKind::Undecided,
        reason: Reason {
            rule: "own-connection-only".to_owned(),
            words: "the subject is not reached by the connection that knows the person".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests;
