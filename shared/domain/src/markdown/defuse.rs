//! Makes Markdown do nothing but show what it shows.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};

use super::{
    OPTIONS,
    acting::{acting, is_acting_address},
    edits::Edits,
    shallow::shallow,
};

/// How often what was changed may have made something new of what stood around it.
const PASSES: usize = 4;

/// The Markdown with its HTML shown as text, and every mention and reference as code, where GitHub does nothing about
/// them. Code, headings and everything else stay as they are. None if it cannot be brought to rest.
pub(crate) fn defused(text: &str) -> Option<String> {
    let mut text = shallow(text).into_owned();
    for _ in 0..PASSES {
        let edits = Defusing::new(&text).edits();
        if edits.is_empty() {
            return Some(text);
        }
        text = edits.apply(&text);
    }
    None
}

/// A piece of plain text: where it is in the words of its line, and where in the source.
struct Piece {
    at: usize,
    source: Range<usize>,
}

struct Defusing<'a> {
    text: &'a str,
    edits: Edits,
    words: String,
    pieces: Vec<Piece>,
    /// Where the last plain text ended.
    before: usize,
    /// Backticks that are shown, and those of them that no backslash stands before.
    literal: Vec<usize>,
    backticks: Vec<usize>,
    /// The links that are open, and whether their address acts: where what they show begins and ends.
    links: Vec<Link>,
    acts: bool,
}

struct Link {
    address: String,
    kind: LinkType,
    shown: Option<Range<usize>>,
}

impl<'a> Defusing<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            edits: Edits::default(),
            words: String::new(),
            pieces: Vec::new(),
            before: 0,
            literal: Vec::new(),
            backticks: Vec::new(),
            links: Vec::new(),
            acts: false,
        }
    }

    fn edits(mut self) -> Edits {
        let (mut code, mut block) = (0_usize, false);
        for (event, range) in Parser::new_ext(self.text, OPTIONS).into_offset_iter() {
            if let Some(link) = self.links.last_mut()
                && !matches!(event, Event::End(TagEnd::Link))
            {
                let start = link.shown.as_ref().map_or(range.start, |shown| shown.start);
                link.shown = Some(start..range.end);
            }
            match event {
                Event::Text(words) if code == 0 => self.text(&words, range),
                Event::Start(Tag::CodeBlock(_)) => code += 1,
                Event::End(TagEnd::CodeBlock) => code = code.saturating_sub(1),
                Event::Start(Tag::HtmlBlock) => {
                    block = true;
                    self.html(range);
                }
                Event::End(TagEnd::HtmlBlock) => block = false,
                Event::InlineHtml(_) => self.html(range),
                Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    ..
                }) => {
                    self.flush();
                    self.links.push(Link {
                        address: dest_url.to_string(),
                        kind: link_type,
                        shown: None,
                    });
                }
                Event::End(TagEnd::Link) => self.end_link(range),
                _ if !block => self.flush(),
                _ => {}
            }
        }
        self.flush();
        // A lone backtick would pair with those that make code of a word.
        if self.acts {
            for at in std::mem::take(&mut self.backticks) {
                self.edits.replace(at..at, "\\");
            }
        }
        self.edits
    }

    fn html(&mut self, range: Range<usize>) {
        self.flush();
        for (at, sign) in self.text[range.clone()].match_indices('<') {
            let at = range.start + at;
            self.edits.replace(at..at + sign.len(), "&lt;");
        }
    }

    fn text(&mut self, words: &str, range: Range<usize>) {
        let escaped = self.is_escaped(range.start);
        let source = &self.text[range.clone()];
        for (at, _) in source.match_indices('`') {
            self.literal.push(range.start + at);
            if at > 0 || !escaped {
                self.backticks.push(range.start + at);
            }
        }
        self.pieces.push(Piece {
            at: self.words.len(),
            source: range.start - usize::from(escaped)..range.end,
        });
        self.words.push_str(words);
        self.before = range.end;
    }

    /// Whether a backslash that shows nothing stands before.
    fn is_escaped(&self, at: usize) -> bool {
        at > self.before && self.text.as_bytes()[at - 1] == b'\\'
    }

    /// Makes code of what acts in the words since the last other thing.
    fn flush(&mut self) {
        let words = std::mem::take(&mut self.words);
        let pieces = std::mem::take(&mut self.pieces);
        let inside = self.links.last().map(|link| link.kind);
        if matches!(inside, Some(LinkType::Autolink | LinkType::Email)) {
            return;
        }
        for range in joined(&words) {
            let start = place(&pieces, &words, range.start, Side::Start);
            let end = place(&pieces, &words, range.end, Side::End);
            let code = self.spaced(start..end, &words[range]);
            self.edits.replace(start..end, code);
            self.acts = true;
        }
    }

    /// The word as code, apart from code that stands right beside it.
    fn spaced(&self, place: Range<usize>, word: &str) -> String {
        let bytes = self.text.as_bytes();
        let tick = |at: Option<usize>| at.and_then(|at| bytes.get(at)) == Some(&b'`');
        let literal = |at: usize| self.literal.binary_search(&at).is_ok();
        let before = place.start.checked_sub(1).filter(|at| !literal(*at));
        let after = Some(place.end).filter(|at| !literal(*at));
        let gap = |beside| if tick(beside) { " " } else { "" };
        format!("{}`{word}`{}", gap(before), gap(after))
    }

    fn end_link(&mut self, range: Range<usize>) {
        self.flush();
        let Some(link) = self.links.pop() else { return };
        if !is_acting_address(&link.address) {
            return;
        }
        self.acts = true;
        let address: String = link
            .address
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '`')
            .collect();
        match (link.kind, link.shown) {
            (LinkType::Autolink | LinkType::Email, _) | (_, None) => {
                self.edits.replace(range, format!("`{address}`"));
            }
            (_, Some(shown)) => {
                self.edits.remove(range.start..shown.start);
                self.edits
                    .replace(shown.end..range.end, format!(" (`{address}`)"));
            }
        }
    }
}

/// Where the words act; two that touch are one, since code beside code would become one.
fn joined(words: &str) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for (range, _) in acting(words) {
        match joined.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => joined.push(range),
        }
    }
    joined
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Start,
    End,
}

/// Where in the source the place `at` of the words is.
fn place(pieces: &[Piece], words: &str, at: usize, side: Side) -> usize {
    let after = pieces.partition_point(|piece| match side {
        Side::Start => piece.at <= at,
        Side::End => piece.at < at,
    });
    let index = after.saturating_sub(1);
    let Some(piece) = pieces.get(index) else {
        return 0;
    };
    let length = pieces.get(index + 1).map_or(words.len(), |next| next.at) - piece.at;
    let within = at - piece.at;
    let escape = piece.source.len().saturating_sub(length);
    match side {
        Side::Start if within == 0 => piece.source.start,
        Side::End if within == length => piece.source.end,
        // Words that are not written as they are shown are one sign each, so nothing begins or ends within.
        Side::Start | Side::End => (piece.source.start + escape + within).min(piece.source.end),
    }
}
