//! Addresses of AWS at the emulator.

use anyhow::{Context as _, Result};
use url::Url;

/// The names of services in host names that the emulator serves under a path of its own, too.
const SERVICES: [&str; 2] = ["lambda-url", "execute-api"];

/// Where the emulator at `base` serves what AWS would serve at `url`, which is of a function or of an HTTP API.
pub(crate) fn at(base: &Url, url: &str) -> Result<Url> {
    let url: Url = url.parse().with_context(|| format!("{url:?}"))?;
    let mut labels = url.host_str().unwrap_or_default().split('.');
    let (id, service) = (labels.next(), labels.next());
    let (id, service) = id
        .zip(service)
        .filter(|(_, service)| SERVICES.contains(service))
        .with_context(|| format!("{url} is neither a function's URL nor an HTTP API's"))?;
    Ok(base.join(&format!("_aws/{service}/{id}{}", url.path()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_by_its_id() {
        let base = "https://127.0.0.1:4566/".parse().unwrap();
        for (url, found) in [
            (
                "https://abc.lambda-url.us-east-1.on.aws/webhooks/github",
                "_aws/lambda-url/abc/webhooks/github",
            ),
            (
                "https://0a1b2c3d.execute-api.localhost:4566",
                "_aws/execute-api/0a1b2c3d/",
            ),
        ] {
            let expected = format!("https://127.0.0.1:4566/{found}");
            assert_eq!(at(&base, url).unwrap().as_str(), expected);
        }
        assert!(at(&base, "https://example.com/").is_err());
        assert!(at(&base, "nothing").is_err());
    }
}
