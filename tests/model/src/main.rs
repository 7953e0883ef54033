//! Prints how large scenarios are and what does not hold in them: of those in the list whose names have the first argument in
//! them, or, after `try`, of the one in words. After `traces`, prints the traces.

use std::{
    error::Error,
    io::{self, Write as _},
};

use switchyard_model::{Protocol, Report, as_lines, scenarios, to_replay, traces};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (first, rest) = words
        .split_first()
        .map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let mut out = io::stdout().lock();
    match first {
        "try" => {
            let tried = Protocol::in_words(&rest.join(" "))?;
            writeln!(out, "{}", Report::of(&tried))?;
        }
        "traces" => write!(out, "{}", as_lines(&traces(&to_replay()?))?)?,
        name => {
            for scenario in scenarios()? {
                if scenario.name.contains(name) {
                    writeln!(out, "{}: {}", scenario.name, Report::of(&scenario.protocol))?;
                }
            }
        }
    }
    Ok(())
}
