//! What a job costs at AWS: table units and queue requests, counted on the way of real requests.
//!
//! Counts do not depend on the machine. They stand beside the least that any design of this kind could do,
//! so that a change for the worse is seen.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench may fall over, as a test may"
)]

#[path = "../tests/scenarios/support.rs"]
#[expect(dead_code, reason = "scenarios need more of it than a bench does")]
mod support;

use std::io::{self, Write};

use endpoints::Counts;
use support::{ADA, HONEST_AGENT, World};

/// Dollars for a million of each, us-east-1, on demand, as published in November 2026.
const WRITE_UNITS: f64 = 0.625;
const READ_UNITS: f64 = 0.125;
const QUEUE_REQUESTS: f64 = 0.40;

/// Accept, claim and finish need a conditional write each; see performance limits of on-demand tables.
const FLOOR_WRITES: f64 = 3.0;
/// Send, receive and delete for each of the two queues.
const FLOOR_QUEUE: f64 = 6.0;

fn main() -> io::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure())
}

async fn measure() -> io::Result<()> {
    // As on AWS: news are told at most every ten seconds, and edits for mere news every five.
    let world = World::start_with(|config| config.settings.clear()).await;
    let idle = ignored(&world).await;
    let job = one_job(&world).await;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{:<42}{:>8}{:>8}{:>8}{:>12}",
        "", "writes", "reads", "queue", "$/million"
    )?;
    row(&mut out, "a delivery that asks for nothing", &idle)?;
    row(&mut out, "a job, from the comment to the final edit", &job)?;
    let floor = FLOOR_WRITES * WRITE_UNITS + FLOOR_QUEUE * QUEUE_REQUESTS;
    writeln!(
        out,
        "{:<42}{FLOOR_WRITES:>8.1}{:>8.1}{FLOOR_QUEUE:>8.0}{floor:>12.2}",
        "the least any such design can do", 0.0
    )?;
    writeln!(out, "\nTable units of the job by operation:")?;
    for (operation, units) in &job.dynamodb_operations {
        if units.write + units.read > 0.0 {
            let (write, read) = (units.write, units.read);
            writeln!(out, "  {operation:<12}{write:>6.1} written{read:>6.1} read")?;
        }
    }
    writeln!(out, "Calls of the job by function:")?;
    for (call, times) in world.stack.endpoints().calls() {
        writeln!(
            out,
            "  {:<16}{:<12}{:<24}{times:>3}",
            call.caller, call.service, call.action
        )?;
    }
    writeln!(out, "Queue requests of the job:")?;
    for ((action, queue), requests) in &job.sqs {
        writeln!(out, "  {action:<24}{queue:<44}{:>3}", requests.requests)?;
    }
    Ok(())
}

/// A comment that holds no command.
async fn ignored(world: &World) -> Counts {
    world.stack.endpoints().meter().reset();
    let comment = world.comment(ADA, "Thanks!").await;
    let guid = world.guid_of_comment(comment).await;
    world.decided(&guid).await;
    world.stack.endpoints().meter().reset()
}

/// A job of a few seconds, until its final edit.
async fn one_job(world: &World) -> Counts {
    let _daemon = world.daemon(HONEST_AGENT);
    world.stack.endpoints().meter().reset();
    world.stack.endpoints().forget_calls();
    world.comment(ADA, "bot:implement").await;
    world.bot_says("`implement` succeeded").await;
    reported(world).await;
    world.stack.endpoints().meter().reset()
}

/// Waits for the record of the final edit in the stream: looking at the table would be counted.
async fn reported(world: &World) {
    let mut reader = world
        .stack
        .endpoints()
        .stream_reader(world.stack.table().unwrap(), "bench");
    loop {
        let batch = reader.next(100).await.unwrap();
        if batch
            .records
            .iter()
            .any(|record| record["dynamodb"]["NewImage"]["told"]["S"] == "reported")
        {
            return;
        }
        reader.commit(&batch).unwrap();
    }
}

fn row(out: &mut impl Write, name: &str, counts: &Counts) -> io::Result<()> {
    let (write, read) = (counts.dynamodb.write, counts.dynamodb.read);
    // A waiting receive is billed to idleness, not to the job that ends the wait.
    let queue: u64 = counts
        .sqs
        .iter()
        .filter(|((action, _), _)| action != "GetQueueAttributes")
        .map(|(_, requests)| requests.billed)
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "counts of one job are small")]
    let queue = queue as f64;
    let dollars = write * WRITE_UNITS + read * READ_UNITS + queue * QUEUE_REQUESTS;
    writeln!(
        out,
        "{name:<42}{write:>8.1}{read:>8.1}{queue:>8.0}{dollars:>12.2}"
    )
}
