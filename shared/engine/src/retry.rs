//! Which failures are tried again and which ways lead on after one: the rules of the Amazon States Language.

use serde::{Deserialize, Serialize};

/// Names of failures that the engine itself knows. A node's executor has others of its own.
pub mod names {
    /// In rules: any failure but [`DATA_LIMIT`] and [`RUNTIME`].
    pub const ALL: &str = "States.ALL";
    /// In rules: any failure but [`TIMEOUT`], [`DATA_LIMIT`] and [`RUNTIME`]. As a failure: the work failed.
    pub const TASK_FAILED: &str = "States.TaskFailed";
    /// It took longer than it may.
    pub const TIMEOUT: &str = "States.Timeout";
    /// Whoever did it was not heard of in time.
    pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
    /// A value is larger than values may be.
    pub const DATA_LIMIT: &str = "States.DataLimitExceeded";
    /// The definition asks for what cannot be.
    pub const RUNTIME: &str = "States.Runtime";
    /// An expression or a template gave no value.
    pub const QUERY: &str = "States.QueryEvaluationError";
    /// More of the items failed than may.
    pub const TOLERATED: &str = "States.ExceedToleratedFailureThreshold";
    /// A value does not look as it has to.
    pub const INVALID: &str = "States.InvalidValue";
    /// It would have gone on for longer than a `while` may.
    pub const LOOP_LIMIT: &str = "States.LoopLimitExceeded";
}

/// The longest name of a failure.
pub(crate) const LONGEST_NAME: usize = 80;

/// What happened when something failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeError {
    /// Its name, which rules go by.
    pub error: String,
    /// What happened, in words.
    pub cause: String,
}

impl NodeError {
    /// The most bytes of what a state keeps of a cause.
    const LONGEST_CAUSE: usize = 300;

    /// A failure of that name.
    pub fn new(error: &str, cause: impl Into<String>) -> Self {
        Self {
            error: error.to_owned(),
            cause: cause.into(),
        }
    }

    /// As much of it as a state keeps.
    pub(crate) fn clipped(&self) -> Self {
        Self {
            error: domain::clip(&self.error, LONGEST_NAME).to_owned(),
            cause: domain::clip(&self.cause, Self::LONGEST_CAUSE).to_owned(),
        }
    }
}

/// Whether delays are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// They are what the rule says.
    #[default]
    None,
    /// They are anything from nothing to what the rule says.
    Full,
}

/// A rule for trying again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retrier {
    /// Which failures it is for.
    pub errors: Vec<String>,
    /// Seconds before the first further try.
    #[serde(default = "one")]
    pub interval_seconds: u32,
    /// How many further tries there are.
    #[serde(default = "three")]
    pub max_attempts: u32,
    /// What each delay is multiplied with to be the next.
    #[serde(default = "two")]
    pub backoff_rate: f64,
    /// The longest delay, in seconds.
    #[serde(default = "day")]
    pub max_delay_seconds: u32,
    /// Whether delays are spread.
    #[serde(default)]
    pub jitter: Jitter,
}

const fn one() -> u32 {
    1
}

const fn three() -> u32 {
    3
}

const fn two() -> f64 {
    2.0
}

const fn day() -> u32 {
    86_400
}

/// A rule for going on after a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catcher {
    /// Which failures it is for.
    pub errors: Vec<String>,
    /// By which output it goes on; what is handed on there is `{error, cause}`.
    #[serde(default = "error")]
    pub output: String,
}

fn error() -> String {
    "error".to_owned()
}

/// Whether a rule for `errors` is for this failure.
pub fn matches(errors: &[String], error: &str) -> bool {
    let wild = !matches!(error, names::DATA_LIMIT | names::RUNTIME);
    errors.iter().any(|rule| match rule.as_str() {
        names::ALL => wild,
        names::TASK_FAILED => wild && error != names::TIMEOUT,
        rule => rule == error,
    })
}

