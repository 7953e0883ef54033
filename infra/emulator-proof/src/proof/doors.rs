//! The functions' URLs.

use anyhow::{Result, bail, ensure};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use simgithub::Delivery;

use crate::stage::Stage;

/// The URL of `worker` answers for itself.
pub(crate) async fn worker(stage: &Stage) -> Result<((), String)> {
    let url = stage.front.url.join("health")?;
    let answer = stage.caller.get(&url).await?;
    ensure!(answer.status == StatusCode::OK, "{}", answer.status);
    let how = format!("GET /health is answered {}", answer.status.as_u16());
    Ok(((), how))
}

/// GitHub's first webhook arrives at the URL of `webhook`.
pub(crate) async fn webhook(stage: &Stage) -> Result<((), String)> {
    let github = &stage.people.github;
    github.set_webhook_url(Some(stage.front.url.join("webhooks/github")?));
    let guid = github.ping().await?;
    let answer = stage.people.answered(|one| one.guid == guid).await?;
    let status = answer.status_code.unwrap_or_default();
    if !(200..300).contains(&status) {
        bail!(
            "the ping is answered {status}: {}",
            answer.response_body.unwrap_or_default()
        );
    }
    Ok(((), format!("GitHub's signed ping is answered {status}")))
}

/// What nobody signed is refused, and nothing comes of it.
pub(crate) async fn unsigned(stage: &Stage, like: &Delivery) -> Result<((), String)> {
    let (queue, table) = (
        stage.output("DeliveriesQueueUrl")?,
        stage.output("TableName")?,
    );
    let before = stage.account.items(table).await?;
    let body = like.payload.clone().into_bytes();
    let guid = "00000000-0000-4000-8000-000000000401";
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/json"),
        ("x-github-delivery", guid),
        ("x-github-event", like.event.as_str()),
        (
            "x-hub-signature-256",
            &simgithub::sign_sha256(b"another secret", &body),
        ),
    ] {
        headers.insert(HeaderName::from_static(name), value.parse()?);
    }
    let post = stage
        .caller
        .send(Method::POST, &stage.webhook, headers, body);
    let status = post.await?.status;
    ensure!(
        status == StatusCode::UNAUTHORIZED,
        "it is answered {status}"
    );
    let waiting = stage.account.messages(queue).await?;
    ensure!(waiting == (0, 0), "{waiting:?} messages came of it");
    let after = stage.account.items(table).await?;
    ensure!(
        before == after,
        "the table had {before} items and has {after}"
    );
    let log = stage.log("webhook").await?;
    let queued = format!("delivery {guid} queued");
    ensure!(
        !log.iter().any(|line| line.contains(&queued)),
        "it was queued"
    );
    Ok(((), "answered 401; no message, no item".to_owned()))
}
