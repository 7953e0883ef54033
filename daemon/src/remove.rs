//! Removing what a job left, however it left it.

use std::{
    ffi::{CStr, CString},
    fs, io,
    os::fd::OwnedFd,
    path::Path,
};

use rustix::{
    fs::{AtFlags, CWD, Dir, Mode, OFlags, chmodat, open, openat, renameat, unlinkat},
    io::Errno,
};

/// How often a folder is gone through while something keeps it from being empty.
const PASSES: u32 = 3;

/// Removes what is at `path` with everything in it; nothing may be changing it. Links are never followed, and
/// folders that not even their owner may change are opened first. Folders may lie in one another deeper than any
/// path is long: each is first moved up beside the others, so that nothing here grows with the depth.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if !found.is_dir() {
        return fs::remove_file(path);
    }
    // What may not be opened shows in the next step.
    let _refused = chmodat(CWD, path, Mode::RWXU, AtFlags::empty());
    let top = open(path, FOLDER, Mode::empty())?;
    let mut heap = Heap { top, moved: 0 };
    heap.empty()?;
    fs::remove_dir(path)
}

const FOLDER: OFlags = OFlags::DIRECTORY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

struct Heap {
    top: OwnedFd,
    moved: u64,
}

impl Heap {
    fn empty(&mut self) -> io::Result<()> {
        for _ in 0..PASSES {
            // Moving folders up makes new ones there, so it is gone through until none comes any more.
            while let folders @ [_, ..] = self.strip(None)?.as_slice() {
                for folder in folders {
                    self.flatten(folder)?;
                }
            }
            if self.strip(None)?.is_empty() {
                return Ok(());
            }
        }
        Err(Errno::NOTEMPTY.into())
    }

    /// Empties the folder `name` of the top, moving its own folders to the top, and removes it.
    fn flatten(&mut self, name: &CStr) -> io::Result<()> {
        let folder = self.enter(name)?;
        for inner in self.strip(Some(&folder))? {
            chmodat(&folder, &inner, Mode::RWXU, AtFlags::empty())?;
            self.lift(&folder, &inner)?;
        }
        drop(folder);
        match unlinkat(&self.top, name, AtFlags::REMOVEDIR) {
            // Something came up at the last moment; the next pass sees it.
            Err(Errno::NOTEMPTY | Errno::EXIST) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn enter(&self, name: &CStr) -> io::Result<OwnedFd> {
        chmodat(&self.top, name, Mode::RWXU, AtFlags::empty())?;
        Ok(openat(&self.top, name, FOLDER, Mode::empty())?)
    }

    /// Removes everything in `folder`, or in the top, but folders that are not empty, and gives back their names.
    fn strip(&self, folder: Option<&OwnedFd>) -> io::Result<Vec<CString>> {
        let folder = folder.unwrap_or(&self.top);
        let mut folders = Vec::new();
        for entry in Dir::read_from(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            if unlinkat(folder, name, AtFlags::empty()).is_ok() {
                continue;
            }
            match unlinkat(folder, name, AtFlags::REMOVEDIR) {
                Ok(()) => {}
                Err(Errno::NOTEMPTY | Errno::EXIST | Errno::ACCESS) => {
                    folders.push(name.to_owned());
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(folders)
    }

    /// Moves the folder `inner` of `folder` to the top, under a name that is free.
    fn lift(&mut self, folder: &OwnedFd, inner: &CStr) -> io::Result<()> {
        loop {
            self.moved += 1;
            match renameat(folder, inner, &self.top, format!("moved-{}", self.moved)) {
                Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR) => {}
                moved => return Ok(moved?),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn nothing_is_left_whatever_its_form_and_links_lead_nowhere() {
        let parent = tempfile::tempdir().unwrap();
        let keep = parent.path().join("keep");
        fs::create_dir(&keep).unwrap();
        fs::write(keep.join("file"), "kept").unwrap();
        let root = parent.path().join("root");
        fs::create_dir_all(root.join("locked/deeper")).unwrap();
        fs::create_dir_all(root.join("moved-1/moved-2/moved-1")).unwrap();
        fs::write(root.join("moved-3"), "").unwrap();
        symlink(&keep, root.join("locked/link")).unwrap();
        for path in ["locked/deeper", "locked", ""] {
            fs::set_permissions(root.join(path), fs::Permissions::from_mode(0o000)).unwrap();
        }
        remove(&root).unwrap();
        remove(&root).unwrap();
        assert!(!root.exists() && keep.join("file").exists());
    }

    #[test]
    fn folders_may_lie_deeper_than_a_path_is_long() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("root");
        fs::create_dir(&root).unwrap();
        let mut at = open(&root, FOLDER, Mode::empty()).unwrap();
        for _ in 0..3000 {
            rustix::fs::mkdirat(&at, "deeper", Mode::RWXU).unwrap();
            at = openat(&at, "deeper", FOLDER, Mode::empty()).unwrap();
        }
        remove(&root).unwrap();
        assert!(!root.exists());
    }
}
