//! What the commands work with.

use std::{sync::Arc, time::Duration};

use domain::{SharedClock, SharedRandom, SystemClock, SystemRandom};

use crate::{Cloud, Terminal};

/// How often a stack is asked whether it is done.
const PACE: Duration = Duration::from_secs(3);

/// Everything outside: AWS, the person, the time and chance.
#[derive(Debug)]
pub struct World<'a> {
    /// AWS.
    pub cloud: Cloud,
    /// The person.
    pub terminal: Terminal<'a>,
    /// The time.
    pub clock: SharedClock,
    /// Where secrets come from.
    pub random: SharedRandom,
    /// How often a stack is asked whether it is done.
    pub pace: Duration,
}

impl<'a> World<'a> {
    /// This machine's own time and chance.
    pub fn real(cloud: Cloud, terminal: Terminal<'a>) -> Self {
        Self {
            cloud,
            terminal,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            pace: PACE,
        }
    }
}
