//! Removing a stack.

use anyhow::{Context as _, Result, bail};
use aws_sdk_cloudformation::types::ResourceStatus;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use crate::{
    Cloud, World,
    arguments::{Destroy, Target},
    cloud::{code, refused},
    settings::{Settings, all},
    stack::{Stack, settled},
};

/// Removes the stack once the person has written its stage's name, and says what stays.
pub(super) async fn run(world: &mut World<'_>, target: &Target, options: &Destroy) -> Result<()> {
    let name = target.stack();
    let Some(stack) = Stack::find(&world.cloud, &name).await? else {
        world
            .terminal
            .say(format_args!("There is no stack {name}."))?;
        let settings = Settings::new(&world.cloud, &target.prefix(), None);
        let doomed = doomed(options, &settings).await?;
        if !doomed.is_empty() {
            confirmed(world, target, options, None, &doomed)?;
        }
        return leftovers(world, target, options, &settings).await;
    };
    // A stack that was never made has no outputs.
    let settings = stack.settings(&world.cloud);
    let settings = settings.unwrap_or_else(|_| Settings::new(&world.cloud, &target.prefix(), None));
    if options.with_settings {
        of_no_other_stage(&stack, target)?;
    }
    unprotected(&world.cloud, &stack, target).await?;
    let what = format!(
        "the stack {} with its table, its queues and all they hold. Jobs under way are lost.",
        stack.name
    );
    let doomed = doomed(options, &settings).await?;
    confirmed(world, target, options, Some(what), &doomed)?;
    if let Ok(bucket) = stack.output("BodiesBucketName") {
        let gone = empty(&world.cloud, bucket).await?;
        world.terminal.good(format_args!(
            "the bucket {bucket} is empty; {gone} bodies of deliveries are gone"
        ))?;
    }
    delete(world, &stack).await?;
    leftovers(world, target, options, &settings).await
}

/// Settings that are kept under the name of another stage are that stage's too.
fn of_no_other_stage(stack: &Stack, target: &Target) -> Result<()> {
    match stack.output("SettingsPath") {
        Ok(path) if !target.owns(path) => bail!(
            "nothing was removed: the stack {} reads its settings under {path}, which are not those of the stage {}. Without WITH_SETTINGS they stay",
            stack.name,
            target.stage
        ),
        _ => Ok(()),
    }
}

async fn unprotected(cloud: &Cloud, stack: &Stack, target: &Target) -> Result<()> {
    let Ok(table) = stack.output("TableName") else {
        return Ok(());
    };
    let answer = cloud
        .dynamodb
        .describe_table()
        .table_name(table)
        .send()
        .await;
    let answer = match answer {
        Err(error) if code(&error) == Some("ResourceNotFoundException") => return Ok(()),
        other => other.map_err(|error| refused("the table cannot be looked at", &error))?,
    };
    let protected = answer
        .table
        .and_then(|table| table.deletion_protection_enabled);
    if protected == Some(true) {
        // The logs of such a stage are protected too, and one of them left so would stop the removal half-way.
        let logs = stack.output("LogGroupNames").unwrap_or_default();
        let logs = logs.split(',').filter(|name| !name.is_empty());
        let command = |name: &str| {
            format!(
                "aws logs put-log-group-deletion-protection --log-group-identifier {name} --no-deletion-protection-enabled"
            )
        };
        let logs: Vec<String> = logs.map(command).collect();
        bail!(
            "the table and the logs of the stage {} are protected. To lose all its runs, take the protection off all of them and come back:\n  {}\n  aws dynamodb update-table --table-name {table} --no-deletion-protection-enabled",
            target.stage,
            logs.join("\n  ")
        );
    }
    Ok(())
}

/// The paths of the settings that are to be deleted.
async fn doomed(options: &Destroy, settings: &Settings) -> Result<Vec<String>> {
    if !options.with_settings {
        return Ok(Vec::new());
    }
    Ok(paths(settings, &stored(settings).await?))
}

/// Those of all settings that are stored, in their usual order.
async fn stored(settings: &Settings) -> Result<Vec<&'static str>> {
    let stored = settings.names().await?;
    let names = all().into_iter().filter(|name| stored.contains(name));
    Ok(names.collect())
}

fn paths(settings: &Settings, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| settings.path(name)).collect()
}

