//! Resources as they stand in the template, and the explicit list of the kinds that are known.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{TemplateError, place::Place};

/// A kind of resource. One that is not listed is an error, so that a new kind in the template is noticed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Queue,
    Table,
    Bucket,
    Url,
    HttpApi,
    ApiStage,
    ApiRoute,
    ApiIntegration,
    Service,
    Task,
    Role,
    Cluster,
    LogGroup,
    /// Means nothing on one machine: who may call what, who is woken when, names of hosts, and networks.
    Skipped,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "AWS::Serverless::Function" => Self::Function,
            "AWS::SQS::Queue" => Self::Queue,
            "AWS::DynamoDB::Table" => Self::Table,
            "AWS::S3::Bucket" => Self::Bucket,
            "AWS::Lambda::Url" => Self::Url,
            "AWS::ApiGatewayV2::Api" => Self::HttpApi,
            "AWS::ApiGatewayV2::Stage" => Self::ApiStage,
            "AWS::ApiGatewayV2::Route" => Self::ApiRoute,
            "AWS::ApiGatewayV2::Integration" => Self::ApiIntegration,
            "AWS::ECS::Service" => Self::Service,
            "AWS::ECS::TaskDefinition" => Self::Task,
            "AWS::ECS::Cluster" => Self::Cluster,
            "AWS::IAM::Role" => Self::Role,
            "AWS::Logs::LogGroup" => Self::LogGroup,
            "AWS::SQS::QueuePolicy"
            | "AWS::S3::BucketPolicy"
            | "AWS::Lambda::Permission"
            | "AWS::ApiGatewayV2::DomainName"
            | "AWS::ApiGatewayV2::ApiMapping"
            | "AWS::EC2::SecurityGroup"
            | "AWS::CloudWatch::Alarm"
            | "AWS::CloudWatch::Dashboard" => Self::Skipped,
            _ => return None,
        })
    }
}

/// A resource whose condition may still be false.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) condition: Option<String>,
    pub(super) metadata: Value,
    pub(super) properties: Map<String, Value>,
}

impl Resource {
    /// Where its properties stand.
    pub(super) fn place(&self) -> Place {
        Place::properties(&self.id)
    }

    fn read(id: &str, value: &Value) -> Result<Self, TemplateError> {
        let place = Place::section("Resources").key(id);
        let name = value.get("Type").and_then(Value::as_str);
        let name = name.ok_or_else(|| place.key("Type").missing())?;
        let kind = Kind::of(name).ok_or_else(|| {
            place
                .key("Type")
                .unsupported(format!("the resource type {name}"))
        })?;
        let condition = match value.get("Condition") {
            None => None,
            Some(Value::String(name)) => Some(name.clone()),
            Some(_) => return Err(place.key("Condition").invalid("the name of a condition")),
        };
        let properties = match value.get("Properties") {
            None => Map::new(),
            Some(Value::Object(properties)) => properties.clone(),
            Some(_) => return Err(place.key("Properties").invalid("a map")),
        };
        Ok(Self {
            id: id.to_owned(),
            kind,
            condition,
            metadata: value.get("Metadata").cloned().unwrap_or_default(),
            properties,
        })
    }
}

/// Reads the section `Resources`.
pub(super) fn read_all(
    section: &Map<String, Value>,
) -> Result<BTreeMap<String, Resource>, TemplateError> {
    section
        .iter()
        .map(|(id, value)| Ok((id.clone(), Resource::read(id, value)?)))
        .collect()
}
