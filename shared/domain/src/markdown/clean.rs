//! Takes out of Markdown what a reader of the page does not see.

use std::{collections::HashSet, ops::Range};

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Parser, Tag, TagEnd};

use super::{
    OPTIONS,
    drawn::undrawn,
    edits::Edits,
    html::{HtmlKind, tags},
    shallow::shallow,
};

/// How often what was taken out may have made something new of what stood around it.
const PASSES: usize = 3;
/// How many elements may be open within a hidden one.
const DEPTH: usize = 256;
/// The most bytes of an address that a reader may look at before following it.
const ADDRESS: usize = 200;
/// Stands for an address that is none.
const LINK: &str = "link";
/// All that is told of a picture.
const PICTURE: &str = "![](picture)";

/// The Markdown without comments, hidden elements, attributes, titles and descriptions of links and pictures, addresses
/// of pictures, addresses that are long or have spaces, definitions of links, footnotes that nobody refers to, words
/// behind a fence's language, and what is drawn instead of shown. Other code stays as it is.
pub(crate) fn seen(text: &str) -> String {
    let mut text = shallow(text).into_owned();
    for _ in 0..PASSES {
        let edits = Cleaning::new(&text).edits();
        if edits.is_empty() {
            break;
        }
        text = edits.apply(&text);
    }
    // Afterwards: all of it is seen by now, so that leaving more out brings nothing to light.
    undrawn(text)
}

struct Cleaning<'a> {
    text: &'a str,
    edits: Edits,
    /// Where events are, in their order: what lies between them are marks of lists and quotes, and definitions.
    covered: Vec<Range<usize>>,
    /// The elements that are open from the hidden one on, and where that one begins.
    hidden: Vec<String>,
    hidden_from: usize,
    /// The link that is open: where it points, and where what it shows ends.
    link: Option<(String, usize)>,
    /// How many pictures are open: what they show is their description.
    pictures: usize,
    footnotes: Vec<(String, Range<usize>)>,
    noted: HashSet<String>,
}

