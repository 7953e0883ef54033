//! Answers on their way through.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use egress::{HttpError, Streaming};
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use super::{Seen, meter::Meter};

/// One call while it lasts. When it ends, however it does, what it used is counted.
pub(super) struct Call {
    seen: Arc<Seen>,
    meter: Option<Meter>,
}

impl Call {
    /// A call that begins.
    pub(super) fn open(seen: Arc<Seen>) -> Self {
        seen.opened();
        Self { seen, meter: None }
    }

    /// What is seen of it.
    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(meter) = self.meter.take() {
            self.seen.answered(meter.end());
        }
        self.seen.closed();
    }
}

struct Passing {
    from: Streaming,
    call: Call,
    closed: CancellationToken,
}

/// The body of an answer, piece by piece as it comes, read by `meter` on its way if it is one that counts.
pub(super) fn pass(
    from: Streaming,
    meter: Option<Meter>,
    mut call: Call,
    closed: CancellationToken,
) -> Body {
    call.meter = meter;
    let passing = Passing { from, call, closed };
    Body::from_stream(stream::unfold(passing, |mut passing| async move {
        let piece = next(&mut passing).await?;
        Some((piece, passing))
    }))
}

async fn next(passing: &mut Passing) -> Option<Result<Bytes, HttpError>> {
    let piece = tokio::select! {
        piece = passing.from.chunk() => piece.transpose()?,
        () = passing.closed.cancelled() => return None,
    };
    if let Ok(piece) = &piece {
        passing.call.seen.passed();
        if let Some(meter) = &mut passing.call.meter {
            meter.push(piece);
        }
    }
    Some(piece)
}
