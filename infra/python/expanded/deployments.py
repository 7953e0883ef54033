"""The deployments that the rules are held to. Between them, each condition of the template is true once and false once."""

ALWAYS = {"AllowedOwners": "octo-demo"}
DAEMON = {
    "DaemonImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/tools/switchyard-daemon:1@sha256:" + "0" * 64,
    "VpcId": "vpc-0a1b2c3d",
    "SubnetIds": "subnet-0a1b2c3d,subnet-1a2b3c4d",
}
BEDROCK = {"DaemonModelSecret": "AWS_BEARER_TOKEN_BEDROCK", "DaemonModel": "us.anthropic.claude-opus-5-5"}
OPENAI = {"DaemonModelKey": "true", "DaemonModelSecret": "OPENAI_API_KEY", "DaemonModelUrl": "https://gateway.example/v1"}
KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
HEADERS = "{{resolve:secretsmanager:switchyard/prod/otlp:SecretString:headers}}"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"

DEPLOYMENTS = {
    "prod-with-everything": {
        **ALWAYS,
        **DAEMON,
        "Bulkheads": "true",
        "ApiDomainName": "api.example.com",
        "ApiCertificateArn": CERTIFICATE,
        "DaemonSpot": "true",
        "DaemonModelKey": "true",
        "ParameterKeyArn": KEY,
        "AlarmTopicArn": TOPIC,
        "OtlpEndpoint": "https://collector.example",
        "OtlpHeaders": HEADERS,
    },
    "prod": ALWAYS,
    "dev": {**ALWAYS, "Stage": "dev", "Monitoring": "false", "Architecture": "x86_64"},
    "dev-with-daemon": {**ALWAYS, **DAEMON, "Stage": "dev", "SecurityGroupIds": "sg-0a1b2c3d", "DaemonModelKey": "true", **BEDROCK},
    "dev-with-openai": {**ALWAYS, **DAEMON, "Stage": "dev", "Harness": "command", "DaemonCommand": "agent", **OPENAI},
}


def conditions(stacks):
    """Conditions that no deployment makes true, or none makes false: what hangs on them would never be looked at."""
    names = next(iter(stacks.values())).conditions
    for name in names:
        seen = {stack._condition({"Condition": name}) for stack in stacks.values()}
        if seen != {True, False}:
            yield f"the condition {name} is {seen.pop()} in every deployment that is checked"
