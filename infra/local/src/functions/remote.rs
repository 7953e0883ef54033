//! Functions behind the invocation API of another process, such as that of `cargo lambda watch`.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::{body::Body, extract::Request, response::Response};
use http_body_util::BodyExt;
use serde_json::Value;
use url::Url;

use super::FunctionName;

/// Longer than any function may take: building one on its first call takes time.
const TIMEOUT: Duration = Duration::from_mins(10);

/// Functions that another process serves.
#[derive(Debug)]
pub(crate) struct Remote {
    base: Url,
    client: reqwest::Client,
}

impl Remote {
    /// The functions at `base`.
    pub(crate) fn new(base: Url) -> Result<Self> {
        egress::tls::install();
        #[expect(
            clippy::disallowed_methods,
            reason = "it only speaks to the developer's own process"
        )]
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .no_proxy()
            .build()?;
        Ok(Self { base, client })
    }

    pub(crate) async fn invoke(&self, name: FunctionName, event: Value) -> Result<Value> {
        let url = self
            .base
            .join(&format!("/2015-03-31/functions/{name}/invocations"))?;
        let answer = self.client.post(url).json(&event).send().await?;
        // AWS answers 200 with a header when the function failed; the development server answers 500.
        let failed = answer.headers().contains_key("x-amz-function-error");
        let status = answer.status();
        let text = answer.text().await?;
        if failed || !status.is_success() {
            bail!("the function `{name}` failed: {text}");
        }
        serde_json::from_str(&text).with_context(|| format!("the answer of `{name}`"))
    }

    pub(crate) async fn serve(&self, name: FunctionName, request: Request) -> Result<Response> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let url = self.base.join(&format!("/lambda-url/{name}{path}"))?;
        let body = body.collect().await?.to_bytes();
        let mut headers = parts.headers;
        headers.remove(http::header::HOST);
        let answer = self
            .client
            .request(parts.method, url)
            .headers(headers)
            .body(body)
            .send()
            .await?;
        let mut response = Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            // The length and the encoding of the connection are this connection's own business.
            if name != http::header::TRANSFER_ENCODING && name != http::header::CONTENT_LENGTH {
                response = response.header(name, value);
            }
        }
        Ok(response.body(Body::from(answer.bytes().await?))?)
    }
}
