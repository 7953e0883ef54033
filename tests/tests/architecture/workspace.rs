//! The repository as cargo and the file system see it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use walkdir::WalkDir;

/// Directories that hold what is made, not what is written.
const MADE: [&str; 5] = ["target", ".git", ".switchyard", ".aws-sam", "__pycache__"];

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap().to_owned()
}

/// The text of a file, named from the root.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// One crate of the workspace.
pub(crate) struct Member {
    /// Its directory, from the root, such as `shared/domain`.
    pub(crate) path: String,
    package: Package,
}

impl Member {
    /// Its name, as cargo's `-p` takes it.
    pub(crate) fn name(&self) -> &str {
        &self.package.name
    }

    /// The directories of members that its shipped code uses.
    pub(crate) fn uses(&self) -> Vec<String> {
        let shipped = self.package.dependencies.iter();
        let shipped = shipped.filter(|found| found.kind != DependencyKind::Development);
        shipped
            .filter_map(|found| Some(relative(found.path.as_ref()?.as_std_path())))
            .collect()
    }

    /// The names of the packages from elsewhere that its shipped code uses.
    pub(crate) fn uses_foreign(&self) -> Vec<&str> {
        let shipped = self.package.dependencies.iter();
        let shipped = shipped.filter(|found| found.kind != DependencyKind::Development);
        shipped
            .filter(|found| found.path.is_none())
            .map(|found| found.name.as_str())
            .collect()
    }
}

/// Every crate of the workspace. Nothing is resolved, so this needs neither network nor lock.
pub(crate) fn members() -> Vec<Member> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap();
    let members = metadata.packages.into_iter();
    members
        .map(|package| Member {
            path: relative(package.manifest_path.parent().unwrap().as_std_path()),
            package,
        })
        .collect()
}

/// Every file that people wrote, named from the root, in order.
pub(crate) fn files() -> Vec<String> {
    let written = |entry: &walkdir::DirEntry| {
        let name = entry.file_name().to_string_lossy();
        let installed = name.starts_with(".venv") || name.starts_with(".node");
        !(MADE.contains(&name.as_ref()) || installed)
    };
    let walk = WalkDir::new(root()).sort_by_file_name().into_iter();
    walk.filter_entry(written)
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| relative(entry.path()))
        .collect()
}

/// The names of what is in a directory, named from the root.
pub(crate) fn list(path: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(path)).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap();
    path.to_str().unwrap().to_owned()
}
