//! The schema's names, parsed once.

use cedar_policy::{EntityId, EntityTypeName, EntityUid, ParseErrors};
use domain::{Permission, RepositoryAccess};
use policy::ActionKind;

use crate::LoadError;

/// The types of entities.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) tenant: EntityTypeName,
    pub(crate) person: EntityTypeName,
    pub(crate) connection: EntityTypeName,
    pub(crate) subject: EntityTypeName,
    permission: EntityTypeName,
    access: EntityTypeName,
    action: EntityTypeName,
}

impl Names {
    pub(crate) fn new() -> Result<Self, LoadError> {
        Ok(Self {
            tenant: of("Switchyard::Tenant")?,
            person: of("Switchyard::Person")?,
            connection: of("Switchyard::Connection")?,
            subject: of("Switchyard::Subject")?,
            permission: of("Switchyard::Permission")?,
            access: of("Switchyard::Access")?,
            action: of("Switchyard::Action")?,
        })
    }

    pub(crate) fn action(&self, kind: ActionKind) -> EntityUid {
        uid(&self.action, action(kind))
    }

    pub(crate) fn access(&self, access: RepositoryAccess) -> EntityUid {
        let name = match access {
            RepositoryAccess::Read => "read",
            RepositoryAccess::Write => "write",
        };
        uid(&self.access, name)
    }

    /// The permission and all lesser ones; none while it is not known.
    pub(crate) fn permissions(&self, most: Option<Permission>) -> impl Iterator<Item = EntityUid> {
        let held = PERMISSIONS
            .into_iter()
            .filter(move |(lesser, _)| most.is_some_and(|most| *lesser <= most));
        held.map(|(_, name)| uid(&self.permission, name))
    }
}

fn of(name: &str) -> Result<EntityTypeName, LoadError> {
    let parsed = name.parse();
    parsed.map_err(|error: ParseErrors| LoadError::Schema(error.to_string()))
}

/// Everything that a provider can grant, by the schema's names.
const PERMISSIONS: [(Permission, &str); 5] = [
    (Permission::Read, "read"),
    (Permission::Triage, "triage"),
    (Permission::Write, "write"),
    (Permission::Maintain, "maintain"),
    (Permission::Admin, "admin"),
];

const fn action(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::StartRun { .. } => "StartRun",
        ActionKind::StopRuns => "StopRuns",
        ActionKind::GetHelp => "GetHelp",
    }
}

pub(crate) fn uid(name: &EntityTypeName, id: impl AsRef<str>) -> EntityUid {
    EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id))
}
