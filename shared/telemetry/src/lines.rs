//! One line of JSON for one event.

mod metrics;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    io::Write,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::json;
use tracing::Metadata;

pub use metrics::{METRICS, Unit};

use crate::fields::{Fields, Value};

/// Fields that only spans are exported with.
const EXPORTED_ONLY: [&str; 3] = ["otel.", "messaging.", "gen_ai."];

/// Writes lines.
pub(crate) struct Lines {
    service: String,
    stage: String,
    out: Mutex<Box<dyn Write + Send>>,
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

impl Lines {
    pub(crate) fn new(service: String, stage: String, out: Box<dyn Write + Send>) -> Self {
        Self {
            service,
            stage,
            out: Mutex::new(out),
        }
    }

    /// Writes an event with the fields of the spans around it, the outermost first.
    pub(crate) fn write(
        &self,
        at: Timestamp,
        metadata: &Metadata<'_>,
        around: &[Fields],
        event: &Fields,
    ) {
        let line = Line {
            lines: self,
            at,
            metadata,
            fields: merged(around, event),
            event,
        };
        let Ok(mut line) = serde_json::to_vec(&line) else {
            return;
        };
        line.push(b'\n');
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // There is nowhere to say that nothing can be said.
        out.write_all(&line).and_then(|()| out.flush()).ok();
    }
}

/// Every field once: an inner one hides an outer one of its name.
fn merged<'a>(around: &'a [Fields], event: &'a Fields) -> Vec<(&'static str, &'a Value)> {
    let mut all: Vec<(&'static str, &Value)> = Vec::new();
    for (name, value) in around.iter().chain([event]).flat_map(Fields::iter) {
        if EXPORTED_ONLY.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, hidden)) => *hidden = value,
            None => all.push((name, value)),
        }
    }
    all
}

struct Line<'a> {
    lines: &'a Lines,
    at: Timestamp,
    metadata: &'a Metadata<'a>,
    fields: Vec<(&'static str, &'a Value)>,
    event: &'a Fields,
}

impl Line<'_> {
    /// The service that speaks. Several may share a process, and each is a span then.
    fn service(&self) -> &str {
        let named = self.fields.iter().find(|(name, _)| *name == "service");
        match named {
            Some((_, Value::Text(name))) => name,
            _ => &self.lines.service,
        }
    }
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let service = self.service();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("timestamp", &format!("{:.6}", self.at))?;
        map.serialize_entry("level", self.metadata.level().as_str())?;
        map.serialize_entry("service", service)?;
        for (name, value) in &self.fields {
            if *name != "service" && !metrics::is_part(name) {
                map.serialize_entry(name, value)?;
            }
        }
        map.serialize_entry("target", self.metadata.target())?;
        if let Some(document) = metrics::document(self.event, self.at) {
            map.serialize_entry("Service", service)?;
            map.serialize_entry("Stage", &self.lines.stage)?;
            for (name, value) in metrics::members(self.event) {
                map.serialize_entry(name, value)?;
            }
            map.serialize_entry("_aws", &json!(document))?;
        }
        map.end()
    }
}
