//! Reading a command from a setting, without a shell.

/// A command's setting cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WordsError {
    /// It names no program.
    #[error("it names no program")]
    Empty,
    /// A quotation mark has no partner, or a backslash nothing behind it.
    #[error("a quotation mark or backslash is left open")]
    Open,
    /// It starts like a JSON array and is not one of strings.
    #[error("it is not a JSON array of strings")]
    Json,
}

/// The program and its arguments: a JSON array of strings, or words as in a shell, with quotation marks
/// and backslashes but without variables, globs or anything else that a shell would do.
pub(crate) fn words(text: &str) -> Result<Vec<String>, WordsError> {
    let words = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map_err(|_| WordsError::Json)?
    } else {
        split(text)?
    };
    match words.first() {
        Some(program) if !program.is_empty() => Ok(words),
        _ => Err(WordsError::Empty),
    }
}

fn split(text: &str) -> Result<Vec<String>, WordsError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => {
                let next = chars.next().ok_or(WordsError::Open)?;
                word.get_or_insert_default().push(next);
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(WordsError::Open);
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_without_a_shell() {
        let read = |text| words(text).map(|words| words.join("|"));
        assert_eq!(read("python3 agent.py"), Ok("python3|agent.py".to_owned()));
        assert_eq!(
            read(r#" a 'b c' "d \"e" f\ g '' "#),
            Ok(r#"a|b c|d "e|f g|"#.to_owned())
        );
        assert_eq!(read(r#"["a b", "$HOME"]"#), Ok("a b|$HOME".to_owned()));
        assert_eq!(read("a $(b) *"), Ok("a|$(b)|*".to_owned()));
        assert_eq!(read("  "), Err(WordsError::Empty));
        assert_eq!(read("''"), Err(WordsError::Empty));
        assert_eq!(read("[]"), Err(WordsError::Empty));
        assert_eq!(read("[1]"), Err(WordsError::Json));
        assert_eq!(read("a 'b"), Err(WordsError::Open));
        assert_eq!(read("a \\"), Err(WordsError::Open));
    }
}
