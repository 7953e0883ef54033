"""Mistakes about work."""

from .mistakes import mistake, properties


def source(resources, function, event):
    return properties(resources, function)["Events"][event]["Properties"]


@mistake("WebhookFunction gets DELIVERIES_QUEUE_URL")
def a_variable_names_the_wrong_thing(resources):
    properties(resources, "WebhookFunction")["Environment"]["Variables"]["DELIVERIES_QUEUE_URL"] = {"Ref": "Table"}


@mistake("refers to Nowhere, which is not in the template")
def a_reference_leads_nowhere(resources):
    properties(resources, "WebhookFunction")["Environment"]["Variables"]["BODIES_BUCKET"] = {"Ref": "Nowhere"}


@mistake("refers to DaemonTask, which this deployment does not have")
def a_reference_leads_to_what_a_condition_left_out(resources):
    properties(resources, "Cluster")["ClusterName"] = {"Ref": "DaemonTask"}


@mistake("DeliveriesQueue hides messages for 170 s; TriageFunction needs 180 s")
def messages_come_back_too_early(resources):
    properties(resources, "DeliveriesQueue")["VisibilityTimeout"] = 170


@mistake("DeliveriesQueue hides messages for 180 s; TriageFunction needs 185 s")
def a_batch_is_waited_for(resources):
    source(resources, "TriageFunction", "Deliveries")["MaximumBatchingWindowInSeconds"] = 5


@mistake("TriageFunctionDeliveries repeats whole batches")
def good_messages_are_repeated(resources):
    del source(resources, "TriageFunction", "Deliveries")["FunctionResponseTypes"]


@mistake("TriageFunctionDeliveries needs a MaximumConcurrency of 2 or more")
def one_call_at_a_time(resources):
    source(resources, "TriageFunction", "Deliveries")["ScalingConfig"]["MaximumConcurrency"] = 1


@mistake("TriageFunctionDeliveries may call TriageFunction more often at once than is reserved")
def less_is_reserved_than_the_source_uses(resources):
    properties(resources, "TriageFunction")["ReservedConcurrentExecutions"] = 9


@mistake("DeliveriesQueue is read by TriageFunction and has no dead-letter queue")
def a_poison_message_comes_back_for_ever(resources):
    del properties(resources, "DeliveriesQueue")["RedrivePolicy"]


@mistake("DeliveriesDeadLetterQueue forgets what DeliveriesQueue gave up")
def dead_letters_are_forgotten(resources):
    properties(resources, "DeliveriesDeadLetterQueue")["MessageRetentionPeriod"] = 345600


@mistake("JobsQueue gives messages up before the fifth try")
def messages_are_given_up_early(resources):
    properties(resources, "JobsQueue")["RedrivePolicy"]["maxReceiveCount"] = 4


@mistake("RelayFunctionTableChanges tries for ever: it lacks MaximumRetryAttempts")
def a_record_holds_up_its_shard(resources):
    del source(resources, "RelayFunction", "TableChanges")["MaximumRetryAttempts"]


@mistake("RelayFunctionTableChanges gives a whole batch up")
def a_batch_is_given_up_for_one_record(resources):
    source(resources, "RelayFunction", "TableChanges")["BisectBatchOnFunctionError"] = False


@mistake("RelayFunctionTableChanges forgets what it gives up")
def records_are_given_up_silently(resources):
    del source(resources, "RelayFunction", "TableChanges")["DestinationConfig"]


@mistake("SchedulerFunction is called by SchedulerFunctionEveryMinute and nobody is told when it fails")
def ticks_fail_silently(resources):
    del properties(resources, "SchedulerFunction")["EventInvokeConfig"]


@mistake("SchedulerFunctionEveryMinute repeats old ticks")
def ticks_are_repeated_for_a_day(resources):
    del source(resources, "SchedulerFunction", "EveryMinute")["RetryPolicy"]


@mistake("SchedulerFunctionEveryMinute uses a role that anybody's schedule may use")
def the_schedules_role_is_open(resources):
    del properties(resources, "SchedulerInvokerRole")["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]


@mistake("DeliveriesQueue gives messages up to a queue that is not in the template")
def dead_letters_go_elsewhere(resources):
    properties(resources, "DeliveriesQueue")["RedrivePolicy"]["deadLetterTargetArn"] = "arn:aws:sqs:us-east-1:1:other"


@mistake("JobsDeadLetterQueue takes dead letters and gives messages up itself")
def dead_letters_move_on(resources):
    again = properties(resources, "DeliveriesQueue")["RedrivePolicy"]
    properties(resources, "JobsDeadLetterQueue")["RedrivePolicy"] = again


@mistake("SchedulerFunctionEveryMinute lacks a dead-letter queue")
def ticks_get_lost(resources):
    del source(resources, "SchedulerFunction", "EveryMinute")["DeadLetterConfig"]
