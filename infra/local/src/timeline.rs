//! The timeline of one request through the system, put together from the logs.

mod event;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fmt};

use event::Event;

/// The fields by which a request is known.
const IDS: [&str; 5] = ["trace.id", "delivery.id", "run.id", "job.id", "tenant.id"];
/// Between steps this far apart a person sees that something was waited for.
const LONG: f64 = 1.0;

/// Why no timeline is shown, in words for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoTimeline {
    /// Nothing has this id.
    #[error(
        "the logs know nothing of `{0}`; give a trace, delivery, run or job id, or the beginning of one"
    )]
    Unknown(String),
    /// Several requests have an id that begins so.
    #[error(
        "several requests have an id that begins with `{id}`; give more of it. Their traces: {traces}"
    )]
    Ambiguous {
        /// What was asked for.
        id: String,
        /// The traces.
        traces: String,
    },
}

/// Everything that is known of one request, in the order in which it happened.
#[derive(Clone, Debug)]
pub(crate) struct Timeline(Vec<Event>);

impl Timeline {
    /// Finds the request that `id`, or the beginning of an id, belongs to among lines of logs. A line that is
    /// no line of ours, such as one that was cut off, is passed over.
    pub(crate) fn find<'a>(
        id: &str,
        lines: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, NoTimeline> {
        let events: Vec<Event> = lines.into_iter().filter_map(Event::read).collect();
        let whole = traces(&events, |known| known == id);
        let found = if whole.is_empty() {
            traces(&events, |known| known.starts_with(id))
        } else {
            whole
        };
        let mut found = found.into_iter();
        let (trace, others) = (found.next(), found.collect::<Vec<_>>());
        let Some(trace) = trace else {
            return Err(NoTimeline::Unknown(id.to_owned()));
        };
        if !others.is_empty() {
            return Err(NoTimeline::Ambiguous {
                id: id.to_owned(),
                traces: [vec![trace], others].concat().join(", "),
            });
        }
        let mut events: Vec<Event> = events
            .into_iter()
            .filter(|event| event.text("trace.id") == Some(&trace))
            .collect();
        // Each log is in order; the order of equal times is kept.
        events.sort_by_key(|event| event.at);
        Ok(Self(events))
    }
}

/// The traces of the events that have an id of which `is_meant` is true.
fn traces(events: &[Event], is_meant: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let meant = events.iter().filter(|event| {
        let mut known = IDS[..4].iter().filter_map(|name| event.text(name));
        known.any(&is_meant)
    });
    let traces = meant.filter_map(|event| event.text("trace.id"));
    traces.map(str::to_owned).collect()
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else {
            return Ok(());
        };
        for name in IDS {
            let known: BTreeSet<&str> =
                self.0.iter().filter_map(|event| event.text(name)).collect();
            if !known.is_empty() {
                let known: Vec<&str> = known.into_iter().collect();
                writeln!(
                    f,
                    "{:<9} {}",
                    name.trim_end_matches(".id"),
                    known.join(", ")
                )?;
            }
        }
        writeln!(f, "begun     {:.3}\n", first.at)?;
        let mut before = first;
        for event in &self.0 {
            let waited = event.since(before);
            let waited = if waited >= LONG {
                format!("+{waited:.3}")
            } else {
                String::new()
            };
            let passed = event.since(first);
            let service = event.text("service").unwrap_or("?");
            writeln!(f, "{passed:>9.3} s {waited:>9}  {service:<9} {event}")?;
            before = event;
        }
        writeln!(
            f,
            "\n{:>9.3} s in all, {} lines",
            last.since(first),
            self.0.len()
        )
    }
}
