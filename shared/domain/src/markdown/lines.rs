//! The lines of a page that speak in its writer's own voice.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::{
    OPTIONS,
    html::{HtmlKind, tags},
    shallow::shallow,
};

/// Stands for something that is not plain text.
const OTHER: char = '\u{FFFC}';
/// How many elements may be open within each other.
const DEPTH: usize = 256;
/// Elements whose contents are folded away, quoted, struck out or code.
const ASIDE: [&str; 13] = [
    "details",
    "blockquote",
    "q",
    "pre",
    "code",
    "samp",
    "kbd",
    "tt",
    "del",
    "s",
    "strike",
    "table",
    "a",
];

/// Calls `line` with every line of text that is neither code, quote, list, table nor HTML, as a reader sees it. Code,
/// links and images within a line stand there as one other character.
pub(crate) fn read_lines(text: &str, mut line: impl FnMut(&str)) {
    let text = shallow(text);
    let mut page = Page::default();
    for (event, range) in Parser::new_ext(&text, OPTIONS).into_offset_iter() {
        page.sharp = match &event {
            Event::Start(Tag::Heading { .. }) => text[range].starts_with('#'),
            _ => page.sharp,
        };
        if page.take(event) {
            line(&page.line);
            page.line.clear();
        }
    }
    line(&page.line);
}

#[derive(Default)]
struct Page {
    line: String,
    /// How many things are open that are not the writer's own words.
    aside: usize,
    /// The elements that are open from the first that puts its contents aside.
    elements: Vec<String>,
    /// Whether the heading that began last is one by its sharp signs.
    sharp: bool,
    block: String,
}

impl Page {
    /// Takes in the next event; says whether the line is over.
    fn take(&mut self, event: Event<'_>) -> bool {
        match event {
            Event::Start(tag) => {
                self.begin(&tag);
                false
            }
            Event::End(end) => self.end(end),
            Event::Text(words) => {
                self.push(&words);
                false
            }
            Event::Code(_) | Event::FootnoteReference(_) => {
                self.push(OTHER.encode_utf8(&mut [0; 4]));
                false
            }
            Event::InlineHtml(html) => {
                let breaks = tags(&html).iter().any(is_break);
                self.see(&html);
                breaks
            }
            Event::Html(html) => {
                self.block.push_str(&html);
                false
            }
            Event::SoftBreak | Event::HardBreak | Event::Rule => true,
            _ => false,
        }
    }

    fn push(&mut self, words: &str) {
        if self.aside == 0 && self.elements.is_empty() {
            self.line.push_str(words);
        }
    }

    fn begin(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Emphasis | Tag::Strong | Tag::HtmlBlock => {}
            // A line above dashes, such as those of a signature, is a heading too.
            Tag::Heading { .. } if !self.sharp => {}
            Tag::Link { .. } | Tag::Image { .. } | Tag::Strikethrough => {
                self.push(OTHER.encode_utf8(&mut [0; 4]));
                self.aside = self.aside.saturating_add(1);
            }
            _ => self.aside = self.aside.saturating_add(1),
        }
    }

    fn end(&mut self, end: TagEnd) -> bool {
        match end {
            TagEnd::Emphasis | TagEnd::Strong => false,
            TagEnd::HtmlBlock => {
                let block = std::mem::take(&mut self.block);
                self.see(&block);
                true
            }
            TagEnd::Link | TagEnd::Image | TagEnd::Strikethrough => {
                self.aside = self.aside.saturating_sub(1);
                false
            }
            TagEnd::Paragraph => true,
            TagEnd::Heading(_) if !self.sharp => true,
            _ => {
                self.aside = self.aside.saturating_sub(1);
                true
            }
        }
    }

    /// Notes which elements begin and end.
    fn see(&mut self, html: &str) {
        for tag in tags(html) {
            match tag.kind {
                HtmlKind::Open { name, .. } if tag.kind.encloses() => {
                    let aside =
                        tag.kind.hides() || ASIDE.iter().any(|one| name.eq_ignore_ascii_case(one));
                    if self.elements.len() >= DEPTH {
                        // Nobody writes this by hand: nothing that follows is read.
                        self.aside = usize::MAX;
                    } else if aside || !self.elements.is_empty() {
                        self.elements.push(name.to_ascii_lowercase());
                    }
                }
                HtmlKind::Close { name } => {
                    let open = self
                        .elements
                        .iter()
                        .rposition(|one| one.eq_ignore_ascii_case(name));
                    if let Some(open) = open {
                        self.elements.truncate(open);
                    }
                }
                HtmlKind::Open { .. } | HtmlKind::Comment => {}
            }
        }
    }
}

fn is_break(tag: &super::html::HtmlTag<'_>) -> bool {
    matches!(tag.kind, HtmlKind::Open { name, .. } if name.eq_ignore_ascii_case("br"))
}
