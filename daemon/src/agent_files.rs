//! The files between daemon and agent, all outside the checkout.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use contract::worker::{FINDINGS_LIMIT, JobPayload};
use domain::Untrusted;
use rustix::fs::OFlags;
use serde::Serialize;

use crate::{git::Bot, prompt::Said, workspace::Workspace};

/// The most bytes that are read of a file an agent wrote.
const FILE_LIMIT: u64 = 1024 * 1024;
const CUT: &str = "\n\n(Cut off here: the findings are longer than a comment may be.)\n";
/// Opening must not wait for a pipe's other end nor follow a link.
const CAREFULLY: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK);

/// What the context file holds.
#[derive(Serialize)]
struct Context<'a> {
    #[serde(flatten)]
    job: JobPayload,
    conversation: &'a Said,
}

/// Writes what the agent is told: the prompt, and the larger form of what people said. Nothing is in either that no
/// reader sees.
pub(crate) fn write(
    workspace: &Workspace,
    payload: &JobPayload,
    said: &Said,
    prompt: &str,
) -> io::Result<()> {
    fs::write(prompt_file(workspace), prompt)?;
    let mut job = payload.clone();
    said.title().clone_into(&mut job.title);
    said.body().clone_into(&mut job.body);
    job.request = said.asked().map(str::to_owned);
    let context = serde_json::to_vec_pretty(&Context {
        job,
        conversation: said,
    })?;
    fs::write(context_file(workspace), context)
}

/// The variables of every agent: what it needs to run, and where things are. Nothing of the daemon's
/// own environment but the path is in it.
pub(crate) fn environment(
    workspace: &Workspace,
    payload: &JobPayload,
    bot: &Bot,
    path: &OsString,
) -> Vec<(OsString, OsString)> {
    let address = bot.address().to_owned();
    let texts = [
        ("LANG", "C.UTF-8".to_owned()),
        ("GIT_TERMINAL_PROMPT", "0".to_owned()),
        ("GIT_AUTHOR_NAME", payload.bot.to_string()),
        ("GIT_AUTHOR_EMAIL", address.clone()),
        ("GIT_COMMITTER_NAME", payload.bot.to_string()),
        ("GIT_COMMITTER_EMAIL", address),
        ("SWITCHYARD_DEFINITION", payload.definition.to_string()),
        ("SWITCHYARD_ISSUE_NUMBER", payload.number.to_string()),
        ("SWITCHYARD_RUN", payload.run.to_string()),
    ];
    let paths = [
        ("PATH", path.into()),
        ("HOME", workspace.home()),
        ("TMPDIR", workspace.scratch()),
        ("SWITCHYARD_CONTEXT", context_file(workspace)),
        ("SWITCHYARD_PROMPT", prompt_file(workspace)),
        ("SWITCHYARD_OUTPUT", workspace.output()),
    ];
    let texts = texts
        .into_iter()
        .map(|(name, text)| (name.into(), text.into()));
    texts
        .chain(
            paths
                .into_iter()
                .map(|(name, path)| (name.into(), path.into())),
        )
        .collect()
}

/// The variables that send a program's requests through the proxy at `port` of the loopback.
pub(crate) fn proxy(port: u16) -> Vec<(OsString, OsString)> {
    let address = format!("http://127.0.0.1:{port}");
    let proxied = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];
    let direct = ["NO_PROXY", "no_proxy"].map(|name| (name, "127.0.0.1,localhost"));
    proxied
        .map(|name| (name, address.as_str()))
        .into_iter()
        .chain(direct)
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// The summary of a change, if the agent left one.
pub(crate) fn summary(workspace: &Workspace) -> Option<String> {
    read(workspace, "summary.md")
}

/// The findings, if the agent left any, cut to what the platform takes.
pub(crate) fn findings(workspace: &Workspace, words: Option<String>) -> Option<String> {
    clipped(read(workspace, "findings.md").or(words))
}

/// Words cut to what the platform takes; none if there are none.
pub(crate) fn clipped(words: Option<String>) -> Option<String> {
    let found = words.filter(|text| !text.trim().is_empty())?;
    Some(within(found, FINDINGS_LIMIT))
}

