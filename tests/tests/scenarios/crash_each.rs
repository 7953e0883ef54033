//! A use case dies at each of its calls to AWS, one after the other; what it began is finished all the same.
//!
//! A new call of a use case is struck without a change here: the places are counted, not named.

use std::{fmt, time::Duration};

use aws_local::{ANY, AwsError, Fault};
use domain::{Run, RunState, Verdict};
use jiff::SignedDuration;
use local::Daemon;
use simgithub::{Fault as Refusal, FaultRule};
use testkit::INVESTIGATE;

use crate::{
    ingress_support::{COMES_AGAIN, DELIVERIES, JOBS},
    support::{ADA, HONEST_AGENT, LOOK_AGAIN, PATIENCE, World},
};

/// How long something may take before the clock is moved to let somebody else take it up.
const A_MOMENT: Duration = Duration::from_secs(2);
/// How often that is done before the case counts as lost.
const TAKEN_UP: usize = 20;

/// How a call goes wrong.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// It is not performed.
    Refused,
    /// It is performed, and nobody hears of it.
    AnswerLost,
}

impl Way {
    const ALL: [Self; 2] = [Self::Refused, Self::AnswerLost];

    fn fault(self) -> Fault {
        // One that no client tries again by itself.
        let error = AwsError::new(400, "AccessDeniedException");
        match self {
            Self::Refused => Fault::refuse(ANY, error),
            Self::AnswerLost => Fault::lose_answer(ANY, error),
        }
    }
}

