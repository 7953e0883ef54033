//! What the reader finds in the template that is deployed.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use local::template::{
    AttributeType, Event, Filter, Function, Index, KeyAttribute, OnError, PartialFailures,
    Projection, QueueSource, Route, Schedule, StartingPosition, Statement, StreamSource,
    StreamView, Template, World,
};
use serde_json::json;

const TEXT: &str = include_str!("../../../template.yaml");
const QUEUES: &str = "http://127.0.0.1:4566/000000000000";

fn world(parameters: &[(&str, &str)]) -> World {
    World {
        parameters: parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        account: "000000000000".to_owned(),
        region: "eu-central-1".to_owned(),
        stack: "local".to_owned(),
        aws_url: "http://127.0.0.1:4566".to_owned(),
        function_url: "http://127.0.0.1:8080".to_owned(),
        api_url: "http://127.0.0.1:8082/".to_owned(),
    }
}

#[expect(
    clippy::unwrap_used,
    reason = "a test fails if the template cannot be read"
)]
fn template() -> Template {
    let parameters = [
        ("AllowedOwners", "octo-demo"),
        ("DaemonImage", "daemon:local"),
        ("GitHubApiUrl", "http://127.0.0.1:8081/api/v3"),
        ("GitHubGitUrl", "http://127.0.0.1:8081"),
    ];
    Template::read(TEXT, &world(&parameters)).unwrap()
}

#[expect(clippy::expect_used, reason = "a test fails without its function")]
#[track_caller]
fn function(name: &str) -> Function {
    template().function(name).cloned().expect(name)
}

fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:eu-central-1:000000000000:{resource}")
}

fn key(name: &str, kind: AttributeType) -> KeyAttribute {
    KeyAttribute {
        name: name.to_owned(),
        kind,
    }
}

fn allowed(statements: &[Statement], action: &str, resource: &str) -> bool {
    statements
        .iter()
        .any(|statement| statement.covers(action, resource))
}

#[test]
fn each_function_has_its_time_and_memory() {
    let template = template();
    let functions: Vec<_> = template
        .functions
        .iter()
        .map(|function| {
            (
                function.name.as_str(),
                function.logical_id.as_str(),
                function.timeout.as_secs(),
                function.memory_mb,
            )
        })
        .collect();
    let expected = [
        ("api", "ApiFunction", 10, 256),
        ("relay", "RelayFunction", 60, 256),
        ("scheduler", "SchedulerFunction", 50, 256),
        ("triage", "TriageFunction", 30, 256),
        ("webhook", "WebhookFunction", 10, 256),
        ("worker", "WorkerFunction", 15, 256),
    ];
    assert_eq!(functions, expected);
}

