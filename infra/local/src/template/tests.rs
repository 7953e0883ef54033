//! Small templates: each intrinsic function, and each error.

mod errors;
mod intrinsics;
mod resources;

use super::{Template, TemplateError, World};

fn world() -> World {
    World {
        parameters: std::collections::BTreeMap::new(),
        account: "000000000000".to_owned(),
        region: "eu-central-1".to_owned(),
        stack: "small".to_owned(),
        aws_url: "http://127.0.0.1:4566/".to_owned(),
        function_url: "http://127.0.0.1:8080".to_owned(),
        api_url: "http://127.0.0.1:8082/".to_owned(),
    }
}

/// A template with one function, which has `variable` in its environment, and with `more` after its resources.
fn with_variable(variable: &str, more: &str) -> String {
    format!(
        "
Parameters:
  Word: {{ Type: String, Default: hello }}
  Words: {{ Type: CommaDelimitedList, Default: 'one, two' }}
  Size: {{ Type: Number, Default: 7 }}
Conditions:
  IsHello: !Equals [!Ref Word, hello]
  IsSeven: !Equals [!Ref Size, 7]
  IsNeither: !Not [!Or [!Condition IsHello, !Condition IsSeven]]
  IsBoth: !And [!Condition IsHello, !Condition IsSeven]
Resources:
  Address:
    Type: AWS::Lambda::Url
    Metadata: {{ Routes: [] }}
    Properties: {{ TargetFunctionArn: !GetAtt One.Arn, AuthType: NONE }}
  Jobs: {{ Type: AWS::SQS::Queue }}
  Bodies: {{ Type: AWS::S3::Bucket }}
  Logs: {{ Type: AWS::Logs::LogGroup, Properties: {{ LogGroupName: !Sub '/${{AWS::StackName}}/logs' }} }}
  Nothing: {{ Type: AWS::SQS::Queue, Condition: IsNeither }}
  One:
    Type: AWS::Serverless::Function
    Metadata: {{ BuildProperties: {{ Binary: one }} }}
    Properties:
      Environment:
        Variables:
          VALUE: {variable}
{more}"
    )
}

/// What `raw` resolves to as a variable of a function; nothing if it is left out.
fn resolve(raw: &str) -> Result<Option<String>, TemplateError> {
    let template = Template::read(&with_variable(raw, ""), &world())?;
    let function = template.function("one").expect("the function");
    Ok(function.environment.get("VALUE").cloned())
}

/// What the template `text` is refused with.
fn refusal(text: &str) -> String {
    match Template::read(text, &world()) {
        Ok(template) => panic!("{text}\nis read as {template:?}"),
        Err(error) => error.to_string(),
    }
}
