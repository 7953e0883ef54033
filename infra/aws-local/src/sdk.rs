//! How the SDK's own clients reach the endpoints.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder;

use crate::REGION;

/// What every AWS client needs to speak to the endpoints at `url` that let everybody in: credentials `test`, the region
/// [`REGION`], and plain HTTP. S3 clients use path style by themselves when `url` holds an IP address;
/// with a host name set `force_path_style`.
pub fn sdk_config(url: &str) -> SdkConfig {
    sdk_config_as(url, "test")
}

/// As [`sdk_config`], calling as `caller`, which is the name the call is recorded under
/// (see [`crate::Call::caller`]). It is used as the access key, so keep to letters, digits and `-`.
pub fn sdk_config_as(url: &str, caller: &str) -> SdkConfig {
    config(url, caller, None)
}

/// The same, with a session token.
pub(crate) fn config(url: &str, caller: &str, token: Option<String>) -> SdkConfig {
    let credentials = Credentials::new(caller, "test", token, None, "switchyard-aws-local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().build_http())
        .endpoint_url(url)
        .build()
}
