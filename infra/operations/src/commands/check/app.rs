//! The app at GitHub.

use std::collections::HashMap;

use github::{GitHubError, Installations, Lack, Registration, WebhookConfig};
use secrecy::SecretString;

use super::Finding;
use crate::{World, arguments::Target, commands::app_of, stack::Stack};

pub(super) async fn look(
    world: &World<'_>,
    target: &Target,
    stack: &Stack,
    stored: &HashMap<&'static str, SecretString>,
) -> Vec<Finding> {
    let app = match app_of(world, stack, stored) {
        Ok(app) => app,
        Err(error) => {
            return vec![Finding::bad(
                "the app cannot be looked at",
                format_args!("{error:#}"),
            )];
        }
    };
    let registered = match app.registration().await {
        Ok(registered) => registered,
        Err(error) => return vec![unreachable(&error)],
    };
    let mut findings = registration(&registered);
    match app.installations().await {
        Ok(installations) => {
            let owners = stack.parameter("AllowedOwners").unwrap_or_default();
            let owners = owners.split(',').filter(|owner| !owner.is_empty());
            findings.extend(owners.map(|owner| installed(owner, &installations, &registered)));
        }
        Err(error) => findings.push(unreachable(&error)),
    }
    findings.push(match app.webhook().await {
        Ok(hook) => webhook(target, stack, &hook),
        Err(error) => unreachable(&error),
    });
    findings
}

fn unreachable(error: &GitHubError) -> Finding {
    let remedy = match error {
        GitHubError::Misconfigured { .. } => {
            "Compare the stored id and private key with the app's page on GitHub; a key deleted there is worth nothing."
        }
        _ => "Try again later; githubstatus.com says how GitHub is.",
    };
    Finding::bad(
        format_args!("GitHub does not answer the app: {error}"),
        remedy,
    )
}

fn registration(app: &Registration) -> Vec<Finding> {
    let mut findings = vec![Finding::good(format_args!(
        "GitHub knows the app {} and takes its key",
        app.slug
    ))];
    let page = format!("{} (App settings, Permissions & events)", app.html_url);
    findings.extend(app.lacks().into_iter().map(|lack| match lack {
        Lack::Permission(name, level) => Finding::bad(
            format_args!("the app lacks the permission {name}: {level}"),
            format_args!("Grant it at {page}; every installation then has to accept it."),
        ),
        Lack::Event(event) => Finding::bad(
            format_args!("the app is not told of {event}"),
            format_args!("Subscribe to it at {page}."),
        ),
    }));
    if findings.len() == 1 {
        findings.push(Finding::good(
            "it has the permissions and events that it needs",
        ));
    }
    findings
}

/// Whether the app works for one of those whose repositories may start work.
fn installed(owner: &str, all: &Installations, app: &Registration) -> Finding {
    match all.obstacle(owner, app) {
        Some(obstacle) => Finding::bad(&obstacle, obstacle.remedy()),
        None => Finding::good(format_args!(
            "nothing keeps the app from working for {owner}"
        )),
    }
}

fn webhook(target: &Target, stack: &Stack, hook: &WebhookConfig) -> Finding {
    let expected = stack.output("WebhookUrl").unwrap_or_default();
    let remedy = format!("make point-webhook STAGE={}", target.stage);
    let url = hook.url.as_deref().unwrap_or("nowhere");
    if url != expected {
        let what = format!("the app's webhooks go to {url}, not to {expected}");
        return Finding::bad(what, remedy);
    }
    let unchecked = hook
        .insecure_ssl
        .as_ref()
        .is_some_and(|value| value.as_str() == Some("1") || value.as_u64() == Some(1));
    if unchecked {
        return Finding::bad(
            "GitHub does not look at the certificate of the webhook's address",
            remedy,
        );
    }
    Finding::good(format_args!("the app's webhooks go to {url}"))
}
