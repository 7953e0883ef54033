//! Markdown as safe HTML: raw HTML is shown as text, except for comments, which GitHub hides too,
//! and a few tags without attributes.

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

/// Tags that comments may use, because they cannot carry anything.
const HARMLESS: [&str; 6] = ["details", "summary", "sub", "sup", "kbd", "br"];

/// The HTML of a text.
pub(crate) fn render(text: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let mut block: Option<String> = None;
    let events = Parser::new_ext(text, options).filter_map(|event| match event {
        Event::Start(Tag::HtmlBlock) => {
            block = Some(String::new());
            None
        }
        Event::End(TagEnd::HtmlBlock) => {
            let raw = block.take().unwrap_or_default();
            Some(Event::Html(harmless(&raw).into()))
        }
        Event::Html(raw) => match &mut block {
            Some(block) => {
                block.push_str(&raw);
                None
            }
            None => Some(Event::Html(harmless(&raw).into())),
        },
        Event::InlineHtml(raw) => Some(Event::InlineHtml(harmless(&raw).into())),
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => {
            let dest_url = destination(link_type, dest_url);
            Some(Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }))
        }
        // Images would be loaded from elsewhere; their description and address remain.
        Event::Start(Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        }) => {
            let dest_url = destination(link_type, dest_url);
            let link_type = LinkType::Inline;
            Some(Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }))
        }
        Event::End(TagEnd::Image) => Some(Event::End(TagEnd::Link)),
        other => Some(other),
    });
    let mut rendered = String::new();
    html::push_html(&mut rendered, events);
    rendered
}

/// An address that is safe to click, or one that leads nowhere.
fn destination(link_type: LinkType, url: CowStr<'_>) -> CowStr<'_> {
    let scheme = url
        .split_once(':')
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    let local = url.starts_with(['/', '#']) && !url.starts_with("//");
    let safe = local
        || link_type == LinkType::Email
        || matches!(scheme.as_deref(), Some("http" | "https" | "mailto"));
    if safe { url } else { "#".into() }
}

/// Raw HTML without comments and with everything else escaped but the harmless tags.
fn harmless(raw: &str) -> String {
    let mut text = String::new();
    let mut rest = raw;
    while let Some((before, comment)) = rest.split_once("<!--") {
        text.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let mut escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    for tag in HARMLESS {
        escaped = escaped
            .replace(&format!("&lt;{tag}&gt;"), &format!("<{tag}>"))
            .replace(&format!("&lt;/{tag}&gt;"), &format!("</{tag}>"));
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn raw_html_is_shown_as_text() {
        let html = render("<script>alert(1)</script>\n\nand <img src=x onerror=alert(1)> inside");
        assert!(
            !html.contains("<script") && !html.contains("<img"),
            "{html}"
        );
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }

    #[test]
    fn comments_are_hidden_even_over_several_lines() {
        let html = render("<!-- marker\nof <b>two</b> lines -->\n\nseen <!-- not --> too");
        assert!(!html.contains("marker") && !html.contains("not"), "{html}");
        assert!(html.contains("seen") && html.contains("too"), "{html}");
    }

    #[test]
    fn harmless_tags_work_only_without_attributes() {
        let html = render("<details>\n<summary>More</summary>\n\ntext\n\n</details>");
        assert!(
            html.contains("<details>") && html.contains("<summary>More</summary>"),
            "{html}"
        );
        let html = render("<details ontoggle=alert(1)>\n\n</details>");
        assert!(!html.contains("<details "), "{html}");
    }

    #[test]
    fn links_lead_only_where_it_is_safe() {
        let html = render("[a](javascript:alert(1)) [b](https://x.example/) [c](data:text/html,x)");
        assert!(
            !html.contains("javascript:") && !html.contains("data:"),
            "{html}"
        );
        assert!(html.contains("href=\"https://x.example/\""), "{html}");
        assert!(!render("![p](https://x.example/p.png)").contains("<img"));
    }
}
