//! Why policies cannot be used.

/// Why policies cannot be used. What Cedar says of it is for whoever writes policies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The schema, or a name that is looked for in it, does not parse.
    #[error("the schema cannot be read: {0}")]
    Schema(String),
    /// The policies do not parse.
    #[error("the policies cannot be read: {0}")]
    Unreadable(String),
    /// A policy speaks of what the schema does not know, or can never hold.
    #[error("the policies do not fit the schema: {0}")]
    Invalid(String),
    /// A policy says too little about itself.
    #[error("the policy {policy} has no {annotation} that is understood")]
    Annotation {
        /// The policy's name, or its place among the others.
        policy: String,
        /// The annotation.
        annotation: &'static str,
    },
    /// A template stands among the policies, which nobody fills in.
    #[error("{0} is a template, and not a policy")]
    Template(String),
    /// Two policies have one name.
    #[error("the policies cannot be put together: {0}")]
    Doubled(String),
}
