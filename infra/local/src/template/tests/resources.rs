use jiff::SignedDuration;

use super::{super::*, with_variable, world};

fn read(resources: &str) -> Template {
    Template::read(resources, &world()).unwrap()
}

#[test]
fn globals_are_under_what_a_function_says() {
    let text = "
Globals:
  Function:
    Timeout: 9
    MemorySize: 512
    Environment: { Variables: { A: global, B: global } }
Resources:
  One:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: one } }
    Properties: { Timeout: '11', Environment: { Variables: { B: own, C: own } } }
";
    let function = read(text).functions.remove(0);
    assert_eq!(function.timeout, SignedDuration::from_secs(11));
    assert_eq!(function.memory_mb, 512);
    let environment: Vec<_> = function.environment.into_iter().collect();
    let expected = [("A", "global"), ("B", "own"), ("C", "own")];
    assert_eq!(
        environment,
        expected.map(|(k, v)| (k.to_owned(), v.to_owned()))
    );
}

#[test]
fn what_a_function_leaves_out_is_as_on_aws() {
    let function = read(&with_variable("x", "")).functions.remove(0);
    assert_eq!(function.timeout, SignedDuration::from_secs(3));
    assert_eq!(function.memory_mb, 128);
    assert_eq!(function.reserved_concurrency, None);
    assert_eq!(function.asynchronous.max_retries, 2);
    assert_eq!(function.asynchronous.on_failure, None);
    assert_eq!(function.events, []);
    assert_eq!(function.statements, []);
}

#[test]
fn what_events_leave_out_is_as_on_aws() {
    let more = "
      Events:
        Off: { Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn, Enabled: false } }
        Queue: { Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn } }
        Stream:
          Type: DynamoDB
          Properties: { Stream: !GetAtt Table.StreamArn, StartingPosition: LATEST, MaximumRetryAttempts: -1 }
        Tick: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(2 hours) } }
        Paused: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 day), State: DISABLED } }
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: id, AttributeType: B }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      StreamSpecification: { StreamViewType: KEYS_ONLY }
";
    let function = read(&with_variable("x", more)).functions.remove(0);
    let expected = [
        Event::Queue(QueueSource {
            queue: "Jobs".to_owned(),
            batch_size: 10,
            window: SignedDuration::ZERO,
            partial_failures: PartialFailures::Ignored,
            max_concurrency: None,
        }),
        Event::Stream(StreamSource {
            table: "Table".to_owned(),
            start: StartingPosition::Latest,
            batch_size: 100,
            window: SignedDuration::ZERO,
            on_error: OnError::RetryWhole,
            partial_failures: PartialFailures::Ignored,
            max_retries: None,
            max_record_age: None,
            filters: Vec::new(),
            on_failure: None,
        }),
        Event::Schedule(Schedule {
            name: None,
            every: SignedDuration::from_hours(2),
            input: None,
            max_retries: 185,
            max_age: SignedDuration::from_hours(24),
            dead_letter: None,
        }),
    ];
    assert_eq!(function.events.len(), expected.len());
    for event in &expected {
        assert!(
            function.events.contains(event),
            "{event:?} in {:?}",
            function.events
        );
    }
}

#[test]
fn queues_come_after_their_dead_letter_queues() {
    let template = read(
        "
Resources:
  A:
    Type: AWS::SQS::Queue
    Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt B.Arn, maxReceiveCount: '3' } }
  B:
    Type: AWS::SQS::Queue
    Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt C.Arn, maxReceiveCount: 4 } }
  C: { Type: AWS::SQS::Queue, Properties: { QueueName: last } }
",
    );
    let order: Vec<_> = template
        .queues
        .iter()
        .map(|queue| queue.logical_id.as_str())
        .collect();
    assert_eq!(order, ["C", "B", "A"]);
    let first = template.queue("A").unwrap();
    assert_eq!(first.visibility, SignedDuration::from_secs(30));
    assert_eq!(first.dead_letter.as_ref().unwrap().max_receive_count, 3);
    assert_eq!(
        first.attributes["RedrivePolicy"],
        r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:000000000000:small-B","maxReceiveCount":3}"#,
    );
}

