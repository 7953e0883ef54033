"""Rules about the HTTP API: what it hands over, to whom, and what it says of it."""

import json
import re

from .stack import PSEUDO, target

# What its log may say. Queries, headers and who somebody is are where secrets would be.
LOGGED = {
    "requestTime", "requestId", "integration.requestId", "identity.sourceIp", "routeKey", "httpMethod", "path", "status", "responseLength",
    "responseLatency", "integration.latency", "error.responseType", "integration.error",
}


def rules(stack):
    for rule in (routes, integrations, callers, stages, names):
        yield from rule(stack)


def routes(stack):
    """Each route is written out and leads to the function that knows it."""
    for id, route in stack.of_type("AWS::ApiGatewayV2::Route"):
        key = route["RouteKey"]
        if key == "$default" or key.startswith("ANY ") or "+}" in key:
            yield f"{id} hands over what nobody has written down: {key}"
        integration = stack.named(route["Target"].removeprefix("integrations/"))
        if integration is None or target(integration[1]["ApiId"]) != target(route["ApiId"]):
            yield f"{id} leads to no integration of its API"


def integrations(stack):
    """A call is made as the function expects it, waited for as long as the function may take, and allowed."""
    for id, one in stack.of_type("AWS::ApiGatewayV2::Integration"):
        if one["IntegrationType"] != "AWS_PROXY" or one.get("PayloadFormatVersion") != "2.0":
            yield f"{id} is not what functions are written for: a proxy with payload format 2.0"
        function, properties = stack.named(one["IntegrationUri"])
        if one.get("TimeoutInMillis", 30000) <= 1000 * properties["Timeout"]:
            yield f"{id} gives up before {function} has to"
        if (target(one["ApiId"]), function) not in set(allowed(stack)):
            yield f"{id} answers 500: no permission to call {function}"


def callers(stack):
    """API Gateway calls a function for an API of this stack, and for no other."""
    apis = {id for id, _ in stack.of_type("AWS::ApiGatewayV2::Api")}
    for id, one in stack.of_type("AWS::Lambda::Permission"):
        if one["Principal"] == "apigateway.amazonaws.com" and source(one) not in apis:
            yield f"{id} lets APIs that are not in the template call {target(one['FunctionName'])}"


def allowed(stack):
    """Pairs of an API and the function that it may call."""
    for _, one in stack.of_type("AWS::Lambda::Permission"):
        if one["Principal"] == "apigateway.amazonaws.com" and one["Action"] == "lambda:InvokeFunction":
            yield source(one), target(one["FunctionName"])


def source(permission):
    """The API of this account whose routes a permission is for."""
    start = f"arn:aws:execute-api:{PSEUDO['AWS::Region']}:{PSEUDO['AWS::AccountId']}:"
    api, separator, rest = str(permission.get("SourceArn", "")).removeprefix(start).partition("/")
    return target(api) if separator and rest else None


def stages(stack):
    """A stage throttles, serves what is deployed, and logs what leads on but nothing secret, where it is forgotten in time."""
    functions = {target(one.get("LoggingConfig", {}).get("LogGroup")) for _, one in stack.of_type("AWS::Lambda::Function")}
    staged = {target(one["ApiId"]) for _, one in stack.of_type("AWS::ApiGatewayV2::Stage")}
    for id, _ in stack.of_type("AWS::ApiGatewayV2::Api"):
        if id not in staged:
            yield f"{id} is served by no stage"
    for id, stage in stack.of_type("AWS::ApiGatewayV2::Stage"):
        limits = stage.get("DefaultRouteSettings", {})
        if not (limits.get("ThrottlingRateLimit") and limits.get("ThrottlingBurstLimit")):
            yield f"{id} throttles nobody"
        if not stage.get("AutoDeploy"):
            yield f"{id} does not serve what is deployed: it lacks AutoDeploy"
        log = stage.get("AccessLogSettings", {})
        group = target(log.get("DestinationArn"))
        if stack.resources.get(group, {}).get("Type") != "AWS::Logs::LogGroup" or group in functions:
            yield f"{id} has no log group of its own"
        yield from log_format(id, log.get("Format", "{}"))


def log_format(id, text):
    try:
        said = json.loads(text).values()
    except ValueError as error:
        yield f"{id} logs what is not JSON: {error}"
        return
    names = {name for one in said for name in re.findall(r"\$context\.([A-Za-z.]+)", one)}
    for name in names - LOGGED:
        yield f"{id} logs {name}, which may hold a secret"
    if "integration.requestId" not in names:
        yield f"{id} logs nothing that leads to the function's own lines"


def names(stack):
    """An API has one name, with TLS as it is now, and no browser of another site may call it."""
    mapped = {target(one["ApiId"]) for _, one in stack.of_type("AWS::ApiGatewayV2::ApiMapping")}
    for id, api in stack.of_type("AWS::ApiGatewayV2::Api"):
        if api.get("DisableExecuteApiEndpoint", False) is not (id in mapped):
            yield f"{id} has {'two names' if id in mapped else 'no name'}"
        if api["ProtocolType"] != "HTTP" or "CorsConfiguration" in api or "Body" in api:
            yield f"{id} is not what is read here: HTTP, with routes of their own, without CORS"
    for id, domain in stack.of_type("AWS::ApiGatewayV2::DomainName"):
        if {one.get("SecurityPolicy") for one in domain["DomainNameConfigurations"]} != {"TLS_1_2"}:
            yield f"{id} takes old versions of TLS"
