//! What an agent is given to reach its model.

use std::ffi::OsString;

use secrecy::{ExposeSecret, SecretString};

use super::{Credential, Provider, Wire};

/// An address and a token, for the one job.
#[derive(Clone, Debug)]
pub struct ModelAccess {
    wire: Wire,
    token_in: &'static str,
    origin: String,
    token: SecretString,
    model: Option<String>,
}

impl ModelAccess {
    /// Access to `provider` at `origin` with `token`.
    pub(super) fn new(provider: &Provider, origin: String, token: SecretString) -> Self {
        let token_in = match (provider.wire, &provider.credential) {
            (Wire::OpenAi, _) => "OPENAI_API_KEY",
            (Wire::Bedrock, _) => "AWS_BEARER_TOKEN_BEDROCK",
            (Wire::Anthropic, Credential::Key(_)) => "ANTHROPIC_API_KEY",
            (Wire::Anthropic, Credential::Bearer(_)) => "ANTHROPIC_AUTH_TOKEN",
            (Wire::Anthropic, Credential::OAuth(_)) => "CLAUDE_CODE_OAUTH_TOKEN",
        };
        Self {
            wire: provider.wire,
            token_in,
            origin,
            token,
            model: provider.model.clone(),
        }
    }

    /// The variables that programs of this wire format read: where the address is, the token, and the model.
    pub fn variables(&self) -> Vec<(OsString, OsString)> {
        let pair = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
        let mut variables = match self.wire {
            Wire::Anthropic => vec![pair("ANTHROPIC_BASE_URL", &self.origin)],
            Wire::OpenAi => vec![pair("OPENAI_BASE_URL", &format!("{}/v1", self.origin))],
            Wire::Bedrock => vec![
                pair("CLAUDE_CODE_USE_BEDROCK", "1"),
                pair("ANTHROPIC_BEDROCK_BASE_URL", &self.origin),
                // The program wants one; the address alone decides where requests go.
                pair("AWS_REGION", "us-east-1"),
            ],
        };
        if let Some(model) = &self.model {
            variables.push(pair("ANTHROPIC_MODEL", model));
        }
        variables.push(pair(self.token_in, self.token.expose_secret()));
        variables
    }
}
