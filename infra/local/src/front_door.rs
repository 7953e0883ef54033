//! The URLs of functions on one port: the template's routes, and nothing else.

use std::{collections::HashMap, sync::Arc};

use anyhow::{Context, Result};
use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use http::{Method, StatusCode};

use crate::{
    functions::{FunctionName, Functions},
    template::Template,
};

/// A router with the routes of the template.
pub(crate) fn router(template: &Template, functions: &Arc<Functions>) -> Result<Router> {
    let mut names = HashMap::new();
    for function in &template.functions {
        names.insert(
            function.logical_id.as_str(),
            function.name.parse::<FunctionName>()?,
        );
    }
    let mut router = Router::new();
    for route in &template.routes {
        let name = *names
            .get(route.function.as_str())
            .context("a route to an unknown function")?;
        let method: Method = route.method.parse()?;
        router = router.route(&route.path, method_router(method, name, functions.clone())?);
    }
    Ok(router.fallback(|| async { StatusCode::NOT_FOUND }))
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
    functions
        .serve(name, request)
        .await
        .unwrap_or_else(|error| {
            tracing::error!(function = %name, error = format!("{error:#}"), "a request failed");
            StatusCode::BAD_GATEWAY.into_response()
        })
}
