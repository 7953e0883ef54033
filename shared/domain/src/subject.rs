//! Where people talk.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Connection, ConnectionId, ContainerId, ItemId, PlaceName, Provider, TenantId, TextError,
};

/// Whether a subject is an issue or a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// An issue.
    Issue,
    /// A pull request.
    PullRequest,
}

/// Which subject of a connection: an item in a container. Its text form is `container/item`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectId {
    container: ContainerId,
    item: ItemId,
}

impl SubjectId {
    /// The subject `item` in `container`.
    pub const fn new(container: ContainerId, item: ItemId) -> Self {
        Self { container, item }
    }

    /// What it is in.
    pub const fn container(&self) -> ContainerId {
        self.container
    }

    /// Which one in there.
    pub const fn item(&self) -> ItemId {
        self.item
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.container, self.item)
    }
}

impl fmt::Debug for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SubjectId {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        // No id holds a slash.
        let (container, item) = text.split_once('/').ok_or(TextError {
            what: "a subject's id: a container's and an item's with a slash between",
        })?;
        Ok(Self::new(container.parse()?, item.parse()?))
    }
}

impl TryFrom<String> for SubjectId {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        text.parse()
    }
}

impl From<SubjectId> for String {
    fn from(id: SubjectId) -> Self {
        id.to_string()
    }
}

/// What makes a subject unique. It holds no name, so that a rename changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SubjectKey {
    tenant: TenantId,
    connection: ConnectionId,
    id: SubjectId,
}

impl SubjectKey {
    /// The subject `id` of the tenant's connection.
    pub const fn new(tenant: TenantId, connection: ConnectionId, id: SubjectId) -> Self {
        Self {
            tenant,
            connection,
            id,
        }
    }

    /// Whose it is.
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Through which connection it is reached.
    pub const fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Which one it is there.
    pub const fn id(&self) -> SubjectId {
        self.id
    }
}

/// A place where people talk and are answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    connection: Connection,
    id: SubjectId,
    place: PlaceName,
    kind: ItemKind,
}

impl Subject {
    /// The subject `id` behind `connection`, which is found at `place` now.
    pub const fn new(
        connection: Connection,
        id: SubjectId,
        place: PlaceName,
        kind: ItemKind,
    ) -> Self {
        Self {
            connection,
            id,
            place,
            kind,
        }
    }

    /// The connection through which it is reached.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whose it is.
    pub const fn tenant(&self) -> &TenantId {
        self.connection.tenant()
    }

    /// Where it lives.
    pub const fn provider(&self) -> Provider {
        self.connection.provider()
    }

    /// Which one it is there.
    pub const fn id(&self) -> SubjectId {
        self.id
    }

    /// Which item of its container.
    pub const fn item(&self) -> ItemId {
        self.id.item()
    }

    /// Where it is found now.
    pub const fn place(&self) -> &PlaceName {
        &self.place
    }

    /// What sort of subject it is.
    pub const fn kind(&self) -> ItemKind {
        self.kind
    }

    /// Its identity.
    pub fn key(&self) -> SubjectKey {
        SubjectKey::new(self.tenant().clone(), self.connection.id(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_survives_its_text_form(
            container in "[A-Za-z0-9._:=-]{1,63}",
            item in "[A-Za-z0-9._:=-]{1,63}",
        ) {
            let id = SubjectId::new(container.parse().unwrap(), item.parse().unwrap());
            prop_assert_eq!(id.to_string(), format!("{container}/{item}"));
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn no_text_makes_the_parser_fall_over(text: String) {
            if let Ok(id) = text.parse::<SubjectId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn an_id_has_two_parts_that_fit_into_a_key() {
        for bad in ["", "7", "/7", "3/", "3/7/9", "3#/7", "3/ 7"] {
            assert!(bad.parse::<SubjectId>().is_err(), "{bad}");
        }
        assert!("C024BE91L/1700000000.123456".parse::<SubjectId>().is_ok());
    }
}