/// Asks for the stage's name, after saying what goes.
fn confirmed(
    world: &mut World<'_>,
    target: &Target,
    options: &Destroy,
    what: Option<String>,
    doomed: &[String],
) -> Result<()> {
    let stage = &target.stage;
    let of_the_settings = format!("these settings:\n  {}", doomed.join("\n  "));
    let of_the_settings = (!doomed.is_empty()).then_some(of_the_settings);
    for gone in what.into_iter().chain(of_the_settings) {
        world.terminal.say(format_args!("This removes {gone}"))?;
    }
    let written = match &options.confirm {
        Some(written) => written.clone(),
        None => world
            .terminal
            .ask(&format!("Write the stage's name, {stage}, to go on:"))?,
    };
    if written != *stage {
        bail!("nothing was removed: {written:?} is not {stage:?}");
    }
    Ok(())
}

/// CloudFormation deletes no bucket with something in it.
async fn empty(cloud: &Cloud, bucket: &str) -> Result<usize> {
    let mut gone = 0;
    loop {
        let page = cloud.s3.list_objects_v2().bucket(bucket).send().await;
        let page = match page {
            Err(error) if code(&error) == Some("NoSuchBucket") => return Ok(gone),
            other => other.map_err(|error| refused("the bucket cannot be listed", &error))?,
        };
        let keys: Vec<ObjectIdentifier> = page
            .contents()
            .iter()
            .filter_map(|object| ObjectIdentifier::builder().key(object.key()?).build().ok())
            .collect();
        if keys.is_empty() {
            return Ok(gone);
        }
        gone += keys.len();
        let delete = Delete::builder()
            .set_objects(Some(keys))
            .quiet(true)
            .build()?;
        let answer = cloud
            .s3
            .delete_objects()
            .bucket(bucket)
            .delete(delete)
            .send()
            .await;
        let answer = answer.map_err(|error| refused("the bucket cannot be emptied", &error))?;
        if let Some(error) = answer.errors().first() {
            bail!(
                "the bucket cannot be emptied: {}",
                error.message().unwrap_or("no reason given")
            );
        }
    }
}

async fn delete(world: &mut World<'_>, stack: &Stack) -> Result<()> {
    let client = &world.cloud.cloudformation;
    client
        .delete_stack()
        .stack_name(&stack.id)
        .send()
        .await
        .map_err(|error| refused("the stack cannot be deleted", &error))?;
    world.terminal.say("CloudFormation deletes the stack …")?;
    let left = settled(&world.cloud, &stack.id, world.pace).await?;
    if let Some(left) = left.filter(|left| left.status.as_str() != "DELETE_COMPLETE") {
        bail!(
            "the stack {} is in the state {}: its events in CloudFormation say what could not be deleted",
            stack.name,
            left.status.as_str()
        );
    }
    world
        .terminal
        .good(format_args!("the stack {} is gone", stack.name))?;
    for kept in kept(&world.cloud, stack).await {
        world.terminal.say(format_args!("  stays: {kept}"))?;
    }
    Ok(())
}

/// What CloudFormation left where it is, as far as it still says so.
async fn kept(cloud: &Cloud, stack: &Stack) -> Vec<String> {
    let request = cloud.cloudformation.describe_stack_resources();
    let Ok(answer) = request.stack_name(&stack.id).send().await else {
        return Vec::new();
    };
    let skipped = answer
        .stack_resources()
        .iter()
        .filter(|resource| resource.resource_status() == Some(&ResourceStatus::DeleteSkipped));
    skipped
        .filter_map(|resource| {
            Some(format!(
                "{} {}",
                resource.resource_type()?,
                resource.physical_resource_id()?
            ))
        })
        .collect()
}

async fn leftovers(
    world: &mut World<'_>,
    target: &Target,
    options: &Destroy,
    settings: &Settings,
) -> Result<()> {
    let names = stored(settings)
        .await
        .context("what is left cannot be told")?;
    if options.with_settings && !names.is_empty() {
        settings.delete(&names).await?;
        world
            .terminal
            .good(format_args!("{} settings are deleted", names.len()))?;
    } else if !names.is_empty() {
        world.terminal.say(format_args!(
            "  stay: the settings {}\n    Delete them too: make destroy STAGE={} WITH_SETTINGS=yes",
            paths(settings, &names).join(", "),
            target.stage
        ))?;
    }
    world.terminal.say("  stays: the GitHub App; delete it on its page on GitHub\n  stays: the stack aws-sam-cli-managed-default, whose bucket holds uploaded code of all applications of this account and Region")
}
