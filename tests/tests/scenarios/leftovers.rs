//! What no scenario may leave behind: messages that nobody deals with, due times of what is over, leases, folders of jobs,
//! processes, and errors of daemons and functions that nobody expected.

use std::{
    collections::{HashMap, HashSet},
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

/// How long the last writes of what is over may take, and a process to notice that whoever it worked for is gone.
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

    /// Items that wait for nothing and keep their due time, and leases that nobody gives back.
    async fn left_in_the_table(&self) -> Vec<String> {
        let until = Instant::now() + ENDS_WITHIN;
        loop {
            let items = self.items().await;
            let mut found = due_although_over(&items);
            found.extend(leases(&items));
            if found.is_empty() || Instant::now() > until {
                return found;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Everything in the table.
    async fn items(&self) -> Vec<Item> {
        let dynamodb = Clients::new(self.stack.endpoints().sdk_config("tester")).dynamodb();
        let table = &self.stack.template().table("Table").unwrap().name;
        let mut pages = dynamodb
            .scan()
            .table_name(table)
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(Item(item.unwrap()));
        }
        items
    }
}

/// An item of the table.
struct Item(HashMap<String, AttributeValue>);

impl Item {
    fn text(&self, name: &str) -> &str {
        let value = self.0.get(name).and_then(|value| value.as_s().ok());
        value.map_or("", String::as_str)
    }

    /// The name of its state.
    fn state(&self) -> &str {
        let state = self.0.get("state").and_then(|state| state.as_m().ok());
        let name = state.and_then(|state| state.get("is"));
        name.and_then(|name| name.as_s().ok())
            .map_or("", String::as_str)
    }

    /// The run that it belongs to, if it is of that kind.
    fn run_of(&self, kind: &str) -> Option<String> {
        let rest = self.text("sk").strip_prefix(kind)?.strip_prefix('#')?;
        let run: Vec<&str> = rest.splitn(4, '#').take(3).collect();
        Some(format!("{} {}", self.text("pk"), run.join("#")))
    }
}

/// Steps that are closed, of runs that are over, and heads and places of ends that are told, which are due all the same.
fn due_although_over(items: &[Item]) -> Vec<String> {
    let is_told = |item: &&Item| matches!(item.state(), "told" | "unreachable");
    let is_over = |item: &&Item| item.state() == "over";
    let told = items.iter().filter(is_told);
    let told: HashSet<String> = told.filter_map(|item| item.run_of("TRK")).collect();
    let over = items.iter().filter(is_over);
    let over: HashSet<String> = over.filter_map(|item| item.run_of("RUN")).collect();
    let is_of =
        |run: Option<String>, of: &HashSet<String>| run.is_some_and(|run| of.contains(&run));
    let waits_for_nothing = |item: &&Item| {
        is_of(item.run_of("RUN"), &told)
            || is_of(item.run_of("TRK"), &told)
            || (is_of(item.run_of("STP"), &over) && item.state() == "closed")
    };
    let due = items.iter().filter(|item| item.0.contains_key("due_at"));
    due.filter(waits_for_nothing)
        .map(|item| format!("a due time of {}", item.text("sk")))
        .collect()
}

/// Steps that somebody holds.
fn leases(items: &[Item]) -> impl Iterator<Item = String> {
    let held = |item: &&Item| item.text("sk").starts_with("STP#") && item.state() == "running";
    let held = items.iter().filter(held);
    held.map(|item| format!("a lease of {}", item.text("sk")))
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
