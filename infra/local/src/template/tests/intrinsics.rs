use super::{super::*, resolve, with_variable, world};

#[track_caller]
fn check(raw: &str, expected: &str) {
    assert_eq!(resolve(raw), Ok(Some(expected.to_owned())), "{raw}");
}

#[test]
fn ref_names_parameters_and_resources() {
    check("!Ref Word", "hello");
    check("!Ref Size", "7");
    check("{ Ref: Word }", "hello");
    check("!Ref Jobs", "http://127.0.0.1:4566/000000000000/small-Jobs");
    check("!Ref Bodies", "small-bodies");
    check("!Ref Logs", "/small/logs");
    check("!Ref One", "small-One");
}

#[test]
fn ref_names_pseudo_parameters() {
    check("!Ref AWS::AccountId", "000000000000");
    check("!Ref AWS::Region", "eu-central-1");
    check("!Ref AWS::StackName", "small");
    check("!Ref AWS::Partition", "aws");
    check("!Ref AWS::URLSuffix", "amazonaws.com");
    assert_eq!(resolve("!Ref AWS::NoValue"), Ok(None));
}

#[test]
fn a_given_parameter_takes_the_place_of_the_default() {
    let mut world = world();
    world.parameters.insert("Word".to_owned(), "bye".to_owned());
    let text = with_variable("!If [IsHello, greeting, !Ref Word]", "");
    let template = Template::read(&text, &world).unwrap();
    assert_eq!(template.functions[0].environment["VALUE"], "bye");
}

#[test]
fn regions_have_partitions() {
    let mut world = world();
    world.region = "cn-north-1".to_owned();
    let text = with_variable("!Sub '${Jobs.Arn} ${AWS::URLSuffix}'", "");
    let template = Template::read(&text, &world).unwrap();
    assert_eq!(
        template.functions[0].environment["VALUE"],
        "arn:aws-cn:sqs:cn-north-1:000000000000:small-Jobs amazonaws.com.cn",
    );
}

#[test]
fn get_att_has_two_forms() {
    check(
        "!GetAtt Jobs.Arn",
        "arn:aws:sqs:eu-central-1:000000000000:small-Jobs",
    );
    check("!GetAtt [Jobs, QueueName]", "small-Jobs");
    check("{ 'Fn::GetAtt': Bodies.Arn }", "arn:aws:s3:::small-bodies");
    check(
        "!GetAtt One.Arn",
        "arn:aws:lambda:eu-central-1:000000000000:function:small-One",
    );
    check(
        "!GetAtt Logs.Arn",
        "arn:aws:logs:eu-central-1:000000000000:log-group:/small/logs:*",
    );
}

#[test]
fn sub_has_two_forms() {
    check(
        "!Sub '${Word}, ${Bodies.Arn}/* ${!Word}'",
        "hello, arn:aws:s3:::small-bodies/* ${Word}",
    );
    check(
        "!Sub ['${Word} ${Size}', { Word: !Ref AWS::Region }]",
        "eu-central-1 7",
    );
}

#[test]
fn the_url_of_a_function_is_the_local_one_and_ends_with_a_slash() {
    check("!GetAtt Address.FunctionUrl", "http://127.0.0.1:8080/");
    check(
        "!Sub ${Address.FunctionUrl}health",
        "http://127.0.0.1:8080/health",
    );
}

#[test]
fn lists_are_joined_split_and_selected_from() {
    check("!Join ['-', !Ref Words]", "one-two");
    check("!Join ['-', [a, !Ref AWS::NoValue, !Ref Size]]", "a-7");
    check("!Select [1, !Ref Words]", "two");
    check("!Select ['0', !Split ['l', !Ref Word]]", "he");
}

#[test]
fn conditions_choose() {
    check("!If [IsHello, yes, no]", "yes");
    check("!If [IsSeven, !Ref Word, !Ref Nowhere]", "hello");
    check("!If [IsBoth, both, not both]", "both");
    check("!If [IsNeither, neither, one]", "one");
    assert_eq!(resolve("!If [IsNeither, x, !Ref AWS::NoValue]"), Ok(None));
}

#[test]
fn a_resource_whose_condition_is_false_is_left_out() {
    let template = Template::read(&with_variable("x", ""), &world()).unwrap();
    assert!(template.queue("Jobs").is_some());
    assert!(template.queue("Nothing").is_none());
}

#[test]
fn numbers_and_flags_are_texts_where_text_is_wanted() {
    check("5", "5");
    check("1.5", "1.5");
    check("true", "true");
}

#[test]
fn json_is_yaml_too() {
    let text = r#"{"Resources": {"Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${AWS::StackName}-j"}}}}}"#;
    let template = Template::read(text, &world()).unwrap();
    assert_eq!(template.queue("Jobs").unwrap().name, "small-j");
}
