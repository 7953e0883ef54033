//! TLS by rustls with ring.

/// Makes ring the cryptography of every TLS connection of this process that names none itself.
/// [`crate::HttpClient::new`] does it too; calling it again changes nothing.
pub fn install() {
    // The error says that a provider is installed already, which is what is wanted.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
}
