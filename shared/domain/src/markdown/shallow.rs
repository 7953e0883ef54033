//! Lines that nest quotes and lists without end.

use std::borrow::Cow;

/// How many quotes and lists one line may open. A page shows no difference beyond, while each costs a parser a step
/// in every line that follows.
const DEPTH: usize = 64;

/// The text with the marks of quotes and lists beyond the first 64 of a line left out.
pub(super) fn shallow(text: &str) -> Cow<'_, str> {
    if text
        .split_inclusive('\n')
        .all(|line| surplus(line).is_none())
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match surplus(line) {
            Some((from, to)) => {
                out.push_str(&line[..from]);
                out.push_str(&line[to..]);
            }
            None => out.push_str(line),
        }
    }
    Cow::Owned(out)
}

/// Where the marks beyond the limit are in a line, if there are any.
fn surplus(line: &str) -> Option<(usize, usize)> {
    let bytes = line.as_bytes();
    let marks = |at: usize| {
        let ends = |at: usize| matches!(bytes.get(at), None | Some(b' ' | b'\t' | b'\r' | b'\n'));
        match bytes[at] {
            b'>' => true,
            b'-' | b'*' | b'+' | b'.' | b')' => ends(at + 1),
            _ => false,
        }
    };
    let end = bytes
        .iter()
        .position(|b| !b" \t>-*+.)0123456789".contains(b))
        .unwrap_or(bytes.len());
    let from = (0..end).filter(|at| marks(*at)).nth(DEPTH)?;
    Some((from, end.max(from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nests_without_end_is_cut() {
        let rule = "- ".repeat(40);
        for kept in [
            "> > - 1. text",
            "----------",
            "**bold** 1.5",
            rule.as_str(),
            "",
            "\n\n",
        ] {
            assert_eq!(shallow(kept), kept);
        }
        let deep = format!("a\n{}text\n{}\nb", "> ".repeat(5_000), "1. ".repeat(5_000));
        let cut = shallow(&deep);
        assert!(cut.len() < 400, "{}", cut.len());
        assert!(cut.starts_with("a\n> > ") && cut.contains("text\n") && cut.ends_with("\nb"));
    }
}
