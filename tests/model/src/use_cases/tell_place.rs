//! `tell_place`: tells what was just read, and says who posts before the first post.

use crate::{
    Effect, Flaw, Place, Poster, Run, StepState, Text,
    process::{Context, Next, UseCase},
};

/// `tell_place`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TellPlace {
    run: Run,
    at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    ReadPlace,
    PutPlace { read: Option<Place> },
    ReadRun { post: Post },
    FindComment(Text),
    PostComment(Text, Post),
    ReadRunEarly(Text),
    NotePlace(Text),
    ReadRunAgain,
    NoteTold,
    ClearHeadDue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Post {
    /// Perhaps the first: a comment has to be looked for.
    Perhaps,
    /// The first: there is no comment.
    First,
    /// A comment is there, but the place does not say so.
    Found,
    /// The comment is known.
    Edit,
}

impl TellPlace {
    /// Tells of a run.
    pub const fn new(run: Run) -> Self {
        Self {
            run,
            at: At::ReadPlace,
        }
    }

    /// The effect that comes next.
    pub const fn effect(&self) -> Effect {
        match self.at {
            At::ReadPlace => Effect::ReadPlace,
            At::PutPlace { .. } => Effect::PutPlace,
            At::ReadRun { .. } => Effect::ReadRun,
            At::FindComment(_) => Effect::FindComment,
            At::PostComment(..) => Effect::PostComment,
            At::NotePlace(_) => Effect::NotePlace,
            At::ReadRunAgain | At::ReadRunEarly(_) => Effect::ReadRunAgain,
            At::NoteTold => Effect::NoteTold,
            At::ClearHeadDue => Effect::ClearHeadDue,
        }
    }

    /// Does it.
    pub fn go_on(self, at: &mut Context<'_>) -> Next {
        match self.at {
            At::ReadPlace => self.read_place(at),
            At::PutPlace { read } => self.put_place(read, at),
            At::ReadRun { post } => self.read_run(post, at),
            At::FindComment(text) => {
                let found = at.world.conversations[self.run.index()].comments > 0;
                let post = if found { Post::Found } else { Post::First };
                self.go(At::PostComment(text, post))
            }
            At::PostComment(text, post) => self.post(text, post, at),
            At::NotePlace(text) => self.note_place(text, at),
            At::ReadRunEarly(text) => match self.text(at) {
                Some(end @ Text::End(_)) if end != text => {
                    self.go(At::PostComment(end, Post::Found))
                }
                Some(_) | None => self.go(At::NotePlace(text)),
            },
            At::ReadRunAgain => match self.text(at) {
                Some(text @ Text::End(_)) => self.go(At::PostComment(text, Post::Edit)),
                Some(_) | None => Next::Done,
            },
            At::NoteTold => {
                if let Some(place) = self.place(at) {
                    place.told = true;
                }
                self.go(At::ClearHeadDue)
            }
            At::ClearHeadDue => {
                if let Some(head) = &mut at.world.table.heads[self.run.index()]
                    && head.end.is_some()
                {
                    head.due = false;
                }
                Next::Done
            }
        }
    }

    fn read_place(self, at: &mut Context<'_>) -> Next {
        let unput = at.protocol.lacks(Flaw::PlaceNotPut);
        let place = self.place(at).copied();
        match place.map(|place| place.poster) {
            None | Some(Poster::Lapsed) if unput => self.go(At::ReadRun {
                post: Post::Perhaps,
            }),
            None | Some(Poster::Lapsed) => self.go(At::PutPlace { read: place }),
            Some(Poster::Alive(_) | Poster::Gone) => Next::Done,
            Some(Poster::Nobody) => self.go(At::ReadRun { post: Post::Edit }),
        }
    }

    fn put_place(self, read: Option<Place>, at: &mut Context<'_>) -> Next {
        let place = &mut at.world.table.places[self.run.index()];
        if *place != read {
            return Next::Done;
        }
        *place = Some(Place {
            poster: Poster::Alive(at.actor),
            told: false,
        });
        self.go(At::ReadRun {
            post: Post::Perhaps,
        })
    }

    fn read_run(self, post: Post, at: &mut Context<'_>) -> Next {
        let Some(text) = self.text(at) else {
            return Next::Done;
        };
        let told = self.place(at).is_some_and(|place| place.told);
        match (post, text) {
            (Post::Perhaps, _) => self.go(At::FindComment(text)),
            // Another one may be about to post what it read before the end, and may have died since.
            (_, Text::End(_)) if told && at.protocol.lacks(Flaw::EndNotRepeated) => {
                self.go(At::ClearHeadDue)
            }
            _ => self.go(At::PostComment(text, post)),
        }
    }

    fn post(self, text: Text, post: Post, at: &mut Context<'_>) -> Next {
        let conversation = &mut at.world.conversations[self.run.index()];
        if post == Post::First {
            conversation.comments += 1;
        }
        conversation.shows = Some(text);
        match post {
            Post::Edit => self.posted(text, at),
            _ if at.protocol.lacks(Flaw::RunReadAgainBeforeNote) => self.go(At::ReadRunEarly(text)),
            Post::Perhaps | Post::First | Post::Found => self.go(At::NotePlace(text)),
        }
    }

    fn note_place(self, text: Text, at: &mut Context<'_>) -> Next {
        let told = matches!(text, Text::End(_));
        at.world.table.places[self.run.index()] = Some(Place {
            poster: Poster::Nobody,
            told,
        });
        if told {
            self.go(At::ClearHeadDue)
        } else if at.protocol.lacks(Flaw::RunReadAgainBeforeNote) {
            Next::Done
        } else {
            self.posted(text, at)
        }
    }

    fn posted(self, text: Text, at: &mut Context<'_>) -> Next {
        match text {
            Text::End(_) if self.place(at).is_some_and(|place| place.told) => {
                self.go(At::ClearHeadDue)
            }
            Text::End(_) => self.go(At::NoteTold),
            _ if at.protocol.lacks(Flaw::RunNotReadAgain) => Next::Done,
            _ => self.go(At::ReadRunAgain),
        }
    }

    /// What there is to tell.
    fn text(self, at: &Context<'_>) -> Option<Text> {
        let table = &at.world.table;
        let head = table.head(self.run)?;
        if let Some(outcome) = head.end {
            return Some(Text::End(outcome));
        }
        let at_work = |step: &crate::Step| matches!(step.state, StepState::Running { .. });
        let mut steps = table.steps[self.run.index()].iter().flatten();
        Some(if steps.any(at_work) {
            Text::Running
        } else {
            Text::Queued
        })
    }

    fn place<'a>(self, at: &'a mut Context<'_>) -> Option<&'a mut Place> {
        at.world.table.places[self.run.index()].as_mut()
    }

    const fn go(self, at: At) -> Next {
        Next::Go(UseCase::TellPlace(Self { at, ..self }))
    }
}
