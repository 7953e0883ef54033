//! Finding programs.

use std::{
    ffi::OsStr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Where `program` is: a path is taken as it is, a name is looked for in `path`.
pub(crate) fn find(program: &OsStr, path: &OsStr) -> Option<PathBuf> {
    if Path::new(program).components().count() > 1 {
        return runnable(Path::new(program)).then(|| program.into());
    }
    std::env::split_paths(path)
        .map(|folder| folder.join(program))
        .find(|found| runnable(found))
}

fn runnable(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_in_the_path_only() {
        let path = OsStr::new("/no/such/folder:/bin:/usr/bin");
        assert!(find(OsStr::new("sh"), path).is_some());
        assert!(find(OsStr::new("sh"), OsStr::new("/no/such/folder")).is_none());
        assert!(find(OsStr::new("/bin/sh"), OsStr::new("")).is_some());
        assert!(find(OsStr::new("/etc"), path).is_none());
        let plain = tempfile::NamedTempFile::new().unwrap();
        assert!(find(plain.path().as_os_str(), path).is_none());
    }
}
