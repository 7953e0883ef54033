//! The two signatures of a webhook's body.

use data_encoding::HEXLOWER;
use ring::hmac::{self, Algorithm, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, Key};

/// The value of `X-Hub-Signature-256` for the exact bytes of a body.
pub fn sign_sha256(secret: &[u8], body: &[u8]) -> String {
    format!("sha256={}", hex(HMAC_SHA256, secret, body))
}

/// The value of the older `X-Hub-Signature` for the exact bytes of a body.
pub fn sign_sha1(secret: &[u8], body: &[u8]) -> String {
    format!("sha1={}", hex(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret, body))
}

fn hex(algorithm: Algorithm, secret: &[u8], body: &[u8]) -> String {
    HEXLOWER.encode(hmac::sign(&Key::new(algorithm, secret), body).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_hold() {
        let (secret, body) = (
            b"It's a Secret to Everybody".as_slice(),
            b"Hello, World!".as_slice(),
        );
        assert_eq!(
            sign_sha256(secret, body),
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
        assert_eq!(
            sign_sha1(secret, body),
            "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59"
        );
    }
}
