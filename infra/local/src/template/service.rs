//! Services, which keep tasks running.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::{
    TemplateError,
    node::{Fields, Known, Node},
    resource::{Kind, Resource},
    scope::Scope,
    statement::{self, Statement},
};

/// How long ECS waits between asking a container to stop and ending it, unless the template says otherwise.
const DEFAULT_STOP_TIMEOUT: SignedDuration = SignedDuration::from_secs(30);

const SERVICE: Known = Known {
    used: &["TaskDefinition", "DesiredCount"],
    ignored: &[
        "ServiceName",
        "Cluster",
        "LaunchType",
        "CapacityProviderStrategy",
        "DeploymentConfiguration",
        "AvailabilityZoneRebalancing",
        "EnableExecuteCommand",
        "EnableECSManagedTags",
        "PropagateTags",
        "NetworkConfiguration",
        "PlatformVersion",
        "Tags",
    ],
};

const TASK: Known = Known {
    used: &["ContainerDefinitions", "TaskRoleArn"],
    ignored: &[
        "Family",
        "RequiresCompatibilities",
        "NetworkMode",
        "Cpu",
        "Memory",
        "EphemeralStorage",
        "RuntimePlatform",
        "ExecutionRoleArn",
        "Volumes",
        "Tags",
    ],
};

const CONTAINER: Known = Known {
    used: &["Environment", "Secrets", "StopTimeout"],
    ignored: &[
        "Name",
        "Image",
        "Essential",
        "User",
        "ReadonlyRootFilesystem",
        "LinuxParameters",
        "MountPoints",
        "LogConfiguration",
        "HealthCheck",
        "Cpu",
        "Memory",
        "MemoryReservation",
    ],
};

const VARIABLE: Known = Known {
    used: &["Name", "Value"],
    ignored: &[],
};

const SECRET: Known = Known {
    used: &["Name", "ValueFrom"],
    ignored: &[],
};

/// A service that keeps copies of a task with one container running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name in the template.
    pub logical_id: String,
    /// How many copies of the task run at a time.
    pub desired_count: u32,
    /// The container's environment, with every value resolved.
    pub environment: BTreeMap<String, String>,
    /// Further variables, each with the ARN of the SSM parameter or secret that holds its value.
    pub secrets: BTreeMap<String, String>,
    /// The time from the request to stop until the container is ended.
    pub stop_timeout: SignedDuration,
    /// What the task may do.
    pub statements: Vec<Statement>,
}

pub(super) fn read(scope: &Scope<'_>, resource: &Resource) -> Result<Service, TemplateError> {
    let mut service = scope.fields(resource, &SERVICE)?;
    let task = service.required("TaskDefinition")?;
    let task = scope.by_arn(Kind::Task, &task.text()?, task.place())?;
    let mut task = scope.fields(task, &TASK)?;
    let statements = match task.optional("TaskRoleArn") {
        None => Vec::new(),
        Some(role) => statement::of_role(scope, &role)?,
    };
    let mut container = only_container(&mut task)?;
    Ok(Service {
        logical_id: resource.id.clone(),
        desired_count: service.count_or("DesiredCount", 1)?,
        environment: variables(&mut container, "Environment", "Value", &VARIABLE)?,
        secrets: variables(&mut container, "Secrets", "ValueFrom", &SECRET)?,
        stop_timeout: container.seconds_or("StopTimeout", DEFAULT_STOP_TIMEOUT)?,
        statements,
    })
}

fn only_container(task: &mut Fields) -> Result<Fields, TemplateError> {
    let containers = task.required("ContainerDefinitions")?;
    let place = containers.place().clone();
    let [container] = <[Node; 1]>::try_from(containers.items()?)
        .map_err(|_| place.unsupported("a task that has not exactly one container"))?;
    container.fields(&CONTAINER)
}

fn variables(
    container: &mut Fields,
    list: &str,
    value: &str,
    known: &Known,
) -> Result<BTreeMap<String, String>, TemplateError> {
    container
        .items(list)?
        .into_iter()
        .map(|node| {
            let mut fields = node.fields(known)?;
            let name = fields.required("Name")?.text()?;
            Ok((name, fields.required(value)?.text()?))
        })
        .collect()
}
