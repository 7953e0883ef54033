//! What a decider is asked.

use domain::{Connection, Ticket};

use crate::{ActionKind, Person};

/// What is asked about: a ticket, and the connection by which its tenant reaches it.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The ticket.
    pub ticket: &'a Ticket,
}

impl Resource<'_> {
    /// Whether the ticket is reached by the connection, and the person is known by it.
    pub(crate) fn is_of(&self, person: &Person) -> bool {
        let Self { connection, ticket } = self;
        ticket.tenant == connection.tenant
            && ticket.provider == connection.provider
            && ticket.installation == connection.installation
            && *person.tenant() == connection.tenant
            && person.provider() == connection.provider
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
