//! What follows from the address of the API.

use url::{Host, Url};

/// The API of github.com.
const PUBLIC_API: &str = "api.github.com";
const PUBLIC: &str = "github.com";
/// Where GitHub hosts enterprises of their own; the API is at `api.NAME.ghe.com`.
const HOSTED: &str = ".ghe.com";

/// Where repositories are cloned from, by the address of the API: `https://github.com` for github.com,
/// `https://NAME.ghe.com` for an enterprise there, and the server itself for any other.
pub fn git_address(api: &Url) -> Url {
    let mut git = api.clone();
    git.set_path("");
    git.set_query(None);
    git.set_fragment(None);
    // A host that is a name stays one when its beginning goes.
    let _kept = git.set_host(Some(&web_host(api)));
    git
}

/// What comes after the sign in the addresses that GitHub gives to accounts for their commits.
pub fn commit_host(api: &Url) -> String {
    match api.host() {
        Some(Host::Domain(_)) => format!("users.noreply.{}", web_host(api)),
        // An address in numbers is nobody's domain.
        _ => "users.noreply.localhost".to_owned(),
    }
}

fn web_host(api: &Url) -> String {
    let host = api.host_str().unwrap_or_default();
    if host == PUBLIC_API {
        return PUBLIC.to_owned();
    }
    let hosted = host
        .strip_prefix("api.")
        .filter(|rest| rest.ends_with(HOSTED));
    hosted.unwrap_or(host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_and_commits_follow_the_api() {
        for (api, git, host) in [
            (
                "https://api.github.com",
                "https://github.com/",
                "users.noreply.github.com",
            ),
            (
                "https://api.github.com/",
                "https://github.com/",
                "users.noreply.github.com",
            ),
            (
                "https://ghe.corp.example/api/v3",
                "https://ghe.corp.example/",
                "users.noreply.ghe.corp.example",
            ),
            (
                "https://ghe.corp.example:8443/api/v3/",
                "https://ghe.corp.example:8443/",
                "users.noreply.ghe.corp.example",
            ),
            (
                "https://api.octo.ghe.com",
                "https://octo.ghe.com/",
                "users.noreply.octo.ghe.com",
            ),
            (
                "https://api.other.example/api/v3",
                "https://api.other.example/",
                "users.noreply.api.other.example",
            ),
            (
                "http://127.0.0.1:8081/api/v3",
                "http://127.0.0.1:8081/",
                "users.noreply.localhost",
            ),
            (
                "http://localhost:8081",
                "http://localhost:8081/",
                "users.noreply.localhost",
            ),
        ] {
            let api: Url = api.parse().unwrap();
            assert_eq!(git_address(&api).as_str(), git);
            assert_eq!(commit_host(&api), host);
        }
    }
}
