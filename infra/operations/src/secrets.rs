//! Fresh secrets, and signing with one.

use data_encoding::HEXLOWER;
use domain::Random;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// A secret of 256 bits, as text that any header and any shell takes.
pub(crate) fn make(random: &dyn Random) -> SecretString {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    HEXLOWER.encode(&bytes).into()
}

/// The value of `X-Hub-Signature-256`, as GitHub signs a body.
pub(crate) fn sign(secret: &SecretString, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
    mac.update(body);
    Some(format!(
        "sha256={}",
        HEXLOWER.encode(&mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_that_github_documents() {
        let secret = SecretString::from("It's a Secret to Everybody");
        assert_eq!(
            sign(&secret, b"Hello, World!").unwrap(),
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }

    #[test]
    fn secrets_are_long_and_differ() {
        let [one, other] = [(); 2].map(|()| make(&domain::SystemRandom));
        assert_eq!(one.expose_secret().len(), 64);
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}
