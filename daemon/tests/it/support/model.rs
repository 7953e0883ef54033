//! The way to a model.

use std::sync::Arc;

use domain::SystemClock;
use egress::{HttpClient, HttpSettings};
use secrecy::SecretString;
use switchyard_daemon::{Credential, Model, Provider, Wire};

/// The operator's key, which no agent may see.
pub(crate) const MODEL_KEY: &str = "sk-ant-the-operators-own";

/// The way to a provider at `address` with the operator's key.
pub(crate) fn model(address: &str) -> Model {
    let key = Credential::Key(SecretString::from(MODEL_KEY));
    way(Wire::Anthropic, address, key)
}

/// The way to a provider at `address` that speaks `OpenAI`'s API.
pub(crate) fn open_ai_model(address: &str) -> Model {
    let key = Credential::Bearer(SecretString::from(MODEL_KEY));
    way(Wire::OpenAi, &format!("{address}/v1"), key)
}

fn way(wire: Wire, base: &str, credential: Credential) -> Model {
    let base: url::Url = base.parse().unwrap();
    let http = HttpClient::new(&HttpSettings::new(vec![base.clone()])).unwrap();
    let provider = Provider {
        wire,
        base,
        credential,
        model: None,
    };
    Model::new(provider, http, Arc::new(SystemClock))
}
