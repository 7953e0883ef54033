//! A table, a queue, and requests.

use std::{path::PathBuf, sync::Arc};

use aws_local::{Durability, Endpoints, ManualClock};
use aws_sdk_dynamodb::Client;
use contract::JobMessage;
use domain::{
    Clock, DefinitionName, Delivery, DeliveryKey, Origin, OwnerList, RequestTime, Run, RunKey,
    RunSequence, SystemRandom, Verdict,
};
use engine::Catalogue;
use jiff::{SignedDuration, Timestamp};
use policy::{
    Allowed, Decider, Decision, Gate, Person, Question, Reason, Resource, StartRun, StopRuns, Tick,
};
use queues::Queue;
use runs::{AppError, JobQueue, OpenDelivery, Runs, StartRequest, Started, Stopped, TokenKeys};
use store::{Brief, Due, Store};
use testkit::runs::{subject, target};

/// A definition of which a second request waits.
pub(crate) const PATIENT: DefinitionName = DefinitionName::literal("patient");
const DEFINITION: &str =
    "name: patient\nversion: 1\ntargets: [issue]\nwhen_busy: wait\nprompt: Look.\n";

const TABLE: &str = "switchyard";

#[derive(Debug)]
struct Moved(ManualClock);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

#[derive(Debug)]
struct Everybody;

impl Decider for Everybody {
    fn decide(&self, _: &Question<'_>) -> Decision {
        Decision::Allow(Reason {
            rule: "everybody".to_owned(),
            words: "everybody may".to_owned(),
        })
    }
}

pub(crate) struct World {
    pub(crate) endpoints: Endpoints,
    pub(crate) store: Store,
    pub(crate) runs: Runs,
    pub(crate) jobs: Queue<JobMessage>,
    pub(crate) clock: ManualClock,
    definitions: &'static Catalogue,
}

