//! Starting it all.

use std::{
    fs::File,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use domain::{SharedClock, SystemClock};
use opentelemetry_http::HttpClient;
use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets},
    fmt as people,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    DETAIL,
    lines::Lines,
    recorder::Recorder,
    spans::{Collector, Endpoint, Exporter},
};

/// Who reads the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Machines, and people with a query.
    Json,
    /// A person at a terminal.
    Human,
}

/// Where the log goes.
#[derive(Debug)]
pub enum Output {
    /// Standard output, where Lambda takes it from.
    Stdout,
    /// Standard error.
    Stderr,
    /// A file.
    File(File),
}

/// How a process speaks.
#[derive(Debug)]
pub struct Setup {
    /// Its name, such as `webhook`: the metrics' dimension `Service` and the spans' `service.name`.
    pub service: String,
    /// The deployment: the metrics' dimension `Stage`.
    pub stage: String,
    /// How much is said, for each target.
    pub level: Targets,
    /// In which form.
    pub format: Format,
    /// Where to.
    pub output: Output,
    /// Where spans are exported to, and the client that does it, if they are exported.
    pub export: Option<(Endpoint, Arc<dyn HttpClient>)>,
}

/// What a process has to do for its telemetry once it runs.
#[derive(Clone, Debug, Default)]
pub struct Telemetry(Option<Arc<Exporter>>);

impl Telemetry {
    /// Exports the spans that have ended, if spans are exported. It takes a second at most and never fails:
    /// telemetry must not get in the way of what it tells about.
    pub async fn flush(&self) {
        if let Some(exporter) = &self.0 {
            exporter.flush().await;
        }
    }

    /// Whether spans are exported.
    pub fn exports(&self) -> bool {
        self.0.is_some()
    }
}

impl Setup {
    /// JSON lines from `INFO` on, and nothing exported.
    pub fn json(service: &str, stage: &str, output: Output) -> Self {
        Self {
            service: service.to_owned(),
            stage: stage.to_owned(),
            level: Self::level(LevelFilter::INFO),
            format: Format::Json,
            output,
            export: None,
        }
    }

    /// The level of one target's spans and events, and of everything else.
    pub fn level(level: LevelFilter) -> Targets {
        Targets::new().with_default(level)
    }

    /// Starts logging for this process. Does nothing if somebody else, such as a test, has done it before.
    pub fn start(self) -> Telemetry {
        let clock: SharedClock = Arc::new(SystemClock);
        let export = self.export.map(|(endpoint, client)| Exporter {
            collector: Arc::default(),
            endpoint,
            client,
            service: self.service.clone(),
            stage: self.stage.clone(),
            made: Mutex::default(),
        });
        let spans = export.as_ref().map(|export| export.collector.clone());
        let level = self.level.with_target(DETAIL, detail(spans.as_ref()));
        let out = writer(self.output);
        let (lines, people) = match self.format {
            Format::Json => (Some(Lines::new(self.service, self.stage, out)), None),
            Format::Human => (None, Some(for_people(out))),
        };
        let recorder = Recorder {
            clock,
            lines,
            spans,
        };
        let started = tracing_subscriber::registry()
            .with(people)
            .with(recorder)
            .with(level)
            .try_init();
        match started {
            Ok(()) => Telemetry(export.map(Arc::new)),
            Err(_) => Telemetry(None),
        }
    }
}

/// Spans that are only for export are not even made if there is none.
fn detail(spans: Option<&Arc<Collector>>) -> LevelFilter {
    match spans {
        Some(_) => LevelFilter::INFO,
        None => LevelFilter::OFF,
    }
}

fn writer(output: Output) -> Box<dyn Write + Send> {
    match output {
        Output::Stdout => Box::new(io::stdout()),
        Output::Stderr => Box::new(io::stderr()),
        Output::File(file) => Box::new(file),
    }
}

fn for_people(out: Box<dyn Write + Send>) -> impl Layer<Registry> {
    people::layer()
        .with_ansi(false)
        .with_target(false)
        .compact()
        .with_writer(Mutex::new(out))
}
