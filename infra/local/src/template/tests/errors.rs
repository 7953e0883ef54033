use super::{super::*, refusal, resolve, with_variable, world};

#[track_caller]
fn check_variable(raw: &str, expected: &str) {
    let path = "Resources.One.Properties.Environment.Variables.VALUE";
    let error = resolve(raw).unwrap_err().to_string();
    assert_eq!(error.replace(path, "VALUE"), expected, "{raw}");
}

#[track_caller]
fn check_function(more: &str, expected: &str) {
    let error = refusal(&with_variable("x", more));
    assert_eq!(error.replace("Resources.One.Properties", "One"), expected);
}

#[track_caller]
fn check_resource(resource: &str, expected: &str) {
    let error = refusal(&format!("Resources:\n  It: {resource}"));
    assert_eq!(error.replace("Resources.It", "It"), expected);
}

#[test]
fn text_that_is_not_a_template() {
    let error = refusal("a: [");
    assert!(error.starts_with("the template is not YAML: "), "{error}");
    assert_eq!(refusal("- a"), "template: expected a map of sections");
    assert_eq!(refusal("Description: x"), "Resources is missing");
    assert_eq!(
        refusal("Mappings: {}"),
        "Mappings: this section is not supported by the local stack",
    );
    assert_eq!(
        refusal("Globals: { HttpApi: {} }\nResources: {}"),
        "Globals.HttpApi: this section is not supported by the local stack",
    );
    assert_eq!(
        refusal("Transform: AWS::LanguageExtensions\nResources: {}"),
        "Transform: a transform other than SAM's is not supported by the local stack",
    );
    assert_eq!(
        refusal("x: &x { a: 1 }\nResources: { <<: *x }"),
        "template.Resources: a YAML merge key is not supported by the local stack",
    );
}

