//! The secrets of a local stack: made on the first start and kept with its state.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use domain::Random;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Why there are no secrets, in words for the person who started the stack.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretsError {
    /// What is in the file are no secrets.
    #[error(
        "{path} is damaged: {reason}. Delete it, and the next start makes new secrets; jobs that wait are then \
         sent out again within a few minutes."
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where reading it ended.
        reason: serde_json::Error,
    },
    /// The file cannot be read or written.
    #[error(
        "{path} cannot be read or written: {source}. Give its user the right to, or choose another --state."
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What the functions would find in Parameter Store.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// What webhooks are signed with.
    pub(crate) webhook: SecretString,
    /// What the tokens of daemons are signed with.
    pub(crate) tokens: SecretString,
    /// What daemons prove themselves with.
    pub(crate) daemons: SecretString,
}

#[derive(Serialize, Deserialize)]
struct File {
    webhook: String,
    tokens: String,
    // A state that is older than this key gets one.
    daemons: Option<String>,
}

impl Secrets {
    /// What webhooks and the tokens of daemons are signed with, and what daemons prove themselves with.
    pub const fn new(webhook: SecretString, tokens: SecretString, daemons: SecretString) -> Self {
        Self {
            webhook,
            tokens,
            daemons,
        }
    }

    /// The secrets kept in `state`, made if there are none yet.
    pub(crate) fn keep(state: &Path, random: &dyn Random) -> Result<Self, SecretsError> {
        let path = state.join("secrets.json");
        let damaged = |reason| SecretsError::Damaged {
            path: path.clone(),
            reason,
        };
        let unusable = |source| SecretsError::File {
            path: path.clone(),
            source,
        };
        let mut file = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(damaged)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => File {
                webhook: make(random),
                tokens: make(random),
                daemons: None,
            },
            Err(error) => return Err(unusable(error)),
        };
        let daemons = if let Some(key) = &file.daemons {
            key.clone()
        } else {
            let key = make(random);
            file.daemons = Some(key.clone());
            let bytes = serde_json::to_vec_pretty(&file).map_err(damaged)?;
            write_private(&path, &bytes).map_err(unusable)?;
            key
        };
        Ok(Self {
            webhook: file.webhook.into(),
            tokens: file.tokens.into(),
            daemons: daemons.into(),
        })
    }
}

/// A secret of 32 random bytes, in hexadecimal.
pub(crate) fn make(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    HEXLOWER.encode(&bytes)
}

/// Writes a file that only its owner may read, whole or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};

    let draft = path.with_extension("new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(draft, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use domain::SystemRandom;
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn they_are_kept_for_their_owner_alone() {
        let state = tempfile::tempdir().unwrap();
        let made = Secrets::keep(state.path(), &SystemRandom).unwrap();
        let kept = Secrets::keep(state.path(), &SystemRandom).unwrap();
        assert_eq!(made.webhook.expose_secret(), kept.webhook.expose_secret());
        let file = state.path().join("secrets.json").metadata().unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_named_with_what_to_do() {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().join("secrets.json");
        for damaged in ["{broken", "", "{\"webhook\": 1}"] {
            fs::write(&path, damaged).unwrap();
            let error = Secrets::keep(state.path(), &SystemRandom).unwrap_err();
            let said = error.to_string();
            assert!(said.starts_with(&path.display().to_string()), "{said}");
            assert!(said.contains("Delete it"), "{said}");
        }
    }
}
