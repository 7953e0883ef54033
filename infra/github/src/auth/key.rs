//! The app's public key.

use data_encoding::BASE64;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use crate::error::StartError;

/// The public half of the app's RSA key, as DER in PKCS#1 form.
pub(crate) struct AppKey(Vec<u8>);

impl AppKey {
    /// Reads a private or public key; of a private one only the public half is kept.
    pub(crate) fn from_pem(pem: &str) -> Result<Self, StartError> {
        let (label, der) = decode(pem).ok_or(StartError::Key("it is not PEM"))?;
        let public = match label.as_str() {
            "RSA PUBLIC KEY" => der,
            "PUBLIC KEY" => unwrap_spki(&der).ok_or(StartError::Key("it is not RSA"))?,
            "RSA PRIVATE KEY" => public_half(RsaKeyPair::from_der(&der))?,
            "PRIVATE KEY" => public_half(RsaKeyPair::from_pkcs8(&der))?,
            _ => return Err(StartError::Key("its PEM label is not known")),
        };
        Ok(Self(public))
    }

    /// Whether `signature` is an RS256 signature of `message` by this key.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0);
        key.verify(message, signature).is_ok()
    }
}

fn public_half(pair: Result<RsaKeyPair, ring::error::KeyRejected>) -> Result<Vec<u8>, StartError> {
    let pair = pair.map_err(|_| StartError::Key("it is not an RSA key of 2048 to 4096 bits"))?;
    Ok(pair.public_key().as_ref().to_vec())
}

/// The label and the bytes of the first PEM block.
fn decode(pem: &str) -> Option<(String, Vec<u8>)> {
    let after = pem.split_once("-----BEGIN ")?.1;
    let (label, rest) = after.split_once("-----")?;
    let body = rest.split_once("-----END ")?.0;
    let compact: String = body.chars().filter(|one| !one.is_whitespace()).collect();
    Some((label.to_owned(), BASE64.decode(compact.as_bytes()).ok()?))
}

/// The RSA key inside a `SubjectPublicKeyInfo`: a sequence of the algorithm and a bit string.
fn unwrap_spki(der: &[u8]) -> Option<Vec<u8>> {
    let (sequence, _) = element(der, 0x30)?;
    let (_algorithm, rest) = element(sequence, 0x30)?;
    let (bits, _) = element(rest, 0x03)?;
    bits.strip_prefix(&[0]).map(<[u8]>::to_vec)
}

/// The content of the first DER element, which must have this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk::<2>()?;
    if found != tag {
        return None;
    }
    if first < 0x80 {
        return rest.split_at_checked(usize::from(first));
    }
    let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
    let length = length.iter().try_fold(0_usize, |sum, &byte| {
        sum.checked_mul(256)?.checked_add(usize::from(byte))
    })?;
    rest.split_at_checked(length)
}
