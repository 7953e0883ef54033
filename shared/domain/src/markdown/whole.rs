//! Ends what a text has left open.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::OPTIONS;

/// What has to follow the Markdown, so that what comes after it is not part of it: a fence's end where one is open.
pub(crate) fn closing(text: &str) -> String {
    let (mut last, mut within) = (None, 0_usize);
    for (event, range) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) if within == 0 => {
                last = Some(range.start);
            }
            // What is open in a list or quote ends with it, at an empty line.
            Event::Start(Tag::List(_) | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_)) => {
                within += 1;
                last = None;
            }
            Event::End(TagEnd::List(_) | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition) => {
                within = within.saturating_sub(1);
            }
            Event::Start(_) => last = None,
            _ => {}
        }
    }
    last.map_or_else(String::new, |start| end_of_fence(&text[start..]))
}

/// What ends the fence that `block` begins with, if nothing does yet.
fn end_of_fence(block: &str) -> String {
    let block = block.trim();
    let sign = if block.starts_with('~') { '~' } else { '`' };
    let count = |line: &str| line.chars().take_while(|c| *c == sign).count();
    let opened = count(block);
    let closed = block.lines().skip(1).last().is_some_and(|line| {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let line = line.trim();
        indent < 4 && count(line) >= opened && line.chars().all(|c| c == sign)
    });
    if closed {
        String::new()
    } else {
        format!("\n{}", sign.to_string().repeat(opened))
    }
}
