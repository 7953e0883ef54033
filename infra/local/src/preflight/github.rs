//! Whether a real GitHub takes the settings: before anything starts, so that a wrong key is not found out by
//! the first person who asks for work.

use std::{error::Error, fmt};

use domain::{Clock, Login, SharedClock};
use egress::{HttpClient, HttpError, HttpSettings, Request};
use github::{GitHub, GitHubError, GitHubSettings, GitHubWithToken, Lack, Obstacle, Registration};
use http::Method;
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use secrecy::SecretString;
use url::Url;

/// Tokens are made out for a minute ago, so a clock may be ahead by less.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// The settings that are looked at.
#[derive(Clone, Debug)]
pub(crate) struct Claims<'a> {
    /// The base of the REST API.
    pub(crate) api: &'a Url,
    /// The app's id.
    pub(crate) app_id: &'a str,
    /// The app's key.
    pub(crate) private_key: &'a SecretString,
    /// The owners whose repositories may be worked on.
    pub(crate) owners: Vec<&'a str>,
    /// The operator's token for git, if there is one.
    pub(crate) token: Option<&'a SecretString>,
}

/// A setting that GitHub does not take, in words for the person who started the stack.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClaimsError {
    /// Nobody answers there.
    #[error(
        "GitHub's API at {api} cannot be reached: {cause}. Look at the address and at this machine's network."
    )]
    Unreachable {
        /// The address.
        api: Url,
        /// What the system said.
        cause: String,
    },
    /// Somebody answers, but it is no API.
    #[error(
        "{api} is not the base of GitHub's API: it knows no /app. Write https://api.github.com, or https://HOST/api/v3 for a GitHub Enterprise Server."
    )]
    NotTheApi {
        /// The address.
        api: Url,
    },
    /// The key is none.
    #[error(
        "GITHUB_APP_PRIVATE_KEY: {0}. Set it to the text of the .pem file that the app's page on GitHub gave you."
    )]
    Key(github::KeyError),
    /// GitHub does not know the app by this id and key.
    #[error(
        "{api} does not accept GITHUB_APP_ID {app_id} with GITHUB_APP_PRIVATE_KEY. Compare both with the app's page on GitHub; a key that was deleted there is worth nothing."
    )]
    NotAccepted {
        /// The address.
        api: Url,
        /// The id.
        app_id: String,
    },
    /// The app is registered with too little.
    #[error("the app {slug} lacks {}. Add it at {page} (App settings, Permissions & events); every installation then has to accept it.", named(.lacks))]
    Lacking {
        /// The app.
        slug: String,
        /// Its page.
        page: String,
        /// What is missing.
        lacks: Vec<Lack>,
    },
    /// GitHub does not take the operator's token.
    #[error(
        "{api} does not accept SWITCHYARD_GITHUB_TOKEN. Set it to a token that is still good there, or unset it, so that daemons get tokens of the app."
    )]
    TokenNotAccepted {
        /// The address.
        api: Url,
    },
    /// The operator's token does not see the owner it is for.
    #[error(
        "{api} shows SWITCHYARD_GITHUB_TOKEN no account {owner}. Name its owner with --owners, or unset it, so that daemons get tokens of the app."
    )]
    OwnerUnknown {
        /// The address.
        api: Url,
        /// The owner.
        owner: String,
    },
    /// The question could not be asked.
    #[error("GitHub's API at {api} could not be asked: {reason}")]
    Unasked {
        /// The address.
        api: Url,
        /// Why.
        reason: String,
    },
}

/// Something that may be meant, but will surprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Warning {
    /// GitHub answers, but not this question now.
    Unwell(String),
    /// This machine's clock differs from GitHub's.
    Clock(SignedDuration),
    /// An owner for whom the app does not work.
    Obstacle(Obstacle),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unwell(reason) => write!(
                f,
                "GitHub could not be asked about the settings: {reason}. It is asked again when somebody asks for work"
            ),
            Self::Clock(skew) if skew.is_negative() => write!(
                f,
                "this machine's clock is {} s behind GitHub's; set it",
                -skew.as_secs()
            ),
            Self::Clock(skew) => write!(
                f,
                "this machine's clock is {} s ahead of GitHub's; set it",
                skew.as_secs()
            ),
            Self::Obstacle(obstacle) => write!(f, "{obstacle}; {}", obstacle.remedy()),
        }
    }
}

