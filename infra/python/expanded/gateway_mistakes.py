"""Mistakes about the HTTP API."""

from .mistakes import mistake, properties


@mistake("PublicApiHealthRoute hands over what nobody has written down: $default")
def an_api_hands_everything_over(resources):
    properties(resources, "PublicApiHealthRoute")["RouteKey"] = "$default"


@mistake("PublicApiHealthRoute hands over what nobody has written down: GET /{proxy+}")
def an_api_hands_every_path_over(resources):
    properties(resources, "PublicApiHealthRoute")["RouteKey"] = "GET /{proxy+}"


@mistake("PublicApiHealthRoute leads to no integration of its API")
def a_route_leads_nowhere(resources):
    properties(resources, "PublicApiHealthRoute")["Target"] = {"Fn::Sub": "integrations/${PublicApi}/0"}


@mistake("PublicApiIntegration is not what functions are written for")
def a_function_is_called_in_another_format(resources):
    properties(resources, "PublicApiIntegration")["PayloadFormatVersion"] = "1.0"


@mistake("PublicApiIntegration gives up before ApiFunction has to")
def an_api_is_impatient(resources):
    properties(resources, "PublicApiIntegration")["TimeoutInMillis"] = 10000


@mistake("PublicApiIntegration answers 500: no permission to call ApiFunction")
def an_api_may_not_call_its_function(resources):
    del resources["PublicApiPermission"]


@mistake("PublicApiPermission lets APIs that are not in the template call ApiFunction")
def every_api_of_the_account_may_call_a_function(resources):
    source = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*/*"
    properties(resources, "PublicApiPermission")["SourceArn"] = {"Fn::Sub": source}


@mistake("PublicApi is served by no stage")
def an_api_has_no_stage(resources):
    del resources["PublicApiStage"]
    del resources["PublicApiMapping"]


@mistake("PublicApiStage throttles nobody")
def a_flood_reaches_the_function(resources):
    del properties(resources, "PublicApiStage")["DefaultRouteSettings"]["ThrottlingBurstLimit"]


@mistake("PublicApiStage does not serve what is deployed")
def a_new_route_is_not_served(resources):
    properties(resources, "PublicApiStage")["AutoDeploy"] = False


@mistake("PublicApiStage has no log group of its own")
def an_api_logs_among_the_lines_of_its_function(resources):
    access_log(resources)["DestinationArn"] = {"Fn::GetAtt": ["ApiLogs", "Arn"]}


def access_log(resources):
    return properties(resources, "PublicApiStage")["AccessLogSettings"]


@mistake("PublicApiStage logs what is not JSON")
def a_log_cannot_be_asked(resources):
    access_log(resources)["Format"] = "$context.requestId $context.status"


@mistake("PublicApiStage logs authorizer.claims.email, which may hold a secret")
def a_log_says_who_somebody_is(resources):
    access_log(resources)["Format"] = '{"who": "$context.authorizer.claims.email"}'


@mistake("PublicApiStage logs nothing that leads to the function's own lines")
def a_log_leads_nowhere(resources):
    access_log(resources)["Format"] = '{"status": "$context.status"}'


@mistake("PublicApi has two names")
def an_api_keeps_its_other_name(resources):
    properties(resources, "PublicApi")["DisableExecuteApiEndpoint"] = False


@mistake("PublicApi has no name")
def an_api_cannot_be_reached(resources):
    properties(resources, "PublicApi")["DisableExecuteApiEndpoint"] = True


@mistake("PublicApi is not what is read here")
def every_site_may_call_from_a_browser(resources):
    properties(resources, "PublicApi")["CorsConfiguration"] = {"AllowOrigins": ["*"]}


@mistake("PublicApiDomain takes old versions of TLS")
def a_name_takes_old_tls(resources):
    properties(resources, "PublicApiDomain")["DomainNameConfigurations"][0]["SecurityPolicy"] = "TLS_1_0"
