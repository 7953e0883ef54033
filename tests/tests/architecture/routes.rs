//! The template against the code: functions and routes.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    sources::sources,
    template::{Template, items, text},
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
    let mut deployed = BTreeSet::new();
    for url in template.of_type("AWS::Lambda::Url") {
        let function = template.resource(&text(url.property("TargetFunctionArn")));
        let routes = items(&url.metadata()["Routes"]).into_iter().map(text);
        deployed.extend(routes.map(|route| (function.binary().to_owned(), route)));
    }
    for route in template.of_type("AWS::ApiGatewayV2::Route") {
        let target = text(route.property("Target"));
        let integration = target.strip_prefix("integrations/${").unwrap();
        let integration = template.resource(integration.trim_end_matches('}'));
        let function = template.resource(&text(integration.property("IntegrationUri")));
        let key = text(route.property("RouteKey"));
        deployed.insert((function.binary().to_owned(), key));
    }
    assert_eq!(
        deployed,
        routes_in_code(),
        "the routes of template.yaml (left) and those in functions/ (right)"
    );
}

#[test]
fn the_openapi_document_describes_exactly_what_the_http_api_serves() {
    let template = Template::read();
    let routes = template.of_type("AWS::ApiGatewayV2::Route").into_iter();
    let served: BTreeSet<String> = routes
        .map(|route| text(route.property("RouteKey")))
        .collect();
    let document: Value = serde_json::from_str(public::OPENAPI).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let described: BTreeSet<String> = paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    assert_eq!(
        described, served,
        "docs/openapi.json (left) and template.yaml (right)"
    );
}

#[test]
fn each_url_is_open_and_nothing_else_is() {
    let template = Template::read();
    let urls = template.of_type("AWS::Lambda::Url");
    let wanted: BTreeSet<(String, String)> = urls
        .iter()
        .flat_map(|url| {
            assert_eq!(text(url.property("AuthType")), "NONE", "{}", url.id);
            let function = text(url.property("TargetFunctionArn"));
            let one = |action: &str| (function.clone(), action.to_owned());
            [
                one("lambda:InvokeFunctionUrl"),
                one("lambda:InvokeFunction"),
            ]
        })
        .collect();
    let mut given = BTreeSet::new();
    for permission in template.of_type("AWS::Lambda::Permission") {
        if text(permission.property("Principal")) == "apigateway.amazonaws.com" {
            // Whatever it has routes for, and no other API of anybody.
            let source = text(permission.property("SourceArn"));
            assert!(source.ends_with(":${PublicApi}/*"), "{source}");
            assert_eq!(text(permission.property("FunctionName")), "ApiFunction.Arn");
            continue;
        }
        let action = text(permission.property("Action"));
        // Without these, the permission would open the function to every caller of Lambda's own API.
        let limited = match action.as_str() {
            "lambda:InvokeFunctionUrl" => {
                permission.property("FunctionUrlAuthType").as_str() == Some("NONE")
            }
            _ => permission.property("InvokedViaFunctionUrl").as_bool() == Some(true),
        };
        assert!(limited, "{} is not limited to the URL", permission.id);
        assert_eq!(text(permission.property("Principal")), "*");
        given.insert((text(permission.property("FunctionName")), action));
    }
    assert_eq!(given, wanted);
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
