//! App manifests that wait to be exchanged for what they registered.
//!
//! A code is good once and for an hour. Codes live in memory: they outlast no restart.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer};
use url::Url;

use crate::error::Error;
use crate::text;

/// Seconds for which a code can be exchanged.
const LIFETIME: i64 = 3_600;

/// What a page asks GitHub to register.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) name: String,
    #[serde(deserialize_with = "url")]
    pub(crate) url: Url,
    #[serde(default)]
    pub(crate) hook_attributes: Option<HookAttributes>,
    #[serde(default)]
    pub(crate) redirect_url: Option<Target>,
    #[serde(default)]
    pub(crate) default_permissions: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) default_events: Vec<String>,
}

/// Where the app's webhooks go.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct HookAttributes {
    #[serde(deserialize_with = "url")]
    pub(crate) url: Url,
}

/// Where the browser is sent with the code.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Target(#[serde(deserialize_with = "url")] pub(crate) Url);

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

/// A manifest that was accepted, and for whom.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) manifest: Manifest,
    /// The login of the owner.
    pub(crate) owner: String,
    since: i64,
}

/// The codes that can still be exchanged.
#[derive(Debug, Default)]
pub(crate) struct Manifests(Mutex<HashMap<String, Waiting>>);

impl Manifests {
    /// Keeps a manifest and gives its code.
    pub(crate) fn keep(&self, manifest: Manifest, owner: &str, now: i64) -> Result<String, Error> {
        let code = data_encoding::HEXLOWER.encode(&text::random::<20>()?);
        let waiting = Waiting {
            manifest,
            owner: owner.to_owned(),
            since: now,
        };
        self.lock().insert(code.clone(), waiting);
        Ok(code)
    }

    /// Takes the manifest of a code, which is then used up.
    pub(crate) fn take(&self, code: &str, now: i64) -> Option<Waiting> {
        let waiting = self.lock().remove(code)?;
        (now - waiting.since < LIFETIME).then_some(waiting)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
