//! One call of the git program.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Write},
    net::Shutdown,
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use command_fds::{CommandFdExt, FdMapping};
use domain::clip;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::Command,
    time::timeout,
};
use url::Url;

use super::Verdict;
use crate::process::Group;

/// How long one call may take.
const LIMIT: Duration = Duration::from_mins(15);
/// The most bytes a call may answer with.
const ANSWER_LIMIT: usize = 64 * 1024 * 1024;
/// The most bytes of complaints that are kept.
const COMPLAINT_LIMIT: usize = 32 * 1024;
/// The descriptor on which a helper finds the token. Nothing else is ever said there.
const TOKEN: i32 = 3;
/// Runs in the shell that git starts for it. It is made of the shell's own commands, so that no other program is told the
/// token, and no variable of an environment ever holds it.
const HELPER: &str = "!f() { test \"$1\" = get && IFS= read -r password <&3 && \
                      printf 'username=x-access-token\\npassword=%s\\n' \"$password\"; }; f";
/// Said to every call, over whatever a repository says.
const SETTINGS: [(&str, &str); 25] = [
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    ("core.protectNTFS", "true"),
    ("core.protectHFS", "true"),
    ("core.autocrlf", "false"),
    ("credential.helper", ""),
    ("commit.gpgSign", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("init.templateDir", ""),
    ("maintenance.auto", "false"),
    ("push.recurseSubmodules", "no"),
    ("protocol.allow", "never"),
    ("protocol.https.allow", "always"),
    ("submodule.recurse", "false"),
    ("transfer.fsckObjects", "true"),
    // Old histories hold what old programs wrote; none of this can do harm.
    ("fetch.fsck.badTimezone", "ignore"),
    ("fetch.fsck.missingSpaceBeforeDate", "ignore"),
    ("fetch.fsck.missingTaggerEntry", "ignore"),
    ("fetch.fsck.zeroPaddedFilemode", "ignore"),
    ("fetch.fsck.missingEmail", "ignore"),
    ("fetch.fsck.badFilemode", "ignore"),
    ("transfer.unpackLimit", "1"),
];

/// The git program as a job uses it.
#[derive(Clone, Debug)]
pub(crate) struct Git {
    /// Where programs are looked for.
    path: OsString,
    /// An empty folder that git takes for its home.
    home: PathBuf,
    /// The provider's address, without a slash at its end.
    base: String,
    /// Whether the provider is spoken to without encryption, as on one machine.
    plain: bool,
}

/// A call of git failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GitError {
    /// Git said no.
    #[error("git ended with {code}: {complaint}")]
    Failed {
        /// Its exit code; -1 if a signal ended it.
        code: i32,
        /// The end of what it wrote to standard error, in one line; for the operator's log alone.
        complaint: String,
        /// What it means.
        verdict: Verdict,
    },
    /// It took too long.
    #[error("git did not end in time")]
    TooLong,
    /// It answered more than anybody could look at.
    #[error("git answered with too much")]
    TooMuch,
    /// It could not be run.
    #[error("git cannot be run: {0}")]
    Io(#[from] io::Error),
}

/// What one call reads on standard input.
pub(crate) enum Input {
    /// Nothing.
    Nothing,
    /// These bytes.
    Bytes(Vec<u8>),
    /// This file.
    File(PathBuf),
}

/// Whom a call speaks to.
#[derive(Clone, Copy, Debug)]
enum With {
    /// Nobody: it works on files alone.
    Nobody,
    /// The provider.
    Provider,
}

/// One call.
pub(crate) struct Call<'a> {
    git: &'a Git,
    command: Command,
    settings: Vec<(String, String)>,
    input: Input,
    token: Option<SecretString>,
}

impl GitError {
    /// What it means for what was to be done.
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Failed { verdict, .. } => verdict.clone(),
            Self::TooLong => Verdict::Passing,
            Self::Io(error) if is_no_room(error.kind()) => Verdict::NoRoom,
            Self::TooMuch | Self::Io(_) => Verdict::Other,
        }
    }
}

impl Git {
    /// Git that finds programs in `path`, calls the empty folder `home` its home, and knows the token's
    /// use at `base` alone.
    pub(crate) fn new(path: &OsString, home: &Path, base: &Url) -> Self {
        Self {
            path: path.clone(),
            home: home.to_owned(),
            base: base.as_str().trim_end_matches('/').to_owned(),
            plain: base.scheme() == "http",
        }
    }

    /// The address below the provider's, such as a repository's.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// The folder it calls home; jobs keep fresh repositories in it.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// A call with `arguments` in `folder`.
    pub(crate) fn call<'a>(&'a self, folder: &Path, arguments: &[&str]) -> Call<'a> {
        let mut command = Command::new("git");
        command
            .args(arguments)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.home)
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let plain = if self.plain { "always" } else { "never" };
        let mut settings: Vec<(String, String)> = SETTINGS
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        settings.push(("protocol.http.allow".to_owned(), plain.to_owned()));
        Call {
            git: self,
            command,
            settings,
            input: Input::Nothing,
            token: None,
        }
    }
}

