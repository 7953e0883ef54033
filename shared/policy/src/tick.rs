//! What a clock tick proves.

/// That it is time to look at what is due, for every tenant. Nothing is decided for anybody by it: what is done on a
/// tick is what a record says was allowed before. Only the function that the clock calls makes one.
#[derive(Debug)]
pub struct Tick(());

impl Tick {
    /// The tick by which a function was called just now.
    pub const fn of_invocation() -> Self {
        Self(())
    }
}
