//! Reacting to comments and issues. GitHub sends no webhook for it.

use super::{Act, Actor};
use crate::error::Error;
use crate::state::reactions::{self, CONTENTS, Reaction};

/// Reacts, and says whether that is new.
pub(crate) fn react(
    act: &Act<'_>,
    subject_id: u64,
    actor: &Actor,
    content: &str,
) -> Result<(Reaction, bool), Error> {
    if !CONTENTS.iter().any(|(known, _)| *known == content) {
        let message = Some(format!("{content} is not a reaction"));
        return Err(Error::invalid(
            "Reaction",
            Some("content"),
            "custom",
            message,
        ));
    }
    reactions::add(act.db, subject_id, &actor.account, content, act.now)
}
