//! What must never leave a job.

use std::sync::{Arc, Mutex, PoisonError};

use domain::Redactor;
use secrecy::{ExposeSecret, SecretString};

/// The secrets that are near a job. More come while it is worked on.
#[derive(Debug)]
pub(crate) struct Secrets(Mutex<Known>);

#[derive(Debug)]
struct Known {
    all: Vec<SecretString>,
    redactor: Arc<Redactor>,
}

impl Known {
    fn new(all: Vec<SecretString>) -> Self {
        let redactor = Redactor::knowing(all.iter().map(ExposeSecret::expose_secret));
        Self {
            all,
            redactor: Arc::new(redactor),
        }
    }
}

impl Secrets {
    /// These.
    pub(crate) fn new(all: Vec<SecretString>) -> Self {
        Self(Mutex::new(Known::new(all)))
    }

    /// One more. It may have no shape by which it could be told.
    pub(crate) fn learn(&self, secret: &SecretString) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_this = |one: &SecretString| one.expose_secret() == secret.expose_secret();
        if !known.all.iter().any(is_this) {
            let mut all = std::mem::take(&mut known.all);
            all.push(secret.clone());
            *known = Known::new(all);
        }
    }

    /// All that are known by now.
    pub(crate) fn all(&self) -> Vec<SecretString> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.all.clone()
    }

    /// Finds them, and whatever else looks like a credential.
    pub(crate) fn redactor(&self) -> Arc<Redactor> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.redactor.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_learnt_is_found_from_then_on() {
        let secrets = Secrets::new(vec!["first-secret".into()]);
        let redacted = || secrets.redactor().redact("first-secret later-secret").text;
        assert!(!redacted().contains("first-secret") && redacted().contains("later-secret"));
        for _ in 0..2 {
            secrets.learn(&"later-secret".into());
        }
        assert!(!redacted().contains("later-secret"));
        assert_eq!(secrets.all().len(), 2);
    }
}
