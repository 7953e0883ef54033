//! What no scenario may leave behind: messages that nobody deals with, due times of what is over, leases, folders of jobs,
//! processes, and errors of daemons and functions that nobody expected.

use std::{
    collections::HashMap,
    fmt::Write as _,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::AttributeValue;
use kit::Clients;
use tokio::{runtime::Handle, task::block_in_place};
use tracing::{
    Dispatch, Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer, Registry,
    filter::LevelFilter,
    layer::{Context, SubscriberExt},
};

use crate::{
    ingress_support::{DELIVERIES, eventually},
    support::{LOOK_AGAIN, World},
};

/// Queues whose messages mean that something was given up.
const GIVEN_UP: [&str; 4] = [
    "DeliveriesDeadLetterQueue",
    "JobsDeadLetterQueue",
    "RelayFailuresQueue",
    "SchedulerFailuresQueue",
];

/// How long a process may take to notice that whoever it worked for is gone.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// What a scenario says it leaves, by a part of the words below.
#[derive(Debug, Default)]
pub(crate) struct Expected(Mutex<Vec<&'static str>>);

/// What functions have said that an operator must look at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Errors(Arc<Mutex<Vec<String>>>);

impl Errors {
    /// A log that keeps nothing else.
    pub(crate) fn log(&self) -> Dispatch {
        let errors = self.clone().with_filter(LevelFilter::ERROR);
        Dispatch::new(Registry::default().with(errors))
    }
}

impl<S: Subscriber> Layer<S> for Errors {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == Level::ERROR {
            let mut line = Line(format!("an error of {}:", event.metadata().target()));
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
    }
}

/// The fields of an event, one after the other.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl World {
    /// This scenario leaves something behind whose description contains `what`; it fails if it does not.
    pub(crate) fn leaves(&self, what: &'static str) {
        self.expected.0.lock().unwrap().push(what);
    }

    async fn leftovers(&self) -> Vec<String> {
        eventually("every delivery is handled", async || {
            (self.messages_in(DELIVERIES).await == (0, 0)).then_some(())
        })
        .await;
        let mut found = Vec::new();
        for queue in GIVEN_UP {
            let (visible, hidden) = self.messages_in(queue).await;
            if visible + hidden > 0 {
                found.push(format!("{} messages in {queue}", visible + hidden));
            }
        }
        found.extend(self.left_in_the_table().await);
        found.extend(self.lasting_processes().await);
        found.extend(job_folders(&self.stack.work_dir()));
        found.extend(errors(&self.state().join("log/daemon.jsonl")));
        found.extend(self.errors.0.lock().unwrap().iter().cloned());
        found
    }

    /// Processes that do not end by themselves soon, as those of a daemon that was killed do.
    async fn lasting_processes(&self) -> Vec<String> {
        let work = self.stack.work_dir();
        let until = Instant::now() + ENDS_WITHIN;
        loop {
            let found = processes(&[self.state(), &work]);
            if found.is_empty() || Instant::now() > until {
                return found;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Runs that are over and told of and have a due time, and leases that nobody gave back.
    async fn left_in_the_table(&self) -> Vec<String> {
        let dynamodb = Clients::new(self.stack.endpoints().sdk_config("tester")).dynamodb();
        let table = &self.stack.template().table("Table").unwrap().name;
        let scan = dynamodb.scan().table_name(table).into_paginator();
        let mut items = scan.items().send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.unwrap();
            let Some(sort_key) = text(&item, "sk").filter(|key| key.starts_with("RUN#")) else {
                continue;
            };
            let told = text(&item, "told").expect("a run says whether it is told of");
            let state = item["state"].as_m().expect("a run has a state");
            let state = text(state, "is").expect("a state says which it is");
            if matches!(told, "reported" | "unreachable") && item.contains_key("due_at") {
                found.push(format!("a due time of {sort_key}"));
            }
            if state == "running" {
                found.push(format!("a lease of {sort_key}"));
            }
        }
        found
    }
}

fn text<'a>(item: &'a HashMap<String, AttributeValue>, name: &str) -> Option<&'a str> {
    Some(item.get(name)?.as_s().ok()?.as_str())
}

/// What is in the folders that daemons make for jobs.
fn job_folders(work: &Path) -> Vec<String> {
    let daemons = fs::read_dir(work).into_iter().flatten().flatten();
    let folders = daemons.filter(|entry| entry.path().is_dir());
    let jobs =
        folders.flat_map(|daemon| fs::read_dir(daemon.path()).into_iter().flatten().flatten());
    jobs.filter(|job| job.path().is_dir())
        .map(|job| format!("a folder of a job: {}", job.path().display()))
        .collect()
}

/// Processes that have a path under one of `folders` among their arguments or variables, or work in it.
fn processes(folders: &[&Path]) -> Vec<String> {
    let own = std::process::id().to_string();
    let mut found = Vec::new();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = process.file_name().to_string_lossy().into_owned();
        if name == own || !name.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let read = |file: &str| fs::read(process.path().join(file)).unwrap_or_default();
        let arguments = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
        let variables = String::from_utf8_lossy(&read("environ")).into_owned();
        let folder = fs::read_link(process.path().join("cwd")).unwrap_or_default();
        let is_near = |place: &&Path| {
            let text = place.to_string_lossy();
            arguments.contains(&*text) || variables.contains(&*text) || folder.starts_with(place)
        };
        if folders.iter().any(is_near) {
            found.push(format!("a process: {arguments}"));
        }
    }
    found
}

/// Lines of daemons that say that an operator must look.
fn errors(log: &Path) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| line.contains(r#""level":"ERROR""#));
    lines.map(|line| format!("an error: {line}")).collect()
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let found = block_in_place(|| Handle::current().block_on(self.leftovers()));
        let expected = self.expected.0.lock().unwrap();
        let unexpected: Vec<&String> = found
            .iter()
            .filter(|one| !expected.iter().any(|part| one.contains(part)))
            .collect();
        assert!(unexpected.is_empty(), "the scenario leaves {unexpected:#?}");
        for part in expected.iter() {
            let left = found.iter().any(|one| one.contains(part));
            assert!(
                left,
                "the scenario says that it leaves {part:?}, and does not"
            );
        }
    }
}
