"""Rules about who may do what, and about what must not get lost or be read."""

import re

from .stack import target, text

PAIR = {
    "lambda:InvokeFunctionUrl": {"FunctionUrlAuthType": "NONE"},
    "lambda:InvokeFunction": {"InvokedViaFunctionUrl": True},
}


def rules(stack):
    for rule in (urls, roles, transport, queues, buckets, table, log_protection, daemon, network):
        yield from rule(stack)


def urls(stack):
    """An open URL needs two permissions, each limited to the URL; nothing else may be open to everybody."""
    given = {}
    for id, one in stack.of_type("AWS::Lambda::Permission"):
        limit = PAIR.get(one["Action"])
        if one["Principal"] == "*" and (limit is None or not limit.items() <= one.items()):
            yield f"{id} opens a function to everybody without its URL"
        elif one["Principal"] == "*":
            given.setdefault(target(one["FunctionName"]), set()).add(one["Action"])
        elif "SourceArn" not in one:
            yield f"{id} lets {one['Principal']} call for anybody: it lacks SourceArn"
    for id, url in stack.of_type("AWS::Lambda::Url"):
        actions = given.pop(target(url["TargetFunctionArn"]), set())
        for action in PAIR.keys() - actions:
            yield f"{id} answers 403: no permission for {action}"
        if url["AuthType"] != "NONE" or url.get("InvokeMode", "BUFFERED") != "BUFFERED" or "Cors" in url:
            yield f"{id} is not what webhook and worker are written for: open, buffered, without CORS"
    for function in given:
        yield f"{function} is open to everybody and has no URL"


def roles(stack):
    """Each function has a role of its own, written out here, which only the service that needs it may take on."""
    taken = {}
    for id, function in stack.of_type("AWS::Lambda::Function"):
        role = target(function["Role"])
        if taken.setdefault(role, id) != id:
            yield f"{id} shares {role} with {taken[role]}"
    for id, role in stack.of_type("AWS::IAM::Role"):
        if role.get("ManagedPolicyArns"):
            yield f"{id} has managed policies, which reach further than it needs"
        for one in role["AssumeRolePolicyDocument"]["Statement"]:
            service = one["Principal"].get("Service")
            if service not in ("lambda.amazonaws.com", "scheduler.amazonaws.com", "ecs-tasks.amazonaws.com"):
                yield f"{id} may be taken on by {one['Principal']}"
            if service == "ecs-tasks.amazonaws.com" and "aws:SourceAccount" not in str(one.get("Condition")):
                yield f"{id} may be taken on for other accounts: its trust lacks aws:SourceAccount"


def transport(stack):
    """Queues and buckets refuse plain HTTP."""
    refusing = set()
    for kind in ("AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy"):
        for _, policy in stack.of_type(kind):
            for one in policy["PolicyDocument"]["Statement"]:
                plain = one.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false"
                if one["Effect"] == "Deny" and one["Principal"] == "*" and plain:
                    resources = one["Resource"] if isinstance(one["Resource"], list) else [one["Resource"]]
                    refusing |= {target(text(resource).removesuffix("/*")) for resource in resources}
    for kind in ("AWS::SQS::Queue", "AWS::S3::Bucket"):
        for id, _ in stack.of_type(kind):
            if id not in refusing:
                yield f"{id} may be reached over plain HTTP"


def queues(stack):
    for id, queue in stack.of_type("AWS::SQS::Queue"):
        if queue.get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue:
            yield f"{id} is not encrypted"


def buckets(stack):
    for id, bucket in stack.of_type("AWS::S3::Bucket"):
        if set(bucket.get("PublicAccessBlockConfiguration", {}).values()) != {True}:
            yield f"{id} does not block all public access"
        if "BucketEncryption" not in bucket:
            yield f"{id} is not encrypted"
        expire = bucket.get("LifecycleConfiguration", {}).get("Rules", [])
        if not any(one["Status"] == "Enabled" and one.get("ExpirationInDays") for one in expire):
            yield f"{id} keeps its objects for ever"


