//! What a daemon said before it ended: the errors in its log, for a person at a terminal.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use domain::clip;
use serde::Deserialize;

/// The most bytes of a log that are read for it, from its end.
const READ: u64 = 64 * 1024;
/// The most complaints that are shown.
const COMPLAINTS: usize = 5;
/// The most bytes that are shown of one.
const SHOWN: usize = 500;

/// The part of a log that one daemon writes.
#[derive(Debug)]
pub(super) struct LastWords {
    log: PathBuf,
    from: u64,
}

/// A line of the log, as far as it is shown.
#[derive(Deserialize)]
struct Line {
    level: String,
    #[serde(default)]
    message: String,
    name: Option<String>,
    reason: Option<String>,
    solution: Option<String>,
    error: Option<String>,
}

impl LastWords {
    /// Everything that is written to the log from now on.
    pub(super) fn from_here(log: &Path, file: &File) -> io::Result<Self> {
        Ok(Self {
            log: log.to_owned(),
            from: file.metadata()?.len(),
        })
    }

    /// What was complained of last.
    pub(super) fn complaint(&self) -> Option<String> {
        let text = self.read().ok()?;
        let all: Vec<String> = text.lines().filter_map(complaint).collect();
        let shown = &all[all.len().saturating_sub(COMPLAINTS)..];
        (!shown.is_empty()).then(|| shown.join("; "))
    }

    fn read(&self) -> io::Result<String> {
        let mut file = File::open(&self.log)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(self.from.max(end.saturating_sub(READ))))?;
        let mut bytes = Vec::new();
        file.take(READ).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// What a line complains of: an error, or words that are no line of the log, such as those of a panic.
fn complaint(line: &str) -> Option<String> {
    let said = match serde_json::from_str::<Line>(line) {
        Ok(line) if line.level == "ERROR" => line.sentence(),
        Ok(_) => return None,
        Err(_) if line.trim().is_empty() || line.starts_with('{') => return None,
        Err(_) => line.trim().to_owned(),
    };
    Some(clip(&said, SHOWN).to_owned())
}

impl Line {
    fn sentence(self) -> String {
        let about = self.name.unwrap_or(self.message);
        let cause = self.reason.or(self.error);
        let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
        let solution = self
            .solution
            .map(|solution| format!(". {solution}"))
            .unwrap_or_default();
        format!("{about}{cause}{solution}")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn said(before: &str, after: &str) -> Option<String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "{before}").unwrap();
        let words = LastWords::from_here(file.path(), file.as_file()).unwrap();
        write!(file, "{after}").unwrap();
        words.complaint()
    }

    const ERROR: &str = r#"{"level":"ERROR","message":"the daemon cannot run","error":"no space"}"#;

    #[test]
    fn errors_are_shown_with_their_cause_and_what_to_do() {
        assert_eq!(said("", ERROR).unwrap(), "the daemon cannot run: no space");
        let setting = r#"{"level":"ERROR","message":"m","name":"A_B","reason":"it is bad","solution":"Mend it."}"#;
        assert_eq!(said("", setting).unwrap(), "A_B: it is bad. Mend it.");
        let boundary = r#"{"level":"ERROR","message":"no boundary","reason":"none works","solution":"Do so."}"#;
        assert_eq!(
            said("", boundary).unwrap(),
            "no boundary: none works. Do so."
        );
        assert_eq!(
            said("", "thread 'main' panicked\n").unwrap(),
            "thread 'main' panicked"
        );
    }

    #[test]
    fn what_another_daemon_said_and_what_is_no_error_is_not_shown() {
        let line = r#"{"level":"INFO","message":"all is well"}"#;
        assert_eq!(said(&format!("{ERROR}\n"), line), None);
    }

    #[test]
    fn a_flood_is_cut() {
        let flood = format!("{ERROR}\n").repeat(10_000) + &"x".repeat(100_000);
        assert!(said("", &flood).unwrap().len() <= COMPLAINTS * (SHOWN + 2));
    }
}
