//! Addresses of AWS at the emulator.

use anyhow::{Context as _, Result};
use url::Url;

/// Where the emulator at `base` serves what AWS would serve at the function URL `url`.
pub(crate) fn at(base: &Url, url: &str) -> Result<Url> {
    let url: Url = url.parse().with_context(|| format!("{url:?}"))?;
    let host = url.host_str().unwrap_or_default();
    let (id, _) = host
        .split_once(".lambda-url.")
        .with_context(|| format!("{url} is no function's URL"))?;
    Ok(base.join(&format!("_aws/lambda-url/{id}{}", url.path()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_functions_url_is_found_by_its_id() {
        let base = "https://127.0.0.1:4566/".parse().unwrap();
        let url = "https://abc.lambda-url.us-east-1.on.aws/webhooks/github";
        assert_eq!(
            at(&base, url).unwrap().as_str(),
            "https://127.0.0.1:4566/_aws/lambda-url/abc/webhooks/github"
        );
        assert!(at(&base, "https://example.com/").is_err());
        assert!(at(&base, "nothing").is_err());
    }
}