#[test]
fn functions_have_their_environment() {
    let deliveries = format!("{QUEUES}/local-DeliveriesQueue");
    let jobs = format!("{QUEUES}/local-JobsQueue");
    let common = [
        ("RUST_LOG", "info"),
        ("SWITCHYARD_STAGE", "prod"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        ("OTEL_EXPORTER_OTLP_HEADERS", ""),
        ("SWITCHYARD_SETTINGS_VERSION", "0"),
    ];
    let parameters = [("SWITCHYARD_PARAMETERS", "/switchyard/prod")];
    let pages = [("SWITCHYARD_PUBLIC_URL", "http://127.0.0.1:8082")];
    let github = [
        ("TABLE_NAME", "local-Table"),
        ("GITHUB_API_URL", "http://127.0.0.1:8081/api/v3"),
    ];
    let queues = [
        ("DELIVERIES_QUEUE_URL", deliveries.as_str()),
        ("JOBS_QUEUE_URL", jobs.as_str()),
    ];
    let bodies = ("BODIES_BUCKET", "local-bodiesbucket");
    let owners = ("SWITCHYARD_ALLOWED_OWNERS", "octo-demo");
    let tenant = ("SWITCHYARD_TENANT", "ten_default");
    let only_triage = [queues[1], bodies, tenant, owners];
    let git = [("GITHUB_GIT_URL", "http://127.0.0.1:8081"), owners];
    for (name, own) in [
        (
            "webhook",
            [&parameters[..], &pages, &[queues[0], bodies]].concat(),
        ),
        ("triage", [&parameters[..], &github, &only_triage].concat()),
        (
            "worker",
            [&parameters[..], &pages, &github, &git, &queues[1..]].concat(),
        ),
        ("api", pages.to_vec()),
        ("relay", [&parameters[..], &github].concat()),
        ("scheduler", [&parameters[..], &github, &queues].concat()),
    ] {
        let expected = environment(&[&common[..], &own].concat());
        assert_eq!(function(name).environment, expected, "{name}");
    }
}

#[test]
fn triage_takes_deliveries() {
    let expected = Event::Queue(QueueSource {
        queue: "DeliveriesQueue".to_owned(),
        batch_size: 10,
        window: SignedDuration::ZERO,
        partial_failures: PartialFailures::Reported,
        max_concurrency: Some(10),
    });
    assert_eq!(function("triage").events, [expected]);
}

#[test]
fn relay_reads_the_stream() {
    let relay = function("relay");
    let [Event::Stream(source)] = relay.events.as_slice() else {
        panic!("{:?}", relay.events);
    };
    let filters = &source.filters;
    let expected = StreamSource {
        table: "Table".to_owned(),
        start: StartingPosition::TrimHorizon,
        batch_size: 100,
        window: SignedDuration::from_secs(1),
        on_error: OnError::Bisect,
        partial_failures: PartialFailures::Reported,
        max_retries: Some(10),
        max_record_age: Some(SignedDuration::from_hours(1)),
        filters: filters.clone(),
        on_failure: Some("RelayFailuresQueue".to_owned()),
    };
    assert_eq!(*source, expected);
    assert_eq!(filters.len(), 5, "as many as an event source may have");
    let record = |sk: &str, image: serde_json::Value| {
        let keys = json!({"pk": {"S": "x"}, "sk": {"S": sk}});
        json!({"eventName": "MODIFY", "dynamodb": {"Keys": keys, "NewImage": image}})
    };
    let state = |is: &str| json!({"state": {"M": {"is": {"S": is}}}});
    let due = |is: &str| {
        let mut image = state(is);
        image["due_at"] = json!({"N": "1"});
        image
    };
    let verdict = |is: &str| json!({"is": {"M": {"verdict": {"S": is}}}});
    for (sk, image) in [
        ("RUN#1", due("unbegun")),
        ("RUN#1", due("closing")),
        ("RUN#1", due("over")),
        ("STP#1", due("running")),
        ("STP#1", due("delayed")),
        ("TRK#1", state("put_off")),
        ("DLV", verdict("refused")),
    ] {
        assert!(Filter::admit(filters, &record(sk, image)), "{sk}");
    }
    // Progress is put once, and goes by itself after a time, of which nobody is told.
    let progress = |name: &str| {
        let mut record = record("EVT#1", json!({}));
        record["eventName"] = json!(name);
        Filter::admit(filters, &record)
    };
    assert!(progress("INSERT") && !progress("REMOVE"));
    for (sk, image) in [
        ("RUN#1", state("waiting")),
        ("RUN#1", state("over")),
        ("STP#1", due("closed")),
        ("TRK#1", due("put_off")),
        ("TRK#1", state("announced")),
        ("TRK#1", state("told")),
        ("DLV", verdict("starting")),
        ("JOB#1", json!({})),
    ] {
        assert!(!Filter::admit(filters, &record(sk, image)), "{sk}");
    }
}

#[test]
fn scheduler_runs_every_minute() {
    let scheduler = function("scheduler");
    let expected = Event::Schedule(Schedule {
        name: Some("local-every-minute".to_owned()),
        every: SignedDuration::from_mins(1),
        input: None,
        max_retries: 2,
        max_age: SignedDuration::from_mins(1),
        dead_letter: Some("SchedulerFailuresQueue".to_owned()),
    });
    assert_eq!(scheduler.events, [expected]);
    assert_eq!(scheduler.asynchronous.max_retries, 0);
    assert_eq!(
        scheduler.asynchronous.on_failure.as_deref(),
        Some("SchedulerFailuresQueue"),
    );
}

/// Method, path and function of each route.
fn sorted(routes: &[Route]) -> Vec<(&str, &str, &str)> {
    let mut routes: Vec<_> = routes
        .iter()
        .map(|route| {
            let (method, path) = (route.method.as_str(), route.path.as_str());
            (method, path, route.function.as_str())
        })
        .collect();
    routes.sort_unstable();
    routes
}

#[test]
fn routes_lead_to_their_functions() {
    let expected = [
        ("GET", "/health", "WorkerFunction"),
        ("POST", "/webhooks/github", "WebhookFunction"),
        ("POST", "/worker/v1/jobs/{job_id}/claim", "WorkerFunction"),
        ("POST", "/worker/v1/jobs/{job_id}/events", "WorkerFunction"),
        ("POST", "/worker/v1/jobs/{job_id}/finish", "WorkerFunction"),
        (
            "POST",
            "/worker/v1/jobs/{job_id}/git-token",
            "WorkerFunction",
        ),
        (
            "POST",
            "/worker/v1/jobs/{job_id}/heartbeat",
            "WorkerFunction",
        ),
        ("POST", "/worker/v1/jobs/{job_id}/release", "WorkerFunction"),
    ];
    assert_eq!(sorted(&template().routes), expected);
}

#[test]
fn routes_of_the_http_api_lead_to_api() {
    let expected = [
        ("GET", "/health", "ApiFunction"),
        ("GET", "/openapi.json", "ApiFunction"),
        ("GET", "/problems/{slug}", "ApiFunction"),
        ("GET", "/v1/version", "ApiFunction"),
    ];
    assert_eq!(sorted(&template().api_routes), expected);
}

#[test]
fn a_host_name_of_its_own_is_where_problems_are_explained() {
    let certificate = "arn:aws:acm:eu-central-1:000000000000:certificate/1";
    let parameters = [
        ("AllowedOwners", "octo-demo"),
        ("ApiDomainName", "api.example.com"),
        ("ApiCertificateArn", certificate),
    ];
    let template = Template::read(TEXT, &world(&parameters)).unwrap();
    for name in ["api", "webhook", "worker"] {
        let environment = &template.function(name).unwrap().environment;
        assert_eq!(
            environment["SWITCHYARD_PUBLIC_URL"], "https://api.example.com",
            "{name}"
        );
    }
}

#[test]
fn queues_have_their_attributes_and_dead_letters() {
    let template = template();
    assert_eq!(template.queues.len(), 6);
    for (id, dead_id, visibility, count) in [
        ("DeliveriesQueue", "DeliveriesDeadLetterQueue", 180, 5),
        ("JobsQueue", "JobsDeadLetterQueue", 120, 10),
    ] {
        let queue = template.queue(id).unwrap();
        let dead = template.queue(dead_id).unwrap();
        assert_eq!(queue.name, format!("local-{id}"));
        assert_eq!(queue.url, format!("{QUEUES}/local-{id}"));
        assert_eq!(queue.visibility, SignedDuration::from_secs(visibility));
        let policy: serde_json::Value =
            serde_json::from_str(&queue.attributes["RedrivePolicy"]).unwrap();
        let expected = json!({"deadLetterTargetArn": dead.arn, "maxReceiveCount": count});
        assert_eq!(policy, expected);
        assert_eq!(dead.arn, arn("sqs", &format!("local-{dead_id}")));
        let others = environment(&[
            ("VisibilityTimeout", &visibility.to_string()),
            ("MessageRetentionPeriod", "345600"),
            ("MaximumMessageSize", "262144"),
            ("SqsManagedSseEnabled", "true"),
            ("RedrivePolicy", &queue.attributes["RedrivePolicy"]),
        ]);
        assert_eq!(queue.attributes, others);
        assert_eq!(dead.attributes["MessageRetentionPeriod"], "1209600");
        assert_eq!(dead.dead_letter, None);
        assert_eq!(queue.dead_letter.as_ref().unwrap().queue, dead_id);
    }
}

#[test]
fn there_is_one_table() {
    let template = template();
    let [table] = template.tables.as_slice() else {
        panic!("{:?}", template.tables);
    };
    assert_eq!(table.logical_id, "Table");
    assert_eq!(table.name, "local-Table");
    assert_eq!(table.arn, arn("dynamodb", "table/local-Table"));
    assert_eq!(table.partition, key("pk", AttributeType::Text));
    assert_eq!(table.sort, Some(key("sk", AttributeType::Text)));
    let due = Index {
        name: "due".to_owned(),
        partition: key("due_shard", AttributeType::Text),
        sort: Some(key("due_at", AttributeType::Number)),
        projection: Projection::KeysOnly,
    };
    let list = Index {
        name: "list".to_owned(),
        partition: key("list", AttributeType::Text),
        sort: Some(key("list_id", AttributeType::Text)),
        projection: Projection::KeysOnly,
    };
    assert_eq!(table.indexes, [due, list]);
    assert_eq!(table.ttl.as_deref(), Some("ttl"));
    assert_eq!(table.stream, Some(StreamView::NewAndOldImages));
}

#[test]
fn there_is_one_bucket() {
    let template = template();
    let [bucket] = template.buckets.as_slice() else {
        panic!("{:?}", template.buckets);
    };
    assert_eq!(bucket.name, "local-bodiesbucket");
}

#[test]
fn the_daemon_is_a_service() {
    let template = template();
    let [service] = template.services.as_slice() else {
        panic!("{:?}", template.services);
    };
    assert_eq!(service.logical_id, "DaemonService");
    assert_eq!(service.desired_count, 1);
    assert_eq!(service.stop_timeout, SignedDuration::from_mins(2));
    let key = "SWITCHYARD_DAEMON_KEY";
    let parameter = arn("ssm", &format!("parameter/switchyard/prod/{key}"));
    assert_eq!(
        service.secrets,
        BTreeMap::from([(key.to_owned(), parameter)])
    );
    let expected = environment(&[
        ("JOBS_QUEUE_URL", &format!("{QUEUES}/local-JobsQueue")),
        ("SWITCHYARD_WORKER_URL", "http://127.0.0.1:8080/"),
        ("GITHUB_API_URL", "http://127.0.0.1:8081/api/v3"),
        ("GITHUB_GIT_URL", "http://127.0.0.1:8081"),
        ("SWITCHYARD_HARNESS", "claude-code"),
        ("SWITCHYARD_COMMAND", ""),
        ("SWITCHYARD_CHECK_COMMAND", ""),
        ("ANTHROPIC_BASE_URL", ""),
        ("OPENAI_BASE_URL", ""),
        ("ANTHROPIC_BEDROCK_BASE_URL", ""),
        ("CLAUDE_CODE_USE_BEDROCK", ""),
        ("AWS_REGION", "eu-central-1"),
        ("ANTHROPIC_MODEL", ""),
        ("HTTPS_PROXY", ""),
        ("SWITCHYARD_MODEL_CA_FILE", ""),
        ("SWITCHYARD_MODEL_SCAN", "off"),
        ("SWITCHYARD_AGENT_TURNS", "200"),
        ("SWITCHYARD_AGENT_IDLE_SECONDS", ""),
        ("SWITCHYARD_STAGE", "prod"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        ("OTEL_EXPORTER_OTLP_HEADERS", ""),
        ("RUST_LOG", "info"),
    ]);
    assert_eq!(service.environment, expected);
    let jobs = arn("sqs", "local-JobsQueue");
    assert!(allowed(&service.statements, "sqs:ReceiveMessage", &jobs));
    assert!(!allowed(&service.statements, "sqs:SendMessage", &jobs));
}

#[test]
fn the_daemon_gets_the_model_key_on_request() {
    let parameters = [
        ("AllowedOwners", "octo-demo"),
        ("DaemonImage", "daemon:local"),
        ("DaemonModelKey", "true"),
    ];
    let template = Template::read(TEXT, &world(&parameters)).unwrap();
    assert_eq!(
        template.services[0].secrets["ANTHROPIC_API_KEY"],
        arn("ssm", "parameter/switchyard/prod/ANTHROPIC_API_KEY"),
    );
}

#[test]
fn the_daemon_gets_the_account_that_is_named_and_the_address_that_belongs_to_it() {
    let parameters = [
        ("AllowedOwners", "octo-demo"),
        ("DaemonImage", "daemon:local"),
        ("DaemonModelKey", "true"),
        ("DaemonModelSecret", "OPENAI_API_KEY"),
        ("DaemonModelUrl", "https://gateway.example/v1"),
    ];
    let template = Template::read(TEXT, &world(&parameters)).unwrap();
    let service = &template.services[0];
    assert_eq!(
        service.secrets["OPENAI_API_KEY"],
        arn("ssm", "parameter/switchyard/prod/OPENAI_API_KEY"),
    );
    assert_eq!(
        service.environment["OPENAI_BASE_URL"],
        "https://gateway.example/v1"
    );
    assert_eq!(service.environment["ANTHROPIC_BASE_URL"], "");
}

#[test]
fn there_is_no_daemon_without_an_image() {
    let template = Template::read(TEXT, &world(&[("AllowedOwners", "octo-demo")])).unwrap();
    assert_eq!(template.services, []);
    assert_eq!(template.functions.len(), 6);
}

#[test]
fn bulkheads_reserve_concurrency() {
    let parameters = [("AllowedOwners", "octo-demo"), ("Bulkheads", "true")];
    let template = Template::read(TEXT, &world(&parameters)).unwrap();
    assert_eq!(
        template.function("worker").unwrap().reserved_concurrency,
        Some(50)
    );
    assert_eq!(
        template.function("api").unwrap().reserved_concurrency,
        Some(50)
    );
    assert_eq!(
        template.function("triage").unwrap().reserved_concurrency,
        None
    );
    assert_eq!(function("worker").reserved_concurrency, None);
}

#[test]
fn functions_may_do_what_their_roles_say() {
    let table = arn("dynamodb", "table/local-Table");
    let body = "arn:aws:s3:::local-bodiesbucket/del_1";
    let webhook = function("webhook").statements;
    assert!(allowed(&webhook, "s3:PutObject", body));
    assert!(!allowed(&webhook, "s3:GetObject", body));
    assert!(!allowed(&webhook, "dynamodb:PutItem", &table));
    let scheduler = function("scheduler").statements;
    let index = format!("{table}/index/due");
    assert!(allowed(&scheduler, "dynamodb:Query", &index));
    assert!(allowed(&scheduler, "dynamodb:Query", &table));
    let list = format!("{table}/index/list");
    assert!(!allowed(&scheduler, "dynamodb:Query", &list));
    assert!(!allowed(&scheduler, "dynamodb:Scan", &table));
    let secret = arn("ssm", "parameter/switchyard/prod/SWITCHYARD_TOKEN_KEY");
    assert!(allowed(&scheduler, "ssm:GetParameters", &secret));
    assert!(
        webhook
            .iter()
            .all(|statement| statement.condition.is_none())
    );
}

#[test]
fn a_key_for_the_settings_adds_a_statement() {
    let key = "arn:aws:kms:eu-central-1:000000000000:key/1";
    let parameters = [("AllowedOwners", "octo-demo"), ("ParameterKeyArn", key)];
    let template = Template::read(TEXT, &world(&parameters)).unwrap();
    let webhook = template.function("webhook").unwrap();
    let decrypt = webhook
        .statements
        .iter()
        .find(|statement| statement.covers("kms:Decrypt", key))
        .unwrap();
    let condition = decrypt.condition.as_ref().unwrap();
    assert_eq!(
        condition["StringEquals"]["kms:ViaService"],
        "ssm.eu-central-1.amazonaws.com",
    );
}

#[test]
fn owners_have_to_be_given() {
    let error = Template::read(TEXT, &world(&[])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the parameter AllowedOwners has no default, so it needs a value",
    );
}
