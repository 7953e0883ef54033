"""Rules about work: what calls functions, and what happens to work that fails."""

from .stack import target


def rules(stack):
    for rule in (queue_sources, stream_sources, dead_letters, asynchronous_calls, schedules, environments):
        yield from rule(stack)


def queue_sources(stack):
    """A message must stay hidden while its batch may be worked on or waited for, and only what failed may come back."""
    for id, source in stack.of_type("AWS::Lambda::EventSourceMapping"):
        source_id, queue = stack.named(source["EventSourceArn"])
        function_id, function = stack.named(source["FunctionName"])
        if "ReportBatchItemFailures" not in source.get("FunctionResponseTypes", []):
            yield f"{id} repeats whole batches: it lacks ReportBatchItemFailures"
        if stack.resources[source_id]["Type"] != "AWS::SQS::Queue":
            continue
        window = source.get("MaximumBatchingWindowInSeconds", 0)
        hidden, needed = queue.get("VisibilityTimeout", 30), 6 * function["Timeout"] + window
        if hidden < needed:
            yield f"{source_id} hides messages for {hidden} s; {function_id} needs {needed} s"
        if "RedrivePolicy" not in queue:
            yield f"{source_id} is read by {function_id} and has no dead-letter queue"
        at_once = source.get("ScalingConfig", {}).get("MaximumConcurrency")
        if at_once is None or at_once < 2:
            yield f"{id} needs a MaximumConcurrency of 2 or more"
        elif at_once > function.get("ReservedConcurrentExecutions", at_once):
            yield f"{id} may call {function_id} more often at once than is reserved for it: throttled receives give good messages up"


def stream_sources(stack):
    """A record that always fails must not hold up its shard for the day that the stream remembers."""
    for id, source in stack.of_type("AWS::Lambda::EventSourceMapping"):
        if target(source["EventSourceArn"]) != "Table":
            continue
        for name in ("MaximumRetryAttempts", "MaximumRecordAgeInSeconds"):
            if source.get(name, -1) < 0:
                yield f"{id} tries for ever: it lacks {name}"
        if not source.get("BisectBatchOnFunctionError"):
            yield f"{id} gives a whole batch up for one record: it lacks BisectBatchOnFunctionError"
        if not failure_queue(stack, source):
            yield f"{id} forgets what it gives up: it lacks a destination for failures"


def dead_letters(stack):
    """What is given up is kept longer than what waits, and tried often enough before."""
    for id, queue in stack.of_type("AWS::SQS::Queue"):
        policy = queue.get("RedrivePolicy")
        if policy is None:
            continue
        found = stack.named(policy["deadLetterTargetArn"])
        if found is None:
            yield f"{id} gives messages up to a queue that is not in the template"
            continue
        last_id, last = found
        if last.get("MessageRetentionPeriod", 345600) <= queue.get("MessageRetentionPeriod", 345600):
            yield f"{last_id} forgets what {id} gave up: it must keep messages longer, for they keep their age"
        if "RedrivePolicy" in last:
            yield f"{last_id} takes dead letters and gives messages up itself"
        if int(policy["maxReceiveCount"]) < 5:
            yield f"{id} gives messages up before the fifth try; throttled receives count too"


def asynchronous_calls(stack):
    """Lambda forgets failed calls that nobody waits for, unless told where to put them."""
    configured = {target(one["FunctionName"]): (id, one) for id, one in stack.of_type("AWS::Lambda::EventInvokeConfig")}
    for id, schedule in stack.of_type("AWS::Scheduler::Schedule"):
        function = target(schedule["Target"]["Arn"])
        if function not in configured or not failure_queue(stack, configured[function][1]):
            yield f"{function} is called by {id} and nobody is told when it fails: it lacks a destination for failures"


def schedules(stack):
    """A tick is worth nothing once the next one is there."""
    for id, schedule in stack.of_type("AWS::Scheduler::Schedule"):
        retry = schedule["Target"].get("RetryPolicy", {})
        if retry.get("MaximumEventAgeInSeconds", 86400) > 60 or retry.get("MaximumRetryAttempts", 185) > 3:
            yield f"{id} repeats old ticks: its RetryPolicy must end within a minute"
        if not stack.named(schedule["Target"].get("DeadLetterConfig", {}).get("Arn")):
            yield f"{id} lacks a dead-letter queue"
        trust = stack.named(schedule["Target"]["RoleArn"])[1]["AssumeRolePolicyDocument"]["Statement"]
        limits = [one.get("Condition", {}).get("StringEquals", {}) for one in trust]
        if not all({"aws:SourceAccount", "aws:SourceArn"} <= limit.keys() for limit in limits):
            yield f"{id} uses a role that anybody's schedule may use: its trust lacks aws:SourceAccount and aws:SourceArn"


def environments(stack):
    """A variable that is called after a kind of resource names one of that kind."""
    kinds = {"_QUEUE_URL": "AWS::SQS::Queue", "TABLE_NAME": "AWS::DynamoDB::Table", "_BUCKET": "AWS::S3::Bucket"}
    given = [(id, one.get("Environment", {}).get("Variables", {})) for id, one in stack.of_type("AWS::Lambda::Function")]
    for id, task in stack.of_type("AWS::ECS::TaskDefinition"):
        containers = task["ContainerDefinitions"]
        given += [(id, {one["Name"]: one["Value"] for one in box["Environment"]}) for box in containers]
    for id, variables in given:
        for name, value in variables.items():
            for ending, kind in kinds.items():
                means = stack.resources.get(target(value), {}).get("Type")
                if name.endswith(ending) and means != kind:
                    yield f"{id} gets {name}, which does not name a resource of the type {kind}"


def failure_queue(stack, source):
    """The queue that is told of failures, if there is one."""
    return stack.named(source.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))
