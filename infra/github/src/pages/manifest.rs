//! Registering an app from a manifest, which another page hands over.
//!
//! GitHub asks the person to confirm first, and lets the name be changed; here nobody is asked.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::look;
use crate::error::Error;
use crate::hub::Hub;
use crate::manifests::{Manifest, Target};

/// Whose app it becomes when a person registers it for themselves: there is no login.
const PERSON: &str = "ghost";
/// The longest name that GitHub takes.
const NAME_LIMIT: usize = 34;

#[derive(Deserialize)]
pub(super) struct Handover {
    manifest: String,
}

#[derive(Deserialize)]
pub(super) struct Guard {
    state: Option<String>,
}

/// `POST /settings/apps/new`
pub(super) async fn of_a_person(
    State(hub): State<Arc<Hub>>,
    Query(guard): Query<Guard>,
    Form(handover): Form<Handover>,
) -> Response {
    answer(register(&hub, PERSON, &guard, &handover))
}

/// `POST /organizations/{organization}/settings/apps/new`
pub(super) async fn of_an_organization(
    State(hub): State<Arc<Hub>>,
    Path(organization): Path<String>,
    Query(guard): Query<Guard>,
    Form(handover): Form<Handover>,
) -> Response {
    answer(register(&hub, &organization, &guard, &handover))
}

/// Where the browser goes with the code.
fn register(hub: &Hub, owner: &str, guard: &Guard, handover: &Handover) -> Result<String, Error> {
    let manifest: Manifest = serde_json::from_str(&handover.manifest)
        .map_err(|error| Error::Unprocessable(format!("Invalid manifest: {error}")))?;
    if manifest.name.is_empty() || manifest.name.chars().count() > NAME_LIMIT {
        let message = format!("Name must have 1 to {NAME_LIMIT} characters");
        return Err(Error::Unprocessable(message));
    }
    let Some(Target(mut target)) = manifest.redirect_url.clone() else {
        let message = "the manifest has no redirect_url".to_owned();
        return Err(Error::Unprocessable(message));
    };
    let code = hub.manifests.keep(manifest, owner, hub.now())?;
    target.query_pairs_mut().append_pair("code", &code);
    if let Some(state) = &guard.state {
        target.query_pairs_mut().append_pair("state", state);
    }
    Ok(target.into())
}

fn answer(done: Result<String, Error>) -> Response {
    match done {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => look::failure(&error),
    }
}