#[test]
fn an_index_may_hold_some_attributes() {
    let template = read("
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: things
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }, { AttributeName: at, AttributeType: N }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      GlobalSecondaryIndexes:
        - IndexName: when
          KeySchema: [{ AttributeName: at, KeyType: HASH }]
          Projection: { ProjectionType: INCLUDE, NonKeyAttributes: [title] }
      TimeToLiveSpecification: { AttributeName: ttl, Enabled: 'false' }
");
    let table = template.table("Table").unwrap();
    assert_eq!(table.name, "things");
    assert_eq!(
        (table.sort.as_ref(), table.ttl.as_ref(), table.stream),
        (None, None, None)
    );
    assert_eq!(
        table.indexes,
        [Index {
            name: "when".to_owned(),
            partition: KeyAttribute {
                name: "at".to_owned(),
                kind: AttributeType::Number,
            },
            sort: None,
            projection: Projection::Include(vec!["title".to_owned()]),
        }],
    );
}

#[test]
fn a_url_has_the_routes_of_its_metadata() {
    let template = read(&with_variable(
        "x",
        "
  More:
    Type: AWS::Lambda::Url
    Metadata: { Routes: [GET /, 'POST /x/{y}'] }
    Properties: { TargetFunctionArn: !GetAtt One.Arn, AuthType: NONE, InvokeMode: BUFFERED }
",
    ));
    let routes: Vec<_> = template
        .routes
        .iter()
        .map(|route| {
            (
                route.method.as_str(),
                route.path.as_str(),
                route.function.as_str(),
            )
        })
        .collect();
    assert_eq!(routes, [("GET", "/", "One"), ("POST", "/x/{y}", "One")]);
}

/// A template with an HTTP API whose one route is `key`, and with `more` after its resources.
fn with_api(key: &str, more: &str) -> String {
    with_variable(
        "!GetAtt Api.ApiEndpoint",
        &format!(
            "
  Api: {{ Type: AWS::ApiGatewayV2::Api, Properties: {{ ProtocolType: HTTP }} }}
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {{ ApiId: !Ref Api, StageName: $default, AutoDeploy: true }}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt One.Arn
      PayloadFormatVersion: '2.0'
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: {key}
      Target: !Sub integrations/${{Integration}}
{more}"
        ),
    )
}

#[test]
fn an_http_api_has_the_routes_that_name_it() {
    let template = read(&with_api("GET /x/{y}", ""));
    let route = Route {
        method: "GET".to_owned(),
        path: "/x/{y}".to_owned(),
        function: "One".to_owned(),
    };
    assert_eq!(
        (&template.api_routes, template.routes.len()),
        (&vec![route], 0)
    );
    let address = &template.functions[0].environment["VALUE"];
    assert_eq!(address, "http://127.0.0.1:8082");
}

#[test]
fn what_an_http_api_would_answer_by_itself_is_refused() {
    let refused = |text: &str| super::refusal(text);
    for key in ["$default", "ANY /x", "GET x"] {
        let said = refused(&with_api(key, ""));
        assert_eq!(
            said,
            format!(
                "Resources.Route.Properties.RouteKey: the route {key} is not supported by the local stack"
            )
        );
    }
    let second = "  Other: { Type: AWS::ApiGatewayV2::Api, Properties: { ProtocolType: HTTP } }";
    assert!(refused(&with_api("GET /", second)).contains("a second HTTP API"));
    let text = with_api("GET /", "");
    for (is, may_not_be, said) in [
        ("StageName: $default", "StageName: v1", "the value v1"),
        (
            "PayloadFormatVersion: '2.0'",
            "PayloadFormatVersion: '1.0'",
            "the value 1.0",
        ),
        (
            "RouteKey: GET /\n",
            "RouteKey: GET /\n      AuthorizationType: JWT\n",
            "the value JWT",
        ),
        (
            "${Integration}",
            "nothing",
            "there is no integrations/nothing",
        ),
        (
            "ProtocolType: HTTP",
            "ProtocolType: WEBSOCKET",
            "the value WEBSOCKET",
        ),
    ] {
        let changed = text.replace(is, may_not_be);
        assert_ne!(changed, text, "{is}");
        let found = refused(&changed);
        assert!(found.contains(said), "{found}");
    }
}
