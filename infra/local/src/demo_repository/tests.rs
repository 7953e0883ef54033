//! The script plays its part on real copies of the repository.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

use super::{COMMAND, ISSUE_BODY, ISSUE_TITLE, files};

const FAILING: &str = "test_ten_pieces_have_the_discount";

struct Copy {
    folder: TempDir,
}

impl Copy {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let copy = Self { folder };
        for (path, content) in files() {
            copy.write(path, content);
        }
        fs::create_dir(copy.output()).unwrap();
        copy
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn written(&self, name: &str) -> String {
        fs::read_to_string(self.output().join(name)).unwrap()
    }

    fn tree(&self) -> BTreeMap<String, String> {
        let mut tree = BTreeMap::new();
        collect(&self.root(), &self.root(), &mut tree);
        tree
    }

    fn tests_pass(&self) -> bool {
        let mut command = Command::new("python3");
        command.args(["-m", "unittest"]).current_dir(self.root());
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.output().unwrap().status.success()
    }

    fn agent(&self, name: &str, prompt: &str) -> Output {
        let context = self.folder.path().join("context.json");
        let issue = serde_json::json!({"number": 7, "title": ISSUE_TITLE, "body": ISSUE_BODY});
        fs::write(&context, issue.to_string()).unwrap();
        let mut agent = Command::new(COMMAND[0])
            .args(&COMMAND[1..])
            .current_dir(self.root())
            .env("SWITCHYARD_DEFINITION", name)
            .env("SWITCHYARD_CONTEXT", context)
            .env("SWITCHYARD_OUTPUT", self.output())
            .env("AGENT_PAUSE_SECONDS", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        agent
            .stdin
            .take()
            .unwrap()
            .write_all(prompt.as_bytes())
            .unwrap();
        agent.wait_with_output().unwrap()
    }
}

fn collect(root: &Path, folder: &Path, tree: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, tree);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            tree.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

fn steps(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let step = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["type"], "step");
        line["text"].as_str().unwrap().to_owned()
    };
    text.lines().map(step).collect()
}

#[test]
fn every_file_of_the_repository_is_listed() {
    let mut tree = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    collect(&root, &root, &mut tree);
    // What a person's own Python leaves behind is ignored by git as well.
    tree.retain(|path, _| !path.contains("__pycache__"));
    let listed: BTreeMap<String, String> = files()
        .into_iter()
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect();
    assert_eq!(tree, listed);
}

#[test]
fn the_agent_corrects_the_one_line_and_says_so() {
    let copy = Copy::new();
    assert!(!copy.tests_pass());
    let before = copy.tree();
    let output = copy.agent("implement", "Resolve the issue.");
    assert!(output.status.success(), "{output:?}");
    assert!(copy.tests_pass());

    let mut expected = before;
    let price = expected.get_mut("widgets/price.py").unwrap();
    *price = price.replace("pieces > 10:", "pieces >= 10:");
    assert_eq!(copy.tree(), expected);

    let summary = copy.written("summary.md");
    assert_eq!(
        summary.lines().next(),
        Some("Move the boundary in discount to pieces >= 10")
    );
    assert!(
        summary.contains("| before | 5 of 6 pass, 1 fails |"),
        "{summary}"
    );
    assert!(summary.contains("| after | 6 of 6 pass |"), "{summary}");
    let steps = steps(&output);
    assert_eq!(steps[0], format!("reads #7: {ISSUE_TITLE}"));
    assert!(
        steps
            .iter()
            .any(|step| step.contains("tries pieces > 100 ")),
        "{steps:?}"
    );
}

#[test]
fn an_investigation_names_test_and_cause_and_changes_nothing() {
    let copy = Copy::new();
    let before = copy.tree();
    let output = copy.agent("investigate", "Why?");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(copy.tree(), before);
    let findings = copy.written("findings.md");
    for expected in [
        FAILING,
        "tests/test_price.py:16",
        "2000 != 1800",
        "`pieces > 10` at `widgets/price.py:15`",
    ] {
        assert!(
            findings.contains(expected),
            "{expected} is not in {findings}"
        );
    }
}

#[test]
fn the_agent_goes_by_the_state_of_the_repository() {
    let copy = Copy::new();
    let price = fs::read_to_string(copy.root().join("widgets/price.py")).unwrap();
    let other = price
        .replace("pieces > 10:", "pieces >= 10:")
        .replace(">= 100:", "> 100:");
    copy.write("widgets/price.py", &other);
    assert!(
        copy.agent("implement", "Resolve the issue.")
            .status
            .success()
    );
    assert!(copy.tests_pass());
    let summary = copy.written("summary.md");
    assert!(
        summary.starts_with("Move the boundary in discount to pieces >= 100\n"),
        "{summary}"
    );
}

#[test]
fn what_cannot_be_done_fails_with_the_reason_and_changes_nothing() {
    let fixed = files()
        .into_iter()
        .find(|(path, _)| *path == "widgets/price.py")
        .map(|(_, text)| text.replace("pieces > 10:", "pieces >= 10:"))
        .unwrap();
    let hopeless = fixed.replace("return 10\n", "return 11\n");
    let broken = fixed.replace("def price", "def prize");
    for (name, prompt, price, reason) in [
        ("implement", "Do it.", &fixed, "every test passes"),
        (
            "implement",
            "Do it.",
            &hopeless,
            "no comparison with its boundary moved",
        ),
        (
            "implement",
            "Do it.",
            &broken,
            "no comparison with its boundary moved",
        ),
        ("implement", " \n", &fixed, "no prompt"),
        (
            "deploy",
            "Do it.",
            &fixed,
            "the definition 'deploy' is not known",
        ),
    ] {
        let copy = Copy::new();
        copy.write("widgets/price.py", price);
        let before = copy.tree();
        let output = copy.agent(name, prompt);
        assert_eq!(output.status.code(), Some(1), "{reason}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains(reason) && !said.contains("Traceback"),
            "{reason}: {said}"
        );
        assert_eq!(copy.tree(), before);
        assert_eq!(fs::read_dir(copy.output()).unwrap().count(), 0);
    }
}

#[test]
fn an_investigation_where_nothing_fails_says_that() {
    let copy = Copy::new();
    assert!(copy.agent("implement", "Do it.").status.success());
    assert!(copy.agent("investigate", "Why?").status.success());
    assert!(
        copy.written("findings.md")
            .starts_with("Nothing fails: 6 of 6 pass")
    );
}

#[test]
fn findings_about_a_broken_import_do_not_tell_where_the_checkout_lies() {
    let copy = Copy::new();
    copy.write("widgets/price.py", "");
    assert!(copy.agent("investigate", "Why?").status.success());
    let findings = copy.written("findings.md");
    assert!(
        findings.contains("`tests.test_price` at `tests/test_price.py:5`: `ImportError"),
        "{findings}"
    );
    assert!(findings.contains("(widgets/price.py)"), "{findings}");
    assert!(
        !findings.contains(copy.folder.path().to_str().unwrap()),
        "{findings}"
    );
}
