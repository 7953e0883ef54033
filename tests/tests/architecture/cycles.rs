//! Files of one crate that need one another, directly or by others. One of them can then not be read, nor changed, by
//! itself. A file and the ones below it are one thing: what a folder's own file and its children do is left alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    syntax::paths,
    workspace::{files, members, read},
};

/// A module, as the names on the way to it from the crate's root.
type Module = Vec<String>;

/// Circles that there are, by crate, to be taken apart. None is added.
const KNOWN: [(&str, &[&str]); 2] = [
    (
        "tests/model",
        &[
            "daemon",
            "process",
            "properties",
            "protocol",
            "use_cases::advance_run",
            "use_cases::claim_job",
            "use_cases::finish_job",
            "use_cases::release_job",
            "use_cases::resend_job",
            "use_cases::start_run",
            "use_cases::stop_run",
            "use_cases::tell_place",
            "world",
        ],
    ),
    ("tests/model", &["parse", "scenarios"]),
];

#[test]
fn no_files_need_one_another() {
    let mut found = BTreeSet::new();
    for member in members() {
        for circle in Graph::of(&member.path).circles() {
            found.insert((member.path.clone(), circle));
        }
    }
    let known = KNOWN.iter().map(|(crate_, circle)| {
        let circle = circle.iter().map(|module| (*module).to_owned()).collect();
        ((*crate_).to_owned(), circle)
    });
    let known: BTreeSet<(String, Vec<String>)> = known.collect();
    let new: Vec<_> = found.difference(&known).collect();
    assert!(
        new.is_empty(),
        "files that need one another. Move what both need into a file of its own: {new:?}"
    );
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(
        gone.is_empty(),
        "taken apart, so take them out here: {gone:?}"
    );
}

/// The files of a crate, and which of them each one needs.
struct Graph {
    needs: BTreeMap<Module, BTreeSet<Module>>,
}

/// What a file says: the names that it brings in, and every path in it.
struct Said {
    /// By the name under which it is known here.
    imports: BTreeMap<String, Module>,
    paths: Vec<Module>,
}

impl Graph {
    fn of(member: &str) -> Self {
        let root = format!("{member}/src/");
        let mut said = BTreeMap::new();
        for file in files() {
            let Some(inside) = file
                .strip_prefix(&root)
                .and_then(|path| path.strip_suffix(".rs"))
            else {
                continue;
            };
            let Some(module) = module(inside) else {
                continue;
            };
            let (imports, paths) = paths(&syn::parse_file(&read(&file)).unwrap());
            said.insert(module, Said { imports, paths });
        }
        let needs = said.keys().map(|from| (from.clone(), needs(from, &said)));
        Self {
            needs: needs.collect(),
        }
    }

    /// Sets of files each of which needs all others of its set.
    fn circles(&self) -> Vec<Vec<String>> {
        let reached: BTreeMap<&Module, BTreeSet<&Module>> = self
            .needs
            .keys()
            .map(|from| (from, self.reach(from)))
            .collect();
        let mut circles = BTreeSet::new();
        for (from, there) in &reached {
            let back = there.iter().filter(|to| reached[**to].contains(from));
            let circle: BTreeSet<String> = back.map(|module| module.join("::")).collect();
            if !circle.is_empty() {
                circles.insert(circle.into_iter().collect());
            }
        }
        circles.into_iter().collect()
    }

    fn reach<'a>(&'a self, from: &Module) -> BTreeSet<&'a Module> {
        let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(module) = next.pop() {
            for needed in &self.needs[module] {
                if reached.insert(needed) {
                    next.push(needed);
                }
            }
        }
        reached
    }
}

/// The module that a file is; none for programs and tests.
fn module(inside: &str) -> Option<Module> {
    let mut names: Module = inside.split('/').map(str::to_owned).collect();
    let last = names.last()?.clone();
    if last == "tests" || last.ends_with("_tests") || inside == "main" || inside.starts_with("bin/")
    {
        return None;
    }
    if last == "lib" || last == "mod" {
        names.pop();
    }
    Some(names)
}

fn needs(from: &Module, said: &BTreeMap<Module, Said>) -> BTreeSet<Module> {
    let here = &said[from];
    let paths = here.paths.iter().chain(here.imports.values());
    paths
        .filter_map(|path| file_of(&absolute(from, path, said)?, said, 0))
        .filter(|to| !to.starts_with(from) && !from.starts_with(to))
        .collect()
}

/// A path from the crate's root on; none if it leads out of the crate.
fn absolute(from: &Module, path: &[String], said: &BTreeMap<Module, Said>) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([from, rest].concat()),
        "super" => {
            let above = from.len().checked_sub(1)?;
            let up = path.iter().take_while(|name| *name == "super").count();
            let kept = (above + 1).checked_sub(up)?;
            Some([&from[..kept], &path[up..]].concat())
        }
        _ => {
            let child = [from.as_slice(), std::slice::from_ref(first)].concat();
            said.contains_key(&child)
                .then(|| [child.as_slice(), rest].concat())
        }
    }
}

/// The file that says what `path` names, through whatever passes it on.
fn file_of(path: &[String], said: &BTreeMap<Module, Said>, passed: usize) -> Option<Module> {
    const PASSED_ON: usize = 8;
    let length = (0..=path.len())
        .rev()
        .find(|length| said.contains_key(&path[..*length]))?;
    let module = path[..length].to_vec();
    let passed_on = path
        .get(length)
        .and_then(|name| said[&module].imports.get(name))
        .and_then(|import| absolute(&module, import, said));
    match passed_on {
        Some(further) if passed < PASSED_ON && further != path => {
            file_of(&further, said, passed + 1)
        }
        Some(_) | None => Some(module),
    }
}

#[test]
fn a_circle_is_found_through_what_passes_a_name_on() {
    let file = |text: &str| {
        let (imports, paths) = paths(&syn::parse_file(text).unwrap());
        Said { imports, paths }
    };
    let name = |text: &str| text.split("::").map(str::to_owned).collect::<Module>();
    let said = BTreeMap::from([
        (Vec::new(), file("mod a; mod b; mod c; pub use a::One;")),
        (name("a"), file("pub struct One(crate::b::Two);")),
        (
            name("b"),
            file("use crate::One; pub struct Two; fn f(_: One) {}"),
        ),
        (
            name("c"),
            file("use crate::One; #[cfg(test)] mod tests { use crate::b::Two; }"),
        ),
    ]);
    let needs = said.keys().map(|from| (from.clone(), needs(from, &said)));
    let graph = Graph {
        needs: needs.collect(),
    };
    assert_eq!(graph.circles(), [["a", "b"]]);
}
