//! What was proved, told line by line as it happens and once more as a table.

use std::io::{self, IsTerminal as _, Write};

use anstyle::{AnsiColor, Style};
use anyhow::{Error, Result};
use domain::SharedClock;
use jiff::{SignedDuration, Timestamp};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();
/// Columns of a wire's name.
const NAME: usize = 36;

/// One wire that held.
#[derive(Debug)]
struct Proven {
    wire: &'static str,
    how: String,
    took: SignedDuration,
}

/// Tells what holds.
pub(crate) struct Board<'a> {
    out: &'a mut (dyn Write + Send),
    colour: bool,
    clock: SharedClock,
    start: Timestamp,
    proven: Vec<Proven>,
}

impl<'a> Board<'a> {
    /// A board that counts the time from now on.
    pub(crate) fn new(out: &'a mut (dyn Write + Send), clock: SharedClock) -> Self {
        let start = clock.now();
        Self {
            out,
            colour: io::stdout().is_terminal(),
            clock,
            start,
            proven: Vec::new(),
        }
    }

    /// Waits for `work`, which says how it proved the wire, and tells it.
    pub(crate) async fn prove<T>(
        &mut self,
        wire: &'static str,
        work: impl Future<Output = Result<(T, String)>>,
    ) -> Result<T> {
        let begun = self.clock.now();
        self.begin(wire)?;
        match work.await {
            Ok((value, how)) => {
                let took = self.clock.now().duration_since(begun);
                self.line("✓", GOOD, wire, &how)?;
                self.proven.push(Proven { wire, how, took });
                Ok(value)
            }
            Err(error) => Err(self.failed(wire, error)?),
        }
    }

    /// Says something beside the wires.
    pub(crate) fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// Everything that held, and the words of `unproven`.
    pub(crate) fn table(&mut self, unproven: &[(&str, &str)]) -> io::Result<()> {
        let total = self.clock.now().duration_since(self.start);
        let rows: Vec<_> = self.proven.iter().map(row).collect();
        writeln!(
            self.out,
            "\nProved: {} wires in {}\n",
            rows.len(),
            seconds(total)
        )?;
        for row in rows {
            writeln!(self.out, "{row}")?;
        }
        writeln!(self.out, "\nNot proved here, and why:\n")?;
        for (wire, why) in unproven {
            writeln!(self.out, "     {wire:<NAME$}  {why}")?;
        }
        writeln!(self.out)?;
        self.out.flush()
    }

    // Only a terminal is told what is under way: the line is written over when it is done.
    fn begin(&mut self, wire: &str) -> io::Result<()> {
        if self.colour {
            let at = self.clock.now().duration_since(self.start);
            let line = format!(" {:>7}  · {wire} ...", seconds(at));
            write!(self.out, "{DIM}{line}{DIM:#}\r")?;
        }
        self.out.flush()
    }

    fn failed(&mut self, wire: &'static str, error: Error) -> io::Result<Error> {
        self.line("✗", BAD, wire, &format!("{error:#}"))?;
        Ok(error.context(format!("not proved: {wire}")))
    }

    fn line(&mut self, mark: &str, paint: Style, wire: &str, how: &str) -> io::Result<()> {
        let at = seconds(self.clock.now().duration_since(self.start));
        let mark = if self.colour {
            format!("\x1b[K{paint}{mark}{paint:#}")
        } else {
            mark.to_owned()
        };
        writeln!(self.out, " {at:>7}  {mark} {wire:<NAME$}  {how}")?;
        self.out.flush()
    }
}

fn row(Proven { wire, how, took }: &Proven) -> String {
    format!("   ✓ {wire:<NAME$}  {:>7}  {how}", seconds(*took))
}

/// Seconds and tenths.
fn seconds(duration: SignedDuration) -> String {
    let tenths = duration.as_millis().max(0) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use anyhow::bail;
    use domain::ManualClock;

    use super::*;

    #[tokio::test]
    async fn what_held_is_in_the_table_and_what_did_not_is_an_error() {
        let (mut out, clock) = (Vec::new(), Arc::new(ManualClock::default()));
        let mut board = Board::new(&mut out, clock.clone());
        let held = async {
            clock.advance(SignedDuration::from_millis(1_250));
            Ok((7, "by looking".to_owned()))
        };
        assert_eq!(board.prove("one wire", held).await.unwrap(), 7);
        let broken = async { bail!("nothing there") };
        let error = board.prove::<()>("another", broken).await.unwrap_err();
        assert_eq!(format!("{error:#}"), "not proved: another: nothing there");
        board.table(&[("a third", "not here")]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("✗ another"), "{text}");
        let (lines, table) = text.split_once("Proved: 1 wires in 1.2 s").unwrap();
        assert!(lines.contains("✓ one wire"), "{text}");
        assert!(table.contains("1.2 s  by looking"), "{text}");
        assert!(
            !table.contains("another") && table.contains("a third"),
            "{text}"
        );
    }
}
