//! The definitions that there are.

use std::{collections::BTreeMap, sync::LazyLock};

use domain::{DefinitionName, DefinitionRef, Task, Vocabulary};

use crate::source::{DefinitionSource, SourceError, WhenBusy};

/// The files of `definitions/`.
const BUILT_IN: [&str; 2] = [
    include_str!("../../../definitions/implement.yaml"),
    include_str!("../../../definitions/investigate.yaml"),
];

/// A definition in one version. It has one node, which is a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    reference: DefinitionRef,
    task: Task,
    when_busy: WhenBusy,
}

impl Definition {
    /// What a run is pinned to.
    pub const fn reference(&self) -> DefinitionRef {
        self.reference
    }

    /// What is to be done, and what may be.
    pub const fn task(&self) -> &Task {
        &self.task
    }

    /// What a second request does while another one is at work on the same subject.
    pub const fn when_busy(&self) -> WhenBusy {
        self.when_busy
    }
}

/// Definitions by name and version. A version that was released stays, so that every run finds its own.
#[derive(Clone, Debug)]
pub struct Catalogue {
    versions: BTreeMap<(DefinitionName, u32), Definition>,
    vocabulary: Vocabulary,
}

impl Catalogue {
    /// The newest version of a definition.
    pub fn newest(&self, name: DefinitionName) -> Option<&Definition> {
        let versions = self.versions.range((name, 0)..=(name, u32::MAX));
        versions.last().map(|(_, newest)| newest)
    }

    /// The definition that a run is pinned to.
    pub fn get(&self, reference: DefinitionRef) -> Option<&Definition> {
        self.versions.get(&(reference.name, reference.version))
    }

    /// The names of the definitions.
    pub fn names(&self) -> impl Iterator<Item = DefinitionName> {
        let mut names: Vec<_> = self.versions.keys().map(|(name, _)| *name).collect();
        names.dedup();
        names.into_iter()
    }

    /// What people can ask for.
    pub const fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The definitions in documents of YAML.
    pub fn parse(documents: &[&str]) -> Result<Self, SourceError> {
        let mut versions = BTreeMap::new();
        for document in documents {
            let source: DefinitionSource = serde_norway::from_str(document)?;
            let (reference, task, when_busy) = source.check()?;
            let key = (reference.name, reference.version);
            let definition = Definition {
                reference,
                task,
                when_busy,
            };
            versions.insert(key, definition);
        }
        let vocabulary = Vocabulary::new(versions.keys().map(|(name, _)| *name));
        Ok(Self {
            versions,
            vocabulary,
        })
    }
}

/// The definitions that every deployment has.
#[expect(clippy::expect_used, reason = "a test reads every one of them")]
pub fn built_in() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::parse(&BUILT_IN).expect("definitions that are tested"));
    &CATALOGUE
}

#[cfg(test)]
mod tests {
    use domain::{AgentTools, DeliverableKind, ItemKind, RepositoryAccess};

    use super::*;

    #[test]
    fn what_is_built_in_is_what_people_know() {
        let names: Vec<String> = built_in().names().map(String::from).collect();
        assert_eq!(names, ["implement", "investigate"]);
        let task = |name: &str| built_in().newest(name.parse().unwrap()).unwrap().task();
        let implement = task("implement");
        assert_eq!(implement.access(), RepositoryAccess::Write);
        assert_eq!(implement.tools(), AgentTools::Write);
        assert_eq!(implement.deliverable(), DeliverableKind::PullRequest);
        assert!(!implement.applies_to(ItemKind::PullRequest));
        let investigate = task("investigate");
        assert_eq!(investigate.access(), RepositoryAccess::Read);
        assert_eq!(investigate.tools(), AgentTools::Read);
        assert_eq!(investigate.deliverable(), DeliverableKind::Findings);
        assert!(investigate.applies_to(ItemKind::PullRequest));
    }

    #[test]
    fn every_file_is_built_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../definitions");
        // Folders hold what is shown, not what is built in.
        let files = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file());
        let mut written: Vec<String> = files
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect();
        written.sort();
        let mut known = BUILT_IN;
        known.sort_unstable();
        assert_eq!(written, known);
    }

    fn look(more: &str) -> String {
        format!("name: look\ntargets: [issue]\nprompt: Look.\n{more}")
    }

    #[test]
    fn a_run_finds_its_own_version_and_a_start_the_newest() {
        let (one, two) = (look("version: 1"), look("version: 2\ntools: write"));
        let catalogue = Catalogue::parse(&[&two, &one]).unwrap();
        let name = DefinitionName::literal("look");
        let newest = catalogue.newest(name).unwrap();
        assert_eq!(newest.reference(), DefinitionRef { name, version: 2 });
        let pinned = catalogue.get(DefinitionRef { name, version: 1 }).unwrap();
        assert_eq!(pinned.task().tools(), AgentTools::Read);
        assert!(catalogue.newest(DefinitionName::literal("loo")).is_none());
        assert_eq!(catalogue.names().count(), 1);
    }

    #[test]
    fn what_makes_no_sense_is_no_definition() {
        let read = |document: &str| Catalogue::parse(&[document]);
        assert!(read(&look("version: 1")).is_ok());
        for wrong in [
            "",
            "version: 0",
            "version: 1\nacces: write",
            "version: 1\naccess: write",
            "version: 1\ndeliverable: pull_request",
        ] {
            assert!(read(&look(wrong)).is_err(), "{wrong}");
        }
        let stop = "name: stop\nversion: 1\ntargets: [issue]\nprompt: Stop.";
        assert!(matches!(read(stop), Err(SourceError::Reserved(_))));
    }
}
