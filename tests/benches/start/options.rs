//! What is measured, as the command line says.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{Kind, Program};

/// Our functions.
const OURS: [&str; 6] = ["webhook", "triage", "worker", "api", "scheduler", "relay"];
/// Where programs of other languages lie.
pub(crate) const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/start/peers");

/// Where the programs are. What is not given is left out.
pub(crate) struct Options {
    pub(crate) rounds: usize,
    functions: PathBuf,
    hello: Option<PathBuf>,
    python: Option<PathBuf>,
    node: Option<Node>,
}

/// Node itself, and the directory with what was bundled for it.
struct Node {
    program: PathBuf,
    bundles: String,
}

impl Options {
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let release = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/release");
        let mut options = Self {
            rounds: 15,
            functions: release.into(),
            hello: None,
            python: None,
            node: None,
        };
        let (mut node, mut bundles) = (None, None);
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .with_context(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--rounds" => options.rounds = value.parse()?,
                "--functions" => options.functions = value.into(),
                "--hello" => options.hello = Some(value.into()),
                "--python" => options.python = Some(value.into()),
                "--node" => node = Some(PathBuf::from(value)),
                "--bundles" => bundles = Some(value),
                other => bail!("{other} is not known"),
            }
        }
        let node = node.zip(bundles);
        options.node = node.map(|(program, bundles)| Node { program, bundles });
        Ok(options)
    }

    pub(crate) fn programs(&self) -> Vec<Program> {
        let ours = OURS.map(|name| program(name, self.functions.join(name), &[], Kind::Ours));
        let mut programs = Vec::from(ours);
        programs.extend(self.python.as_deref().into_iter().flat_map(in_python));
        programs.extend(self.node.iter().flat_map(in_node));
        let hello = self.hello.clone();
        programs.extend(hello.map(|file| program("hello, Rust", file, &[], Kind::Idle)));
        programs
    }
}

fn in_python(python: &Path) -> [Program; 3] {
    let run = |name, handler, kind| {
        let arguments = ["-B", "-m", "awslambdaric", handler];
        program(name, python.to_owned(), &arguments, kind)
    };
    [
        run("webhook, Python", "webhook.handle", Kind::Alike("webhook")),
        run("worker, Python", "worker.handle", Kind::Alike("worker")),
        run("hello, Python", "hello.handle", Kind::Idle),
    ]
}

fn in_node(node: &Node) -> [Program; 3] {
    let run = |name, handler: String, kind| {
        let arguments = [format!("{PEERS}/loop.mjs"), handler];
        let arguments = arguments.each_ref().map(String::as_str);
        program(name, node.program.clone(), &arguments, kind)
    };
    let bundle = |name: &str| format!("{}/{name}.mjs", node.bundles);
    let hello = format!("{PEERS}/hello.mjs");
    [
        run("webhook, Node", bundle("webhook"), Kind::Alike("webhook")),
        run("worker, Node", bundle("worker"), Kind::Alike("worker")),
        run("hello, Node", hello, Kind::Idle),
    ]
}

fn program(name: &'static str, file: PathBuf, arguments: &[&str], kind: Kind) -> Program {
    Program {
        name,
        file,
        arguments: arguments.iter().map(|one| (*one).to_owned()).collect(),
        kind,
    }
}
