//! The settings of a stack in Parameter Store.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, bail};
use aws_sdk_ssm::types::ParameterType;
use domain::Random;
use secrecy::{ExposeSecret, SecretString};
use settings::{Declaration, Source};

use crate::{
    Cloud,
    cloud::{code, refused},
    secrets,
};

pub(crate) const APP_ID: &str = settings::GITHUB_APP_ID.name();
pub(crate) const PRIVATE_KEY: &str = settings::GITHUB_APP_PRIVATE_KEY.name();
pub(crate) const WEBHOOK_SECRET: &str = settings::GITHUB_WEBHOOK_SECRET.name();
pub(crate) const OLD_WEBHOOK_SECRET: &str = settings::GITHUB_WEBHOOK_SECRET_PREVIOUS.name();
pub(crate) const TOKEN_KEY: &str = settings::SWITCHYARD_TOKEN_KEY.name();
pub(crate) const OLD_TOKEN_KEY: &str = settings::SWITCHYARD_TOKEN_KEY_PREVIOUS.name();
pub(crate) const DAEMON_KEY: &str = settings::SWITCHYARD_DAEMON_KEY.name();
pub(crate) const OLD_DAEMON_KEY: &str = settings::SWITCHYARD_DAEMON_KEY_PREVIOUS.name();
/// A token for git that takes the place of the app's.
pub(crate) const OPERATOR_TOKEN: &str = settings::SWITCHYARD_GITHUB_TOKEN.name();
/// The account with the model's provider is one of these; the first is the usual one.
pub(crate) const MODEL_SECRETS: [&str; 5] = [
    settings::ANTHROPIC_API_KEY.name(),
    settings::ANTHROPIC_AUTH_TOKEN.name(),
    settings::CLAUDE_CODE_OAUTH_TOKEN.name(),
    settings::OPENAI_API_KEY.name(),
    settings::AWS_BEARER_TOKEN_BEDROCK.name(),
];
/// As many are asked for at once.
const PAGE: usize = 10;

/// What comes from the GitHub App.
pub(crate) const OF_THE_APP: [&str; 3] = [APP_ID, PRIVATE_KEY, WEBHOOK_SECRET];

/// What nobody has to choose, so that it is made here: the key of the daemons' tokens, and the key by which daemons
/// prove themselves.
pub(crate) const MADE: [&str; 2] = [TOKEN_KEY, DAEMON_KEY];

/// Everything that may be stored.
pub(crate) fn all() -> Vec<&'static str> {
    let stored = settings::all().filter(|setting| setting.source() == Source::ParameterStore);
    stored.map(Declaration::name).collect()
}

/// The setting of this name that can hold an account with the model's provider.
pub(crate) fn model_secret(name: Option<&str>) -> &'static str {
    let named = MODEL_SECRETS.into_iter().find(|known| Some(*known) == name);
    named.unwrap_or(MODEL_SECRETS[0])
}

/// Whether a value may take the place of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// There must be none yet.
    Free,
    /// There may be one.
    Any,
}

/// Whether values are wanted, or only whether there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decryption {
    None,
    Full,
}

/// The settings under one prefix.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    client: aws_sdk_ssm::Client,
    prefix: String,
    /// The KMS key, if it is not the account's own.
    key: Option<String>,
}

impl Settings {
    pub(crate) fn new(cloud: &Cloud, prefix: &str, key: Option<&str>) -> Self {
        Self {
            client: cloud.ssm.clone(),
            prefix: prefix.trim_end_matches('/').to_owned(),
            key: key.map(str::to_owned),
        }
    }

    /// The name of a parameter.
    pub(crate) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }

    /// The command with which a person stores a setting. What is secret is on no command line.
    pub(crate) fn command(&self, name: &str) -> String {
        let key = self.key.as_ref();
        let key = key.map_or_else(String::new, |key| format!(" --key-id {key}"));
        let path = self.path(name);
        let put = format!("aws ssm put-parameter --type SecureString{key} --name {path} --value");
        match name {
            APP_ID => format!("{put} YOUR-APP-ID"),
            PRIVATE_KEY => format!("{put} file://your-app.private-key.pem"),
            // Input at a terminal ends after a line, whose end is no part of a secret.
            _ => format!("tr -d '\\n' | {put} file:///dev/stdin    # paste it, Enter, Ctrl-D"),
        }
    }

    /// Makes one of [`MADE`] where there is none. The value is shown to nobody, and one that is there stays.
    pub(crate) async fn make(&self, name: &str, random: &dyn Random) -> Result<()> {
        self.put(name, &secrets::make(random), Place::Free).await
    }

    /// The names of all that are stored. Nothing is decrypted, so this needs no permission for it.
    pub(crate) async fn names(&self) -> Result<HashSet<&'static str>> {
        let found = self.ask(Decryption::None).await?;
        Ok(found.into_keys().collect())
    }

    /// All that are stored, decrypted.
    pub(crate) async fn read(&self) -> Result<HashMap<&'static str, SecretString>> {
        self.ask(Decryption::Full).await
    }

    /// An empty one counts as missing.
    async fn ask(&self, decryption: Decryption) -> Result<HashMap<&'static str, SecretString>> {
        let mut found = HashMap::new();
        for names in all().chunks(PAGE) {
            let paths = names.iter().map(|name| self.path(name)).collect();
            let answer = self
                .client
                .get_parameters()
                .set_names(Some(paths))
                .with_decryption(decryption == Decryption::Full)
                .send()
                .await
                .map_err(|error| refused("the settings cannot be read", &error))?;
            for parameter in answer.parameters() {
                let (path, value) = (parameter.name(), parameter.value().unwrap_or_default());
                let name = names.iter().find(|name| path == Some(&self.path(name)));
                if let (Some(name), false) = (name, value.trim().is_empty()) {
                    found.insert(*name, value.into());
                }
            }
        }
        Ok(found)
    }

    /// Stores one, encrypted.
    pub(crate) async fn put(&self, name: &str, value: &SecretString, place: Place) -> Result<()> {
        let path = self.path(name);
        let result = self
            .client
            .put_parameter()
            .name(&path)
            .value(value.expose_secret())
            .r#type(ParameterType::SecureString)
            .set_key_id(self.key.clone())
            .overwrite(place == Place::Any)
            .send()
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(error) if code(&error) == Some("ParameterAlreadyExists") => {
                bail!("{path} is stored already; nothing was overwritten")
            }
            Err(error) => Err(refused(&format!("{path} cannot be stored"), &error)),
        }
    }

    /// Deletes those of `names` that are there.
    pub(crate) async fn delete(&self, names: &[&str]) -> Result<()> {
        let paths = names.iter().map(|name| self.path(name)).collect();
        self.client
            .delete_parameters()
            .set_names(Some(paths))
            .send()
            .await
            .map_err(|error| refused("the settings cannot be deleted", &error))?;
        Ok(())
    }
}
