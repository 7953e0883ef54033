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
    let base: url::Url = address.parse().unwrap();
    let http = HttpClient::new(&HttpSettings::new(vec![base.clone()])).unwrap();
    let provider = Provider {
        wire: Wire::Anthropic,
        base,
        credential: Credential::Key(SecretString::from(MODEL_KEY)),
        model: None,
    };
    Model::new(provider, http, Arc::new(SystemClock))
}
