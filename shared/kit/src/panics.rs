//! What a panic says.

use std::any::Any;

/// The text of a panic, where it has one.
pub(crate) fn panic_text(cause: &(dyn Any + Send)) -> &str {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("no text")
}
