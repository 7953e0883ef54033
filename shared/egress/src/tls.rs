//! TLS by rustls with ring.

use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt;

/// Makes ring the cryptography of every TLS connection of this process that names none itself.
/// [`crate::HttpClient::new`] does it too; calling it again changes nothing.
pub fn install() {
    // The error says that a provider is installed already, which is what is wanted.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
}

/// What clients of one process share: reading the machine's trusted authorities takes longer than anything else that
/// making a client does.
pub(crate) fn client_config() -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::with_platform_verifier()?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
