//! A recorder whose lines and spans a test can look at.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use domain::SystemClock;
use opentelemetry_sdk::trace::SpanData;
use serde_json::Value;
use tracing_subscriber::layer::SubscriberExt;

use crate::{lines::Lines, recorder::Recorder, spans::Collector};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines and spans of what `speak` does, as the service `api` on the stage `test`.
pub(crate) fn heard(speak: impl FnOnce()) -> (Vec<Value>, Vec<SpanData>) {
    let (written, collector) = (Written::default(), Arc::new(Collector::default()));
    let lines = Lines::new("api".into(), "test".into(), Box::new(written.clone()));
    let recorder = Recorder {
        clock: Arc::new(SystemClock),
        lines: Some(lines),
        spans: Some(collector.clone()),
    };
    tracing::subscriber::with_default(tracing_subscriber::registry().with(recorder), speak);
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let spans = collector.take().spans.into_iter().map(|(_, span)| span);
    (lines.collect(), spans.collect())
}