impl World {
    pub(crate) async fn start() -> Self {
        let clock = ManualClock::new("2026-11-20T10:00:01Z".parse().unwrap());
        let endpoints = Endpoints::start(aws_local::Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            state: PathBuf::new(),
            clock: clock.clock(),
            durability: Durability::Memory,
        })
        .await
        .unwrap();
        let config = aws_local::sdk_config(endpoints.url());
        let client = Client::new(&config);
        testkit::create_table(&client, TABLE).await;
        let sqs = aws_sdk_sqs::Client::new(&config);
        let made = sqs.create_queue().queue_name("jobs").send().await.unwrap();
        let jobs: Queue<JobMessage> = Queue::new(sqs, made.queue_url.unwrap());
        let random = Arc::new(SystemRandom);
        let store = Store::new(client, TABLE, random.clone());
        let shared = Arc::new(Moved(clock.clone()));
        let tokens = TokenKeys::new("0123456789abcdef0123456789abcdef".into(), None);
        let job_queue = JobQueue::new(jobs.clone(), tokens, shared.clone());
        let definitions = Box::leak(Box::new(Catalogue::parse(&[DEFINITION]).unwrap()));
        Self {
            endpoints,
            runs: Runs::new(store.clone(), job_queue, definitions, shared, random),
            store,
            jobs,
            clock,
            definitions,
        }
    }

    fn allowed<A: policy::Action>(action: A) -> Allowed<A> {
        let (subject, target) = (subject(), target());
        let resource = Resource {
            connection: subject.connection(),
            owners: &OwnerList::new(Vec::new()),
            subject: &subject,
            target: &target,
        };
        let ada = Person::of(subject.connection(), testkit::requester("ada"));
        Gate::new(Everybody).ask(action, ada, resource).unwrap()
    }

    /// A delivery of which nothing is known but what is on record.
    async fn open(&self, guid: &str) -> OpenDelivery {
        let now = self.clock.now();
        let delivery = Delivery {
            key: key(guid),
            trace: domain::TraceId::mint(&SystemRandom),
            received_at: now,
            verdict: Verdict::Ignored,
            steps: Vec::new(),
            due_at: None,
        };
        let read = self
            .store
            .versioned_delivery(&delivery.key, now)
            .await
            .unwrap();
        OpenDelivery::new(read, delivery)
    }

    /// A comment with that number asks for work, by a delivery of the same name.
    pub(crate) async fn ask(&self, comment: u64) -> Started {
        Box::pin(self.try_ask(comment)).await.unwrap()
    }

    /// The same, in which something goes wrong once; gives the delivery.
    pub(crate) async fn ask_and_fail(&self, comment: u64) -> String {
        Box::pin(self.try_ask(comment)).await.unwrap_err();
        assert_eq!(self.endpoints.faults().pending(), 0);
        comment.to_string()
    }

    async fn try_ask(&self, comment: u64) -> Result<Started, AppError> {
        let guid = comment.to_string();
        let mut record = self.open(&guid).await;
        let (origin, brief) = (self.origin(&guid, comment), brief());
        if record.read().is_some() {
            let of = (&subject(), &target(), &origin);
            return self.runs.resume_start(of, &brief, &mut record).await;
        }
        let definition = self.definitions.newest(PATIENT).unwrap();
        let allowed = Self::allowed(StartRun::of(definition.reference(), definition.task()));
        let request = StartRequest {
            origin: &origin,
            revision: None,
            brief: &brief,
        };
        self.runs.start_run(&allowed, request, &mut record).await
    }

    fn origin(&self, guid: &str, comment: u64) -> Origin {
        let trace = domain::TraceId::mint(&SystemRandom);
        testkit::origin(guid, "ada", comment, self.clock.now(), trace)
    }

    /// A person asks to stop what was asked for until now.
    pub(crate) async fn stop(&self, guid: &str) -> Stopped {
        let mut record = self.open(guid).await;
        let allowed = Self::allowed(StopRuns);
        let (asked, by) = (RequestTime::of(self.clock.now()), guid.parse().unwrap());
        let stopped = self.runs.stop_runs(&allowed, asked, &by, &mut record);
        stopped.await.unwrap()
    }

    pub(crate) async fn verdict(&self, guid: &str) -> Verdict {
        let key = key(guid);
        let found = self.store.delivery(&key, self.clock.now()).await;
        found.unwrap().unwrap().verdict
    }

    pub(crate) fn run_key(sequence: u32) -> RunKey {
        RunKey {
            subject: subject().key(),
            name: PATIENT,
            sequence: RunSequence(sequence),
        }
    }

    pub(crate) async fn run(&self, sequence: u32) -> Option<Run> {
        self.store.run(&Self::run_key(sequence)).await.unwrap()
    }

    pub(crate) async fn waits(&self) -> usize {
        let asks = self.store.asks(&subject().key(), PATIENT).await;
        asks.unwrap().len()
    }

    /// The scheduler deals with everything that is due after `after`.
    pub(crate) async fn look(&self, after: SignedDuration) {
        self.clock.advance(after);
        let tick = Tick::of_invocation();
        for due in self.store.due(self.clock.now()).await.unwrap() {
            match due {
                Due::Run(key) => {
                    self.runs.resume_run(&tick, &key).await.unwrap();
                }
                Due::Step(key, step) => {
                    self.runs.resend_job(&tick, &key, &step).await.unwrap();
                }
                Due::Ask(subject, name, id) => {
                    let waits = self.runs.resume_waiting(&tick, (&subject, name, id));
                    waits.await.unwrap();
                }
                Due::Tracking(_) | Due::Delivery(_) => {}
            }
        }
    }

    /// How many jobs are in sight.
    pub(crate) async fn jobs(&self) -> usize {
        let received = self.jobs.receive(std::time::Duration::ZERO, 10).await;
        received.unwrap().len()
    }
}

fn key(guid: &str) -> DeliveryKey {
    DeliveryKey::by(subject().connection(), guid.parse().unwrap())
}

fn brief() -> Brief {
    Brief {
        title: "It is broken".to_owned(),
        body: String::new(),
        request: None,
    }
}
