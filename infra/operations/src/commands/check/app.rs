//! The app at GitHub.

use std::collections::HashMap;

use github::{GitHubError, Lack, Registration, WebhookConfig};
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
    let mut findings = match app.registration().await {
        Ok(app) => registration(&app),
        Err(error) => return vec![unreachable(&error)],
    };
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
    findings.push(if app.installations_count == 0 {
        let remedy = format!("Install it: {}/installations/new", app.html_url);
        Finding::bad("the app is not installed anywhere", remedy)
    } else {
        Finding::good(format_args!(
            "it is installed {} time(s)",
            app.installations_count
        ))
    });
    findings
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
