//! `GET /v1/version`

use axum::Json;
use public::v1::{ApiVersion, Version};

/// The commit that this was built from, if whoever built it said so.
const COMMIT: Option<&str> = option_env!("SWITCHYARD_COMMIT");

/// Says which Switchyard answers.
pub(super) async fn version() -> Json<Version> {
    Json(Version {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: COMMIT.filter(|text| is_commit(text)).map(str::to_owned),
        apis: vec![ApiVersion::V1],
    })
}

/// Whether a text is the full name of a commit and nothing that tells of the machine it was built on.
fn is_commit(text: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 40 && text.bytes().all(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_commit_is_told() {
        assert!(is_commit("0123456789abcdef0123456789abcdef01234567"));
        for other in ["", "0123456", "/home/ada", &"g".repeat(40), &"A".repeat(40)] {
            assert!(!is_commit(other), "{other}");
        }
    }
}
