//! What a page draws instead of showing what is written.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::{
    OPTIONS,
    edits::Edits,
    formula::{formulas, hides},
};

/// Languages of fences that are drawn: what is written there is partly unseen.
const DRAWN: [&str; 4] = ["mermaid", "geojson", "topojson", "stl"];
/// The language of fences that hold a formula.
const MATH: &str = "math";
/// What stands in the place of a drawing.
const DRAWING: &str = "(drawing)";
/// What stands in the place of a formula.
const FORMULA: &str = "(formula)";

/// The Markdown with a note in the place of every drawing, and of every formula that can hold what nobody sees.
pub(super) fn undrawn(text: String) -> String {
    let mut edits = Edits::default();
    let mut code = Vec::new();
    // What stands in the place of the next line of a fence that is left out.
    let mut note = None;
    for (event, range) in Parser::new_ext(&text, OPTIONS).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                note = instead(&kind, &text[range.clone()]);
                code.push(range);
            }
            Event::End(TagEnd::CodeBlock) => note = None,
            Event::Text(_) => {
                if let Some(words) = &mut note {
                    // The ends of lines stay, or the marks of a quote would stand before the end of the fence.
                    let line = &text[range.clone()];
                    let end = if line.ends_with('\n') { "\n" } else { "" };
                    edits.replace(range, format!("{words}{end}"));
                    *words = "";
                }
            }
            Event::Code(words) => {
                let around = range.start.saturating_sub(1)..range.end + 1;
                let is_formula = |around: &str| around.starts_with('$') && around.ends_with('$');
                if text.get(around.clone()).is_some_and(is_formula) && hides(&words) {
                    edits.replace(around, FORMULA);
                }
                code.push(range);
            }
            _ => {}
        }
    }
    for formula in formulas(&text, &code) {
        edits.replace(formula, FORMULA);
    }
    if edits.is_empty() {
        text
    } else {
        edits.apply(&text)
    }
}

/// What stands in the place of what is in a fence, if that is not shown as it is written.
fn instead(kind: &CodeBlockKind<'_>, block: &str) -> Option<&'static str> {
    let CodeBlockKind::Fenced(info) = kind else {
        return None;
    };
    let language = info.split_whitespace().next()?;
    let is = |name: &str| language.eq_ignore_ascii_case(name);
    if DRAWN.into_iter().any(is) {
        Some(DRAWING)
    } else {
        (is(MATH) && hides(block)).then_some(FORMULA)
    }
}
