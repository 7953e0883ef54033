//! The app and the address at which the simulation is.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// What every answer and every payload may mention.
#[derive(Debug)]
pub(crate) struct Site {
    /// Base of all URLs, without a slash at the end.
    pub(crate) base: String,
    pub(crate) app_id: u64,
    pub(crate) client_id: String,
    pub(crate) slug: String,
    /// What the registration says, which a manifest may say anew.
    pub(crate) registration: Mutex<Registration>,
    /// Whether the app has an address for webhooks.
    pub(crate) active: AtomicBool,
}

/// The part of the app's registration that can change while the simulation runs.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) name: String,
    pub(crate) permissions: BTreeMap<String, String>,
    pub(crate) events: Vec<String>,
    /// What every installation has, while nobody has accepted what the registration asks for since.
    pub(crate) accepted: Option<Grant>,
}

/// What an app may do somewhere, and what it is told of there.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) permissions: BTreeMap<String, String>,
    pub(crate) events: Vec<String>,
}

impl Registration {
    /// What the registration asks for.
    fn asked(&self) -> Grant {
        Grant {
            permissions: self.permissions.clone(),
            events: self.events.clone(),
        }
    }
}

impl Site {
    /// The registration as it is now.
    pub(crate) fn registration(&self) -> Registration {
        let registration = self.registration.lock();
        registration.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What installations have accepted.
    pub(crate) fn accepted(&self) -> Grant {
        let registration = self.registration();
        let asked = registration.asked();
        registration.accepted.unwrap_or(asked)
    }

    /// Changes what the registration asks for. Installations keep what they have.
    pub(crate) fn ask_for(&self, grant: Grant) {
        let mut registration = self
            .registration
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = registration.asked();
        registration.accepted.get_or_insert(before);
        (registration.permissions, registration.events) = (grant.permissions, grant.events);
    }

    /// Whether what happens now is sent to the app.
    pub(crate) fn hook_is_active(&self) -> bool {
        self.active.load(Ordering::SeqCst)
    }

    /// Login of the app's own account.
    pub(crate) fn bot_login(&self) -> String {
        format!("{}[bot]", self.slug)
    }

    /// Base of the REST API, without a slash at the end.
    pub(crate) fn api(&self) -> String {
        format!("{}/api/v3", self.base)
    }
}
