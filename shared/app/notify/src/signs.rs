//! How many signs people who may not ask are given.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// How many signs a process gives in a minute to people who may not ask. A reaction counts like a comment where
/// GitHub limits what an installation may write in a minute.
const SIGNS: u32 = 10;

/// Counts the signs of the current minute.
#[derive(Debug, Default)]
pub(crate) struct Signs(Mutex<(i64, u32)>);

impl Signs {
    /// Whether one more may be given.
    pub(crate) fn allow(&self, now: Timestamp) -> bool {
        let minute = now.as_second() / 60;
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if given.0 != minute {
            *given = (minute, 0);
        }
        given.1 = given.1.saturating_add(1);
        given.1 <= SIGNS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_signs() {
        let (signs, at) = (Signs::default(), |second| {
            Timestamp::from_second(second).unwrap()
        });
        let given = |from| (0..25).filter(|_| signs.allow(at(from))).count();
        assert_eq!((given(0), given(59), given(60)), (10, 0, 10));
    }
}