/// A use case, and what is right after it whatever went wrong.
trait UseCase: fmt::Debug {
    /// Whose calls it makes.
    const CALLER: &str;
    /// The fewest calls that it makes, or else the faults have missed it.
    const LEAST: usize;
    /// The errors that are logged for operators when it dies.
    const LEAVES: &[&'static str] = &[];

    /// Brings a new issue to where the use case may begin.
    async fn prepare(&mut self, world: &World);
    /// Lets it begin.
    async fn begin(&mut self, world: &World);
    /// Whether everything is as it should be in the end.
    async fn is_done(&self, world: &World) -> bool;
    /// What must hold then.
    async fn holds(&mut self, world: &World, case: &str);
}

async fn dies_at_each_call<U: UseCase>(mut case: U) {
    let mut world = World::quiet().await;
    for way in Way::ALL {
        let mut place = 0;
        while dies_at(&mut world, &mut case, way, place).await {
            place += 1;
        }
        assert!(place >= U::LEAST, "{case:?} makes {place} calls only");
    }
    // The due time of a step that was counted may be left, which the scheduler takes.
    world.advance(COMES_AGAIN);
    world.stack.tick().await.unwrap();
    for error in U::LEAVES {
        world.leaves(error);
    }
}

/// Whether there was a call at that place.
async fn dies_at<U: UseCase>(world: &mut World, case: &mut U, way: Way, place: usize) -> bool {
    let name = format!("{case:?}, {way:?} at call {place}");
    world.next_issue().await;
    case.prepare(world).await;
    let faults = world.stack.endpoints().faults();
    faults.add(way.fault().by(U::CALLER).after_first(place));
    case.begin(world).await;
    let mut taken_up = 0;
    while !within_a_moment(async || case.is_done(world).await).await {
        assert!(taken_up < TAKEN_UP, "{name}: nobody takes it up");
        taken_up += 1;
        world.advance(COMES_AGAIN);
        world.stack.tick().await.unwrap();
    }
    let struck = world.stack.endpoints().faults().pending() == 0;
    world.stack.endpoints().faults().clear();
    case.holds(world, &name).await;
    struck
}

async fn within_a_moment(so: impl AsyncFn() -> bool) -> bool {
    let looking = async {
        while !so().await {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::time::timeout(A_MOMENT, looking).await.is_ok()
}

/// Whether a delivery has come to a verdict that `wanted` accepts, and its message is gone.
async fn has_verdict(world: &World, guid: &str, wanted: fn(&Verdict) -> bool) -> bool {
    // What it is about to do is on record before it is done, and while it is done there is the message.
    let gone = world.messages_in(DELIVERIES).await == (0, 0);
    gone && wanted(&world.decided(guid).await.verdict)
}

const fn started(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Starting { .. })
}

/// Sends a comment, and gives the delivery's id.
async fn deliver(world: &World, text: &str) -> String {
    let hook = world.unsent(ADA, text).await;
    assert_eq!(world.caller().deliver(&hook).await, 202);
    hook.guid
}

/// A run that waits for a daemon, and whose requester knows it.
async fn queued(world: &World) {
    let asked = world.ask(ADA, "bot:investigate").await;
    world.has_started(&asked.guid, INVESTIGATE).await;
    world.bot_says("`investigate` is queued").await;
}

/// The one run of the issue is in that state, and so is its one comment.
async fn one_run(world: &World, state: RunState, says: &str, case: &str) {
    let runs = world.runs(INVESTIGATE).await;
    let states: Vec<RunState> = runs.iter().map(Run::state).collect();
    assert_eq!(states, [state], "{case}");
    world.bot_says(says).await;
}

async fn was_stopped(world: &World, case: &str) {
    let says = "`investigate` was stopped";
    one_run(world, RunState::Cancelled, says, case).await;
}

async fn is_told_of_its_end(world: &World) -> bool {
    let runs = world.runs(INVESTIGATE).await;
    runs.first().is_some_and(Run::is_told)
}

#[derive(Debug, Default)]
struct Start {
    guid: String,
}

impl UseCase for Start {
    const CALLER: &str = "triage";
    const LEAST: usize = 9;

    async fn prepare(&mut self, _: &World) {}

    async fn begin(&mut self, world: &World) {
        self.guid = deliver(world, "bot:investigate").await;
    }

    async fn is_done(&self, world: &World) -> bool {
        has_verdict(world, &self.guid, started).await
    }

    async fn holds(&mut self, world: &World, case: &str) {
        one_run(world, RunState::Queued, "`investigate` is queued", case).await;
        let _daemon = world.daemon(HONEST_AGENT);
        world.bot_says("`investigate` succeeded").await;
        let run = world.is_told(INVESTIGATE).await;
        assert_eq!(run.fence().0, 1, "{case}: it was worked on once");
        world.queue_holds(JOBS, 0, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_dies_at_any_call_is_one_run_in_the_end() {
    dies_at_each_call(Start::default()).await;
}

#[derive(Debug, Default)]
struct Stop {
    guid: String,
}

impl UseCase for Stop {
    const CALLER: &str = "triage";
    const LEAST: usize = 7;

    async fn prepare(&mut self, world: &World) {
        queued(world).await;
    }

    async fn begin(&mut self, world: &World) {
        self.guid = deliver(world, "bot:stop").await;
    }

    async fn is_done(&self, world: &World) -> bool {
        has_verdict(
            world,
            &self.guid,
            |verdict| matches!(verdict, Verdict::Stopping { runs, waiting: 0 } if runs.len() == 1),
        )
        .await
    }

    async fn holds(&mut self, world: &World, case: &str) {
        was_stopped(world, case).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_dies_at_any_call_stops_what_it_meant() {
    dies_at_each_call(Stop::default()).await;
}

#[derive(Debug, Default)]
struct Work {
    daemon: Option<Daemon>,
}

impl UseCase for Work {
    const CALLER: &str = "worker";
    const LEAST: usize = 8;
    const LEAVES: &[&'static str] = &["the job could not be claimed", "an error of worker"];

    async fn prepare(&mut self, world: &World) {
        queued(world).await;
    }

    async fn begin(&mut self, world: &World) {
        self.daemon = Some(world.daemon(HONEST_AGENT));
    }

    async fn is_done(&self, world: &World) -> bool {
        is_told_of_its_end(world).await
    }

    async fn holds(&mut self, world: &World, case: &str) {
        one_run(world, RunState::Succeeded, "`investigate` succeeded", case).await;
        // In order, so that it takes its folder along and nothing of the next case.
        let mut daemon = self.daemon.take().unwrap();
        let status = daemon.end(PATIENCE).await.unwrap();
        assert!(status.success(), "{case}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_which_any_call_dies_ends_well_and_once() {
    dies_at_each_call(Work::default()).await;
}

#[derive(Debug)]
struct TellEnd;

impl UseCase for TellEnd {
    const CALLER: &str = "relay";
    const LEAST: usize = 2;

    async fn prepare(&mut self, world: &World) {
        queued(world).await;
    }

    async fn begin(&mut self, world: &World) {
        deliver(world, "bot:stop").await;
    }

    async fn is_done(&self, world: &World) -> bool {
        is_told_of_its_end(world).await
    }

    async fn holds(&mut self, world: &World, case: &str) {
        was_stopped(world, case).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_told_once_whichever_call_of_telling_it_dies() {
    dies_at_each_call(TellEnd).await;
}

#[derive(Debug, Default)]
struct Sweep {
    guid: String,
}

impl UseCase for Sweep {
    const CALLER: &str = "scheduler";
    const LEAST: usize = 7;
    const LEAVES: &[&'static str] = &["an error of schedules"];

    async fn prepare(&mut self, world: &World) {
        let permission = "/api/v3/repos/*/collaborators/*/permission";
        let rule = FaultRule::new(permission, 2, Refusal::Status(503)).method("GET");
        world.github().faults().add(rule);
        self.guid = deliver(world, "bot:investigate").await;
        world.is_interrupted(&self.guid).await;
        world.queue_holds(DELIVERIES, 0, 0).await;
        world.github().faults().clear();
    }

    async fn begin(&mut self, world: &World) {
        world.advance(SignedDuration::from_mins(3));
        let _struck = world.stack.tick().await.is_err();
    }

    async fn is_done(&self, world: &World) -> bool {
        has_verdict(world, &self.guid, started).await
    }

    async fn holds(&mut self, world: &World, case: &str) {
        one_run(world, RunState::Queued, "`investigate` is queued", case).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_taken_up_whichever_call_of_the_sweep_dies() {
    dies_at_each_call(Sweep::default()).await;
}
