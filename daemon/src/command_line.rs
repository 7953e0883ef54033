//! Reading a command from a setting, without a shell.

/// A command's setting cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CommandLineError {
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
/// and backslashes but without variables, globs or anything else that a shell would do. What follows ` #` is a comment.
pub(crate) fn command_line(text: &str) -> Result<Vec<String>, CommandLineError> {
    let words = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map_err(|_| CommandLineError::Json)?
    } else {
        shlex::split(text).ok_or(CommandLineError::Open)?
    };
    match words.first() {
        Some(program) if !program.is_empty() => Ok(words),
        _ => Err(CommandLineError::Empty),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_without_a_shell() {
        let read = |text| command_line(text).map(|words| words.join("|"));
        assert_eq!(read("python3 agent.py"), Ok("python3|agent.py".to_owned()));
        assert_eq!(
            read(r#" a 'b c' "d \"e" f\ g '' "#),
            Ok(r#"a|b c|d "e|f g|"#.to_owned())
        );
        assert_eq!(read(r#"["a b", "$HOME"]"#), Ok("a b|$HOME".to_owned()));
        assert_eq!(read("a $(b) *"), Ok("a|$(b)|*".to_owned()));
        assert_eq!(read("a b#c #d"), Ok("a|b#c".to_owned()));
        assert_eq!(read("  "), Err(CommandLineError::Empty));
        assert_eq!(read("''"), Err(CommandLineError::Empty));
        assert_eq!(read("[]"), Err(CommandLineError::Empty));
        assert_eq!(read("[1]"), Err(CommandLineError::Json));
        assert_eq!(read("a 'b"), Err(CommandLineError::Open));
        assert_eq!(read("a \\"), Err(CommandLineError::Open));
    }
}
