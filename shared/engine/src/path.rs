//! Where in a run: a node, and the iterations of the nodes around it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use domain::RunId;

/// An iteration of a node with a body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iteration {
    /// The node whose body it is.
    pub node: String,
    /// Which try of that node, from 1.
    pub attempt: u32,
    /// Which time, from 0.
    pub index: u32,
}

/// Where in a run: `each.3.check` is the node `check` for the fourth item of `each`; `each~2.3.check` the same after
/// `each` was tried again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path {
    around: Vec<Iteration>,
    node: String,
}

/// A text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no path of a run, such as `list` or `each.3.check`")]
pub struct PathError(String);

impl Path {
    /// The node of that name, within these iterations, from the outside in.
    pub fn new(around: &[Iteration], node: &str) -> Self {
        Self {
            around: around.to_vec(),
            node: node.to_owned(),
        }
    }

    /// The iterations around it, from the outside in.
    pub fn around(&self) -> &[Iteration] {
        &self.around
    }

    /// The node's name.
    pub fn node(&self) -> &str {
        &self.node
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Iteration {
            node,
            attempt,
            index,
        } in &self.around
        {
            match attempt {
                1 => write!(f, "{node}.{index}.")?,
                _ => write!(f, "{node}~{attempt}.{index}.")?,
            }
        }
        f.write_str(&self.node)
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let wrong = || PathError(text.to_owned());
        let parts: Vec<&str> = text.split('.').collect();
        let (node, around) = parts.split_last().ok_or_else(wrong)?;
        if around.len() % 2 == 1 || node.is_empty() || node.contains('~') {
            return Err(wrong());
        }
        let around = around.chunks(2).map(|pair| {
            let (node, attempt) = pair[0].split_once('~').unwrap_or((pair[0], "1"));
            Some(Iteration {
                node: (!node.is_empty()).then(|| node.to_owned())?,
                attempt: attempt.parse().ok().filter(|attempt| *attempt > 0)?,
                index: pair[1].parse().ok()?,
            })
        });
        let around = around.collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
        Ok(Self::new(&around, node))
    }
}

impl TryFrom<String> for Path {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.to_string()
    }
}

/// One try of one node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Where.
    pub path: Path,
    /// Which try, from 1.
    pub attempt: u32,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.path, self.attempt)
    }
}

/// What makes a try the same one wherever it is told of: a hash of run, path and attempt. It is the step's id, and the
/// idempotency key of what the step causes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepKey([u8; 16]);

impl StepKey {
    /// Its bytes.
    pub const fn bytes(&self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Step {
    /// What makes it the same one wherever it is told of.
    pub fn key(&self, run: &RunId) -> StepKey {
        let hash = self.hash(run, "step");
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        StepKey(bytes)
    }

    /// A number from 0 on that is the same at each look, and another one for another try: chance without a source.
    pub(crate) fn chance(&self, run: &RunId) -> u64 {
        let hash = self.hash(run, "chance");
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hash[..8]);
        u64::from_be_bytes(bytes)
    }

    fn hash(&self, run: &RunId, label: &str) -> [u8; 32] {
        let Self { path, attempt } = self;
        let text = format!("{label}\n{run}\n{path}\n{attempt}");
        Sha256::digest(text.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use domain::SeededRandom;

    use super::*;

    #[test]
    fn paths_are_written_and_read() {
        for text in ["list", "each.3.check", "each~2.0.inner.17.check"] {
            assert_eq!(text.parse::<Path>().unwrap().to_string(), text);
        }
        for wrong in [
            "",
            "each.3",
            "each.x.check",
            "a..b",
            "each~0.1.check",
            "check~2",
            ".1.a",
        ] {
            assert!(wrong.parse::<Path>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_of_run_path_and_attempt() {
        let run = |seed| RunId::mint(jiff::Timestamp::UNIX_EPOCH, &SeededRandom::new(seed));
        let step = |path: &str, attempt| Step {
            path: path.parse().unwrap(),
            attempt,
        };
        let key = step("list", 1).key(&run(1));
        assert_eq!(key, step("list", 1).key(&run(1)));
        assert_ne!(key, step("list", 1).key(&run(2)));
        assert_ne!(key, step("list", 2).key(&run(1)));
        assert_ne!(key, step("lists", 1).key(&run(1)));
        assert_ne!(
            step("list", 1).chance(&run(1)),
            step("list", 2).chance(&run(1))
        );
    }
}
