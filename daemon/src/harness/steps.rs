//! Making one line of progress out of anything.

use domain::{ProgressEvent, Untrusted, clip};

/// One line of at most [`ProgressEvent::TEXT_LIMIT`] bytes; nothing if there is nothing to see.
pub(crate) fn line(text: &str) -> Option<String> {
    // Agents write whole pages; what is beyond this never fits into a line anyway.
    let clean = Untrusted::new(clip(text, 4 * 1024)).for_prompt();
    let words: Vec<&str> = clean.split_whitespace().collect();
    let whole = words.join(" ");
    let line = if whole.len() > ProgressEvent::TEXT_LIMIT {
        format!(
            "{}…",
            clip(&whole, ProgressEvent::TEXT_LIMIT - '…'.len_utf8())
        )
    } else {
        whole
    };
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_is_one_short_clean_line() {
        assert_eq!(line("a\n\tb <!-- hidden -->c").as_deref(), Some("a b c"));
        assert_eq!(line(" \u{200B}\n"), None);
        let long = line(&"ä".repeat(500)).unwrap();
        assert!(long.len() <= ProgressEvent::TEXT_LIMIT && long.ends_with('…'));
    }
}
