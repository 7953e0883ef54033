//! Routes of the HTTP API.

use jiff::SignedDuration;

use super::{
    TemplateError,
    node::{Known, Node},
    resource::{Kind, Resource},
    scope::Scope,
};

/// API Gateway's own limit, which holds unless the integration has a shorter one.
const LONGEST: SignedDuration = SignedDuration::from_secs(30);

const METHODS: [&str; 8] = [
    "ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT",
];

const API: Known = Known {
    used: &["ProtocolType"],
    ignored: &["Name", "Description", "Tags"],
};

const ROUTE: Known = Known {
    used: &["ApiId", "RouteKey", "Target", "AuthorizationType"],
    ignored: &["OperationName"],
};

const INTEGRATION: Known = Known {
    used: &[
        "IntegrationType",
        "IntegrationUri",
        "PayloadFormatVersion",
        "TimeoutInMillis",
    ],
    ignored: &["ApiId", "Description", "IntegrationMethod"],
};

/// A route of the HTTP API, which calls its function with payload format 2.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method in capitals, or `ANY`.
    pub method: String,
    /// The path from the root, with parameters in braces: `/jobs/{job_id}`.
    pub path: String,
    /// Logical id of the function.
    pub function: String,
    /// How long the caller waits for the function before it gets a 504.
    pub timeout: SignedDuration,
}

/// Reads all routes. APIs are read too, so that one which does more than route is noticed.
pub(super) fn read_all(scope: &Scope<'_>) -> Result<Vec<Route>, TemplateError> {
    for api in scope.all(Kind::Api) {
        scope
            .fields(api, &API)?
            .required("ProtocolType")?
            .choice(&[("HTTP", ())])?;
    }
    scope.read_all(Kind::Route, read)
}

fn read(scope: &Scope<'_>, resource: &Resource) -> Result<Route, TemplateError> {
    let mut fields = scope.fields(resource, &ROUTE)?;
    if let Some(node) = fields.optional("AuthorizationType") {
        node.choice(&[("NONE", ())])?;
    }
    named(scope, Kind::Api, &fields.required("ApiId")?)?;
    let (method, path) = route_key(&fields.required("RouteKey")?)?;
    let target = fields.required("Target")?;
    let text = target.text()?;
    let id = text
        .strip_prefix("integrations/")
        .ok_or_else(|| target.place().invalid("integrations/ and an integration"))?;
    let target = Node::new(id.into(), target.place().clone());
    let integration = named(scope, Kind::Integration, &target)?;
    let (function, timeout) = integrated(scope, integration)?;
    Ok(Route {
        method,
        path,
        function,
        timeout,
    })
}

fn route_key(node: &Node) -> Result<(String, String), TemplateError> {
    let key = node.text()?;
    match key.split_once(' ') {
        Some((method, path)) if METHODS.contains(&method) && path.starts_with('/') => {
            Ok((method.to_owned(), path.to_owned()))
        }
        _ => Err(node.place().unsupported(format!("the route key {key}"))),
    }
}

/// The resource of `kind` to which `node` is a resolved `Ref`.
fn named<'a>(scope: &'a Scope<'_>, kind: Kind, node: &Node) -> Result<&'a Resource, TemplateError> {
    let id = node.text()?;
    for resource in scope.all(kind) {
        if scope.identity(resource, node.place())? == id {
            return Ok(resource);
        }
    }
    Err(node.place().unresolved(id))
}

/// The function that an integration calls, and how long it may take.
fn integrated(
    scope: &Scope<'_>,
    integration: &Resource,
) -> Result<(String, SignedDuration), TemplateError> {
    let mut fields = scope.fields(integration, &INTEGRATION)?;
    fields
        .required("IntegrationType")?
        .choice(&[("AWS_PROXY", ())])?;
    fields
        .required("PayloadFormatVersion")?
        .choice(&[("2.0", ())])?;
    let timeout = match fields.optional("TimeoutInMillis") {
        None => LONGEST,
        Some(node) => SignedDuration::from_millis(node.count()?.into()),
    };
    let uri = fields.required("IntegrationUri")?;
    let arn = uri.text()?;
    let function = scope.by_arn(Kind::Function, invoked(&arn), uri.place())?;
    Ok((function.id.clone(), timeout))
}

/// The ARN of the function in an integration's URI, which may be that ARN itself or the address of its invocation.
fn invoked(uri: &str) -> &str {
    uri.split_once("/functions/")
        .and_then(|(_, rest)| rest.strip_suffix("/invocations"))
        .unwrap_or(uri)
}
