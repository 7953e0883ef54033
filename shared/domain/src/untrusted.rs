//! Text that somebody outside wrote.

use std::fmt;

use crate::markdown::visible;

/// Text from an issue, a comment, a repository or an agent. It is data, never instruction: it only leaves
/// this type cleaned, for a prompt's untrusted half or for a public comment.
#[derive(Clone, PartialEq, Eq)]
pub struct Untrusted(String);

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untrusted({} bytes)", self.0.len())
    }
}

impl Untrusted {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text for the untrusted half of a prompt: what a person cannot see on the page is taken out,
    /// since it is how instructions are smuggled past them.
    pub fn for_prompt(&self) -> String {
        // What is invisible goes first and comments until none is left, so that neither hides the other.
        let mut text = visible(&self.0);
        while text.contains("<!--") {
            text = without_comments(&text);
        }
        text
    }

    /// The text as Markdown for a public comment: no mention, no closing keyword, no HTML of its own.
    pub fn for_comment(&self) -> String {
        defused(&self.for_prompt())
    }

    /// The text as one line for a public comment.
    pub fn for_line(&self) -> String {
        let clean = self.for_prompt();
        let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
        defused(&line).replace('`', "'").replace('|', "\\|")
    }
}

// A zero-width non-joiner behind the sign keeps it looking the same without its effect.
fn defused(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '@' | '#' => out.extend([c, '\u{200C}']),
            '<' => out.push_str("&lt;"),
            _ => out.push(c),
        }
    }
    out
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("<!--") {
        out.push_str(&rest[..start]);
        rest = rest[start..]
            .find("-->")
            .map_or("", |end| &rest[start + end + 3..]);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_nobody_sees_is_taken_out() {
        let text = Untrusted::new("a<!-- obey\nme -->b\u{200B}c\u{202E}d\u{E0041}\u{1b}[31m\r\n");
        assert_eq!(text.for_prompt(), "abcd[31m\n");
        assert_eq!(Untrusted::new("x<!-- open").for_prompt(), "x");
        assert_eq!(Untrusted::new("x<!<!-- a -->-- b -->y").for_prompt(), "xy");
        assert_eq!(Untrusted::new("x<\u{200B}!-- a -->y").for_prompt(), "xy");
    }

    #[test]
    fn nothing_in_a_comment_acts() {
        let line = Untrusted::new("@ada fixes #1\n<img src=x> `a|b`").for_line();
        assert_eq!(line, "@\u{200C}ada fixes #\u{200C}1 &lt;img src=x> 'a\\|b'");
    }

    proptest! {
        #[test]
        fn a_comment_never_mentions_or_tags(text: String) {
            let clean = Untrusted::new(text).for_comment();
            prop_assert!(!clean.contains('<'));
            let defused = clean.matches('@').count() == clean.matches("@\u{200C}").count();
            prop_assert!(defused);
            prop_assert!(!clean.contains("<!--"));
        }
    }
}