/// Asks GitHub whether it takes the settings. Gives what is worth a word all the same.
pub(crate) async fn check(
    claims: &Claims<'_>,
    clock: SharedClock,
) -> Result<Vec<Warning>, ClaimsError> {
    let unasked = |reason: String| ClaimsError::Unasked {
        api: claims.api.clone(),
        reason,
    };
    let settings = HttpSettings::new(vec![claims.api.clone()]);
    let http = HttpClient::new(&settings).map_err(|error| unasked(chain(&error)))?;
    let app = GitHub::new(
        http.clone(),
        GitHubSettings {
            api: claims.api.clone(),
            app_id: claims.app_id.to_owned(),
            private_key: claims.private_key.clone(),
        },
        clock.clone(),
    )
    .map_err(ClaimsError::Key)?;
    let mut warnings = Vec::new();
    warnings.extend(skew(claims, &http, &*clock).await?);
    let registration = match app.registration().await {
        Ok(registration) => registration,
        Err(error) => {
            warnings.push(refusal(claims, error)?);
            return Ok(warnings);
        }
    };
    complete(&registration)?;
    warnings.extend(token_refusal(claims, &http, clock).await?);
    warnings.extend(obstacles(claims, &app, &registration).await);
    Ok(warnings)
}

/// What GitHub's clock says, which any answer of its tells.
async fn skew(
    claims: &Claims<'_>,
    http: &HttpClient,
    clock: &dyn Clock,
) -> Result<Option<Warning>, ClaimsError> {
    let answer = http
        .send(Request::new(Method::GET, claims.api.clone()))
        .await;
    let answer = answer.map_err(|error| ClaimsError::Unreachable {
        api: claims.api.clone(),
        cause: match &error {
            HttpError::TimedOut => "there is no answer in time".to_owned(),
            HttpError::Unreachable(cause) | HttpError::Broken(cause) => root(cause),
            _ => chain(&error),
        },
    })?;
    let theirs = answer.header("date").and_then(when);
    let skew = theirs.map(|theirs| clock.now().duration_since(theirs));
    Ok(skew.filter(|skew| skew.abs() > SKEW).map(Warning::Clock))
}

/// What a refusal means: a setting that is wrong, or merely a bad day of GitHub's.
fn refusal(claims: &Claims<'_>, error: GitHubError) -> Result<Warning, ClaimsError> {
    let api = claims.api.clone();
    match error {
        GitHubError::NotFound => Err(ClaimsError::NotTheApi { api }),
        GitHubError::Unauthorized | GitHubError::Misconfigured { .. } | GitHubError::Forbidden => {
            Err(ClaimsError::NotAccepted {
                api,
                app_id: claims.app_id.to_owned(),
            })
        }
        GitHubError::RateLimited { .. } | GitHubError::Unavailable { .. } => {
            Ok(Warning::Unwell(error.to_string()))
        }
        other => Err(ClaimsError::Unasked {
            api,
            reason: other.to_string(),
        }),
    }
}

fn complete(registration: &Registration) -> Result<(), ClaimsError> {
    let lacks = registration.lacks();
    if lacks.is_empty() {
        return Ok(());
    }
    Err(ClaimsError::Lacking {
        slug: registration.slug.clone(),
        page: registration.html_url.clone(),
        lacks,
    })
}

/// Whether GitHub takes the operator's token and shows it the owner that it is for.
async fn token_refusal(
    claims: &Claims<'_>,
    http: &HttpClient,
    clock: SharedClock,
) -> Result<Option<Warning>, ClaimsError> {
    let (Some(token), [owner]) = (claims.token, &claims.owners[..]) else {
        return Ok(None);
    };
    let api = claims.api.clone();
    let unknown = |api| ClaimsError::OwnerUnknown {
        api,
        owner: (*owner).to_owned(),
    };
    let Ok(login) = owner.parse::<Login>() else {
        return Err(unknown(api));
    };
    let github = GitHubWithToken::new(http.clone(), api.clone(), token.clone(), clock);
    match github.account_id(&login).await {
        Ok(_) => Ok(None),
        Err(GitHubError::Unauthorized | GitHubError::Forbidden) => {
            Err(ClaimsError::TokenNotAccepted { api })
        }
        Err(GitHubError::NotFound) => Err(unknown(api)),
        Err(error) => refusal(claims, error).map(Some),
    }
}

/// The owners for whom the app does not work. What cannot be asked now is not warned about.
async fn obstacles(claims: &Claims<'_>, app: &GitHub, registration: &Registration) -> Vec<Warning> {
    let Ok(installations) = app.installations().await else {
        return Vec::new();
    };
    let owners = claims.owners.iter();
    let found = owners.filter_map(|owner| installations.obstacle(owner, registration));
    found.map(Warning::Obstacle).collect()
}

fn named(all: &[Lack]) -> String {
    let texts: Vec<String> = all.iter().map(Lack::to_string).collect();
    texts.join(", ")
}

/// A `Date` header.
fn when(text: &str) -> Option<Timestamp> {
    rfc2822::parse(text).ok().map(|time| time.timestamp())
}

/// An error with its causes.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error: &&dyn Error| (*error).source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// The cause below all others, which is what the system said.
fn root(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error: &&dyn Error| (*error).source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests;
