//! The HTTP client for spans.

use std::sync::OnceLock;

use async_trait::async_trait;
use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use telemetry::{Bytes, HttpClient, HttpError, Request, Response};

use crate::transport::{CONNECT, Transport};

/// Posts spans with what also calls AWS, so that no second HTTP client is part of a function. Like that one it
/// follows no redirect and goes to the address that the operator gave and nowhere else. It is made when the
/// first spans are exported.
#[derive(Debug, Default)]
pub struct OtlpClient(OnceLock<Transport>);

#[async_trait]
impl HttpClient for OtlpClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let transport = self.0.get_or_init(|| Transport::new(CONNECT));
        let request = HttpRequest::try_from(request.map(SdkBody::from))?;
        let answer = transport.call(request).await?;
        let status = answer.status().as_u16();
        let body = ByteStream::new(answer.into_body()).collect().await?;
        Ok(Response::builder().status(status).body(body.into_bytes())?)
    }
}
