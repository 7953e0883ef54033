//! Schedules.

use jiff::SignedDuration;

use super::{
    TemplateError,
    node::{Known, Node},
    queue,
    scope::Scope,
};

/// `EventBridge` Scheduler's own limits, which hold unless the template has others.
const DEFAULT_RETRIES: u32 = 185;
const DEFAULT_MAX_AGE: SignedDuration = SignedDuration::from_hours(24);

const SCHEDULE: Known = Known {
    used: &[
        "Name",
        "ScheduleExpression",
        "RetryPolicy",
        "DeadLetterConfig",
        "State",
        "Input",
    ],
    ignored: &["Description", "RoleArn"],
};

const RETRY: Known = Known {
    used: &["MaximumRetryAttempts", "MaximumEventAgeInSeconds"],
    ignored: &[],
};

const DEAD_LETTER: Known = Known {
    used: &["Arn"],
    ignored: &[],
};

/// A call at regular intervals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Its name, if the template has one.
    pub name: Option<String>,
    /// The time from one call to the next; more than nothing.
    pub every: SignedDuration,
    /// What the function is called with; the scheduler's own event if nothing.
    pub input: Option<String>,
    /// How often a call that does not reach the function is tried again.
    pub max_retries: u32,
    /// The age at which such a call is given up.
    pub max_age: SignedDuration,
    /// Logical id of the queue that takes calls that are given up.
    pub dead_letter: Option<String>,
}

/// Reads a schedule; nothing if it is switched off.
pub(super) fn read(scope: &Scope<'_>, node: Node) -> Result<Option<Schedule>, TemplateError> {
    let mut fields = node.fields(&SCHEDULE)?;
    if let Some(state) = fields.optional("State")
        && !state.choice(&[("ENABLED", true), ("DISABLED", false)])?
    {
        return Ok(None);
    }
    let (mut max_retries, mut max_age) = (DEFAULT_RETRIES, DEFAULT_MAX_AGE);
    if let Some(policy) = fields.optional("RetryPolicy") {
        let mut policy = policy.fields(&RETRY)?;
        max_retries = policy.count_or("MaximumRetryAttempts", max_retries)?;
        max_age = policy.seconds_or("MaximumEventAgeInSeconds", max_age)?;
    }
    let dead_letter = match fields.optional("DeadLetterConfig") {
        None => None,
        Some(config) => {
            let arn = config.fields(&DEAD_LETTER)?.required("Arn")?;
            Some(queue::id_of_arn(scope, &arn)?)
        }
    };
    let name = fields.optional("Name");
    let input = fields.optional("Input");
    Ok(Some(Schedule {
        name: name.map(|name| name.text()).transpose()?,
        every: every(&fields.required("ScheduleExpression")?)?,
        input: input.map(|input| input.text()).transpose()?,
        max_retries,
        max_age,
        dead_letter,
    }))
}

/// The interval of `rate(5 minutes)`.
fn every(node: &Node) -> Result<SignedDuration, TemplateError> {
    let expression = node.text()?;
    let rate = expression
        .strip_prefix("rate(")
        .and_then(|rest| rest.strip_suffix(')'))
        .ok_or_else(|| {
            node.place()
                .unsupported(format!("the schedule {expression}"))
        })?;
    let (count, unit) = rate.split_once(' ').unwrap_or((rate, ""));
    let minutes = match unit {
        "minute" | "minutes" => 1,
        "hour" | "hours" => 60,
        "day" | "days" => 24 * 60,
        _ => 0,
    };
    match count.parse::<u32>() {
        Ok(count) if count > 0 && minutes > 0 => {
            Ok(SignedDuration::from_mins(i64::from(count) * minutes))
        }
        _ => Err(node.place().invalid("a rate such as rate(5 minutes)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::place::Place;

    fn parse(expression: &str) -> Result<SignedDuration, TemplateError> {
        every(&Node::new(expression.into(), Place::section("Rate")))
    }

    #[test]
    fn rates_have_three_units() {
        assert_eq!(parse("rate(1 minute)"), Ok(SignedDuration::from_mins(1)));
        assert_eq!(parse("rate(5 minutes)"), Ok(SignedDuration::from_mins(5)));
        assert_eq!(parse("rate(2 hours)"), Ok(SignedDuration::from_hours(2)));
        assert_eq!(parse("rate(1 day)"), Ok(SignedDuration::from_hours(24)));
    }

    #[test]
    fn other_schedules_are_errors() {
        for wrong in [
            "rate(0 minutes)",
            "rate(1)",
            "rate(-1 day)",
            "rate(1 second)",
        ] {
            assert_eq!(
                parse(wrong).unwrap_err().to_string(),
                "Rate: expected a rate such as rate(5 minutes)",
            );
        }
        assert_eq!(
            parse("cron(0 12 * * ? *)").unwrap_err().to_string(),
            "Rate: the schedule cron(0 12 * * ? *) is not supported by the local stack",
        );
    }
}
