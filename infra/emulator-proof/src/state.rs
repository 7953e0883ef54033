//! Where state and logs are.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use tempfile::TempDir;

/// Lines of each log that are shown after a failure.
const TAIL: usize = 12;
/// Characters of such a line.
const WIDTH: usize = 400;

/// A directory, temporary or not.
#[derive(Debug)]
pub(crate) enum State {
    /// Gone with this, unless it is kept.
    Temporary(TempDir),
    /// Somebody's own.
    Named(PathBuf),
}

impl State {
    /// The named directory, or a temporary one.
    pub(crate) fn new(named: Option<&Path>) -> Result<Self> {
        let Some(named) = named else {
            let folder = tempfile::Builder::new().prefix("switchyard-").tempdir()?;
            return Ok(Self::Temporary(folder));
        };
        fs::create_dir_all(named)?;
        Ok(Self::Named(std::path::absolute(named)?))
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Named(folder) => folder,
        }
    }

    /// Leaves it where it is, and says where.
    pub(crate) fn keep(self) -> PathBuf {
        match self {
            Self::Temporary(folder) => folder.keep(),
            Self::Named(folder) => folder,
        }
    }
}

/// The ends of all logs in `folder`.
pub(crate) fn tails(folder: &Path) -> Result<String> {
    let mut text = String::new();
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    for file in files {
        let log = fs::read(file.path())?;
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().filter(|line| !line.trim().is_empty()).collect();
        if lines.is_empty() {
            continue;
        }
        writeln!(text, "\n--- {}", file.file_name().display())?;
        for line in &lines[lines.len().saturating_sub(TAIL)..] {
            let line: String = line.chars().take(WIDTH).collect();
            writeln!(text, "{line}")?;
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_every_log_is_shown() {
        let state = State::new(None).unwrap();
        let lines: Vec<_> = (1..=TAIL + 3).map(|line| format!("line {line}.")).collect();
        fs::write(state.path().join("a.log"), lines.join("\n")).unwrap();
        fs::write(state.path().join("b.log"), "\n").unwrap();
        let text = tails(state.path()).unwrap();
        assert!(text.contains("--- a.log\nline 4.\n"), "{text}");
        assert!(
            !text.contains("line 3.") && !text.contains("b.log"),
            "{text}"
        );
    }
}
