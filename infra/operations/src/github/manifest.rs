//! What GitHub is asked to register.

use github::{EVENTS, PERMISSIONS};
use serde::Serialize;
use url::Url;

/// The longest name that GitHub takes.
const NAME_LIMIT: usize = 34;

/// The manifest of the app, as GitHub reads it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Manifest {
    name: String,
    url: String,
    hook_attributes: Hook,
    redirect_url: String,
    description: &'static str,
    public: bool,
    #[serde(serialize_with = "as_map")]
    default_permissions: [(&'static str, &'static str); 4],
    default_events: [&'static str; 3],
}

#[derive(Clone, Debug, Serialize)]
struct Hook {
    url: String,
    active: bool,
}

impl Manifest {
    /// A private app called `name`, whose webhooks go to `webhook`; the browser returns to `back`.
    pub(crate) fn new(name: &str, home: &Url, webhook: &Url, back: &str) -> Self {
        Self {
            name: name.to_owned(),
            url: home.to_string(),
            hook_attributes: Hook {
                url: webhook.to_string(),
                active: true,
            },
            redirect_url: back.to_owned(),
            description: "Lets coding agents work on issues, and shows how they get on.",
            public: false,
            default_permissions: PERMISSIONS,
            default_events: EVENTS,
        }
    }

    /// The usual name: whom the app works for and the stage, as much of it as GitHub takes.
    pub(crate) fn usual_name(owner: &str, stage: &str) -> String {
        let room = NAME_LIMIT.saturating_sub("switchyard--".len() + stage.len());
        let owner: String = owner.chars().take(room).collect();
        format!("switchyard-{}-{stage}", owner.trim_end_matches('-'))
    }
}

fn as_map<S: serde::Serializer>(
    pairs: &[(&'static str, &'static str); 4],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_and_keeps_the_stage() {
        assert_eq!(Manifest::usual_name("acme", "dev"), "switchyard-acme-dev");
        let long = Manifest::usual_name("an-organisation-with-a-long-name", "staging");
        assert_eq!(long, "switchyard-an-organisation-staging");
        assert_eq!(long.len(), NAME_LIMIT);
    }
}
