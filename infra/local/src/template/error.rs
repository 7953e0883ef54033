//! Why a template cannot be read.

use thiserror::Error;

/// Why a template cannot be read. Every variant but the first names the place in the template, as a path of keys and positions
/// such as `Resources.JobsQueue.Properties.VisibilityTimeout`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// The text is not YAML.
    #[error("the template is not YAML: {reason}")]
    NotYaml {
        /// What the parser says, with line and column.
        reason: String,
    },
    /// A value is given for a parameter that the template does not have.
    #[error("the template has no parameter {name}")]
    UnknownParameter {
        /// Name of the parameter.
        name: String,
    },
    /// A parameter has neither a default nor a value.
    #[error("the parameter {name} has no default, so it needs a value")]
    MissingParameter {
        /// Name of the parameter.
        name: String,
    },
    /// A parameter's value is not one of those that the template allows.
    #[error("the parameter {name} does not allow the value {value:?}")]
    RefusedParameter {
        /// Name of the parameter.
        name: String,
        /// The refused value.
        value: String,
    },
    /// A value names something that is not there: a parameter, a resource whose condition is false, an attribute.
    #[error("{path}: there is no {reference}")]
    Unresolved {
        /// Where the name is used.
        path: String,
        /// The name.
        reference: String,
    },
    /// A value can only be found by asking for itself.
    #[error("{path}: this refers to itself, directly or by way of others")]
    Circular {
        /// Where the circle was noticed.
        path: String,
    },
    /// Something that is needed is not there.
    #[error("{path} is missing")]
    Missing {
        /// Where it would be.
        path: String,
    },
    /// Something is valid on AWS but means nothing here yet, and leaving it out would change what the stack does.
    #[error("{path}: {what} is not supported by the local stack")]
    Unsupported {
        /// Where it stands.
        path: String,
        /// What it is.
        what: String,
    },
    /// A value has the wrong shape.
    #[error("{path}: expected {expected}")]
    Invalid {
        /// Where the value stands.
        path: String,
        /// What would be right.
        expected: &'static str,
    },
}