/// Words with a note of ours before them, where nothing that they leave open can swallow it.
pub(crate) fn noted(words: String, note: Option<String>) -> String {
    match note {
        None => words,
        Some(note) => {
            let words = within(words, FINDINGS_LIMIT - note.len() - 2);
            format!("{note}\n\n{words}")
        }
    }
}

fn within(words: String, limit: usize) -> String {
    if words.len() <= limit {
        return words;
    }
    // What is cut in the middle of code is ended as such, so that the note is none.
    let fitted = Untrusted::new(words).for_comment(limit - CUT.len());
    format!("{}{CUT}", fitted.text())
}

/// Says in `text` that `removed` lines of it were taken out, if there is room to say it.
pub(crate) fn shortened(mut text: String, removed: usize) -> String {
    let note = match removed {
        1 => "(One line was taken out here before it was published.)".to_owned(),
        many => format!("({many} lines were taken out here before it was published.)"),
    };
    text.truncate(text.trim_end().len());
    if text.len() + note.len() + 3 <= FINDINGS_LIMIT {
        text.push_str("\n\n");
        text.push_str(&note);
        text.push('\n');
    }
    text
}

/// Keeps the end of an agent's output: with the job, and in `logs` if the operator wants it there.
pub(crate) fn keep_log(workspace: &Workspace, logs: Option<&Path>, name: &str, tail: &[u8]) {
    let inside = fs::write(workspace.agent().join("agent.log"), tail);
    let outside = logs.map_or(Ok(()), |folder| {
        fs::create_dir_all(folder)?;
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(folder.join(name))?;
        io::Write::write_all(&mut file, tail)
    });
    if let Err(error) = inside.and(outside) {
        tracing::warn!(%error, "an agent's log could not be kept");
    }
}

fn prompt_file(workspace: &Workspace) -> PathBuf {
    workspace.agent().join("prompt.md")
}

fn context_file(workspace: &Workspace) -> PathBuf {
    workspace.agent().join("context.json")
}

// An agent may leave anything under that name: a link to somebody else's file, a pipe, a disk full of zeros.
fn read(workspace: &Workspace, name: &str) -> Option<String> {
    let file = open(workspace, name).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(FILE_LIMIT).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (!text.trim().is_empty()).then_some(text)
}

/// Opens a file of the agent's output without going through any link, not even one in a folder's place.
#[cfg(target_os = "linux")]
fn open(workspace: &Workspace, name: &str) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, ResolveFlags, openat, openat2};
    let root = openat(
        CWD,
        workspace.root(),
        OFlags::PATH | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let path = Path::new("agent/output").join(name);
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let file = openat2(
        &root,
        path,
        CAREFULLY | OFlags::CLOEXEC,
        Mode::empty(),
        resolve,
    )?;
    Ok(file.into())
}

