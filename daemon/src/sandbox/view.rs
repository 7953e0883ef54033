//! What a job sees of the machine's files.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use super::plan::{Access, Mount};
use crate::workspace::Workspace;

/// Where systems keep programs and what belongs to them.
const SYSTEM: [&str; 14] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc",
    "/opt",
    "/nix",
    "/gnu",
    "/snap",
    "/sys",
    "/var/lib/dpkg",
];
/// How many links in a row are followed.
const HOPS: usize = 8;

/// What every job sees alike.
#[derive(Clone, Debug)]
pub(super) struct View {
    mounts: Vec<Mount>,
}

impl View {
    /// The system, the programs in `path` and what `readable` names, and nothing of what `hidden` names.
    pub(super) fn new(path: &OsStr, readable: &[PathBuf], hidden: &[PathBuf]) -> Self {
        let mut view = Self { mounts: Vec::new() };
        for part in SYSTEM {
            view.readable(Path::new(part));
        }
        view.hide(hidden);
        for folder in std::env::split_paths(path).filter(|folder| folder.is_absolute()) {
            view.programs(&folder);
        }
        for part in readable {
            view.readable(part);
        }
        view.hide(hidden);
        view
    }

    /// All of this, and what is a job's own.
    pub(super) fn of(&self, workspace: &Workspace) -> Vec<Mount> {
        let own = |from: PathBuf, at: PathBuf, access| Mount::Own { from, at, access };
        let mut mounts = self.mounts.clone();
        for part in [workspace.checkout(), workspace.home(), workspace.scratch()] {
            if part.is_dir() {
                mounts.push(own(part.clone(), part, Access::Write));
            }
        }
        mounts.push(own(workspace.agent(), workspace.agent(), Access::Read));
        mounts.push(own(workspace.output(), workspace.output(), Access::Write));
        for shared in ["/tmp", "/var/tmp"] {
            // A folder below that something else lies in already stays as it is.
            mounts.insert(0, own(workspace.scratch(), shared.into(), Access::Write));
        }
        mounts
    }

    fn hide(&mut self, hidden: &[PathBuf]) {
        for real in hidden.iter().filter_map(|path| path.canonicalize().ok()) {
            if self.shows(&real) {
                self.mounts.push(Mount::Hidden(real));
            }
        }
    }

    fn readable(&mut self, path: &Path) {
        let Ok(real) = path.canonicalize() else {
            return;
        };
        if !self.shows(&real) {
            self.mounts.push(Mount::Readable(real.clone()));
        }
        if real != path {
            self.mounts.push(Mount::Link {
                at: path.to_owned(),
                to: real,
            });
        }
    }

    fn shows(&self, path: &Path) -> bool {
        let over = self.mounts.iter().rev().find_map(|mount| match mount {
            Mount::Readable(shown) if path.starts_with(shown) => Some(true),
            Mount::Hidden(hidden) if path.starts_with(hidden) => Some(false),
            _ => None,
        });
        over.unwrap_or_default()
    }

    // A folder of programs, what they keep beside it, and what its links lead to.
    fn programs(&mut self, folder: &Path) {
        if self.shows(folder) {
            return;
        }
        self.readable(folder);
        if folder.file_name() == Some(OsStr::new("bin")) {
            for beside in ["lib", "lib64", "libexec"] {
                self.readable(&folder.with_file_name(beside));
            }
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            self.follow(entry.path());
        }
    }

    fn follow(&mut self, mut link: PathBuf) {
        for _ in 0..HOPS {
            let Ok(to) = fs::read_link(&link) else {
                return;
            };
            link = link.parent().unwrap_or_else(|| Path::new("/")).join(to);
            if let Ok(real) = link.canonicalize() {
                self.readable(package(&real));
            }
        }
    }
}

/// The whole folder of packages that a program lies in, if there is one; a package needs the others.
fn package(program: &Path) -> &Path {
    let modules = |at: &&Path| at.file_name() == Some(OsStr::new("node_modules"));
    program
        .ancestors()
        .filter(modules)
        .last()
        .unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::symlink, slice::from_ref};

    use super::*;

    #[test]
    fn programs_in_the_path_are_shown_with_what_they_need_and_their_neighbours_are_not() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        for folder in [
            "bin",
            "lib/node_modules/agent",
            "share/agent/versions",
            ".ssh",
        ] {
            fs::create_dir_all(home.join(folder)).unwrap();
        }
        fs::write(home.join("share/agent/versions/1"), "").unwrap();
        symlink("../share/agent/versions/1", home.join("bin/agent")).unwrap();
        let view = View::new(home.join("bin").as_os_str(), &[], from_ref(&home));
        for shown in [
            "bin/agent",
            "lib/node_modules/agent",
            "share/agent/versions/1",
        ] {
            assert!(view.shows(&home.join(shown)), "{shown}");
        }
        for hidden in [".ssh", "share/agent", "share/agent/versions/2"] {
            assert!(!view.shows(&home.join(hidden)), "{hidden}");
        }
    }

    #[test]
    fn what_is_hidden_stays_so_inside_what_is_readable() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let state = folder.join("state");
        fs::create_dir(&state).unwrap();
        let view = View::new(OsStr::new(""), from_ref(&folder), from_ref(&state));
        assert!(view.shows(&folder.join("other")) && !view.shows(&state.join("secrets.json")));
    }
}
