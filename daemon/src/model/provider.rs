//! The provider of the model, as the operator sets it.

use std::sync::Arc;

use domain::SharedClock;
use egress::HttpClient;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// What is spoken with a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// Anthropic's Messages API, also of gateways that speak it.
    Anthropic,
    /// `OpenAI`'s Chat Completions and Responses.
    OpenAi,
    /// Anthropic's models on Amazon Bedrock.
    Bedrock,
}

impl Wire {
    /// The provider's name as OpenTelemetry has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Bedrock => "aws.bedrock",
        }
    }
}

/// How the operator is known to the provider.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A key in the header `x-api-key`.
    Key(SecretString),
    /// A key or a gateway's token in the header `authorization`.
    Bearer(SecretString),
    /// A token of a subscription in the header `authorization`, which needs a word in `anthropic-beta` too.
    OAuth(SecretString),
}

impl Credential {
    /// The secret itself.
    pub(crate) fn secret(&self) -> &SecretString {
        match self {
            Self::Key(secret) | Self::Bearer(secret) | Self::OAuth(secret) => secret,
        }
    }

    /// Whether a header can hold it.
    pub(crate) fn is_sendable(&self) -> bool {
        let secret = self.secret().expose_secret();
        !secret.trim().is_empty() && HeaderValue::from_str(secret).is_ok()
    }
}

/// One provider with the operator's account.
#[derive(Clone, Debug)]
pub struct Provider {
    /// What it speaks.
    pub wire: Wire,
    /// Where it is: for [`Wire::Anthropic`] without `/v1`, for [`Wire::OpenAi`] with it, as their programs have it.
    pub base: Url,
    /// The operator's account.
    pub credential: Credential,
    /// The model, if it is not the program's own choice.
    pub model: Option<String>,
}

/// The way to the model: a provider and the client that reaches it.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) provider: Arc<Provider>,
    pub(super) http: HttpClient,
    pub(super) clock: SharedClock,
}

impl Model {
    /// The way to `provider` over `http`, which must trust the provider's origin and allow an exchange the time that
    /// a model may take.
    pub fn new(provider: Provider, http: HttpClient, clock: SharedClock) -> Self {
        Self {
            provider: Arc::new(provider),
            http,
            clock,
        }
    }

    /// What the provider speaks.
    pub(crate) fn wire(&self) -> Wire {
        self.provider.wire
    }

    /// The secret that must appear nowhere.
    pub(crate) fn secret(&self) -> &SecretString {
        self.provider.credential.secret()
    }
}
