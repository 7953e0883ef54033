//! What a token may do. Each call gets the least that it needs.

use std::collections::BTreeMap;

/// A set of permissions. None of them ever holds `workflows`: an agent must not write what runs with
/// the repository's secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// Look at the repository and at who may do what in it.
    Look,
    /// Comment and react on issues and pull requests.
    Talk,
    /// Look at pull requests.
    Pulls,
    /// Clone, and read what is said about an issue or pull request.
    GitRead,
    /// Push and open pull requests.
    GitWrite,
}

impl Scope {
    /// The permissions by GitHub's names.
    pub(crate) fn permissions(self) -> BTreeMap<&'static str, &'static str> {
        match self {
            Self::Look => BTreeMap::from([("metadata", "read")]),
            Self::Talk => BTreeMap::from([
                ("issues", "write"),
                ("metadata", "read"),
                ("pull_requests", "write"),
            ]),
            Self::Pulls => BTreeMap::from([("metadata", "read"), ("pull_requests", "read")]),
            Self::GitRead => BTreeMap::from([
                ("contents", "read"),
                ("issues", "read"),
                ("metadata", "read"),
                ("pull_requests", "read"),
            ]),
            Self::GitWrite => BTreeMap::from([
                ("contents", "write"),
                ("metadata", "read"),
                ("pull_requests", "write"),
            ]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_scope_touches_workflows() {
        for scope in [
            Scope::Look,
            Scope::Talk,
            Scope::Pulls,
            Scope::GitRead,
            Scope::GitWrite,
        ] {
            assert!(!scope.permissions().contains_key("workflows"), "{scope:?}");
        }
        assert!(
            Scope::GitRead
                .permissions()
                .values()
                .all(|level| *level == "read")
        );
    }
}
