//! The secrets of a local stack: made on the first start and kept with its state.

use std::{fs, io, path::Path};

use data_encoding::HEXLOWER;
use domain::Random;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// What the functions would find in Parameter Store.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {
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
    /// The secrets kept in `state`, made if there are none yet.
    pub(crate) fn keep(state: &Path, random: &dyn Random) -> io::Result<Self> {
        let path = state.join("secrets.json");
        let mut file = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => File {
                webhook: make(random),
                tokens: make(random),
                daemons: None,
            },
            Err(error) => return Err(error),
        };
        let daemons = if let Some(key) = &file.daemons {
            key.clone()
        } else {
            let key = make(random);
            file.daemons = Some(key.clone());
            write_private(&path, &serde_json::to_vec_pretty(&file)?)?;
            key
        };
        Ok(Self {
            webhook: file.webhook.into(),
            tokens: file.tokens.into(),
            daemons: daemons.into(),
        })
    }
}

fn make(random: &dyn Random) -> String {
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
