//! One line of a log.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Fields that say more than the message does, with the words before them.
const MORE: [(&str, &str); 16] = [
    ("stage", ""),
    ("Verdict", "verdict "),
    ("Outcome", "outcome "),
    ("Definition", ""),
    ("definition", ""),
    ("state", ""),
    ("lease.fence", "attempt "),
    ("comment.id", "comment "),
    ("QueueToClaimSeconds", "seconds in the queue "),
    ("RunSeconds", "seconds in all "),
    ("receives", "receiving "),
    ("git.branch", ""),
    ("git.commit", ""),
    ("pull.number", "#"),
    ("reasons", ""),
    ("error", ""),
];

/// What a process said at a time.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) at: Timestamp,
    fields: Map<String, Value>,
}

impl Event {
    pub(super) fn read(line: &str) -> Option<Self> {
        let Value::Object(fields) = serde_json::from_str(line).ok()? else {
            return None;
        };
        let at = fields.get("timestamp")?.as_str()?.parse().ok()?;
        Some(Self { at, fields })
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    /// The seconds since another one.
    pub(super) fn since(&self, other: &Self) -> f64 {
        self.at.duration_since(other.at).as_secs_f64()
    }

    /// A request is told by what was asked and answered.
    fn request(&self) -> Option<String> {
        let seconds = self.fields.get("duration.seconds")?.as_f64()?;
        let status = self.fields.get("http.response.status_code")?;
        let (method, route) = (self.text("http.request.method")?, self.text("http.route")?);
        Some(format!(
            "{method} {route} {status} in {:.1} ms",
            seconds * 1e3
        ))
    }
}

/// A value as people write it: times to the millisecond, texts without quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => {
            format!("{:.3}", number.as_f64().unwrap_or_default())
        }
        other => other.to_string(),
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(request) = self.request() {
            return f.write_str(&request);
        }
        if let Some(level @ ("WARN" | "ERROR")) = self.text("level") {
            write!(f, "{level} ")?;
        }
        f.write_str(self.text("message").unwrap_or("(without words)"))?;
        // A daemon says its attempt in every line.
        let of_daemon = self.text("service") == Some("daemon");
        let more = MORE
            .iter()
            .filter(|(name, _)| !(of_daemon && *name == "lease.fence"));
        let more = more.filter_map(|(name, before)| {
            let value = self.fields.get(*name)?;
            let value = plain(value);
            Some(format!("{before}{value}"))
        });
        let more: Vec<String> = more.collect();
        if !more.is_empty() {
            write!(f, " ({})", more.join(", "))?;
        }
        for step in self
            .text("steps")
            .into_iter()
            .flat_map(|steps| steps.split("; "))
        {
            write!(f, "\n{:>36}{step}", "- ")?;
        }
        Ok(())
    }
}
