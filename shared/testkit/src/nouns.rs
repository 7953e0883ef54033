//! Where people talk, what is changed there, and who asks.

use domain::{
    AccountId, Cause, CodeTarget, Connection, InstallationId, ItemId, ItemKind, MessageId, Origin,
    Provider, Repository, RequestTime, Requester, Subject, SubjectId, SubjectKey, TraceId, Trigger,
};
use jiff::Timestamp;

/// The tie of `tenant`, without its prefix, to an installation.
pub fn connection(tenant: &str, installation: u64) -> Connection {
    let tenant = format!("ten_{tenant}").parse().unwrap();
    Connection::new(tenant, Provider::Github, InstallationId::from(installation))
}

/// An issue of a repository.
pub fn issue(connection: &Connection, repository: &Repository, number: u64) -> Subject {
    let id = SubjectId::new(repository.id.into(), ItemId::from(number));
    Subject::new(connection.clone(), id, repository.place(), ItemKind::Issue)
}

/// The identity of an issue, by numbers alone.
pub fn issue_key(connection: &Connection, repository: u64, number: u64) -> SubjectKey {
    let id = SubjectId::new(repository.into(), number.into());
    SubjectKey::new(connection.tenant().clone(), connection.id(), id)
}

/// The code of a repository.
pub fn code(connection: &Connection, repository: &Repository) -> CodeTarget {
    CodeTarget::new(connection.clone(), repository.clone())
}

/// Somebody of that handle, which is the account's id as well.
pub fn requester(handle: &str) -> Requester {
    let account: AccountId = handle.parse().unwrap();
    Requester::new(account, handle.parse().unwrap())
}

/// A comment by `handle` that was written at `at` and brought by `delivery`.
pub fn origin(delivery: &str, handle: &str, comment: u64, at: Timestamp, trace: TraceId) -> Origin {
    let message = MessageId::from(comment);
    let cause = Cause::Delivery {
        id: delivery.parse().unwrap(),
        trigger: Trigger::Message(message),
    };
    let asked = RequestTime::of_message(at, message);
    Origin::new(cause, requester(handle), asked, trace)
}
