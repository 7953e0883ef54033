//! Headers on their way to the provider and back.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, FORWARDED, HOST,
        PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING,
        UPGRADE, VIA,
    },
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{Credential, Wire};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const BETA: HeaderName = HeaderName::from_static("anthropic-beta");
/// What the provider wants to read beside a subscription's token.
const OAUTH_BETA: &str = "oauth-2025-04-20";
const DEFAULT_VERSION: &str = "2023-06-01";

/// Headers that belong to one connection, or that only the address itself may set. Answers are counted, so they
/// must come unpacked.
const OWN: [HeaderName; 15] = [
    HOST,
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHORIZATION,
    PROXY_AUTHENTICATE,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    VIA,
    FORWARDED,
    CONTENT_LENGTH,
    COOKIE,
    ACCEPT_ENCODING,
];
/// Headers that speak for somebody.
const CREDENTIALS: [HeaderName; 6] = [
    AUTHORIZATION,
    API_KEY,
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-amz-security-token"),
    HeaderName::from_static("x-amz-date"),
];

/// Whether a request carries `token`, in either of the places where programs put theirs.
pub(super) fn carries(headers: &HeaderMap, token: &SecretString) -> bool {
    let key = headers.get(API_KEY).map(HeaderValue::as_bytes);
    let bearer = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let bearer = bearer.and_then(|value| {
        let (scheme, rest) = value.split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then_some(rest)
    });
    let right = token.expose_secret().as_bytes();
    let given = [key, bearer].into_iter().flatten();
    given
        .map(|given| bool::from(given.ct_eq(right)))
        .fold(false, |any, equal| any | equal)
}

/// The headers for the provider: the agent's without what is its own, and the operator's credential. Fails if no
/// header can hold that.
pub(super) fn outgoing(
    mut headers: HeaderMap,
    wire: Wire,
    credential: &Credential,
) -> Option<HeaderMap> {
    drop_connection(&mut headers);
    for name in OWN.iter().chain(&CREDENTIALS) {
        headers.remove(name);
    }
    match credential {
        Credential::Key(key) => headers.insert(API_KEY, sensitive(key.expose_secret())?),
        Credential::Bearer(token) | Credential::OAuth(token) => {
            let value = format!("Bearer {}", token.expose_secret());
            headers.insert(AUTHORIZATION, sensitive(&value)?)
        }
    };
    if wire == Wire::Anthropic {
        headers
            .entry(VERSION)
            .or_insert(HeaderValue::from_static(DEFAULT_VERSION));
    }
    let has = |headers: &HeaderMap| {
        let betas = headers.get_all(BETA).iter();
        let mut betas = betas.filter_map(|value| value.to_str().ok());
        betas.any(|value| value.split(',').any(|word| word.trim() == OAUTH_BETA))
    };
    if matches!(credential, Credential::OAuth(_)) && !has(&headers) {
        headers.append(BETA, HeaderValue::from_static(OAUTH_BETA));
    }
    Some(headers)
}

/// The headers for the agent.
pub(super) fn incoming(mut headers: HeaderMap) -> HeaderMap {
    drop_connection(&mut headers);
    for name in OWN.iter().filter(|name| **name != CONTENT_LENGTH) {
        headers.remove(name);
    }
    headers.remove(SET_COOKIE);
    headers
}

/// Drops what the connection header names, which is for one connection too.
fn drop_connection(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        });
        pairs.collect()
    }

    fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[test]
    fn the_token_is_taken_where_programs_put_it_and_nothing_else_is() {
        let token = SecretString::from("job-token");
        for good in [
            ("x-api-key", "job-token"),
            ("authorization", "Bearer job-token"),
            ("authorization", "bearer job-token"),
        ] {
            assert!(carries(&headers(&[good]), &token), "{good:?}");
        }
        for bad in [
            ("x-api-key", ""),
            ("x-api-key", "job-toke"),
            ("x-api-key", "job-token2"),
            ("authorization", "job-token"),
            ("authorization", "Basic job-token"),
            ("x-other", "job-token"),
        ] {
            assert!(!carries(&headers(&[bad]), &token), "{bad:?}");
        }
    }

    #[test]
    fn the_agents_credentials_and_its_connection_stay_behind() {
        let sent = headers(&[
            ("x-api-key", "job-token"),
            ("authorization", "Bearer job-token"),
            ("cookie", "a=b"),
            ("proxy-authorization", "Basic eA=="),
            ("host", "127.0.0.1:1"),
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
            ("accept-encoding", "gzip, br"),
            ("content-length", "10"),
            ("anthropic-version", "2024-01-01"),
            ("anthropic-beta", "a,b"),
            ("user-agent", "claude-cli/2"),
        ]);
        let key = Credential::Key(SecretString::from("the-key"));
        let out = outgoing(sent, Wire::Anthropic, &key).unwrap();
        let mut names: Vec<_> = out.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "anthropic-beta",
                "anthropic-version",
                "user-agent",
                "x-api-key"
            ]
        );
        assert_eq!(text(&out, "x-api-key"), Some("the-key"));
        assert!(out["x-api-key"].is_sensitive());
        assert_eq!(text(&out, "anthropic-version"), Some("2024-01-01"));
    }

    #[test]
    fn a_bearer_goes_into_its_header_and_a_subscription_says_so_once() {
        let bearer = Credential::Bearer(SecretString::from("t"));
        let out = outgoing(headers(&[("x-api-key", "job")]), Wire::OpenAi, &bearer).unwrap();
        assert_eq!(text(&out, "authorization"), Some("Bearer t"));
        assert_eq!(out.len(), 1);
        let oauth = Credential::OAuth(SecretString::from("t"));
        let betas = |sent: &[(&'static str, &str)]| {
            let out = outgoing(headers(sent), Wire::Anthropic, &oauth).unwrap();
            let all = out.get_all(BETA).iter();
            all.map(|value| value.to_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(betas(&[]), [OAUTH_BETA]);
        assert_eq!(betas(&[("anthropic-beta", "a")]), ["a", OAUTH_BETA]);
        assert_eq!(
            betas(&[("anthropic-beta", "a, oauth-2025-04-20")]),
            ["a, oauth-2025-04-20"]
        );
        let odd = Credential::Key(SecretString::from("two\nlines"));
        assert!(outgoing(HeaderMap::new(), Wire::Anthropic, &odd).is_none());
    }

    #[test]
    fn what_the_provider_says_about_limits_comes_back_and_cookies_do_not() {
        let back = incoming(headers(&[
            ("retry-after", "7"),
            ("anthropic-ratelimit-requests-reset", "2026-01-01T00:00:00Z"),
            ("set-cookie", "a=b"),
            ("transfer-encoding", "chunked"),
            ("content-length", "3"),
        ]));
        assert_eq!(text(&back, "retry-after"), Some("7"));
        assert_eq!(text(&back, "content-length"), Some("3"));
        assert_eq!(back.len(), 3);
    }
}
