//! The definitions that there are.

use std::{collections::BTreeMap, sync::LazyLock};

use domain::{DefinitionName, DefinitionRef, Task, Vocabulary};

use crate::source::{DefinitionSource, SourceError};

/// The definitions of `definitions/`, as the build script has checked them.
const BUILT_IN: &str = include_str!(concat!(env!("OUT_DIR"), "/built_in.json"));

/// A definition in one version. It has one node, which is a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    reference: DefinitionRef,
    task: Task,
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

    fn read(document: &str) -> Result<Self, SourceError> {
        let sources: Vec<DefinitionSource> = serde_json::from_str(document)
            .map_err(|error| SourceError::Shape(error.to_string()))?;
        let mut versions = BTreeMap::new();
        for source in sources {
            let (reference, task) = source.check()?;
            let key = (reference.name, reference.version);
            versions.insert(key, Definition { reference, task });
        }
        let vocabulary = Vocabulary::new(versions.keys().map(|(name, _)| *name));
        Ok(Self {
            versions,
            vocabulary,
        })
    }
}

/// The definitions that every deployment has.
#[expect(
    clippy::expect_used,
    reason = "the build script has read it with the same code"
)]
pub fn built_in() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::read(BUILT_IN).expect("definitions that compiled"));
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

    fn read(more: &str) -> Result<Catalogue, SourceError> {
        let source = format!(r#"[{{"name":"look","targets":["issue"],"prompt":"Look."{more}}}]"#);
        Catalogue::read(&source)
    }

    #[test]
    fn a_run_finds_its_own_version_and_a_start_the_newest() {
        let one = r#"{"name":"look","version":1,"targets":["issue"],"prompt":"Look."}"#;
        let two = r#"{"name":"look","version":2,"targets":["issue"],"prompt":"Look twice."}"#;
        let catalogue = Catalogue::read(&format!("[{two},{one}]")).unwrap();
        let name = DefinitionName::literal("look");
        let newest = catalogue.newest(name).unwrap();
        assert_eq!(newest.reference(), DefinitionRef { name, version: 2 });
        let pinned = catalogue.get(DefinitionRef { name, version: 1 }).unwrap();
        assert_eq!(pinned.task().prompt(), "Look.");
        assert!(catalogue.newest(DefinitionName::literal("loo")).is_none());
        assert_eq!(catalogue.names().count(), 1);
    }

    #[test]
    fn what_makes_no_sense_is_no_definition() {
        assert!(read(r#","version":1"#).is_ok());
        for wrong in [
            "",
            r#","version":0"#,
            r#","version":1,"acces":"write""#,
            r#","version":1,"access":"write""#,
            r#","version":1,"deliverable":"pull_request""#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let stop = r#"[{"name":"stop","version":1,"targets":["issue"],"prompt":"Stop."}]"#;
        assert!(matches!(
            Catalogue::read(stop),
            Err(SourceError::Reserved(_))
        ));
    }
}
