//! Leading from former names to present ones.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::json;

use super::answer::DOCUMENTATION;
use crate::auth::caller::{Caller, Level};
use crate::error::Error;
use crate::hub::Hub;
use crate::state::{renames, repositories};

/// The redirect, if the path names a repository or a branch by a former name that the caller may
/// know of. GitHub leads by id, so that one more renaming breaks nothing.
pub(super) async fn moved(
    hub: &Hub,
    caller: &Caller,
    method: &Method,
    uri: &Uri,
) -> Result<Option<Response>, Error> {
    let Some(rest) = uri.path().strip_prefix("/repos/") else {
        return Ok(None);
    };
    let mut parts = rest.splitn(3, '/').map(str::to_owned);
    let (Some(owner), Some(name)) = (parts.next(), parts.next()) else {
        return Ok(None);
    };
    let tail = parts.next().unwrap_or_default();
    let (caller, tail) = (caller.clone(), tail);
    let target = hub.read(move |act| {
        if let Some(found) = renames::formerly(act.db, &owner, &name)? {
            let allowed = caller.may(&found, &["metadata"], Level::Read).is_ok();
            return Ok(allowed.then_some((found.id, tail)));
        }
        let Some(branch) = tail.strip_prefix("branches/") else {
            return Ok(None);
        };
        let found = repositories::find(act.db, &owner, &name)?;
        caller.may(&found, &["contents"], Level::Read)?;
        let branch = percent_decode_str(branch).decode_utf8_lossy();
        let now = renames::branch_now(act.db, found.id, &branch)?;
        Ok(now.map(|now| {
            let now = utf8_percent_encode(&now, NON_ALPHANUMERIC);
            (found.id, format!("branches/{now}"))
        }))
    });
    // Whatever is wrong with the request is for its own handler to say.
    let Ok(Some((id, tail))) = target.await else {
        return Ok(None);
    };
    let mut url = format!("{}/repositories/{id}", hub.site.api());
    for (mark, part) in [('/', tail.as_str()), ('?', uri.query().unwrap_or_default())] {
        if !part.is_empty() {
            url.push(mark);
            url.push_str(part);
        }
    }
    let status = match *method {
        Method::GET | Method::HEAD => StatusCode::MOVED_PERMANENTLY,
        _ => StatusCode::TEMPORARY_REDIRECT,
    };
    let body = json!({
        "message": "Moved Permanently",
        "url": url,
        "documentation_url": DOCUMENTATION,
    });
    Ok(Some(
        (status, [(header::LOCATION, url.clone())], Json(body)).into_response(),
    ))
}