impl<'a> Cleaning<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            edits: Edits::default(),
            covered: Vec::new(),
            hidden: Vec::new(),
            hidden_from: 0,
            link: None,
            pictures: 0,
            footnotes: Vec::new(),
            noted: HashSet::new(),
        }
    }

    fn edits(mut self) -> Edits {
        for (event, range) in Parser::new_ext(self.text, OPTIONS).into_offset_iter() {
            if !is_container(&event) {
                self.covered.push(range.clone());
            }
            self.take(event, range);
        }
        if !self.hidden.is_empty() {
            self.edits.remove(self.hidden_from..self.text.len());
        }
        for (label, range) in std::mem::take(&mut self.footnotes) {
            if !self.noted.contains(&label) {
                self.edits.remove(range);
            }
        }
        self.definitions();
        self.edits
    }

    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        if let Some((_, shown)) = &mut self.link
            && !matches!(event, Event::End(TagEnd::Link))
        {
            *shown = range.end;
        }
        match event {
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) => self.html(range),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => self.fence(&info, range),
            Event::Start(Tag::Image { .. }) => {
                if self.pictures == 0 && self.text[range.clone()] != *PICTURE {
                    self.edits.replace(range, PICTURE);
                }
                self.pictures += 1;
            }
            Event::End(TagEnd::Image) => self.pictures = self.pictures.saturating_sub(1),
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            }) => {
                let plain = matches!(link_type, LinkType::Autolink | LinkType::Email)
                    || link_type == LinkType::Inline && title.is_empty() && is_address(&dest_url);
                if !plain {
                    self.link = Some((destination(&dest_url), range.start + 1));
                }
            }
            Event::End(TagEnd::Link) => {
                if let Some((target, shown)) = self.link.take() {
                    self.edits.replace(shown..range.end, format!("]({target})"));
                }
            }
            Event::Start(Tag::FootnoteDefinition(label)) => {
                self.footnotes.push((label.to_string(), range));
            }
            Event::FootnoteReference(label) => {
                self.noted.insert(label.to_string());
            }
            _ => {}
        }
    }

    fn html(&mut self, range: Range<usize>) {
        let text = self.text;
        for tag in tags(&text[range.clone()]) {
            let place = range.start + tag.range.start..range.start + tag.range.end;
            match tag.kind {
                HtmlKind::Open { name, .. } if tag.kind.encloses() && self.hides(&tag.kind) => {
                    if self.hidden.is_empty() {
                        self.hidden_from = place.start;
                    }
                    if self.hidden.len() < DEPTH {
                        self.hidden.push(name.to_ascii_lowercase());
                    }
                }
                HtmlKind::Close { name } if !self.hidden.is_empty() => self.close(name, place.end),
                HtmlKind::Comment => self.edits.remove(place),
                HtmlKind::Open { name, attributes } => {
                    let plain = bare(name, attributes);
                    if text[place.clone()] != plain {
                        self.edits.replace(place, plain);
                    }
                }
                HtmlKind::Close { name } => {
                    let plain = format!("</{name}>");
                    if text[place.clone()] != plain {
                        self.edits.replace(place, plain);
                    }
                }
            }
        }
    }

    fn hides(&self, kind: &HtmlKind<'_>) -> bool {
        !self.hidden.is_empty() || kind.hides()
    }

    fn close(&mut self, name: &str, end: usize) {
        let open = self
            .hidden
            .iter()
            .rposition(|one| one.eq_ignore_ascii_case(name));
        if let Some(open) = open {
            self.hidden.truncate(open);
            if open == 0 {
                self.edits.remove(self.hidden_from..end);
            }
        }
    }

    /// Leaves out what stands behind the language of a fence.
    fn fence(&mut self, info: &str, range: Range<usize>) {
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default();
        if words.next().is_none() && language.len() <= 24 {
            return;
        }
        let block = &self.text[range.clone()];
        let line = &block[..block.find('\n').unwrap_or(block.len())];
        let signs = line.len() - line.trim_start_matches(['`', '~']).len();
        let kept = if language.len() <= 24 { language } else { "" };
        self.edits
            .replace(range.start + signs..range.start + line.len(), kept);
    }

    /// Leaves out definitions of links, which are what stands between all else. Links that use one name their address
    /// themselves by now.
    fn definitions(&mut self) {
        let mut at = 0;
        let covered = std::mem::take(&mut self.covered);
        let end = self.text.len();
        for next in covered.into_iter().chain(std::iter::once(end..end)) {
            if next.start > at {
                self.gap(at..next.start);
            }
            at = at.max(next.end);
        }
    }

    fn gap(&mut self, gap: Range<usize>) {
        let between = &self.text[gap.clone()];
        let opens = between.match_indices('[').map(|(at, _)| at);
        let Some(start) = opens.clone().find(|at| !between[at + 1..].starts_with('^')) else {
            return;
        };
        if !between[start..].contains("]:") {
            return;
        }
        let end = if gap.end == self.text.len() {
            between.len()
        } else {
            between.rfind('\n').unwrap_or(between.len()).max(start)
        };
        self.edits.remove(gap.start + start..gap.start + end);
    }
}

fn is_container(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) => matches!(
            tag,
            Tag::BlockQuote(_) | Tag::List(_) | Tag::Item | Tag::FootnoteDefinition(_)
        ),
        Event::End(_) => true,
        _ => false,
    }
}

/// A tag with nothing but where a link points.
fn bare(name: &str, attributes: &str) -> String {
    let points = if name.eq_ignore_ascii_case("a") {
        target(attributes)
    } else {
        None
    };
    let points = points.map(|address| format!(" href=\"{address}\""));
    format!("<{name}{}>", points.unwrap_or_default())
}

fn target(attributes: &str) -> Option<&str> {
    const WANTED: &str = "href=";
    let at = attributes.to_ascii_lowercase().find(WANTED)?;
    let value = &attributes[at + WANTED.len()..];
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split_whitespace().next()?,
    };
    is_address(value).then_some(value)
}

/// Whether a reader who looks where a link points may take it for an address, and not for a text.
fn is_address(text: &str) -> bool {
    text.len() <= ADDRESS && !text.contains(char::is_whitespace)
}

/// An address as a link can hold it.
fn destination(address: &str) -> String {
    if !is_address(address) {
        return LINK.to_owned();
    }
    if address.contains(['(', ')', '<', '>']) || address.is_empty() {
        let plain: String = address
            .chars()
            .filter(|c| !matches!(c, '<' | '>'))
            .collect();
        format!("<{plain}>")
    } else {
        address.to_owned()
    }
}
