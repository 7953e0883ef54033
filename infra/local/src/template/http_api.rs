//! Routes of HTTP APIs.

use super::{
    TemplateError,
    node::{Known, Node},
    place::Place,
    resource::{Kind, Resource},
    route::{self, Route},
    scope::Scope,
};

/// CORS headers and a body of definitions would be the API's own, so they are refused instead of left out.
const API: Known = Known {
    used: &["ProtocolType"],
    ignored: &["Name", "Description", "DisableExecuteApiEndpoint"],
};

/// Nothing here is called so often that it has to be throttled, and the function's own log has every call that reaches it.
const STAGE: Known = Known {
    used: &["StageName", "AutoDeploy"],
    ignored: &["ApiId", "DefaultRouteSettings", "AccessLogSettings"],
};

const ROUTE: Known = Known {
    used: &["RouteKey", "AuthorizationType", "Target"],
    ignored: &["ApiId"],
};

const INTEGRATION: Known = Known {
    used: &["IntegrationType", "IntegrationUri", "PayloadFormatVersion"],
    ignored: &["ApiId", "TimeoutInMillis"],
};

/// Reads the routes of all HTTP APIs. On AWS each API has a host of its own; here one port serves what there is, so there may be
/// one.
pub(super) fn read_all(scope: &Scope<'_>) -> Result<Vec<Route>, TemplateError> {
    let mut apis = scope.all(Kind::HttpApi);
    let Some(api) = apis.next() else {
        return Ok(Vec::new());
    };
    if let Some(second) = apis.next() {
        return Err(second.place().unsupported("a second HTTP API"));
    }
    let protocol = scope.fields(api, &API)?.required("ProtocolType")?;
    protocol.choice(&[("HTTP", ())])?;
    for stage in scope.all(Kind::ApiStage) {
        let mut fields = scope.fields(stage, &STAGE)?;
        fields.required("StageName")?.choice(&[("$default", ())])?;
        fields.required("AutoDeploy")?.choice(&[("true", ())])?;
    }
    scope.read_all(Kind::ApiRoute, read)
}

fn read(scope: &Scope<'_>, resource: &Resource) -> Result<Route, TemplateError> {
    let mut fields = scope.fields(resource, &ROUTE)?;
    if let Some(authorization) = fields.optional("AuthorizationType") {
        authorization.choice(&[("NONE", ())])?;
    }
    let key = fields.required("RouteKey")?;
    let text = key.text()?;
    let parts = route::split(&text);
    let (method, path) =
        parts.ok_or_else(|| key.place().unsupported(format!("the route {text}")))?;
    Ok(Route {
        method: method.to_owned(),
        path: path.to_owned(),
        function: function(scope, &fields.required("Target")?)?,
    })
}

/// The logical id of the function that the integration `target` calls.
fn function(scope: &Scope<'_>, target: &Node) -> Result<String, TemplateError> {
    let text = target.text()?;
    let integration = integration(scope, &text, target.place())?;
    let mut fields = scope.fields(integration, &INTEGRATION)?;
    fields
        .required("IntegrationType")?
        .choice(&[("AWS_PROXY", ())])?;
    fields
        .required("PayloadFormatVersion")?
        .choice(&[("2.0", ())])?;
    let uri = fields.required("IntegrationUri")?;
    let function = scope.by_arn(Kind::Function, &uri.text()?, uri.place())?;
    Ok(function.id.clone())
}

fn integration<'a>(
    scope: &'a Scope<'_>,
    target: &str,
    place: &Place,
) -> Result<&'a Resource, TemplateError> {
    for integration in scope.all(Kind::ApiIntegration) {
        let id = scope.identity(integration, place)?;
        if target == format!("integrations/{id}") {
            return Ok(integration);
        }
    }
    Err(place.unresolved(target))
}
