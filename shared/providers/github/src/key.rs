//! The app's private key.

use std::fmt;

use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};

/// The private key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not a PEM document with a private key in it.
    #[error("it is not a private key in PEM form")]
    NotPem,
    /// It is a private key, but no RSA key of 2,048 bits or more.
    #[error("it is not an RSA key of at least 2048 bits")]
    NotRsa,
}

/// An RSA key that signs.
pub(crate) struct SigningKey(RsaKeyPair);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} bits)", self.0.public().modulus_len() * 8)
    }
}

impl SigningKey {
    /// Reads PKCS#1 or PKCS#8. Where a setting holds `\n` in place of line ends, as environments that
    /// take one line only make people write it, they are put back.
    pub(crate) fn read(pem: &SecretString) -> Result<Self, KeyError> {
        let text = pem.expose_secret();
        let text = if text.contains('\n') {
            text.into()
        } else {
            text.replace("\\n", "\n")
        };
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| KeyError::NotPem)?;
        let pair = match &key {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            _ => return Err(KeyError::NotRsa),
        };
        pair.map(Self).map_err(|_| KeyError::NotRsa)
    }

    /// The RS256 signature of `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .map_err(|_| KeyError::NotRsa)?;
        Ok(signature)
    }

    #[cfg(test)]
    pub(crate) fn public(&self) -> Vec<u8> {
        self.0.public().as_ref().to_vec()
    }
}
