//! How fast a delivery is verified and understood, beside the floor of the signature alone.

#![expect(clippy::expect_used, reason = "a bench may fall over, as a test may")]

use bytes::Bytes;
use divan::{Bencher, black_box};
use http::{HeaderMap, HeaderValue};
use ring::hmac;
use secrecy::SecretString;

const SECRET: &str = "It's a Secret to Everybody";
const SAMPLE: &str = include_str!("../../events/github-issue-comment-created.json");
/// Sizes of bodies in KiB: small, usual, large.
const SIZES: [usize; 3] = [1, 8, 100];

fn main() {
    divan::main();
}

fn body(kib: usize) -> Bytes {
    let padding = " ".repeat((kib * 1024).saturating_sub(SAMPLE.len()));
    Bytes::from(format!("{SAMPLE}{padding}"))
}

fn signature(body: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), body)
}

/// The floor: the signature alone, by the library whose assembler is the fastest in the tree.
#[divan::bench(args = SIZES)]
fn floor_signature_alone(bencher: Bencher<'_, '_>, kib: usize) {
    let body = body(kib);
    bencher.bench_local(|| black_box(signature(black_box(&body))));
}

#[divan::bench(args = SIZES)]
fn verify(bencher: Bencher<'_, '_>, kib: usize) {
    let body = body(kib);
    let secrets = [SecretString::from(SECRET)];
    let hex = data_encoding::HEXLOWER.encode(signature(&body).as_ref());
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("x-hub-signature-256", format!("sha256={hex}")),
        (
            "x-github-delivery",
            "72d3162e-cc78-11e3-81ab-4c9367dc0958".to_owned(),
        ),
        ("x-github-event", "issue_comment".to_owned()),
        ("content-type", "application/json".to_owned()),
    ] {
        headers.insert(name, HeaderValue::try_from(value).expect("a header"));
    }
    assert!(
        ingress::github::verify(&secrets, &headers, &body).is_ok(),
        "the sample verifies"
    );
    bencher.bench_local(|| black_box(ingress::github::verify(&secrets, &headers, &body)).is_ok());
}

#[divan::bench(args = SIZES)]
fn parse(bencher: Bencher<'_, '_>, kib: usize) {
    let body = body(kib);
    bencher.bench_local(|| black_box(ingress::github::parse("issue_comment", &body)).is_ok());
}
