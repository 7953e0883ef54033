//! Routes, and those of functions that have URLs.

use serde_json::Value;

use super::{
    TemplateError,
    node::Known,
    place::Place,
    resource::{Kind, Resource},
    scope::Scope,
};

const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// CORS headers would be the URL's own, so they are refused instead of left out.
const URL: Known = Known {
    used: &["TargetFunctionArn", "AuthType", "InvokeMode"],
    ignored: &[],
};

/// A route, which calls its function with payload format 2.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method in capitals.
    pub method: String,
    /// The path from the root, with parameters in braces: `/jobs/{job_id}`.
    pub path: String,
    /// Logical id of the function.
    pub function: String,
}

/// Reads the routes of all URLs. On AWS each URL has a host of its own and passes every path on; here one port serves them all, so
/// the metadata of each says which paths are its own.
pub(super) fn read_all(scope: &Scope<'_>) -> Result<Vec<Route>, TemplateError> {
    let routes = scope.read_all(Kind::Url, read)?;
    Ok(routes.into_iter().flatten().collect())
}

fn read(scope: &Scope<'_>, resource: &Resource) -> Result<Vec<Route>, TemplateError> {
    let mut fields = scope.fields(resource, &URL)?;
    fields.required("AuthType")?.choice(&[("NONE", ())])?;
    if let Some(mode) = fields.optional("InvokeMode") {
        mode.choice(&[("BUFFERED", ())])?;
    }
    let target = fields.required("TargetFunctionArn")?;
    let function = scope.by_arn(Kind::Function, &target.text()?, target.place())?;
    let place = Place::section("Resources")
        .key(&resource.id)
        .key("Metadata.Routes");
    let routes = resource.metadata.get("Routes");
    let routes = routes.ok_or_else(|| place.missing())?;
    let routes = routes.as_array().ok_or_else(|| place.invalid("a list"))?;
    let routes = routes.iter().enumerate();
    routes
        .map(|(index, text)| route(text, &function.id, &place.index(index)))
        .collect()
}

fn route(text: &Value, function: &str, place: &Place) -> Result<Route, TemplateError> {
    let parts = text.as_str().and_then(split);
    let (method, path) = parts.ok_or_else(|| place.invalid("a method and a path"))?;
    Ok(Route {
        method: method.to_owned(),
        path: path.to_owned(),
        function: function.to_owned(),
    })
}

/// The method and the path that a route is written with.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let parts = text.split_once(' ');
    parts.filter(|(method, path)| METHODS.contains(method) && path.starts_with('/'))
}
