//! Where the app is installed, and what its installations lack.

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;

use crate::{
    GitHub, GitHubError, Lack, Registration, answer, registration::lacks, transport::Call,
};

/// The most installations that are asked for at once, which is GitHub's own limit.
const PAGE: usize = 100;

/// The installations of the app, as far as one question tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installations {
    found: Vec<Installation>,
    /// How the list ends.
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// There are no others.
    Whole,
    /// There may be more.
    Open,
}

/// The app on one account. What was accepted there is what it may do there, whatever its registration asks for since.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Installation {
    account: Option<Account>,
    #[serde(default)]
    html_url: String,
    #[serde(default)]
    suspended_at: Option<String>,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
    #[serde(default)]
    events: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Account {
    login: Option<String>,
}

/// Why the app does not work for an owner. Says it in a sentence; [`Obstacle::remedy`] says what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Nobody there has installed it.
    NotInstalled {
        /// The owner.
        owner: String,
        /// The app's page.
        app: String,
    },
    /// Somebody there has suspended it.
    Suspended {
        /// The owner.
        owner: String,
        /// The installation's page.
        page: String,
    },
    /// It asks for more than was accepted there.
    NotAccepted {
        /// The owner.
        owner: String,
        /// What is not accepted.
        lacks: Vec<Lack>,
        /// The installation's page.
        page: String,
    },
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled { owner, .. } => write!(
                f,
                "the app is not installed for {owner}, so nobody there is heard"
            ),
            Self::Suspended { owner, .. } => {
                write!(f, "{owner} has suspended the app, so nobody there is heard")
            }
            Self::NotAccepted { owner, lacks, .. } => {
                let lacks: Vec<String> = lacks.iter().map(Lack::to_string).collect();
                write!(f, "{owner} has not accepted {}", lacks.join(", "))
            }
        }
    }
}

impl Obstacle {
    /// What an owner of that account can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::NotInstalled { app, .. } => format!("install it at {app}/installations/new"),
            Self::Suspended { page, .. } => format!("unsuspend it at {page}"),
            Self::NotAccepted { page, .. } => format!("accept it at {page}"),
        }
    }
}

impl Installations {
    /// What keeps the app from working for `owner`, beyond what its registration lacks for everybody. An owner of whom the list
    /// does not tell has nothing.
    pub fn obstacle(&self, owner: &str, app: &Registration) -> Option<Obstacle> {
        let owner = owner.to_owned();
        let Some(found) = self.found.iter().find(|one| one.is_of(&owner)) else {
            let app = app.html_url.clone();
            return (self.end == End::Whole).then_some(Obstacle::NotInstalled { owner, app });
        };
        let page = found.html_url.clone();
        if found.suspended_at.is_some() {
            return Some(Obstacle::Suspended { owner, page });
        }
        let of_everybody = app.lacks();
        let mut lacks = lacks(&found.permissions, &found.events);
        lacks.retain(|lack| !of_everybody.contains(lack));
        (!lacks.is_empty()).then_some(Obstacle::NotAccepted { owner, lacks, page })
    }
}

impl Installation {
    fn is_of(&self, owner: &str) -> bool {
        let account = self.account.as_ref();
        let login = account.and_then(|account| account.login.as_deref());
        login.is_some_and(|login| login.eq_ignore_ascii_case(owner))
    }
}

impl GitHub {
    /// The app's installations, as far as one question tells.
    pub async fn installations(&self) -> Result<Installations, GitHubError> {
        let mut url = self.0.transport.url(&["app", "installations"])?;
        url.query_pairs_mut()
            .append_pair("per_page", &PAGE.to_string());
        let found: Vec<Installation> = answer::read(&self.0.as_app(Call::get(url)).await?)?;
        let end = if found.len() < PAGE {
            End::Whole
        } else {
            End::Open
        };
        Ok(Installations { found, end })
    }
}

#[cfg(test)]
#[path = "installations_tests.rs"]
mod tests;
