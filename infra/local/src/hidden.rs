//! Keeping other processes of the same user out of this one.

/// From now on no other process of the same user can read this one's memory, environment or descriptors,
/// attach to it, or find them in a core dump. To be called before anything else, so that nothing is read
/// earlier. Where the system knows no such thing, it does nothing.
pub(crate) fn hide_from_others() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // It fails for values that the system does not know, and this is none.
        let _set = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
