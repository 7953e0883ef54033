"""What CloudFormation says of parameters before it deploys anything: their limits, and the template's `Rules` over several of them."""

import re

from .deployments import ALWAYS, CERTIFICATE, DAEMON, DEPLOYMENTS

# What has to be refused, and part of the reason that the person who deploys is given.
REFUSED = [
    ({}, "AllowedOwners needs a value"),
    ({**ALWAYS, "AllowedOwners": "octo-demo, other"}, "AllowedOwners: GitHub user or organisation names"),
    ({**ALWAYS, "Stage": "Prod"}, "Stage: up to 16 lower-case letters"),
    ({**ALWAYS, "Tenant": "default"}, "Tenant: ten_ followed by"),
    ({**ALWAYS, "ParameterRoot": "/switchyard/"}, "ParameterRoot: an SSM parameter path"),
    ({**ALWAYS, "ParameterKeyArn": "alias/aws/ssm"}, "ParameterKeyArn: the ARN of a KMS key"),
    ({**ALWAYS, "GitHubApiUrl": "https://api.github.com/"}, "GitHubApiUrl: a URL without a slash"),
    ({**ALWAYS, "OtlpHeaders": "x-collector-key=k1"}, "OtlpHeaders: a dynamic reference"),
    ({**ALWAYS, "AlarmTopicArn": "alarms"}, "AlarmTopicArn: the ARN of an SNS topic"),
    ({**ALWAYS, "ApiDomainName": "https://api.example.com"}, "ApiDomainName: a host name in lower case"),
    ({**ALWAYS, "ApiCertificateArn": "api.example.com"}, "ApiCertificateArn: the ARN of a certificate"),
    ({**ALWAYS, "ApiDomainName": "api.example.com"}, "so ApiCertificateArn is needed too"),
    ({**ALWAYS, "ApiCertificateArn": CERTIFICATE}, "so ApiDomainName is needed too"),
    ({**ALWAYS, "ApiRate": "0"}, "ApiRate is at least 1"),
    ({**ALWAYS, "ApiBurst": "5001"}, "ApiBurst is at most 5000"),
    ({**ALWAYS, "LogRetentionDays": "31"}, "LogRetentionDays is one of"),
    ({**ALWAYS, **DAEMON, "DaemonImage": "switchyard-daemon:1"}, "DaemonImage: an image in ECR"),
    ({**ALWAYS, **DAEMON, "DaemonImage": "docker.io/tools/switchyard-daemon"}, "DaemonImage: an image in ECR"),
    ({**ALWAYS, **DAEMON, "DaemonCount": "101"}, "DaemonCount is at most 100"),
    ({**ALWAYS, **DAEMON, "DaemonStorageGiB": "20"}, "DaemonStorageGiB is at least 21"),
    ({**ALWAYS, **DAEMON, "SubnetIds": "subnet-0a1b2c3d,vpc-0a1b2c3d"}, "SubnetIds: the ids of subnets"),
    ({**ALWAYS, **DAEMON, "VpcId": ""}, "so VpcId is needed too"),
    ({**ALWAYS, **DAEMON, "SubnetIds": ""}, "so SubnetIds is needed too"),
    ({**ALWAYS, **DAEMON, "Harness": "command"}, "so DaemonCommand is needed too"),
    ({**ALWAYS, **DAEMON, "DaemonCpu": "8192", "DaemonMemory": "8192"}, "With 8192 CPU units"),
    ({**ALWAYS, **DAEMON, "DaemonCpu": "512", "DaemonMemory": "8192"}, "With 512 CPU units"),
]


def mistakes(source):
    """Deployments that are refused for no reason, and values that are taken although they cannot work."""
    for name, parameters in DEPLOYMENTS.items():
        for reason in refusals(source, parameters):
            yield f"{name} would be refused: {reason}"
    for parameters, expected in REFUSED:
        found = refusals(source, parameters)
        if not any(expected in reason for reason in found):
            yield f"{parameters} is refused for {found}, not because {expected!r}"


def refusals(source, parameters):
    """Why CloudFormation would refuse to deploy."""
    declared = source["Parameters"]
    values = {name: parameters.get(name, one.get("Default")) for name, one in declared.items()}
    missing = [f"{name} needs a value" for name, value in values.items() if value is None]
    if missing:
        return missing
    found = [reason for name, one in declared.items() for reason in limits(name, one, str(values[name]))]
    for rule in source["Rules"].values():
        if holds(rule["RuleCondition"], declared, values):
            asserted = [one["AssertDescription"] for one in rule["Assertions"] if not holds(one["Assert"], declared, values)]
            found += asserted
    return found


def limits(name, declared, value):
    """What a single parameter's declaration says against a value."""
    parts = value.split(",") if declared["Type"] == "CommaDelimitedList" else [value]
    pattern = declared.get("AllowedPattern", ".*")
    if not all(re.fullmatch(pattern, part) for part in parts):
        yield f"{name}: {declared['ConstraintDescription']}"
    if "AllowedValues" in declared and value not in [str(one) for one in declared["AllowedValues"]]:
        yield f"{name} is one of {declared['AllowedValues']}"
    if len(value) > declared.get("MaxLength", 4096):
        yield f"{name} is too long"
    if "MinValue" in declared and int(value) < declared["MinValue"]:
        yield f"{name} is at least {declared['MinValue']}"
    if "MaxValue" in declared and int(value) > declared["MaxValue"]:
        yield f"{name} is at most {declared['MaxValue']}"


def holds(test, declared, values):
    """Whether a condition of a rule holds. Rules know a few functions of their own."""
    (kind, argument), = test.items()
    if kind == "Fn::Not":
        return not holds(argument[0], declared, values)
    if kind == "Fn::And":
        return all(holds(one, declared, values) for one in argument)
    left, right = (resolved(one, declared, values) for one in argument)
    if kind == "Fn::Equals":
        return left == right
    if kind == "Fn::Contains":
        return right in left
    raise ValueError(f"{kind} is not known here")


def resolved(side, declared, values):
    if not isinstance(side, dict):
        return side
    name = side["Ref"]
    value = str(values[name])
    return value.split(",") if declared[name]["Type"] == "CommaDelimitedList" else value
