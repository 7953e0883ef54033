//! Money as agents tell it.

use domain::Cost;

/// A cost from dollars; nothing if they make no sense.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked before"
)]
pub(super) fn cost(dollars: f64) -> Option<Cost> {
    let micros = (dollars * 1_000_000.0).round();
    (0.0..1e15).contains(&micros).then_some(Cost(micros as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_become_millionths() {
        assert_eq!(cost(0.0237), Some(Cost(23_700)));
        assert_eq!(cost(0.0), Some(Cost(0)));
        for odd in [-1.0, f64::NAN, f64::INFINITY, 1e12] {
            assert_eq!(cost(odd), None);
        }
    }
}
