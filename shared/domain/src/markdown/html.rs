//! Tags of HTML, in one pass.

use std::ops::Range;

/// A tag or comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HtmlTag<'a> {
    /// Where it stands, its brackets included.
    pub(super) range: Range<usize>,
    /// What it is.
    pub(super) kind: HtmlKind<'a>,
}

/// What stands between two angle brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HtmlKind<'a> {
    /// An element begins.
    Open {
        /// Its name.
        name: &'a str,
        /// What follows the name.
        attributes: &'a str,
    },
    /// An element ends.
    Close {
        /// Its name.
        name: &'a str,
    },
    /// A comment, a declaration or an instruction: nobody sees it.
    Comment,
}

/// Elements that have no end.
const VOID: [&str; 12] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr",
];
/// Elements whose contents nobody sees.
const UNSEEN: [&str; 12] = [
    "script", "style", "template", "title", "head", "noscript", "noembed", "video", "audio",
    "canvas", "iframe", "object",
];

impl HtmlKind<'_> {
    /// Whether nobody sees what is in the element that begins here.
    pub(super) fn hides(&self) -> bool {
        let Self::Open { name, attributes } = *self else {
            return false;
        };
        UNSEEN
            .iter()
            .any(|unseen| name.eq_ignore_ascii_case(unseen))
            || hidden(attributes)
    }

    /// Whether the element that begins here has an end of its own.
    pub(super) fn encloses(&self) -> bool {
        match *self {
            Self::Open { name, .. } => !VOID.iter().any(|void| name.eq_ignore_ascii_case(void)),
            Self::Close { .. } | Self::Comment => false,
        }
    }
}

fn hidden(attributes: &str) -> bool {
    let plain: String = attributes
        .chars()
        .filter(|c| !c.is_whitespace() || *c == ' ')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let squeezed = plain.replace(' ', "");
    let word = |word: &&str| {
        let name = word.split('=').next().unwrap_or_default();
        name == "hidden" || **word == *"aria-hidden=\"true\"" || **word == *"aria-hidden=true"
    };
    plain.split(' ').any(|one| word(&one))
        || [
            "display:none",
            "visibility:hidden",
            "font-size:0",
            "opacity:0",
        ]
        .iter()
        .any(|style| squeezed.contains(style))
}

/// The tags of `html` in their order.
pub(super) fn tags(html: &str) -> Vec<HtmlTag<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = html[at..].find('<') {
        let start = at + next;
        let (end, kind) = tag(html, start);
        at = end;
        if let Some(kind) = kind {
            found.push(HtmlTag {
                range: start..end,
                kind,
            });
        }
    }
    found
}

/// Where the tag at `start` ends, or where to look on, and what it is.
fn tag(html: &str, start: usize) -> (usize, Option<HtmlKind<'_>>) {
    let rest = &html[start + 1..];
    if rest.starts_with("!--") {
        return (after(html, start + 4, "-->"), Some(HtmlKind::Comment));
    }
    if rest.starts_with('!') || rest.starts_with('?') {
        return (after(html, start + 1, ">"), Some(HtmlKind::Comment));
    }
    let close = rest.starts_with('/');
    let from = start + 1 + usize::from(close);
    let name = name(&html[from..]);
    if name.is_empty() {
        return (start + 1, None);
    }
    let end = end_of_tag(html, from + name.len());
    let inside = html[from + name.len()..end].trim_end_matches('>');
    let kind = if close {
        HtmlKind::Close { name }
    } else {
        HtmlKind::Open {
            name,
            attributes: inside,
        }
    };
    (end, Some(kind))
}

fn name(text: &str) -> &str {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return "";
    }
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .unwrap_or(text.len());
    &text[..end]
}

fn after(text: &str, from: usize, end: &str) -> usize {
    text.get(from..)
        .and_then(|rest| rest.find(end))
        .map_or(text.len(), |at| from + at + end.len())
}

/// Behind the bracket that closes a tag; brackets in quotation marks do not.
fn end_of_tag(text: &str, from: usize) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().skip(from) {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_apart_and_end_where_they_end() {
        let html = "<a href=\"x>y\">t</a><!-- <b> --><?x?>< 3 <img src=x";
        let kinds: Vec<_> = tags(html).into_iter().map(|tag| tag.kind).collect();
        assert_eq!(
            kinds,
            [
                HtmlKind::Open {
                    name: "a",
                    attributes: " href=\"x>y\""
                },
                HtmlKind::Close { name: "a" },
                HtmlKind::Comment,
                HtmlKind::Comment,
                HtmlKind::Open {
                    name: "img",
                    attributes: " src=x"
                },
            ]
        );
    }

    #[test]
    fn elements_say_whether_they_hide() {
        let hides = |html: &str| tags(html)[0].kind.hides();
        for hiding in [
            "<div hidden>",
            "<p HIDDEN=''>",
            "<span style=\"display: none\">",
            "<style>",
            "<i aria-hidden=\"true\">",
            "<Video controls>",
            "<audio>",
            "<canvas>",
            "<iframe src=x>",
            "<object data=x>",
        ] {
            assert!(hides(hiding), "{hiding}");
        }
        for showing in ["<div>", "<p class=\"not-hidden\">", "<details>"] {
            assert!(!hides(showing), "{showing}");
        }
    }
}
