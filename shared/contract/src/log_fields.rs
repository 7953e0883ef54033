//! The names under which log lines and spans of every process say what they are about.

/// The trace, which a message carries from process to process.
pub const TRACE_ID: &str = "trace.id";
/// The delivery.
pub const DELIVERY_ID: &str = "delivery.id";
/// The tenant.
pub const TENANT_ID: &str = "tenant.id";
/// The run.
pub const RUN_ID: &str = "run.id";
/// The job.
pub const JOB_ID: &str = "job.id";
/// What kind of error ended it.
pub const ERROR_TYPE: &str = "error.type";

/// A span of work on one thing, such as a message, at the boundary of its trace. What it is about becomes known within, and is
/// recorded under the names above. Further fields follow as in `tracing::info_span!`, which the caller's crate has to know.
#[macro_export]
macro_rules! work_span {
    ($name:literal, $($fields:tt)*) => {
        ::tracing::info_span!(
            $name,
            { $crate::log_fields::TRACE_ID } = ::tracing::field::Empty,
            { $crate::log_fields::DELIVERY_ID } = ::tracing::field::Empty,
            { $crate::log_fields::TENANT_ID } = ::tracing::field::Empty,
            { $crate::log_fields::RUN_ID } = ::tracing::field::Empty,
            { $crate::log_fields::JOB_ID } = ::tracing::field::Empty,
            { $crate::log_fields::ERROR_TYPE } = ::tracing::field::Empty,
            $($fields)*
        )
    };
}
