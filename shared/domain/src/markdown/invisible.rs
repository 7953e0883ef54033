//! Characters that nobody sees.

/// Ranges of characters that nobody sees, in their order.
const INVISIBLE: [(char, char); 21] = [
    // Soft hyphen, grapheme joiner, Arabic letter mark.
    ('\u{00AD}', '\u{00AD}'),
    ('\u{034F}', '\u{034F}'),
    ('\u{061C}', '\u{061C}'),
    // Fillers of Hangul and Khmer, Mongolian selectors.
    ('\u{115F}', '\u{1160}'),
    ('\u{17B4}', '\u{17B5}'),
    ('\u{180B}', '\u{180F}'),
    // Zero-width and bidirectional marks, separators, invisible operators, deprecated format controls.
    ('\u{200B}', '\u{200F}'),
    ('\u{2028}', '\u{202E}'),
    ('\u{2060}', '\u{206F}'),
    // An empty Braille cell, more fillers.
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    // Selectors of variants, the byte order mark, another filler, annotations.
    ('\u{FE00}', '\u{FE0F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FFA0}', '\u{FFA0}'),
    ('\u{FFF0}', '\u{FFFB}'),
    // Controls of Egyptian, shorthand and musical writing.
    ('\u{13430}', '\u{1345F}'),
    ('\u{1BCA0}', '\u{1BCA3}'),
    ('\u{1D159}', '\u{1D159}'),
    ('\u{1D173}', '\u{1D17A}'),
    // Tags that spell hidden letters, and more selectors.
    ('\u{E0000}', '\u{E00FF}'),
    ('\u{E0100}', '\u{E0FFF}'),
];

/// Whether nobody sees the character: controls, marks of direction, joiners, fillers, selectors of variants, and the
/// tags that spell hidden letters. Line ends and tabs are seen.
pub(crate) fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control() && c != '\n' && c != '\t';
    }
    let after = INVISIBLE.partition_point(|(first, _)| *first <= c);
    c.is_control() || after.checked_sub(1).is_some_and(|at| c <= INVISIBLE[at].1)
}

/// The text without what nobody sees. What makes one picture of several stays, once and where pictures are.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let joins = match c {
            '\u{FE0F}' => out.chars().next_back().is_some_and(is_picture),
            '\u{200D}' => {
                let before = out.chars().next_back();
                before.is_some_and(|c| c == '\u{FE0F}' || is_picture(c))
                    && rest.peek().copied().is_some_and(is_picture)
            }
            _ => false,
        };
        if joins || !is_invisible(c) {
            out.push(c);
        }
    }
    out
}

fn is_picture(c: char) -> bool {
    matches!(
        c,
        '\u{00A9}' | '\u{00AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'
            ..='\u{27FF}'
    ) || matches!(c, '\u{2900}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_way_to_hide_a_character_is_known() {
        for hidden in "\u{200B}\u{FEFF}\u{202E}\u{2066}\u{FE0F}\u{E0100}\u{E01EF}\u{115F}\u{1160}\u{3164}\
                       \u{FFA0}\u{E0041}\u{2800}\u{AD}\u{FFF9}\u{180E}\u{34F}\u{0}\u{1b}\r\u{85}\u{2064}"
            .chars()
        {
            assert!(is_invisible(hidden), "{hidden:?}");
        }
        assert!(INVISIBLE.is_sorted_by(|a, b| a.1 < b.0));
        for seen in "a é 한 \u{300} \n\t☂ 👍 \u{A0}".chars() {
            assert!(!is_invisible(seen), "{seen:?}");
        }
    }

    #[test]
    fn pictures_of_several_characters_stay_whole() {
        for kept in ["⚠️ 👨\u{200D}👩\u{200D}👧 ❤\u{FE0F}\u{200D}🔥", "a\n\tb"] {
            assert_eq!(visible(kept), kept);
        }
        assert_eq!(
            visible("a\u{200D}b\u{FE0F}⚠\u{FE0F}\u{FE0F}\u{FE0E}👩\u{200D}x\r\n"),
            "ab⚠\u{FE0F}👩x\n"
        );
    }
}