#[test]
fn parameters_that_do_not_fit() {
    let text = "
Parameters: { Stage: { Type: String, AllowedValues: [prod, test] } }
Resources: {}
";
    let read = |name: &str, value: &str| {
        let mut world = world();
        world.parameters.insert(name.to_owned(), value.to_owned());
        Template::read(text, &world)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(read("Stage", "test"), Ok(()));
    assert_eq!(
        read("Stage", "dev").unwrap_err(),
        "the parameter Stage does not allow the value \"dev\"",
    );
    assert_eq!(
        read("Stagee", "prod").unwrap_err(),
        "the template has no parameter Stagee"
    );
    assert_eq!(
        refusal(text),
        "the parameter Stage has no default, so it needs a value"
    );
    assert_eq!(
        refusal(
            "Parameters: { P: { Type: 'AWS::SSM::Parameter::Value<String>', Default: x } }\nResources: {}"
        ),
        "Parameters.P.Type: the parameter type AWS::SSM::Parameter::Value<String> is not supported by the local stack",
    );
}

#[test]
fn references_to_nothing() {
    check_variable("!Ref Nowhere", "VALUE.Ref: there is no Nowhere");
    check_variable("!Ref Nothing", "VALUE.Ref: there is no Nothing");
    check_variable("!Ref AWS::Nowhere", "VALUE.Ref: there is no AWS::Nowhere");
    check_variable(
        "!GetAtt Nowhere.Arn",
        "VALUE.Fn::GetAtt: there is no Nowhere",
    );
    check_variable(
        "!GetAtt Jobs.Colour",
        "VALUE.Fn::GetAtt: there is no Jobs.Colour",
    );
    check_variable("!Sub '${Nowhere}'", "VALUE.Fn::Sub: there is no Nowhere");
    check_variable(
        "!If [Nowhere, a, b]",
        "VALUE.Fn::If[0]: there is no condition Nowhere",
    );
}

#[test]
fn functions_with_wrong_arguments() {
    for (raw, expected) in [
        (
            "!Ref [a]",
            "VALUE.Ref: expected the name of a parameter or resource",
        ),
        (
            "!GetAtt Jobs",
            "VALUE.Fn::GetAtt: expected a resource, a dot and an attribute",
        ),
        (
            "!Sub '${Word'",
            "VALUE.Fn::Sub: expected a closing brace after each ${",
        ),
        (
            "!Sub '${Words}'",
            "VALUE.Fn::Sub: expected variables that are text",
        ),
        ("!Join ['-', x]", "VALUE.Fn::Join[1]: expected a list"),
        (
            "!Select [9, [a]]",
            "VALUE.Fn::Select[1]: expected a list that is long enough",
        ),
        (
            "!Select [x, [a]]",
            "VALUE.Fn::Select[0]: expected a position, counted from zero",
        ),
        ("!Split ['', a]", "VALUE.Fn::Split[0]: expected a separator"),
        (
            "!If [IsHello, a]",
            "VALUE.Fn::If: expected a list with one item for each argument of the function",
        ),
        (
            "!Base64 x",
            "VALUE.Fn::Base64: this intrinsic function is not supported by the local stack",
        ),
        (
            "{ 'Fn::Sub': a, b: c }",
            "VALUE: expected an intrinsic function to stand alone in its map",
        ),
        ("[a]", "VALUE: expected text"),
    ] {
        check_variable(raw, expected);
    }
}

#[test]
fn circles() {
    let circle = "Conditions: { A: !Condition B, B: !Not [!Condition A] }";
    let error = refusal(&format!(
        "{circle}\nResources: {{ Q: {{ Type: AWS::SQS::Queue, Condition: A }} }}"
    ));
    assert!(
        error.ends_with("this refers to itself, directly or by way of others"),
        "{error}"
    );
    check_resource(
        "{ Type: AWS::SQS::Queue, Properties: { QueueName: !GetAtt It.QueueName } }",
        "It.Properties: this refers to itself, directly or by way of others",
    );
    check_resource(
        "{ Type: AWS::SQS::Queue, Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt It.Arn, maxReceiveCount: 1 } } }",
        "It.Properties.RedrivePolicy: this refers to itself, directly or by way of others",
    );
}

#[test]
fn conditions_that_are_none() {
    let condition = |condition: &str| {
        refusal(&format!(
            "Conditions: {{ C: {condition} }}\nResources: {{ Q: {{ Type: AWS::SQS::Queue, Condition: C }} }}"
        ))
    };
    assert_eq!(
        condition("x"),
        "Conditions.C: expected one condition function"
    );
    assert_eq!(
        condition("!Contains [[a], a]"),
        "Conditions.C.Fn::Contains: this condition function is not supported by the local stack",
    );
    assert_eq!(
        condition("!Or [!Equals [a, a]]"),
        "Conditions.C.Fn::Or: expected two conditions or more",
    );
    assert_eq!(
        condition("!Equals [[a], a]"),
        "Conditions.C.Fn::Equals[0]: expected text to compare",
    );
}

#[test]
fn resources_that_are_new_or_have_something_new() {
    for (resource, expected) in [
        (
            "{ Type: AWS::SNS::Topic }",
            "It.Type: the resource type AWS::SNS::Topic is not supported by the local stack",
        ),
        ("{ Properties: {} }", "It.Type is missing"),
        (
            "{ Type: AWS::SQS::Queue, Properties: { FifoQueue: true } }",
            "It.Properties.FifoQueue: the property FifoQueue is not supported by the local stack",
        ),
        (
            "{ Type: AWS::S3::Bucket, Properties: { NotificationConfiguration: {} } }",
            "It.Properties.NotificationConfiguration: the property NotificationConfiguration is not supported by the local stack",
        ),
        (
            "{ Type: AWS::SQS::Queue, Properties: { VisibilityTimeout: soon } }",
            "It.Properties.VisibilityTimeout: expected a whole number",
        ),
        (
            "{ Type: AWS::Serverless::Function }",
            "It.Metadata.BuildProperties.Binary is missing",
        ),
        (
            "{ Type: AWS::DynamoDB::Table, Properties: { AttributeDefinitions: [], KeySchema: [{ AttributeName: id, KeyType: HASH }] } }",
            "It.Properties.KeySchema[0].AttributeName: there is no definition of the attribute id",
        ),
    ] {
        check_resource(resource, expected);
    }
}

#[test]
fn events_that_are_not_understood() {
    for (event, expected) in [
        (
            "{ Type: HttpApi, Properties: {} }",
            "One.Events.E.Type: the event type HttpApi is not supported by the local stack",
        ),
        (
            "{ Type: SQS, Properties: {} }",
            "One.Events.E.Properties.Queue is missing",
        ),
        (
            "{ Type: SQS, Properties: { Queue: 'arn:aws:sqs:eu-central-1:1:x' } }",
            "One.Events.E.Properties.Queue: there is no arn:aws:sqs:eu-central-1:1:x",
        ),
        (
            "{ Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn, FilterCriteria: {} } }",
            "One.Events.E.Properties.FilterCriteria: the property FilterCriteria is not supported by the local stack",
        ),
        (
            "{ Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn, BatchSize: -1 } }",
            "One.Events.E.Properties.BatchSize: expected a whole number that is not negative",
        ),
        (
            "{ Type: ScheduleV2, Properties: { ScheduleExpression: 'cron(0 12 * * ? *)' } }",
            "One.Events.E.Properties.ScheduleExpression: the schedule cron(0 12 * * ? *) is not supported by the local stack",
        ),
    ] {
        check_function(&format!("      Events: {{ E: {event} }}"), expected);
    }
}

#[test]
fn roles_whose_permissions_are_elsewhere() {
    check_function(
        "      Role: arn:aws:iam::000000000000:role/other",
        "One.Role: there is no arn:aws:iam::000000000000:role/other",
    );
    check_function(
        "      Role: !GetAtt Role.Arn\n  Role: { Type: AWS::IAM::Role, Properties: { ManagedPolicyArns: [] } }",
        "Resources.Role.Properties.ManagedPolicyArns: the property ManagedPolicyArns is not supported by the local stack",
    );
}

#[test]
fn urls_that_are_not_understood() {
    let url = |metadata: &str, properties: &str| {
        let more = format!(
            "  Url: {{ Type: AWS::Lambda::Url, Metadata: {metadata}, Properties: {properties} }}"
        );
        refusal(&with_variable("x", &more)).replace("Resources.Url.", "")
    };
    let open =
        |more: &str| format!("{{ TargetFunctionArn: !GetAtt One.Arn, AuthType: NONE{more} }}");
    for (metadata, properties, expected) in [
        ("{}", open(""), "Metadata.Routes is missing"),
        (
            "{ Routes: GET / }",
            open(""),
            "Metadata.Routes: expected a list",
        ),
        (
            "{ Routes: [GET /, GRAB /] }",
            open(""),
            "Metadata.Routes[1]: expected a method and a path",
        ),
        (
            "{ Routes: [GET x] }",
            open(""),
            "Metadata.Routes[0]: expected a method and a path",
        ),
        (
            "{ Routes: [] }",
            open(", InvokeMode: RESPONSE_STREAM"),
            "Properties.InvokeMode: the value RESPONSE_STREAM is not supported by the local stack",
        ),
        (
            "{ Routes: [] }",
            open(", Cors: {}"),
            "Properties.Cors: the property Cors is not supported by the local stack",
        ),
        (
            "{ Routes: [] }",
            "{ TargetFunctionArn: !GetAtt One.Arn, AuthType: AWS_IAM }".to_owned(),
            "Properties.AuthType: the value AWS_IAM is not supported by the local stack",
        ),
        (
            "{ Routes: [] }",
            "{ TargetFunctionArn: x, AuthType: NONE }".to_owned(),
            "Properties.TargetFunctionArn: there is no x",
        ),
    ] {
        assert_eq!(url(metadata, &properties), expected);
    }
}

#[test]
fn a_url_has_no_name() {
    assert_eq!(
        resolve("!Ref Address").unwrap_err().to_string(),
        "Resources.Address.Properties: there is no ARN of Address",
    );
}
