//! Whoever calls a deployed function from outside.

use anyhow::Result;
use http::{HeaderMap, Method, StatusCode};
use reqwest::Certificate as Trusted;
use url::Url;

use crate::certificate::Certificate;

/// What a function answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A plain HTTP client that trusts the emulator.
#[derive(Clone, Debug)]
pub(crate) struct Caller(reqwest::Client);

impl Caller {
    /// A client of what shows `certificate`.
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever calls the product from outside has nothing to do with its guarded client"
    )]
    pub(crate) fn new(certificate: &Certificate) -> Result<Self> {
        egress::tls::install();
        let trusted = Trusted::from_pem(certificate.authority.as_bytes())?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .tls_certs_only([trusted])
            .build()?;
        Ok(Self(client))
    }

    pub(crate) async fn get(&self, url: &Url) -> Result<Answer> {
        self.send(Method::GET, url, HeaderMap::new(), Vec::new())
            .await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer> {
        let request = self.0.request(method, url.clone()).headers(headers);
        let answer = request.body(body).send().await?;
        Ok(Answer {
            status: answer.status(),
            headers: answer.headers().clone(),
            body: answer.bytes().await?.into(),
        })
    }
}
