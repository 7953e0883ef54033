//! Values for this crate's own tests.

use contract::worker::JobPayload;
use domain::{
    DefinitionName, Excerpt, ItemKind, ItemNumber, Repository, RepositoryId, RunId, SeededRandom,
    TraceId,
};
use jiff::Timestamp;

use crate::conversation::{Conversation, Part};

/// A payload for octo/widgets, issue 7.
pub(crate) fn payload(name: DefinitionName) -> JobPayload {
    let definition = engine::built_in().newest(name).unwrap();
    let random = SeededRandom::new(42);
    JobPayload {
        run: RunId::mint(Timestamp::UNIX_EPOCH, &random),
        definition: name,
        task: definition.task().into(),
        repository: Repository {
            id: RepositoryId::from(1),
            owner: "octo".parse().unwrap(),
            name: "widgets".parse().unwrap(),
        },
        number: ItemNumber(7),
        kind: ItemKind::Issue,
        requester: "ada".parse().unwrap(),
        title: "Greeting is wrong".to_owned(),
        body: "It says goodbye.".to_owned(),
        request: None,
        comment: None,
        asked: Timestamp::from_second(2 * 60 * 60).ok(),
        revision: None,
        branch: "switchyard/issue-7-abc".to_owned(),
        bot: "switchyard[bot]".parse().unwrap(),
        deadline: Timestamp::MAX,
        trace: TraceId::mint(&random),
    }
}

/// An issue that nobody has commented on.
pub(crate) fn nothing_said() -> Conversation {
    Conversation {
        comments: Part::Read(Excerpt::whole(Vec::new())),
        pull: None,
    }
}
