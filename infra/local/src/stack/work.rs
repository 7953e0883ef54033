//! Connecting what triggers functions.

use anyhow::{Context, Result};
use axum::Router;
use kit::Clients;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Schedule, Stack};
use crate::{
    front_door,
    functions::FunctionName,
    template::{Event, Function, QueueSource, StreamSource},
    triggers::{
        queue::QueueTrigger,
        schedule,
        stream::{SetAside, StreamTrigger},
    },
};

impl Stack {
    /// Starts serving routes and reading queues and the stream, as the template says.
    pub(super) fn work(
        &self,
        listener: TcpListener,
        api: TcpListener,
        stop: &CancellationToken,
    ) -> Result<()> {
        let urls = front_door::urls(&self.template, &self.functions)?;
        self.serve("the functions' URLs", listener, urls, stop);
        let gateway = front_door::http_api(&self.template, &self.functions)?;
        self.serve("the public API", api, gateway, stop);
        for function in &self.template.functions {
            for event in &function.events {
                self.connect(function, event, stop)?;
            }
        }
        Ok(())
    }

    fn serve(
        &self,
        what: &'static str,
        listener: TcpListener,
        router: Router,
        stop: &CancellationToken,
    ) {
        let stopped = stop.clone().cancelled_owned();
        self.tracker.spawn(async move {
            let server = axum::serve(listener, router).with_graceful_shutdown(stopped);
            if let Err(error) = server.await {
                tracing::error!(%error, "{what} stopped");
            }
        });
    }

    fn connect(&self, function: &Function, event: &Event, stop: &CancellationToken) -> Result<()> {
        let name: FunctionName = function.name.parse()?;
        match event {
            Event::Queue(source) => {
                let trigger = self.queue_trigger(name, source)?;
                self.tracker
                    .spawn(trigger.run(stop.clone(), self.tracker.clone()));
            }
            Event::Stream(source) => {
                let trigger = self.stream_trigger(name, source)?;
                self.tracker.spawn(trigger.run(stop.clone()));
            }
            Event::Schedule(source) => {
                if self.config.schedule == Schedule::Ticking {
                    let every = source.every.try_into()?;
                    let functions = self.functions.clone();
                    self.tracker
                        .spawn(schedule::run(functions, name, every, stop.clone()));
                }
            }
        }
        Ok(())
    }

    fn stream_trigger(
        &self,
        function: FunctionName,
        source: &StreamSource,
    ) -> Result<StreamTrigger> {
        let mut tables = self.template.tables.iter();
        let table = tables.find(|table| table.logical_id == source.table);
        let table = table.context("a stream of an unknown table")?;
        Ok(StreamTrigger {
            reader: self.endpoints.stream_reader(&table.name, function.as_str()),
            function,
            functions: self.functions.clone(),
            batch_size: usize::try_from(source.batch_size)?,
            filters: source.filters.clone(),
            max_retries: source.max_retries,
            on_failure: self.set_aside(function, source)?,
            moves: self.moves.subscribe(),
        })
    }

    fn set_aside(&self, function: FunctionName, source: &StreamSource) -> Result<Option<SetAside>> {
        let Some(queue) = &source.on_failure else {
            return Ok(None);
        };
        let queue = self
            .template
            .queue(queue)
            .context("an unknown failure queue")?;
        let client = self.event_client(function);
        Ok(Some(SetAside {
            client,
            url: queue.url.clone(),
        }))
    }

    /// A client for what AWS does around a function, told apart from the function's own calls.
    fn event_client(&self, function: FunctionName) -> aws_sdk_sqs::Client {
        let caller = format!("{function}-events");
        Clients::new(self.endpoints.sdk_config(&caller)).sqs()
    }

    fn queue_trigger(&self, function: FunctionName, source: &QueueSource) -> Result<QueueTrigger> {
        let queue = self
            .template
            .queue(&source.queue)
            .context("an event of an unknown queue")?;
        Ok(QueueTrigger {
            client: self.event_client(function),
            url: queue.url.clone(),
            arn: queue.arn.clone(),
            function,
            functions: self.functions.clone(),
            batch_size: i32::try_from(source.batch_size)?,
            at_once: source.max_concurrency,
        })
    }
}
