//! Scenarios in words, to look at one that no list has: `single refuse told crashes=1 start=1/1 stop=2 without=HaltNotRead`.

use std::fmt;

use crate::{Asked, Busy, Flaw, Key, Looks, Plan, Protocol, Relay, Request, small};

/// A word that says nothing about a scenario.
#[derive(Debug)]
pub struct NotUnderstood(String);

impl fmt::Display for NotUnderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} says nothing about a scenario", self.0)
    }
}

impl std::error::Error for NotUnderstood {}

impl Protocol {
    /// A scenario, by the words in which it differs from [`small`].
    pub fn in_words(words: &str) -> Result<Self, NotUnderstood> {
        let mut words = words.split_whitespace();
        words.try_fold(small(), Self::worded)
    }

    /// A scenario changed by a word.
    fn worded(self, word: &str) -> Result<Self, NotUnderstood> {
        let not_understood = || NotUnderstood(word.to_owned());
        match word.split_once('=') {
            None => self.named(word).ok_or_else(not_understood),
            Some(("start", times)) => {
                let (asked, key) = times.split_once('/').ok_or_else(not_understood)?;
                let asked = Asked(asked.parse().map_err(|_| not_understood())?);
                let key = key.parse().map_err(|_| not_understood())?;
                Ok(self.asked(Request::Start { asked, key }))
            }
            Some(("stop", asked)) => {
                let asked = asked.parse().map_err(|_| not_understood())?;
                Ok(self.asked(Request::Stop(Asked(asked))))
            }
            Some(("without", rule)) => {
                let is = |flaw: &&Flaw| format!("{flaw:?}") == rule;
                let flaw = Flaw::ALL.iter().find(is).ok_or_else(not_understood)?;
                Ok(Self {
                    flaws: self.flaws.with(*flaw),
                    ..self
                })
            }
            Some((what, count)) => {
                let count = count.parse().map_err(|_| not_understood())?;
                self.counted(what, count).ok_or_else(not_understood)
            }
        }
    }

    fn named(mut self, word: &str) -> Option<Self> {
        match word {
            "single" => self.plan = Plan::Single,
            "sequence" => self.plan = Plan::Sequence,
            "any" => self.plan = Plan::AnyOf,
            "refuse" => self.busy = Busy::Refuse,
            "wait" => self.busy = Busy::Wait,
            "own" => self.key = Key::Own,
            "told" => self.relay = Relay::Tells,
            "untold" => self.relay = Relay::LeftOut,
            "looks" => self.looks = Looks::Always,
            "blind" => self.looks = Looks::Never,
            _ => return None,
        }
        Some(self)
    }

    fn asked(mut self, request: Request) -> Self {
        self.requests.push(request);
        self
    }

    fn counted(mut self, what: &str, count: u8) -> Option<Self> {
        let faults = &mut self.faults;
        match what {
            "processes" => self.processes = usize::from(count),
            "daemons" => self.daemons = usize::from(count),
            "losses" => self.losses = count,
            "crashes" => faults.crashes = count,
            "lost_jobs" => faults.lost_jobs = count,
            "double_jobs" => faults.double_jobs = count,
            "lost_bells" => faults.lost_bells = count,
            "double_bells" => faults.double_bells = count,
            "double_deliveries" => faults.double_deliveries = count,
            "double_records" => faults.double_records = count,
            "slow_daemons" => faults.slow_daemons = count,
            "deadlines" => faults.deadlines = count,
            "given_back" => faults.given_back = count,
            "archived" => faults.archived = count,
            _ => return None,
        }
        Some(self)
    }
}
