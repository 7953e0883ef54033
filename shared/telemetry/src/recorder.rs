//! The layer that hears everything.

use std::sync::Arc;

use domain::SharedClock;
use tracing::{
    Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, Scope},
};

use crate::{
    DETAIL,
    fields::Fields,
    lines::Lines,
    spans::{Collector, Open, bounds},
};

/// The field of spans that are not to be exported.
const DROPPED: &str = "otel.dropped";

/// Keeps the fields of spans, writes lines, and hands spans that have ended to the collector.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) clock: SharedClock,
    pub(crate) lines: Option<Lines>,
    pub(crate) spans: Option<Arc<Collector>>,
}

impl<S> Layer<S> for Recorder
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let mut extensions = span.extensions_mut();
        extensions.insert(fields);
        if self.spans.is_some() {
            extensions.insert(Open::since(self.clock.now()));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(lines) = &self.lines else { return };
        let scope = context.event_scope(event).into_iter();
        let around: Vec<Fields> = scope
            .flat_map(Scope::from_root)
            .filter(|span| span.metadata().target() != DETAIL)
            .filter_map(|span| span.extensions().get::<Fields>().cloned())
            .collect();
        let mut fields = Fields::default();
        event.record(&mut fields);
        lines.write(self.clock.now(), event.metadata(), &around, &fields);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let (Some(collector), Some(span)) = (&self.spans, context.span(&id)) else {
            return;
        };
        let (open, fields) = {
            let mut extensions = span.extensions_mut();
            (extensions.remove::<Open>(), extensions.remove::<Fields>())
        };
        let (Some(open), Some(fields)) = (open, fields) else {
            return;
        };
        if fields.text(DROPPED).is_some() {
            return;
        }
        let parent = span.parent();
        let of_parent = parent.and_then(|parent| Some(parent.extensions().get::<Open>()?.id()));
        let ended = open.end(span.name(), of_parent, fields, self.clock.now());
        if bounds(span.metadata()) {
            let services = span.scope().filter_map(|around| {
                let extensions = around.extensions();
                extensions
                    .get::<Fields>()?
                    .text("service")
                    .map(str::to_owned)
            });
            collector.keep(ended, services.last().as_deref());
            return;
        }
        // It waits in the boundary around it, which may not know its trace yet.
        let boundary = span
            .scope()
            .skip(1)
            .find(|around| bounds(around.metadata()));
        if let Some(boundary) = boundary
            && let Some(open) = boundary.extensions_mut().get_mut::<Open>()
        {
            open.adopt(ended);
        }
    }
}