def table(stack):
    """The table can be brought back, forgets what is over, and outlives its stack where it matters."""
    for id, one in stack.of_type("AWS::DynamoDB::Table"):
        if not one.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{id} cannot be brought back to an earlier point in time"
        if not one.get("SSESpecification", {}).get("SSEEnabled"):
            yield f"{id} is not encrypted with a key of the account"
        if not one.get("TimeToLiveSpecification", {}).get("Enabled"):
            yield f"{id} keeps its items for ever"
        if one.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{id} costs money while nothing happens"
        yield from protection(stack, id, one)
        if stack.resources[id].get("UpdateReplacePolicy") != "Retain":
            yield f"{id} would be lost by an update that replaces it"


def log_protection(stack):
    for id, group in stack.of_type("AWS::Logs::LogGroup"):
        yield from protection(stack, id, group)


def protection(stack, id, one):
    """What is kept at the stage `prod` goes with the stack at any other."""
    wanted = stack.parameters["Stage"] == "prod"
    if one.get("DeletionProtectionEnabled", False) is not wanted:
        yield f"{id} is {'not ' if wanted else ''}protected from deletion at the stage {stack.parameters['Stage']}"
    if stack.resources[id].get("DeletionPolicy") != "Delete":
        yield f"{id} would be left behind by a stage that is given up"


# All that containers have but CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID and SETUID. Fargate lets nothing be added to a list
# that was dropped as a whole.
UNUSED_CAPABILITIES = ["AUDIT_WRITE", "FSETID", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETPCAP", "SYS_CHROOT"]


def daemon(stack):
    """Agents run in this container: it is worth nothing to them and they cannot change it."""
    for id, task in stack.of_type("AWS::ECS::TaskDefinition"):
        for box in task["ContainerDefinitions"]:
            if not box.get("ReadonlyRootFilesystem") or box.get("Privileged"):
                yield f"{id} runs a container that can be changed from inside"
            # Only root can give each job a user of its own; what else root can do is taken away.
            if box.get("User") != "0:0":
                yield f"{id} cannot give its jobs users of their own"
            if box["LinuxParameters"]["Capabilities"] != {"Drop": UNUSED_CAPABILITIES}:
                yield f"{id} keeps capabilities that it does not need, or lacks one that it does"
            if box.get("HealthCheck", {}).get("Command") != ["CMD", "/usr/local/bin/switchyard-daemon", "health"]:
                yield f"{id} is not replaced when it is stopped"
            if box.get("StopTimeout") != 120:
                yield f"{id} has less than two minutes to hand its job back"
            for one in box["Environment"]:
                if re.search("SECRET|PRIVATE_KEY|API_KEY|DAEMON_KEY|TOKEN", one["Name"]):
                    yield f"{id} shows {one['Name']} to whoever may read the task definition"
        role = stack.named(task["ExecutionRoleArn"])[1]
        for one in role["Policies"][0]["PolicyDocument"]["Statement"]:
            if "ecr:BatchGetImage" in one["Action"] and not one["Resource"].endswith(":repository/tools/switchyard-daemon"):
                yield f"{id} may pull from {one['Resource']}, not from its image's repository only"


def network(stack):
    """Nothing comes in, and only HTTPS goes out."""
    for id, group in stack.of_type("AWS::EC2::SecurityGroup"):
        if group.get("SecurityGroupIngress"):
            yield f"{id} lets somebody in"
        ports = [(one["IpProtocol"], one.get("FromPort"), one.get("ToPort")) for one in group.get("SecurityGroupEgress", [])]
        if ports != [("tcp", 443, 443)]:
            yield f"{id} lets out more than HTTPS"
    for id, service in stack.of_type("AWS::ECS::Service"):
        if service.get("EnableExecuteCommand"):
            yield f"{id} lets people into running containers"
