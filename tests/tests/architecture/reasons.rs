//! What the template and its audit must say in words: why something is allowed widely, why a check is waived,
//! and what each parameter is for.

use std::collections::BTreeMap;

use serde_norway::Value;

use crate::{
    template::{Template, items, text},
    workspace::read,
};

#[test]
fn each_wildcard_has_its_reason_above_it() {
    assert_eq!(wildcards_without_reason(&read("template.yaml")), [""; 0]);
    for (statement, found) in [
        ("Resource: \"*\"", true),
        ("Resource: !Sub ${Bucket.Arn}/*", true),
        ("Action: [s3:Get*, s3:PutObject]", true),
        ("Resource: !GetAtt Bucket.Arn", false),
        (
            "# Any key, for a reason.\n      Resource: !Sub ${Bucket.Arn}/*",
            false,
        ),
    ] {
        let role = format!("Resources:\n  Role:\n    - Sid: Read\n      {statement}\n");
        assert_eq!(!wildcards_without_reason(&role).is_empty(), found, "{role}");
    }
    let above =
        "Resources:\n  # Because.\n  Role:\n    Principal: \"*\"\n  Other:\n    Principal: \"*\"\n";
    assert_eq!(wildcards_without_reason(above), ["6: Principal: \"*\""]);
}

#[test]
fn each_waived_check_has_its_reason_above_it() {
    assert_eq!(waivers_without_reason(&read(".checkov.yaml")), [""; 0]);
    let bad = "skip-check:\n  # Because.\n  - CKV_AWS_1\n  - CKV_AWS_2\n";
    assert_eq!(waivers_without_reason(bad), ["CKV_AWS_2"]);
    let listed: Value = serde_norway::from_str(&read(".checkov.yaml")).unwrap();
    assert!(!items(&listed["skip-check"]).is_empty());
    assert!(
        listed["soft-fail"].is_null(),
        "a failed check fails the audit"
    );
}

#[test]
fn each_parameter_is_described_limited_and_shown_once() {
    let template = Template::read();
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    let groups = &template.section("Metadata")["AWS::CloudFormation::Interface"]["ParameterGroups"];
    for group in items(groups) {
        for name in items(&group["Parameters"]) {
            *shown.entry(text(name)).or_default() += 1;
        }
    }
    let parameters = template.section("Parameters").as_mapping().unwrap();
    for (name, parameter) in parameters {
        let name = text(name);
        assert_eq!(shown.remove(&name), Some(1), "{name} belongs to one group");
        assert!(parameter["Description"].is_string(), "{name} is for what?");
        let has = |limits: &[&str]| limits.iter().any(|limit| !parameter[*limit].is_null());
        assert!(
            has(&["AllowedValues", "AllowedPattern", "MaxLength", "MaxValue"]),
            "{name} takes any value"
        );
        assert!(
            parameter["AllowedPattern"].is_null() || has(&["ConstraintDescription"]),
            "{name} refuses values without a word"
        );
    }
    assert!(shown.is_empty(), "no parameters: {shown:?}");
}

/// The lines among the resources that allow or refuse something by a wildcard, and have no comment in their
/// statement or resource, or right above it.
fn wildcards_without_reason(template: &str) -> Vec<String> {
    let lines: Vec<&str> = template.lines().collect();
    let resources = lines.iter().position(|line| *line == "Resources:").unwrap();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate().skip(resources) {
        let (code, indent) = (line.trim(), indent(line));
        let formula = code.starts_with('#') || code.starts_with("Expression:");
        if !code.contains('*') || formula {
            continue;
        }
        let starts = |before: &usize| {
            let line = lines[*before];
            (line.trim().starts_with("- Sid:") && self::indent(line) < indent)
                || self::indent(line) == 2 && !line.trim().starts_with('#')
        };
        let start = (resources..at).rev().find(starts).unwrap();
        let above = lines[..start].iter().rev();
        let comment = |line: &&str| line.trim().starts_with('#');
        if above.take(1).any(comment) || lines[start..at].iter().any(comment) {
            continue;
        }
        found.push(format!("{}: {code}", at + 1));
    }
    found
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn waivers_without_reason(config: &str) -> Vec<String> {
    let mut lines = config.lines().skip_while(|line| *line != "skip-check:");
    let mut before = lines.next().unwrap_or_default().trim();
    let mut found = Vec::new();
    for line in lines.map(str::trim) {
        if let Some(check) = line.strip_prefix("- ")
            && !before.starts_with('#')
        {
            found.push(check.to_owned());
        }
        before = line;
    }
    found
}
