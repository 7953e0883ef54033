//! Speaking with the person who operates the stack.

use std::{
    fmt,
    io::{BufRead, Write},
};

use anyhow::{Context as _, Result};

/// Where lines go to and come from.
pub struct Terminal<'a> {
    output: &'a mut dyn Write,
    input: &'a mut dyn BufRead,
}

impl fmt::Debug for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Terminal")
    }
}

impl<'a> Terminal<'a> {
    /// Speaks on `output` and listens on `input`.
    pub fn new(output: &'a mut dyn Write, input: &'a mut dyn BufRead) -> Self {
        Self { output, input }
    }

    /// Says a line.
    pub(crate) fn say(&mut self, line: impl fmt::Display) -> Result<()> {
        writeln!(self.output, "{line}").context("the terminal is gone")?;
        self.output.flush().context("the terminal is gone")
    }

    /// Says that something is as it has to be.
    pub(crate) fn good(&mut self, what: impl fmt::Display) -> Result<()> {
        self.say(format_args!("  ✓ {what}"))
    }

    /// Says that something is not, and what to do.
    pub(crate) fn bad(&mut self, what: impl fmt::Display, remedy: &str) -> Result<()> {
        self.say(format_args!("  ✗ {what}\n    {remedy}"))
    }

    /// Asks, and gives the answer without the spaces around it.
    pub(crate) fn ask(&mut self, question: &str) -> Result<String> {
        write!(self.output, "{question} ").context("the terminal is gone")?;
        self.output.flush().context("the terminal is gone")?;
        let mut answer = String::new();
        self.input
            .read_line(&mut answer)
            .context("nothing can be read from standard input")?;
        Ok(answer.trim().to_owned())
    }
}
