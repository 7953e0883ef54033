//! One JSON line per event.

use std::{collections::HashMap, hash::BuildHasher};

use tracing_subscriber::{filter::LevelFilter, fmt};

/// Starts logging to standard output, as the process's `RUST_LOG` says: a plain level such as `info`, which
/// is also the default. `SWITCHYARD_LOG_FORMAT=human` writes lines for people, everything else JSON. Does
/// nothing if logging has been started before.
pub fn init(vars: &HashMap<String, String, impl BuildHasher>) {
    let level = level(vars.get("RUST_LOG").map(String::as_str));
    let lines = fmt().with_max_level(level).with_ansi(false);
    let human = vars
        .get("SWITCHYARD_LOG_FORMAT")
        .is_some_and(|format| format == "human");
    // The error says that somebody else, such as a test, has set up logging for this process.
    if human {
        lines.with_target(false).compact().try_init().ok();
    } else {
        lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init()
            .ok();
    }
}

fn level(text: Option<&str>) -> LevelFilter {
    // An empty text would be read as the level ERROR.
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .and_then(|text| text.parse().ok())
        .unwrap_or(LevelFilter::INFO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_levels_change_anything() {
        assert_eq!(level(Some(" debug ")), LevelFilter::DEBUG);
        assert_eq!(level(Some("WARN")), LevelFilter::WARN);
        assert_eq!(level(Some("off")), LevelFilter::OFF);
        for text in [None, Some(""), Some("loud"), Some("hyper=trace")] {
            assert_eq!(level(text), LevelFilter::INFO, "{text:?}");
        }
    }
}
