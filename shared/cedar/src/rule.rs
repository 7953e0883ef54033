//! What a policy says of itself.

use cedar_policy::{Effect, Policy};
use policy::{Denial, DenialKind, Reason};

use crate::LoadError;

/// A policy's annotations, read.
#[derive(Clone, Debug)]
pub(crate) enum Rule {
    /// It permits.
    Permit(Reason),
    /// It forbids.
    Forbid(Denial),
}

impl Rule {
    pub(crate) fn of(policy: &Policy) -> Result<Self, LoadError> {
        let reason = Reason {
            rule: annotation(policy, "id")?.to_owned(),
            words: annotation(policy, "reason")?.to_owned(),
        };
        match policy.effect() {
            Effect::Permit => Ok(Self::Permit(reason)),
            Effect::Forbid => {
                let kind = kind(annotation(policy, "kind")?);
                let kind = kind.ok_or_else(|| missing(policy, "kind"))?;
                Ok(Self::Forbid(Denial { kind, reason }))
            }
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Permit(reason) | Self::Forbid(Denial { reason, .. }) => &reason.rule,
        }
    }
}

fn kind(name: &str) -> Option<DenialKind> {
    Some(match name {
        "undecided" => DenialKind::Undecided,
        "owner-not-allowed" => DenialKind::OwnerNotAllowed,
        "permission-too-low" => DenialKind::PermissionTooLow,
        _ => return None,
    })
}

fn annotation<'a>(policy: &'a Policy, name: &'static str) -> Result<&'a str, LoadError> {
    let found = policy.annotation(name).filter(|text| !text.is_empty());
    found.ok_or_else(|| missing(policy, name))
}

fn missing(policy: &Policy, annotation: &'static str) -> LoadError {
    let name = policy.annotation("id");
    LoadError::Annotation {
        policy: name.map_or_else(|| policy.id().to_string(), str::to_owned),
        annotation,
    }
}
