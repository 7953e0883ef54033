//! The one shape that every provider's delivery is parsed to.

use crate::{
    Asked, CommitSha, ItemKind, Marker, MessageId, Repository, RequestTime, Requester, SubjectId,
    Vocabulary,
};

/// What happened, by a delivery: its meaning, free of its provider's wire format. Through which connection it came, the
/// signature says and not the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InboundEvent {
    /// Somebody wrote a comment, or changed one.
    Comment(Box<CommentEvent>),
    /// Somebody opened an issue or pull request, or changed its text.
    Text(Box<TextEvent>),
    /// Somebody put a label on an item.
    Label(Box<LabelEvent>),
    /// Something that never starts work. New kinds appear at providers all the time.
    Other,
}

impl InboundEvent {
    /// Whether it can ask for nothing, and nobody could want to know why nothing came of it: something that
    /// never starts work, a bot's comment that asks for nothing, such as the echo of Switchyard's own, a label
    /// that is no command, the text of an issue without one, or a change that brings none. A comment that a
    /// person has just written is never among it.
    pub fn asks_for_nothing(&self, vocabulary: &Vocabulary) -> bool {
        match self {
            Self::Other => true,
            Self::Comment(event) => {
                let talk = event.sender.kind == SenderKind::Person && event.text.before.is_none();
                !talk && event.text.asked(vocabulary) == Asked::Nothing
            }
            Self::Text(event) => event.text.asked(vocabulary) == Asked::Nothing,
            Self::Label(event) => vocabulary.in_label(&event.label) == Asked::Nothing,
        }
    }
}

/// What somebody has written, as it was when the event happened; later changes are not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text, untrusted.
    pub now: String,
    /// What stood there before, if this is a change.
    pub before: Option<String>,
}

impl Written {
    /// What it asks for. A change asks for what was not asked for before. What Switchyard wrote asks for nothing, under
    /// whoever's name: the words in it are an agent's.
    pub fn asked(&self, vocabulary: &Vocabulary) -> Asked {
        if self.before.is_none() && Marker::any_run_in(&self.now) {
            return Asked::Nothing;
        }
        let asked = vocabulary.in_comment(&self.now);
        match &self.before {
            Some(before) if vocabulary.is_in_comment(before, asked) => Asked::Nothing,
            Some(_) | None => asked,
        }
    }
}

/// A comment that was just written or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentEvent {
    /// Where.
    pub repository: Repository,
    /// Under which issue or pull request.
    pub item: Item,
    /// The comment's own id.
    pub comment: MessageId,
    /// Its text.
    pub text: Written,
    /// When, unless the provider does not say.
    pub asked: Option<RequestTime>,
    /// Who wrote or changed it.
    pub sender: Sender,
}

/// The text of an issue or pull request that was just opened or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEvent {
    /// Where.
    pub repository: Repository,
    /// Which issue or pull request.
    pub item: Item,
    /// Its text.
    pub text: Written,
    /// When, unless the provider does not say.
    pub asked: Option<RequestTime>,
    /// Who opened or changed it.
    pub sender: Sender,
}

/// A label that was just put on an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelEvent {
    /// Where.
    pub repository: Repository,
    /// On which issue or pull request.
    pub item: Item,
    /// The label's name.
    pub label: String,
    /// When, unless the provider does not say.
    pub asked: Option<RequestTime>,
    /// Who put it there.
    pub sender: Sender,
}

/// An issue or pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which one it is, behind the connection.
    pub id: SubjectId,
    /// Which of the two it is.
    pub kind: ItemKind,
    /// Its title, untrusted.
    pub title: String,
    /// Its text, untrusted.
    pub body: String,
    /// The newest commit of a pull request, where the event says it.
    pub head: Option<CommitSha>,
}

/// The account behind an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The account.
    pub account: Requester,
    /// What sort of account it is.
    pub kind: SenderKind,
}

/// What sort of account is behind an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderKind {
    /// A person.
    Person,
    /// A bot or an app, Switchyard's own included.
    Bot,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DefinitionName;

    #[test]
    fn the_words_of_an_agent_ask_for_nothing_under_whoevers_name() {
        let asked = |now: &str, before: Option<&str>| {
            let (now, before) = (now.to_owned(), before.map(str::to_owned));
            let names = [DefinitionName::literal("investigate")];
            Written { now, before }.asked(&Vocabulary::new(names))
        };
        let own = "Done.\n\nbot:investigate\n\n<!-- switchyard:run=run_x -->\n";
        assert_eq!(asked(own, None), Asked::Nothing);
        assert_ne!(asked("bot:investigate", None), Asked::Nothing);
        // Somebody may go on from it.
        assert_ne!(asked(own, Some("Done.")), Asked::Nothing);
        assert_eq!(asked(own, Some(own)), Asked::Nothing);
    }

    #[test]
    fn whoever_takes_a_line_out_does_not_ask_for_the_next() {
        let names = ["implement", "investigate"].map(DefinitionName::literal);
        let vocabulary = Vocabulary::new(names);
        let asked = |before: &str, now: &str| {
            let (now, before) = (now.to_owned(), Some(before.to_owned()));
            Written { now, before }.asked(&vocabulary)
        };
        for first in ["bot:stop", "bot:investigate", "bot: stop", "bot:implment"] {
            let both = format!("{first}\n\nbot:implement");
            assert_eq!(asked(&both, "bot:implement"), Asked::Nothing, "{first}");
            let code = format!("`{first}`\n\nbot:implement");
            assert_eq!(asked(&both, &code), Asked::Nothing, "{first}");
        }
        let new = asked("bot:stop\n\n`bot:implement`", "bot:implement");
        assert_eq!(new, vocabulary.in_comment("bot:implement"));
    }
}
