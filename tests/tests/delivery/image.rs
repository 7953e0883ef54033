//! The daemon's image, as far as it can be judged without building it.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use walkdir::WalkDir;

use crate::{
    dockerfile::{Dockerfile, Ignored},
    read, root,
};

const DOCKERFILE: &str = "infra/daemon/Dockerfile";

fn image() -> Dockerfile {
    Dockerfile::parse(&read(DOCKERFILE))
}

fn ignored() -> Ignored {
    Ignored::parse(&read("infra/daemon/Dockerfile.dockerignore"))
}

fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap()
}

/// The value after an option of a command.
fn option<'a>(command: &'a str, name: &str) -> &'a str {
    let mut words = command.split_whitespace().skip_while(|word| *word != name);
    words
        .nth(1)
        .unwrap_or_else(|| panic!("{name} is not given in {command}"))
}

#[test]
fn what_is_built_is_in_the_workspace_and_lands_where_it_is_started() {
    let image = image();
    let build = image
        .stage("build")
        .all("RUN")
        .find(|run| run.contains("cargo build"))
        .unwrap();
    assert!(build.contains("--locked"), "{build}");
    let (package, binary) = (option(build, "--package"), option(build, "--bin"));
    let metadata = workspace();
    let package = metadata
        .packages
        .iter()
        .find(|one| one.name.as_str() == package)
        .unwrap();
    let has = |target: &cargo_metadata::Target| target.is_bin() && target.name == binary;
    assert!(
        package.targets.iter().any(has),
        "{} has no {binary}",
        package.name
    );

    let (_, made) = build
        .split_once(&format!("install -D target/release/{binary} "))
        .unwrap();
    let last = image.stages.last().unwrap();
    let copies: Vec<Vec<&str>> = last
        .all("COPY")
        .map(|copy| copy.split_whitespace().collect())
        .collect();
    let binary_copy = copies
        .iter()
        .find(|copy| copy[0] == "--from=build")
        .unwrap();
    assert_eq!(binary_copy[1], made);
    assert_eq!(
        last.all("ENTRYPOINT").collect::<Vec<_>>(),
        [format!("[{:?}]", binary_copy[2])]
    );
}

#[test]
fn every_stage_that_is_copied_from_exists() {
    let image = image();
    for copy in image.all("COPY") {
        if let Some(from) = copy.strip_prefix("--from=") {
            let name = from.split_whitespace().next().unwrap();
            assert!(
                image
                    .stages
                    .iter()
                    .any(|stage| stage.name.as_deref() == Some(name)),
                "{copy}"
            );
        } else {
            assert_eq!(copy, ". .", "say here how {copy} is checked");
        }
    }
}

/// Cargo reads every member's manifest and looks for every target, even if it builds but one.
#[test]
fn the_context_holds_what_cargo_needs_and_nothing_else_of_weight() {
    let ignored = ignored();
    let metadata = workspace();
    let base = metadata.workspace_root.clone();
    let mut needed = vec!["Cargo.toml".to_owned(), "Cargo.lock".to_owned()];
    for package in &metadata.packages {
        let targets = package.targets.iter().map(|target| &target.src_path);
        let files = targets.chain([&package.manifest_path]);
        needed.extend(files.map(|file| file.strip_prefix(&base).unwrap().to_string()));
    }
    for package in closure(&metadata, "switchyard-daemon") {
        let directory = package.manifest_path.parent().unwrap().join("src");
        let files = WalkDir::new(directory).into_iter().map(Result::unwrap);
        let files = files.filter(|entry| entry.file_type().is_file());
        needed.extend(files.map(|entry| {
            let path = entry.path().strip_prefix(base.as_std_path()).unwrap();
            path.to_str().unwrap().to_owned()
        }));
    }
    assert!(needed.len() > 100, "{}", needed.len());
    let missing: Vec<&String> = needed
        .iter()
        .filter(|path| ignored.leaves_out(path))
        .collect();
    assert!(
        missing.is_empty(),
        "the build needs what its context leaves out: {missing:?}"
    );
    for out in [
        "target/debug/x",
        ".git/config",
        ".venv/bin/sam",
        ".switchyard/secrets.json",
        "samconfig.toml",
        "infra/x/.env",
        "infra/github/demonstration.pem",
    ] {
        assert!(
            ignored.leaves_out(out),
            "{out} would be sent to the builder"
        );
    }
}

