//! `switchyard-local env`

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use anyhow::Result;
use domain::SystemRandom;

use super::{Options, Vars};
use crate::{
    cargo_lambda::{INVOKE_ADDRESS, free_address},
    stack::{AccessToken, FunctionsAt, Schedule, Stack},
};

/// Prints the environment that functions in another process need, and an address to invoke them at, one `NAME="value"` a line.
pub(super) async fn run(options: &Options, vars: &Vars) -> Result<()> {
    let mut config = options.config(vars)?;
    config.schedule = Schedule::ByHand;
    config.functions = FunctionsAt::Mounted;
    config.access = AccessToken::Kept;
    let stack = Stack::start(config).await?;
    let mut settings = stack.settings_for_other_processes()?;
    let invoked_at = free_address(&SystemRandom).await?;
    settings.insert(INVOKE_ADDRESS.to_owned(), invoked_at.to_string());
    write(&mut io::stdout().lock(), &settings)?;
    stack.shutdown().await;
    Ok(())
}

/// Writes settings as `cargo lambda watch` reads them from a file.
pub(super) fn write(out: &mut impl Write, settings: &BTreeMap<String, String>) -> io::Result<()> {
    for (name, value) in settings {
        writeln!(out, "{name}=\"{}\"", value.trim_end().replace('\n', "\\n"))?;
    }
    Ok(())
}

/// A setting of one line among those that were written.
pub(super) fn read<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let named = |line: &'a str| line.strip_prefix(name)?.strip_prefix('=');
    let value = text.lines().find_map(named)?;
    value.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_as_it_was_written() {
        let pairs = [("AB", "1"), ("B", "two words = 2"), ("PEM", "a\nb\n")];
        let settings = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut written = Vec::new();
        write(&mut written, &settings.into()).unwrap();
        let text = String::from_utf8(written).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert_eq!(read(&text, "B"), Some("two words = 2"));
        assert_eq!(read(&text, "AB"), Some("1"));
        assert_eq!(read(&text, "A"), None);
        assert_eq!(read("C=3", "C"), None);
    }
}
