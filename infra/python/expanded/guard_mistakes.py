"""Mistakes about who may do what, and about loss."""

from .mistakes import mistake, properties


@mistake("WorkerFunctionUrl answers 403: no permission for lambda:InvokeFunction")
def a_url_has_half_of_its_permissions(resources):
    del resources["WorkerInvokePermission"]


@mistake("WorkerInvokePermission opens a function to everybody without its URL")
def everybody_may_call_a_function(resources):
    del properties(resources, "WorkerInvokePermission")["InvokedViaFunctionUrl"]


@mistake("TriageFunction is open to everybody and has no URL")
def a_function_without_a_url_is_open(resources):
    properties(resources, "WorkerUrlPermission")["FunctionName"] = {"Fn::GetAtt": ["TriageFunction", "Arn"]}


@mistake("WebhookFunctionUrl is not what webhook and worker are written for")
def a_url_wants_signatures_of_aws(resources):
    properties(resources, "WebhookFunctionUrl")["AuthType"] = "AWS_IAM"


@mistake("WorkerFunction shares WorkerRole with TriageFunction")
def functions_share_a_role(resources):
    properties(resources, "TriageFunction")["Role"] = {"Fn::GetAtt": ["WorkerRole", "Arn"]}


@mistake("RelayRole has managed policies")
def a_role_reaches_far(resources):
    properties(resources, "RelayRole")["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"]


@mistake("DaemonTaskRole may be taken on for other accounts")
def a_deputy_is_confused(resources):
    del properties(resources, "DaemonTaskRole")["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]


@mistake("JobsQueue may be reached over plain HTTP")
def a_queue_takes_plain_http(resources):
    del resources["JobsQueuePolicy"]


@mistake("JobsQueue is not encrypted")
def a_queue_is_not_encrypted(resources):
    properties(resources, "JobsQueue")["SqsManagedSseEnabled"] = False


@mistake("BodiesBucket does not block all public access")
def a_bucket_may_be_opened(resources):
    properties(resources, "BodiesBucket")["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] = False


@mistake("BodiesBucket keeps its objects for ever")
def bodies_are_kept_for_ever(resources):
    properties(resources, "BodiesBucket")["LifecycleConfiguration"]["Rules"][0]["Status"] = "Disabled"


@mistake("Table is not protected from deletion at the stage prod")
def the_table_of_prod_can_be_deleted(resources):
    properties(resources, "Table")["DeletionProtectionEnabled"] = False


@mistake("Table is protected from deletion at the stage dev")
def the_table_of_dev_cannot_be_deleted(resources):
    properties(resources, "Table")["DeletionProtectionEnabled"] = True


@mistake("Table cannot be brought back")
def there_is_no_way_back(resources):
    del properties(resources, "Table")["PointInTimeRecoverySpecification"]


@mistake("Table would be lost by an update")
def an_update_loses_the_table(resources):
    del resources["Table"]["UpdateReplacePolicy"]


def container(resources):
    return properties(resources, "DaemonTask")["ContainerDefinitions"][0]


@mistake("DaemonTask runs a container that can be changed")
def agents_change_their_container(resources):
    container(resources)["ReadonlyRootFilesystem"] = False


@mistake("DaemonTask cannot give its jobs users of their own")
def every_job_is_the_daemons_user(resources):
    container(resources)["User"] = "10001:10001"


@mistake("DaemonTask shows ANTHROPIC_API_KEY")
def a_key_stands_in_the_task_definition(resources):
    container(resources)["Environment"].append({"Name": "ANTHROPIC_API_KEY", "Value": "sk"})


@mistake("DaemonTask may pull from arn:aws:ecr:us-east-1:123456789012:repository/*")
def the_daemon_may_pull_any_image(resources):
    statement = properties(resources, "DaemonExecutionRole")["Policies"][0]["PolicyDocument"]["Statement"][1]
    statement["Resource"] = "arn:aws:ecr:us-east-1:123456789012:repository/*"


@mistake("DaemonSecurityGroup lets out more than HTTPS")
def agents_reach_every_port(resources):
    properties(resources, "DaemonSecurityGroup")["SecurityGroupEgress"][0]["ToPort"] = 65535


@mistake("WorkerInvokePermission lets apigateway.amazonaws.com call for anybody")
def a_service_calls_for_anybody(resources):
    properties(resources, "WorkerInvokePermission")["Principal"] = "apigateway.amazonaws.com"


@mistake("TriageRole may be taken on by {'AWS': '*'}")
def anybody_takes_on_a_role(resources):
    properties(resources, "TriageRole")["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = {"AWS": "*"}


@mistake("BodiesBucket is not encrypted")
def a_bucket_is_not_encrypted(resources):
    del properties(resources, "BodiesBucket")["BucketEncryption"]


@mistake("Table is not encrypted with a key of the account")
def the_table_is_not_encrypted(resources):
    del properties(resources, "Table")["SSESpecification"]


@mistake("Table keeps its items for ever")
def nothing_is_forgotten(resources):
    properties(resources, "Table")["TimeToLiveSpecification"]["Enabled"] = False


@mistake("Table costs money while nothing happens")
def the_table_has_capacity(resources):
    properties(resources, "Table")["BillingMode"] = "PROVISIONED"


@mistake("WebhookLogs would be left behind")
def a_stage_leaves_its_logs(resources):
    resources["WebhookLogs"]["DeletionPolicy"] = "Retain"


@mistake("DaemonTask keeps capabilities")
def agents_have_capabilities(resources):
    container(resources)["LinuxParameters"]["Capabilities"] = {"Drop": ["NET_RAW"]}


@mistake("DaemonTask cannot give its jobs users of their own")
def agents_are_the_daemon(resources):
    container(resources)["User"] = "10001:10001"


@mistake("DaemonTask is not replaced when it is stopped")
def nobody_looks_after_the_daemon(resources):
    del container(resources)["HealthCheck"]


@mistake("DaemonTask has less than two minutes")
def the_daemon_is_ended_early(resources):
    del container(resources)["StopTimeout"]


@mistake("DaemonSecurityGroup lets somebody in")
def agents_can_be_reached(resources):
    way_in = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    properties(resources, "DaemonSecurityGroup")["SecurityGroupIngress"] = [way_in]


@mistake("DaemonService lets people into running containers")
def people_get_into_containers(resources):
    properties(resources, "DaemonService")["EnableExecuteCommand"] = True
