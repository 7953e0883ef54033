//! The branches that are a run's own.

/// How many names a run may use for its branch, should those before be taken.
const NAMES: usize = 4;

/// The names that a run may use for its branch, first choice first. The rule stands here alone: who pushes picks from
/// them, and who checks what was pushed accepts no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunBranches {
    first: String,
}

impl RunBranches {
    /// The names that follow from the first choice.
    pub fn of(first: &str) -> Self {
        Self {
            first: first.to_owned(),
        }
    }

    /// The names in the order in which they are tried. The second has no folder, so that no branch named like the
    /// folder of the first is in its way; the others are for names that somebody else took.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let flat = self.first.replace('/', "-");
        let numbered = (2..NAMES).map({
            let flat = flat.clone();
            move |number| format!("{flat}-{number}")
        });
        [self.first.clone(), flat].into_iter().chain(numbered)
    }

    /// Whether `name` is one of them.
    pub fn include(&self, name: &str) -> bool {
        self.names().any(|own| own == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_in_the_way_of_one_name_is_not_in_the_way_of_all() {
        let branches = RunBranches::of("switchyard/implement-7-abcd");
        let names: Vec<String> = branches.names().collect();
        assert_eq!(
            names,
            [
                "switchyard/implement-7-abcd",
                "switchyard-implement-7-abcd",
                "switchyard-implement-7-abcd-2",
                "switchyard-implement-7-abcd-3"
            ]
        );
        assert!(names.iter().all(|name| branches.include(name)));
        for other in ["main", "switchyard", "switchyard-implement-7-abcd-4", ""] {
            assert!(!branches.include(other), "{other}");
        }
    }
}
