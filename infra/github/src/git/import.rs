//! Making repositories and commits without a work tree.

use std::io;

use super::{Git, succeeded};
use crate::error::Error;
use crate::state::repositories::Repository;

/// Who a commit is by and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    pub(crate) login: String,
    /// Seconds since 1970.
    pub(crate) now: i64,
    pub(crate) message: String,
}

/// A file's path and content.
pub(crate) type File = (String, Vec<u8>);

impl Git {
    /// Makes an empty bare repository in place of any leftover of an interrupted attempt.
    pub(crate) async fn init(&self, repository: &Repository) -> Result<(), Error> {
        let directory = self.directory(repository);
        match tokio::fs::remove_dir_all(&directory).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error.into());
            }
            _ => {}
        }
        let mut command = self.command();
        command.args([
            "init",
            "--bare",
            "--quiet",
            "--template=",
            "--initial-branch",
        ]);
        command.arg(&repository.default_branch).arg(&directory);
        let output = command.output().await?;
        succeeded(&output)
    }

    /// Commits files on top of a branch, or as its first commit. Files that begin with `#!` are
    /// executable.
    pub(crate) async fn commit(
        &self,
        repository: &Repository,
        branch: &str,
        parent: Option<&str>,
        author: &Author,
        files: &[File],
    ) -> Result<(), Error> {
        let stream = stream(branch, parent, author, files)?;
        let arguments = ["fast-import", "--quiet", "--date-format=raw"];
        let output = self.run(repository, &arguments, Some(stream)).await?;
        succeeded(&output)
    }
}

fn stream(
    branch: &str,
    parent: Option<&str>,
    author: &Author,
    files: &[File],
) -> Result<Vec<u8>, Error> {
    let plain = |text: &str| !text.contains(char::is_control);
    if !plain(branch) || !plain(&author.login) || author.login.contains(['<', '>']) {
        return Err(Error::Git(
            "a branch or a name holds control characters".to_owned(),
        ));
    }
    let Author {
        login,
        now,
        message,
    } = author;
    let mut stream = format!(
        "commit refs/heads/{branch}\ncommitter {login} <{login}@users.noreply.localhost> {now} +0000\n"
    )
    .into_bytes();
    data(&mut stream, message.as_bytes());
    if let Some(parent) = parent {
        stream.extend_from_slice(format!("from {parent}\n").as_bytes());
    }
    for (path, content) in files {
        if !plain(path) || path.contains(['"', '\\']) {
            return Err(Error::Git(format!("{path:?} is not a usable path")));
        }
        let mode = if content.starts_with(b"#!") {
            "100755"
        } else {
            "100644"
        };
        stream.extend_from_slice(format!("M {mode} inline {path}\n").as_bytes());
        data(&mut stream, content);
    }
    stream.extend_from_slice(b"done\n");
    Ok(stream)
}

fn data(stream: &mut Vec<u8>, bytes: &[u8]) {
    stream.extend_from_slice(format!("data {}\n", bytes.len()).as_bytes());
    stream.extend_from_slice(bytes);
    stream.push(b'\n');
}
