//! A question as Cedar knows it.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use cedar_policy::{Context, Entities, Entity, EntityUid, Request, RestrictedExpression};
use domain::{Connection, Login, TenantId};
use policy::{ActionKind, Question};

use crate::{Policies, names::uid};

/// Why a question could not be put, in Cedar's words. It cannot happen while the schema and this code say the same,
/// which tests hold.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct AskError(String);

impl AskError {
    fn of(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// The entities that a question is about.
struct Subjects {
    person: EntityUid,
    connection: EntityUid,
    subject: EntityUid,
}

impl Policies {
    /// The question and all that policies can know of it, held to the schema.
    pub(crate) fn request(&self, question: &Question<'_>) -> Result<(Request, Entities), AskError> {
        let subjects = self.subjects(question);
        let entities = [
            self.person(question, &subjects)?,
            self.connection(question, &subjects)?,
            self.subject(question, &subjects)?,
        ];
        let entities =
            Entities::from_entities(entities, Some(&self.schema)).map_err(AskError::of)?;
        let request = Request::new(
            subjects.person,
            self.names.action(question.action),
            subjects.subject,
            self.context(question.action)?,
            Some(&self.schema),
        );
        Ok((request.map_err(AskError::of)?, entities))
    }

    fn subjects(&self, question: &Question<'_>) -> Subjects {
        let (person, resource) = (question.person, question.resource);
        let (connection, subject) = (resource.connection, resource.subject);
        let at = |connection: &Connection| format!("{}/{}", connection.tenant(), connection.id());
        let account = person.account().account();
        let person = format!("{}/{account}", at(person.connection()));
        let on = format!("{}/{}", at(subject.connection()), subject.id());
        Subjects {
            person: uid(&self.names.person, person),
            connection: uid(&self.names.connection, at(connection)),
            subject: uid(&self.names.subject, on),
        }
    }

    fn person(&self, question: &Question<'_>, of: &Subjects) -> Result<Entity, AskError> {
        let person = question.person;
        let held = self.names.permissions(person.permission());
        let held = held.map(RestrictedExpression::new_entity_uid);
        let permissions = RestrictedExpression::new_set(held);
        let attributes = [
            ("tenant", self.tenant(person.tenant())),
            ("permissions", permissions),
        ];
        entity(&of.person, attributes)
    }

    fn connection(&self, question: &Question<'_>, of: &Subjects) -> Result<Entity, AskError> {
        let resource = question.resource;
        let owners = resource.owners.iter().map(|owner| text(lower(owner)));
        let attributes = [
            ("tenant", self.tenant(resource.connection.tenant())),
            ("owners", RestrictedExpression::new_set(owners)),
        ];
        entity(&of.connection, attributes)
    }

    fn subject(&self, question: &Question<'_>, of: &Subjects) -> Result<Entity, AskError> {
        let (subject, target) = (question.resource.subject, question.resource.target);
        let connection = RestrictedExpression::new_entity_uid(of.connection.clone());
        let attributes = [
            ("tenant", self.tenant(subject.tenant())),
            ("connection", connection),
            ("owner", text(lower(&target.repository().owner))),
        ];
        entity(&of.subject, attributes)
    }

    fn context(&self, action: ActionKind) -> Result<Context, AskError> {
        let access = match action {
            ActionKind::StartRun { access } => access,
            ActionKind::StopRuns | ActionKind::GetHelp => return Ok(Context::empty()),
        };
        let access = RestrictedExpression::new_entity_uid(self.names.access(access));
        Context::from_pairs([("access".to_owned(), access)]).map_err(AskError::of)
    }

    fn tenant(&self, tenant: &TenantId) -> RestrictedExpression {
        RestrictedExpression::new_entity_uid(uid(&self.names.tenant, tenant.as_str()))
    }
}

fn entity<const N: usize>(
    uid: &EntityUid,
    attributes: [(&str, RestrictedExpression); N],
) -> Result<Entity, AskError> {
    let attributes: HashMap<String, RestrictedExpression> = attributes
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Entity::new(uid.clone(), attributes, HashSet::new()).map_err(AskError::of)
}

fn text(text: String) -> RestrictedExpression {
    RestrictedExpression::new_string(text)
}

/// Providers compare logins without regard to case, and Cedar compares texts as they are.
fn lower(login: &Login) -> String {
    login.as_str().to_ascii_lowercase()
}
