//! A schedule that triggers a function.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::functions::{FunctionName, Functions};

/// Invokes `function` every `every`, until `stop`.
pub(crate) async fn run(
    functions: Arc<Functions>,
    function: FunctionName,
    every: Duration,
    stop: CancellationToken,
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = functions
            .invoke(function, json!({ "source": "local.schedule" }))
            .await
        {
            tracing::error!(%function, error = format!("{error:#}"), "a scheduled invocation failed");
        }
    }
}
