//! The app's token, checked by an independent verification of its signature.

use jiff::{SignedDuration, Timestamp};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::*;
use crate::key::KeyError;

const PKCS1: &str = include_str!("../tests/keys/pkcs1.pem");
const PKCS8: &str = include_str!("../tests/keys/pkcs8.pem");

fn key(pem: &str) -> Result<SigningKey, KeyError> {
    SigningKey::read(&SecretString::from(pem))
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn the_token_is_what_github_asks_for() {
    let tokens = AppTokens::new("12345".to_owned(), key(PKCS1).unwrap());
    let token = tokens.get(at(1_000_000)).unwrap();
    let parts: Vec<&str> = token.expose_secret().split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("{parts:?}")
    };
    assert_eq!(part(header), json!({"alg": "RS256", "typ": "JWT"}));
    assert_eq!(
        part(claims),
        json!({"iat": 999_940, "exp": 1_000_540, "iss": "12345"})
    );

    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key(PKCS8).unwrap().public());
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let signed = format!("{header}.{claims}");
    assert!(public.verify(signed.as_bytes(), &signature).is_ok());
    assert!(
        public
            .verify(format!("{signed}x").as_bytes(), &signature)
            .is_err()
    );
}

#[test]
fn a_token_is_kept_until_a_minute_before_its_end() {
    let tokens = AppTokens::new("1".to_owned(), key(PKCS8).unwrap());
    let get = |second| tokens.get(at(second)).unwrap().expose_secret().to_owned();
    let first = get(1_000_000);
    assert_eq!(get(1_000_479), first);
    let second = get(1_000_480);
    assert_ne!(second, first);
    assert_eq!(get(1_000_481), second);
    // A clock that was set back must not leave a token in use that begins in the future.
    assert_ne!(get(900_000), second);
    assert!(LIFE + BACKDATED <= SignedDuration::from_mins(10));
}

#[test]
fn keys_are_read_in_both_forms_and_on_one_line() {
    let public = key(PKCS1).unwrap().public();
    assert_eq!(key(PKCS8).unwrap().public(), public);
    assert_eq!(key(&PKCS1.replace('\n', "\\n")).unwrap().public(), public);
    assert_eq!(
        format!("{:?}", key(PKCS1).unwrap()),
        "SigningKey(2048 bits)"
    );
}

#[test]
fn other_keys_are_refused() {
    let refused = |pem: &str| key(pem).err();
    for pem in [
        "",
        "key",
        "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n",
    ] {
        assert_eq!(refused(pem), Some(KeyError::NotPem), "{pem}");
    }
    for pem in [
        include_str!("../tests/keys/elliptic.pem"),
        include_str!("../tests/keys/short.pem"),
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ] {
        assert_eq!(refused(pem), Some(KeyError::NotRsa), "{pem}");
    }
}