#[cfg(not(target_os = "linux"))]
fn open(workspace: &Workspace, name: &str) -> io::Result<File> {
    fs::OpenOptions::new()
        .read(true)
        .custom_flags(CAREFULLY.bits().cast_signed())
        .open(workspace.output().join(name))
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;
    use testkit::{IMPLEMENT, INVESTIGATE};

    use super::*;
    use crate::{
        prompt::{FILE, Pages, said},
        testing::{nothing_said, payload},
    };

    fn workspace(parent: &Path) -> Workspace {
        Workspace::create(
            parent,
            payload(INVESTIGATE).run,
            crate::sandbox::Confinement::new(None),
            &SeededRandom::new(1),
        )
        .unwrap()
    }

    #[test]
    fn only_plain_files_of_the_agent_are_read() {
        let parent = tempfile::tempdir().unwrap();
        let workspace = workspace(parent.path());
        let at = workspace.output().join("findings.md");
        assert_eq!(findings(&workspace, None), None);
        std::os::unix::fs::symlink("/etc/hostname", &at).unwrap();
        assert_eq!(findings(&workspace, None), None);
        fs::remove_file(&at).unwrap();
        fs::create_dir(&at).unwrap();
        assert_eq!(findings(&workspace, Some(" \n".to_owned())), None);
        fs::remove_dir(&at).unwrap();
        assert_eq!(
            findings(&workspace, Some("words".to_owned())).as_deref(),
            Some("words")
        );
        fs::write(&at, "file").unwrap();
        assert_eq!(
            findings(&workspace, Some("words".to_owned())).as_deref(),
            Some("file")
        );
        // A link in the place of a folder on the way.
        let elsewhere = parent.path().join("elsewhere");
        fs::rename(workspace.output(), &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, workspace.output()).unwrap();
        if cfg!(target_os = "linux") {
            assert_eq!(findings(&workspace, None), None);
        }
    }

    #[test]
    fn long_findings_are_cut_between_characters_and_say_so() {
        let parent = tempfile::tempdir().unwrap();
        let workspace = workspace(parent.path());
        fs::write(workspace.output().join("findings.md"), "€".repeat(40_000)).unwrap();
        let found = findings(&workspace, None).unwrap();
        assert!(found.len() <= FINDINGS_LIMIT && found.len() > FINDINGS_LIMIT - 10);
        assert!(found.ends_with(CUT));
        fs::remove_file(workspace.output().join("findings.md")).unwrap();
        let log = format!("```\n{}", "a line of a long log\n".repeat(4_000));
        let found = findings(&workspace, Some(log)).unwrap();
        assert!(found.ends_with(&format!("\n```{CUT}")), "{found}");
    }

    #[test]
    fn what_was_taken_out_is_said_where_there_is_room() {
        assert_eq!(
            shortened("Left.\n\n".to_owned(), 1),
            "Left.\n\n(One line was taken out here before it was published.)\n"
        );
        assert!(shortened("Left.".to_owned(), 2).contains("(2 lines were"));
        let long = "x".repeat(FINDINGS_LIMIT - 9);
        assert_eq!(shortened(long.clone(), 3), long);
    }

    #[test]
    fn a_note_stands_before_the_words_and_fits() {
        let note = || Some("Ours.".to_owned());
        assert_eq!(noted("Theirs.".to_owned(), note()), "Ours.\n\nTheirs.");
        assert_eq!(noted("Theirs.".to_owned(), None), "Theirs.");
        let long = noted("x".repeat(FINDINGS_LIMIT), note());
        assert!(long.starts_with("Ours.\n\nxxx") && long.ends_with(CUT));
        assert!(long.len() <= FINDINGS_LIMIT, "{}", long.len());
    }

    #[test]
    fn the_context_and_environment_hold_no_credentials() {
        let parent = tempfile::tempdir().unwrap();
        let workspace = workspace(parent.path());
        let mut payload = payload(IMPLEMENT);
        payload.body = "It says <!-- obey -->goodbye.".to_owned();
        let said = said(&payload, &nothing_said(), &Pages::default(), &FILE);
        write(&workspace, &payload, &said, "the prompt").unwrap();
        let context = fs::read_to_string(context_file(&workspace)).unwrap();
        assert!(context.contains("Greeting is wrong") && !context.contains("token"));
        assert!(context.contains("It says goodbye.") && !context.contains("obey"));
        let bot = Bot::new(&payload.bot, None, "users.noreply.localhost");
        let environment = environment(&workspace, &payload, &bot, &"/bin".into());
        let names: Vec<_> = environment
            .iter()
            .filter_map(|(name, _)| name.to_str())
            .collect();
        assert!(names.contains(&"SWITCHYARD_OUTPUT") && names.contains(&"HOME"));
        assert!(
            !names
                .iter()
                .any(|name| name.contains("TOKEN") || name.starts_with("AWS"))
        );
    }

    #[test]
    fn logs_are_kept_where_the_operator_wants_them() {
        let parent = tempfile::tempdir().unwrap();
        let workspace = workspace(parent.path());
        let logs = parent.path().join("logs");
        keep_log(&workspace, Some(&logs), "run.log", b"the end");
        assert_eq!(fs::read(logs.join("run.log")).unwrap(), b"the end");
        assert_eq!(
            fs::read(workspace.agent().join("agent.log")).unwrap(),
            b"the end"
        );
    }
}
