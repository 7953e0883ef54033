//! The sections of a template.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    TemplateError,
    place::Place,
    resource::{self, Resource},
    yaml,
};

const SAM: &str = "AWS::Serverless-2016-10-31";

/// A template whose values are not resolved yet.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) parameters: Map<String, Value>,
    pub(super) conditions: Map<String, Value>,
    /// What every function has unless it says otherwise.
    pub(super) function_globals: Map<String, Value>,
    pub(super) resources: BTreeMap<String, Resource>,
}

impl Document {
    /// Parses `text` and sorts out its sections. `Rules` are CloudFormation's check of parameters before a deployment, and
    /// `Outputs` tell people what was deployed: neither changes what a stack does.
    pub(super) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parameters = Map::new();
        let mut conditions = Map::new();
        let mut globals = Map::new();
        let mut resources = None;
        for (name, section) in yaml::parse(text)? {
            let place = Place::section(&name);
            match name.as_str() {
                "Parameters" => parameters = map(section, &place)?,
                "Conditions" => conditions = map(section, &place)?,
                "Globals" => globals = map(section, &place)?,
                "Resources" => resources = Some(map(section, &place)?),
                "Transform" => check_transform(&section, &place)?,
                "AWSTemplateFormatVersion" | "Description" | "Metadata" | "Rules" | "Outputs" => {}
                _ => return Err(place.unsupported("this section")),
            }
        }
        let resources = resources.ok_or_else(|| Place::section("Resources").missing())?;
        Ok(Self {
            parameters,
            conditions,
            function_globals: function_globals(globals)?,
            resources: resource::read_all(&resources)?,
        })
    }
}

fn map(section: Value, place: &Place) -> Result<Map<String, Value>, TemplateError> {
    match section {
        Value::Object(entries) => Ok(entries),
        _ => Err(place.invalid("a map")),
    }
}

fn check_transform(section: &Value, place: &Place) -> Result<(), TemplateError> {
    let only_sam = match section {
        Value::Array(names) => names.iter().all(|name| name == SAM),
        name => name == SAM,
    };
    if only_sam {
        Ok(())
    } else {
        Err(place.unsupported("a transform other than SAM's"))
    }
}

fn function_globals(globals: Map<String, Value>) -> Result<Map<String, Value>, TemplateError> {
    let place = Place::section("Globals");
    let mut functions = Map::new();
    for (name, section) in globals {
        match name.as_str() {
            "Function" => functions = map(section, &place.key("Function"))?,
            _ => return Err(place.key(&name).unsupported("this section")),
        }
    }
    Ok(functions)
}
