//! Where requests may go.

use url::{Host, Url};

use super::address::is_public;

/// Why a destination is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Only `https` leads outside.
    #[error("its scheme is not https")]
    Scheme,
    /// Only port 443 is open outside.
    #[error("its port is not 443")]
    Port,
    /// Credentials never travel in an address.
    #[error("it holds a user name or a password")]
    UserInfo,
    /// It has no host.
    #[error("it has no host")]
    Host,
    /// It leads to an address that is not on the public internet.
    #[error("it leads to an address that is not public")]
    Address,
}

/// How a request travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// To an origin that the operator named.
    Trusted,
    /// To the public internet and nowhere else.
    Public,
}

/// The origins that the operator trusts; everything else must be public.
#[derive(Clone, Debug)]
pub(super) struct Destinations(Vec<url::Origin>);

impl Destinations {
    pub(super) fn new(trusted: &[Url]) -> Self {
        Self(trusted.iter().map(Url::origin).collect())
    }

    /// Decides about `url`. Names are judged again once they are resolved; literal addresses, which
    /// no resolver sees, are judged here.
    pub(super) fn admit(&self, url: &Url) -> Result<Route, Refused> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::UserInfo);
        }
        if self.0.contains(&url.origin()) {
            return Ok(Route::Trusted);
        }
        if url.scheme() != "https" {
            return Err(Refused::Scheme);
        }
        if url.port_or_known_default() != Some(443) {
            return Err(Refused::Port);
        }
        let public = match url.host().ok_or(Refused::Host)? {
            Host::Domain(_) => true,
            Host::Ipv4(address) => is_public(address.into()),
            Host::Ipv6(address) => is_public(address.into()),
        };
        if public {
            Ok(Route::Public)
        } else {
            Err(Refused::Address)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_origins_and_the_public_internet_are_reached() {
        let trusted = [
            "http://127.0.0.1:8788/api",
            "https://ghes.internal:8443/api/v3",
        ];
        let destinations = Destinations::new(&trusted.map(|url| url.parse().unwrap()));
        let cases = [
            ("http://127.0.0.1:8788/any/path?x", Ok(Route::Trusted)),
            ("https://ghes.internal:8443/", Ok(Route::Trusted)),
            ("https://api.github.com/app", Ok(Route::Public)),
            ("https://140.82.112.5/", Ok(Route::Public)),
            ("https://[2606:4700::1111]/", Ok(Route::Public)),
            ("http://127.0.0.1:8789/", Err(Refused::Scheme)),
            ("https://127.0.0.1:8788/", Err(Refused::Port)),
            ("http://localhost:8788/", Err(Refused::Scheme)),
            ("https://ghes.internal:8444/", Err(Refused::Port)),
            ("http://api.github.com/", Err(Refused::Scheme)),
            ("ftp://api.github.com/", Err(Refused::Scheme)),
            ("file:///etc/passwd", Err(Refused::Scheme)),
            ("https://api.github.com:8443/", Err(Refused::Port)),
            ("https://user@api.github.com/", Err(Refused::UserInfo)),
            ("https://:secret@api.github.com/", Err(Refused::UserInfo)),
            ("http://user:x@127.0.0.1:8788/", Err(Refused::UserInfo)),
            (
                "https://169.254.169.254/latest/meta-data",
                Err(Refused::Address),
            ),
            (
                "https://169.254.170.2/v2/credentials",
                Err(Refused::Address),
            ),
            ("https://2130706433/", Err(Refused::Address)),
            ("https://0x7f.1/", Err(Refused::Address)),
            ("https://[::1]/", Err(Refused::Address)),
            ("https://[::ffff:10.0.0.1]/", Err(Refused::Address)),
        ];
        for (url, expected) in cases {
            assert_eq!(destinations.admit(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
