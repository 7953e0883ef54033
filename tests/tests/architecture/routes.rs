//! The template against the code: functions and routes.

use std::collections::BTreeSet;

use crate::{
    sources::sources,
    template::{Resource, Template, text},
    workspace::list,
};

#[test]
fn each_function_is_deployed() {
    let template = Template::read();
    let functions = template.of_type("AWS::Serverless::Function");
    let deployed: BTreeSet<String> = functions
        .iter()
        .map(|found| found.binary().to_owned())
        .collect();
    let written: BTreeSet<String> = list("functions").into_iter().collect();
    assert_eq!(
        deployed, written,
        "the functions of template.yaml (left) and the crates in functions/ (right)"
    );
}

#[test]
fn each_function_has_a_sample_of_its_trigger() {
    let samples = list("events");
    for function in list("functions") {
        let start = format!("{function}-");
        assert!(
            samples.iter().any(|sample| sample.starts_with(&start)),
            "events/ has no {start}*.json"
        );
    }
}

#[test]
fn each_route_is_deployed_and_served() {
    let template = Template::read();
    let routes = template.of_type("AWS::ApiGatewayV2::Route");
    let deployed: BTreeSet<(String, String)> = routes
        .iter()
        .map(|route| {
            (
                served_by(&template, route),
                text(route.property("RouteKey")),
            )
        })
        .collect();
    assert_eq!(
        deployed,
        routes_in_code(),
        "the routes of template.yaml (left) and those in functions/ (right)"
    );
}

#[test]
fn each_route_may_call_its_function() {
    let template = Template::read();
    let permissions = template.of_type("AWS::Lambda::Permission");
    for route in template.of_type("AWS::ApiGatewayV2::Route") {
        let wanted = text(route.property("RouteKey")).replace(' ', "");
        let function = served_by(&template, &route);
        let allowed = permissions.iter().any(|permission| {
            let source = text(permission.property("SourceArn"));
            let (_, pattern) = source.split_once("${HttpApi}/*/").unwrap();
            let named = text(permission.property("FunctionName"));
            template.resource(&named).binary() == function
                && match pattern.strip_suffix('*') {
                    Some(start) => wanted.starts_with(start),
                    None => wanted == pattern,
                }
        });
        assert!(
            allowed,
            "no permission lets the HTTP API call {function} for {wanted}"
        );
    }
}

/// The binary that a route leads to.
fn served_by(template: &Template, route: &Resource<'_>) -> String {
    let target = text(route.property("Target"));
    let integration = target.strip_prefix("integrations/${").unwrap();
    let integration = template.resource(integration.strip_suffix('}').unwrap());
    let function = text(integration.property("IntegrationUri"));
    template.resource(&function).binary().to_owned()
}

/// The function and the method and path of every `.route("/path", method(handler))` in functions/.
fn routes_in_code() -> BTreeSet<(String, String)> {
    let mut routes = BTreeSet::new();
    for source in sources().iter().filter(|source| source.shipped()) {
        let Some(rest) = source.path.strip_prefix("functions/") else {
            continue;
        };
        let (function, _) = rest.split_once('/').unwrap();
        let found = source.routes.iter().cloned();
        routes.extend(found.map(|route| (function.to_owned(), route)));
    }
    routes
}
