//! Whatever is built on this machine selects the same features of crates from elsewhere, so that going from one
//! command to another compiles none of them again.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::LazyLock,
};

use crate::workspace::{members, read, root};

/// Crates from elsewhere, with their versions, and the features that are selected of each. One that runs while
/// compiling and while running may have two sets.
type Selection = BTreeMap<String, BTreeSet<BTreeSet<String>>>;

/// What `cargo test --workspace` and `cargo clippy --workspace --all-targets` build.
static EVERYTHING: LazyLock<Selection> = LazyLock::new(|| with_tests(&["--workspace"]));

#[test]
fn tests_of_one_crate_select_what_all_tests_do() {
    let mut differ = Vec::new();
    for member in members() {
        let selected = with_tests(&["-p", member.name()]);
        differ.extend(difference(
            &format!("the tests of {}", member.path),
            &selected,
            &EVERYTHING,
        ));
    }
    assert_same(&differ);
}

#[test]
fn programs_of_this_machine_select_what_all_tests_do() {
    let commands = commands();
    let local = ["-p", "switchyard-local"].map(str::to_owned).to_vec();
    assert!(commands.contains(&local), "{commands:?}");
    let mut differ = Vec::new();
    for packages in commands {
        let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
        let what = format!("cargo run or build {}", packages.join(" "));
        differ.extend(difference(&what, &without_tests(&packages), &EVERYTHING));
    }
    assert_same(&differ);
}

#[test]
fn what_is_shipped_selects_less() {
    for shipped in [
        "webhook",
        "triage",
        "worker",
        "scheduler",
        "relay",
        "api",
        "daemon",
    ] {
        let selected = without_tests(&["-p", &format!("switchyard-{shipped}")]);
        let wide = features(&EVERYTHING, "tokio");
        let slim = features(&selected, "tokio");
        assert!(
            wide.contains("test-util") && slim.contains("rt") && !slim.contains("test-util"),
            "{shipped} is shipped with features that only tests need: {slim:?}"
        );
    }
}

#[test]
fn what_is_deployed_is_what_is_measured() {
    let functions: BTreeSet<String> = members()
        .into_iter()
        .map(|member| member.path)
        .filter(|path| path.starts_with("functions/"))
        .collect();
    let manifest = read("Cargo.toml");
    let default = manifest
        .split_once("default-members = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(inside, _)| inside)
        .unwrap();
    let default: BTreeSet<String> = default
        .split(',')
        .map(|path| path.trim().trim_matches('"').to_owned())
        .collect();
    assert_eq!(
        default, functions,
        "`sam build` selects features for the default members (left), which have to be the functions (right)"
    );
    assert!(read("template.yaml").contains("    CodeUri: .\n"));
    assert!(read("Makefile").contains("$(CARGO) build --release --locked --bins\n"));
}

fn assert_same(differ: &[String]) {
    assert!(
        differ.is_empty(),
        "these would be compiled again. Let infra/features/Cargo.toml depend on what selects the features, or on the \
         crate itself with these features:\n{}",
        differ.join("\n")
    );
}

/// What of `selected` is not in `everything`, in sentences.
fn difference(what: &str, selected: &Selection, everything: &Selection) -> Vec<String> {
    let none = BTreeSet::new();
    let mut found = Vec::new();
    for (package, sets) in selected {
        let known = everything.get(package).unwrap_or(&none);
        for set in sets.difference(known) {
            let all: BTreeSet<&String> = known.iter().flatten().collect();
            let lacking: Vec<&&String> = all.iter().filter(|one| !set.contains(**one)).collect();
            found.push(format!(
                "{what}: {package} with {set:?}, without {lacking:?}"
            ));
        }
    }
    found
}

/// All features of the crate of that name.
fn features<'a>(selection: &'a Selection, name: &str) -> BTreeSet<&'a str> {
    let start = format!("{name} v");
    let found = selection.iter().filter(|(one, _)| one.starts_with(&start));
    found
        .flat_map(|(_, sets)| sets.iter().flatten().map(String::as_str))
        .collect()
}

fn with_tests(packages: &[&str]) -> Selection {
    selected(packages, "normal,build,dev")
}

fn without_tests(packages: &[&str]) -> Selection {
    selected(packages, "normal,build")
}

fn selected(packages: &[&str], edges: &str) -> Selection {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--offline", "--locked", "--prefix", "none"])
        .args(["--format", "{p}|{f}", "--edges", edges])
        .args(packages)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{packages:?}: {said}");
    let mut selection = Selection::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        // Our own crates say where they are: `switchyard-store v0.1.0 (/…)|`. A star is for what was told before.
        let Some((package, features)) = line.split_once('|') else {
            continue;
        };
        let package = package.trim_end_matches(" (proc-macro)");
        if package.contains("(/") {
            continue;
        }
        let features = features.trim_end_matches(" (*)").split(',');
        let features = features.filter(|one| !one.is_empty()).map(str::to_owned);
        let sets = selection.entry(package.to_owned()).or_default();
        sets.insert(features.collect());
    }
    assert!(selection.len() > 10, "{packages:?}: {selection:?}");
    selection
}

/// The packages of each command of the Makefile that builds or runs without optimising. Examples are built as tests are.
fn commands() -> BTreeSet<Vec<String>> {
    let makefile = read("Makefile");
    let commands = makefile
        .lines()
        .filter_map(|line| line.split_once("$(CARGO) "))
        .filter(|(_, rest)| rest.starts_with("run ") || rest.starts_with("build "))
        .filter(|(_, rest)| !rest.contains("--release") && !rest.contains("--example"));
    commands
        .map(|(_, rest)| {
            let words: Vec<&str> = rest.split_whitespace().collect();
            let pairs = words.windows(2).filter(|pair| pair[0] == "-p");
            pairs.flatten().map(|word| (*word).to_owned()).collect()
        })
        .collect()
}
