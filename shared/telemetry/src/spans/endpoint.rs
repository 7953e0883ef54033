//! Where spans go.

use std::{collections::HashMap, hash::BuildHasher};

use opentelemetry_http::Request;

const ALL_SIGNALS: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

/// The address of a collector that takes OTLP over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(String);

/// The address is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not an http or https address")]
pub struct WrongEndpoint(pub &'static str);

impl Endpoint {
    /// The endpoint that the standard variables name: the one for traces as it is, or the one for all signals
    /// with the path for traces. An empty one counts as missing.
    pub fn from_vars(
        vars: &HashMap<String, String, impl BuildHasher>,
    ) -> Result<Option<Self>, WrongEndpoint> {
        let of = |name| {
            let text = vars.get(name).map(|text| text.trim());
            text.filter(|text| !text.is_empty())
        };
        let (name, address) = match (of(TRACES), of(ALL_SIGNALS)) {
            (Some(address), _) => (TRACES, address.to_owned()),
            (None, Some(base)) => {
                let base = base.trim_end_matches('/');
                (ALL_SIGNALS, format!("{base}/v1/traces"))
            }
            (None, None) => return Ok(None),
        };
        // Whatever makes no request is no address.
        let request = Request::post(&address).body(());
        let usable = request.is_ok_and(|request| {
            let uri = request.uri();
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
        });
        if usable {
            Ok(Some(Self(address)))
        } else {
            Err(WrongEndpoint(name))
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
