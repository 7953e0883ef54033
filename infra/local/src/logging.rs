//! What this process says about itself and about the functions in it.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Result;
use kit::telemetry::{HttpClient, OtlpClient, Telemetry, stage};
use telemetry::{Endpoint, Output, Setup};
use tokio::{task::JoinHandle, time::sleep};
use tracing_subscriber::filter::LevelFilter;

use crate::{private, vars::Vars};

/// How often spans are exported. On AWS it is done at the end of each invocation.
const FLUSH: Duration = Duration::from_millis(500);

/// Logs beside the state, so that they do not get between the lines that a person looks at, and spans if an
/// endpoint is set.
#[derive(Debug)]
pub(crate) struct Logging {
    telemetry: Telemetry,
    flushing: Option<JoinHandle<()>>,
}

impl Logging {
    pub(crate) fn start(state: &Path, vars: &Vars) -> Result<Self> {
        let folder = state.join("log");
        private::make(state)?;
        private::folder(&folder)?;
        let file = private::log(&folder.join("local.jsonl"))?;
        let client = |endpoint| -> (Endpoint, Arc<dyn HttpClient>) {
            (endpoint, Arc::new(OtlpClient::default()))
        };
        // The embedded servers log every refusal as an error, though refusing is their work.
        let level = Setup::level(LevelFilter::INFO)
            .with_target("s3s", LevelFilter::OFF)
            .with_target("dynoxide", LevelFilter::ERROR);
        let setup = Setup {
            level,
            export: Endpoint::from_vars(vars)?.map(client),
            ..Setup::json("local", &stage(vars), Output::File(file))
        };
        let telemetry = setup.start();
        let flushing = telemetry
            .exports()
            .then(|| tokio::spawn(flush(telemetry.clone())));
        Ok(Self {
            telemetry,
            flushing,
        })
    }

    /// Exports what is left.
    pub(crate) async fn end(self) {
        if let Some(flushing) = self.flushing {
            flushing.abort();
        }
        self.telemetry.flush().await;
    }
}

async fn flush(telemetry: Telemetry) {
    loop {
        sleep(FLUSH).await;
        telemetry.flush().await;
    }
}
