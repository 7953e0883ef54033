//! The example of samconfig.toml against the template: with it, SAM's own commands have to do what `make deploy` does.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_norway::Value as Yaml;

use crate::{
    template::{Template, items, text},
    workspace::read,
};

const EXAMPLE: &str = "samconfig.example.toml";

/// What the example says for a command in the environment that SAM takes by itself.
fn example(command: &str) -> Value {
    let whole: Value = basic_toml::from_str(&read(EXAMPLE)).unwrap();
    let parameters = &whole["default"][command]["parameters"];
    assert!(
        parameters.is_object(),
        "{EXAMPLE} has nothing for {command}"
    );
    parameters.clone()
}

/// `Name="value"` pairs, as SAM reads them.
fn overrides(deploy: &Value) -> BTreeMap<String, String> {
    let pairs = deploy["parameter_overrides"].as_str().unwrap();
    let pairs = pairs.split_whitespace().map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('"').to_owned())
    });
    pairs.collect()
}

/// Why a template would not take a value; the patterns are left to CloudFormation.
fn refusal(declared: &Yaml, value: &str) -> Option<String> {
    if declared.is_null() {
        return Some("the template has no such parameter".to_owned());
    }
    let allowed: Vec<String> = items(&declared["AllowedValues"])
        .into_iter()
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect();
    let known = allowed.is_empty() || allowed.iter().any(|one| one == value);
    (!known).then(|| format!("{value} is none of {allowed:?}"))
}

#[test]
fn the_template_takes_every_parameter_of_the_example() {
    let template = Template::read();
    let declared = template.section("Parameters");
    let given = overrides(&example("deploy"));
    assert!(!given.is_empty());
    for (name, value) in &given {
        let refused = refusal(&declared[name.as_str()], value);
        assert_eq!(refused, None, "{EXAMPLE} gives {name}");
    }
    assert!(refusal(&declared["Nothing"], "x").is_some());
    assert!(refusal(&declared["Architecture"], "sparc").is_some());
}

#[test]
fn only_whose_repositories_may_start_work_is_left_to_the_person() {
    let template = Template::read();
    let given = overrides(&example("deploy"));
    let declared = template.section("Parameters").as_mapping().unwrap();
    let open: Vec<String> = declared
        .iter()
        .filter(|(_, one)| one["Default"].is_null())
        .map(|(name, _)| text(name))
        .filter(|name| !given.contains_key(name))
        .collect();
    // An owner that the example named would be let in by whoever answers nothing.
    assert_eq!(open, ["AllowedOwners"]);
}

#[test]
fn nothing_of_a_stage_is_named_after_another_one() {
    let deploy = example("deploy");
    let given = overrides(&deploy);
    let stage = &given["Stage"];
    let stack = format!("switchyard-{stage}");
    assert_eq!(deploy["stack_name"], stack.as_str());
    assert_eq!(deploy["s3_prefix"], stack.as_str());
    // The template puts the stage into the path itself, so that no answer to a question makes two stages share their settings.
    let template = Template::read();
    let root = &template.section("Parameters")["ParameterRoot"]["Default"];
    assert_eq!(root.as_str(), Some("/switchyard"));
    assert!(!given.contains_key("ParameterRoot"));
    let tags = format!("application=switchyard stage={stage}");
    assert_eq!(deploy["tags"], tags.as_str());
}

#[test]
fn sam_may_do_what_the_template_asks_for() {
    let template = Template::read();
    let by_cargo = template
        .of_type("AWS::Serverless::Function")
        .iter()
        .any(|function| function.metadata()["BuildMethod"].as_str() == Some("rust-cargolambda"));
    assert!(by_cargo);
    assert_eq!(example("build")["beta_features"], true);
    let named = template
        .of_type("AWS::IAM::Role")
        .iter()
        .any(|role| !role.property("RoleName").is_null());
    assert!(!named, "a role with a name needs CAPABILITY_NAMED_IAM");
    let deploy = example("deploy");
    assert_eq!(deploy["capabilities"], "CAPABILITY_IAM");
    assert_eq!(deploy["resolve_s3"], true);
}

/// `sam deploy --guided` asks for such a parameter without offering its default, and again until something is typed.
#[test]
fn a_guided_deployment_can_leave_every_parameter_as_it_is() {
    let template = Template::read();
    let declared = template.section("Parameters").as_mapping().unwrap();
    let hidden: Vec<String> = declared
        .iter()
        .filter(|(_, one)| !one["NoEcho"].is_null())
        .map(|(name, _)| text(name))
        .collect();
    assert_eq!(
        hidden, [""; 0],
        "what is secret belongs to Parameter Store or Secrets Manager"
    );
}

#[test]
fn what_a_person_answers_is_not_committed() {
    let ignored = read(".gitignore");
    assert!(ignored.lines().any(|line| line == "/samconfig.toml"));
}
