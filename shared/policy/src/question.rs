//! What a decider is asked.

use domain::{CodeTarget, Connection, OwnerList, Subject};

use crate::{ActionKind, Person};

/// What is asked about: a subject, the code that work on it changes, and the connection by which their tenant reaches
/// both.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// For whom work may be done by it.
    pub owners: &'a OwnerList,
    /// The subject.
    pub subject: &'a Subject,
    /// The code.
    pub target: &'a CodeTarget,
}

impl Resource<'_> {
    /// Whether subject and code are reached by the connection, and the person is known by it.
    pub(crate) fn is_of(&self, person: &Person) -> bool {
        [
            self.subject.connection(),
            self.target.connection(),
            person.connection(),
        ]
        .into_iter()
        .all(|connection| connection == self.connection)
    }
}

/// May this person do that, there?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub person: &'a Person,
    /// To do what.
    pub action: ActionKind,
    /// About what.
    pub resource: Resource<'a>,
}
