//! The stack as CloudFormation knows it.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, bail};
use aws_sdk_cloudformation::types::{Capability, Parameter, StackStatus};
use domain::Clock;
use url::Url;

use crate::{
    Cloud,
    cloud::{code, refused},
    settings::Settings,
};

/// The parameter whose change makes Lambda start new environments.
const SETTINGS_VERSION: &str = "SettingsVersion";

/// A deployed stack.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) status: StackStatus,
    parameters: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
}

impl Stack {
    /// The stack of this name or id, if there is one.
    pub(crate) async fn find(cloud: &Cloud, name: &str) -> Result<Option<Self>> {
        let request = cloud.cloudformation.describe_stacks().stack_name(name);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if code(&error) == Some("ValidationError") => return Ok(None),
            Err(error) => {
                return Err(refused(
                    &format!("the stack {name} cannot be looked at"),
                    &error,
                ));
            }
        };
        let stack = answer.stacks.and_then(|stacks| stacks.into_iter().next());
        Ok(stack.map(Self::from))
    }

    /// The stack of this name, which has to be there.
    pub(crate) async fn get(cloud: &Cloud, name: &str, stage: &str) -> Result<Self> {
        Self::find(cloud, name).await?.with_context(|| {
            format!("there is no stack {name} in this account and Region: run `make deploy STAGE={stage}` first, or name another one with STACK=")
        })
    }

    /// What the stack says of itself.
    pub(crate) fn output(&self, name: &str) -> Result<&str> {
        let found = self.outputs.get(name).map(String::as_str);
        found.with_context(|| {
            format!(
                "the stack {} has no output {name}: deploy it again",
                self.name
            )
        })
    }

    /// An address that the stack says of itself.
    pub(crate) fn address(&self, name: &str) -> Result<Url> {
        let text = self.output(name)?;
        text.parse()
            .with_context(|| format!("the output {name} is no address: {text}"))
    }

    /// The value of a parameter; an empty one counts as missing.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let value = self.parameters.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// An address that a parameter holds.
    pub(crate) fn address_of(&self, parameter: &str) -> Result<Url> {
        let text = self
            .parameter(parameter)
            .with_context(|| format!("the stack {} has no parameter {parameter}", self.name))?;
        text.parse()
            .with_context(|| format!("the parameter {parameter} is no address: {text}"))
    }

    /// Where its settings are.
    pub(crate) fn settings(&self, cloud: &Cloud) -> Result<Settings> {
        let prefix = self.output("SettingsPath")?;
        Ok(Settings::new(
            cloud,
            prefix,
            self.parameter("ParameterKeyArn"),
        ))
    }

    /// Makes Lambda start new environments of all functions, which read their settings anew, and waits until
    /// they do.
    pub(crate) async fn reload(
        &self,
        cloud: &Cloud,
        clock: &dyn Clock,
        pace: Duration,
    ) -> Result<()> {
        if !self.parameters.contains_key(SETTINGS_VERSION) {
            bail!(
                "the stack {} is older than this program: deploy it again first",
                self.name
            );
        }
        let parameters = self.parameters.keys().map(|name| {
            let parameter = Parameter::builder().parameter_key(name);
            if name == SETTINGS_VERSION {
                parameter.parameter_value(clock.now().as_millisecond().to_string())
            } else {
                parameter.use_previous_value(true)
            }
            .build()
        });
        cloud
            .cloudformation
            .update_stack()
            .stack_name(&self.name)
            .use_previous_template(true)
            .set_parameters(Some(parameters.collect()))
            .capabilities(Capability::CapabilityIam)
            .capabilities(Capability::CapabilityAutoExpand)
            .send()
            .await
            .map_err(|error| refused("the functions cannot be started anew", &error))?;
        match settled(cloud, &self.id, pace).await? {
            Some(stack) if stack.status == StackStatus::UpdateComplete => Ok(()),
            Some(stack) => bail!(
                "the functions were not started anew: the stack {} is in the state {}",
                self.name,
                stack.status.as_str()
            ),
            None => bail!("the stack {} is gone", self.name),
        }
    }

    /// Whether CloudFormation is at work on it.
    pub(crate) fn is_changing(&self) -> bool {
        self.status.as_str().ends_with("_IN_PROGRESS")
    }
}

impl From<aws_sdk_cloudformation::types::Stack> for Stack {
    fn from(found: aws_sdk_cloudformation::types::Stack) -> Self {
        let parameters = found.parameters().iter().filter_map(|one| {
            Some((
                one.parameter_key()?.to_owned(),
                one.parameter_value()?.to_owned(),
            ))
        });
        let outputs = found
            .outputs()
            .iter()
            .filter_map(|one| Some((one.output_key()?.to_owned(), one.output_value()?.to_owned())));
        let name = found.stack_name().unwrap_or_default().to_owned();
        Self {
            id: found.stack_id().map_or_else(|| name.clone(), str::to_owned),
            status: found
                .stack_status()
                .cloned()
                .unwrap_or_else(|| StackStatus::from("UNKNOWN")),
            parameters: parameters.collect(),
            outputs: outputs.collect(),
            name,
        }
    }
}

/// Waits until nothing changes any more; none is a stack that is gone without a trace.
pub(crate) async fn settled(cloud: &Cloud, id: &str, pace: Duration) -> Result<Option<Stack>> {
    loop {
        let found = Stack::find(cloud, id).await?;
        match found {
            Some(stack) if stack.is_changing() => tokio::time::sleep(pace).await,
            done => return Ok(done),
        }
    }
}