impl Retrier {
    /// Seconds before the next try, when there were `tries` further ones by this rule, with `chance` for its jitter;
    /// none if there is none left.
    pub fn delay(&self, tries: u32, chance: u32) -> Option<u32> {
        if tries >= self.max_attempts {
            return None;
        }
        let power = i32::try_from(tries).unwrap_or(i32::MAX);
        let grown = f64::from(self.interval_seconds) * self.backoff_rate.powi(power);
        let delay = grown.min(f64::from(self.max_delay_seconds));
        let delay = match self.jitter {
            Jitter::None => delay,
            Jitter::Full => delay * f64::from(chance) / f64::from(u32::MAX),
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to the longest delay, which is one"
        )]
        Some(delay.round() as u32)
    }

    /// What is wrong with it.
    pub(crate) fn wrong(&self) -> Option<&'static str> {
        if self.errors.is_empty() {
            return Some("it is for no failure");
        }
        if self.interval_seconds == 0 || self.interval_seconds > day() {
            return Some("interval_seconds has to be from 1 to 86400");
        }
        if self.max_attempts > 99 {
            return Some("max_attempts has to be at most 99");
        }
        if !(1.0..=100.0).contains(&self.backoff_rate) {
            return Some("backoff_rate has to be from 1 to 100");
        }
        if self.max_delay_seconds == 0 || self.max_delay_seconds > day() {
            return Some("max_delay_seconds has to be from 1 to 86400");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_match_as_in_the_states_language() {
        let table = [
            (names::ALL, "Custom.Failure", true),
            (names::ALL, names::TIMEOUT, true),
            (names::ALL, names::HEARTBEAT_TIMEOUT, true),
            (names::ALL, names::TASK_FAILED, true),
            (names::ALL, names::QUERY, true),
            (names::ALL, names::DATA_LIMIT, false),
            (names::ALL, names::RUNTIME, false),
            (names::TASK_FAILED, "Custom.Failure", true),
            (names::TASK_FAILED, names::TASK_FAILED, true),
            (names::TASK_FAILED, names::HEARTBEAT_TIMEOUT, true),
            (names::TASK_FAILED, names::TIMEOUT, false),
            (names::TASK_FAILED, names::DATA_LIMIT, false),
            (names::TASK_FAILED, names::RUNTIME, false),
            (names::TIMEOUT, names::TIMEOUT, true),
            (names::TIMEOUT, names::HEARTBEAT_TIMEOUT, false),
            (names::DATA_LIMIT, names::DATA_LIMIT, true),
            (names::RUNTIME, names::RUNTIME, true),
            ("Custom.Failure", "Custom.Failure", true),
            ("Custom.Failure", "Custom.Other", false),
        ];
        for (rule, error, expected) in table {
            let matched = matches(&[rule.to_owned()], error);
            assert_eq!(matched, expected, "{rule} for {error}");
        }
    }

    fn retrier(more: &str) -> Retrier {
        serde_json::from_str(&format!(r#"{{"errors": ["States.ALL"]{more}}}"#)).unwrap()
    }

    #[test]
    fn delays_grow_as_in_the_states_language() {
        let table = [
            ("", vec![1, 2, 4]),
            (
                r#", "interval_seconds": 3, "backoff_rate": 1.5, "max_attempts": 4"#,
                vec![3, 5, 7, 10],
            ),
            (
                r#", "interval_seconds": 10, "max_delay_seconds": 25"#,
                vec![10, 20, 25],
            ),
            (r#", "backoff_rate": 1"#, vec![1, 1, 1]),
            (r#", "max_attempts": 0"#, vec![]),
        ];
        for (more, expected) in table {
            let rule = retrier(more);
            let delays: Vec<u32> = (0..).map_while(|tries| rule.delay(tries, 0)).collect();
            assert_eq!(delays, expected, "{more}");
        }
    }

    #[test]
    fn jitter_is_from_nothing_to_the_whole_delay() {
        let rule = retrier(r#", "interval_seconds": 100, "jitter": "full""#);
        assert_eq!(rule.delay(0, 0), Some(0));
        assert_eq!(rule.delay(0, u32::MAX / 2), Some(50));
        assert_eq!(rule.delay(0, u32::MAX), Some(100));
    }

    #[test]
    fn a_rule_that_cannot_be_is_none() {
        for wrong in [
            r#", "interval_seconds": 0"#,
            r#", "backoff_rate": 0.5"#,
            r#", "max_attempts": 100"#,
            r#", "max_delay_seconds": 0"#,
        ] {
            assert!(retrier(wrong).wrong().is_some(), "{wrong}");
        }
        assert_eq!(retrier("").wrong(), None);
        assert!(serde_json::from_str::<Retrier>(r#"{"errors": [], "interval": 1}"#).is_err());
    }
}