impl Call<'_> {
    /// With `token` for the provider's address.
    pub(crate) fn token(mut self, token: &SecretString) -> Self {
        self.token = Some(token.clone());
        self.settings.push((
            format!("credential.{}.helper", self.git.base),
            HELPER.to_owned(),
        ));
        self
    }

    /// With another variable.
    pub(crate) fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// With another argument.
    pub(crate) fn argument(mut self, argument: &OsStr) -> Self {
        self.command.arg(argument);
        self
    }

    /// With something to read.
    pub(crate) fn input(mut self, input: Input) -> Self {
        self.input = input;
        self
    }

    /// Makes the call and gives back what it answered.
    pub(crate) async fn run(mut self) -> Result<Vec<u8>, GitError> {
        self.command
            .env("GIT_CONFIG_COUNT", self.settings.len().to_string());
        for (index, (name, value)) in self.settings.iter().enumerate() {
            self.command.env(format!("GIT_CONFIG_KEY_{index}"), name);
            self.command.env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        if let Some(token) = &self.token {
            let token = FdMapping {
                parent_fd: told(token)?,
                child_fd: TOKEN,
            };
            self.command
                .fd_mappings(vec![token])
                .map_err(io::Error::other)?;
        }
        let with = match self.token {
            Some(_) => With::Provider,
            None => With::Nobody,
        };
        let bytes = match self.input {
            Input::Nothing => None,
            Input::Bytes(bytes) => Some(bytes),
            Input::File(path) => {
                self.command.stdin(Stdio::from(File::open(path)?));
                return Self::finish(self.command, None, with).await;
            }
        };
        self.command.stdin(if bytes.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        });
        Self::finish(self.command, bytes, with).await
    }

    /// Makes the call and gives back what it answered as one line of text.
    pub(crate) async fn line(self) -> Result<String, GitError> {
        let answer = self.run().await?;
        Ok(String::from_utf8_lossy(&answer).trim().to_owned())
    }

    async fn finish(
        mut command: Command,
        input: Option<Vec<u8>>,
        with: With,
    ) -> Result<Vec<u8>, GitError> {
        let mut child = command.spawn()?;
        // This process's copy of the token's descriptor goes with the command.
        drop(command);
        let _ends_with_this = Group::led_by(&child);
        let stdin = child.stdin.take();
        let feed = async {
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                // Git may say no before it has read everything.
                let _closed = stdin.write_all(&input).await;
            }
        };
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let all = async {
            tokio::join!(
                feed,
                first(out, ANSWER_LIMIT),
                last(err, COMPLAINT_LIMIT),
                child.wait()
            )
        };
        let ((), answer, complaint, status) =
            timeout(LIMIT, all).await.map_err(|_| GitError::TooLong)?;
        let (answer, status) = (answer?, status?);
        let answer = answer.ok_or(GitError::TooMuch)?;
        if status.success() {
            return Ok(answer);
        }
        let verdict = match with {
            With::Provider => Verdict::of(&format!("{complaint}\n{}", porcelain(&answer))),
            With::Nobody => Verdict::alone(&complaint),
        };
        let words: Vec<&str> = complaint.split_whitespace().collect();
        Err(GitError::Failed {
            code: status.code().unwrap_or(-1),
            complaint: clip(&words.join(" "), 500).to_owned(),
            verdict,
        })
    }
}

fn is_no_room(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(kind, StorageFull | QuotaExceeded | ReadOnlyFilesystem)
}

// In the porcelain form of a push, a reference that was not accepted has a line that starts so.
fn porcelain(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    let lines = text.lines().filter(|line| line.starts_with("!\t"));
    lines.collect::<Vec<_>>().join("\n")
}

// A socket, unlike a pipe, cannot be opened a second time by its name under /proc.
fn told(token: &SecretString) -> io::Result<OwnedFd> {
    let (mut here, there) = UnixStream::pair()?;
    writeln!(here, "{}", token.expose_secret())?;
    here.shutdown(Shutdown::Write)?;
    Ok(there.into())
}

// All of a stream; nothing if it is longer than the limit. A reader that stops makes the writer end.
async fn first(
    stream: Option<impl AsyncRead + Unpin>,
    limit: usize,
) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        stream.take(most).read_to_end(&mut bytes).await?;
    }
    Ok((bytes.len() <= limit).then_some(bytes))
}

async fn last(stream: Option<impl AsyncRead + Unpin>, limit: usize) -> String {
    let mut kept = Vec::new();
    if let Some(mut stream) = stream {
        let mut bytes = vec![0; 4 * 1024];
        while let Ok(read @ 1..) = stream.read(&mut bytes).await {
            kept.extend_from_slice(&bytes[..read]);
            let excess = kept.len().saturating_sub(limit);
            kept.drain(..excess);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}
