//! Signatures: the published vectors, and everything that is nearly one.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use bytes::Bytes;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use secrecy::SecretString;
use sha2::Sha256;
use switchyard_ingress::github::{SignatureFault, VerifyError, verify};

const SECRET: &str = "It's a Secret to Everybody";
const PUBLISHED: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

fn secrets(all: &[&str]) -> Vec<SecretString> {
    all.iter()
        .map(|secret| SecretString::from(*secret))
        .collect()
}

fn sign(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .unwrap()
        .chain_update(body);
    format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn delivered(signature: &str) -> HeaderMap {
    headers(&[
        ("x-hub-signature-256", signature),
        ("content-type", "application/json"),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("x-github-event", "issue_comment"),
    ])
}

fn fault(headers: &HeaderMap, body: &'static [u8]) -> SignatureFault {
    match verify(&secrets(&[SECRET]), headers, &Bytes::from_static(body)) {
        Err(VerifyError::Signature(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_published_vectors_hold() {
    let body = Bytes::from_static(b"Hello, World!");
    let verified = verify(&secrets(&[SECRET]), &delivered(PUBLISHED), &body).unwrap();
    assert_eq!(*verified.document(), body);
    assert_eq!(verified.event(), "issue_comment");
    assert_eq!(
        verified.delivery().as_str(),
        "72d3162e-cc78-11e3-81ab-4c9367dc0958"
    );

    // The same scheme and secret as another vendor publishes them, over a body without the comma.
    let other = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";
    let body = Bytes::from_static(b"Hello World!");
    assert!(verify(&secrets(&[SECRET]), &delivered(other), &body).is_ok());
}

#[test]
fn either_of_two_secrets_verifies_and_no_third() {
    let body = Bytes::from_static(b"{}");
    let signed = delivered(&sign("new", b"{}"));
    for all in [&["new", "old"][..], &["old", "new"], &["new"]] {
        assert!(verify(&secrets(all), &signed, &body).is_ok(), "{all:?}");
    }
    for all in [&["old"][..], &[], &["", ""]] {
        let refused = verify(&secrets(all), &signed, &body);
        assert_eq!(refused, Err(SignatureFault::Mismatch.into()), "{all:?}");
    }
}

#[test]
fn an_empty_secret_verifies_nothing() {
    let signed = delivered(&sign("", b"{}"));
    let refused = verify(&secrets(&["", "real"]), &signed, &Bytes::from_static(b"{}"));
    assert_eq!(refused, Err(SignatureFault::Mismatch.into()));
}

#[test]
fn anything_but_one_well_formed_signature_is_refused() {
    let body = b"Hello, World!";
    let hex = PUBLISHED.strip_prefix("sha256=").unwrap();
    let shapes = [
        "",
        "sha256=",
        hex,
        &PUBLISHED[..PUBLISHED.len() - 1],
        &PUBLISHED[..PUBLISHED.len() - 2],
        &format!("{PUBLISHED}0"),
        &format!("{PUBLISHED}00"),
        &format!("sha256={}", hex.to_uppercase()),
        &format!("SHA256={hex}"),
        &format!("sha1={hex}"),
        &format!("sha256= {hex}"),
        &format!("sha256={}", "g".repeat(64)),
        "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59",
    ];
    for shape in shapes {
        assert_eq!(
            fault(&delivered(shape), body),
            SignatureFault::Shape,
            "{shape:?}"
        );
    }
    let joined = format!("{PUBLISHED},{PUBLISHED}");
    assert_eq!(fault(&delivered(&joined), body), SignatureFault::Many);
    let mut twice = delivered(PUBLISHED);
    twice.append("x-hub-signature-256", HeaderValue::from_static(PUBLISHED));
    assert_eq!(fault(&twice, body), SignatureFault::Many);
    let mut other = delivered(PUBLISHED);
    other.remove("x-hub-signature-256");
    assert_eq!(fault(&other, body), SignatureFault::Missing);
    // The header of another vendor, and of GitHub's older scheme, proves nothing here.
    other.append("x-hub-signature", HeaderValue::from_static(PUBLISHED));
    assert_eq!(fault(&other, body), SignatureFault::Missing);
}

#[test]
fn the_signature_is_looked_at_before_everything_else() {
    let nothing = HeaderMap::new();
    assert_eq!(fault(&nothing, b"{}"), SignatureFault::Missing);
    let mut encoded = delivered(PUBLISHED);
    encoded.insert("content-encoding", HeaderValue::from_static("gzip"));
    encoded.insert("content-type", HeaderValue::from_static("text/plain"));
    assert_eq!(fault(&encoded, b"other"), SignatureFault::Mismatch);
}

#[test]
fn only_plain_json_and_forms_are_taken() {
    let check = |name: &'static str, value: Option<&'static str>| {
        let mut all = delivered(PUBLISHED);
        all.remove(name);
        if let Some(value) = value {
            all.append(name, HeaderValue::from_static(value));
        }
        verify(
            &secrets(&[SECRET]),
            &all,
            &Bytes::from_static(b"Hello, World!"),
        )
    };
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        assert!(check("content-type", Some(kind)).is_ok(), "{kind}");
    }
    for kind in [
        None,
        Some("text/json"),
        Some("application/jsonx"),
        Some("multipart/form-data"),
    ] {
        assert_eq!(
            check("content-type", kind),
            Err(VerifyError::ContentType),
            "{kind:?}"
        );
    }
    let form = check("content-type", Some("application/x-www-form-urlencoded"));
    assert_eq!(form, Err(VerifyError::Form));
    assert!(check("content-encoding", Some("identity")).is_ok());
    for encoding in ["gzip", "br", "identity, gzip", ""] {
        let refused = check("content-encoding", Some(encoding));
        assert_eq!(refused, Err(VerifyError::ContentEncoding), "{encoding}");
    }
}

#[test]
fn the_headers_of_a_delivery_are_required_once() {
    for name in ["x-github-delivery", "x-github-event"] {
        let expected = Err(VerifyError::Header { name });
        let body = Bytes::from_static(b"Hello, World!");
        let mut all = delivered(PUBLISHED);
        all.append(name, HeaderValue::from_static("again"));
        assert_eq!(verify(&secrets(&[SECRET]), &all, &body), expected);
        for bad in ["", "a b", "a#b", "\u{e9}", &"x".repeat(101)] {
            all.insert(name, HeaderValue::from_bytes(bad.as_bytes()).unwrap());
            assert_eq!(
                verify(&secrets(&[SECRET]), &all, &body),
                expected,
                "{bad:?}"
            );
        }
        all.remove(name);
        assert_eq!(verify(&secrets(&[SECRET]), &all, &body), expected);
    }
}

#[test]
fn the_document_inside_a_form_is_delivered() {
    let body = b"payload=%7B%22title%22%3A%22caf%C3%A9+%2B%22%7D";
    let mut all = delivered(&sign(SECRET, body));
    all.insert(
        "content-type",
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    let verified = verify(&secrets(&[SECRET]), &all, &Bytes::from_static(body)).unwrap();
    assert_eq!(verified.document(), "{\"title\":\"café +\"}".as_bytes());
}

proptest! {
    #[test]
    fn any_changed_byte_breaks_the_signature(
        body in proptest::collection::vec(any::<u8>(), 1..300),
        place: prop::sample::Index,
        change in 1_u8..,
    ) {
        let signed = delivered(&sign(SECRET, &body));
        let secrets = secrets(&[SECRET]);
        prop_assert!(verify(&secrets, &signed, &Bytes::from(body.clone())).is_ok());
        let mut changed = body;
        let place = place.index(changed.len());
        changed[place] ^= change;
        let refused = verify(&secrets, &signed, &Bytes::from(changed));
        prop_assert_eq!(refused, Err(SignatureFault::Mismatch.into()));
    }

    #[test]
    fn no_header_makes_it_fall_over(value in proptest::collection::vec(32_u8..=255, 0..200)) {
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            let mut all = delivered(PUBLISHED);
            all.insert("x-hub-signature-256", value);
            prop_assert!(verify(&secrets(&[SECRET]), &all, &Bytes::new()).is_err());
        }
    }
}
