//! The functions, called as GitHub and the daemons call them.

use std::collections::HashMap;

use egress::{HttpClient, HttpError, Request};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::Finding;
use crate::{github, secrets, settings::WEBHOOK_SECRET, stack::Stack};

pub(super) async fn look(
    stack: &Stack,
    stored: &HashMap<&'static str, SecretString>,
) -> Vec<Finding> {
    let addresses = stack
        .address("WorkerUrl")
        .and_then(|api| Ok((api, stack.address("WebhookUrl")?)));
    let client = addresses.and_then(|(api, webhook)| {
        Ok((
            github::http(vec![api.clone(), webhook.clone()])?,
            api,
            webhook,
        ))
    });
    let (http, api, webhook) = match client {
        Ok(all) => all,
        Err(error) => {
            return vec![Finding::bad(
                format_args!("{error:#}"),
                "Deploy the stack again.",
            )];
        }
    };
    let mut findings = vec![health(&http, &api).await];
    if let Some(secret) = stored.get(WEBHOOK_SECRET) {
        findings.push(ping(&http, &webhook, secret).await);
        let wrong = SecretString::from("not the secret");
        findings.push(refusal(&http, &webhook, &wrong).await);
    }
    findings
}

const LOGS: &str =
    "The function's logs say why: /switchyard/<stack>/webhook, or /worker, in CloudWatch Logs.";

async fn health(http: &HttpClient, api: &Url) -> Finding {
    let mut url = api.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push("health");
    }
    match http.send(Request::new(Method::GET, url.clone())).await {
        Ok(answer) if answer.status == StatusCode::OK => {
            Finding::good(format_args!("{url} answers"))
        }
        other => Finding::bad(format_args!("{url} {}", outcome(&other)), LOGS),
    }
}

/// A ping needs nothing and changes nothing, so it can be sent at any time.
async fn ping(http: &HttpClient, webhook: &Url, secret: &SecretString) -> Finding {
    match deliver(http, webhook, secret).await {
        Ok(answer) if answer.status.is_success() => {
            Finding::good("webhook takes a ping that is signed with the stored secret")
        }
        other => Finding::bad(
            format_args!(
                "webhook {} to a ping that is signed with the stored secret",
                outcome(&other)
            ),
            format_args!("If the setting was changed: make reload. {LOGS}"),
        ),
    }
}

async fn refusal(http: &HttpClient, webhook: &Url, wrong: &SecretString) -> Finding {
    match deliver(http, webhook, wrong).await {
        Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => {
            Finding::good("webhook refuses a ping with another signature")
        }
        other => Finding::bad(
            format_args!(
                "webhook {} to a ping with another signature",
                outcome(&other)
            ),
            LOGS,
        ),
    }
}

async fn deliver(
    http: &HttpClient,
    webhook: &Url,
    secret: &SecretString,
) -> Result<egress::Response, HttpError> {
    let body = json!({"zen": "Anything added dilutes everything else."});
    let bytes = body.to_string();
    let signature = secrets::sign(secret, bytes.as_bytes()).unwrap_or_default();
    let signature = HeaderValue::try_from(signature).map_err(|_| HttpError::Unsendable)?;
    let request = Request::new(Method::POST, webhook.clone())
        .json(&body)?
        .header(
            HeaderName::from_static("x-github-event"),
            HeaderValue::from_static("ping"),
        )
        .header(
            HeaderName::from_static("x-github-delivery"),
            HeaderValue::from_static("00000000-0000-4000-8000-000000000000"),
        )
        .header(HeaderName::from_static("x-hub-signature-256"), signature);
    http.send(request).await
}

fn outcome(result: &Result<egress::Response, HttpError>) -> String {
    match result {
        Ok(answer) => format!("answers with status {}", answer.status),
        Err(error) => format!("does not answer ({error})"),
    }
}
