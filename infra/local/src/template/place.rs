//! Where in the template a value stands.

use super::TemplateError;

/// References followed one after the other before a circle is assumed. Real templates need three or four.
const DEEPEST: u8 = 32;

/// Where in the template a value stands, and how many references led to it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    path: String,
    depth: u8,
}

impl Place {
    /// A section of the template, such as `Resources`.
    pub(super) fn section(name: &str) -> Self {
        Self {
            path: name.to_owned(),
            depth: 0,
        }
    }

    /// The properties of a resource.
    pub(super) fn properties(resource: &str) -> Self {
        Self::section("Resources").key(resource).key("Properties")
    }

    /// The value under `key`.
    pub(super) fn key(&self, key: &str) -> Self {
        Self {
            path: format!("{}.{key}", self.path),
            depth: self.depth,
        }
    }

    /// The item at `index`, counted from zero.
    pub(super) fn index(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            depth: self.depth,
        }
    }

    /// The place that a reference made here leads to.
    pub(super) fn follow(&self, target: Self) -> Result<Self, TemplateError> {
        if self.depth >= DEEPEST {
            return Err(TemplateError::Circular {
                path: self.path.clone(),
            });
        }
        Ok(Self {
            path: target.path,
            depth: self.depth + 1,
        })
    }

    pub(super) fn missing(&self) -> TemplateError {
        TemplateError::Missing {
            path: self.path.clone(),
        }
    }

    pub(super) fn invalid(&self, expected: &'static str) -> TemplateError {
        TemplateError::Invalid {
            path: self.path.clone(),
            expected,
        }
    }

    pub(super) fn unsupported(&self, what: impl Into<String>) -> TemplateError {
        TemplateError::Unsupported {
            path: self.path.clone(),
            what: what.into(),
        }
    }

    pub(super) fn unresolved(&self, reference: impl Into<String>) -> TemplateError {
        TemplateError::Unresolved {
            path: self.path.clone(),
            reference: reference.into(),
        }
    }
}
