//! The lines of git's complaints, by who wrote them, without what others may have put into them.
//!
//! Complaints repeat names of files and branches, and a name may be any words. So nothing is read where a name can be.

/// What the other side writes begins so, however it is meant.
const THERE: &str = "remote:";
const LARGE: &str = "error: File ";
/// The same about a file that is taken.
const LARGISH: &str = "warning: File ";
const EXCEEDS: &str = "; this exceeds GitHub's file size limit of ";
const WORKFLOW: &str = "workflow `";
const WITHOUT: &str = "` without `workflow";
const PATH: &str = "path: ";

/// A file that the provider found too large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Large<'a> {
    /// Its name.
    pub(super) file: &'a str,
    /// The limit as the provider tells it, which may be anything.
    pub(super) limit: &'a str,
}

/// A complaint taken apart.
#[derive(Debug, Default)]
pub(super) struct Complaint<'a> {
    /// What git itself says, without what is in quotes, and why references were not accepted.
    here: Vec<String>,
    /// What the other side says.
    there: Vec<&'a str>,
    /// The files that are too large.
    pub(super) large: Vec<Large<'a>>,
    /// The files that only another permission allows.
    pub(super) forbidden: Vec<&'a str>,
    /// Where something is that may not be pushed.
    pub(super) places: Vec<&'a str>,
}

impl<'a> Complaint<'a> {
    /// Takes apart what git wrote to standard error, and to standard output in its porcelain form.
    pub(super) fn read(text: &'a str) -> Self {
        let mut read = Self::default();
        for line in text.lines() {
            match line.strip_prefix(THERE) {
                Some(told) => read.there(told.trim()),
                None => read.here(line.trim_end()),
            }
        }
        read
    }

    /// Whether git itself says one of `words`.
    pub(super) fn says(&self, words: &[&str]) -> bool {
        let said = |line: &String| words.iter().any(|words| line.contains(words));
        self.here.iter().any(said)
    }

    /// Whether git itself ends a line with one of `reasons`, as it does with what the system told it.
    pub(super) fn gives(&self, reasons: &[&str]) -> bool {
        let given = |line: &String, reason: &str| {
            let before = line.strip_suffix(reason);
            before.is_some_and(|before| before.ends_with(": "))
        };
        let any = |line: &String| reasons.iter().any(|reason| given(line, reason));
        self.here.iter().any(any)
    }

    /// Whether the other side begins a line with one of `words`.
    pub(super) fn told(&self, words: &[&str]) -> bool {
        let begins = |line: &&str| words.iter().any(|words| line.starts_with(words));
        self.there.iter().any(begins)
    }

    fn there(&mut self, line: &'a str) {
        // `path: settings/prod.env:3`
        if let Some(place) = line.strip_prefix(PATH) {
            self.places.push(without_line(place));
        } else if let Some(about) = line.strip_prefix(LARGE) {
            self.large.extend(large(about));
        } else if let Some(file) = forbidden(line) {
            self.forbidden.push(file);
        } else if !line.starts_with(LARGISH) {
            self.there.push(line);
        }
    }

    fn here(&mut self, line: &'a str) {
        // `!<TAB>from:to<TAB>[remote rejected] (why)`: no name of a reference holds a space.
        let why = line.starts_with('!').then(|| line.split_once(" ("));
        let (_, why) = why.flatten().unwrap_or(("", line));
        match forbidden(why) {
            Some(file) => self.forbidden.push(file),
            None => self.here.push(unquoted(why)),
        }
    }
}

// `refusing to allow a GitHub App to create or update workflow `ci.yml` without `workflows` permission`
fn forbidden(why: &str) -> Option<&str> {
    let (_, file) = why
        .strip_prefix("refusing to allow")?
        .split_once(WORKFLOW)?;
    file.rsplit_once(WITHOUT).map(|(file, _)| file)
}

// `assets/big.bin is 123.00 MB; this exceeds GitHub's file size limit of 100.00 MB`
fn large(about: &str) -> Option<Large<'_>> {
    let (file, limit) = about.rsplit_once(EXCEEDS)?;
    let (file, _) = file.rsplit_once(" is ")?;
    Some(Large { file, limit })
}

fn without_line(place: &str) -> &str {
    let cut = place
        .rsplit_once(':')
        .filter(|(_, line)| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()));
    cut.map_or(place, |(path, _)| path)
}

// A name may hold quotes itself, so everything goes from the first one to the last, and to the end where there is no
// other: a name may go on on the next line. An apostrophe opens nothing.
fn unquoted(line: &str) -> String {
    let opens = |at: &usize| *at == 0 || line[..*at].ends_with([' ', '(']);
    let first = line.match_indices('\'').map(|(at, _)| at).find(opens);
    match (first, line.rfind('\'')) {
        (Some(first), Some(last)) if first < last => {
            format!("{}{}", &line[..first], &line[last + 1..])
        }
        (Some(first), _) => line[..first].to_owned(),
        (None, _) => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_quotes_is_not_read() {
        for (line, expected) in [
            (
                "cannot stat 'a': File name too long",
                "cannot stat : File name too long",
            ),
            ("cannot stat 'a' b' c': no", "cannot stat : no"),
            ("'a' is no file", " is no file"),
            (
                "(cannot lock ref 'a': 'b' exists; cannot create)",
                "(cannot lock ref  exists; cannot create)",
            ),
            ("couldn't find remote ref", "couldn't find remote ref"),
            ("cannot stat 'a", "cannot stat "),
        ] {
            assert_eq!(unquoted(line), expected, "{line}");
        }
    }

    #[test]
    fn the_sides_are_told_apart() {
        let text = "remote: error: GH001: Large        \nfatal: 'GH002' is bad: Gone\n!\tGH003:x\t[rejected] (stale info)\n";
        let read = Complaint::read(text);
        assert!(read.told(&["error: GH001"]) && !read.told(&["GH001"]));
        assert!(read.says(&["stale"]) && read.gives(&["Gone"]) && !read.gives(&["one"]));
        assert!(!read.says(&["GH001", "GH002", "GH003"]));
    }
}
