//! TLS by rustls with ring.

use std::sync::Arc;

use rustls::{ClientConfig, crypto::ring};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use rustls_platform_verifier::{ConfigVerifierExt, Verifier};

use crate::SetupError;

/// Makes ring the cryptography of every TLS connection of this process that names none itself.
/// [`crate::HttpClient::new`] does it too; calling it again changes nothing.
pub fn install() {
    // The error says that a provider is installed already, which is what is wanted.
    ring::default_provider().install_default().ok();
}

/// What clients of one process share: reading the machine's trusted authorities takes longer than anything else that
/// making a client does.
pub(crate) fn client_config() -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::with_platform_verifier()?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The same, with the authorities in `pem` trusted beside the machine's own.
pub(crate) fn with_authorities(pem: &[u8]) -> Result<ClientConfig, SetupError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let roots = read.map_err(|_| SetupError::Authorities)?;
    if roots.is_empty() {
        return Err(SetupError::Authorities);
    }
    let provider = Arc::new(ring::default_provider());
    let verifier =
        Verifier::new_with_extra_roots(roots, provider.clone()).map_err(SetupError::Tls)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(SetupError::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