/// The package and the members that its shipped code uses, at any distance.
fn closure<'a>(metadata: &'a Metadata, name: &str) -> Vec<&'a Package> {
    let find = |name: &str| {
        metadata
            .packages
            .iter()
            .find(|one| one.name.as_str() == name)
    };
    let mut found = vec![find(name).unwrap()];
    let mut at = 0;
    while let Some(package) = found.get(at).copied() {
        let used = package
            .dependencies
            .iter()
            .filter(|used| used.kind != DependencyKind::Development);
        for used in used.filter(|used| used.path.is_some()) {
            let member = find(&used.name).unwrap();
            if !found.iter().any(|known| known.name == member.name) {
                found.push(member);
            }
        }
        at += 1;
    }
    found
}

/// Agents run as users that nobody else is, which only root can give them.
#[test]
fn the_daemon_is_root_and_no_job_is() {
    let image = image();
    let users: Vec<&str> = image.stages.last().unwrap().all("USER").collect();
    let ids: Vec<u32> = users
        .last()
        .unwrap()
        .split(':')
        .map(|id| id.parse().unwrap())
        .collect();
    assert_eq!(ids, [0, 0], "{users:?}");
    let made = image.stages.last().unwrap().all("RUN").next().unwrap();
    assert!(
        made.contains("seq 20001 20063"),
        "jobs have no users: {made}"
    );
    assert!(
        made.contains("-perm /6000 -exec chmod a-s {} +"),
        "a program lends the rights of its owner: {made}"
    );
    assert_eq!(
        image
            .stages
            .last()
            .unwrap()
            .instructions
            .iter()
            .filter(|one| one.name == "USER")
            .count(),
        1
    );
}

#[test]
fn no_secret_is_an_argument_or_a_variable() {
    let image = image();
    let names = image.all("ARG").chain(image.all("ENV")).flat_map(|line| {
        line.split_whitespace()
            .filter_map(|word| word.split(['=', ' ']).next())
    });
    let suspicious = ["KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL"];
    for name in names {
        let upper = name.to_uppercase();
        assert!(
            !suspicious.iter().any(|word| upper.contains(word)),
            "{name} would stay in the image"
        );
    }
}

#[test]
fn base_images_have_a_version_and_can_be_given_with_a_digest() {
    let image = image();
    let rust = read("Cargo.toml");
    let rust = rust
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .unwrap();
    for stage in &image.stages {
        let argument = stage
            .image
            .strip_prefix("${")
            .and_then(|name| name.strip_suffix('}'));
        let argument = argument.unwrap_or_else(|| panic!("{} is no argument", stage.image));
        let default = image
            .arguments
            .iter()
            .find_map(|one| one.text.strip_prefix(&format!("{argument}=")));
        let (name, version) = default.unwrap().split_once(':').unwrap();
        assert!(
            version.starts_with(|first: char| first.is_ascii_alphanumeric()) && version != "latest"
        );
        if name == "rust" {
            assert!(
                version.starts_with(rust.trim_matches('"')),
                "{version} is not {rust}"
            );
        }
    }
}

#[test]
fn lists_of_packages_are_gone_in_the_layer_that_made_them() {
    let image = image();
    let updates: Vec<&str> = image
        .all("RUN")
        .filter(|run| run.contains("apt-get update"))
        .collect();
    assert!(!updates.is_empty());
    for run in updates {
        assert!(run.contains("--no-install-recommends"), "{run}");
        let (_, after) = run.split_once("apt-get install").unwrap();
        assert!(after.contains("rm -rf /var/lib/apt/lists/*"), "{run}");
    }
}
