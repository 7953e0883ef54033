//! The HTTP API.

use anyhow::{Context as _, Result, ensure};
use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    address,
    caller::Answer,
    patience::{PATIENCE, eventually},
    stage::Stage,
};

/// The HTTP API hands its routes over to `api`, which answers them, and everything else it answers by itself.
pub(crate) async fn answers(stage: &Stage) -> Result<((), String)> {
    let health = get(stage, "health").await?;
    ensure!(health.status == StatusCode::OK, "health: {}", health.status);
    let version = json_of(&get(stage, "v1/version").await?)?;
    ensure!(version["apis"] == json!(["v1"]), "{version}");
    let document = json_of(&get(stage, "openapi.json").await?)?;
    ensure!(document["openapi"] == "3.1.0", "{document}");
    let explained = problem(stage).await?;
    let unknown = get(stage, "v1/nothing").await?;
    ensure!(
        unknown.status == StatusCode::NOT_FOUND && request_id(&unknown).is_none(),
        "what has no route is answered {} by the function",
        unknown.status
    );
    let how = format!(
        "health, {} of the API, its document, the page about {explained}; no route, no call",
        version["apis"][0].as_str().unwrap_or_default()
    );
    Ok(((), how))
}

/// Asks for what is not there, and follows the problem's link to the page about it and its request to the log.
async fn problem(stage: &Stage) -> Result<String> {
    let answer = get(stage, "problems/none").await?;
    let problem = json_of(&answer)?;
    let text = |name: &str| {
        problem[name]
            .as_str()
            .with_context(|| format!("no {name}: {problem}"))
    };
    let (code, link, request) = (text("code")?, text("type")?, text("request_id")?);
    ensure!(
        answer.status == StatusCode::NOT_FOUND && request_id(&answer) == Some(request),
        "{} {problem}",
        answer.status
    );
    let page = address::at(&stage.emulator.url, link)?;
    let page = stage.caller.get(&page).await?;
    let shown = String::from_utf8_lossy(&page.body);
    ensure!(
        page.status == StatusCode::OK && shown.contains(code),
        "{link} is answered {}",
        page.status
    );
    let field = format!("\"request.id\":\"{request}\"");
    eventually("the log names the request", PATIENCE, async || {
        stage.logged("api", &field).await
    })
    .await?;
    Ok(code.to_owned())
}

async fn get(stage: &Stage, path: &str) -> Result<Answer> {
    stage.caller.get(&stage.api.join(path)?).await
}

/// The request that an answer of the function names.
fn request_id(answer: &Answer) -> Option<&str> {
    answer.headers.get("x-request-id")?.to_str().ok()
}

fn json_of(answer: &Answer) -> Result<Value> {
    let text = String::from_utf8_lossy(&answer.body);
    serde_json::from_str(&text).with_context(|| format!("{} {text}", answer.status))
}
