//! Where requests come in: the routes of the template, and nothing else. The URLs of functions share one port, and the HTTP API
//! has another, since on AWS it is a host of its own. As on AWS, a request has to fit into one invocation.

use std::{collections::HashMap, sync::Arc};

use anyhow::{Context, Result};
use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use contract::INVOCATION_LIMIT;
use http::{Method, StatusCode};
use serde_json::json;

use crate::{
    functions::{FunctionName, Functions},
    template::{Route, Template},
};

/// The URLs of functions.
pub(crate) fn urls(template: &Template, functions: &Arc<Functions>) -> Result<Router> {
    let router = router(template, &template.routes, functions)?;
    Ok(router.fallback(async || StatusCode::NOT_FOUND))
}

/// The HTTP API, which answers by itself whatever none of its routes is for.
pub(crate) fn http_api(template: &Template, functions: &Arc<Functions>) -> Result<Router> {
    let routes = &template.api_routes;
    let mounted = router(template, routes, functions)?;
    Ok(without_head(mounted, routes)
        .fallback(not_routed)
        .method_not_allowed_fallback(not_routed))
}

/// Leads HEAD to no function but by a route of its own: API Gateway, unlike the router here, does not take a route of GET for one.
fn without_head(mounted: Router, routes: &[Route]) -> Router {
    let of = |method: Method| {
        routes
            .iter()
            .filter(move |route| route.method == method.as_str())
    };
    let open = of(Method::GET).filter(|get| of(Method::HEAD).all(|head| head.path != get.path));
    open.fold(mounted, |mounted, route| {
        mounted.route(&route.path, on(MethodFilter::HEAD, not_routed))
    })
}

/// What API Gateway says of an address or a method that no route is for; it does not tell the two apart.
async fn not_routed() -> Response {
    let said = Json(json!({ "message": "Not Found" }));
    (StatusCode::NOT_FOUND, said).into_response()
}

fn router(template: &Template, routes: &[Route], functions: &Arc<Functions>) -> Result<Router> {
    let mut names = HashMap::new();
    for function in &template.functions {
        names.insert(
            function.logical_id.as_str(),
            function.name.parse::<FunctionName>()?,
        );
    }
    let mut mounted = Router::new();
    for route in routes {
        let name = *names
            .get(route.function.as_str())
            .context("a route to an unknown function")?;
        let method: Method = route.method.parse()?;
        mounted = mounted.route(&route.path, method_router(method, name, functions.clone())?);
    }
    Ok(mounted)
}

fn method_router(
    method: Method,
    name: FunctionName,
    functions: Arc<Functions>,
) -> Result<MethodRouter> {
    let filter = MethodFilter::try_from(method)?;
    Ok(on(filter, move |request: Request| {
        serve(functions, name, request)
    }))
}

async fn serve(functions: Arc<Functions>, name: FunctionName, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // Reading ends as soon as it is too much.
    let body = to_bytes(body, INVOCATION_LIMIT).await.ok();
    let Some(body) = body.filter(|body| carried(body) <= INVOCATION_LIMIT) else {
        tracing::warn!(function = %name, limit = INVOCATION_LIMIT, "a request is larger than an invocation");
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = Request::from_parts(parts, Body::from(body));
    functions
        .serve(name, request)
        .await
        .unwrap_or_else(|error| {
            tracing::error!(function = %name, error = format!("{error:#}"), "a request failed");
            StatusCode::BAD_GATEWAY.into_response()
        })
}

/// How many bytes a body takes up in an invocation, which is JSON: text is quoted there, and what is none is
/// written in base64.
fn carried(body: &Bytes) -> usize {
    let Ok(text) = std::str::from_utf8(body) else {
        return body.len().div_ceil(3) * 4;
    };
    let more = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(more).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn head_needs_a_route_of_its_own() {
        let route = |method: &str, path: &str| Route {
            method: method.to_owned(),
            path: path.to_owned(),
            function: "Function".to_owned(),
        };
        let routes = [
            route("GET", "/read"),
            route("GET", "/both"),
            route("HEAD", "/both"),
        ];
        let mounted = routes.iter().fold(Router::new(), |mounted, route| {
            let method: Method = route.method.parse().unwrap();
            let filter = MethodFilter::try_from(method).unwrap();
            mounted.route(&route.path, on(filter, async || "the function"))
        });
        let mounted = without_head(mounted, &routes);
        for (method, path, expected) in [
            (Method::GET, "/read", StatusCode::OK),
            (Method::HEAD, "/read", StatusCode::NOT_FOUND),
            (Method::HEAD, "/both", StatusCode::OK),
        ] {
            let request = Request::builder().method(method.clone()).uri(path);
            let request = request.body(Body::empty()).unwrap();
            let answer = mounted.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), expected, "{method} {path}");
        }
    }

    #[test]
    fn a_body_is_counted_as_it_travels() {
        for text in ["", "plain", "\"quoted\" and \\", "a\nb\tc\u{1}", "ü and 漢"] {
            let quoted = serde_json::to_string(text).unwrap();
            assert_eq!(carried(&Bytes::from(text)), quoted.len() - 2, "{text:?}");
        }
        assert_eq!(carried(&Bytes::from_static(&[0xff, 0xfe])), 4);
    }
}
