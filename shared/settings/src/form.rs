//! What values look like, in words.

use std::{fmt, time::Duration};

/// What a setting's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// What these words say.
    Text(&'static str),
    /// A secret that is what these words say.
    Secret(&'static str),
    /// An `http` or `https` address without user and password.
    Url,
    /// A whole number of something, within bounds.
    Number(Number),
    /// What these words say, one behind the other with commas between.
    List(&'static str),
    /// Absolute paths with colons between.
    Paths,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// On, unless it is `0` or `false`.
    Switch,
}

/// A whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) unit: Unit,
    pub(crate) least: u64,
    pub(crate) most: Option<u64>,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Milliseconds,
    Seconds,
    Minutes,
    /// Things of this name.
    Of(&'static str),
}

impl Unit {
    /// So much time; none if it does not count time.
    pub(crate) fn time(self, count: u64) -> Option<Duration> {
        match self {
            Self::Milliseconds => Some(Duration::from_millis(count)),
            Self::Seconds => Some(Duration::from_secs(count)),
            Self::Minutes => count.checked_mul(60).map(Duration::from_secs),
            Self::Of(_) => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Milliseconds => "milliseconds",
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Of(what) => what,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(what) | Self::Secret(what) => f.write_str(what),
            Self::Url => f.write_str("an http or https address"),
            Self::Number(number) => number.fmt(f),
            Self::List(what) => write!(f, "a list of {what}, separated by commas"),
            Self::Paths => f.write_str("a list of absolute paths, separated by colons"),
            Self::Choice(words) => match words {
                [first @ .., last] if !first.is_empty() => {
                    write!(f, "{} or {last}", first.join(", "))
                }
                words => f.write_str(&words.join("")),
            },
            Self::Switch => f.write_str("1, or 0 for off"),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number of {}", self.unit.name())?;
        match (self.least, self.most) {
            (0, None) => Ok(()),
            (least, None) => write!(f, " from {least} on"),
            (least, Some(most)) => write!(f, " from {least} to {most}"),
        }
    }
}
