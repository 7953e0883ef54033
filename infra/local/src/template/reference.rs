//! What `Ref` and `Fn::GetAtt` stand for: names, URLs and ARNs in the shape that AWS gives them.

use serde_json::Value;

use super::{
    TemplateError,
    parameter::scalar,
    place::Place,
    resource::{Kind, Resource},
    scope::Scope,
};

/// DynamoDB labels a stream with the time of its creation; a template that is only read has none.
const STREAM_LABEL: &str = "2000-01-01T00:00:00.000";

impl Scope<'_> {
    /// The value of `Ref` to a parameter, a pseudo parameter or a resource.
    pub(super) fn reference(&self, name: &str, place: &Place) -> Result<Value, TemplateError> {
        if name.starts_with("AWS::") {
            return self.pseudo_parameter(name, place).map(Value::String);
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        let resource = self.existing(name, place)?;
        let place = place.follow(resource.place())?;
        self.identity(resource, &place).map(Value::String)
    }

    /// The value of `Fn::GetAtt`.
    pub(super) fn attribute(
        &self,
        id: &str,
        attribute: &str,
        place: &Place,
    ) -> Result<String, TemplateError> {
        let resource = self.existing(id, place)?;
        let inside = place.follow(resource.place())?;
        match (resource.kind, attribute) {
            (
                Kind::Function
                | Kind::Queue
                | Kind::Table
                | Kind::Bucket
                | Kind::Role
                | Kind::LogGroup
                | Kind::Cluster,
                "Arn",
            ) => self.arn(resource, &inside),
            (Kind::Queue, "QueueName") | (Kind::Service, "Name") => self.name(resource, &inside),
            (Kind::Queue, "QueueUrl") => self.identity(resource, &inside),
            (Kind::Table, "StreamArn") => self.stream_arn(resource, &inside),
            (Kind::Url, "FunctionUrl") => Ok(self.function_url()),
            (Kind::HttpApi, "ApiEndpoint") => {
                Ok(self.world.api_url.trim_end_matches('/').to_owned())
            }
            _ => Err(place.unresolved(format!("{id}.{attribute}"))),
        }
    }

    /// The physical name of `resource`: the one in its properties or else a fixed one made of the stack's name and its id.
    pub(super) fn name(&self, resource: &Resource, place: &Place) -> Result<String, TemplateError> {
        if let Some(property) = name_property(resource.kind)
            && let Some(raw) = resource.properties.get(property)
        {
            let place = place.follow(resource.place().key(property))?;
            if let Some(value) = self.resolve(raw, &place)? {
                return scalar(&value).ok_or_else(|| place.invalid("a name"));
            }
        }
        let name = format!("{}-{}", self.world.stack, resource.id);
        Ok(match resource.kind {
            Kind::Bucket => name.to_lowercase(),
            _ => name,
        })
    }

    /// What `Ref` to `resource` stands for.
    pub(super) fn identity(
        &self,
        resource: &Resource,
        place: &Place,
    ) -> Result<String, TemplateError> {
        match resource.kind {
            Kind::Queue => Ok(format!(
                "{}/{}/{}",
                self.world.aws_url.trim_end_matches('/'),
                self.world.account,
                self.name(resource, place)?,
            )),
            Kind::Task | Kind::Service | Kind::Url => self.arn(resource, place),
            _ => self.name(resource, place),
        }
    }

    /// The ARN of `resource`.
    pub(super) fn arn(&self, resource: &Resource, place: &Place) -> Result<String, TemplateError> {
        let name = self.name(resource, place)?;
        Ok(match resource.kind {
            Kind::Function => self.regional("lambda", &format!("function:{name}")),
            Kind::Queue => self.regional("sqs", &name),
            Kind::Table => self.regional("dynamodb", &format!("table/{name}")),
            Kind::Bucket => format!("arn:{}:s3:::{name}", self.partition()),
            Kind::LogGroup => self.regional("logs", &format!("log-group:{name}:*")),
            Kind::Cluster => self.regional("ecs", &format!("cluster/{name}")),
            Kind::Task => self.regional("ecs", &format!("task-definition/{name}:1")),
            Kind::Service => self.regional("ecs", &format!("service/{name}")),
            Kind::Role => format!(
                "arn:{}:iam::{}:role/{name}",
                self.partition(),
                self.world.account,
            ),
            Kind::Url
            | Kind::HttpApi
            | Kind::ApiStage
            | Kind::ApiRoute
            | Kind::ApiIntegration
            | Kind::Skipped => {
                return Err(place.unresolved(format!("ARN of {}", resource.id)));
            }
        })
    }

    /// The ARN of the stream of a table.
    pub(super) fn stream_arn(
        &self,
        table: &Resource,
        place: &Place,
    ) -> Result<String, TemplateError> {
        if !table.properties.contains_key("StreamSpecification") {
            return Err(place.unresolved(format!("stream of {}", table.id)));
        }
        Ok(format!("{}/stream/{STREAM_LABEL}", self.arn(table, place)?))
    }

    fn existing(&self, id: &str, place: &Place) -> Result<&Resource, TemplateError> {
        self.resource(id).ok_or_else(|| place.unresolved(id))
    }

    fn pseudo_parameter(&self, name: &str, place: &Place) -> Result<String, TemplateError> {
        Ok(match name {
            "AWS::AccountId" => self.world.account.clone(),
            "AWS::Region" => self.world.region.clone(),
            "AWS::StackName" => self.world.stack.clone(),
            "AWS::StackId" => self.regional(
                "cloudformation",
                &format!("stack/{}/local", self.world.stack),
            ),
            "AWS::Partition" => self.partition().to_owned(),
            "AWS::URLSuffix" => self.url_suffix().to_owned(),
            _ => return Err(place.unresolved(name)),
        })
    }

    fn regional(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{resource}",
            self.partition(),
            self.world.region,
            self.world.account,
        )
    }

    fn partition(&self) -> &'static str {
        match self.world.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    fn url_suffix(&self) -> &'static str {
        match self.partition() {
            "aws-cn" => "amazonaws.com.cn",
            _ => "amazonaws.com",
        }
    }

    /// With a slash at its end, like the URL of any function.
    fn function_url(&self) -> String {
        format!("{}/", self.world.function_url.trim_end_matches('/'))
    }
}

/// The property in which a resource of that kind may say its own name.
fn name_property(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Function => "FunctionName",
        Kind::Queue => "QueueName",
        Kind::Table => "TableName",
        Kind::Bucket => "BucketName",
        Kind::Role => "RoleName",
        Kind::LogGroup => "LogGroupName",
        Kind::Cluster => "ClusterName",
        Kind::Service => "ServiceName",
        Kind::Task => "Family",
        Kind::Url
        | Kind::HttpApi
        | Kind::ApiStage
        | Kind::ApiRoute
        | Kind::ApiIntegration
        | Kind::Skipped => return None,
    })
}
