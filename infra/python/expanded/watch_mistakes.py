"""Mistakes about what people see."""

from .mistakes import mistake, properties


@mistake("WorkerFunction logs into a group that Lambda makes")
def a_function_has_no_log_group(resources):
    del properties(resources, "WorkerFunction")["LoggingConfig"]


@mistake("WorkerFunction may not write into RelayLogs")
def a_function_logs_where_its_role_may_not(resources):
    properties(resources, "WorkerFunction")["LoggingConfig"]["LogGroup"] = {"Ref": "RelayLogs"}


@mistake("DaemonLogs never forgets")
def a_log_is_kept_for_ever(resources):
    del properties(resources, "DaemonLogs")["RetentionInDays"]


@mistake("no alarm watches JobsDeadLetterQueue")
def dead_letters_are_not_watched(resources):
    del resources["JobsDeadLetterAlarm"]


@mistake("no alarm watches the Errors of RelayFunction")
def a_function_fails_unwatched(resources):
    del resources["RelayErrorsAlarm"]


@mistake("no alarm watches the failures of WebhookFunctionUrl")
def lost_deliveries_are_not_watched(resources):
    del resources["WebhookFailuresAlarm"]


@mistake("DeliveriesAgeAlarm looks at the QueueName deliveries, which is not in the template")
def an_alarm_watches_a_name(resources):
    properties(resources, "DeliveriesAgeAlarm")["Dimensions"][0]["Value"] = "deliveries"


@mistake("RelayAgeAlarm looks at the FunctionName ${Table}")
def an_alarm_watches_the_wrong_kind(resources):
    properties(resources, "RelayAgeAlarm")["Dimensions"][0]["Value"] = {"Ref": "Table"}


@mistake("ThrottlesAlarm does not use its metric relay")
def an_alarm_leaves_a_metric_out(resources):
    formula = properties(resources, "ThrottlesAlarm")["Metrics"][0]
    formula["Expression"] = formula["Expression"].replace(", FILL(relay, 0)", "")


@mistake("TriageErrorsAlarm uses the metric runs, which it does not have")
def an_alarm_uses_a_metric_that_is_not_there(resources):
    properties(resources, "TriageErrorsAlarm")["Metrics"][0]["Expression"] = "errors / (calls + runs)"


@mistake("JobsDeadLetterAlarm does not tell the topic")
def an_alarm_tells_nobody(resources):
    del properties(resources, "JobsDeadLetterAlarm")["AlarmActions"]


@mistake("JobsDeadLetterAlarm does not say what to do")
def an_alarm_says_nothing(resources):
    properties(resources, "JobsDeadLetterAlarm")["AlarmDescription"] = "Jobs were given up."


@mistake("Dashboard refers to HttpApi, which is not in the template")
def the_dashboard_shows_what_is_gone(resources):
    board = properties(resources, "Dashboard")
    board["DashboardBody"] = {"Fn::Sub": board["DashboardBody"]["Fn::Sub"].replace("${WorkerFunction}", "${HttpApi}")}


@mistake("Dashboard is not a dashboard")
def the_dashboard_is_not_json(resources):
    board = properties(resources, "Dashboard")
    board["DashboardBody"] = {"Fn::Sub": board["DashboardBody"]["Fn::Sub"].replace("]}}", "],}}", 1)}


@mistake("Dashboard does not show JobsDeadLetterQueue")
def the_dashboard_leaves_a_queue_out(resources):
    board = properties(resources, "Dashboard")
    body = board["DashboardBody"]["Fn::Sub"]
    board["DashboardBody"] = {"Fn::Sub": body.replace("${JobsDeadLetterQueue.QueueName}", "${JobsQueue.QueueName}")}


@mistake("RelayErrorsAlarm has 2 results instead of one")
def an_alarm_has_two_results(resources):
    del properties(resources, "RelayErrorsAlarm")["Metrics"][1]["ReturnData"]


@mistake("Dashboard has an expression that searches for nothing")
def the_dashboard_calculates(resources):
    board = properties(resources, "Dashboard")
    board["DashboardBody"] = {"Fn::Sub": board["DashboardBody"]["Fn::Sub"].replace("SEARCH(", "SUM(")}


@mistake("TableErrorsAlarm looks at the dimension Definition")
def an_alarm_looks_at_an_unknown_dimension(resources):
    properties(resources, "TableErrorsAlarm")["Metrics"][1]["MetricStat"]["Metric"]["Dimensions"][1]["Name"] = "Definition"


@mistake("WorkerFunction shares RelayLogs with RelayFunction")
def functions_share_a_log(resources):
    properties(resources, "WorkerFunction")["LoggingConfig"]["LogGroup"] = {"Ref": "RelayLogs"}
