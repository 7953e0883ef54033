//! Addresses that mean another one: repositories by id, and slashes that are written `%2F`.

use http::{Request, Uri};

use crate::hub::Hub;
use crate::state::repositories;

const BY_ID: &str = "/api/v3/repositories/";

/// Where the rest of the path is one name with slashes in it, however they are written.
const NAMES: [&str; 3] = ["/git/ref/", "/git/refs/", "/contents/"];

/// The same request under the address that the routes know.
pub(super) async fn known<B>(hub: &Hub, mut request: Request<B>) -> Request<B> {
    let path = request.uri().path();
    let by_name = match path.strip_prefix(BY_ID) {
        Some(rest) => by_name(hub, rest.to_owned()).await,
        None => None,
    };
    let path = by_name.as_deref().unwrap_or(path);
    let plain = NAMES
        .iter()
        .any(|name| path.contains(name))
        .then(|| path.replace("%2F", "/").replace("%2f", "/"));
    let Some(mut address) = plain.or(by_name) else {
        return request;
    };
    if let Some(query) = request.uri().query() {
        address.push('?');
        address.push_str(query);
    }
    if let Ok(uri) = address.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

async fn by_name(hub: &Hub, rest: String) -> Option<String> {
    let (id, tail) = rest
        .split_once('/')
        .map_or((rest.as_str(), ""), |parts| parts);
    let id: u64 = id.parse().ok()?;
    let found = hub.read(move |act| repositories::by_id(act.db, id)).await;
    let base = format!("/api/v3/repos/{}", found.ok()?.full_name());
    Some(match tail {
        "" => base,
        tail => format!("{base}/{tail}"),
    })
}
