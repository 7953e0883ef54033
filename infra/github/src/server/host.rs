//! By which names the simulation may be asked. A site in a browser can let a name of its own lead to this machine, and would then read
//! and act here as if it were the simulation's own page; but it cannot change which name the browser says it asks.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::HOST;
use http::uri::Authority;
use http::{HeaderValue, StatusCode};
use url::Url;

use crate::hub::Hub;

/// Refuses what was meant for another site.
pub(super) async fn meant(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let header = request.headers().get(HOST).map(HeaderValue::as_bytes);
    // Only programs ask without a name.
    let asked = header.or_else(|| Some(request.uri().authority()?.as_str().as_bytes()));
    if asked.is_some_and(|asked| !is_own(asked, &hub.site.base)) {
        let said = "the simulated GitHub is asked by a name that is not its own";
        return (StatusCode::MISDIRECTED_REQUEST, said).into_response();
    }
    next.run(request).await
}

/// Whether a `Host` names this machine or the site at `base`, on whatever port. A browser shows an address only to pages that came from
/// there, so whoever asks by one means it.
fn is_own(asked: &[u8], base: &str) -> bool {
    let Ok(asked) = Authority::try_from(asked) else {
        return false;
    };
    let site = Url::parse(base).ok();
    let site = site.as_ref().and_then(Url::host_str);
    let own = ["localhost"].into_iter().chain(site);
    is_address(asked.host())
        || own
            .into_iter()
            .any(|own| own.eq_ignore_ascii_case(asked.host()))
}

fn is_address(host: &str) -> bool {
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<Ipv4Addr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_this_machine_and_the_sites_own_name_are_meant_and_others_are_not() {
        let base = "https://github.example.org";
        for own in [
            "127.0.0.1:8788",
            "127.0.0.1",
            "127.3.2.1:1",
            "[::1]:8788",
            "192.168.1.7:8788",
            "localhost",
            "LocalHost:8788",
            "github.example.org",
            "GitHub.example.org:443",
        ] {
            assert!(is_own(own.as_bytes(), base), "{own}");
        }
        for other in [
            "attacker.example:8788",
            "localhost.attacker.example",
            "127.0.0.1.attacker.example",
            "example.org",
            "a@b@c",
            "",
        ] {
            assert!(!is_own(other.as_bytes(), base), "{other}");
        }
        assert!(!is_own(b"github.example.org", "http://127.0.0.1:8788"));
    }
}
