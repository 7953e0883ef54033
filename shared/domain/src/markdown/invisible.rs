//! Characters that nobody sees.

/// Whether nobody sees the character: controls, marks of direction, joiners, fillers, selectors of variants, and the
/// tags that spell hidden letters. Line ends and tabs are seen.
pub(crate) fn is_invisible(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // Soft hyphen, grapheme joiner, Arabic letter mark, fillers of Hangul and Khmer, Mongolian selectors.
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}'
        | '\u{17B5}' => true,
        '\u{180B}'..='\u{180F}' | '\u{3164}' | '\u{FFA0}' => true,
        // Zero-width and bidirectional marks, invisible operators, deprecated format controls, an empty Braille cell.
        '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{2800}'
        | '\u{FEFF}' => true,
        // Selectors of variants, what has no width, annotations, shorthand and music controls, tags, more selectors.
        '\u{FE00}'..='\u{FE0F}' | '\u{FFF0}'..='\u{FFFB}' => true,
        '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}' => true,
        other => other.is_control(),
    }
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
        for seen in "a é 한 \u{300} \n\t☂ 👍 \u{A0}".chars() {
            assert!(!is_invisible(seen), "{seen:?}");
        }
    }
}
