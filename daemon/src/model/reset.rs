//! When a provider's limit is lifted, as its headers say.

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};

/// No limit is believed to last longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);
/// What Anthropic limits, each with headers of its own.
const ANTHROPIC: [&str; 4] = ["requests", "tokens", "input-tokens", "output-tokens"];
/// What `OpenAI` limits, likewise.
const OPEN_AI: [&str; 2] = ["requests", "tokens"];
static HTTP_DATE: DateTimeParser = DateTimeParser::new();

/// From when on trying again can help, by the last of what `headers` name; nothing if they name none.
pub(super) fn retry_at(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let said = retry_after(headers, now);
    let subscription = text(headers, "anthropic-ratelimit-unified-reset")
        .and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok());
    let anthropic = ANTHROPIC.iter().filter_map(|what| {
        let name = |part: &str| format!("anthropic-ratelimit-{what}-{part}");
        used_up(headers, &name("remaining"))?;
        text(headers, &name("reset"))?.parse().ok()
    });
    let open_ai = OPEN_AI.iter().filter_map(|what| {
        used_up(headers, &format!("x-ratelimit-remaining-{what}"))?;
        let left = text(headers, &format!("x-ratelimit-reset-{what}"))?;
        now.checked_add(left.parse::<SignedDuration>().ok()?).ok()
    });
    let all = said.into_iter().chain(subscription);
    let last = all.chain(anthropic).chain(open_ai).max()?;
    (last > now && last.duration_since(now) <= LONGEST).then_some(last)
}

fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let millis = text(headers, "retry-after-ms").and_then(|text| text.parse().ok());
    if let Some(millis) = millis {
        return now.checked_add(SignedDuration::from_millis(millis)).ok();
    }
    let text = text(headers, "retry-after")?;
    if let Ok(seconds) = text.parse::<f64>() {
        let wait = SignedDuration::try_from_secs_f64(seconds).ok()?;
        return now.checked_add(wait).ok();
    }
    HTTP_DATE.parse_timestamp(text).ok()
}

/// Something if the header says that nothing remains, or is not there.
fn used_up(headers: &HeaderMap, name: &str) -> Option<()> {
    text(headers, name)
        .is_none_or(|remaining| remaining == "0")
        .then_some(())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn seconds(pairs: &[(&'static str, &'static str)]) -> Option<i64> {
        let headers = pairs.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        let now = "2026-11-27T12:00:00Z".parse().unwrap();
        let at = retry_at(&headers.collect(), now)?;
        Some(at.duration_since(now).as_secs())
    }

    #[test]
    fn each_providers_way_of_saying_when_is_understood() {
        for (headers, expected) in [
            (&[("retry-after", "7200")][..], Some(7200)),
            (&[("retry-after", "1.5")], Some(1)),
            (
                &[("retry-after", "Fri, 27 Nov 2026 14:00:00 GMT")],
                Some(7200),
            ),
            (&[("retry-after-ms", "2500"), ("retry-after", "9")], Some(2)),
            (
                &[("anthropic-ratelimit-unified-reset", "1795788000")],
                Some(7200),
            ),
            (
                &[
                    ("anthropic-ratelimit-requests-remaining", "3"),
                    ("anthropic-ratelimit-requests-reset", "2026-11-27T18:00:00Z"),
                    ("anthropic-ratelimit-tokens-remaining", "0"),
                    ("anthropic-ratelimit-tokens-reset", "2026-11-27T12:01:00Z"),
                ],
                Some(60),
            ),
            (
                &[
                    ("x-ratelimit-remaining-requests", "0"),
                    ("x-ratelimit-reset-requests", "6m0s"),
                    ("x-ratelimit-remaining-tokens", "17"),
                    ("x-ratelimit-reset-tokens", "2h0m0s"),
                ],
                Some(360),
            ),
            (
                &[
                    ("retry-after", "5"),
                    ("anthropic-ratelimit-tokens-reset", "2026-11-27T14:00:00Z"),
                ],
                Some(7200),
            ),
            (&[], None),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-3")], None),
            (&[("retry-after", "99999999999999999999")], None),
            (&[("retry-after", "Fri, 27 Nov 2020 14:00:00 GMT")], None),
            (
                &[("anthropic-ratelimit-tokens-reset", "2028-01-01T00:00:00Z")],
                None,
            ),
        ] {
            assert_eq!(seconds(headers), expected, "{headers:?}");
        }
    }
}
