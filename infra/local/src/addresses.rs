//! The addresses a person gives, and what is wrong with one that cannot be used.

use url::Url;

/// Where GitHub itself is.
const GITHUB: &str = "https://github.com";
const GITHUB_API: &str = "https://api.github.com";

/// An address that cannot be used, in words for whoever gave it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given_as} {text}: {reason}. {solution}")]
pub(crate) struct WrongAddress {
    given_as: &'static str,
    text: String,
    reason: String,
    solution: String,
}

/// The base of a REST API, from what `--github` says.
pub(crate) fn github_api(text: &str) -> Result<Url, WrongAddress> {
    let wrong = |reason: &str, solution: String| WrongAddress {
        given_as: "--github",
        text: shown(text),
        reason: reason.to_owned(),
        solution,
    };
    let choices = "Write https://api.github.com, https://HOST/api/v3 for a GitHub Enterprise Server, or sim for the simulated GitHub.";
    let url = http(text).map_err(|reason| wrong(&reason, choices.to_owned()))?;
    if url.host_str() == Some("github.com") {
        let solution = format!("Write {GITHUB_API}.");
        return Err(wrong("it is where people look, not the API", solution));
    }
    Ok(url)
}

/// The address of functions in another process, from what `--functions` says.
pub(crate) fn functions(text: &str) -> Result<Url, WrongAddress> {
    http(text).map_err(|reason| WrongAddress {
        given_as: "--functions",
        text: shown(text),
        reason,
        solution:
            "Write mounted, or the address of `cargo lambda watch`, such as http://127.0.0.1:9000."
                .to_owned(),
    })
}

/// The base of clone addresses, from what `GITHUB_GIT_URL` says.
pub(crate) fn git(text: &str) -> Result<Url, WrongAddress> {
    http(text).map_err(|reason| WrongAddress {
        given_as: settings::GITHUB_GIT_URL.name(),
        text: shown(text),
        reason,
        solution: format!(
            "Write {GITHUB}, or https://HOST of a GitHub Enterprise Server, or leave it out."
        ),
    })
}

/// An address of a web server, without credentials.
fn http(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => {
            "an address begins with https:// or http://".to_owned()
        }
        other => format!("it is no address ({other})"),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "an address begins with https:// or http://, not with {}:",
            url.scheme()
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds a user name or password".to_owned());
    }
    Ok(url)
}

/// What was given, without the user and password that it may hold.
fn shown(text: &str) -> String {
    text.rsplit_once('@')
        .map_or_else(|| text.to_owned(), |(_, rest)| format!("…@{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_what_to_do() {
        for (text, reason) in [
            ("api.github.com", "begins with https://"),
            ("localhost:8080", "not with localhost:"),
            ("https://github.com", "not the API"),
            ("https://", "no address"),
            ("ftp://host", "not with ftp:"),
        ] {
            let said = github_api(text).unwrap_err().to_string();
            assert!(said.starts_with(&format!("--github {text}: ")), "{said}");
            assert!(
                said.contains(reason) && said.contains("Write https://api.github.com"),
                "{said}"
            );
        }
        let said = functions("nowhere").unwrap_err().to_string();
        assert!(
            said.contains("--functions nowhere") && said.contains("http://127.0.0.1:9000"),
            "{said}"
        );
        let said = git("https://ada:hunter2@host").unwrap_err().to_string();
        assert!(!said.contains("hunter2"), "{said}");
        assert!(git("github.com").is_err() && functions("http://127.0.0.1:9000").is_ok());
    }
}
