"""Rules about what people see: logs, alarms and the dashboard."""

import json
import re

from .stack import target, text

DIMENSIONS = {
    "FunctionName": "AWS::Lambda::Function",
    "QueueName": "AWS::SQS::Queue",
    "TableName": "AWS::DynamoDB::Table",
    "ApiId": "AWS::ApiGatewayV2::Api",
}
# The metrics that the functions write themselves.
OURS = {"Service", "Stage", "Verdict", "Outcome"}


def rules(stack):
    for rule in (logs, alarms, what_alarms_watch, dashboard):
        yield from rule(stack)


def logs(stack):
    """Each function writes into a group of its own, which forgets in time, and may write nowhere else."""
    taken = {}
    for id, function in stack.of_type("AWS::Lambda::Function"):
        group = stack.named(function.get("LoggingConfig", {}).get("LogGroup"))
        if group is None:
            yield f"{id} logs into a group that Lambda makes, which never forgets"
            continue
        if taken.setdefault(group[0], id) != id:
            yield f"{id} shares {group[0]} with {taken[group[0]]}"
        writes = [one for one in statements(stack, function["Role"]) if "logs:PutLogEvents" in one["Action"]]
        if [target(one["Resource"]) for one in writes] != [group[0]]:
            yield f"{id} may not write into {group[0]}, or not only there"
    for id, group in stack.of_type("AWS::Logs::LogGroup"):
        if "RetentionInDays" not in group:
            yield f"{id} never forgets: it lacks RetentionInDays"


def alarms(stack):
    """An alarm watches something that is here, reaches somebody, and says what to do."""
    topic = stack.parameters["AlarmTopicArn"]
    for id, alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        if len(alarm.get("AlarmDescription", "").split()) < 15 or "TreatMissingData" not in alarm:
            yield f"{id} does not say what to do, or what missing data means"
        wanted = [topic] if topic else []
        if alarm.get("AlarmActions", []) != wanted or alarm.get("OKActions", []) != wanted:
            yield f"{id} does not tell the topic of alarms, or not when all is well again"
        for metric in metrics(alarm):
            yield from dimensions(stack, id, metric["Dimensions"])
        yield from expressions(id, alarm)


def expressions(id, alarm):
    """An alarm over several metrics uses each of them, and looks at one result."""
    several = alarm.get("Metrics", [])
    results = [one for one in several if one.get("ReturnData", True)]
    if several and len(results) != 1:
        yield f"{id} has {len(results)} results instead of one"
    formulas = " ".join(one.get("Expression", "") for one in several)
    used = set(re.findall(r"\b[a-z]\w*\b", formulas))
    for one in several:
        if "MetricStat" in one and one["Id"] not in used:
            yield f"{id} does not use its metric {one['Id']}"
    for name in used - {one["Id"] for one in several}:
        yield f"{id} uses the metric {name}, which it does not have"


def what_alarms_watch(stack):
    """Every function and everything that is given up is watched, unless nothing is."""
    if stack.parameters["Monitoring"] != "true":
        return
    watched = set()
    for _, alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        for metric in metrics(alarm):
            watched |= {(target(one["Value"]), metric["MetricName"]) for one in metric["Dimensions"]}
    for id, _ in stack.of_type("AWS::Lambda::Function"):
        for metric in ("Errors", "Throttles"):
            if (id, metric) not in watched:
                yield f"no alarm watches the {metric} of {id}"
    for id, _ in given_up(stack):
        if (id, "ApproximateNumberOfMessagesVisible") not in watched:
            yield f"no alarm watches {id}, where work is given up"
    for id, url in stack.of_type("AWS::Lambda::Url"):
        if target(url["TargetFunctionArn"]) == "WebhookFunction" and ("WebhookFunction", "Url5xxCount") not in watched:
            yield f"no alarm watches the failures of {id}"


def dashboard(stack):
    """The dashboard is JSON, shows every function and queue and the table, and nothing that is not here."""
    for id, board in stack.of_type("AWS::CloudWatch::Dashboard"):
        try:
            widgets = json.loads(board["DashboardBody"])["widgets"]
        except (ValueError, KeyError) as error:
            yield f"{id} is not a dashboard: {error}"
            continue
        shown = set()
        for widget in widgets:
            for metric in widget["properties"]["metrics"]:
                if isinstance(metric[0], dict):
                    if "SEARCH(" not in metric[0]["expression"]:
                        yield f"{id} has an expression that searches for nothing"
                    continue
                pairs = [one for one in metric[2:] if isinstance(one, str)]
                named = [{"Name": name, "Value": value} for name, value in zip(pairs[::2], pairs[1::2], strict=True)]
                yield from dimensions(stack, id, named)
                shown |= {target(one["Value"]) for one in named}
        for kind in DIMENSIONS.values():
            for one, _ in stack.of_type(kind):
                if one not in shown:
                    yield f"{id} does not show {one}"


def dimensions(stack, id, named):
    """The dimensions of AWS's metrics name resources by reference; those of ours have fixed values."""
    for one in named:
        name, value = one["Name"], one["Value"]
        if name in DIMENSIONS:
            found = stack.resources.get(target(value), {}).get("Type")
            if found != DIMENSIONS[name]:
                yield f"{id} looks at the {name} {text(value)}, which is not in the template"
        elif name not in OURS | {"Operation"}:
            yield f"{id} looks at the dimension {name}, which is not known here"


def metrics(alarm):
    """The metrics of an alarm, whichever way they are written."""
    if "MetricName" in alarm:
        return [alarm]
    return [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one]


def given_up(stack):
    """The queues in which work ends that failed: those that nobody in the stack reads and that others name."""
    redriven = [one["RedrivePolicy"]["deadLetterTargetArn"] for _, one in stack.of_type("AWS::SQS::Queue") if "RedrivePolicy" in one]
    told = [one.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination") for kind in
            ("AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig") for _, one in stack.of_type(kind)]
    ids = {target(one) for one in redriven + told if one}
    return [(id, queue) for id, queue in stack.of_type("AWS::SQS::Queue") if id in ids]


def statements(stack, role):
    """What the role of a function may do."""
    policies = stack.named(role)[1].get("Policies", [])
    return [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]
